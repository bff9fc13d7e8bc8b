"""``xiangqi-gpt``: finds the subcommand, runs it, and turns errors into one line and exit status 2."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from xiangqi_gpt.machine import let_threads_sleep, use_one_blas_thread

from .output import say, warn
from .translation import command_language, tr

#: Subcommand -> what it does, in the order the help lists them. Module ``commands.NAME`` has ``main(argv) -> int``.
COMMANDS = {
    "play": "play against the model in a window, or with --terminal in a terminal",
    "train": "train a model on game records",
    "overfit": "learn one batch by heart: the first thing to run after a change",
    "describe": "say how large a model is and how fast it is here",
    "finetune": "let a model learn a style from a few games",
    "update": "go on from the last model with new games, and let the two play each other",
    "improve": "let a model play itself, learn from its search, and prove that it became stronger",
    "speedrun": "train with several seeds against the clock, and write a card for the table of records",
    "evaluate": "measure how well a model predicts games",
    "history": "say which games a model has read, so that it is judged on others",
    "probe": "find out what board a model believes in",
    "compress": "make a smaller model that plays like a large one",
    "average": "make one model of several that came from one beginning",
    "match": "let players play a match and count the score",
    "ladder": "rate a player by games against opponents of known strength",
    "levels": "place a level at an Elo by games",
    "tune": "tune a player's options by games, and test the result",
    "report": "show runs of training, or two matches or ladders, side by side",
    "analyse": "see a game through the model's eyes: what was likely, what surprised, what was a mistake",
    "drill": "try your own mistakes again until they stay away",
    "rating": "show your own rating from rated games",
    "engine": "play as an engine for other programs (UCI, UCCI)",
    "puzzles": "count the puzzles a player solves, or find new ones",
    "records": "look at game records, check them, and convert them",
    "bench": "search 30 positions: a signature of what is found, and the speed",
    "perft": "count the positions a number of moves deep",
    "rules": "check the verdicts on repeated positions against a file of cases",
    "desktop": "add the program to the menu of a Linux desktop, or take it out again",
    "warm": "compile the rules once, so that later starts are quick",
}

#: Those that compute with PyTorch, and share its threads with nobody.
_TRAINING = frozenset(
    {
        *("train", "overfit", "describe", "finetune", "update", "improve", "speedrun", "evaluate", "probe", "compress"),
        "average",
    }
)

_ABOUT = """\
A GPT that plays Xiangqi (Chinese chess). Without a command the board opens, as by play, whose options
and records can stand in the command's place."""
USAGE_ERROR = 2
_HELP_OPTIONS = ("-h", "--help", "help")
_OWN_OPTIONS = (*_HELP_OPTIONS, "--version")


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {tr(text)}" for name, text in COMMANDS.items()]
    return "\n".join(
        [
            tr("usage: xiangqi-gpt [-h] [--version] [--debug] [COMMAND ...]"),
            "",
            tr(_ABOUT),
            "",
            tr("commands (xiangqi-gpt COMMAND --help explains each):"),
            *lines,
            "",
            f"  {'-h, --help':<12}{tr('show this help message and exit')}",
            f"  {'--debug':<12}{tr('show the full traceback of an error')}",
        ]
    )


def _is_for_play(name: str) -> bool:
    """Whether what stands in a command's place is an option of ``play``, or a file or folder, there or not."""
    if name in COMMANDS or name in _OWN_OPTIONS:
        return False
    if name.startswith("-") or os.sep in name or Path(name).suffix:
        return True
    try:
        return Path(name).exists()
    except (OSError, ValueError):  # no name that a file can have
        return False


def _fail(message: str) -> int:
    warn(f"xiangqi-gpt: {' '.join(message.split())}")
    return USAGE_ERROR


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand; returns the exit status: 0 when all went well, 2 after an error of the user's."""
    for stream in (sys.stdout, sys.stderr):  # a terminal or a pipe that cannot show Chinese shows ? instead
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    let_threads_sleep()
    arguments = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"]
    if not arguments or _is_for_play(arguments[0]):
        arguments = ["play", *arguments]
    name, rest = arguments[0], arguments[1:]
    if name in _HELP_OPTIONS:
        say(_help())
        return 0
    if name == "--version":
        from .version import version_line

        say(version_line())
        return 0
    if name not in COMMANDS:
        from .parser import did_you_mean

        hint = did_you_mean(name, COMMANDS) or tr("; the commands are {known}", known=", ".join(COMMANDS))
        return _fail(tr("unknown command {name!r}", name=name) + hint)
    if name not in _TRAINING:
        use_one_blas_thread()
    elif not {*rest} & {*_HELP_OPTIONS} and _is_missing("torch"):  # said before anything is asked for
        return _needs_torch(name)
    try:
        command = importlib.import_module(f"xiangqi_gpt.commands.{name.replace('-', '_')}")
        status: int = command.main(rest)
        return status
    except KeyboardInterrupt:
        warn("")
        return 130
    except BrokenPipeError as error:
        if error.filename:  # a pipe that was named as an output
            return _report(error)
        # the reader of our output has gone: nothing is left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except ModuleNotFoundError as error:
        if debug:
            raise
        if error.name != "torch":
            return _report(error)
        return _needs_torch(name)
    except Exception as error:
        if debug:
            raise
        return _report(error)


def _is_missing(package: str) -> bool:
    if package in sys.modules:
        return sys.modules[package] is None
    return importlib.util.find_spec(package) is None


def _needs_torch(name: str) -> int:
    from xiangqi_gpt.extras import how_to_add

    how = tr(how_to_add("train"))
    return _fail(tr("{name} needs PyTorch, which is not installed: {how}", name=name, how=how))


def _report(error: Exception) -> int:
    from xiangqi_gpt.rules.errors import XiangqiError

    if isinstance(error, XiangqiError):
        return _fail(_translated(error, str(error)))
    if isinstance(error, OSError):
        return _fail(_translated(error, f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"))
    if isinstance(error, RecursionError):  # the readers of JSON raise it, and are called in many places
        return _fail(tr("what was read is nested too deeply"))
    why = "internal error, please report it: {kind}: {error} (--debug shows the traceback)"
    return _fail(tr(why, kind=type(error).__name__, error=error))


def _translated(error: Exception, english: str) -> str:
    """Return what went wrong in the language of the system, as the window says it, and in English, which says more."""
    language = command_language()
    if language == "en":
        return english
    from xiangqi_gpt.gui.i18n.texts import Texts
    from xiangqi_gpt.gui.state.error_report import report

    return tr("{said} ({english})", said=Texts(language).error(report(error)), english=english)


if __name__ == "__main__":
    raise SystemExit(main())
