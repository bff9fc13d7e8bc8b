"""The features kernels against a slow reading of the same facts through ``Board``."""

import numpy as np
import pytest
from random_games import random_game

from xiangqi_gpt.rules import BLACK, MOVES, RED, ROTATE, Board, Move, kernels, position_features
from xiangqi_gpt.rules.pieces import color_of, type_of


def _see(board: Board) -> tuple[list[int], np.ndarray, np.ndarray]:
    features, ends = np.empty(position_features.MAX_FEATURES, np.int16), np.empty(1, np.int64)
    candidates = np.empty(kernels.MAX_MOVES, np.int16)
    slots, candidate_ends = (
        np.empty((kernels.MAX_MOVES, position_features.FEATURES_PER_CANDIDATE), np.int16),
        np.empty(1, np.int64),
    )
    sides = np.array([board.turn], np.int8)
    position_features.extract_features_batch(
        board.squares[None], sides, features, ends, candidates, slots, candidate_ends
    )
    count = int(candidate_ends[0])
    return features[: ends[0]].tolist(), candidates[:count], slots[:count]


def _random_boards(count: int) -> list[Board]:
    random = np.random.default_rng(5)
    boards = []
    while len(boards) < count:
        board = random_game(random, int(random.integers(0, 120)))
        if board.legal_moves:
            boards.append(board)
    return boards


BOARDS = _random_boards(60)


def test_candidates_are_the_legal_moves_as_the_mover_sees_them() -> None:
    for board in BOARDS:
        _, candidates, _ = _see(board)
        absolute = candidates if board.turn == RED else ROTATE[candidates]
        assert {MOVES[i] for i in absolute} == set(board.legal_moves)


def test_captures_and_protections_are_counted_once_for_each_attacker() -> None:
    for board in BOARDS:
        features, _, _ = _see(board)
        turned = board.turn == BLACK

        def number(piece: int, sq: int, turned: bool = turned) -> int:
            if turned:
                piece, sq = piece - 7 if piece > 7 else piece + 7, 89 - sq
            return (piece - 1) * 90 + sq

        captures, protections, pieces = [], [], []
        for sq in range(90):
            if piece := board.piece_at(sq):
                pieces.append(number(piece, sq))
                for color in (RED, BLACK):
                    # A king is "attacked" by the king it faces, which is no capture either could make.
                    count = sum(
                        not (type_of(board.piece_at(a)) == type_of(piece) == 1) for a in board.attackers(color, sq)
                    )
                    (protections if color == color_of(piece) else captures).extend([number(piece, sq)] * count)
        replies = 14 * 90 + 2086
        assert sorted(f for f in features if f < 14 * 90) == sorted(pieces)
        assert sorted(f - replies - 2086 for f in features if replies + 2086 <= f < replies + 2086 + 1260) == sorted(
            captures
        )
        assert sorted(f - replies - 2086 - 1260 for f in features if f >= replies + 2086 + 1260) == sorted(protections)


def test_a_position_looks_the_same_to_both_colours() -> None:
    for board in BOARDS[:20]:
        swapped = np.array([p and (p - 7 if p > 7 else p + 7) for p in board.squares[::-1].tolist()], np.int8)
        other = board.copy()
        other.squares[:], other.turn = swapped, 1 - board.turn
        for mine, theirs in zip(_see(board), _see(other), strict=True):
            assert np.array_equal(mine, theirs)


def test_the_board_is_left_as_it_was() -> None:
    board = BOARDS[7]
    before = board.squares.copy()
    _see(board)
    assert np.array_equal(board.squares, before)


@pytest.mark.parametrize(
    ("fen", "move", "check"),
    [
        ("3k5/9/9/9/9/9/9/9/R8/1R3K3 w - - 0 1", "b0b9", 1),
        ("3k5/R8/9/9/9/9/9/9/9/1R3K3 w - - 0 1", "b0b9", 2),
    ],
)
def test_check_and_mate_are_told_apart(fen: str, move: str, check: int) -> None:
    board = Board(fen)
    _, candidates, slots = _see(board)
    wanted = Move.from_iccs(move)
    place = candidates.tolist().index(wanted.index)
    told = (slots[place, 2] - position_features._SUPPORT) % 3
    assert told == check
    board.push(wanted)
    assert (2 if board.is_checkmate() else 1 if board.is_check() else 0) == check


def _risk(fen: str, move: str) -> tuple[int, bool]:
    """(step of what the opponent could win next, is it the moved piece) of a legal move."""
    board = Board(fen)
    _, candidates, slots = _see(board)
    place = candidates.tolist().index(Move.from_iccs(move).index)
    told = int(slots[place, 4]) - position_features._RISK
    return (told // 2) % 8, bool(told % 2)


@pytest.mark.parametrize(
    ("move", "step", "itself"),
    [
        ("a0a1", 0, False),  # the rook stays out of the black rook's reach
        ("a0h0", 6, True),  # unprotected on the black rook's file: a whole rook is lost
        ("a0g0", 0, False),  # beside it, but not on its lines
    ],
)
def test_the_risk_of_a_move_is_what_the_opponent_could_take(move: str, step: int, itself: bool) -> None:
    assert _risk("3k3r1/9/9/9/9/9/9/9/5K3/R8 w - - 0 1", move) == (step, itself)


def test_a_protected_piece_risks_only_the_difference() -> None:
    # The rook behind the pawn protects it: taking it with a rook wins nothing. Without it a pawn is lost.
    assert _risk("3k4r/9/9/9/9/9/8P/9/9/4K3R w - - 0 1", "e0e1") == (0, False)
    assert _risk("3k4r/9/9/9/9/9/8P/9/9/R3K4 w - - 0 1", "e0e1") == (_step_of(2), False)


def _step_of(half_pawns: int) -> int:
    return int(np.searchsorted(position_features._RISK_STEPS, half_pawns, side="right"))
