"""What each piece is worth on each square, in centipawns, for the search that reviews games.

Fitted to an engine's scores by ``benchmarks/piece_squares.py``, on a scale on which a rook is worth 900 on average.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

#: (kind, rank, file): a side's pieces as it sees the board; files e to i mirror a to e. Where a piece cannot go: 0.
_HALF: Final = (
    (  # king, from its own back rank on, from the edge to the middle file
        (0, 0, 0, 16, 34),
        (0, 0, 0, -15, 0),
        (0, 0, 0, -29, -7),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
    ),
    (  # advisor, from its own back rank on, from the edge to the middle file
        (0, 0, 0, 103, 0),
        (0, 0, 0, 0, 120),
        (0, 0, 0, 97, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
    ),
    (  # elephant, from its own back rank on, from the edge to the middle file
        (0, 0, 99, 0, 0),
        (0, 0, 0, 0, 0),
        (89, 0, 0, 0, 117),
        (0, 0, 0, 0, 0),
        (0, 0, 95, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
    ),
    (  # horse, from its own back rank on, from the edge to the middle file
        (346, 324, 357, 349, 389),
        (329, 337, 357, 362, 335),
        (364, 369, 366, 391, 381),
        (356, 361, 389, 380, 392),
        (370, 387, 415, 407, 410),
        (399, 426, 436, 452, 449),
        (391, 460, 432, 465, 422),
        (427, 437, 440, 452, 469),
        (401, 437, 461, 415, 411),
        (389, 380, 426, 399, 357),
    ),
    (  # rook, from its own back rank on, from the edge to the middle file
        (803, 860, 855, 870, 873),
        (840, 873, 859, 886, 849),
        (826, 878, 861, 887, 870),
        (868, 896, 890, 909, 897),
        (886, 897, 899, 908, 894),
        (900, 919, 930, 933, 930),
        (913, 923, 938, 938, 931),
        (919, 927, 921, 959, 944),
        (916, 946, 944, 940, 969),
        (906, 927, 927, 959, 992),
    ),
    (  # cannon, from its own back rank on, from the edge to the middle file
        (388, 394, 414, 411, 419),
        (405, 392, 413, 413, 432),
        (401, 388, 414, 416, 432),
        (398, 396, 404, 397, 416),
        (400, 402, 412, 408, 434),
        (418, 400, 406, 418, 456),
        (412, 416, 418, 423, 454),
        (422, 409, 405, 392, 414),
        (429, 419, 411, 400, 376),
        (445, 431, 421, 405, 420),
    ),
    (  # pawn, from its own back rank on, from the edge to the middle file
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (49, 0, 31, 0, 74),
        (57, 0, 65, 0, 80),
        (123, 144, 133, 175, 173),
        (157, 178, 183, 203, 200),
        (120, 159, 181, 198, 204),
        (127, 143, 170, 231, 227),
        (111, 91, 92, 83, 118),
    ),
)


def piece_squares() -> npt.NDArray[np.int64]:
    """Return the worth of each piece by its code, 0 for none, on each square: (15, 90)."""
    half = np.array(_HALF, np.int64)
    whole = np.concatenate([half, half[:, :, 3::-1]], axis=2)
    table = np.zeros((15, 90), np.int64)
    table[1:8] = whole.reshape(7, 90)
    table[8:] = whole[:, ::-1].reshape(7, 90)
    return table
