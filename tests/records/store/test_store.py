"""The training store: what goes in comes out, splits hold together, and damage is named."""

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pytest
from random_games import random_game

from xiangqi_gpt.records import Game, GameBatch, batch_from_games
from xiangqi_gpt.records.store.token_store import SPLITS, StoreError, assign_splits, build_store, open_store
from xiangqi_gpt.records.store.tokenize import tokenize
from xiangqi_gpt.rules import MIRROR, Board


def _games(count: int, plies: int = 40, fen: str | None = None) -> list[Game]:
    random = np.random.default_rng(count)
    games = []
    for i in range(count):
        board = random_game(random, plies, Board(fen) if fen else None)
        games.append(Game.from_board(board, result=("1-0", "0-1", "*")[i % 3], Kind="master", Source=f"s{i % 2}"))
    return games


@pytest.fixture(scope="module")
def batch() -> GameBatch:
    return batch_from_games(_games(30))


def test_everything_comes_back(batch: GameBatch, tmp_path: Path) -> None:
    other = batch_from_games(_games(3, 5, "3k5/9/9/9/9/9/9/9/4R4/5K3 b - - 0 1"))
    store = build_store([batch, other], tmp_path / "tokens")
    assert (store.games, store.plies) == (33, 30 * 40 + 15)
    assert np.array_equal(store.moves, np.concatenate([batch.moves, other.moves]))
    assert np.array_equal(store.offsets[:31], batch.offsets)
    assert store.offsets[-1] == store.plies
    assert np.array_equal(store.results[:30], batch.results)
    assert [store.source_names[s] for s in store.sources[:4]] == ["s0", "s1", "s0", "s1"]
    assert store.roots.tolist() == [0] * 30 + [1] * 3
    assert store.root_sides.tolist() == [0, 1]
    assert np.array_equal(store.root_boards[1], Board("3k5/9/9/9/9/9/9/9/4R4/5K3 b - - 0 1").squares)


def test_a_result_that_sources_disagree_about_is_unknown(tmp_path: Path) -> None:
    games = _games(2)
    games[0].add_flag("result_conflict")
    assert build_store([batch_from_games(games)], tmp_path / "tokens").results.tolist() == [3, 2]


def test_a_game_its_mirror_image_and_games_with_its_opening_fall_into_one_split() -> None:
    batch = batch_from_games(_games(300))
    splits = assign_splits(batch.moves, batch.offsets)
    assert np.array_equal(splits, assign_splits(MIRROR[batch.moves].astype(np.uint16), batch.offsets))
    changed = batch.moves.copy()
    changed[batch.offsets[:-1] + 35] = 0  # a late move does not matter, an early one does
    assert np.array_equal(splits, assign_splits(changed, batch.offsets))
    changed[batch.offsets[:-1] + 5] = 0
    assert not np.array_equal(splits, assign_splits(changed, batch.offsets))


def test_about_two_percent_are_held_out_for_each_purpose() -> None:
    random = np.random.default_rng(0)
    moves = random.integers(0, 2086, 200_000).astype(np.uint16)
    splits = assign_splits(moves, np.arange(0, 200_001, 20))
    for name in ("validation", "test"):
        assert 0.014 < (splits == SPLITS[name]).mean() < 0.026


def test_an_existing_folder_is_not_touched(batch: GameBatch, tmp_path: Path) -> None:
    (tmp_path / "tokens").mkdir()
    with pytest.raises(StoreError, match="exists already"):
        build_store([batch], tmp_path / "tokens")


def test_nothing_is_left_when_there_are_no_games_or_reading_fails(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no game"):
        build_store([], tmp_path / "tokens")

    def failing() -> object:
        yield batch_from_games(_games(2))
        raise RuntimeError("the disk caught fire")

    with pytest.raises(RuntimeError):
        build_store(failing(), tmp_path / "tokens")  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_more_sources_than_can_be_numbered_are_an_error(batch: GameBatch, tmp_path: Path) -> None:
    sources = [str(number) for number in range(2**15 + 1)]
    games = [Game(tags={"Source": source}) for source in sources]
    with pytest.raises(StoreError, match=r"more than 32,768 different kinds or sources; the last is '32768'"):
        build_store([batch_from_games(games)], tmp_path / "tokens")


def _cut_moves(folder: Path) -> None:
    path = folder / "moves.bin"
    path.write_bytes(path.read_bytes()[:-2])


def _other_version(folder: Path) -> None:
    path = folder / "store.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": 99}))


def _put(name: str, place: int, byte: int) -> Callable[[Path], object]:
    """A change of one byte."""

    def damage(folder: Path) -> None:
        content = bytearray((folder / f"{name}.bin").read_bytes())
        content[place] = byte
        (folder / f"{name}.bin").write_bytes(content)

    return damage


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_put("moves", 1, 255), "moves.bin is damaged"),
        (_put("offsets", 0, 1), "offsets.bin is damaged"),
        (_put("offsets", 14, 1), "offsets.bin is damaged"),
        (_put("roots", 0, 7), "roots.bin is damaged"),
        (_put("roots", 3, 255), "roots.bin is damaged"),
        (_put("root_boards", 4, 99), "root_boards.bin is damaged"),
        (_put("root_boards", 4, 0), "root_boards.bin is damaged"),
        (_put("root_sides", 0, 2), "root_sides.bin is damaged"),
        (_put("kinds", 1, 127), "kinds.bin is damaged"),
        (_cut_moves, "moves.bin has 2398 bytes, expected 2400"),
        (_other_version, "not a training store of version 1"),
        (lambda folder: (folder / "store.json").write_text("{"), "store.json is damaged"),
        (lambda folder: (folder / "store.json").write_text('{"version": 1}'), "store.json is damaged"),
        (lambda folder: (folder / "store.json").unlink(), "no training store"),
        (lambda folder: (folder / "cp.bin").unlink(), "cp.bin has 0 bytes"),
    ],
)
def test_damage_is_named(batch: GameBatch, tmp_path: Path, damage: object, words: str) -> None:
    build_store([batch], tmp_path / "tokens")
    damage(tmp_path / "tokens")  # type: ignore[operator]
    with pytest.raises(StoreError, match=words):
        open_store(tmp_path / "tokens")


def test_a_corpus_whose_games_all_break_names_the_first(tmp_path: Path) -> None:
    duckdb.sql(f"COPY (SELECT 'h2e2 h2e2' AS moves) TO '{tmp_path}/broken.parquet' (FORMAT parquet)")
    with pytest.raises(StoreError, match=r"no game that can be used: .*broken.parquet, game 1, ply 2: h2e2 is not"):
        tokenize(tmp_path / "broken.parquet", tmp_path / "tokens", progress=False)
    assert not (tmp_path / "tokens").exists()
