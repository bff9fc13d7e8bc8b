"""The verdict at the end of a run: better, worse or undecided, and what cannot be known."""

import dataclasses
import re
from pathlib import Path

import duckdb
import numpy as np
import pytest

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.records.store.token_store import TokenStore
from xiangqi_gpt.training.config import TrainConfig
from xiangqi_gpt.training.evaluation.ply_predictions import Plies
from xiangqi_gpt.training.evaluation.verdict import beats_before, few_games, value_beats_guessing
from xiangqi_gpt.training.run.trainer import Trainer
from xiangqi_gpt.training.run.verdict import judge_run


def _plies(hits: np.ndarray, said: np.ndarray | None = None) -> Plies:
    """(G, T) whether the first choice of each ply of each game is right."""
    games, plies = hits.shape
    count = games * plies
    values = np.zeros((count, 3), np.float32)
    values[np.arange(count), np.repeat(np.arange(games) % 3, plies)] = 1
    return Plies(
        game=np.repeat(np.arange(games), plies),
        ply=np.tile(np.arange(plies), games),
        phase=np.zeros(count, np.int8),
        boards=np.zeros((count, 90), np.int8),
        sides=np.zeros(count, np.int8),
        target=np.zeros(count, np.int64),
        has_target=np.ones(count, np.bool_),
        nats=np.ones(count, np.float32),
        rank=np.where(hits.ravel(), 0, 5),
        legal_choice=np.ones(count, np.float32),
        legal_mass=np.ones(count, np.float32),
        greedy=np.zeros(count, np.float32),
        values=values,
        valued=np.ones(count, np.bool_),
        said=np.full((count, 3), 1 / 3, np.float32) if said is None else said.astype(np.float32),
    )


def test_the_answer_is_yes_no_or_undecided_by_the_interval() -> None:
    random = np.random.default_rng(0)
    poor, good, as_poor = (random.random((40, 50)) < share for share in (0.3, 0.5, 0.3))
    better = beats_before(_plies(poor), _plies(good))
    assert better.answer == "yes"
    assert re.fullmatch(r"better than before: yes \(\+\d+\.\d%, \+\d+\.\d% … \+\d+\.\d%\)", str(better))
    assert beats_before(_plies(good), _plies(poor)).answer == "no"
    assert beats_before(_plies(poor), _plies(as_poor)).answer == "undecided"
    alone = beats_before(_plies(poor[:1]), _plies(good[:1]))
    assert (alone.answer, str(alone)) == ("undecided", "better than before: undecided, one game cannot tell")


def test_a_value_head_is_compared_with_the_mean_result() -> None:
    hits = np.zeros((30, 10), np.bool_)
    truth = _plies(hits).values
    knows = value_beats_guessing(_plies(hits, 0.7 * truth + 0.1))
    wrong = value_beats_guessing(_plies(hits, 0.7 * np.roll(truth, 1, axis=1) + 0.1))
    assert knows is not None and wrong is not None
    assert (knows.answer, wrong.answer) == ("yes", "no")
    unknown = dataclasses.replace(_plies(hits), valued=np.zeros(300, np.bool_))
    assert value_beats_guessing(unknown) is None


def test_few_games_are_said() -> None:
    assert few_games(_plies(np.zeros((19, 2)))) == ["only 19 games to judge by: small differences cannot be seen"]
    assert few_games(_plies(np.zeros((20, 2)))) == []


def _config(out: Path, **settings: object) -> TrainConfig:
    usual = {"preset": "nano", "batch_plies": 128, "threads": 1, "checkpoint_every": 60.0, "precision": "fp32"}
    return TrainConfig(**(usual | {"out": str(out)} | settings))  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_run_that_learns_by_heart_is_told_so(store: TokenStore, tmp_path: Path) -> None:
    trainer = Trainer(store, _config(tmp_path / "run", steps=80))
    trainer.run()
    said = "\n".join(judge_run(trainer).lines)
    assert re.search(r"^better than the most frequent known reply: (yes|no|undecided) \(", said, re.M)
    assert re.search(rf"^overfits since step {trainer.progress.best_step} of 80: held-out nats rose from", said, re.M)
    assert re.search(r"^results guessed better than by their mean: (yes|no|undecided) \(", said, re.M)
    assert "only" in said and "games to judge by" in said


@pytest.mark.slow
def test_a_run_that_goes_on_is_compared_with_where_it_began(store: TokenStore, tmp_path: Path) -> None:
    Trainer(store, _config(tmp_path / "first", steps=2)).run()
    trainer = Trainer(store, _config(tmp_path / "second", steps=2, start_from=str(tmp_path / "first")))
    trainer.run()
    assert any(re.match(r"better than before: (yes|no|undecided) \(", line) for line in judge_run(trainer).lines)


@pytest.mark.parametrize("count", [1, 5])
def test_what_cannot_be_judged_is_said_from_the_command_to_the_card(
    count: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    games = ["h2e2 h9g7 h0g2 i9h9", "b2e2 b9c7", "c3c4 h7e7 h0g2", "g3g4 g6g5 b0c2", "h0g2 b7e7 c3c4"][:count]
    rows = ", ".join(f"('{moves}', 'red')" for moves in games)
    corpus = tmp_path / "games.parquet"
    duckdb.sql(f"COPY (SELECT * FROM (VALUES {rows}) AS t(moves, result)) TO '{corpus}' (FORMAT parquet)")
    arguments = ["--preset", "nano", "--steps", "2", "--threads", "1", "--patience", "3", "--precision", "fp32"]
    assert main(["train", "--corpus", str(corpus), *arguments, "--out", str(tmp_path / "run")]) == 0
    printed = capsys.readouterr().out
    card = (tmp_path / "run" / "card.md").read_text(encoding="utf-8")
    assert f"results in other words count as unknown: 'red' of {count} game" in printed
    if count == 1:
        assert "--patience 3 is without effect" in printed
        assert "nothing can be judged: no game was held out" in printed
        assert "Nothing can be judged" in card
    else:
        assert "no result known" in printed and "result 0.000" not in printed
        assert "only 1 game to judge by" in printed and "no held-out game has a result" in printed
        assert "| value_log_loss | not known |" in card and "## Verdict" in card
