"""What is compiled before a game and what behind it: all kernels, in the order in which a player needs them."""

from __future__ import annotations

import atexit
import contextlib
import importlib
import os
import subprocess
import sys
import threading
from collections.abc import Collection
from pathlib import Path
from typing import Final

from xiangqi_gpt.rules.compile_kernels import Report, kernels_of, make_ready
from xiangqi_gpt.rules.jit import Kernel, announce_nothing
from xiangqi_gpt.rules.kernel_cache import cache_folder

from .output import display_width, warn
from .translation import tr

#: Stage -> module -> its kernels by name, all that no stage before has where no names are given.
STAGES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "move": {  # a person's move
        "rules.kernels": (
            *("king_square", "attacked", "in_check", "_mark_lines", "safe_after", "legal_moves"),
            *("legal_indices", "reaches", "is_pseudo_legal", "is_legal", "attackers"),
        ),
    },
    "reply": {  # a model's move
        "rules.position_features": (),
        "inference.network_kernels": (),
        "inference.products": (),
    },
    "search": {  # a player that thinks ahead, and a verdict on a repetition
        "rules.kernels": ("play", "take_back"),
        "rules.mate_kernels": (),
        "rules.quiescence": (),
        "players.tree_kernels": (),
        "players.quiescence_kernels": (),
        "players.tactics_kernels": (),
        "inference.leaf_kernels": (),
        "inference.leaf_heads": (),
        "rules.chase": (),
    },
    "rest": {  # reviews, puzzles, records, training
        "analysis.balance_kernels": (),
        "analysis.move_order_kernels": (),
        "analysis.material_kernels": (),
        "rules.proof_kernels": (),
        "records.formats.plain_moves": (),
        "records.corpus.coordinates": (),
        "records.openings.position_keys": (),
        "records.store.opening_hashes": (),
        "model.step_kernels": (),
        "model.rotary_kernels": (),
        "players.tail_attention": (),
        "rules.kernels": (),
    },
}

_NICENESS: Final = 5
_ENDING: Final = 2.0  # seconds that the process behind has for ending
_SHOW: Final = b"s"
_DONE: Final = "complete"  # a file that says that all kernels of a module are compiled


def stage(name: str) -> list[Kernel]:
    """The kernels of a stage; imports their modules."""
    taken = {other for before in STAGES for other in _named(before)} if name == "rest" else set()
    found = []
    for module, names in STAGES[name].items():
        full = f"xiangqi_gpt.{module}"
        loaded = importlib.import_module(full)
        wanted = [getattr(loaded, kernel) for kernel in names] or kernels_of(full)
        found += [kernel for kernel in wanted if kernel.full_name not in taken]
    return found


def _named(name: str) -> set[str]:
    return {f"{module}.{kernel}" for module, names in STAGES[name].items() for kernel in names}


class Progress:
    """One line on stderr that counts the kernels: written over again in a terminal, said once elsewhere."""

    def __init__(self, what: str, *, shown: bool = True) -> None:
        self._what, self._width, self.shown = what, 0, shown

    def __call__(self, ready: int, wanted: int) -> None:
        if not self.shown:
            return
        if sys.stderr.isatty():
            text = f"xiangqi-gpt: {tr(self._what)} {ready + 1}/{wanted} ..."
            print(f"\r{text:<{self._width}}", end="", file=sys.stderr, flush=True)
            self._width = display_width(text)
        elif not self._width:
            self._width = 1
            rest = tr("({wanted} functions), this takes some seconds ...", wanted=wanted)
            print(f"xiangqi-gpt: {tr(self._what)} {rest}", file=sys.stderr)

    def close(self) -> None:
        """Take the line away again, where it can be."""
        if self._width and sys.stderr.isatty():
            print(f"\r{'':<{self._width}}\r", end="", file=sys.stderr, flush=True)
        self._width = 0


def compile_stages(names: Collection[str], progress: Progress | None = None, report: Report | None = None) -> int:
    """Make the kernels of some stages ready, with a line on stderr while that lasts; returns how many were compiled.

    ``report`` is told too how many are ready, and of how many.
    """
    announce_nothing()
    progress = progress or Progress("compiling the rules")

    def tell(ready: int, wanted: int) -> None:
        progress(ready, wanted)
        if report is not None:
            report(ready, wanted)

    try:
        compiled = make_ready([kernel for name in names for kernel in stage(name)], tell)
    finally:
        progress.close()
    if set(names) == set(STAGES):
        _mark_complete()
    return compiled


def is_complete() -> bool:
    """Whether all kernels were compiled before, as far as files tell; imports none of their modules."""
    folders = _folders()
    return bool(folders) and all((folder / _DONE).is_file() for folder in folders)


def _mark_complete() -> None:
    with contextlib.suppress(OSError):
        for folder in _folders():
            (folder / _DONE).touch()


def _folders() -> list[Path]:
    root = Path(__file__).parent.parent
    modules = {module for modules in STAGES.values() for module in modules}
    files = {module: root.joinpath(*module.split(".")).with_suffix(".py") for module in sorted(modules)}
    folders = [cache_folder(f"xiangqi_gpt.{module}", file) for module, file in files.items()]
    return [folder for folder in folders if folder is not None] if all(folders) else []


def prepare_to_play(*stages: str, show_rest: bool, report: Report | None = None) -> None:
    """Compile what a game needs before it begins, and all else in a process behind it.

    ``show_rest``: whether that process then shows how far it is, where stderr is a terminal. It ends with this one.
    ``report`` is told how many of the first kernels are ready, and of how many.
    """
    if is_complete():
        return
    if not _folders():  # what a process behind compiles would be lost
        warn(f"xiangqi-gpt: {tr('no folder can be written: the rules are compiled at each start, nothing is kept')}")
        compile_stages(stages, report=report)
        return
    behind = start_behind()
    compile_stages(stages, report=report)
    if show_rest and behind.stdin is not None:
        with contextlib.suppress(OSError):  # it has ended
            behind.stdin.write(_SHOW)
            behind.stdin.flush()


def start_behind() -> subprocess.Popen[bytes]:
    """Start a process of low priority that compiles everything; its input is a pipe, at whose end it ends too."""
    command = [sys.executable, "-m", "xiangqi_gpt.commands.kernel_stages"]
    error = None if sys.stderr.isatty() else subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=error)
    atexit.register(end_behind, process)
    return process


def end_behind(process: subprocess.Popen[bytes]) -> None:
    """End a process that ``start_behind`` started; what it has compiled stays."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    try:
        process.wait(_ENDING)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _main() -> None:
    """Compile all stages, a person's move last: whoever started this compiles that meanwhile."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    progress = Progress("compiling the rest in the background", shown=False)
    threading.Thread(target=_obey, args=(progress,), daemon=True).start()
    compile_stages(("reply", "search", "rest", "move"), progress)


def _obey(progress: Progress) -> None:
    """Show the progress once that is asked for, and end with the process that holds the other end of the input."""
    while word := os.read(0, 1):
        progress.shown = word == _SHOW
    progress.close()
    os._exit(0)


if __name__ == "__main__":
    _main()
