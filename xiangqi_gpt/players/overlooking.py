"""What people overlook: moves that are far, go backward, take what stands unprotected, or have to do with a pin."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np

from xiangqi_gpt.rules import RED, Board, Move
from xiangqi_gpt.rules.kernels import attacked, king_square

#: From how many squares on a move along a line is far.
FAR: Final = 5


def seen_moves(board: Board, moves: Collection[Move], share: float, random: np.random.Generator) -> Collection[Move]:
    """Return the moves that somebody sees who overlooks a move with a chance of ``share`` (0..1) for each reason.

    The reasons are those of ``reasons_to_overlook``. A move without any is always seen; where none would be seen, all
    are. One number is drawn for each move in the order given, so that the same seed overlooks the same moves.
    """
    if share <= 0:
        return moves
    pinned = {color: pinned_squares(board, color) for color in (board.turn, 1 - board.turn)}
    numbers = random.random(len(moves)).tolist()  # below 1: what has no reason is always seen
    seen = {
        move: None
        for move, number in zip(moves, numbers, strict=True)
        if number < (1 - share) ** _reasons(board, move, pinned)
    }
    return seen or moves


def reasons_to_overlook(board: Board, move: Move) -> int:
    """Return how many reasons there are to overlook a legal move, from 0 to 4.

    Its line is five squares or longer; it goes back to its own side; it takes a piece that nothing protects; it moves a
    piece that is pinned to its king, or takes one that is pinned to the other king.

    >>> reasons_to_overlook(Board(), Move.from_iccs("h2e2")), reasons_to_overlook(Board(), Move.from_iccs("h2h9"))
    (0, 1)
    """
    return _reasons(board, move, {color: pinned_squares(board, color) for color in (board.turn, 1 - board.turn)})


def pinned_squares(board: Board, color: int) -> frozenset[int]:
    """Return the squares of a side's pieces without which its king would be attacked, the facing king included.

    A side in check has none.
    """
    king = int(king_square(board.squares, color))
    if king < 0 or attacked(board.squares, king, 1 - color):
        return frozenset()
    squares, pinned = board.squares.copy(), []
    for square in np.flatnonzero((squares > 7) == (color != RED)).tolist():
        piece = squares[square]
        if piece == 0 or square == king or not _may_shield(square, king):
            continue
        squares[square] = 0
        if attacked(squares, king, 1 - color):
            pinned.append(square)
        squares[square] = piece
    return frozenset(pinned)


def _may_shield(square: int, king: int) -> bool:
    """Whether a square is on the king's lines or close enough to hold a horse by its leg."""
    return square % 9 == king % 9 or square // 9 == king // 9 or abs(square - king) <= 10


def _reasons(board: Board, move: Move, pinned: dict[int, frozenset[int]]) -> int:
    source, target = move.from_square, move.to_square
    ranks = target // 9 - source // 9 if board.turn == RED else source // 9 - target // 9
    files = abs(target % 9 - source % 9)
    is_far = max(abs(ranks), files) >= FAR
    is_capture = bool(board.squares[target])
    is_free = is_capture and not board.is_attacked_by(1 - board.turn, target)
    is_pin = source in pinned[board.turn] or (is_capture and target in pinned[1 - board.turn])
    return is_far + (ranks < 0) + is_free + is_pin
