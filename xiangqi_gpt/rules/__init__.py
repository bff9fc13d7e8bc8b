"""The game of Xiangqi: board, moves, legality, check, repetition, FEN and move notation."""

from .batch import legal_mask, push_batch, replay_games, stack_boards
from .board import NO_CAPTURE_LIMIT, Board
from .errors import AmbiguousMoveError, FenError, IllegalMoveError, MoveError, MoveTextError, XiangqiError
from .fen import START_FEN, Position, parse_fen
from .legal_moves import LegalMoves
from .moves import MIRROR, MOVE_COUNT, MOVES, ROTATE, Move
from .notation import parse_move, to_chinese, to_wxf
from .outcome import Outcome, Termination
from .perft import perft
from .pieces import BLACK, RED, Piece
from .refusal import Refusal, why_illegal
from .wdl import Wdl

__all__ = [
    "BLACK",
    "MIRROR",
    "MOVES",
    "MOVE_COUNT",
    "NO_CAPTURE_LIMIT",
    "RED",
    "ROTATE",
    "START_FEN",
    "AmbiguousMoveError",
    "Board",
    "FenError",
    "IllegalMoveError",
    "LegalMoves",
    "Move",
    "MoveError",
    "MoveTextError",
    "Outcome",
    "Piece",
    "Position",
    "Refusal",
    "Termination",
    "Wdl",
    "XiangqiError",
    "legal_mask",
    "parse_fen",
    "parse_move",
    "perft",
    "push_batch",
    "replay_games",
    "stack_boards",
    "to_chinese",
    "to_wxf",
    "why_illegal",
]
