"""Games found by words (names, dates, results, classes and names of openings), or by a position."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from xiangqi_gpt.rules import Board

from .corpus.batch import batch_from_games
from .corpus.search_words import RESULTS_IN_CHINESE, words_condition
from .errors import OnIllegal, RecordError
from .game import Game
from .load_games import read_games
from .openings.openings import load_openings, opening_names
from .openings.position_keys import position_key, walk_games

_AT_ONCE: Final = 256


def search_games(
    path: str | Path, text: str, *, on_illegal: OnIllegal = "cut", problems: list[RecordError] | None = None
) -> Iterator[list[Game]]:
    """Yield the games of a corpus in which all words of a text stand, a handful at a time or none.

    A word of an opening's Chinese name is also found in games that were classed by nobody: every game that has the
    other words is read, and classed by its moves. Raises what ``read_games`` does.
    """
    words = text.lower().split()
    openings = {word: codes for word in words if word not in RESULTS_IN_CHINESE and (codes := _codes_named(word))}
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


def games_through(games: Sequence[Game], board: Board) -> list[int]:
    """Return which of the games (from 0) came to a position or to its mirror image; 20,000 take a third of a second."""
    if not games:
        return []
    batch = batch_from_games(games)
    keys, _, numbers = walk_games(*batch.roots(), batch.moves, batch.offsets, max(len(game.moves) for game in games))
    return sorted(set(numbers[keys == position_key(board)[0]].tolist()))


def _codes_named(word: str) -> frozenset[str]:
    """Return the classes in whose names a word stands."""
    return frozenset(code for code, opening in opening_names().items() if word in f"{opening.name}{opening.variation}")


def _words_of(game: Game) -> str:
    return " ".join(map(str, game.tags.values())).lower()
