"""The settings of a training run. Each field's text is the help of the option of the same name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


def _option(default: Any, text: str, **more: Any) -> Any:
    return field(default=default, metadata={"help": text, **more})


@dataclass(frozen=True)
class TrainConfig:
    """What to train, on what, for how long. The command line is made from this class.

    An empty text, or a rate of 0, stands for what the preset or the optimizer brings (``training.start``).
    """

    # the data
    corpus: tuple[str, ...] = _option(
        (),
        "game records: Parquet corpora, PGN files, or one store made by 'records tokenize' "
        "(default: the sample games that ship)",
        metavar="FILE",
    )
    kinds: tuple[str, ...] = _option((), "use only games of these kinds (default: every kind)", metavar="KIND")
    no_value_from: tuple[str, ...] = _option(
        (), "sources whose results are not to be believed: no win/draw/loss is learned from them", metavar="SOURCE"
    )
    warmup_games: int = _option(0, "random legal games to read before the first real one, to learn the rules from")

    # the run
    out: str = _option("runs/model", "folder for the model, its checkpoints and its metrics", metavar="DIR")
    resume: bool = _option(False, "go on from the newest checkpoint in --out")
    minutes: float = _option(10.0, "length of the run; turned into a number of steps by timing the first ones")
    steps: int = _option(0, "number of optimizer steps; when given, --minutes is not used")
    patience: int = _option(
        0, "end early after so many evaluations without a better score, and keep the best model (default: never)"
    )

    # the model
    start_from: str = _option(
        "",
        "begin with the weights of this model (a folder, or default) and its shape instead of a preset's",
        metavar="MODEL",
    )
    preset: str = _option("small", "shape of the model", choices=("nano", "small", "base", "large", "kexue2020"))
    sight: str = _option(
        "",
        "what each token shows besides its move: nothing, the pieces, or also what they can do "
        "(default: moves; none where moves are spelled)",
        choices=("none", "board", "moves"),
    )
    tokenizer: str = _option(
        "",
        "one token a move, or four characters (default: moves; iccs for kexue2020)",
        choices=("moves", "iccs"),
    )
    body: str = _option(
        "", "the blocks: the project's, or GPT-2's (default: modern; gpt2 for kexue2020)", choices=("modern", "gpt2")
    )

    # what is learned
    batch_plies: int = _option(4096, "plies in a batch, over all pieces and processes")
    loser_weight: float = _option(0.5, "weight of the moves of the side that lost")
    value_weight: float = _option(0.3, "weight of the win/draw/loss loss beside the move loss")
    legal_weight: float = _option(
        0.05, "weight of the loss that teaches a blind model which moves are legal; 0 leaves it to learn from the games"
    )
    illegal_weight: float = _option(
        0.5,
        "weight of the loss on the probability that a blind model gives to illegal moves, beside the move loss's own",
    )
    sparse: int = _option(
        0, "let only so many of the likeliest moves compete with the taught one in the move loss (default: all)"
    )
    midgame_starts: float = _option(0.15, "share of sequences that start at a random ply from the board alone")
    control_dropout: float = _option(0.5, "how often the source, and how often the result, is not told to the model")
    lengths: tuple[int, ...] = _option(
        (),
        "longest sequences, in plies, of equal parts of the run (default: whole games; 16 32 64 128 for kexue2020)",
        metavar="N",
    )

    # how it is learned
    optimizer: str = _option(
        "",
        "for the matrices of the body: muon or adamw (default: muon; adamw for the gpt2 body)",
        choices=("muon", "adamw"),
    )
    matrix_rate: float = _option(0.0, "learning rate of the matrices (default: 0.02 with Muon, 0.001 with AdamW)")
    table_rate: float = _option(
        0.0, "learning rate of all the rest, always by AdamW (default: 0.003; 0.001 for the gpt2 body)"
    )
    weight_decay: float = _option(0.01, "decoupled weight decay of both optimizers")
    warmup: float = _option(0.02, "share of the steps in which the rate rises")
    decay: float = _option(0.5, "share of the steps, at the end, in which the rate falls to zero")
    average: float = _option(
        0.0, "keep a moving average of the weights, this much of it from the step before, and end with it; 0 for none"
    )
    accumulate: int = _option(1, "pieces in which a batch is read, one after the other, to need less memory")
    compile: bool = _option(False, "compile the model with torch.compile; needs a C++ compiler and a minute or two")
    seed: int = _option(1, "seed of the weights, the order of the games and all other chance")

    # looking on
    evaluate_every: float = _option(3.0, "minutes between two evaluations on held-out games")
    evaluate_games: int = _option(400, "most held-out games an evaluation looks at")
    checkpoint_every: float = _option(3.0, "minutes between two checkpoints")

    # the machine
    threads: int = _option(0, "processor threads (default: all)")
    device: str = _option("auto", "where to compute: auto, cpu or cuda", choices=("auto", "cpu", "cuda"))
    precision: str = _option("bf16", "arithmetic of the forward and backward pass", choices=("bf16", "fp32"))
