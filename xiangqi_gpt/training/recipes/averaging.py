"""One model whose weights are the mean of several models' weights (Izmailov et al. 2018; Wortsman et al. 2022).

Models that one training after another led from the same beginning lie in one valley of the loss: their mean is often
better than each of them, and costs no training.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence
from pathlib import Path

import torch

from xiangqi_gpt.files import atomic_mkdir
from xiangqi_gpt.inference.model_folder import find_model
from xiangqi_gpt.model.checkpoint import load_model, save_model
from xiangqi_gpt.model.gpt import Gpt

from ..data.games_read import NOTHING_READ, GamesRead, load_games_read, save_games_read
from ..errors import TrainingError


def write_average(names: Sequence[str], shares: Sequence[float], out: str | Path) -> Path:
    """Write the mean of models, weighted by ``shares``, into the new folder ``out`` and return it.

    It has read what any of them has. Raises ``TrainingError`` for models of different shapes and shares that are no
    weights, ``CheckpointError``, and ``OSError`` where ``out`` holds something.
    """
    _check(names, shares)
    average = mean_model([load_model(name) for name in names], shares)
    read = _read_by([find_model(name) for name in names])
    with atomic_mkdir(out) as folder:
        save_model(average, folder, {"training": {"average_of": list(names), "shares": list(shares)}}, half=True)
        save_games_read(read, folder)
        (folder / "card.md").write_text(_card(Path(out).name, names, shares, out, average), encoding="utf-8")
    return Path(out)


def mean_model(models: Sequence[Gpt], shares: Sequence[float]) -> Gpt:
    """Return a model whose weights are the mean of those of ``models``, weighted by ``shares``, in fp32.

    Raises ``TrainingError`` unless all have one shape.
    """
    first = models[0]
    for model in models[1:]:
        if model.config != first.config:
            raise TrainingError("only models of one shape have a mean, and these differ")
    shares = [share / max(shares) for share in shares]  # so that no sum is too large
    total = math.fsum(shares)
    states = [model.state_dict() for model in models]
    mean = {
        name: torch.stack([share / total * state[name].double() for share, state in zip(shares, states, strict=True)])
        .sum(0)
        .to(tensor.dtype)
        for name, tensor in states[0].items()
    }
    average = Gpt(first.config)
    average.load_state_dict(mean)
    return average.eval()


def _check(names: Sequence[str], shares: Sequence[float]) -> None:
    if len(names) < 2:
        raise TrainingError("which models? xiangqi-gpt average MODEL MODEL ... --out DIR")
    if len(shares) != len(names):
        raise TrainingError(f"--shares: {len(shares)} given for {len(names)} models")
    for share in shares:
        if not (math.isfinite(share) and share > 0):
            raise TrainingError(f"--shares {share:g}: expected a number above 0")


def _read_by(folders: Sequence[Path]) -> GamesRead:
    """What any of the models has read; known to be all only where that is known of each."""
    read = NOTHING_READ
    for folder in folders:
        own = load_games_read(folder)
        read = GamesRead(read.joined(own.keys).keys, read.is_complete and own.is_complete)
    return read


def _card(title: str, names: Sequence[str], shares: Sequence[float], out: str | Path, model: Gpt) -> str:
    shape = model.config
    words = ["xiangqi-gpt", "average", *names, "--shares", *(f"{share:g}" for share in shares), "--out", str(out)]
    return "\n".join(
        [
            f"# {title}",
            "",
            f"A Xiangqi GPT of {shape.layers} × {shape.width}, {model.parameter_count():,} parameters, input "
            f"features `{shape.features}`, vocabulary `{shape.vocabulary}`, body `{shape.body}`: the mean of the "
            "weights of other models, whose cards say how they were made.",
            "",
            "## How it was made",
            "",
            f"    {shlex.join(words)}",
            "",
        ]
    )
