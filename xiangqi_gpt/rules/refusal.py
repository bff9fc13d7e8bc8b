"""Why a move may not be played, as a code a program can translate."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from . import kernels
from .errors import IllegalMoveError
from .geometry import BISHOP_EYE, BISHOP_TO, KNIGHT_LEG, KNIGHT_TO
from .pieces import BISHOP, CANNON, COLOR_NAMES, EMPTY, KNIGHT, ROOK, color_of, square_name, type_of

if TYPE_CHECKING:
    from .board import Board
    from .moves import Move


class Refusal(Enum):
    """A reason a move is refused; the value is an English sentence for it."""

    EMPTY_SQUARE = "there is no piece to move"
    NOT_YOURS = "the piece belongs to the other side"
    OWN_PIECE = "a piece of the same side stands there"
    NOT_ITS_MOVE = "this piece does not move like that"
    PATH_BLOCKED = "another piece is in the way"
    LEG_BLOCKED = "the horse's leg is blocked"
    EYE_BLOCKED = "the elephant's eye is blocked"
    NO_SCREEN = "a cannon captures over exactly one piece"
    KINGS_FACE = "the kings would face each other"
    STILL_IN_CHECK = "the king would still be in check"
    INTO_CHECK = "the king would be in check"

    def __str__(self) -> str:
        return self.value

    @property
    def code(self) -> str:
        """The code of an error with this reason."""
        return f"refusal.{self.name.lower()}"


def why_illegal(board: Board, source: int, target: int) -> Refusal | None:
    """Why the side to move may not go from one square to another; None when the move is legal."""
    piece, other = board.piece_at(source), board.piece_at(target)
    if piece == EMPTY:
        return Refusal.EMPTY_SQUARE
    if color_of(piece) != board.turn:
        return Refusal.NOT_YOURS
    if source == target:
        return Refusal.NOT_ITS_MOVE
    if other != EMPTY and color_of(other) == board.turn:
        return Refusal.OWN_PIECE
    if not kernels.is_pseudo_legal(board.squares, board.turn, source, target):
        return _why_not_reached(board, piece, source, target)
    if kernels.is_legal(board.squares, board.turn, source, target):
        return None
    return _why_unsafe(board, source, target)


def _why_not_reached(board: Board, piece: int, source: int, target: int) -> Refusal:
    kind = type_of(piece)
    if kind == KNIGHT and target in KNIGHT_TO[source]:
        leg = KNIGHT_LEG[source, list(KNIGHT_TO[source]).index(target)]
        return Refusal.LEG_BLOCKED if board.piece_at(leg) else Refusal.NOT_ITS_MOVE
    if kind == BISHOP and target in BISHOP_TO[source]:
        eye = BISHOP_EYE[source, list(BISHOP_TO[source]).index(target)]
        return Refusal.EYE_BLOCKED if board.piece_at(eye) else Refusal.NOT_ITS_MOVE
    if kind in (ROOK, CANNON) and (source % 9 == target % 9 or source // 9 == target // 9):
        return Refusal.NO_SCREEN if kind == CANNON and board.piece_at(target) else Refusal.PATH_BLOCKED
    return Refusal.NOT_ITS_MOVE


def _why_unsafe(board: Board, source: int, target: int) -> Refusal:
    was_check = board.is_check()
    after = board.squares.copy()
    after[target], after[source] = after[source], EMPTY
    mine, theirs = kernels.king_square(after, board.turn), kernels.king_square(after, 1 - board.turn)
    if mine % 9 == theirs % 9 and not after[min(mine, theirs) + 9 : max(mine, theirs) : 9].any():
        return Refusal.KINGS_FACE
    return Refusal.STILL_IN_CHECK if was_check else Refusal.INTO_CHECK


def explain_refusal(board: Board, source: int, target: int) -> str:
    """A full sentence about a refused move, for people; empty when the move is legal."""
    reason = refusal_reason(board, source, target)
    return reason and f"{square_name(source)} to {square_name(target)}: {reason}"


def refusal_reason(board: Board, source: int, target: int) -> str:
    """Why a move is refused, without its squares; empty when the move is legal."""
    reason = why_illegal(board, source, target)
    return "" if reason is None else _sentence(board, reason)


def check_legal(board: Board, move: Move, text: str = "") -> None:
    """Raise ``IllegalMoveError`` with the reason unless a move, called ``text``, is legal."""
    reason = why_illegal(board, move.from_square, move.to_square)
    if reason is not None:
        name = text or str(move)
        raise IllegalMoveError(f"{name} is not legal: {_sentence(board, reason)}", code=reason.code, move=name)


def _sentence(board: Board, reason: Refusal) -> str:
    return f"it is {COLOR_NAMES[board.turn]}'s move" if reason is Refusal.NOT_YOURS else str(reason)
