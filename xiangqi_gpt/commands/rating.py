"""``xiangqi-gpt rating``: one's own rating from rated games, with its interval and history."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from .output import can_write_chinese, display_width, report_stream, say, text_output
from .parser import Parser, check_folders

if TYPE_CHECKING:
    from xiangqi_gpt.user_store import RatedGame

    from .terminal_words import TerminalWords

_VERSION: Final = 1
_LISTED: Final = 20

_EPILOG = """
Rated games are played in the window (New game, Rated) and with xiangqi-gpt play --terminal --rated. The rating is on
the scale of the levels in docs/levels.md with 1500 added. The interval holds the true strength 95 times in 100 or more
up to 2350, and 93 times at 2600, as long as the levels' own places are right. The last 100 games count.
"""


def _parser() -> Parser:
    from xiangqi_gpt.gui.state.languages import LANGUAGES  # nothing of pygame

    parser = Parser(
        prog="xiangqi-gpt rating",
        description="Show your own rating: the number, its 95 % interval, the games, and the history.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    does = parser.add_mutually_exclusive_group()
    does.add_argument("--json", action="store_true", help="print all of it as JSON")
    does.add_argument("--export", type=text_output, metavar="FILE", help="write all of it as JSON")
    does.add_argument("--delete", action="store_true", help="delete the rated games; --export first keeps a copy")
    add("--force", action="store_true", help="replace the file of --export")
    add("--language", choices=LANGUAGES, help="language of what is printed (default: that of the system)")
    return parser


def rating_as_dict(games: Sequence[RatedGame]) -> dict[str, Any]:
    """Return the rating, None without games, and each game with the rating after it, all with 1500 added to the Elo."""
    from xiangqi_gpt.players.levels import SHOWN_ELO, nearest_level
    from xiangqi_gpt.players.own_rating import OwnRating, rating_history

    def as_dict(rating: OwnRating) -> dict[str, Any]:
        shown = rating.shown()
        return {
            "elo": shown["elo"],
            "elo_low": shown["low"],
            "elo_high": shown["high"],
            "games": rating.games,
            "level": nearest_level(rating.elo),
        }

    ratings = [as_dict(rating) for rating in rating_history([(game.elo, game.score) for game in games])]
    history = [
        {**game.as_dict(), "elo": round(game.elo + SHOWN_ELO), "rating": rating}
        for game, rating in zip(games, ratings, strict=True)
    ]
    return {"version": _VERSION, "rating": ratings[-1] if ratings else None, "history": history}


def _print(games: Sequence[RatedGame], found: dict[str, Any], words: TerminalWords) -> None:
    """Print the rating and the last games, in local time."""
    rating, history = found["rating"], found["history"]
    if rating is None:
        say(words("rating_none"))
        return
    counts, results = rating["games"], {1.0: "rating_won", 0.5: "rating_drawn", 0.0: "rating_lost"}
    key = "rating_of_last" if counts < len(games) else "rating_of_all"
    say(words(key, **_shown(rating), count=len(games), counts=counts))
    say(words("rating_level", level=rating["level"]))
    if len(history) > _LISTED:
        say(words("rating_listed", count=_LISTED))
    for game, after in zip(games[-_LISTED:], history[-_LISTED:], strict=True):
        cells = [
            f"{game.played.astimezone():%Y-%m-%d %H:%M}",
            words("rating_against", level=f"{game.level:>2}", elo=after["elo"]),
            _padded(words(game.side), (words("red"), words("black"))),
            _padded(words(results[game.score]), [words(result) for result in results.values()]),
            words("rating_after", **_shown(after["rating"])),
            words.reason(game.outcome),
        ]
        say("  ".join(cells))


def _shown(rating: dict[str, Any]) -> dict[str, Any]:
    """Return the blanks of a sentence that tells a rating: ``elo``, ``low`` and ``high``."""
    return {"elo": rating["elo"], "low": rating["elo_low"], "high": rating["elo_high"]}


def _padded(word: str, words: Sequence[str]) -> str:
    """A word as wide as the widest of some."""
    return word + " " * (max(map(display_width, words)) - display_width(word))


def main(argv: Sequence[str]) -> int:
    """Show, export or delete the rating."""
    parser = _parser()
    options = parser.parse_args(argv)
    check_folders(parser, options.export)
    stream = report_stream(parser, options.export)
    from xiangqi_gpt.analysis.files import refuse_to_replace
    from xiangqi_gpt.files import atomic_write
    from xiangqi_gpt.gui.state.languages import system_language
    from xiangqi_gpt.user_store import RatedGames, UserStore

    from .terminal_words import TerminalWords

    words = TerminalWords((options.language or system_language()) if can_write_chinese(stream) else "en")
    if options.export and not options.force:
        refuse_to_replace(options.export)
    with UserStore() as store:
        games = RatedGames(store)
        if options.delete:
            count = games.delete()
            key = "rating_deleted" if count else "rating_none_deleted"
            say(words(key, count=count), file=stream)
            return 0
        kept = games.all()
    found = rating_as_dict(kept)
    text = json.dumps(found, ensure_ascii=False, indent=1)
    if options.export:
        with atomic_write(options.export, private=True) as unfinished:
            unfinished.write_text(text + "\n", "utf-8")
    elif options.json:
        say(text)
    else:
        _print(kept, found, words)
    return 0
