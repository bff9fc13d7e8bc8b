"""Checkpoints of a run: ``step-N/`` with the weights, the optimizers' state and how far the run has come."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from xiangqi_gpt.files import atomic_mkdir, atomic_write, parse_json
from xiangqi_gpt.inference.file_names import name_in_code, name_in_file
from xiangqi_gpt.inference.model_folder import WEIGHTS, read_config
from xiangqi_gpt.model.checkpoint import load_weights, write_tensors
from xiangqi_gpt.model.gpt import Gpt

from ..errors import TrainingError
from ..optim.optimizer import Optimizers, restore_state, state_tensors

_PROGRESS: Final = "progress.json"
_OPTIMIZER: Final = "optimizer.safetensors"


@dataclass
class RunProgress:
    """How far a run has come."""

    step: int = 0
    steps: int = 0  #: of the whole run; 0 while they are not known
    plies: int = 0
    seconds: float = 0.0
    best_nats: float | None = None  #: of an evaluation so far, nats a move
    best_step: int = 0
    evaluations_since_best: int = 0


def _named(tensors: Mapping[str, Tensor], rename: Callable[[str], str]) -> dict[str, Tensor]:
    """The same tensors by the names of a file, or of the code."""
    return {rename(name): tensor for name, tensor in tensors.items()}


def newest(out: Path) -> Path | None:
    """Return the folder of a run's newest checkpoint."""
    return max(out.glob("step-*"), default=None)


def save_checkpoint(
    out: Path,
    progress: RunProgress,
    write_model: Callable[[Path], None],
    optimizers: Optimizers,
) -> None:
    """Write ``step-N``: it appears whole or not at all; ``write_model`` puts the model into it. Raises ``OSError``."""
    final = out / f"step-{progress.step:07d}"
    if final.exists():
        return
    try:
        with atomic_mkdir(final) as partial:
            write_model(partial)
            write_tensors(_named(state_tensors(optimizers), name_in_file), partial / _OPTIMIZER)
            (partial / _PROGRESS).write_text(json.dumps(asdict(progress)), encoding="utf-8")
    except SafetensorError as error:
        raise OSError(str(error)) from None


def write_progress(folder: Path, progress: RunProgress) -> None:
    """Replace how far the run of a checkpoint has come. Raises ``OSError``."""
    with atomic_write(folder / _PROGRESS) as path:
        path.write_text(json.dumps(asdict(progress)), encoding="utf-8")


def drop_older_checkpoints(out: Path, *, keep_models: bool = False) -> None:
    """Delete all checkpoints but the newest, or with ``keep_models`` only what they hold for a run to go on from."""
    for older in sorted(out.glob("step-*"))[:-1]:
        if not keep_models:
            shutil.rmtree(older, ignore_errors=True)
            continue
        for name in (_OPTIMIZER, _PROGRESS):
            with contextlib.suppress(OSError):
                (older / name).unlink()


def load_checkpoint(folder: Path, model: Gpt, optimizers: Optimizers) -> RunProgress:
    """Put a run back to where a checkpoint was written. Raises ``TrainingError`` and ``CheckpointError``."""
    if read_config(folder) != model.config:
        raise TrainingError(f"{folder} is a model of another shape than the options ask for")
    load_weights(model, folder / WEIGHTS)
    try:
        restore_state(optimizers, _named(load_file(folder / _OPTIMIZER), name_in_code))
        return RunProgress(**parse_json((folder / _PROGRESS).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError, RuntimeError, SafetensorError) as error:
        raise TrainingError(f"{folder} is damaged: {error}") from None


def divergence(out: Path, step: int, what: str, games: Sequence[int]) -> TrainingError:
    """Return the error of a run with non-finite numbers: what, where, and from which checkpoint to go on."""
    numbers = ", ".join(map(str, games[:5])) + (", ..." if len(games) > 5 else "")
    batch = f" in a batch of {len(games)} games (numbers {numbers} of the store)" if games else ""
    kept = newest(out)
    good = f"the checkpoint {kept} from before is good" if kept else "no checkpoint was written yet"
    return TrainingError(f"step {step}: {what}{batch}; lower --matrix-rate and --table-rate; {good}")
