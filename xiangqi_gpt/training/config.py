"""The settings of a training run. Each field's text is the help of the option of the same name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


def _option(default: Any, text: str, **more: Any) -> Any:
    return field(default=default, metadata={"help": text, **more})


@dataclass(frozen=True)
class TrainConfig:
    """What to train, on what, for how long. The command line is made from this class."""

    corpus: tuple[str, ...] = _option(
        (), "game records: Parquet corpora or PGN files (default: the sample games that ship)", metavar="FILE"
    )
    out: str = _option("runs/model", "folder for the model, its checkpoints and its metrics", metavar="DIR")
    resume: bool = _option(False, "go on from the newest checkpoint in --out")
    preset: str = _option("small", "shape of the model", choices=("nano", "small", "base", "large"))
    sight: str = _option(
        "moves",
        "what each token shows besides its move: nothing, the pieces, or also what they can do",
        choices=("none", "board", "moves"),
    )
    minutes: float = _option(10.0, "length of the run; turned into a number of steps by timing the first ones")
    steps: int = _option(0, "number of optimizer steps; when given, --minutes is not used")
    batch_plies: int = _option(4096, "plies in a batch")
    kinds: tuple[str, ...] = _option((), "use only games of these kinds (default: every kind)", metavar="KIND")
    no_value_from: tuple[str, ...] = _option(
        (), "sources whose results are not to be believed: no win/draw/loss is learned from them", metavar="SOURCE"
    )
    loser_weight: float = _option(0.5, "weight of the moves of the side that lost")
    value_weight: float = _option(0.3, "weight of the win/draw/loss loss beside the move loss")
    midgame_starts: float = _option(0.15, "share of sequences that start at a random ply from the board alone")
    control_dropout: float = _option(0.5, "how often the source, and how often the result, is not told to the model")
    matrix_rate: float = _option(0.02, "learning rate of the matrices (Muon)")
    table_rate: float = _option(0.003, "learning rate of embeddings and heads (AdamW)")
    weight_decay: float = _option(0.01, "decoupled weight decay of both optimizers")
    warmup: float = _option(0.02, "share of the steps in which the rate rises")
    decay: float = _option(0.5, "share of the steps, at the end, in which the rate falls to zero")
    evaluate_every: float = _option(3.0, "minutes between two evaluations on held-out games")
    evaluate_games: int = _option(400, "most held-out games an evaluation looks at")
    checkpoint_every: float = _option(3.0, "minutes between two checkpoints")
    seed: int = _option(1, "seed of the weights, the order of the games and all other chance")
    threads: int = _option(0, "processor threads (default: all)")
    device: str = _option("auto", "where to compute: auto, cpu or cuda", choices=("auto", "cpu", "cuda"))
    precision: str = _option("bf16", "arithmetic of the forward and backward pass", choices=("bf16", "fp32"))
