"""The settings of ``xiangqi-gpt improve``. Each field's text is the help of the option of the same name."""

from __future__ import annotations

from dataclasses import dataclass

from xiangqi_gpt.training.config import PRECISION_HELP, PRECISIONS, THREADS_HELP, option, thread_count


@dataclass(frozen=True)
class ImproveConfig:
    """How a model improves itself: games a generation, what is learned from them, and how it is tested."""

    model: str = option("default", "the model to begin with: a folder, or the name of a shipped model")
    out: str = option("", "folder for games, models, matches and the page", metavar="DIR")
    hours: float = option(1.0, "begin no generation that would not be done by then; the first is always done")
    generations: int = option(0, "most generations (default: as many as the time allows)")

    # the games
    games: int = option(200, "games of each generation")
    nodes: int = option(100, "positions that the search looks at for a move")
    deep_share: float = option(0.25, "share of the games in which it looks at four times as many")
    temperature: float = option(0.5, "temperature at which a move is drawn from the visits")
    random_plies: int = option(8, "random moves at the start of half of the games; the other half begins with none")
    max_plies: int = option(200, "a longer game is a draw")

    # what is learned
    mix: tuple[str, ...] = option(
        (), "games to mix in, so that the old is not forgotten (default: the sample games that ship)", metavar="FILE"
    )
    mix_share: float = option(0.25, "share of the games read that are mixed in")
    window: int = option(4, "generations whose games are learned from, the newest")
    passes: float = option(2.0, "how often each game of the window is read")
    batch_plies: int = option(2048, "plies in a batch")
    rate_share: float = option(0.05, "learning rates, as a share of those of a training from nothing")

    # the test
    gate_games: int = option(200, "most games of the test of a new model against the best so far")
    sprt: str = option("elo0=0,elo1=30", "the test", metavar="TEST")
    final_games: int = option(100, "games of the last model against the first at the end, 0 for none")

    # the machine
    seed: int = option(1, "seed of all chance")
    processes: int = option(0, "processes that play (default: one a core)")
    threads: int = option(0, THREADS_HELP, parse=thread_count)
    device: str = option("auto", "where to train: auto, cpu or cuda", choices=("auto", "cpu", "cuda"))
    precision: str = option("auto", PRECISION_HELP, choices=PRECISIONS)
