"""A corpus becomes a shuffled store: the same games, another order, the same order for the same seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from random_games import random_game
from record_games import shuffle

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.records import CorpusError, Game, write_corpus
from xiangqi_gpt.records.corpus.sql import memory_size
from xiangqi_gpt.records.store.token_store import StoreError, TokenStore
from xiangqi_gpt.records.store.tokenize import tokenize
from xiangqi_gpt.rules import Move


def _games(count: int) -> list[Game]:
    random = np.random.default_rng(7)
    boards = [random_game(random, 20) for _ in range(count)]
    return [
        Game.from_board(board, result="1-0", Kind="master", Date=str(1900 + number))
        for number, board in enumerate(boards)
    ]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    games = _games(200)
    games[0].add_flag("truncated")
    games[1].add_flag("prefix_of_other")
    path = tmp_path_factory.mktemp("corpus") / "corpus.parquet"
    write_corpus(games, path)
    return path


def _lines(store: TokenStore) -> list[bytes]:
    return [store.moves[a:b].tobytes() for a, b in zip(store.offsets[:-1], store.offsets[1:], strict=True)]


def test_the_order_is_random_and_the_same_for_the_same_seed(corpus: Path, tmp_path: Path) -> None:
    first, again, other = (
        _lines(tokenize(corpus, tmp_path / name, every_game=True, seed=seed, progress=False))
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    inside = [np.array([move.index for move in game.moves], np.uint16).tobytes() for game in _games(200)]
    assert first == again != other
    assert first != inside and sorted(first) == sorted(other) == sorted(inside)
    places = [inside.index(line) for line in first]
    assert abs(np.corrcoef(places, np.arange(200))[0, 1]) < 0.3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]


def test_games_that_are_no_whole_games_stay_out_unless_asked_for(corpus: Path, tmp_path: Path) -> None:
    assert tokenize(corpus, tmp_path / "a", progress=False).games == 198
    assert tokenize(corpus, tmp_path / "b", where="year >= 1990 or false", progress=False).games == 110


def test_what_cannot_be_done_is_said(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(StoreError, match="exists already"):
        tokenize(corpus, tmp_path / "there")
    with pytest.raises(StoreError, match="no game"):
        tokenize(corpus, tmp_path / "none", where="year = 1", progress=False)
    with pytest.raises(CorpusError, match="cannot select"):
        tokenize(corpus, tmp_path / "none", where="yea = 1", progress=False)
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    games = [Game(moves=[Move.from_iccs(word) for word in shuffle(4 * n).split()]) for n in range(1, 4)]
    write_corpus(games, tmp_path / "c.parquet")
    arguments = ["records", "tokenize", str(tmp_path / "c.parquet"), "--out", str(tmp_path / "tokens")]
    assert main(arguments) == 0
    assert capsys.readouterr().out.startswith(f"3 games, 24 plies in {tmp_path / 'tokens'}: train")
    assert main(arguments) == 2


@pytest.mark.parametrize(
    ("text", "size"), [("2GiB", 2 << 30), ("2g", 2 << 30), ("800MB", 800 << 20), ("1.5 GiB", 3 << 29)]
)
def test_memory_sizes(text: str, size: int) -> None:
    assert memory_size(text) == size


@pytest.mark.parametrize("text", ["", "2", "100MB", "many", "-2GiB"])
def test_no_memory_sizes(text: str) -> None:
    with pytest.raises(CorpusError, match="not a memory limit"):
        memory_size(text)
