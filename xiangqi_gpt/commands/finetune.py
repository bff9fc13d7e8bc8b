"""``xiangqi-gpt finetune``: a model learns a style from a few games."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from xiangqi_gpt.training.config import FinetuneConfig

from .output import say
from .parser import Parser
from .train import add_options

_EPILOG = """
examples:
  xiangqi-gpt finetune default my-games/ --player "my name" --out runs/me
  xiangqi-gpt finetune runs/first club.pgn --mix games.parquet --minutes 20 --out runs/club
  xiangqi-gpt finetune --resume --out runs/me       go on after an interruption
  xiangqi-gpt play --model runs/me
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt finetune",
        description="Let a model go on learning from a few games, mixed with others so that it forgets little.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,  # an option that was not given is not there
    )
    parser.add_argument("model", nargs="?", metavar="MODEL", help="a model's folder, or the name of a shipped model")
    parser.add_argument("files", nargs="*", metavar="FILES", help="records of any format, or folders of them")
    parser.add_argument("--out", required=True, metavar="DIR", help="folder for the new model")
    parser.add_argument("--resume", action="store_true", default=False, help="go on with the run in --out")
    parser.add_argument("--json", action="store_true", default=False, help="print the match rates as one JSON object")
    fields = [field.name for field in dataclasses.fields(FinetuneConfig)]
    add_options(parser, [name for name in fields if name not in ("model", "files", "out")], FinetuneConfig)
    return parser


def main(argv: Sequence[str]) -> int:
    """Learn, say how often the model matched the games before and after, and name its folder."""
    parser = _parser()
    if any(word.partition("=")[0] == "--corpus" for word in argv):  # as train has it
        parser.error("games are named without --corpus: xiangqi-gpt finetune MODEL FILES... --out DIR")
    options = vars(parser.parse_args(argv))
    resume, as_json, out = options.pop("resume"), options.pop("json"), options.pop("out")
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in options.items()
    }
    given = {name: value for name, value in given.items() if value not in (None, ())}
    if resume and given:
        parser.error(f"a run goes on as it began: leave out {', '.join(given)}")
    if not resume and not given.get("files"):
        parser.error("which games? xiangqi-gpt finetune MODEL FILES... --out DIR")

    from xiangqi_gpt.training.recipes.finetune import finetune, go_on

    outcome = go_on(out) if resume else finetune(FinetuneConfig(out=out, **given))
    if as_json:
        say(json.dumps(outcome.as_dict()))
        return 0
    if outcome.new_before and outcome.new_after:
        say(f"moves matched before, in held-out new games: {outcome.new_before}")
        say(f"                                  and after: {outcome.new_after}")
    else:
        say("no new game is left to judge by that the model had not read")
    if outcome.old_before and outcome.old_after:
        say(f"before, in games of the mix that were not read: {outcome.old_before}")
        say(f"                                     and after: {outcome.old_after}")
    say(f"model: {out}    play it: xiangqi-gpt play --model {out}")
    return 0
