"""A whole game read in one pass: what the model says of every position, and of what another move would have led to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xiangqi_gpt.rules import Move, Position, Wdl, kernels
from xiangqi_gpt.rules.fen import is_start_position
from xiangqi_gpt.rules.position_features import play_positions

from .encoding import encode_positions, start_token, to_perspective
from .errors import UnsupportedGameError
from .evaluation import Evaluation, evaluations, legal_moves
from .network import Cache, Integers, Network, Plies, softmax


@dataclass(frozen=True)
class _Window:
    """Positions ``first`` to ``last`` (excluded) are judged by what was read from position ``start`` on."""

    start: int
    first: int
    last: int
    cache: Cache


class WholeGame:
    """A game and what the model computed of it. ``positions`` has one evaluation a position, the last one included."""

    def __init__(self, network: Network, root: Position, moves: Sequence[Move], *, control: Integers) -> None:
        """Read the game. Raises ``UnsupportedGameError`` when the model cannot follow it.

        ``control`` (2,) are the source and result tokens of the game.
        """
        self._network, self._control = network, control
        self._has_features = network.config.features != "none"
        if network.config.tokenizer.tokens_per_move > 1:
            raise UnsupportedGameError(
                "a model that spells its moves cannot analyse a game; choose one with one token a move"
            )
        if not self._has_features:
            expect_readable(root, len(moves), network.config.context - 1)
        self._moves = np.array([move.index for move in moves], np.int64)
        count = len(moves) + 1
        self._boards, self._sides = np.empty((count, 90), np.int8), np.empty(count, np.int8)
        # One move more than was played: the kernel writes down a position before it plays on from there.
        play_positions(root.squares.copy(), root.turn, np.append(self._moves, 0), self._boards, self._sides)
        self._windows: list[_Window] = []
        self.positions: list[Evaluation] = []
        for start, first, last in _windows(count, network.config.context):
            self.positions += self._read(start, first, last)

    def values_after(self, branches: Sequence[tuple[int, Move]]) -> list[Wdl]:
        """Return win, draw and loss for the opponent after moves that could have been played.

        A branch is the ply it replaces (0 for the first) and a move. All are read in one pass, each looking back on
        the game before it and on itself alone.
        """
        values: list[Wdl] = [Wdl(0.0, 1.0, 0.0)] * len(branches)
        for window in self._windows:
            places = [i for i, (ply, _) in enumerate(branches) if window.first <= ply + 1 < window.last]
            if places:
                found = self._read_branches(window, [branches[i] for i in places])
                for place, value in zip(places, found, strict=True):
                    values[place] = value
        return values

    def _read(self, start: int, first: int, last: int) -> list[Evaluation]:
        boards, sides = self._boards[start:last], self._sides[start:last]
        tokens = np.empty(last - start, np.int64)
        tokens[0] = start_token(int(sides[0]))
        tokens[1:] = to_perspective(self._moves[start : last - 1], sides[1:], self._has_features)
        features = encode_positions(boards, sides, self._network.config.features) if self._has_features else None
        cache = self._network.new_cache()
        first_row, length = np.zeros(1, np.int64), np.array([len(tokens)], np.int64)
        hidden = self._network.forward(Plies(tokens, first_row, first_row, length, features), self._control, cache)
        self._windows.append(_Window(start, first, last, cache))
        judged = slice(first - start, None)
        candidates, feature_ids = legal_moves(boards, sides, features)
        return evaluations(
            self._network,
            hidden[judged],
            sides[judged],
            candidates[judged],
            feature_ids[judged],
            unmasked=not self._has_features,
        )

    def _read_branches(self, window: _Window, branches: Sequence[tuple[int, Move]]) -> list[Wdl]:
        plies = np.array([ply for ply, _ in branches])
        indices = np.array([move.index for _, move in branches])
        boards, sides = self._boards[plies].copy(), self._sides[plies].copy()
        kernels.push_batch(boards, sides, indices.astype(np.int16))
        tokens = to_perspective(indices, sides, self._has_features)
        features = None
        if self._has_features:
            features = encode_positions(boards, sides, self._network.config.features, moves=False)
        ends = plies - window.start + 1
        hidden = self._network.forward_branches(tokens, features, window.cache, 0, ends)
        return [Wdl(*chances) for chances in softmax(self._network.value_logits(hidden)).tolist()]


def expect_readable(root: Position, plies: int, longest: int) -> None:
    """Raise ``UnsupportedGameError`` unless a moves-only model can follow a game of so many plies from ``root``."""
    if not is_start_position(root):
        raise UnsupportedGameError(
            "a blind model can only follow a game from the usual start: it sees no board", code="game_start"
        )
    if plies > longest:
        raise UnsupportedGameError(
            f"a blind model can follow a game for {longest} plies, this one has {plies}",
            code="game_long",
            plies=longest,
        )


def _windows(positions: int, context: int) -> list[tuple[int, int, int]]:
    """(start, first, last) of the windows a long game is read in: as a player does, which looks back on half a context
    at least once the game is longer than a whole one."""
    windows = [(0, 0, min(positions, context))]
    half = context // 2
    while windows[-1][2] < positions:
        start, _, last = windows[-1]
        windows.append((start + half, last, min(positions, last + half)))
    return windows
