"""The settings of the commands that train. Each field's text is the help of the option of the same name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, Final


def option(default: Any, text: str, **more: Any) -> Any:
    """Return a field with the text of its option, and what else argparse is to know of it."""
    return field(default=default, metadata={"help": text, **more})


def thread_count(text: str) -> int:
    """Return the number of threads that an option gives, 0 for ``auto``. Raises ``ValueError``."""
    return 0 if text == "auto" else int(text)


#: How the settings' fields are declared -> what a file may hold for them.
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "int": (int,),
    "float": (int, float),
    "str": (str,),
    "bool": (bool,),
    "tuple": (tuple, list),
}


def check_types(settings: Any) -> None:
    """Raise ``TypeError`` where a field of a dataclass, read from a file, is of another type than declared."""
    for entry in fields(settings):
        declared = str(entry.type)
        kinds = _TYPES.get(declared.partition("[")[0])
        value = getattr(settings, entry.name)
        if kinds and (not isinstance(value, kinds) or (isinstance(value, bool) and kinds != (bool,))):
            raise TypeError(f"{entry.name} is {value!r:.60}, expected {declared}")


@dataclass(frozen=True)
class More:
    """A length that is added to the one there is, ``+20``, or taken from it, ``-20``."""

    amount: float


def more_or_all(kind: type[float] | type[int]) -> Callable[[str], float | More]:
    """Return a reader of a length that may be added or taken away: a number, or ``More`` where it has a sign."""

    def read(text: str) -> float | More:
        return More(kind(text)) if text.startswith(("+", "-")) else kind(text)

    read.__name__ = kind.__name__  # what argparse calls it in an error
    return read


#: What an option says of precision and threads, in every command that computes.
PRECISION_HELP: Final = (
    "arithmetic of the model's passes: bf16 where the processor or the GPU has units for it, else fp32"
)
AUTO: Final = "auto"
PRECISIONS: Final = (AUTO, "bf16", "fp32")
#: How a run is done: 1 as in version 0.1, 2 as now. Settings that were kept without it are those of a run of 0.1.
PROCEDURE: Final = 2
WHERE_HELP: Final = "use only games that meet this SQL condition, as in 'records query': \"plies > 60 and year = 1999\""
LEAST_RATING_HELP: Final = "use only games whose players are both known to be rated so high at least"
YEARS_HELP: Final = "use only games of these years: 1990-2010, 2000-, -1979 or 1999"
THREADS_HELP: Final = "processor threads, or auto for as many as are good on this machine (default: auto)"


@dataclass(frozen=True)
class TrainConfig:
    """What to train, on what, for how long. The command line is made from this class.

    An empty text, or a rate of 0, stands for what the preset or the optimizer brings (``training.run.starting_model``).
    """

    # the data
    corpus: tuple[str, ...] = option(
        (),
        "game records: Parquet corpora, PGN files, or one store made by 'records tokenize' "
        "(default: the sample games that ship)",
        metavar="FILE",
    )
    where: str = option("", WHERE_HELP, metavar="SQL")
    years: str = option("", YEARS_HELP, metavar="YEARS")
    least_rating: int = option(0, LEAST_RATING_HELP)
    source_weights: tuple[str, ...] = option(
        (), "how often the games of a source are read in a pass: 2 twice, 0.5 every second, 0 none", metavar="SOURCE=W"
    )
    kinds: tuple[str, ...] = option((), "use only games of these kinds (default: every kind)", metavar="KIND")
    no_value_from: tuple[str, ...] = option(
        (), "sources whose results are not to be believed: no win/draw/loss is learned from them", metavar="SOURCE"
    )
    warmup_games: int = option(0, "random legal games to read before the first real one, to learn the rules from")

    # the run
    out: str = option("runs/model", "folder for the model, its checkpoints and its metrics", metavar="DIR")
    resume: bool = option(False, "go on from the newest checkpoint in --out")
    minutes: float = option(
        10.0,
        "length of the run; turned into a number of steps by timing some before it; with --resume, +20 adds 20 and "
        "-20 takes 20 away",
        parse=more_or_all(float),
    )
    steps: int = option(
        0,
        "number of optimizer steps; when given, --minutes is not used; with --resume, +500 adds 500 and -500 takes 500 "
        "away",
        parse=more_or_all(int),
    )
    patience: int = option(
        0, "end early after so many evaluations without a better score, and keep the best model (default: never)"
    )

    more_minutes: float = option(
        0.0, "minutes by which a run is made longer, or shorter: --resume --minutes +20", is_hidden=True
    )
    more_steps: int = option(
        0, "steps by which a run is made longer, or shorter: --resume --steps +500", is_hidden=True
    )
    procedure: int = option(
        PROCEDURE, "how the run is done (training.config); kept so that it goes on as it began", is_hidden=True
    )

    # the model
    start_from: str = option(
        "",
        "begin with the weights of this model (a folder, or default) and its shape instead of a preset's",
        metavar="MODEL",
    )
    preset: str = option(
        "small",
        "shape of the model; auto: by the minutes, the speed of this machine and the size of the corpus; "
        "kexue2020 also brings the settings of its article",
        choices=("auto", "nano", "mini", "small", "base", "large", "characters", "kexue2020"),
    )
    layers: int = option(0, "number of blocks (default: the preset's)")
    width: int = option(0, "size of the vectors (default: the preset's)")
    heads: int = option(0, "heads of attention (default: one for 64 of a given width, else the preset's)")
    features: str = option(
        "",
        "what each token shows besides its move: nothing, the pieces, or also what they can do "
        "(default: full; none for a character model)",
        choices=("none", "board", "full"),
        old=("sight", {"none": "none", "board": "board", "moves": "full"}),
    )
    tokenizer: str = option(
        "",
        "one token a move, or four characters (default: moves; iccs for characters and kexue2020)",
        choices=("moves", "iccs"),
    )
    body: str = option(
        "", "the blocks: the project's, or GPT-2's (default: modern; gpt2 for those two)", choices=("modern", "gpt2")
    )

    # what is learned
    batch_plies: int = option(4096, "plies in a batch, over all pieces and processes")
    loser_weight: float = option(0.5, "weight of the moves of the side that lost")
    value_weight: float = option(0.3, "weight of the win/draw/loss loss beside the move loss")
    legal_weight: float = option(
        0.05,
        "weight of the loss that teaches a moves-only model which moves are legal; 0 leaves it to learn from the games",
    )
    legal_margin: float = option(
        0.0,
        "how much surer, in log-odds, a moves-only model must be that a move is legal where it chooses among all "
        "moves and nobody keeps them legal; no part of training (0, the default: as in the model of --start-from)",
    )
    illegal_weight: float = option(
        0.5,
        "weight of the loss on the probability that a moves-only model gives to illegal moves",
    )
    midgame_starts: float = option(0.15, "share of sequences that start at a random ply from the board alone")
    mirrored: float = option(0.5, "share of sequences that are read as their mirror image")
    control_dropout: float = option(0.5, "how often the source, and how often the result, is not told to the model")
    lengths: tuple[int, ...] = option(
        (),
        "longest sequences, in plies, of equal parts of the run (default: whole games; 16 32 64 128 for those two)",
        metavar="N",
    )

    # how it is learned
    optimizer: str = option(
        "",
        "for the matrices of the body: muon or adamw (default: muon; adamw for the gpt2 body)",
        choices=("muon", "adamw"),
    )
    matrix_rate: float = option(
        0.0, "learning rate of the matrices (default: 0.02 with Muon, 0.0005 with AdamW, 0.001 for the gpt2 body)"
    )
    table_rate: float = option(
        0.0, "learning rate of all the rest, always by AdamW (default: 0.003; 0.001 for the gpt2 body)"
    )
    weight_decay: float = option(
        0.01, "decoupled weight decay of both optimizers, of the weights of linear maps; no gain, bias or table decays"
    )
    clip: float = option(1.0, "largest norm of the gradient; a larger one is scaled down to it (0: never)")
    warmup: float = option(0.02, "share of the steps in which the rate rises")
    decay: float = option(0.5, "share of the steps, at the end, in which the rate falls to zero")
    accumulate: int = option(1, "pieces in which a batch is read, one after the other, to need less memory")
    compile: bool = option(False, "compile the model with torch.compile; needs a C++ compiler and a minute or two")
    seed: int = option(1, "seed of the weights, the order of the games and all other chance")

    # looking on
    evaluate_every: float = option(
        0.0, "minutes between two evaluations on held-out games (default: at fixed steps, some twenty in a run)"
    )
    evaluate_games: int = option(400, "most held-out games an evaluation looks at")
    checkpoint_every: float = option(3.0, "minutes between two checkpoints")
    keep_checkpoints: bool = option(False, "keep the model of every checkpoint, for 'match --checkpoints'")

    # the machine
    threads: int = option(0, THREADS_HELP, parse=thread_count)
    device: str = option("auto", "where to compute: auto, cpu or cuda", choices=("auto", "cpu", "cuda"))
    precision: str = option("auto", PRECISION_HELP, choices=PRECISIONS)


@dataclass(frozen=True)
class UpdateConfig:
    """Which new games to go on learning from, and from which model."""

    model: str = option("default", "the model to go on from: a folder, or the name of a shipped model")
    files: tuple[str, ...] = option((), "the new games: records of any format, folders, archives", metavar="FILE")
    corpus: str = option(
        "", "the games that the model has learned from (default: corpus.parquet in its folder)", metavar="FILE"
    )
    out: str = option("", "folder for the new model, its corpus and the match", metavar="DIR")
    minutes: float = option(10.0, "length of the training; less where each new game was read ten times before")
    steps: int = option(0, "number of optimizer steps; when given, --minutes is not used")
    new_share: float = option(0.5, "share of the games read that are new")
    rate_share: float = option(0.1, "learning rates, as a share of those of a training from nothing")
    games: int = option(100, "games of the match against the last model; 0 for none")
    batch_plies: int = option(4096, "plies in a batch")
    seed: int = option(1, "seed of all chance")
    threads: int = option(0, THREADS_HELP, parse=thread_count)
    device: str = option("auto", "where to compute: auto, cpu or cuda", choices=("auto", "cpu", "cuda"))
    precision: str = option("auto", PRECISION_HELP, choices=PRECISIONS)


@dataclass(frozen=True)
class FinetuneConfig:
    """Which style to learn, from which model, for how long."""

    model: str = option("default", "the model to begin with: a folder, or the name of a shipped model")
    files: tuple[str, ...] = option((), "records of any format, or folders of them", metavar="FILE")
    out: str = option("runs/finetuned", "folder for the new model", metavar="DIR")
    mix: tuple[str, ...] = option(
        (), "games to mix in, so that the old is not forgotten (default: the sample games that ship)", metavar="FILE"
    )
    where: str = option("", WHERE_HELP + " (of the new games)", metavar="SQL")
    years: str = option("", YEARS_HELP + " (of the new games)", metavar="YEARS")
    least_rating: int = option(0, LEAST_RATING_HELP + " (of the new games)")
    player: str = option("", "learn only the moves of the player of this name", metavar="NAME")
    minutes: float = option(5.0, "longest time")
    passes: float = option(10.0, "how often each new game is read; fewer when the time is up")
    mix_share: float = option(0.5, "share of the games read that are mixed in")
    held_out: float = option(0.2, "share of the new games that are kept to measure on")
    batch_plies: int = option(1024, "plies in a batch")
    optimizer: str = option(
        "",
        "for the matrices of the body: muon or adamw (default: adamw)",
        choices=("muon", "adamw"),
    )
    matrix_rate: float = option(
        0.0,
        "learning rate of the matrices (default: 0.00005 with AdamW, 0.002 with Muon, 0.0001 for a gpt2 body's)",
    )
    table_rate: float = option(0.0, "learning rate of all the rest (default: 0.0003, 0.0001 for the gpt2 body)")
    weight_decay: float = option(0.0, "decoupled weight decay of both optimizers")
    seed: int = option(1, "seed of all chance")
    procedure: int = option(PROCEDURE, "how the run is done (training.config)", is_hidden=True)
    threads: int = option(0, THREADS_HELP, parse=thread_count)
    device: str = option("auto", "where to compute: auto, cpu or cuda", choices=("auto", "cpu", "cuda"))
    precision: str = option("auto", PRECISION_HELP, choices=PRECISIONS)


@dataclass(frozen=True)
class CompressConfig:
    """What to compress, and how, beside the settings of its training."""

    teacher: str = option("default", "the model to make smaller: a folder, or the name of a shipped model")
    layers: int = option(0, "blocks of a student with its teacher's width (default: the shape of --preset)")
    soft: float = option(0.7, "weight of what the teacher says; the rest is that of the games")
