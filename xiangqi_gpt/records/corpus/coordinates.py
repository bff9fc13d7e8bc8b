"""Move lists in coordinates (``h2e2 h9g7 ...``) to move indices, many games at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules import kernels
from xiangqi_gpt.rules.jit import (
    BOARDS,
    BOOLS,
    FIXED_INT64S,
    FIXED_UINT16S,
    INT8S,
    INT64S,
    TEXT,
    UINT16S,
    jit,
    jit_part,
)
from xiangqi_gpt.rules.moves import MOVE_FROM, MOVE_INDEX, MOVE_TO

from .batch import NO_LABEL

_SPACE, _DASH, _ZERO, _UPPER_A, _LOWER_A = map(ord, " -0Aa")


@jit_part
def _square(file, rank):
    """Square of two ASCII codes, -1 when they name none."""
    column = file - _LOWER_A if file >= _LOWER_A else file - _UPPER_A
    row = rank - _ZERO
    return row * 9 + column if 0 <= column < 9 and 0 <= row < 10 else -1


@jit(TEXT, INT64S, UINT16S, INT64S, BOOLS)
def _read(text, ends, moves, offsets, unread):
    """Kernel of ``read_move_lists``: game ``g`` is ``text[ends[g]:ends[g + 1]]``."""
    n = 0
    for g in range(ends.shape[0] - 1):
        at, end = ends[g], ends[g + 1]
        unread[g] = False
        while True:
            while at < end and text[at] <= _SPACE:
                at += 1
            if at == end:
                break
            stop = at
            while stop < end and text[stop] > _SPACE:
                stop += 1
            if stop - at == 1 and text[at] == _DASH:
                moves[n] = NO_LABEL
            else:
                dash = 1 if stop - at == 5 and text[at + 2] == _DASH else 0
                if stop - at != 4 + dash:
                    unread[g] = True
                    break
                source = _square(text[at], text[at + 1])
                target = _square(text[at + 2 + dash], text[at + 3 + dash])
                if source < 0 or target < 0 or MOVE_INDEX[source, target] < 0:
                    unread[g] = True
                    break
                moves[n] = MOVE_INDEX[source, target]
            n += 1
            at = stop
        offsets[g + 1] = n


def read_move_lists(
    texts: Sequence[str],
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Moves (P,), offsets (G + 1,) and ``unread`` (G,) of G texts of moves in coordinates, separated by spaces.

    A lone ``-`` becomes ``NO_LABEL``. A text with a word that is no move ends before it and is marked in ``unread``.
    """
    raw = [text.encode() for text in texts]
    ends = np.zeros(len(raw) + 1, np.int64)
    np.cumsum([len(text) for text in raw], out=ends[1:])
    text = np.frombuffer(b"".join(raw), np.uint8)
    moves = np.empty(len(text) // 2 + len(raw) + 1, np.uint16)  # a lone dash takes two bytes
    offsets = np.zeros(len(raw) + 1, np.int64)
    unread = np.zeros(len(raw), np.bool_)
    _read(text, ends, moves, offsets, unread)
    return moves[: offsets[-1]].copy(), offsets, unread


@jit(BOARDS, INT8S, FIXED_UINT16S, FIXED_INT64S, FIXED_UINT16S, INT64S)
def _replay_with_labels(boards, sides, moves, offsets, best, played):
    for g in range(boards.shape[0]):
        board, side = boards[g], sides[g]
        played[g] = offsets[g + 1] - offsets[g]
        for i in range(offsets[g], offsets[g + 1]):
            label_fits = best[i] == NO_LABEL or kernels.is_legal(board, side, MOVE_FROM[best[i]], MOVE_TO[best[i]])
            if not label_fits or kernels.replay(board, side, moves[i : i + 1]) == 0:
                played[g] = i - offsets[g]
                break
            side = 1 - side


def count_legal(
    boards: npt.NDArray[np.int8],
    sides: npt.NDArray[np.int8],
    moves: npt.NDArray[np.uint16],
    offsets: npt.NDArray[np.int64],
    best: npt.NDArray[np.uint16] | None = None,
) -> npt.NDArray[np.int64]:
    """(G,) leading plies of each game whose move, and label in ``best`` if there is one, are legal.

    Game ``g`` is ``moves[offsets[g]:offsets[g + 1]]`` from ``boards[g]`` (G, 90), which is played on in place.
    """
    played = np.zeros(len(boards), np.int64)
    if best is None:
        kernels.replay_batch(boards, sides, moves, offsets, played)
    else:
        _replay_with_labels(boards, sides, moves, offsets, best, played)
    return played
