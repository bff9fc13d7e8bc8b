"""``update``: new games are merged in, the last model goes on, and the two are compared."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from random_games import random_game

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.inference.model_folder import CONFIG
from xiangqi_gpt.records import Game, read_games, write_corpus, write_pgn
from xiangqi_gpt.records.store.token_store import open_store
from xiangqi_gpt.training.data.games_read import load_games_read
from xiangqi_gpt.training.run.progress_report import read_metrics
from xiangqi_gpt.training.run.trainer import Trainer

STEP = ("--threads", "1", "--batch-plies", "256", "--precision", "fp32")


def _games(seed: int, count: int) -> list[Game]:
    random = np.random.default_rng(seed)
    return [Game.from_board(random_game(random, 16), result="1-0", Kind="master") for _ in range(count)]


@pytest.fixture(scope="module")
def may(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``old.parquet``, the model ``may`` that has read it, and ``june.pgn``, new games and old ones."""
    folder = tmp_path_factory.mktemp("months")
    old, new = _games(1, 60), _games(2, 12)
    write_corpus(old, folder / "old.parquet")
    write_pgn([*new, *old[:5]], folder / "june.pgn")
    train = ["train", "--corpus", str(folder / "old.parquet"), "--preset", "nano", "--steps", "3", *STEP]
    assert main([*train, "--out", str(folder / "may")]) == 0
    return folder


def _june(may: Path, out: Path) -> list[str]:
    corpus = ["--corpus", str(may / "old.parquet"), "--steps", "3"]
    return ["update", str(may / "may"), str(may / "june.pgn"), *corpus, *STEP, "--out", str(out)]


@pytest.mark.slow
def test_a_month(may: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "june"
    before = json.loads((may / "may" / CONFIG).read_text())
    assert main([*_june(may, out), "--games", "4"]) == 0
    said = capsys.readouterr().out
    assert "games that the model has not read" in said
    assert "better than before: " in said
    assert "match against the last model, 4 games: " in said and "Elo" in said
    assert len(list(read_games(out / "corpus.parquet"))) == 72  # what was there already counts once
    assert len(list(read_games(out / "match.pgn"))) == 4
    old, new = load_games_read(may / "may"), load_games_read(out)
    assert new.includes(old.keys).all() and len(new.keys) > len(old.keys)
    card = (out / "card.md").read_text()
    assert "xiangqi-gpt update" in card and "- Match against" in card
    assert json.loads((may / "may" / CONFIG).read_text()) == before  # the last model stays as it was
    rates = json.loads((out / "settings.json").read_text())
    usual = json.loads((may / "may" / "settings.json").read_text())
    assert rates["matrix_rate"] == pytest.approx(0.1 * usual["matrix_rate"])

    july = tmp_path / "july.pgn"  # next month the corpus is found beside the model
    write_pgn(_games(3, 10), july)
    assert (
        main(["update", str(out), str(july), "--steps", "1", "--games", "0", *STEP, "--out", str(tmp_path / "7")]) == 0
    )
    assert len(list(read_games(tmp_path / "7" / "corpus.parquet"))) == 82

    capsys.readouterr()
    assert main(["update", str(out), str(july), "--out", str(tmp_path / "7")]) == 2
    assert "is not empty: add --resume" in capsys.readouterr().err


@pytest.mark.slow
def test_new_games_are_read_as_often_as_asked(may: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Trainer] = []
    run = Trainer.run

    def watched(self: Trainer) -> object:
        seen.append(self)
        return run(self)

    monkeypatch.setattr(Trainer, "run", watched)
    assert main([*_june(may, tmp_path / "june"), "--games", "0", "--new-share", "0.25"]) == 0
    (trainer,) = seen
    store = trainer.loader.store
    from xiangqi_gpt.training.data.held_out import game_keys

    is_new = ~trainer.base.includes(game_keys(store, trainer.games))
    assert is_new.mean() == pytest.approx(0.25, abs=0.02)
    assert not set(trainer.games.tolist()) & set(trainer.judged.tolist())  # type: ignore[attr-defined]


class _Killed(BaseException):
    pass


@pytest.mark.slow
@pytest.mark.parametrize("place", ["store", "run", "match"])
def test_an_update_that_was_killed_goes_on(
    may: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def kill(*_: object, **__: object) -> None:
        raise _Killed

    out = tmp_path / "june"
    target = {
        "store": "xiangqi_gpt.training.run.train.write_settings",
        "run": "xiangqi_gpt.training.run.trainer.Trainer._finish",
        "match": "xiangqi_gpt.arena.tournament.match_plan.MatchPlan.play",
    }[place]
    with monkeypatch.context() as patch:
        patch.setattr(target, kill)
        with pytest.raises(_Killed):
            main([*_june(may, out), "--games", "2"])
    assert not (out / "match.pgn").exists()
    assert main(["update", "--resume", "--out", str(out)]) == 0
    assert len(list(read_games(out / "match.pgn"))) == 2
    assert [line["step"] for line in read_metrics(out) if "loss" in line] == [1, 2, 3]
    assert (out / "card.md").read_text().count("- Match against") == 1
    assert main(["update", "--resume", "--out", str(out)]) == 0  # nothing is left to do, and nothing is lost
    assert len(list(read_games(out / "match.pgn"))) == 2
    assert open_store(out / "tokens").games == 72


def test_what_cannot_be_updated_is_one_line(
    may: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refusal: Callable[[Sequence[str]], str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    out = ["--out", "run"]
    last, june = str(may / "may"), str(may / "june.pgn")
    assert "which games did" in refusal(["update", last, june, *out])
    assert "no such corpus: x.parquet" in refusal(["update", last, june, "--corpus", "x.parquet", *out])
    corpus = ["--corpus", str(may / "old.parquet")]
    assert "no such file: july.pgn" in refusal(["update", last, "july.pgn", *corpus, *out])
    assert "which games?" in refusal(["update", last, *out])
    assert "--new-share 0.0: expected" in refusal(["update", last, june, *corpus, "--new-share", "0", *out])
    assert "--games must be from 0" in refusal(["update", last, june, *corpus, "--games", "-1", *out])
    assert "no update to go on with" in refusal(["update", "--resume", *out])
    assert "leave out minutes" in refusal(["update", "--resume", "--minutes", "3", *out])
    assert not Path("run").exists()
    write_pgn(_games(1, 60)[:5], "known.pgn")
    assert main(["update", last, "known.pgn", *corpus, "--games", "0", *STEP, *out]) == 2
    assert "no new game: " in capsys.readouterr().err
