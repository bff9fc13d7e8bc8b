"""``xiangqi-gpt engine``: the model as an engine for other programs, in UCI, UCCI or Cyclone's dialect."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .parser import Parser

_EPILOG = """
The program that starts it says which protocol it speaks. In a Xiangqi program, add an engine with this command line; to
play it in xboard:

  xboard -variant xiangqi -fcp "uci2wb -c 'xiangqi-gpt engine'"

Each option sets the default of an option of the protocol, which the other program can change (setoption).
"""


def _parser() -> Parser:
    from argparse import RawDescriptionHelpFormatter

    parser = Parser(
        prog="xiangqi-gpt engine",
        description="Play as an engine for other programs; commands are read from standard input.",
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--model", default="default", metavar="MODEL", help="a model's folder or a shipped model's name")
    add("--level", metavar="N", help="play as level 1 to 20; 0 is none (default: 0)")
    add("--nodes", metavar="N", help="search this long when no limit is given; 0 plays at once (default: 400)")
    add("--temperature", metavar="T", help="0 plays the likeliest move, more varies (default: 0)")
    add("--source", metavar="KIND", help="play like master, online or engine games (default: master)")
    add("--multipv", metavar="N", help="how many lines of play to tell (default: 1)")
    add("--threads", metavar="N", help="processor cores to use (default: 1)")
    add("--hash", metavar="MB", help="memory the search may fill (default: 256)")
    add("--seed", type=int, metavar="N", help="fix what is drawn at a temperature above 0 (default: another each time)")
    return parser


def main(argv: Sequence[str]) -> int:
    """Converse until ``quit`` or the end of the input."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.seed is not None and options.seed < 0:
        parser.error(f"--seed must be at least 0, not {options.seed}")

    import os

    from xiangqi_gpt.inference.model_folder import check_model
    from xiangqi_gpt.protocol import BackendLoader, Engine, EngineSettings, converse, with_option

    settings = EngineSettings(seed=options.seed)
    for name in ("model", "level", "nodes", "temperature", "source", "multipv", "threads", "hash"):
        if (value := getattr(options, name)) is not None:
            settings = with_option(settings, name, value)
    check_model(settings.model)
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")

    def say(line: str) -> None:
        try:
            print(line, flush=True)
        except OSError:  # the other program has gone without a word
            os._exit(0)

    engine = Engine(
        say,
        BackendLoader(),
        settings=settings,
        check=lambda changed: check_model(changed.model),
    )
    if not converse(engine, sys.stdin):
        os._exit(0)  # it still thinks: nobody waits for that any more
    return 0
