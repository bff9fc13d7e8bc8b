"""The rules for many boards at once agree with the rules for one."""

from itertools import pairwise

import numpy as np
import pytest
from random_games import random_game
from rules_helpers import random_placement

from xiangqi_gpt.rules import MOVE_COUNT, Board, Move, legal_mask, push_batch, replay_games, stack_boards
from xiangqi_gpt.rules.batch import Boards, Sides


@pytest.fixture(scope="module")
def positions() -> list[Board]:
    rng = np.random.default_rng(5)
    return [random_game(rng, int(rng.integers(100))) for _ in range(60)] + [random_placement(rng) for _ in range(60)]


@pytest.fixture
def batch(positions: list[Board]) -> tuple[Boards, Sides]:
    return stack_boards(positions)


def test_masks_hold_the_legal_moves(positions: list[Board], batch: tuple[Boards, Sides]) -> None:
    mask = legal_mask(*batch)
    assert mask.shape == (len(positions), MOVE_COUNT)
    for row, board in zip(mask, positions, strict=True):
        assert set(np.flatnonzero(row)) == {move.index for move in board.legal_moves}


def test_a_reused_mask_keeps_nothing_of_its_last_use(batch: tuple[Boards, Sides]) -> None:
    out = np.ones((len(batch[0]), MOVE_COUNT), np.bool_)
    assert legal_mask(*batch, out=out) is out
    assert (out == legal_mask(*batch)).all()


def test_pushing_a_batch_is_pushing_each(positions: list[Board], batch: tuple[Boards, Sides]) -> None:
    boards, sides = batch
    keep = [i for i, board in enumerate(positions) if board.legal_moves]
    boards, sides = boards[keep], sides[keep]
    moves = np.array([next(iter(positions[i].legal_moves)).index for i in keep], np.int16)
    push_batch(boards, sides, moves)
    for i, squares, side in zip(keep, boards, sides, strict=True):
        after = positions[i].copy()
        after.push(next(iter(after.legal_moves)))
        assert (squares == after.squares).all()
        assert side == after.turn


def _games(count: int) -> list[Board]:
    rng = np.random.default_rng(9)
    return [random_game(rng, int(rng.integers(120))) for _ in range(count)]


def _packed(games: list[Board]) -> tuple[np.ndarray, np.ndarray]:
    moves = np.array([move.index for game in games for move in game.move_stack], np.uint16)
    return moves, np.cumsum([0, *(len(game.move_stack) for game in games)])


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_replaying_legal_games_plays_all_their_moves(threads: int) -> None:
    games = _games(20)
    moves, offsets = _packed(games)
    boards, sides = stack_boards([Board()] * len(games))
    played = replay_games(moves, offsets, boards, sides, threads=threads)
    assert played.tolist() == [len(game.move_stack) for game in games]
    assert (boards == stack_boards(games)[0]).all()
    assert replay_games(moves, offsets, threads=threads).tolist() == played.tolist()


def test_replaying_stops_at_the_first_illegal_move() -> None:
    games = [game for game in _games(20) if len(game.move_stack) > 10]
    moves, offsets = _packed(games)
    for game, (first, last) in enumerate(pairwise(offsets)):
        broken = moves.copy()
        ply = (last - first) // 2
        broken[first + ply] = Move.from_iccs("a0a9").index if game % 2 else MOVE_COUNT + 5
        assert replay_games(broken, offsets)[game] == ply


def test_wrong_arrays_are_refused(batch: tuple[Boards, Sides]) -> None:
    boards, sides = batch
    with pytest.raises(ValueError, match=r"boards must be a contiguous int8\[120, 90\], not int64\[120, 90\]"):
        legal_mask(boards.astype(np.int64), sides)
    with pytest.raises(ValueError, match=r"sides must be a contiguous int8\[120\], not int8\[119\]"):
        legal_mask(boards, sides[1:])
    with pytest.raises(ValueError, match="out must be"):
        legal_mask(boards, sides, np.empty((120, 7), np.bool_))
    with pytest.raises(ValueError, match="boards must be a contiguous"):
        legal_mask(boards[:, ::-1], sides)
    with pytest.raises(ValueError, match="moves are numbers from 0 to 2085, found -1 to -1"):
        push_batch(boards, sides, np.full(120, -1, np.int16))
    with pytest.raises(ValueError, match="offsets must rise"):
        replay_games(np.zeros(3, np.uint16), np.array([0, 2]))
    with pytest.raises(ValueError, match="there are 1 games but 120 boards"):
        replay_games(np.zeros(3, np.uint16), np.array([0, 3]), boards, sides)
