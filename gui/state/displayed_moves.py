"""Moves as the window shows them, and positions with their history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xiangqi_gpt.rules import BLACK, Board, Move
from xiangqi_gpt.rules.pieces import LETTERS

from .notation import NOTATIONS, move_text


@dataclass(frozen=True)
class Ply:
    """One move of the record: the move, its text by notation, what it captured (0: nothing), whether it gives check."""

    move: Move
    texts: Mapping[str, str]
    captured: int
    gives_check: bool


@dataclass(frozen=True)
class PositionRequest:
    """A position with its history, as a player in another process needs it: start FEN and the moves since."""

    fen: str
    moves: tuple[Move, ...]

    def board(self) -> Board:
        """Return the position rebuilt, history included. Raises ``FenError``."""
        board = Board(self.fen)
        for move in self.moves:
            board.push(move)
        return board


def push_ply(board: Board, move: Move) -> Ply:
    """Play a legal move on a board; what there is to say of it."""
    texts = {notation: move_text(board, move, notation) for notation in NOTATIONS}
    captured = board.piece_at(move.to_square)
    board.push(move)
    return Ply(move, texts, captured, board.is_check())


def captured_pieces(line: Iterable[Ply], color: int) -> list[int]:
    """Codes of the pieces a side captured with the moves of a line, the most valuable kinds first."""
    order = "RCNPBAK"
    taken = [ply.captured for ply in line if ply.captured and (ply.captured < 8) == (color == BLACK)]
    return sorted(taken, key=lambda piece: order.index(LETTERS[piece].upper()))
