"""The index of the 2086 moves that some piece could make on an empty board, and the ``Move`` object.

Every move of a game is one number below 2086. Records store it, models predict it, and the two symmetries of
the board are permutations of it: ``MIRROR`` (left and right) and ``ROTATE`` (the board turned by half a circle,
which is how the other side sees it).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from .errors import MoveTextError
from .pieces import ADVISOR, BISHOP, BLACK, FILES, RANKS, RED, SQUARES, can_stand, parse_square, square_name

_KNIGHT_STEPS: Final = ((1, 2), (2, 1), (2, -1), (1, -2), (-1, -2), (-2, -1), (-2, 1), (-1, 2))
_DIAGONALS: Final = ((1, 1), (1, -1), (-1, -1), (-1, 1))


def _geometric_targets(sq: int) -> set[int]:
    """Squares that a rook, a knight, an advisor or an elephant standing on ``sq`` could reach on an empty board."""
    file, rank = sq % FILES, sq // FILES
    targets = {rank * FILES + f for f in range(FILES)} | {r * FILES + file for r in range(RANKS)}
    targets.discard(sq)

    def add(steps: tuple[tuple[int, int], ...], scale: int, piece_type: int | None) -> None:
        for df, dr in steps:
            f, r = file + df * scale, rank + dr * scale
            if not (0 <= f < FILES and 0 <= r < RANKS):
                continue
            to = r * FILES + f
            if piece_type is None or any(
                can_stand(piece_type + 7 * color, sq) and can_stand(piece_type + 7 * color, to)
                for color in (RED, BLACK)
            ):
                targets.add(to)

    add(_KNIGHT_STEPS, 1, None)
    add(_DIAGONALS, 1, ADVISOR)
    add(_DIAGONALS, 2, BISHOP)
    return targets


_PAIRS: Final = [(sq, to) for sq in range(SQUARES) for to in sorted(_geometric_targets(sq))]

#: How many moves the index holds.
MOVE_COUNT: Final = 2086
assert len(_PAIRS) == MOVE_COUNT

#: (2086,) int16: the square a move leaves and the square it reaches.
MOVE_FROM: Final[npt.NDArray[np.int16]] = np.array([a for a, _ in _PAIRS], dtype=np.int16)
MOVE_TO: Final[npt.NDArray[np.int16]] = np.array([b for _, b in _PAIRS], dtype=np.int16)

#: (90, 90) int16: index of the move from one square to another, -1 where no piece moves like that.
MOVE_INDEX: Final[npt.NDArray[np.int16]] = np.full((SQUARES, SQUARES), -1, dtype=np.int16)
MOVE_INDEX[MOVE_FROM, MOVE_TO] = np.arange(MOVE_COUNT, dtype=np.int16)

#: (90,) int16: each square seen in a left-right mirror, and on the board turned by half a circle.
MIRROR_SQUARE: Final[npt.NDArray[np.int16]] = np.array(
    [r * FILES + FILES - 1 - f for r in range(RANKS) for f in range(FILES)], dtype=np.int16
)
ROTATE_SQUARE: Final[npt.NDArray[np.int16]] = np.arange(SQUARES - 1, -1, -1, dtype=np.int16)

#: (2086,) int16: the same two symmetries as permutations of the moves. Both are their own inverse.
MIRROR: Final[npt.NDArray[np.int16]] = MOVE_INDEX[MIRROR_SQUARE[MOVE_FROM], MIRROR_SQUARE[MOVE_TO]]
ROTATE: Final[npt.NDArray[np.int16]] = MOVE_INDEX[ROTATE_SQUARE[MOVE_FROM], ROTATE_SQUARE[MOVE_TO]]

for _table in (MOVE_FROM, MOVE_TO, MOVE_INDEX, MIRROR_SQUARE, ROTATE_SQUARE, MIRROR, ROTATE):
    _table.setflags(write=False)


@dataclass(frozen=True, slots=True)
class Move:
    """A move from one square to another, with its number in the index of 2086.

    >>> move = Move.from_iccs("h2e2")
    >>> move.from_square, move.to_square, str(move)
    (25, 22, 'h2e2')
    """

    from_square: int
    to_square: int
    index: int = field(compare=False)

    def __hash__(self) -> int:
        """As of equal squares; a tenth of the time of the hash of a tuple, which every policy needs for every move."""
        return 90 * self.from_square + self.to_square

    @classmethod
    def of(cls, from_square: int, to_square: int) -> Move:
        """The move between two squares; ``MoveTextError`` where no piece could ever move like that."""
        index = int(MOVE_INDEX[from_square, to_square])
        if index < 0:
            raise MoveTextError(f"no piece moves from {square_name(from_square)} to {square_name(to_square)}")
        return MOVES[index]

    @classmethod
    def from_iccs(cls, text: str) -> Move:
        """Read ``h2e2``, ``H2-E2`` or ``h2-e2``.

        Raises ``MoveTextError`` for anything else, and for two squares that no piece could connect.
        """
        compact = text.strip()
        if len(compact) == 5 and compact[2] == "-":
            compact = compact[:2] + compact[3:]
        source, target = parse_square(compact[:2]), parse_square(compact[2:])
        if source is None or target is None:
            raise MoveTextError(f"not a move in coordinates (like h2e2): {text!r}")
        return cls.of(source, target)

    def iccs(self) -> str:
        """Coordinates with ranks 0-9, like ``h2e2``."""
        return square_name(self.from_square) + square_name(self.to_square)

    @classmethod
    def from_uci(cls, text: str) -> Move:
        """Read ``h2e2``, as UCI engines of Xiangqi write it: ranks 0 to 9. Raises ``MoveTextError``.

        >>> Move.from_uci("h10g8")
        Traceback (most recent call last):
            ...
        xiangqi_gpt.rules.errors.MoveTextError: not a move in coordinates (like h2e2, ranks 0 to 9): 'h10g8'
        """
        if len(text) != 4:
            raise MoveTextError(f"not a move in coordinates (like h2e2, ranks 0 to 9): {text!r}")
        return cls.from_iccs(text)

    def uci(self) -> str:
        """Return the move as UCI engines of Xiangqi write it: the same as ``iccs``."""
        return self.iccs()

    def mirror(self) -> Move:
        """The same move with left and right exchanged."""
        return MOVES[int(MIRROR[self.index])]

    def __str__(self) -> str:
        return self.iccs()


#: The 2086 moves by index.
MOVES: Final[tuple[Move, ...]] = tuple(Move(a, b, i) for i, (a, b) in enumerate(_PAIRS))
