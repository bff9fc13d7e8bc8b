"""What pieces are worth by where they stand and by what else is there, in centipawns, for the search of reviews.

Fitted to an engine's scores by ``benchmarks/piece_squares.py``, on a scale on which a rook is worth about 900 in the
middle of a game.

The numbers are those of five steps of that fit, with one more term that is left out since (having no horse, rook,
cannon or pawn at all); the benchmark goes on to eight steps and prints nearly the same.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

#: (kind, rank, file): a side's pieces as it sees the board; files e to i mirror a to e. Where a piece cannot go: 0.
_HALF: Final = (
    (  # king, from its own back rank on, from the edge to the middle file
        (0, 0, 0, 23, 35),
        (0, 0, 0, -12, -2),
        (0, 0, 0, -30, -14),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
    ),
    (  # advisor, from its own back rank on, from the edge to the middle file
        (0, 0, 0, 79, 0),
        (0, 0, 0, 0, 98),
        (0, 0, 0, 80, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
    ),
    (  # elephant, from its own back rank on, from the edge to the middle file
        (0, 0, 95, 0, 0),
        (0, 0, 0, 0, 0),
        (85, 0, 0, 0, 114),
        (0, 0, 0, 0, 0),
        (0, 0, 91, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
    ),
    (  # horse, from its own back rank on, from the edge to the middle file
        (439, 421, 453, 446, 487),
        (419, 434, 448, 459, 423),
        (458, 460, 464, 484, 483),
        (455, 460, 481, 470, 493),
        (468, 482, 509, 500, 499),
        (495, 523, 534, 545, 541),
        (487, 558, 527, 564, 517),
        (517, 528, 536, 552, 547),
        (506, 535, 556, 502, 501),
        (489, 494, 508, 484, 468),
    ),
    (  # rook, from its own back rank on, from the edge to the middle file
        (967, 1024, 1020, 1032, 1059),
        (1004, 1034, 1026, 1049, 1013),
        (990, 1041, 1024, 1053, 1033),
        (1031, 1059, 1050, 1072, 1060),
        (1033, 1063, 1061, 1068, 1061),
        (1068, 1085, 1094, 1095, 1087),
        (1078, 1092, 1099, 1103, 1094),
        (1073, 1092, 1086, 1107, 1106),
        (1076, 1105, 1102, 1099, 1109),
        (1060, 1088, 1081, 1093, 1109),
    ),
    (  # cannon, from its own back rank on, from the edge to the middle file
        (484, 483, 505, 507, 512),
        (490, 483, 502, 505, 523),
        (492, 482, 505, 505, 527),
        (479, 486, 486, 490, 510),
        (488, 498, 502, 501, 530),
        (524, 494, 503, 508, 553),
        (517, 510, 518, 514, 550),
        (512, 503, 501, 486, 512),
        (515, 508, 498, 488, 470),
        (534, 525, 500, 480, 510),
    ),
    (  # pawn, from its own back rank on, from the edge to the middle file
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (78, 0, 69, 0, 117),
        (85, 0, 103, 0, 121),
        (153, 175, 176, 210, 215),
        (188, 207, 221, 233, 231),
        (152, 196, 219, 243, 226),
        (151, 182, 212, 267, 283),
        (146, 137, 126, 131, 140),
    ),
)


# What is added, by kind (the last four: horse, rook, cannon, pawn), for each advisor and each elephant that the
# opponent has lost, for each horse, rook and cannon on the board, both sides' together, and for having two of a kind.
BY_LOST_ADVISOR: Final = np.array([0, 0, 0, 0, 12, 36, -4, 3], np.int64)
BY_LOST_ELEPHANT: Final = np.array([0, 0, 0, 0, 4, 6, 3, 2], np.int64)
BY_PIECES: Final = np.array([0, 0, 0, 0, -14, -22, -10, -5], np.int64)
FOR_TWO: Final = np.array([0, 0, 0, 0, 8, 19, -14, 0], np.int64)


def piece_squares() -> npt.NDArray[np.int64]:
    """Return the worth of each piece by its code, 0 for none, on each square: (15, 90)."""
    half = np.array(_HALF, np.int64)
    whole = np.concatenate([half, half[:, :, 3::-1]], axis=2)
    table = np.zeros((15, 90), np.int64)
    table[1:8] = whole.reshape(7, 90)
    table[8:] = whole[:, ::-1].reshape(7, 90)
    return table
