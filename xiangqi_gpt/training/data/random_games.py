"""Random legal games: what they say of the rules, and of nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from xiangqi_gpt.records import GameBatch
from xiangqi_gpt.records.store.token_store import TokenStore, build_store
from xiangqi_gpt.rules import RED, START_FEN, parse_fen
from xiangqi_gpt.rules.batch import legal_mask, push_batch

_PLIES: Final = 120  # about as many as a real game has
_AT_ONCE: Final = 512


def random_games(count: int, seed: int) -> GameBatch:
    """Return games of random legal moves, ``_PLIES`` long or until the mover has none."""
    random = np.random.default_rng(seed)
    parts = [_play(min(_AT_ONCE, count - first), random) for first in range(0, count, _AT_ONCE)]
    games = [moves[moves >= 0] for part in parts for moves in part]
    offsets = np.concatenate(([0], np.cumsum([len(moves) for moves in games]))).astype(np.int64)
    flags = np.zeros(count, np.bool_)
    return GameBatch(
        moves=np.concatenate(games).astype(np.uint16),
        offsets=offsets,
        results=np.full(count, 3, np.int8),
        kinds=["random"] * count,
        sources=["random"] * count,
        truncated=flags,
        prefix_of_other=flags,
        result_conflict=flags,
        best=None,
        cp=None,
        random_plies=np.zeros(int(offsets[-1]), np.bool_),
        first_target_ply=np.zeros(count, np.int16),
        start_fens=None,
    )


def _play(count: int, random: np.random.Generator) -> np.ndarray[tuple[int, int], np.dtype[np.int16]]:
    """(count, plies) moves, -1 after the end."""
    boards, sides = np.tile(parse_fen(START_FEN).squares, (count, 1)), np.full(count, RED, np.int8)
    played = np.full((count, _PLIES), -1, np.int16)
    going = np.arange(count)
    for ply in range(_PLIES):
        mask = legal_mask(boards, sides)
        has_moves = mask.any(1)
        going, boards, sides, mask = going[has_moves], boards[has_moves], sides[has_moves], mask[has_moves]
        chosen = np.where(mask, random.random(mask.shape, np.float32), -1.0).argmax(1).astype(np.int16)
        played[going, ply] = chosen
        push_batch(boards, sides, chosen)
    return played


def warmup_store(count: int, seed: int, folder: Path) -> TokenStore:
    """Return a training store of random games."""
    return build_store([random_games(count, seed)], folder)
