"""Reads boards with a model: one cached step a ply for one board, many boards in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from xiangqi_gpt.model.encoding import Seen, see, start_token, to_frame
from xiangqi_gpt.model.gpt import Gpt, KeyValueCache
from xiangqi_gpt.model.vocabulary import PADDING, RESULT_UNKNOWN, RESULTS, SOURCES
from xiangqi_gpt.rules import MOVES, Board, Move
from xiangqi_gpt.rules.sight import play_positions

from .player import PlayerError

_PLIES_AT_ONCE = 8192  # of many boards in one pass


@dataclass(frozen=True)
class Reading:
    """What the model says of a position: each legal move's probability, likeliest first, and win/draw/loss."""

    policy: dict[Move, float]
    wdl: tuple[float, float, float]


@dataclass(frozen=True)
class _Line:
    """What the model reads of a board: the position a window of the game starts from, and the moves since."""

    root: bytes
    side: int
    moves: tuple[int, ...]


class Reader:
    """Runs a model over boards; keeps what it computed for the last single board.

    ``source`` is where the game is said to come from (``any``, ``master``, ``online``, ``engine``, ``self-play``).
    """

    def __init__(self, model: Gpt, *, source: str = "any") -> None:
        self.model = model
        self._sighted = model.config.sight != "none"
        self._control = torch.tensor([[SOURCES[source], RESULTS[RESULT_UNKNOWN]]])
        self._cache = KeyValueCache(model.config, 1)
        self._cached: _Line | None = None

    def read(self, board: Board) -> Reading:
        """Read one board; plies that the last call had in common are not computed again."""
        line = self._line(board)
        known = self._shared_plies(line)
        boards, sides = _positions(line)
        new = slice(known, None)
        seen = see(boards[new], sides[new], self.model.config.sight) if self._sighted else None
        self._cache.truncate(known)
        self._cached = None  # a failure below must not leave a cache that claims more than it holds
        tokens = torch.from_numpy(self._tokens(line, sides)[None, new])
        with torch.inference_mode():
            bags = seen.bags(np.array([len(boards) - known]), len(boards) - known) if seen else None
            hidden = self.model(tokens, self._control, bags, self._cache)[0, -1:]
            last = _last_positions(seen, np.array([len(boards) - known - 1])) if seen else None
            reading = self._readings([board], hidden, last)[0]
        self._cached = line
        return reading

    def read_many(self, boards: Sequence[Board]) -> list[Reading]:
        """Read boards independently of each other and of the cache, many in one pass."""
        lines = [self._line(board) for board in boards]
        order = sorted(range(len(boards)), key=lambda i: len(lines[i].moves))
        readings: dict[int, Reading] = {}
        while order:
            size = max(1, _PLIES_AT_ONCE // (len(lines[order[-1]].moves) + 1))
            group, order = order[-size:], order[:-size]
            found = self._read_group([boards[i] for i in group], [lines[i] for i in group])
            readings.update(zip(group, found, strict=True))
        return [readings[i] for i in range(len(boards))]

    def _read_group(self, boards: list[Board], lines: list[_Line]) -> list[Reading]:
        followed = [_positions(line) for line in lines]
        lengths = np.array([len(positions) for positions, _ in followed])
        tokens = np.full((len(lines), int(lengths.max())), PADDING, np.int64)
        for row, (line, (_, sides)) in enumerate(zip(lines, followed, strict=True)):
            tokens[row, : lengths[row]] = self._tokens(line, sides)
        seen = bags = last = None
        if self._sighted:
            every = np.concatenate([positions for positions, _ in followed])
            seen = see(every, np.concatenate([sides for _, sides in followed]), self.model.config.sight)
            bags = seen.bags(lengths, tokens.shape[1])
            last = _last_positions(seen, np.cumsum(lengths) - 1)
        with torch.inference_mode():
            hidden = self.model(torch.from_numpy(tokens), self._control.expand(len(lines), 2), bags)
            ends = hidden[torch.arange(len(lines)), torch.from_numpy(lengths - 1)]
            return self._readings(boards, ends, last)

    def _line(self, board: Board) -> _Line:
        """The plies the model can look back on; a longer game goes on from the board of a later ply."""
        moves = [move.index for move in board.move_stack]
        root, context = board.root, self.model.config.context
        standard = not root.turn and root.squares.tobytes() == _START
        if not self._sighted and not standard:
            raise PlayerError("a blind model can only follow a game from the usual start: it sees no board")
        if len(moves) < context:
            return _Line(root.squares.tobytes(), root.turn, tuple(moves))
        if not self._sighted:
            raise PlayerError(f"a blind model can follow a game for {context - 1} plies, this one has {len(moves)}")
        half = context // 2
        first = ((len(moves) - context) // half + 1) * half
        earlier = board.copy()
        while len(earlier.move_stack) > first:
            earlier.pop()
        return _Line(earlier.squares.tobytes(), earlier.turn, tuple(moves[first:]))

    def _shared_plies(self, line: _Line) -> int:
        """How many plies of the cache are also the line's first; the last ply is always read again."""
        cached = self._cached
        if cached is None or (cached.root, cached.side) != (line.root, line.side):
            return 0
        shared = 0
        for a, b in zip(cached.moves, line.moves, strict=False):
            if a != b:
                break
            shared += 1
        return min(shared + 1, len(line.moves))

    def _tokens(self, line: _Line, sides: npt.NDArray[np.int8]) -> npt.NDArray[np.int64]:
        tokens = np.empty(len(sides), np.int64)
        tokens[0] = start_token(line.side)
        tokens[1:] = to_frame(np.array(line.moves, np.int64), sides[1:], self._sighted)
        return tokens

    def _readings(
        self, boards: list[Board], hidden: Tensor, last: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]] | None
    ) -> list[Reading]:
        """Readings from the hidden states (N, D) of the boards' last plies."""
        scores = self.model.policy_logits(hidden)
        if last is None:
            candidates = _padded([board.legal_moves.indices for board in boards])
            slots = np.zeros((*candidates.shape, 1), np.int64)
        else:
            candidates, slots = last
        logits = self.model.legal_logits(scores, torch.from_numpy(candidates), torch.from_numpy(slots))
        probabilities = logits.softmax(-1).numpy()
        values = self.model.value_logits(hidden).softmax(-1).tolist()
        readings = []
        for board, row, chances, value in zip(boards, candidates, probabilities, values, strict=True):
            count = int((row >= 0).sum())
            absolute = to_frame(row[:count], np.full(count, board.turn), self._sighted)
            order = np.argsort(-chances[:count], kind="stable")
            policy = {MOVES[absolute[i]]: float(chances[i]) for i in order}
            readings.append(Reading(policy, (value[0], value[1], value[2])))
        return readings


_START = Board().squares.tobytes()


def _positions(line: _Line) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """Every position of a line, the last one included: (T, 90) boards and (T,) sides to move."""
    # The board after the last move is wanted too: a further move, any move, makes the kernel write it down.
    moves = np.array([*line.moves, 0], np.int64)
    boards, sides = np.empty((len(moves), 90), np.int8), np.empty(len(moves), np.int8)
    play_positions(np.frombuffer(line.root, np.int8).copy(), line.side, moves, boards, sides)
    return boards, sides


def _last_positions(seen: Seen, rows: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    return seen.candidates[rows], seen.slots[rows]


def _padded(lists: list[npt.NDArray[np.int16]]) -> npt.NDArray[np.int64]:
    padded = np.full((len(lists), max(map(len, lists))), -1, np.int64)
    for row, values in enumerate(lists):
        padded[row, : len(values)] = values
    return padded
