"""Which games are read: conditions over the columns of a corpus, and sources read more or less often."""

from pathlib import Path

import numpy as np
import pytest
from random_games import random_game

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.records import Game, write_corpus, write_pgn
from xiangqi_gpt.records.store.token_store import TokenStore, build_store
from xiangqi_gpt.training.config import FinetuneConfig, TrainConfig
from xiangqi_gpt.training.data.corpus_choice import game_condition, repeated, repeats_by_source
from xiangqi_gpt.training.errors import TrainingError
from xiangqi_gpt.training.evaluation.evaluate_model import whole_games
from xiangqi_gpt.training.recipes.new_games import read_new_games
from xiangqi_gpt.training.run.train import build
from xiangqi_gpt.training.run.trainer import Trainer


def _games() -> list[Game]:
    """60 games: of 1990 and 2010, from two sources, one in three between rated players."""
    random = np.random.default_rng(3)
    return [
        Game.from_board(
            random_game(random, 10),
            result="1-0",
            Kind="master",
            Source=("old book", "club")[i % 2],
            Date=f"{(1990, 2010)[i % 2]}.01.01",
            **({"RedElo": "2300", "BlackElo": str(2000 + 10 * i)} if i % 3 == 0 else {}),
        )
        for i in range(60)
    ]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "games.parquet"
    write_corpus(_games(), path)
    return path


@pytest.fixture(scope="module")
def store(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> TokenStore:
    return build_store(whole_games([corpus]), tmp_path_factory.mktemp("store") / "tokens")


@pytest.mark.parametrize(
    ("settings", "count"),
    [
        ({"where": "result = '1-0'"}, 60),
        ({"where": "red_elo = 2300 or year = 1990"}, 40),
        ({"where": "red_elo = 2300 or year = 1990", "years": "2000-"}, 10),
        ({"years": "1990"}, 30),
        ({"years": "-2009"}, 30),
        ({"years": "1985-1995"}, 30),
        ({"least_rating": 2200}, 13),
    ],
)
def test_only_the_games_that_meet_the_condition_are_read(
    corpus: Path, tmp_path: Path, settings: dict[str, object], count: int
) -> None:
    config = TrainConfig(corpus=(str(corpus),), **settings)  # type: ignore[arg-type]
    assert build(config, tmp_path / "tokens", lambda text: None).games == count
    finetuning = FinetuneConfig(files=(str(corpus),), **settings)  # type: ignore[arg-type]
    assert len(list(read_new_games(finetuning, []))) == count


@pytest.mark.parametrize("years", ["soon", "2010-1990", "-", "19", "1990--2000"])
def test_years_that_cannot_be_read(years: str) -> None:
    with pytest.raises(TrainingError, match=f"^--years {years}: expected years like"):
        game_condition(years=years)


def test_a_source_is_read_as_often_as_it_weighs(store: TokenStore) -> None:
    games = np.arange(store.games)
    club = np.asarray(store.sources) == store.source_names.index("club")
    repeats = repeats_by_source(store, ["club=2.5", "old book=0"])
    passes = [repeated(games, repeats, 1, epoch) for epoch in range(40)]
    assert all(club[read].all() for read in passes)
    counts = np.bincount(np.concatenate(passes), minlength=store.games)[club] / len(passes)
    assert counts.mean() == pytest.approx(2.5, abs=0.05)
    assert all(set(np.bincount(read, minlength=store.games)[club]) == {2, 3} for read in passes)
    assert np.array_equal(repeated(games, repeats, 1, 3), passes[3])  # a run that goes on reads the same
    assert repeated(games, repeats_by_source(store, []), 1, 0) is games


@pytest.mark.slow
def test_a_source_that_weighs_nothing_is_not_read_and_not_counted_as_read(store: TokenStore, tmp_path: Path) -> None:
    usual = {"preset": "nano", "batch_plies": 256, "threads": 1, "precision": "fp32", "steps": 1}
    every = Trainer(store, TrainConfig(out=str(tmp_path / "a"), **usual))  # type: ignore[arg-type]
    club = Trainer(store, TrainConfig(out=str(tmp_path / "b"), source_weights=("old book=0",), **usual))  # type: ignore[arg-type]
    assert 0 < len(club.games) < len(every.games)
    assert {store.source_names[i] for i in np.asarray(store.sources)[club.games]} == {"club"}
    assert len(club.games_read.keys) < len(every.games_read.keys)
    assert np.array_equal(club.division.validation, every.division.validation)
    with pytest.raises(TrainingError, match="--source-weights leaves out every source"):
        Trainer(store, TrainConfig(out=str(tmp_path / "c"), source_weights=("old book=0", "club=0"), **usual))  # type: ignore[arg-type]


@pytest.mark.parametrize("command", [["train"], ["finetune", "default"], ["evaluate", "default"]])
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--where", "year >"], "cannot select games where"),
        (["--where", "yaer > 3"], "no column yaer: did you mean year?"),
        (["--where", "true; select 1"], "cannot select games where"),
        (["--where", "year > 3000"], "where (year > 3000)"),
        (["--years", "soon"], "--years soon: expected years like 1990-2010"),
        (["--least-rating", "-1"], "--least-rating"),
    ],
)
def test_a_bad_choice_is_one_line(
    command: list[str],
    arguments: list[str],
    words: str,
    corpus: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = [] if command[0] == "evaluate" else ["--out", str(tmp_path / "run")]
    files = [str(corpus)] if command[0] == "finetune" else ["--corpus", str(corpus)]
    try:
        assert main([*command, *files, *arguments, *out]) == 2
    except SystemExit as end:
        assert end.code == 2
    said = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("computing in")]
    assert len(said) == 1 and words in said[0], said
    assert not (tmp_path / "run" / "tokens").exists()


@pytest.mark.parametrize("command", [["train"], ["finetune", "default"], ["evaluate", "default"]])
def test_a_condition_needs_a_corpus(command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "games.pgn"
    write_pgn(_games()[:3], path)
    out = [] if command[0] == "evaluate" else ["--out", str(tmp_path / "run")]
    files = [str(path)] if command[0] == "finetune" else ["--corpus", str(path)]
    assert main([*command, *files, "--where", "year > 3", *out]) == 2
    assert "choose games of a corpus; make one with xiangqi-gpt records import" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["club", "club=many", "=2", "club=-1", "club=inf"])
def test_a_weight_that_is_none(store: TokenStore, text: str) -> None:
    with pytest.raises(TrainingError, match=f"^--source-weights {text}: expected SOURCE=W"):
        repeats_by_source(store, [text])


def test_a_source_that_is_not_there(store: TokenStore) -> None:
    with pytest.raises(TrainingError, match="no game of this source; did you mean club"):
        repeats_by_source(store, ["clubb=2"])
