"""What one sees of a run while it trains: a bar, ``metrics.jsonl``, and event files for TensorBoard."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from xiangqi_gpt.extras import how_to_add
from xiangqi_gpt.files import atomic_write, parse_json
from xiangqi_gpt.progress_bar import ProgressBar

METRICS: Final = "metrics.jsonl"
#: What every reader of a line takes for numbers, where it is there.
_NUMBERS: Final = ("step", "seconds", "plies", "loss")
_BOARD: Final = "tensorboard"


class RunReport:
    """Shows and records a run from ``step`` on; a process that is not the first shows and records nothing.

    A record that cannot be written, on a full disk for one, is reported once, and training goes on.
    """

    def __init__(self, out: Path, step: int, steps: int, *, silent: bool = False) -> None:
        self._path, self._silent, self._failed = out / METRICS, silent, False
        self.bar = ProgressBar(
            total=steps or None, initial=step, unit="step", dynamic_ncols=True, smoothing=0.05, disable=silent
        )
        self._board = None if silent else _open_board(out / _BOARD, step)
        if not silent:
            _forget_after(self._path, step)

    def __enter__(self) -> RunReport:
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.close()
        if self._board is not None:
            with contextlib.suppress(OSError):  # said already
                self._board.close()

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        if not self._silent:
            self.bar.write(text)

    def show(self, text: str, steps: int) -> None:
        """Advance the bar by a step, with a text behind it."""
        self.bar.total = steps or None
        self.bar.set_postfix_str(text, refresh=False)
        self.bar.update()

    def record(self, step: int, values: Mapping[str, float]) -> None:
        """Write down the numbers of a step."""
        if self._silent:
            return
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"step": step, **values}) + "\n")
            if self._board is not None:
                for name, value in values.items():
                    self._board.add_scalar(name, value, step)
        except OSError as error:
            if not self._failed:
                self.say(f"metrics could not be written ({error}); training goes on")
            self._failed = True


def read_metrics(out: Path) -> list[dict[str, Any]]:
    """Return the lines of a run's metrics that can be read."""
    path = out / METRICS
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    except OSError:
        return []
    found = [parse_json(line) for line in lines if _step_of(line) < math.inf]
    return [line for line in found if all(map(is_number, (line[name] for name in _NUMBERS if name in line)))]


def is_number(value: object) -> bool:
    """Whether a value of a line of metrics is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _open_board(folder: Path, step: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        ProgressBar.write(f"no event files: TensorBoard is not installed: {how_to_add('train')}")
        return None
    return SummaryWriter(str(folder), purge_step=step + 1)


def _forget_after(path: Path, step: int) -> None:
    """Drop what an interrupted run wrote of steps that are done again now."""
    if not path.is_file():  # a pipe or a device holds no steps of before
        return
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    with atomic_write(path) as kept:
        kept.write_text("".join(line for line in lines if _step_of(line) <= step), encoding="utf-8")


def _step_of(line: str) -> float:
    """The step of a line of metrics; infinite for one that was cut short."""
    try:
        return int(parse_json(line)["step"])
    except (ValueError, KeyError, TypeError, OverflowError):
        return math.inf


def format_step(values: Mapping[str, float], speed: float) -> str:
    """Return the text behind the bar after a step; ``speed`` in plies/s."""
    legal = f" legal {values['legal_top1']:.1%}" if "legal_top1" in values else ""
    return (
        f"loss {values['loss']:.3f} top1 {values['top1']:.1%}{legal} {speed:,.0f} plies/s waited {values['waited']:.1%}"
    )


def format_speed(plies: int, stepped: float, seconds: float) -> str:
    """Return the speed of a run of so many ``seconds`` beside that of its steps, which took ``stepped`` of them."""
    if not plies:
        return "no step was left to do"
    bare, whole = plies / max(stepped, 1e-9), plies / max(seconds, 1e-9)
    return (
        f"{whole:,.0f} plies/s over the whole run, {bare:,.0f} in its steps alone: batches, evaluations and "
        f"checkpoints took {max(0.0, 1 - whole / bare):.0%}"
    )
