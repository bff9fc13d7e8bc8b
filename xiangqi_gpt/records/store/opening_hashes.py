"""Hashes of how games begin, equal for a game and its mirror image."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules.jit import FIXED_INT64S, FIXED_UINT16S, INT, UINT64S, jit
from xiangqi_gpt.rules.moves import MIRROR


@jit(FIXED_UINT16S, FIXED_INT64S, INT, UINT64S)
def _hash_openings(moves, offsets, plies, out):  # type: ignore[no-untyped-def]
    for g in range(len(offsets) - 1):
        plain = mirrored = np.uint64(14695981039346656037)
        for i in range(offsets[g], min(offsets[g + 1], offsets[g] + plies)):
            plain = (plain ^ np.uint64(moves[i])) * np.uint64(1099511628211)
            mirrored = (mirrored ^ np.uint64(MIRROR[moves[i]])) * np.uint64(1099511628211)
        out[g] = min(plain, mirrored)


def opening_hashes(moves: npt.NDArray[np.uint16], offsets: npt.NDArray[np.int64], plies: int) -> npt.NDArray[np.uint64]:
    """(G,) FNV-1a of each game's first ``plies`` moves; the smaller of the game's and its mirror image's.

    Game ``g`` is ``moves[offsets[g]:offsets[g + 1]]``.
    """
    hashes = np.empty(len(offsets) - 1, np.uint64)
    _hash_openings(moves, offsets, plies, hashes)
    return hashes
