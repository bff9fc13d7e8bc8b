"""Opening, middle game or endgame."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules.pieces import CANNON, KNIGHT, PIECE_TYPES, ROOK

OPENING, MIDDLEGAME, ENDGAME = 0, 1, 2
PHASES: Final = {"opening": OPENING, "middle": MIDDLEGAME, "endgame": ENDGAME}
_OPENING_PLIES: Final = 20
_ENDGAME_PIECES: Final = 4  # rooks, knights and cannons of both sides together

#: (15,) by piece code: rooks, knights and cannons.
_BIG: Final = np.isin(np.arange(2 * PIECE_TYPES + 1) % PIECE_TYPES, [k % PIECE_TYPES for k in (ROOK, KNIGHT, CANNON)])


def phases(boards: npt.NDArray[np.int8], plies: npt.NDArray[np.int64]) -> npt.NDArray[np.int8]:
    """Return (N,) the phase of positions.

    Endgame: at most four rooks, knights and cannons are left on the board; else opening: the first 20 plies.
    """
    big = _BIG[boards].sum(axis=1)
    early = np.where(plies < _OPENING_PLIES, OPENING, MIDDLEGAME)
    return np.where(big <= _ENDGAME_PIECES, ENDGAME, early).astype(np.int8)
