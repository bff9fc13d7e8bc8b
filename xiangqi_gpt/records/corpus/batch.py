"""Many games as arrays: what training and statistics work on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules import START_FEN, parse_fen

from ..game import Game, result_code
from ..results import UNKNOWN
from .policy_targets import MOST_MOVES, heaviest

NO_LABEL: Final = 65535  #: in ``best``: no move was given
NO_SCORE: Final = -32768  #: in ``cp``: no score was given


@dataclass(frozen=True)
class GameBatch:
    """G games with P plies in all; game ``g`` is ``moves[offsets[g]:offsets[g + 1]]``.

    ``best`` and ``cp`` are an engine's move and centipawns for the side to move at each ply (``NO_LABEL`` and
    ``NO_SCORE`` where it gave none), both None when no game has labels. ``random_plies`` were played at random;
    they, and plies before a game's ``first_target_ply``, are not to be imitated. ``start_fens`` is None when every game
    starts from the usual position. ``policy_moves`` and ``policy_weights`` are targets of several moves, padded with
    ``NO_LABEL`` and 0 (``records.corpus.policy_targets``), both None when no game has any.
    """

    moves: npt.NDArray[np.uint16]  #: (P,) indices below 2086
    offsets: npt.NDArray[np.int64]  #: (G + 1,) from 0 to P
    results: npt.NDArray[np.int8]  #: (G,) 0 Red won, 1 draw, 2 Black won, 3 unknown
    kinds: list[str]
    sources: list[str]
    truncated: npt.NDArray[np.bool_]  #: (G,) the record stops before the game did
    prefix_of_other: npt.NDArray[np.bool_]  #: (G,) another record goes on from here
    result_conflict: npt.NDArray[np.bool_]  #: (G,) sources disagree about the result
    best: npt.NDArray[np.uint16] | None  #: (P,)
    cp: npt.NDArray[np.int16] | None  #: (P,)
    random_plies: npt.NDArray[np.bool_]  #: (P,)
    first_target_ply: npt.NDArray[np.int16]  #: (G,)
    start_fens: list[str] | None
    policy_moves: npt.NDArray[np.uint16] | None = None  #: (P, 8)
    policy_weights: npt.NDArray[np.uint16] | None = None  #: (P, 8)

    def __len__(self) -> int:
        return len(self.results)

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """(G,) plies of each game."""
        return np.diff(self.offsets)

    @property
    def agreed_results(self) -> npt.NDArray[np.int8]:
        """(G,) results, unknown where sources disagree."""
        return np.where(self.result_conflict, np.int8(result_code(UNKNOWN)), self.results)

    def roots(self) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
        """Start boards (G, 90) and sides to move (G,)."""
        start = parse_fen(START_FEN)
        boards, sides = np.repeat(start.squares[None], len(self), axis=0), np.zeros(len(self), np.int8)
        for g, fen in enumerate(self.start_fens or ()):
            if fen != START_FEN:
                position = parse_fen(fen, lenient=True)
                boards[g], sides[g] = position.squares, position.turn
        return boards, sides

    def select(self, keep: npt.NDArray[np.bool_]) -> GameBatch:
        """The games where ``keep`` (G,) is true."""
        return self.cut(self.lengths, keep)

    def cut(self, plies: npt.NDArray[np.int64], keep: npt.NDArray[np.bool_]) -> GameBatch:
        """The games where ``keep`` (G,) is true, each with at most its first ``plies`` (G,) plies."""
        lengths = np.minimum(self.lengths, plies)
        number = np.arange(len(self.moves)) - np.repeat(self.offsets[:-1], self.lengths)
        wanted = np.repeat(keep, self.lengths) & (number < np.repeat(lengths, self.lengths))
        games = np.flatnonzero(keep).tolist()
        return GameBatch(
            moves=self.moves[wanted],
            offsets=np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths[keep])]),
            results=self.results[keep],
            kinds=[self.kinds[g] for g in games],
            sources=[self.sources[g] for g in games],
            truncated=self.truncated[keep] | (lengths < self.lengths)[keep],
            prefix_of_other=self.prefix_of_other[keep],
            result_conflict=self.result_conflict[keep],
            best=None if self.best is None else self.best[wanted],
            cp=None if self.cp is None else self.cp[wanted],
            random_plies=self.random_plies[wanted],
            first_target_ply=self.first_target_ply[keep],
            start_fens=None if self.start_fens is None else [self.start_fens[g] for g in games],
            policy_moves=None if self.policy_moves is None else self.policy_moves[wanted],
            policy_weights=None if self.policy_weights is None else self.policy_weights[wanted],
        )


def batch_from_games(games: Sequence[Game]) -> GameBatch:
    """A batch of games whose moves are already known to be legal."""
    lengths = [len(game.moves) for game in games]
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])
    plies = int(offsets[-1])
    flags = [game.flags for game in games]
    random_plies = np.zeros(plies, np.bool_)
    first_target_ply = np.zeros(len(games), np.int16)
    labelled = any(game.labels is not None for game in games)
    best = np.full(plies, NO_LABEL, np.uint16) if labelled else None
    cp = np.full(plies, NO_SCORE, np.int16) if labelled else None
    for g, game in enumerate(games):
        if game.labels is None or best is None or cp is None:
            continue
        begin, end, labels = int(offsets[g]), int(offsets[g + 1]), game.labels
        first_target_ply[g] = labels.first
        random_plies[[begin + n for n in labels.random_plies if n < lengths[g]]] = True
        start = min(begin + labels.first, end)
        moves = [NO_LABEL if move is None else move.index for move in labels.best[: end - start]]
        scores = [NO_SCORE if score is None else score for score in labels.cp[: end - start]]
        best[start : start + len(moves)] = moves
        cp[start : start + len(scores)] = scores
    policy_moves, policy_weights = _policy(games, offsets)
    standard = all(game.root == START_FEN for game in games)
    return GameBatch(
        moves=np.fromiter((move.index for move in chain.from_iterable(game.moves for game in games)), np.uint16, plies),
        offsets=offsets,
        results=np.array([result_code(game.result) for game in games], np.int8),
        kinds=[game.tags.get("Kind", "unknown") for game in games],
        sources=[game.tags.get("Source", "") for game in games],
        truncated=np.array(["truncated" in words for words in flags], np.bool_),
        prefix_of_other=np.array(["prefix_of_other" in words for words in flags], np.bool_),
        result_conflict=np.array(["result_conflict" in words for words in flags], np.bool_),
        best=best,
        cp=cp,
        random_plies=random_plies,
        first_target_ply=first_target_ply,
        start_fens=None if standard else [game.root for game in games],
        policy_moves=policy_moves,
        policy_weights=policy_weights,
    )


def _policy(
    games: Sequence[Game], offsets: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.uint16] | None, npt.NDArray[np.uint16] | None]:
    """The targets of several moves (P, 8), with their weights; None where no game has any."""
    if not any(game.labels and game.labels.policy for game in games):
        return None, None
    plies = int(offsets[-1])
    moves, weights = np.full((plies, MOST_MOVES), NO_LABEL, np.uint16), np.zeros((plies, MOST_MOVES), np.uint16)
    for g, game in enumerate(games):
        if game.labels is None:
            continue
        begin, end = int(offsets[g]) + game.labels.first, int(offsets[g + 1])
        for ply, targets in zip(range(begin, end), game.labels.policy, strict=False):
            for place, (move, weight) in enumerate(heaviest(targets)):
                moves[ply, place], weights[ply, place] = move.index, weight
    return moves, weights
