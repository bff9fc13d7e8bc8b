"""``xiangqi-gpt rating``: one's own rating from rated games, with its interval and history."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from .output import report_stream, say, text_output
from .parser import Parser, check_folders

if TYPE_CHECKING:
    from xiangqi_gpt.user_store import RatedGame

_VERSION: Final = 1
_LISTED: Final = 20

_EPILOG = """
Rated games are played with xiangqi-gpt play --terminal --rated. The rating is on the scale of the levels in
docs/levels.md with 1500 added; for strengths near the middle the interval holds the true one 95 times in 100, as long
as the levels' own places are right, above 2300 less often. The last 100 games count.
"""


def _parser() -> Parser:
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
    return parser


def rating_as_dict(games: Sequence[RatedGame]) -> dict[str, Any]:
    """Return the rating, None without games, and each game with the rating after it, all with 1500 added to the Elo."""
    from xiangqi_gpt.players.levels import SHOWN_ELO, nearest_level
    from xiangqi_gpt.players.own_rating import rate_person

    results = [(game.elo, game.score) for game in games]

    def after(count: int) -> dict[str, Any]:
        rating = rate_person(results[:count])
        shown = rating.shown()
        return {
            "elo": shown["elo"],
            "elo_low": shown["low"],
            "elo_high": shown["high"],
            "games": rating.games,
            "level": nearest_level(rating.elo),
        }

    history = [
        {**game.as_dict(), "elo": round(game.elo + SHOWN_ELO), "rating": after(count)}
        for count, game in enumerate(games, 1)
    ]
    return {"version": _VERSION, "rating": after(len(games)) if games else None, "history": history}


def _print(found: dict[str, Any]) -> None:
    rating, history = found["rating"], found["history"]
    if rating is None:
        say("no rated games yet; xiangqi-gpt play --terminal --rated plays one")
        return
    say(f"rating {rating['elo']}, 95 % from {rating['elo_low']} to {rating['elo_high']}, {len(history)} games")
    say(f"nearest level: {rating['level']}")
    if len(history) > _LISTED:
        say(f"the last {_LISTED}:")
    for game in history[-_LISTED:]:
        result = {1.0: "won", 0.5: "draw", 0.0: "lost"}[game["score"]]
        after = game["rating"]
        say(
            f"{game['played'][:16].replace('T', ' ')}  level {game['level']:>2} ({game['elo']})  {game['side']:<5}  "
            f"{result:<4}  {after['elo']} ({after['elo_low']} to {after['elo_high']})  {game['reason']}"
        )


def main(argv: Sequence[str]) -> int:
    """Show, export or delete the rating."""
    parser = _parser()
    options = parser.parse_args(argv)
    check_folders(parser, options.export)
    stream = report_stream(parser, options.export)

    from xiangqi_gpt.analysis.files import refuse_to_replace
    from xiangqi_gpt.files import atomic_write
    from xiangqi_gpt.user_store import RatedGames, UserStore

    if options.export and not options.force:
        refuse_to_replace(options.export)
    with UserStore() as store:
        games = RatedGames(store)
        if options.delete:
            count = games.delete()
            say(f"{count} rated games are deleted" if count else "there are no rated games", file=stream)
            return 0
        found = rating_as_dict(games.all())
    text = json.dumps(found, ensure_ascii=False, indent=1)
    if options.export:
        with atomic_write(options.export, private=True) as unfinished:
            unfinished.write_text(text + "\n", "utf-8")
    elif options.json:
        say(text)
    else:
        _print(found)
    return 0
