"""Reads boards with a model: many in one pass, and of each game only the plies that are new since the last time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from xiangqi_gpt.inference.encoding import encode_positions, start_token, to_perspective
from xiangqi_gpt.inference.vocabulary import PADDING, RESULT_UNKNOWN, RESULTS, SOURCES
from xiangqi_gpt.model.character_model import evaluate_characters, first_choices
from xiangqi_gpt.model.gpt import FeatureBags, Gpt
from xiangqi_gpt.model.kv_cache import KvCache
from xiangqi_gpt.rules import MOVE_COUNT, MOVES, Board, Move
from xiangqi_gpt.rules.position_features import play_positions

from .opening_bias import starts_as_usual
from .player import PlayerError

_PLIES_AT_ONCE = 8192  # of many boards in one pass
KEPT_GAMES = 256  # whose keys and values are kept
_SHORT = 4  # plies that a kept game may have gone on to be read together with others


@dataclass(frozen=True)
class Evaluation:
    """What the model says of a position: each legal move's probability, likeliest first, and win/draw/loss.

    Equal games share one reading: it is not to be changed.
    ``raw`` is its own choice among all moves, legal or not; None where what it would say is no move at all.
    """

    policy: dict[Move, float]
    wdl: tuple[float, float, float]
    unmasked: Move | None = None


@dataclass(frozen=True)
class _CachedGame:
    """What the model reads of a board: the position a window of the game starts from, and the moves since."""

    root: bytes
    side: int
    moves: tuple[int, ...]

    def shared_plies(self, other: _CachedGame) -> int:
        """How many tokens two lines have in common, the start of the game counted as one."""
        if (self.root, self.side) != (other.root, other.side):
            return 0
        pairs = zip(self.moves, other.moves, strict=False)
        return 1 + next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(self.moves), len(other.moves)))


class Evaluator:
    """Runs a model over boards, and keeps what it computed of the last games it saw.

    A game that has gone on, or gone back, since is read from where it differs. ``source`` is where the games are said
    to come from (``any``, ``master``, ``online``, ``engine``, ``self-play``).
    """

    def __init__(self, model: Gpt, *, source: str = "any", reserve: int = 0) -> None:
        """``reserve`` plies of the model's context are left free for a search to look ahead."""
        self.model = model
        self._context = model.config.context - reserve
        self._has_features = model.config.features != "none"
        self._control = torch.tensor([[SOURCES[source], RESULTS[RESULT_UNKNOWN]]])
        self._cache = KvCache(model.config)
        self._rows: dict[_CachedGame, int] = {}  # row of each kept game, the longest unused first

    def evaluate(self, board: Board) -> Evaluation:
        """Read one board."""
        return self.evaluate_many([board])[0]

    def evaluate_many(self, boards: Sequence[Board]) -> list[Evaluation]:
        """Read boards, many in one pass."""
        if self.model.config.tokenizer.tokens_per_move > 1:
            return [self._evaluate_characters(board) for board in boards]
        readings: list[Evaluation] = []
        for first in range(0, len(boards), KEPT_GAMES):
            readings += self._evaluate_cached(boards[first : first + KEPT_GAMES])
        return readings

    def cached_game(self, board: Board) -> Tensor:
        """The keys and values (layers, 2, H, plies, D/H) of a board, its last ply included; read first if need be."""
        line = self._line(board)
        if line not in self._rows:
            self.evaluate(board)
        return self._cache.store[:, :, self._rows[line], :, : len(line.moves) + 1]

    def _evaluate_characters(self, board: Board) -> Evaluation:
        """Read a board with a model that spells its moves: from the start of the game, one at a time."""
        played = [move.index for move in self._played(board)]
        moves = list(board.legal_moves)
        found = evaluate_characters(self.model, played, [move.index for move in moves])
        order = torch.argsort(found.logs, descending=True, stable=True).tolist()
        policy = dict(zip([moves[i] for i in order], found.logs.softmax(-1)[order].tolist(), strict=True))
        raw = int(first_choices(self.model, [*played, 0])[-1])
        win, draw, loss = found.wdl.tolist()
        return Evaluation(policy, (win, draw, loss), MOVES[raw] if raw >= 0 else None)

    def _played(self, board: Board) -> list[Move]:
        """The moves of a game that a blind model can follow. Raises ``PlayerError`` for another."""
        if not starts_as_usual(board):
            raise PlayerError("a blind model can only follow a game from the usual start: it sees no board")
        if len(board.move_stack) >= self._context:
            raise PlayerError(
                f"a blind model can follow a game for {self._context - 1} plies, this one has {len(board.move_stack)}"
            )
        return board.move_stack

    def _evaluate_cached(self, boards: Sequence[Board]) -> list[Evaluation]:
        every = [self._line(board) for board in boards]
        first: dict[_CachedGame, int] = {}  # games that are alike are read once
        for place, line in enumerate(every):
            first.setdefault(line, place)
        lines = list(first)
        self._cache.reserve(len(every))  # games that are alike will part
        places = self._place(lines)
        readings: dict[_CachedGame, Evaluation] = {}
        for group in _groups([len(line.moves) + 1 - start for line, (_, start) in zip(lines, places, strict=True)]):
            read = [lines[i] for i in group]
            found = self._evaluate_group([boards[first[line]] for line in read], read, [places[i] for i in group])
            readings.update(zip(read, found, strict=True))
        for line, (row, _) in zip(lines, places, strict=True):
            self._rows[line] = row
        return [readings[line] for line in every]

    def _place(self, lines: list[_CachedGame]) -> list[tuple[int, int]]:
        """(row, first ply to read) of each line; the rows are taken out of ``_rows`` until they have been read."""
        taken: dict[_CachedGame, int] = {}
        kept = [self._take(line, taken, alone=len(lines) == 1) for line in lines]
        used = {*taken.values(), *self._rows.values()}
        free = [row for row in range(KEPT_GAMES) if row not in used]
        places, given = [], set()
        for row, start in kept:
            if row is None or row in given:  # a new game, or one that parts from another of these
                own = free.pop(0) if free else self._rows.pop(next(iter(self._rows)))
                if row is not None:
                    self._cache.copy(row, own, start)
                row = own
            given.add(row)
            places.append((row, start))
        return places

    def _take(self, line: _CachedGame, taken: dict[_CachedGame, int], *, alone: bool) -> tuple[int | None, int]:
        """The row of a kept game that is a line's beginning, and how many of its plies need not be read again.

        ``taken`` holds the kept games that were found to be beginnings before, with their rows.
        """
        plies = len(line.moves)
        for missing in range(min(_SHORT, plies + 1)):
            beginning = replace(line, moves=line.moves[: plies - missing])
            row = self._rows.pop(beginning, None)
            if row is not None:
                taken[beginning] = row
            if beginning in taken:  # the last ply is always read: its hidden state is not kept
                return taken[beginning], plies + 1 - max(missing, 1)
        if alone and self._rows:  # one person's game, after undo or a jump
            nearest = max(self._rows, key=line.shared_plies)
            if shared := line.shared_plies(nearest):
                taken[nearest] = self._rows.pop(nearest)
                return taken[nearest], min(shared, plies)
        return None, 0

    def _evaluate_group(
        self, boards: list[Board], lines: list[_CachedGame], places: list[tuple[int, int]]
    ) -> list[Evaluation]:
        """Read the new plies of some lines in one pass and what the model says after the last of each."""
        rows, starts = [row for row, _ in places], [start for _, start in places]
        followed = [_positions(line) for line in lines]
        lengths = np.array([len(sides) - start for (_, sides), start in zip(followed, starts, strict=True)])
        tokens = np.full((len(lines), int(lengths.max())), PADDING, np.int64)
        for b, (line, (_, sides)) in enumerate(zip(lines, followed, strict=True)):
            tokens[b, : lengths[b]] = self._tokens(line, sides)[starts[b] :]
        seen = bags = last = None
        if self._has_features:
            new_boards = np.concatenate(
                [positions[start:] for (positions, _), start in zip(followed, starts, strict=True)]
            )
            new_sides = np.concatenate([sides[start:] for (_, sides), start in zip(followed, starts, strict=True)])
            seen = encode_positions(new_boards, new_sides, self.model.config.features, threads=torch.get_num_threads())
            bags = FeatureBags.of(seen, lengths, tokens.shape[1])
            ends = np.cumsum(lengths) - 1
            last = seen.candidates[ends], seen.feature_ids[ends]
        with torch.inference_mode():
            past = self._cache.extend(rows, starts, tokens.shape[1])
            hidden = self.model(torch.from_numpy(tokens), self._control.expand(len(lines), 2), bags, past)
            return self._evaluations(boards, hidden[torch.arange(len(lines)), torch.from_numpy(lengths - 1)], last)

    def _line(self, board: Board) -> _CachedGame:
        """The plies the model can look back on; a longer game goes on from the board of a later ply."""
        moves = [move.index for move in (board.move_stack if self._has_features else self._played(board))]
        root, context = board.root, self._context
        if len(moves) < context:
            return _CachedGame(root.squares.tobytes(), root.turn, tuple(moves))
        half = context // 2
        first = ((len(moves) - context) // half + 1) * half
        earlier = board.copy()
        while len(earlier.move_stack) > first:
            earlier.pop()
        return _CachedGame(earlier.squares.tobytes(), earlier.turn, tuple(moves[first:]))

    def _tokens(self, line: _CachedGame, sides: npt.NDArray[np.int8]) -> npt.NDArray[np.int64]:
        tokens = np.empty(len(sides), np.int64)
        tokens[0] = start_token(line.side)
        tokens[1:] = to_perspective(np.array(line.moves, np.int64), sides[1:], self._has_features)
        return tokens

    def _evaluations(
        self, boards: list[Board], hidden: Tensor, last: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]] | None
    ) -> list[Evaluation]:
        """Readings from the hidden states (N, D) of the boards' last plies."""
        scores = self.model.policy_logits(hidden)
        if last is None:
            candidates = _padded([board.legal_moves.indices for board in boards])
            feature_ids = np.zeros((*candidates.shape, 1), np.int64)
        else:
            candidates, feature_ids = last
        logits = self.model.legal_logits(scores, torch.from_numpy(candidates), torch.from_numpy(feature_ids))
        if self._has_features:
            chosen = self._raw_choices(scores[:, :MOVE_COUNT].float(), logits, torch.from_numpy(candidates), boards)
        else:
            chosen = self.model.unmasked_logits(hidden).argmax(-1).numpy()
        probabilities = logits.softmax(-1).numpy()
        values = self.model.value_logits(hidden).softmax(-1).tolist()
        readings = []
        for board, row, chances, value, raw in zip(boards, candidates, probabilities, values, chosen, strict=True):
            count = int((row >= 0).sum())
            absolute = to_perspective(row[:count], np.full(count, board.turn), self._has_features)
            order = np.argsort(-chances[:count], kind="stable")
            policy = dict(zip([MOVES[i] for i in absolute[order].tolist()], chances[order].tolist(), strict=True))
            readings.append(Evaluation(policy, (value[0], value[1], value[2]), MOVES[raw]))
        return readings

    def _raw_choices(
        self, scores: Tensor, logits: Tensor, candidates: Tensor, boards: list[Board]
    ) -> npt.NDArray[np.int64]:
        """The likeliest of all moves: those that are legal count with what candidate features add to them."""
        legal = candidates >= 0
        rows = torch.arange(len(boards))[:, None].expand_as(candidates)
        scores = scores.index_put((rows[legal], candidates[legal]), logits[legal])
        sides = np.array([board.turn for board in boards])
        return to_perspective(scores.argmax(-1).numpy(), sides, True)


def _positions(line: _CachedGame) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """Every position of a line, the last one included: (T, 90) boards and (T,) sides to move."""
    # The board after the last move is wanted too: a further move, any move, makes the kernel write it down.
    moves = np.array([*line.moves, 0], np.int64)
    boards, sides = np.empty((len(moves), 90), np.int8), np.empty(len(moves), np.int8)
    play_positions(np.frombuffer(line.root, np.int8).copy(), line.side, moves, boards, sides)
    return boards, sides


def _groups(new_plies: list[int]) -> list[list[int]]:
    """Places of lines to be read together: those with equally few new plies, and the others sorted by length."""
    groups: dict[int, list[int]] = {}
    long: list[int] = []
    for place, plies in enumerate(new_plies):
        if plies <= _SHORT:
            groups.setdefault(plies, []).append(place)
        else:
            long.append(place)
    long.sort(key=lambda place: new_plies[place])
    batches = list(groups.values())
    while long:
        size = max(1, _PLIES_AT_ONCE // new_plies[long[-1]])
        batches.append(long[-size:])
        del long[-size:]
    return batches


def _padded(lists: list[npt.NDArray[np.int16]]) -> npt.NDArray[np.int64]:
    padded = np.full((len(lists), max(map(len, lists))), -1, np.int64)
    for row, values in enumerate(lists):
        padded[row, : len(values)] = values
    return padded
