"""The settings of learning a style. Each field's text is the help of the option of the same name."""

from __future__ import annotations

from dataclasses import dataclass

from ..config import PRECISION_HELP, PRECISIONS, PROCEDURE, THREADS_HELP, option, thread_count


@dataclass(frozen=True)
class FinetuneConfig:
    """What to learn, from which model, for how long. Each field's text is the help of its option."""

    model: str = option("default", "the model to begin with: a folder, or the name of a shipped model")
    files: tuple[str, ...] = option((), "records of any format, or folders of them", metavar="FILE")
    out: str = option("runs/finetuned", "folder for the new model", metavar="DIR")
    mix: tuple[str, ...] = option(
        (), "games to mix in, so that the old is not forgotten (default: the sample games that ship)", metavar="FILE"
    )
    player: str = option("", "learn only the moves of the player of this name", metavar="NAME")
    minutes: float = option(5.0, "longest time")
    passes: float = option(10.0, "how often each new game is read; fewer when the time is up")
    mix_share: float = option(0.5, "share of the games read that are mixed in")
    held_out: float = option(0.2, "share of the new games that are kept to measure on")
    batch_plies: int = option(1024, "plies in a batch")
    optimizer: str = option(
        "",
        "for the matrices of the body: muon or adamw (default: as train has it)",
        choices=("muon", "adamw"),
    )
    matrix_rate: float = option(0.0, "learning rate of the matrices (default: a tenth of what train has)")
    table_rate: float = option(0.0, "learning rate of all the rest (default: a tenth of what train has)")
    weight_decay: float = option(0.0, "decoupled weight decay of both optimizers")
    seed: int = option(1, "seed of all chance")
    procedure: int = option(PROCEDURE, "how the run is done (training.config)", is_hidden=True)
    threads: int = option(0, THREADS_HELP, parse=thread_count)
    device: str = option("auto", "where to compute: auto, cpu or cuda", choices=("auto", "cpu", "cuda"))
    precision: str = option("auto", PRECISION_HELP, choices=PRECISIONS)
