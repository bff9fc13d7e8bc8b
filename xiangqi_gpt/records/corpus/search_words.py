"""Words that a person types to find games of a corpus: names, dates, results, classes and names of openings."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .sql import quoted

if TYPE_CHECKING:
    from ..errors import OnIllegal, RecordError
    from ..game import Game

#: Where the words are looked for.
_COLUMNS: Final = ("red", "black", "event", "date", "year", "result", "ecco")
#: How Chinese records say a result.
_RESULTS: Final = {
    **dict.fromkeys(("红胜", "红先胜", "先胜"), "1-0"),
    **dict.fromkeys(("黑胜", "红先负", "先负"), "0-1"),
    **dict.fromkeys(("和", "和棋", "和局", "平局", "红先和", "先和"), "1/2-1/2"),
}
_AT_ONCE: Final = 256


def words_condition(text: str) -> str | None:
    """Return the condition that each word stands somewhere in a game's names, date, result or opening code.

    None where there is no word. Capital letters count as small ones; results may be said in Chinese.
    """
    where = f"lower(concat_ws(' ', {', '.join(_COLUMNS)}))"
    conditions = []
    for word in text.lower().split():
        contained = f"contains({where}, {quoted(word)})"
        conditions.append(f"({contained} OR result = '{_RESULTS[word]}')" if word in _RESULTS else contained)
    return " AND ".join(conditions) or None


def search_games(
    path: str | Path, text: str, *, on_illegal: OnIllegal = "cut", problems: list[RecordError] | None = None
) -> Iterator[list[Game]]:
    """Yield the games of a corpus in which all words of a text stand, a handful at a time or none.

    A word of an opening's Chinese name is also found in games that were classed by nobody: every game that has the
    other words is classed by its moves then, a thousand games or so in a second. Raises what ``read_games`` does.
    """
    from ..load_games import read_games
    from ..openings.openings import load_openings

    words = text.lower().split()
    openings = {word: codes for word in words if word not in _RESULTS and (codes := _codes_named(word))}
    where = words_condition(" ".join(word for word in words if word not in openings))
    games = read_games(path, where=where, on_illegal=on_illegal, problems=problems)
    while chunk := list(islice(games, _AT_ONCE)):
        if not openings:
            yield chunk
            continue
        classed = zip(chunk, load_openings().codes_of(chunk), strict=True)
        yield [
            game
            for game, code in classed
            if all(code in codes or word in _words_of(game) for word, codes in openings.items())
        ]


def _codes_named(word: str) -> frozenset[str]:
    """Return the classes in whose names a word stands."""
    from ..openings.openings import opening_names

    return frozenset(code for code, opening in opening_names().items() if word in f"{opening.name}{opening.variation}")


def _words_of(game: Game) -> str:
    return " ".join(map(str, game.tags.values())).lower()
