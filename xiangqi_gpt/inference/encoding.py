"""From positions to the arrays a model reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules import ROTATE, kernels
from xiangqi_gpt.rules.position_features import FEATURES_PER_CANDIDATE, MAX_FEATURES, extract_features_batch

from .parallel import parallel_map
from .vocabulary import START_BLACK, START_RED

#: Features of the pieces alone come first (``rules.position_features``); the set ``board`` keeps only these.
PIECE_FEATURES = 14 * 90
_POSITIONS_A_THREAD = 32


@dataclass
class PositionFeatures:
    """The input features of P positions, packed.

    ``features`` (M,) int64 with ``starts`` (P + 1,) int64; ``candidates`` (P, C) int64 legal moves, -1 as padding, and
    ``feature_ids`` (P, C, 8) int64 their features. Moves are in the perspective of the side to move
    (``rules.position_features``).
    """

    features: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    candidates: npt.NDArray[np.int64]
    feature_ids: npt.NDArray[np.int64]


def encode_positions(
    boards: npt.NDArray[np.int8],
    sides: npt.NDArray[np.int8],
    feature_set: str,
    *,
    moves: bool = True,
    threads: int = 1,
) -> PositionFeatures:
    """Return the input features of positions ``boards`` (P, 90) with the sides to move ``sides`` (P,).

    Without ``moves`` there are no candidates (C = 0), which takes a quarter of the time. Computed in as many parts as
    ``threads``; the result does not depend on them.
    """
    parts = parallel_map(
        lambda part: _encode_part(boards[part], sides[part], moves), len(boards), _POSITIONS_A_THREAD, threads
    )
    features, feature_counts, candidates, slots, counts = (
        np.concatenate(arrays) for arrays in zip(*parts, strict=True)
    )
    starts = np.concatenate(([0], np.cumsum(feature_counts)))
    packed = features.astype(np.int64)
    if feature_set == "board":
        keep = packed < PIECE_FEATURES
        starts = np.concatenate(([0], np.cumsum(keep)))[starts]
        packed = packed[keep]
    count, total = len(boards), len(candidates)
    most = int(counts.max()) if count else 0
    padded = np.full((count, most), -1, np.int64)
    padded_slots = np.zeros((count, most, FEATURES_PER_CANDIDATE), np.int64)
    if most:
        rows = np.repeat(np.arange(count), counts)
        columns = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
        padded[rows, columns] = candidates
        padded_slots[rows, columns] = slots
    return PositionFeatures(packed, starts, padded, padded_slots)


def _encode_part(
    boards: npt.NDArray[np.int8], sides: npt.NDArray[np.int8], moves: bool
) -> tuple[npt.NDArray[np.integer], ...]:
    """Return the features of some positions and how many each has, the candidates, their slots, how many each has."""
    count = len(boards)
    features = np.empty(count * MAX_FEATURES, np.int16)
    candidates = np.empty(count * kernels.MAX_MOVES, np.int16)
    slots = np.empty((count * kernels.MAX_MOVES if moves else 0, FEATURES_PER_CANDIDATE), np.int16)
    feature_ends, candidate_ends = np.empty(count, np.int64), np.empty(count, np.int64)
    extract_features_batch(boards, sides, features, feature_ends, candidates, slots, candidate_ends)
    feature_counts, candidate_counts = np.diff(feature_ends, prepend=0), np.diff(candidate_ends, prepend=0)
    if not moves:
        candidate_counts[:] = 0
    seen, offered = feature_counts.sum(), candidate_counts.sum()
    return features[:seen], feature_counts, candidates[:offered], slots[:offered], candidate_counts


def to_perspective(
    moves: npt.NDArray[np.integer], sides: npt.NDArray[np.integer], relative: bool
) -> npt.NDArray[np.int64]:
    """Move numbers as the side to move sees them (its own inverse); unchanged for a moves-only model."""
    known = moves.astype(np.int64)
    return np.where(sides == 1, ROTATE[known], known) if relative else known


def start_token(side: int) -> int:
    """The token that opens a game with ``side`` to move."""
    return START_BLACK if side else START_RED
