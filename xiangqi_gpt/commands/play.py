"""``xiangqi-gpt play``: a game against the model, another player or another person, in a window or a terminal."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from .parser import Parser
from .translation import tr

_SIDES = ("red", "black")


def _parser() -> argparse.ArgumentParser:
    from xiangqi_gpt.gui.state.languages import LANGUAGES  # nothing of pygame

    parser = Parser(
        prog="xiangqi-gpt play",
        description="Play Xiangqi against the model, in a window; with --terminal where there is no screen.",
    )
    parser.add_argument("record", metavar="FILE", nargs="?", help="a game record to analyse, of any format")
    parser.add_argument(
        "--player",
        metavar="SPEC",
        help="the opponent: gpt (the shipped model), gpt,level=7 (1 to 20), gpt:FOLDER, search:default,nodes=400, "
        "greedy, random, or an engine as uci:PROGRAM,nodes=1000 (default: gpt)",
    )
    parser.add_argument("--model", metavar="MODEL", help="play against this model: its folder, or a spec like --player")
    parser.add_argument("--side", choices=_SIDES, help="the side you play (default: red, who moves first)")
    parser.add_argument("--fen", help="position to start from (default: the start of the game)")
    parser.add_argument("--seed", type=int, metavar="N", help="fix the opponent's random choices")
    parser.add_argument(
        "--rated",
        action="store_true",
        help="with --terminal: rated games against a level even with your rating, or that of --player gpt,level=N; "
        "without undo and hints; see xiangqi-gpt rating",
    )
    parser.add_argument(
        "--find-my-level",
        action="store_true",
        help="rated games, each against the level that says most about your rating; ten give a first one",
    )
    parser.add_argument("--terminal", action="store_true", help="play in this terminal instead of a window")
    parser.add_argument(
        "--language",
        choices=LANGUAGES,
        help="language of the window (default: as last time), or of the terminal (default: that of the system)",
    )
    return parser


def _model_spec(model: str) -> str:
    """The spec of a model that is given as a spec or as a folder."""
    return model if re.split("[:,]", model)[0] in ("gpt", "default", "search") else f"gpt:{model}"


def _rated_choice(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str | int:
    """The level of rated games, or how it is chosen. Ends with one line where the options give no rated game."""
    option = "--find-my-level" if options.find_my_level else "--rated"
    if not options.terminal:
        parser.error(tr("{option} needs --terminal", option=option))
    if options.fen:
        parser.error(tr("{option} begins at the start of the game, not at --fen: odds do not count", option=option))
    if options.model:
        why = "{option} is played against the shipped model, whose levels have a known strength, not --model"
        parser.error(tr(why, option=option))
    if options.find_my_level:
        if options.player:
            parser.error(tr("--find-my-level chooses the opponent: leave --player out"))
        return "find"
    if not options.player:
        return "even"
    from xiangqi_gpt.players.levels import STRONGEST_LEVEL, rated_level

    level = rated_level(options.player)
    if level is None:
        why = (
            "--rated needs a level of the shipped model as its opponent, --player gpt,level=1 to {strongest}, "
            "not {player!r}"
        )
        parser.error(tr(why, strongest=STRONGEST_LEVEL, player=options.player))
    return level


def _check_record(path: str) -> None:
    """Raise ``CorpusError`` for a file of which the window could show no game and no puzzle."""
    from xiangqi_gpt.gui.state.record_files import PUZZLES
    from xiangqi_gpt.records import RecordError, read_games
    from xiangqi_gpt.records.puzzles import read_puzzles

    if Path(path).suffix.lower() in PUZZLES:
        read_puzzles(path)
        return
    problems: list[RecordError] = []
    if next(iter(read_games(path, on_illegal="cut", problems=problems)), None) is None:
        raise problems[0]


def main(argv: Sequence[str]) -> int:
    """Play a game; returns the exit status."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.player and options.model:
        parser.error(tr("--model and --player both name the opponent: give one of them"))
    if "" in (options.player, options.model):
        parser.error(tr("--player and --model need a name"))
    if options.seed is not None and options.seed < 0:
        parser.error(tr("--seed must be at least 0, not {seed}", seed=options.seed))
    if options.record and options.terminal:
        parser.error(tr("a record is analysed in the window, not with --terminal; see xiangqi-gpt analyse"))
    if options.record and not Path(options.record).is_file():
        why = "{path} is a folder" if Path(options.record).is_dir() else "no such file: {path}"
        parser.error(tr(why, path=options.record))
    choice = _rated_choice(parser, options) if options.rated or options.find_my_level else None
    player = options.player or _model_spec(options.model or "gpt")
    side = _SIDES.index(options.side or "red")
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    first = None
    if not (options.terminal or options.player or options.model or options.fen):  # what cannot be wrong shows at once
        from xiangqi_gpt.gui.first_frame import open_first_frame

        first = open_first_frame(options.language)
    from xiangqi_gpt.gui.state.languages import system_language
    from xiangqi_gpt.players.spec import check_player, thinks_ahead

    check_player(player)
    if choice is not None:
        from .kernel_stages import prepare_to_play
        from .terminal_rated import play_rated

        prepare_to_play("move", "reply", "search", show_rest=False)
        return play_rated(
            choice, None if options.side is None else side, options.seed, options.language or system_language()
        )
    if options.terminal:
        from .kernel_stages import prepare_to_play
        from .terminal import play_in_terminal

        search = ("search",) if thinks_ahead(player) else ()
        prepare_to_play("move", "reply", *search, show_rest=False)
        return play_in_terminal(player, side, options.fen, options.seed, options.language or system_language())

    from xiangqi_gpt.gui.display import check_display
    from xiangqi_gpt.gui.launch import run

    from .kernel_stages import prepare_to_play

    check_display()
    prepare_to_play("move", show_rest=True, report=None if first is None else first.report)
    if options.record and sys.stderr.isatty():  # else by double click: the window says what is wrong
        _check_record(options.record)
    chosen = any((options.player, options.model, options.side))
    status: int = run(
        player,
        side,
        fen=options.fen,
        record=options.record,
        seed=options.seed,
        language=options.language,
        chosen=chosen,
        window=None if first is None else first.window,
    )
    return status
