"""The board: a position with the moves that led to it."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from . import kernels, natural_limit, repetition
from .errors import IllegalMoveError
from .fen import START_FEN, Position, format_board, format_fen, parse_fen
from .legal_moves import LegalMoves
from .moves import MIRROR_SQUARE, Move
from .outcome import Outcome, Termination
from .pieces import (
    COLOR_NAMES,
    FILES,
    KNIGHT,
    LETTERS,
    PIECE_TYPES,
    PIECES,
    RANKS,
    RED,
    SIMPLIFIED,
    TRADITIONAL,
    Piece,
    square_name,
    type_of,
)
from .zobrist import BLACK_KEY, PIECE_KEYS

#: Plies without a capture after which a game is drawn.
NO_CAPTURE_LIMIT: Final = 120

# Plain numbers: one of them at a time is far quicker to fetch from a list than from an array.
_ZOBRIST: Final[list[list[int]]] = PIECE_KEYS.tolist()
_ZOBRIST_BLACK: Final = int(BLACK_KEY)


class Board:
    """A Xiangqi position and the moves played to reach it.

    >>> from xiangqi_gpt.rules import BLACK, Board, Move
    >>> board = Board()
    >>> len(board.legal_moves)
    44
    >>> board.push(Move.from_iccs("h2e2"))
    >>> board.turn == BLACK, board.is_check()
    (True, False)
    >>> board.pop()
    Move(from_square=25, to_square=22, index=576)
    >>> board.fen() == START_FEN
    True
    """

    __slots__ = ("_root", "_undo", "fullmove_number", "halfmove_clock", "squares", "turn", "zobrist")

    squares: npt.NDArray[np.int8]  #: (90,) piece codes; change it through push and pop only
    turn: int  #: RED or BLACK
    halfmove_clock: int  #: plies since the last capture
    fullmove_number: int
    zobrist: int  #: 64-bit hash of the pieces and the side to move

    def __init__(self, fen: str = START_FEN, *, lenient: bool = True) -> None:
        """A board from a FEN; ``lenient`` as in ``parse_fen``. Raises ``FenError``."""
        self._set(parse_fen(fen, lenient=lenient))

    @classmethod
    def from_position(cls, position: Position) -> Board:
        """A board without history from an already checked position."""
        board = cls.__new__(cls)
        board._set(position)
        return board

    def _set(self, position: Position) -> None:
        self.squares = position.squares.copy()
        self.turn = position.turn
        self.halfmove_clock = position.halfmove_clock
        self.fullmove_number = position.fullmove_number
        self.zobrist = 0 if self.turn == RED else _ZOBRIST_BLACK
        for sq, piece in enumerate(self.squares.tolist()):
            self.zobrist ^= _ZOBRIST[piece][sq]
        self._root = position
        self._undo: list[tuple[Move, int, int, int]] = []  # move, captured piece, halfmove clock and hash before it

    # --- the game so far

    @property
    def root(self) -> Position:
        """The position the game started from; do not change its array."""
        return self._root

    @property
    def move_stack(self) -> list[Move]:
        """The moves since the root, oldest first."""
        return [entry[0] for entry in self._undo]

    @property
    def ply(self) -> int:
        """Plies since the start of the game, counted by the FEN's move number."""
        return 2 * (self.fullmove_number - 1) + self.turn

    def push(self, move: Move) -> None:
        """Play a move.

        Like python-chess, this does not check that the move is legal: see ``is_legal`` and ``push_text``. Raises
        ``IllegalMoveError``, and changes nothing, where the side to move has no piece on its first square.
        """
        source, target = move.from_square, move.to_square
        squares = self.squares
        moved, captured = int(squares[source]), int(squares[target])
        if not moved or (moved > PIECE_TYPES) != self.turn:
            raise IllegalMoveError(
                f"{move} is not legal: {COLOR_NAMES[self.turn]} has no piece on {square_name(source)}"
            )
        self._undo.append((move, captured, self.halfmove_clock, self.zobrist))
        squares[target] = moved
        squares[source] = 0
        keys = _ZOBRIST[moved]
        self.zobrist ^= keys[source] ^ keys[target] ^ _ZOBRIST[captured][target] ^ _ZOBRIST_BLACK
        self.halfmove_clock = 0 if captured else self.halfmove_clock + 1
        self.fullmove_number += self.turn
        self.turn = 1 - self.turn

    def pop(self) -> Move:
        """Take back the last move and return it; ``IndexError`` when there is none."""
        move, captured, self.halfmove_clock, self.zobrist = self._undo.pop()
        self.squares[move.from_square] = self.squares[move.to_square]
        self.squares[move.to_square] = captured
        self.turn = 1 - self.turn
        self.fullmove_number -= self.turn
        return move

    def peek(self) -> Move:
        """The last move; ``IndexError`` when there is none."""
        return self._undo[-1][0]

    def push_text(self, text: str) -> Move:
        """Play a move written in any notation (``h2e2``, 炮二平五, ``C2.5``) and return it.

        Raises ``MoveTextError``, ``AmbiguousMoveError`` or ``IllegalMoveError``.

        >>> board = Board()
        >>> [str(board.push_text(text)) for text in ("炮二平五", "馬８進７", "H2+3")]
        ['h2e2', 'h9g7', 'h0g2']
        """
        from .notation import parse_move

        move = parse_move(self, text)
        self.push(move)
        return move

    def push_uci(self, text: str) -> Move:
        """Play a legal move written in coordinates (``h2e2``) and return it.

        Raises ``MoveTextError`` or ``IllegalMoveError``.
        """
        move = Move.from_uci(text)
        self.check_legal(move)
        self.push(move)
        return move

    def set_fen(self, fen: str) -> None:
        """Set up a position and forget the history. Raises ``FenError`` and changes nothing."""
        self._set(parse_fen(fen))

    # --- moves

    @property
    def legal_moves(self) -> LegalMoves:
        """The legal moves of the side to move.

        >>> moves = Board("3k5/9/9/9/9/9/9/9/9/4K3R w - - 0 1").legal_moves
        >>> len(moves), Move.from_iccs("i0i9") in moves, Move.from_iccs("e0d0") in moves
        (14, True, False)
        """
        out = np.empty(kernels.MAX_MOVES, np.int16)
        return LegalMoves(out[: kernels.legal_indices(self.squares, self.turn, out)])

    def is_legal(self, move: Move) -> bool:
        """Whether the side to move may play a move."""
        return bool(kernels.is_legal(self.squares, self.turn, move.from_square, move.to_square))

    def check_legal(self, move: Move) -> None:
        """Raise ``IllegalMoveError`` with the reason unless a move is legal.

        >>> Board().check_legal(Move.from_iccs("b0d1"))
        Traceback (most recent call last):
            ...
        xiangqi_gpt.rules.errors.IllegalMoveError: b0d1 is not legal: the horse's leg is blocked
        """
        from .refusal import check_legal

        check_legal(self, move)

    def piece_at(self, sq: int) -> Piece:
        """Return the piece on a square, which is 0 (false) when it is empty."""
        return PIECES[int(self.squares[sq])]

    def piece_map(self) -> dict[int, Piece]:
        """Return the piece on every occupied square.

        >>> {square_name(sq): piece.symbol() for sq, piece in Board().piece_map().items()}["e0"]
        'K'
        """
        return {sq: PIECES[piece] for sq, piece in enumerate(self.squares.tolist()) if piece}

    def pieces(self, piece_type: int, color: int) -> list[int]:
        """Return the squares of a side's pieces of a type (``KING`` .. ``PAWN``), in ascending order."""
        return [int(sq) for sq in np.flatnonzero(self.squares == Piece.of(piece_type, color))]

    def is_capture(self, move: Move) -> bool:
        """Return whether a move takes a piece."""
        return bool(self.squares[move.to_square])

    def king(self, color: int) -> int:
        """Square of a side's king."""
        return int(kernels.king_square(self.squares, color))

    # --- check and the end of the game

    def is_check(self) -> bool:
        """Whether the side to move is in check (facing kings cannot arise)."""
        return bool(kernels.in_check(self.squares, self.turn))

    def attackers(self, color: int, sq: int) -> list[int]:
        """Squares of a side's pieces that attack (or, on its own piece, protect) a square, their pins aside.

        >>> from xiangqi_gpt.rules.pieces import parse_square, square_name
        >>> [square_name(sq) for sq in Board().attackers(RED, parse_square("e3"))]
        []
        >>> [square_name(sq) for sq in Board().attackers(RED, parse_square("e2"))]
        ['c0', 'g0']
        """
        out = np.empty(16, np.int16)
        n: int = kernels.attackers(self.squares, sq, color, out)
        return [int(a) for a in out[:n]]

    def is_attacked_by(self, color: int, sq: int) -> bool:
        """Return whether a side attacks, or with its own piece there protects, a square; pins aside."""
        return bool(self.attackers(color, sq))

    def checkers(self) -> list[int]:
        """Squares of the pieces that give check to the side to move."""
        return self.attackers(1 - self.turn, self.king(self.turn))

    def gives_check(self, move: Move) -> bool:
        """Whether a legal move gives check."""
        self.push(move)
        check = self.is_check()
        self.pop()
        return check

    def is_checkmate(self) -> bool:
        """Whether the side to move is in check and has no legal move."""
        return self.is_check() and not self.legal_moves

    def is_stalemate(self) -> bool:
        """Whether the side to move has no legal move though not in check: a loss in Xiangqi."""
        return not self.is_check() and not self.legal_moves

    def has_insufficient_material(self) -> bool:
        """Whether neither side has a piece that could ever cross the river."""
        return not any(piece and type_of(piece) >= KNIGHT for piece in self.squares.tolist())

    def repetitions(self) -> int:
        """How often the current position has occurred, now included, since the last capture."""
        plies = len(self._undo)
        first = plies - min(self.halfmove_clock, plies)
        # Only every other position has the same side to move, and none can come back in fewer than four plies.
        first += (plies - first) % 2
        return 1 + [entry[3] for entry in self._undo[first : plies - 3 : 2]].count(self.zobrist)

    def may_repeat(self) -> bool:
        """Whether some position since the last capture has occurred twice, so that a move can make it three times."""
        limit = min(self.halfmove_clock, len(self._undo))
        hashes = [self.zobrist, *(entry[3] for entry in self._undo[len(self._undo) - limit :])]
        return len(set(hashes)) < len(hashes)

    def outcome(self, *, no_capture_limit: int = NO_CAPTURE_LIMIT, most_checks: int | None = None) -> Outcome | None:
        """How the game has ended, None while it goes on.

        Mate and stalemate come first, then repetition (the third occurrence of a position), then
        ``no_capture_limit`` plies without a capture, of which ``most_checks`` checks of each side count (by default
        all: see ``natural_limit``), then insufficient material.

        >>> board = Board("4k4/9/9/9/9/9/9/9/3R5/5K3 w - - 0 1")
        >>> for text in ("d1e1", "e9d9", "e1d1", "d9e9") * 2:
        ...     board.push(Move.from_iccs(text))
        >>> print(board.outcome())
        black wins (perpetual check): Red checked on every move of the cycle
        """
        if not self.legal_moves:
            winner = 1 - self.turn
            if self.is_check():
                return Outcome(winner, Termination.CHECKMATE)
            return Outcome(winner, Termination.STALEMATE, f"{COLOR_NAMES[self.turn]} has no legal move")
        if self.halfmove_clock >= 8 and self.repetitions() >= repetition.REPETITIONS:
            return repetition.judge(self)
        if self.halfmove_clock >= no_capture_limit and (
            most_checks is None or natural_limit.counted_plies(self, most_checks) >= no_capture_limit
        ):
            return Outcome(None, Termination.NO_CAPTURE, f"{self.halfmove_clock} plies without a capture")
        if self.has_insufficient_material():
            return Outcome(None, Termination.INSUFFICIENT_MATERIAL)
        return None

    def is_game_over(self) -> bool:
        """Return whether the game has ended: ``outcome`` says how."""
        return self.outcome() is not None

    def outcome_after(
        self, move: Move, *, no_capture_limit: int = NO_CAPTURE_LIMIT, most_checks: int | None = None
    ) -> Outcome | None:
        """The outcome that playing a legal move now would lead to."""
        self.push(move)
        outcome = self.outcome(no_capture_limit=no_capture_limit, most_checks=most_checks)
        self.pop()
        return outcome

    def result(self) -> str:
        """``1-0``, ``0-1``, ``1/2-1/2``, or ``*`` while the game goes on."""
        outcome = self.outcome()
        return outcome.result if outcome else "*"

    # --- copies and text

    def fen(self) -> str:
        """The position as FEN."""
        return format_fen(Position(self.squares, self.turn, self.halfmove_clock, self.fullmove_number))

    def board_fen(self) -> str:
        """The first field of the FEN: the pieces only."""
        return format_board(self.squares)

    def copy(self, *, stack: bool = True) -> Board:
        """An independent copy, with or without its history."""
        if not stack:
            return Board.from_position(Position(self.squares, self.turn, self.halfmove_clock, self.fullmove_number))
        board = Board.__new__(Board)
        board.squares = self.squares.copy()
        board.turn, board.zobrist = self.turn, self.zobrist
        board.halfmove_clock, board.fullmove_number = self.halfmove_clock, self.fullmove_number
        board._root, board._undo = self._root, self._undo.copy()
        return board

    def __copy__(self) -> Board:
        return self.copy()

    def __deepcopy__(self, memo: object) -> Board:
        return self.copy()

    def mirror(self) -> Board:
        """The same game with left and right exchanged."""
        root = self._root
        board = Board.from_position(
            Position(root.squares[MIRROR_SQUARE], root.turn, root.halfmove_clock, root.fullmove_number)
        )
        for move in self.move_stack:
            board.push(move.mirror())
        return board

    def render(self, letters: str = TRADITIONAL) -> str:
        """The board as text, one character a piece: ``TRADITIONAL``, ``SIMPLIFIED`` or ``LETTERS``.

        >>> print(Board().render(LETTERS).splitlines()[0])
        9 r n b a k a b n r
        """
        wide = letters in (TRADITIONAL, SIMPLIFIED)
        rows = [
            f"{rank} " + ("" if wide else " ").join(letters[p] for p in self.squares[rank * FILES :][:FILES].tolist())
            for rank in range(RANKS - 1, -1, -1)
        ]
        rows.append("  " + ("ａｂｃｄｅｆｇｈｉ" if wide else "a b c d e f g h i"))
        return "\n".join(rows)

    def __str__(self) -> str:
        return self.render(LETTERS)

    def _repr_svg_(self) -> str:
        """What a notebook shows."""
        from .svg import board_svg

        return board_svg(self, last_move=self.peek() if self._undo else None)

    def __repr__(self) -> str:
        return f"Board({self.fen()!r})"

    def __eq__(self, other: object) -> bool:
        """Same pieces, side to move and counters; the history does not matter, as in python-chess."""
        if not isinstance(other, Board):
            return NotImplemented
        same = self.zobrist == other.zobrist and self.turn == other.turn
        same = same and self.halfmove_clock == other.halfmove_clock and self.fullmove_number == other.fullmove_number
        return same and bool(np.array_equal(self.squares, other.squares))

    __hash__ = None  # type: ignore[assignment]  # mutable
