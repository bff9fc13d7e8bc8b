"""What any model has to beat: the most frequent known reply, and the biggest capture."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.records.corpus.batch import NO_LABEL
from xiangqi_gpt.records.openings.position_keys import position_keys
from xiangqi_gpt.records.store.token_store import TokenStore
from xiangqi_gpt.rules.moves import MIRROR, MOVE_COUNT, MOVE_TO
from xiangqi_gpt.rules.pieces import ADVISOR, BISHOP, CANNON, KNIGHT, PAWN, PIECE_TYPES, ROOK, SQUARES
from xiangqi_gpt.rules.position_features import play_positions

Boards = npt.NDArray[np.int8]
Numbers = npt.NDArray[np.int64]

_TOGETHER: Final = 1 << 16  # positions that are looked up at once


def replay(store: TokenStore, game: int) -> tuple[Boards, npt.NDArray[np.int8]]:
    """Return the positions before each move of a game: (T, 90) boards and (T,) sides to move."""
    moves = np.asarray(store.moves[store.offsets[game] : store.offsets[game + 1]]).astype(np.int64)
    boards, sides = np.empty((len(moves), SQUARES), np.int8), np.empty(len(moves), np.int8)
    root = store.roots[game]
    play_positions(store.root_boards[root].copy(), int(store.root_sides[root]), moves, boards, sides)
    return boards, sides


class KnownReplies:
    """Which of some positions other games went through, and what was played there most often.

    Memory grows with the positions asked about, not with the games. Mirror images count as the same position.
    """

    def __init__(self, boards: Boards, sides: npt.NDArray[np.int8]) -> None:
        keys, self._mirrored = position_keys(boards, sides)
        self._keys, self._place = np.unique(keys, return_inverse=True)
        self._seen = np.zeros(len(self._keys), np.bool_)
        self._pairs = np.empty(0, np.int64)  # position * 2086 + move, each once
        self._counts = np.empty(0, np.int64)

    def learn(self, store: TokenStore, games: npt.NDArray[np.int64]) -> None:
        """Count the moves of games: the engine's where it was asked, else the one played, unless it was at random."""
        waiting: list[int] = []
        plies = 0
        for game in games.tolist():
            waiting.append(game)
            plies += int(store.offsets[game + 1] - store.offsets[game])
            if plies >= _TOGETHER:
                self._count(store, waiting)
                waiting, plies = [], 0
        if waiting:
            self._count(store, waiting)

    def _count(self, store: TokenStore, games: list[int]) -> None:
        replayed = [replay(store, game) for game in games]
        keys, mirrored = position_keys(*(np.concatenate(parts) for parts in zip(*replayed, strict=True)))
        targets = [target_moves(store, game) for game in games]
        moves, learned = (np.concatenate(parts) for parts in zip(*targets, strict=True))
        place = np.searchsorted(self._keys, keys)
        place[place == len(self._keys)] = 0
        known = self._keys[place] == keys
        self._seen[place[known]] = True
        known &= learned
        found = place[known] * MOVE_COUNT + _canonical(moves[known], mirrored[known])
        self._pairs, back = np.unique(np.concatenate((self._pairs, found)), return_inverse=True)
        weights = np.concatenate((self._counts, np.ones(len(found), np.int64)))
        self._counts = np.bincount(back, weights, len(self._pairs)).astype(np.int64)

    def seen(self) -> npt.NDArray[np.bool_]:
        """Return (P,) which of the positions asked about occurred in the games."""
        return self._seen[self._place]

    def replies(self) -> Numbers:
        """Return (P,) the most frequent move of each position, of equals the lowest; -1 where none is known."""
        best = np.full(len(self._keys), -1, np.int64)
        order = np.lexsort((-self._pairs, self._counts))  # the last to be written is the most frequent
        best[self._pairs[order] // MOVE_COUNT] = self._pairs[order] % MOVE_COUNT
        replies = best[self._place]
        known = replies >= 0
        replies[known & self._mirrored] = MIRROR[replies[known & self._mirrored]]
        return replies


def _canonical(moves: Numbers, mirrored: npt.NDArray[np.bool_]) -> Numbers:
    return np.where(mirrored, MIRROR[moves], moves).astype(np.int64)


def target_moves(store: TokenStore, game: int) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """Return (T,) the move to learn at each ply, the engine's or the one played, and whether to learn it."""
    here = slice(int(store.offsets[game]), int(store.offsets[game + 1]))
    best = np.asarray(store.best[here])
    labelled = best != NO_LABEL
    plies = np.arange(len(best))
    given = (np.asarray(store.random_plies[here]) != 0) | (plies < store.first_target_ply[game])
    return np.where(labelled, best, np.asarray(store.moves[here])).astype(np.int64), labelled | ~given


#: (15,) captures by piece code, in the order of what ``greedy`` takes them to be worth; 0 for an empty square.
_PRIZE: Final = np.zeros(2 * PIECE_TYPES + 1, np.int8)
for _rank, _kinds in enumerate(((PAWN,), (ADVISOR, BISHOP), (KNIGHT,), (CANNON,), (ROOK,)), start=1):
    for _kind in _kinds:
        _PRIZE[[_kind, _kind + PIECE_TYPES]] = _rank


def greedy_chance(boards: Boards, legal: npt.NDArray[np.bool_], moves: Numbers) -> npt.NDArray[np.float64]:
    """Return (P,) the chance that ``greedy`` (most valuable capture, else any move) plays ``moves`` (P,).

    ``legal`` (P, 2086) marks the legal moves of ``boards`` (P, 90).
    """
    prizes = np.where(legal, _PRIZE[boards][:, MOVE_TO], -1)
    most = prizes.max(axis=1, keepdims=True)
    equals = (prizes == most).sum(axis=1)
    chosen = prizes[np.arange(len(moves)), moves] == most[:, 0]
    return np.where(chosen & (most[:, 0] >= 0), 1.0 / equals, 0.0)
