"""Who is held out: fixed by a hash, enough of a small corpus, and met by nothing that is trained on."""

import dataclasses
import json
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from random_games import random_game

from xiangqi_gpt.records import Game, batch_from_games
from xiangqi_gpt.records.store.token_store import TEST, TRAIN, VALIDATION, TokenStore, build_store
from xiangqi_gpt.rules import MIRROR, MOVES, Board
from xiangqi_gpt.training.data.games_read import (
    NOTHING_READ,
    UNKNOWN_HISTORY,
    GamesRead,
    load_games_read,
    save_games_read,
)
from xiangqi_gpt.training.data.held_out import ENOUGH_GAMES, divide, enough, game_keys, without_duplicates
from xiangqi_gpt.training.errors import TrainingError


def _game(moves: Sequence[str], result: str = "*") -> Game:
    board = Board()
    for move in moves:
        board.push_text(move)
    return Game.from_board(board, result=result, Kind="master", Source="test")


def _mirrored(game: Game) -> Game:
    return Game(
        [MOVES[MIRROR[move.index]] for move in game.moves], root=game.root, result=game.result, tags=dict(game.tags)
    )


def _random_games(count: int, plies: int, seed: int = 0) -> list[Game]:
    random = np.random.default_rng(seed)
    return [Game.from_board(random_game(random, plies), Kind="master", Source="test") for _ in range(count)]


def _store(games: list[Game], folder: Path) -> TokenStore:
    return build_store([batch_from_games(games)], folder)


def _all(store: TokenStore) -> np.ndarray:
    return np.arange(store.games)


#: Two ways to one position.
_ONE_WAY = ("a3a4", "a6a5", "c3c4", "c6c5")
_OTHER_WAY = ("c3c4", "c6c5", "a3a4", "a6a5")


def test_a_key_is_that_of_the_position_after_thirty_plies_or_at_the_end(tmp_path: Path) -> None:
    long = _random_games(1, 60)[0]
    cut = Game(list(long.moves[:30]), result=long.result)
    shorter = Game(list(long.moves[:29]), result=long.result)
    games = [_game(_ONE_WAY), _game(_OTHER_WAY), _mirrored(_game(_ONE_WAY)), long, cut, _mirrored(long), shorter]
    keys = game_keys(store := _store(games, tmp_path / "tokens"), _all(store)).tolist()
    assert keys[0] == keys[1] == keys[2]
    assert keys[3] == keys[4] == keys[5]
    assert len(set(keys)) == 3


def test_a_key_knows_who_moves_and_where_the_game_began(tmp_path: Path) -> None:
    games = [Game(moves=[], root=f"3k5/9/9/9/9/9/9/9/9/4K1R2 {side} - - 0 1") for side in "wb"]
    store = _store([*games, *_random_games(1, 4)], tmp_path / "tokens")
    assert len(np.unique(game_keys(store, _all(store)))) == 3


def test_who_is_held_out_by_the_hash_stays_so(tmp_path: Path) -> None:
    store = _store(_random_games(300, 12), tmp_path / "tokens")
    division = divide(store, _all(store))
    assert set(store.select(VALIDATION)) <= set(division.validation)
    assert division.test.tolist() == store.select(TEST).tolist()
    assert not set(division.train) & (set(division.validation) | set(division.test))
    assert len(division.validation) == ENOUGH_GAMES
    plain = divide(store, _all(store), wanted=0)
    assert plain.validation.tolist() == store.select(VALIDATION).tolist()


def test_further_games_are_the_same_when_others_come_or_chance_differs(tmp_path: Path) -> None:
    games = _random_games(120, 12)
    first, second = _store(games, tmp_path / "a"), _store(games[::-1], tmp_path / "b")
    chosen = [set(game_keys(s, divide(s, _all(s)).validation)) for s in (first, second)]
    assert chosen[0] == chosen[1]


@pytest.mark.parametrize("count", [2, 3, 10, 38])
def test_a_small_corpus_holds_out_a_share_and_keeps_games_to_train_on(tmp_path: Path, count: int) -> None:
    store = _store(_random_games(count, 12), tmp_path / "tokens")
    division = divide(store, _all(store))
    assert len(division.validation) >= enough(count) >= 1
    assert len(division.train) >= 1


def test_one_game_is_trained_on_and_that_nothing_can_be_judged_is_said(tmp_path: Path) -> None:
    store = _store(_random_games(1, 12), tmp_path / "tokens")
    store = dataclasses.replace(store, splits=np.array([TRAIN], np.int8))
    division = divide(store, _all(store))
    assert (len(division.train), len(division.validation)) == (1, 0)
    assert any("nothing will say how good" in line for line in division.notes())


def test_no_game_is_trained_on_that_reaches_the_position_of_a_held_out_one(tmp_path: Path) -> None:
    games = [_game(_ONE_WAY), _game(_OTHER_WAY), _mirrored(_game(_OTHER_WAY, "1-0")), *_random_games(8, 12)]
    store = _store(games, tmp_path / "tokens")
    splits = np.full(store.games, TRAIN, np.int8)
    for held in (VALIDATION, TEST):
        splits[0] = held
        division = divide(dataclasses.replace(store, splits=splits), _all(store), wanted=0)
        assert not {0, 1, 2} & set(division.train)
        assert (division.too_near, division.duplicates) == (1, 1)
        assert "the same position" in " ".join(division.notes())


def test_games_held_out_of_another_kind_are_avoided_too(tmp_path: Path) -> None:
    games = [_game(_ONE_WAY), _game(_OTHER_WAY), *_random_games(4, 12)]
    store = _store(games, tmp_path / "tokens")
    store = dataclasses.replace(store, splits=np.array([TEST, 0, 0, 0, 0, 0], np.int8))
    assert 1 not in divide(store, np.arange(1, 6), wanted=0).train


def test_a_duplicate_counts_once_and_the_one_with_a_result_stays(tmp_path: Path) -> None:
    plain, known = _game(_ONE_WAY), _game(_ONE_WAY, "1-0")
    longer = _game((*_ONE_WAY, "e0e1"))
    store = _store([plain, _mirrored(known), known, longer], tmp_path / "tokens")
    assert without_duplicates(store, _all(store)).tolist() == [1, 3]
    assert without_duplicates(store, _all(store), preferred=np.array([0])).tolist() == [0, 3]


def test_what_a_model_has_read_does_not_judge_it(tmp_path: Path) -> None:
    store = _store(_random_games(100, 12), tmp_path / "tokens")
    keys = game_keys(store, _all(store))
    read = GamesRead(np.sort(keys[:60]), is_complete=True)
    division = divide(store, _all(store), read=read)
    assert len(division.validation) >= 15
    assert division.validation.min() >= 60
    assert not set(division.train) & set(division.validation)
    everything = divide(store, _all(store), read=GamesRead(np.sort(keys), is_complete=True))
    assert len(everything.validation) == len(everything.test) == 0
    assert len(everything.train)
    few = divide(store, _all(store), judged=np.arange(70), wanted=20, read=read)
    assert 1 <= len(few.validation) <= 10
    assert any(f"{few.familiar} new games cannot judge the model" in line for line in few.notes())
    enough_left = divide(store, _all(store), judged=np.arange(70), wanted=1, read=read)
    assert enough_left.familiar == 0


def test_a_history_is_kept_beside_a_model(tmp_path: Path) -> None:
    assert load_games_read(tmp_path) is UNKNOWN_HISTORY
    read = NOTHING_READ.joined(np.array([5, 2**63, 5], np.uint64))
    save_games_read(read, tmp_path)
    back = load_games_read(tmp_path)
    assert (back.keys.tolist(), back.is_complete) == ([5, 2**63], True)
    assert (tmp_path / "games_read.safetensors").stat().st_size < 2 * 8 + 200
    save_games_read(UNKNOWN_HISTORY.joined(back.keys), tmp_path)
    assert not load_games_read(tmp_path).is_complete
    (tmp_path / "games_read.safetensors").write_bytes(b"rubbish")
    with pytest.raises(TrainingError, match=r"games_read.safetensors cannot be read"):
        load_games_read(tmp_path)


@pytest.mark.parametrize(("kind", "shape"), [("BF16", [32]), ("F8_E4M3", [64]), ("F4", [128]), ("U64", [2, 4])])
def test_a_history_of_another_kind_is_damaged(tmp_path: Path, kind: str, shape: list[int]) -> None:
    header = json.dumps({"keys": {"dtype": kind, "shape": shape, "data_offsets": [0, 64]}}).encode()
    path = tmp_path / "games_read.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(64))
    with pytest.raises(TrainingError, match="expected a row of 64-bit keys"):
        load_games_read(tmp_path)
