"""``xiangqi-gpt improve``: a model improves itself, without records and without any engine."""

from __future__ import annotations

import argparse
import dataclasses
import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xiangqi_gpt.improvement.config import ImproveConfig

from .arena_options import MOST_GAMES
from .output import say, warn
from .parser import Parser
from .train import add_options

if TYPE_CHECKING:
    from xiangqi_gpt.arena.tournament.standings import Standings

_EPILOG = """
Each generation plays against itself by search, learns the shares of the search's visits and its scores, and then meets
the best model so far in a test (SPRT) at equal nodes; it takes its place if the test says so. The old model stays as it
is, and who is held out stays held out. Interrupted at any moment, the run goes on with --resume.

examples:
  xiangqi-gpt improve default --hours 8 --out runs/night
  xiangqi-gpt improve --resume --hours 16 --out runs/night     a second night: 16 hours in all
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt improve",
        description="Let a model play itself, learn from what its search saw, and prove that it became stronger.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,  # an option that was not given is not there
    )
    parser.add_argument("model", nargs="?", metavar="MODEL", help="the model to begin with (default: default)")
    parser.add_argument("--out", required=True, metavar="DIR", help="folder for games, models, matches and the page")
    parser.add_argument("--resume", action="store_true", default=False, help="go on with the run in --out")
    parser.add_argument("--json", action="store_true", default=False, help="print the result as one JSON object")
    names = [field.name for field in dataclasses.fields(ImproveConfig)]
    add_options(parser, [name for name in names if name not in ("model", "out")], ImproveConfig)
    return parser


def main(argv: Sequence[str]) -> int:
    """Improve the model and say in plain words whether it became stronger."""
    parser = _parser()
    options = vars(parser.parse_args(argv))
    resume, as_json, out = options.pop("resume"), options.pop("json"), options.pop("out")
    given: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in options.items()}
    given = {name: value for name, value in given.items() if value is not None}
    if resume and set(given) - {"hours"}:
        parser.error(f"a run goes on as it began: leave out {', '.join(sorted(set(given) - {'hours'}))}")
    for name in ("games", "gate_games", "final_games"):
        if given.get(name, 0) > MOST_GAMES:
            parser.error(f"--{name.replace('_', '-')} must be at most {MOST_GAMES:,}, not {given[name]:,}")

    from xiangqi_gpt.improvement.loop import PAGE, go_on, improve

    from .progress import MatchBar

    bars: dict[str, MatchBar] = {}

    def show(name: str, standings: Standings, games: int) -> None:
        if name not in bars:
            for bar in bars.values():
                bar.close()
            bars[name] = MatchBar(games)
        bars[name].show(standings)

    command = f"xiangqi-gpt improve {shlex.join(argv)}"
    try:
        if resume:
            state = go_on(out, given.get("hours"), on_match=show)
        else:
            state = improve(ImproveConfig(out=out, **given), command=command, on_match=show)
    except KeyboardInterrupt:
        warn(f"\ninterrupted; it goes on with: xiangqi-gpt improve --resume --out {shlex.quote(out)}")
        raise
    finally:
        for bar in bars.values():
            bar.close()
    if as_json:
        say(json.dumps(dataclasses.asdict(state), ensure_ascii=False))
        return 0
    taken = sum(generation.accepted for generation in state.generations)
    say(f"{len(state.generations)} generations in {state.seconds / 3600:.1f} hours, {taken} taken on")
    if state.final is not None:
        low, high = state.final["elo_low"], state.final["elo_high"]
        answer = "stronger" if low > 0 else "weaker" if high < 0 else "undecided whether it is stronger"
        from xiangqi_gpt.arena.elo.signed import signed, signed_interval

        say(f"against {state.config.model}: {answer}, Elo {signed(state.final['elo'])} ({signed_interval(low, high)})")
    if state.best == state.config.model:
        say(f"no new model was taken on: {state.best} stays the best")
    else:
        best = Path(out) / state.best
        say(f"model: {best}    play it: xiangqi-gpt play --model {shlex.quote(str(best))}")
    say(f"page: {Path(out) / PAGE}")
    return 0
