"""Threats in the sense of the repetition rules: which captures a referee would call an attack."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .jit import INT, INT8S, INT16_TABLE, jit, jit_part
from .kernels import attacked, in_check, king_square, reaches, safe_after
from .pieces import CANNON, KING, KNIGHT, PAWN, ROOK

#: More threats than one side's ten pieces that can chase could make.
MAX_THREATS = 128


@jit(INT8S, INT, INT)
def shields_king(board, sq, side):
    """Whether a piece is pinned: its side is not in check, but would be if the piece were taken off the board."""
    king = king_square(board, side)
    if sq == king or attacked(board, king, 1 - side):
        return False
    piece = board[sq]
    board[sq] = 0
    exposed = attacked(board, king, 1 - side)
    board[sq] = piece
    return exposed


@jit_part
def _recapturable(board, source, target, check):
    """Whether a legal move could take the capturer back after the capture: the victim has a true protector.

    ``check`` says that the victim's side is in check, which it would have to answer before anything is captured, so
    that the check itself does not hinder the protector.
    """
    moved, captured = board[source], board[target]
    board[target] = moved
    board[source] = 0
    side = 1 if captured > 7 else 0
    king = king_square(board, side)
    found = False
    for sq in range(90):
        piece = board[sq]
        if piece == 0 or sq == target or (piece > 7) != (side == 1):
            continue
        if reaches(board, sq, target) and (check or safe_after(board, side, sq, target, king)):
            found = True
            break
    board[source] = moved
    board[target] = captured
    return found


@jit_part
def _may_exchange(board, source, target, check):
    """Whether the piece on ``target`` could as well take the like piece on ``source``, and is free to."""
    side = 1 if board[target] > 7 else 0
    if not reaches(board, target, source):
        return False
    king = king_square(board, side)
    return check or (safe_after(board, side, target, source, king) and not shields_king(board, target, side))


@jit(INT8S, INT, INT16_TABLE)
def threats(board, side, out):
    """Write the captures ``side`` threatens into ``out`` (128, 3) int16; returns how many there are.

    A row is the attacker's square, the victim's square, and whether the capture is legal: while ``side`` is in check,
    captures that merely leave it in check are listed too, because such an attack exists, it only has to wait.

    Kings and pawns do not threaten; kings, and pawns on their own side of the river, are not threatened. A protected
    victim is not threatened, except a rook by a knight or a cannon; nor is a piece that could itself take its like
    attacker.
    """
    king = king_square(board, side)
    check, other_check = in_check(board, side), in_check(board, 1 - side)
    base, other_base = 7 * side, 7 * (1 - side)
    n = 0
    for source in range(90):
        kind = board[source] - base
        if kind <= KING or kind >= PAWN:
            continue
        for target in range(90):
            victim = board[target] - other_base
            if victim <= KING or victim > PAWN or not reaches(board, source, target):
                continue
            if victim == PAWN and (target < 45) == (side == 1):
                continue
            legal = safe_after(board, side, source, target, king)
            if not (legal or check):
                continue
            if victim == kind and _may_exchange(board, source, target, other_check):
                continue
            strong = victim == ROOK and kind in (KNIGHT, CANNON)
            if strong or not _recapturable(board, source, target, other_check):
                out[n, 0], out[n, 1], out[n, 2] = source, target, legal
                n += 1
    return n


def threat_list(board: npt.NDArray[np.int8], side: int) -> list[tuple[int, int, bool]]:
    """``threats`` as a list of (attacker's square, victim's square, legal)."""
    out = np.empty((MAX_THREATS, 3), np.int16)
    return [(source, target, bool(legal)) for source, target, legal in out[: threats(board, side, out)].tolist()]
