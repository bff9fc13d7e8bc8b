"""Random numbers whose exclusive or is a position's 64-bit hash (Zobrist)."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

_random = np.random.Generator(np.random.PCG64(0x7869616E677169))

#: (15, 90) uint64 by piece code and square; zero for an empty square.
PIECE_KEYS: Final[npt.NDArray[np.uint64]] = np.zeros((15, 90), np.uint64)
for _piece in range(1, 15):
    PIECE_KEYS[_piece] = _random.integers(0, 2**64, 90, dtype=np.uint64)
PIECE_KEYS.setflags(write=False)

#: Added when Black is to move.
BLACK_KEY: Final[np.uint64] = _random.integers(0, 2**64, dtype=np.uint64)
