"""The loop: games by search, training on what the search saw, a test against the best model so far.

Silver et al. 2018, "A general reinforcement learning algorithm that masters chess, shogi, and Go through self-play";
the test before a model is taken on is that of AlphaGo Zero. Each step can be interrupted at any moment and goes on.
"""

from __future__ import annotations

import dataclasses
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.arena.datagen.generate import SELF_PLAY, Recipe, generate_games
from xiangqi_gpt.arena.elo.signed import signed, signed_interval
from xiangqi_gpt.arena.elo.sprt import Sprt
from xiangqi_gpt.arena.tournament.match_plan import plan_match
from xiangqi_gpt.data import sample_games
from xiangqi_gpt.files import one_writer
from xiangqi_gpt.inference.model_folder import find_model, read_config
from xiangqi_gpt.model.checkpoint import load_model
from xiangqi_gpt.model.gpt import Gpt
from xiangqi_gpt.players.spec import parse_spec
from xiangqi_gpt.progress_bar import ProgressBar
from xiangqi_gpt.records.corpus.corpus_reader import read_corpus
from xiangqi_gpt.records.plural import counted
from xiangqi_gpt.records.store.token_store import TokenStore
from xiangqi_gpt.training.config import TrainConfig
from xiangqi_gpt.training.recipes.finetune import match_moves, mix_games, predict_games
from xiangqi_gpt.training.run.run_settings import resumed_config
from xiangqi_gpt.training.run.starting_model import resolve_defaults
from xiangqi_gpt.training.run.train import check, train
from xiangqi_gpt.training.run.trainer import Trainer

from .config import ImproveConfig
from .page import write_page
from .state import MODELS, STATE, Generation, ImproveError, State, load_state

if TYPE_CHECKING:
    from xiangqi_gpt.arena.tournament.standings import Standings

PAGE: Final = "improve.html"
#: How many times as many nodes the deeper games have.
_DEEPER: Final = 4
_ACCEPTED: Final = "elo1"

#: Called with the name of a match, where it stands, and how many games it has at most.
OnMatch = Callable[[str, "Standings", int], None]


def _ignore(name: str, standings: Standings, games: int) -> None:
    """Show nothing of a match."""


def improve(config: ImproveConfig, *, command: str, on_match: OnMatch = _ignore) -> State:
    """Improve ``config.model`` until the time is up; return how the run ended.

    Raises ``ImproveError`` for settings that make no sense and a folder that holds a run, and what playing and training
    raise.
    """
    _check(config)
    out = Path(config.out)
    with one_writer(out):
        if (out / STATE).exists():
            raise ImproveError(f"{out} holds a run already: go on with it by --resume, or choose another folder")
        mix = tuple(str(Path(file).resolve()) for file in config.mix or (sample_games(),))
        model = str(Path(config.model).resolve()) if Path(config.model).is_dir() else config.model
        config = dataclasses.replace(config, mix=mix, model=model)
        state = State(config, model, command)
        state.save()
        return _run(state, on_match)


def go_on(out: str, hours: float | None, *, on_match: OnMatch = _ignore) -> State:
    """Go on with the run in ``out``, for ``hours`` in all if given. Raises ``ImproveError`` where there is none."""
    load_state(out)
    with one_writer(out):
        state = load_state(out)
        if hours is not None:
            state.config = dataclasses.replace(state.config, hours=hours)
        _check(state.config)
        return _run(state, on_match)


def _check(config: ImproveConfig) -> None:
    least = {"games": 2, "nodes": 1, "random_plies": 0, "max_plies": 1, "window": 1, "batch_plies": 1, "gate_games": 2}
    least |= {"final_games": 0, "generations": 0, "seed": 0, "processes": 0}
    for name, number in least.items():
        if getattr(config, name) < number:
            raise ImproveError(f"--{name.replace('_', '-')} {getattr(config, name)}: expected {number} or more")
    for name, most in (("hours", math.inf), ("passes", math.inf), ("temperature", math.inf), ("rate_share", 10.0)):
        if not 0 < getattr(config, name) <= most or math.isnan(getattr(config, name)):
            raise ImproveError(f"--{name.replace('_', '-')} {getattr(config, name)}: expected a number above 0")
    for name in ("deep_share", "mix_share"):
        if not 0 <= getattr(config, name) < 1:
            raise ImproveError(
                f"--{name.replace('_', '-')} {getattr(config, name)}: expected a number from 0 to below 1"
            )
    for file in config.mix:
        if not Path(file).exists():
            raise ImproveError(f"no such file: {file}")
    Sprt.parse(config.sprt)
    for path in (find_model(config.model).resolve(), _new_model(config, 1)):
        if parse_spec(f"search:{path},nodes=1").target != str(path):
            raise ImproveError(
                f"{path}: a folder without commas in its name is needed, for players are MODEL,OPTION=VALUE"
            )
    check(_training(config, config.model, (), Path(config.out), 1, 1))


def _new_model(config: ImproveConfig, number: int) -> Path:
    """Where the model of a generation lies."""
    return Path(config.out).resolve() / MODELS / f"{number:03}"


def _run(state: State, on_match: OnMatch) -> State:
    while (generation := _next(state)) is not None:
        with _timed(state, generation):
            if not generation.games:
                _play(state, generation)
        with _timed(state, generation):
            if not generation.is_trained:
                _learn(state, generation)
        with _timed(state, generation):
            _test(state, generation, on_match)
        write_page(state, Path(state.config.out) / PAGE)
    config = state.config
    if state.final is None and config.final_games and state.best != config.model:
        name = f"final-{Path(state.best).name}"  # a later night may have another best model
        state.final = _match(state, state.path_of(state.best), config.model, name, config.final_games, None, on_match)
        state.save()
    write_page(state, Path(config.out) / PAGE)
    return state


def _next(state: State) -> Generation | None:
    """The generation to go on with or to begin; None when there is no time for another."""
    config, done = state.config, state.generations
    if done and done[-1].test is None:
        return done[-1]
    if config.generations and len(done) >= config.generations:
        return None
    if done and state.seconds * (1 + 1 / len(done)) > 3600 * config.hours:
        return None
    state.final = None
    state.generations.append(Generation(len(done) + 1, state.best))
    state.save()
    return state.generations[-1]


@contextmanager
def _timed(state: State, generation: Generation) -> Iterator[None]:
    """Count the time of a step, also of one that is interrupted, and save where the run stands."""
    begun = time.monotonic()
    try:
        yield
    finally:
        generation.seconds += time.monotonic() - begun
        state.save()


# --- the games


@dataclasses.dataclass(frozen=True)
class _Part:
    """Some games of a generation: their file, how they are made, and how many."""

    path: Path
    recipe: Recipe
    games: int


def _parts(config: ImproveConfig, number: int, model: str) -> list[_Part]:
    """The games of a generation: some deeper than the rest, half of each from the start, half after random moves."""
    deep = round(config.games * config.deep_share)
    parts = []
    for name, games, nodes in (("deep", deep, _DEEPER * config.nodes), ("quick", config.games - deep, config.nodes)):
        player = f"search:{model},nodes={nodes},temperature={config.temperature}"
        for start, count, plies in (("start", games // 2, 0), ("random", games - games // 2, config.random_plies)):
            seed = int(np.random.SeedSequence([config.seed, number, nodes, start == "random"]).generate_state(1)[0])
            recipe = Recipe(
                (player, player), random_plies=plies, max_plies=config.max_plies, seed=seed, keeps_search=True
            )
            parts.append(_Part(Path(config.out) / "games" / f"{number:03}-{name}-{start}.parquet", recipe, count))
    return [part for part in parts if part.games]


def _play(state: State, generation: Generation) -> None:
    """Let the best model play against itself; files that are there stay as they are."""
    config = state.config
    (Path(config.out) / "games").mkdir(exist_ok=True)
    parts = _parts(config, generation.number, state.path_of(generation.begins_with))
    ProgressBar.write(f"generation {generation.number}: {counted(config.games, 'game')} of {generation.begins_with}")
    with ProgressBar(total=config.games, unit="game") as bar:
        for part in parts:
            if not part.path.exists():
                generate_games(
                    part.recipe,
                    part.path,
                    part.games,
                    processes=config.processes or os.cpu_count() or 1,
                    on_start=lambda report: bar.update(report.games_before),
                    on_game=lambda plies: bar.update(),
                )
            else:
                bar.update(part.games)
    batches = [batch for part in parts for batch in read_corpus(part.path)]
    generation.games, generation.plies = sum(map(len, batches)), sum(len(batch.moves) for batch in batches)


# --- the training


class _Learner(Trainer):
    """A trainer that reads so many games of the mix beside its own, and says what held-out games cost before and after.

    ``before`` and ``after`` are nats a move on them, None where none is held out.
    """

    def __init__(
        self, store: TokenStore, config: TrainConfig, *positional: Any, mix_share: float, **named: Any
    ) -> None:
        super().__init__(store, config, *positional, **named)
        self.before: float | None = None
        self.after: float | None = None
        own = np.array([name == SELF_PLAY for name in store.kind_names])[store.kinds[self.games]]
        self.games = mix_games(self.games[own], self.games[~own], mix_share)

    def run(self) -> Any:
        """Measure, train, measure."""
        judged = np.array([sequence.game for group in self.held_out for sequence in group], np.int64)
        self.before = self._nats(load_model(find_model(self.config.start_from)).to(self.device), judged)
        scores = super().run()
        self.after = self._nats(self.model, judged)
        return scores

    def _nats(self, model: Gpt, games: npt.NDArray[np.int64]) -> float | None:
        match = match_moves(predict_games(model, self.loader, games))
        return match.nats if match else None


def _learn(state: State, generation: Generation) -> None:
    """Train on from the best model with the games of the last generations and the mix."""
    config, out = state.config, _new_model(state.config, generation.number)
    if (out / "settings.json").is_file():
        training = resumed_config(str(out), {})
    else:
        newest = range(max(1, generation.number - config.window + 1), generation.number + 1)
        files = [str(part.path) for number in newest for part in _parts(config, number, "")]
        plies = sum(g.plies for g in state.generations[-config.window :])
        training = _training(config, state.path_of(generation.begins_with), files, out, plies, generation.number)
    learners: list[_Learner] = []

    def make_trainer(*positional: Any, **named: Any) -> _Learner:
        learners.append(_Learner(*positional, mix_share=config.mix_share, **named))
        return learners[-1]

    train(training, make_trainer=make_trainer)
    (learner,) = learners
    generation.before, generation.after = learner.before, learner.after
    generation.steps, generation.is_trained = learner.progress.step, True


def _training(
    config: ImproveConfig, model: str, files: Sequence[str], out: Path, plies: int, number: int
) -> TrainConfig:
    """What the trainer is told: so many passes over ``plies`` of own games, those of the mix beside them, low rates."""
    usual = resolve_defaults(TrainConfig(start_from=model), read_config(find_model(model)))
    return TrainConfig(
        corpus=(*files, *config.mix),
        out=str(out),
        steps=max(1, math.ceil(config.passes * plies / (1 - config.mix_share) / config.batch_plies)),
        start_from=model,
        batch_plies=config.batch_plies,
        loser_weight=1.0,
        matrix_rate=usual.matrix_rate * config.rate_share,
        table_rate=usual.table_rate * config.rate_share,
        warmup=0.1,
        seed=config.seed + number,
        threads=config.threads,
        device=config.device,
        precision=config.precision,
    )


# --- the test


def _test(state: State, generation: Generation, on_match: OnMatch) -> None:
    """Let the new model meet the best so far; it is taken on if the test, or at its end the interval, says better."""
    config, name = state.config, f"{generation.number:03}"
    new, old = str(_new_model(config, generation.number)), state.path_of(generation.begins_with)
    test = _match(state, new, old, name, config.gate_games, config.sprt, on_match)
    decision = test["sprt"]["accepted"]
    generation.accepted = decision == _ACCEPTED or (decision is None and test["elo_low"] > 0)
    generation.test = test
    if generation.accepted:
        state.best = f"{MODELS}/{name}"
    verdict = "taken on" if generation.accepted else "not taken on"
    interval = f"{signed(test['elo'])} ({signed_interval(test['elo_low'], test['elo_high'])})"
    ProgressBar.write(f"generation {generation.number}: {verdict}, Elo {interval}")


def _match(
    state: State, first: str, second: str, name: str, games: int, sprt: str | None, on_match: OnMatch
) -> dict[str, Any]:
    """Play a match of two models at equal nodes, or go on with it; its games go into a PGN."""
    config = state.config
    folder = Path(config.out) / "matches"
    folder.mkdir(exist_ok=True)
    players = [f"search:{model},nodes={config.nodes}" for model in (first, second)]
    plan = plan_match(players, games=games, seed=config.seed, sprt=sprt, random_plies=config.random_plies)
    with plan.open(str(folder / f"{name}.pgn")) as file:
        standings = plan.play(
            file,
            workers=config.processes or os.cpu_count() or 1,
            on_progress=lambda standings: on_match(name, standings, games),
        )
    return standings.as_dict()
