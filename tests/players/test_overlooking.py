"""What people overlook: which moves, how often, and by the seed alone."""

import numpy as np
import pytest
from random_games import random_game
from random_models import random_network

from xiangqi_gpt.players.gpt import GptPlayer
from xiangqi_gpt.players.overlooking import pinned_squares, reasons_to_overlook, seen_moves
from xiangqi_gpt.rules import BLACK, RED, Board, Move
from xiangqi_gpt.rules.pieces import parse_square


def reasons(fen: str, move: str) -> int:
    board = Board(fen)
    assert board.is_legal(Move.from_iccs(move))
    return reasons_to_overlook(board, Move.from_iccs(move))


@pytest.mark.parametrize(
    ("fen", "move", "count"),
    [
        ("3k5/9/9/9/9/9/9/9/9/R3K4 w", "a0a4", 0),
        ("3k5/9/9/9/9/9/9/9/9/R3K4 w", "a0a5", 1),  # five squares
        ("3k5/9/9/9/9/R8/9/9/9/4K4 w", "a4a3", 1),  # back
        ("3k5/9/9/r8/9/9/9/9/9/4K4 b", "a6a7", 1),  # back for Black
        ("3k5/9/9/r8/9/9/9/9/9/4K4 b", "a6a5", 0),
        ("3k5/9/9/9/9/p8/9/R8/9/4K4 w", "a2a4", 1),  # takes a pawn that nothing protects
        ("3k5/9/9/9/9/p7r/9/R8/9/4K4 w", "a2a4", 0),  # a rook protects it
        ("3k5/9/9/9/p8/9/9/9/9/R3K4 w", "a0a5", 2),  # far, and unprotected
        ("4k4/4r4/9/9/9/9/4R4/9/9/4K4 w", "e3e4", 1),  # pinned, along the line
        ("4k4/9/9/9/4n4/9/9/9/4R4/3K5 w", "e1e5", 2),  # takes a pinned piece; nothing protects it
    ],
)
def test_the_reasons(fen: str, move: str, count: int) -> None:
    assert reasons(fen + " - - 0 1", move) == count


def test_pins_by_every_kind_of_piece() -> None:
    board = Board("4k4/2Nr5/4n4/4p4/9/9/4C4/9/4A4/5K3 b - - 0 1")
    for color in (RED, BLACK):
        for square in range(90):
            if board.squares[square] and (board.squares[square] > 7) == bool(color) and square != board.king(color):
                without = board.copy()
                without.squares[square] = 0
                exposed = bool(without.attackers(1 - color, board.king(color)))
                assert (square in pinned_squares(board, color)) == exposed
    assert pinned_squares(Board("4k4/4r4/9/9/9/9/4R4/9/9/4K4 w - - 0 1"), RED) == {parse_square("e3")}


def test_oversights_are_as_frequent_as_asked_for_and_the_seed_fixes_them() -> None:
    board = random_game(5, 30)
    moves = list(board.legal_moves)
    count = {move: reasons_to_overlook(board, move) for move in moves}
    assert {0, 1} <= set(count.values())
    random = np.random.default_rng(1)
    seen = [set(seen_moves(board, moves, 0.4, random)) for _ in range(200)]
    for move in moves:
        rate = sum(move in found for found in seen) / 200
        assert rate == 1 if count[move] == 0 else abs(rate - 0.6 ** count[move]) < 0.15
    again = np.random.default_rng(1)
    assert seen == [set(seen_moves(board, moves, 0.4, again)) for _ in range(200)]
    assert seen_moves(board, moves, 0, random) is moves
    only = [move for move in moves if count[move]]
    assert set(seen_moves(board, only, 1.0, random)) == set(only), "one who sees nothing sees all"


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_a_player_that_overlooks_plays_those_moves_less(temperature: float) -> None:
    def overlooked(share: float, seed: int = 0) -> list[bool]:
        player = GptPlayer(random_network(), temperature=temperature, overlook=share, seed=seed)
        boards = [random_game(number, 30) for number in range(24)]
        return [
            bool(reasons_to_overlook(board, decision.move))
            for board, decision in zip(boards, player.choose_many(boards), strict=True)
            if not board.is_check()
        ]

    free, half, blind = (sum(overlooked(share)) for share in (0.0, 0.7, 1.0))
    assert free > half > blind
    assert overlooked(0.5) == overlooked(0.5)
    assert overlooked(0.5) != overlooked(0.5, seed=7)
