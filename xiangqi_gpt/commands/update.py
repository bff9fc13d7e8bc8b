"""``xiangqi-gpt update``: every month's new games make last month's model a new one."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xiangqi_gpt.training.config import UpdateConfig

from .arena_options import MOST_GAMES
from .output import say
from .parser import Parser
from .train import add_options

_EPILOG = """
The new games are merged into the corpus, which then lies in --out for the next time. Who is held out does not change:
both models are judged on the same games. Last month's model stays as it is.

examples:
  xiangqi-gpt update runs/may june-games/ --corpus games.parquet --minutes 20 --out runs/june
  xiangqi-gpt update runs/june july.pgn --out runs/july
  xiangqi-gpt update --resume --out runs/july       go on after an interruption
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt update",
        description="Merge new games into the corpus, go on from the last model with lower rates, compare the two on "
        "the same held-out games, and let them play a match.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,  # an option that was not given is not there
    )
    parser.add_argument("model", nargs="?", metavar="MODEL", help="last month's model: a folder, or a shipped model")
    parser.add_argument("files", nargs="*", metavar="FILES", help="the new games: records of any format, or folders")
    parser.add_argument("--out", required=True, metavar="DIR", help="folder for the new model")
    parser.add_argument("--resume", action="store_true", default=False, help="go on with the update in --out")
    parser.add_argument("--json", action="store_true", default=False, help="print the result as one JSON object")
    fields = [field.name for field in dataclasses.fields(UpdateConfig)]
    add_options(parser, [name for name in fields if name not in ("model", "files", "out")], UpdateConfig)
    return parser


def main(argv: Sequence[str]) -> int:
    """Update, play the match, and say in plain words which model to keep."""
    parser = _parser()
    options = vars(parser.parse_args(argv))
    resume, as_json, out = options.pop("resume"), options.pop("json"), options.pop("out")
    given: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in options.items()}
    given = {name: value for name, value in given.items() if value not in (None, ())}
    if resume and given:
        parser.error(f"an update goes on as it began: leave out {', '.join(given)}")
    if not resume and not given.get("files"):
        parser.error("which games? xiangqi-gpt update MODEL FILES... --out DIR")
    if not 0 <= given.get("games", 0) <= MOST_GAMES:
        parser.error(f"--games must be from 0 to {MOST_GAMES:,}, not {given['games']:,}")

    from xiangqi_gpt.training.recipes.update import go_on_updating, kept_update, update
    from xiangqi_gpt.training.runtime.processes import is_first_process

    config = kept_update(out) if resume else UpdateConfig(out=out, **given)
    result = go_on_updating(out) if resume else update(config)
    if not is_first_process():
        return 0
    match = _play(config) if config.games else {}
    if as_json:
        say(json.dumps(dataclasses.asdict(result) | {"match": match}, ensure_ascii=False))
        return 0
    if result.before and result.after:
        say(f"held-out games, {result.before.games}, before: {result.before}")
        say(f"{'and after:':>{len(f'held-out games, {result.before.games}, before:')}} {result.after}")
    if match:
        say(f"match against the last model, {config.games} games: {match['text']}")
        say(f"games: {match['pgn']}")
    say(f"model: {out}    play it: xiangqi-gpt play --model {out}")
    say(f"next month: xiangqi-gpt update {out} NEW_GAMES... --out DIR")
    return 0


def _play(config: UpdateConfig) -> dict[str, Any]:
    """Play the match, or go on with it, and write on the card what came of it."""
    from xiangqi_gpt.arena.tournament.match_plan import plan_match
    from xiangqi_gpt.files import atomic_write

    from .progress import MatchBar

    out = Path(config.out)
    plan = plan_match([f"gpt:{out}", f"gpt:{config.model}"], games=config.games, seed=config.seed)
    with plan.open(str(out / "match.pgn")) as file, MatchBar(len(plan.fixtures)) as bar:
        standings = plan.play(file, on_progress=bar.show)
    result = standings.total.estimate()
    answer = "stronger" if result.elo_low > 0 else "weaker" if result.elo_high < 0 else "undecided which is stronger"
    text = f"{answer}, {standings.total.interval_text()}"
    card = out / "card.md"
    line = f"\n- Match against {config.model}, {config.games} games: {text}.\n"
    written = card.read_text(encoding="utf-8")
    if line not in written:
        with atomic_write(card) as path:
            path.write_text(written.rstrip("\n") + line, encoding="utf-8")
    return standings.as_dict() | {"text": text, "pgn": str(file.path)}
