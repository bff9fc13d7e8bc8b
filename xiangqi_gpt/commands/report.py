"""``xiangqi-gpt report``: runs of training as a page, and two matches or two ladders side by side."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from .output import say, text_output
from .parser import Parser, check_command, check_folders

_SAMPLE_PLIES = 80


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="xiangqi-gpt report",
        description="Show runs of training, or what match --json and ladder --json printed, side by side.",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    compare = commands.add_parser("compare", help="how much a rating changed, and whether that is more than chance")
    compare.add_argument("before", metavar="BEFORE.json")
    compare.add_argument("after", metavar="AFTER.json")
    compare.add_argument("--json", action="store_true", help="print the comparison as one JSON object")
    runs = commands.add_parser("runs", help="curves, scores and cards of runs of training, as one page for a browser")
    runs.add_argument("folders", nargs="+", metavar="RUN", help="the folder of a run")
    runs.add_argument(
        "--html", type=text_output, default="runs.html", metavar="FILE", help="the page (default: runs.html)"
    )
    runs.add_argument("--no-game", action="store_true", help="leave out the game that each model plays against itself")
    runs.add_argument("--force", action="store_true", help="replace the page if there is one")
    return parser


def _sample_game(folder: Path) -> str:
    """A game of the model against itself, as HTML: how it goes on by chance, and the board at its end."""
    from html import escape

    from xiangqi_gpt.players import PlayerError
    from xiangqi_gpt.players.spec import load_player
    from xiangqi_gpt.rules import Board, XiangqiError, to_chinese
    from xiangqi_gpt.rules.svg import board_svg

    try:
        player = load_player(f"gpt:{folder},temperature=0.6", seed=1)
    except XiangqiError:  # there is no finished model
        return ""
    board, last = Board(), None
    words: list[str] = []
    try:
        while len(words) < _SAMPLE_PLIES and not board.is_game_over():
            last = player.choose(board).move
            words.append(to_chinese(board, last))
            board.push(last)
    except PlayerError:
        pass
    finally:
        player.close()
    moves = " ".join(f"{i // 2 + 1}. {word}" if i % 2 == 0 else word for i, word in enumerate(words))
    return (
        f"<details><summary>A game against itself, {len(words)} plies</summary>"
        f'<p lang="zh">{escape(moves)}</p>{board_svg(board, last_move=last)}</details>'
    )


def _write_page(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    page = Path(options.html)
    check_folders(parser, options.html)

    from xiangqi_gpt.files import atomic_write, is_special
    from xiangqi_gpt.training.run.run_page import format_run_page, read_run

    if page.exists() and not options.force and not is_special(page):
        parser.error(f"{page} exists; --force replaces it")
    runs = [read_run(Path(folder)) for folder in options.folders]
    if not options.no_game:
        runs = [
            replace(run, sample=_sample_game(Path(folder))) for run, folder in zip(runs, options.folders, strict=True)
        ]
    text = format_run_page(runs)
    with atomic_write(page) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
    if not is_special(page):
        say(f"page: {page}")
    return 0


def main(argv: Sequence[str]) -> int:
    """Write the page, or print the comparison."""
    parser = _parser()
    if argv and argv[0] not in ("compare", "runs") and Path(argv[0]).is_dir():
        argv = ["runs", *argv]  # report runs/a runs/b
    check_command(parser, argv, ("compare", "runs"))
    options = parser.parse_args(argv)
    if options.command == "runs":
        return _write_page(parser, options)

    from xiangqi_gpt.arena.report.compare import compare_reports, comparison_table, read_report

    before, after = read_report(options.before), read_report(options.after)
    changes = compare_reports(before, after)
    others = comparison_table(before, after)
    if options.json:
        keys = ("player", "before", "after", "difference", "low", "high", "likelihood")
        rows = [{key: getattr(change, key) for key in keys} for change in changes]
        say(json.dumps({"changes": rows, **{name: [old, new] for name, old, new in others}}, ensure_ascii=False))
        return 0
    for change in changes:
        say(change)
    for name, old, new in others:
        say(f"  {name.replace('_', ' ')}: {old} to {new}")
    return 0
