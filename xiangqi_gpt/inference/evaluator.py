"""Evaluates games with a model: many in one pass, and of each only the plies that are new since the last time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules import MOVES, Board, Move, Position, Wdl
from xiangqi_gpt.rules.batch import push_batch
from xiangqi_gpt.rules.position_features import play_positions

from .encoding import PositionFeatures, encode_positions, start_token, to_perspective
from .evaluation import Evaluation, evaluations, legal_moves
from .network import CharacterNetwork, Floats, Network, Plies, softmax
from .vocabulary import RESULT_UNKNOWN, RESULTS, SOURCES
from .whole_game import WholeGame, expect_readable

_PLIES_AT_ONCE = 8192  # of many boards in one pass
KEPT_GAMES = 256  # whose keys and values are kept at most
_KEPT_ANYHOW = 32  # and so many, however long nobody has asked about them
_KEPT_CALLS = 4  # others, as long as one of so many last calls was about them
_SHORT = 4  # plies that a kept game may have gone on to be read together with others


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
    """Runs a network over games, and keeps what it computed of those it was asked about lately (32 to 256 of them).

    A game that has gone on, or gone back, since is read from where it differs. ``source`` is where the games are said
    to come from (``any``, ``master``, ``online``, ``engine``, ``self-play``).
    """

    def __init__(self, network: Network, *, source: str = "any", reserve: int = 0) -> None:
        """``reserve`` plies of the model's context are left free for a search to look ahead."""
        self.network = network
        self._context = network.config.context - reserve
        # Learned positions end with the context: none is left for a reply to a game that fills it.
        self._for_reply = int(network.config.body == "gpt2" and reserve == 0)
        self._has_features = network.config.features != "none"
        self._control = np.array([SOURCES[source], RESULTS[RESULT_UNKNOWN]], np.int64)
        self._cache = network.new_cache()
        self._rows: dict[_CachedGame, int] = {}  # row of each kept game, the longest unused first
        self._calls = 0
        self._last_call = np.zeros(KEPT_GAMES, np.int64)  # of each row

    def evaluate(self, board: Board) -> Evaluation:
        """Evaluate one board; fast when it is a few plies on from one that is kept.

        Raises ``UnsupportedGameError`` for a game that the model cannot follow, as the other methods do.
        """
        return self.evaluate_many([board])[0]

    def evaluate_many(self, boards: Sequence[Board]) -> list[Evaluation]:
        """Evaluate boards, hundreds in one pass."""
        if self.network.config.tokenizer.tokens_per_move > 1:
            return [self._evaluate_characters(board) for board in boards]
        found: list[Evaluation] = []
        self._calls += 1
        for first in range(0, len(boards), KEPT_GAMES):
            found += self._evaluate_lines([self._line(board) for board in boards[first : first + KEPT_GAMES]])
        return found

    def evaluate_game(self, root: Position, moves: Sequence[Move]) -> WholeGame:
        """Evaluate every position of a game in one pass; nothing of it is kept here."""
        return WholeGame(self.network, root, moves, control=self._control)

    def values_after(self, board: Board, moves: Sequence[Move]) -> list[Wdl]:
        """Return win, draw and loss for the opponent after each of some legal moves, all evaluated in one pass.

        To a model with learned positions a game that fills the context is, with the reply, one that is longer.
        """
        line = self._line(board, further=self._for_reply)
        if line not in self._rows:
            self._calls += 1
            self._evaluate_lines([line])
        count = len(moves)
        boards, sides = np.tile(board.squares, (count, 1)), np.full(count, board.turn, np.int8)
        indices = np.array([move.index for move in moves], np.int16)
        push_batch(boards, sides, indices)
        tokens = to_perspective(indices, sides, self._has_features)
        features = self._encode(boards, sides, moves=False)
        ends = np.full(count, len(line.moves) + 1, np.int64)
        hidden = self.network.forward_branches(tokens, features, self._cache, self._rows[line], ends)
        return [Wdl(*chances) for chances in softmax(self.network.value_logits(hidden)).tolist()]

    def cached_game(self, board: Board) -> Floats:
        """Return the keys and values (layers, 2, H, plies, D/H) of a board, its last ply included.

        It is evaluated first if need be. What is returned is to be read only, and before the next call.
        """
        line = self._line(board)
        if line not in self._rows:
            self.evaluate(board)
        return self._cache.view(self._rows[line], len(line.moves) + 1)

    def hidden_state(self, board: Board, layer: int) -> Floats:
        """Return the hidden state (D,) after a board's last ply, behind so many blocks, normalised."""
        line = self._line(board)
        (place,) = self._place([line])
        _, _, hidden, _ = self._forward([line], [place], layer)
        self._keep(line, place[0])
        return np.asarray(hidden[-1], np.float32)

    def _evaluate_characters(self, board: Board) -> Evaluation:
        """Evaluate a board with a model that spells its moves: from the start of the game, one at a time."""
        network = cast(CharacterNetwork, self.network)
        played = [move.index for move in self._played(board)]
        moves = list(board.legal_moves)
        logs, wdl = network.evaluate_characters(played, [move.index for move in moves])
        order = np.argsort(-logs, kind="stable")
        policy = dict(zip([moves[i] for i in order], softmax(logs)[order].tolist(), strict=True))
        return Evaluation(policy, Wdl(*wdl.tolist()), _CharacterPreferences(network, played))

    def _played(self, board: Board, further: int = 0) -> list[Move]:
        """The moves of a game that a moves-only model can follow. Raises ``UnsupportedGameError`` for another.

        ``further`` plies will be read with it.
        """
        expect_readable(board.root, len(board.move_stack) + further, self._context - 1)
        return board.move_stack

    def _evaluate_lines(self, every: list[_CachedGame]) -> list[Evaluation]:
        first: dict[_CachedGame, int] = {}  # games that are alike are read once
        for place, line in enumerate(every):
            first.setdefault(line, place)
        lines = list(first)
        self._cache.reserve(len(every))  # games that are alike will part
        places = self._place(lines)
        evaluated: dict[_CachedGame, Evaluation] = {}
        for group in _groups([len(line.moves) + 1 - start for line, (_, start) in zip(lines, places, strict=True)]):
            read = [lines[i] for i in group]
            found = self._evaluate_group(read, [places[i] for i in group])
            evaluated.update(zip(read, found, strict=True))
        for line, (row, _) in zip(lines, places, strict=True):
            self._keep(line, row)
        self._drop_games()
        return [evaluated[line] for line in every]

    def _keep(self, line: _CachedGame, row: int) -> None:
        if (other := self._rows.pop(line, row)) != row:  # two games have come to be alike
            self._cache.release(other)
        self._rows[line] = row
        self._last_call[row] = self._calls

    def _drop_games(self) -> None:
        """Forget games that nobody asks about any more, so that of many that end one by one few are kept.

        Two players that evaluate together ask in turns, and a game whose move is made for them misses a call.
        """
        while len(self._rows) > _KEPT_ANYHOW:
            oldest = next(iter(self._rows))
            if self._last_call[self._rows[oldest]] > self._calls - _KEPT_CALLS:
                break
            self._cache.release(self._rows.pop(oldest))

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
        order = [missing for missing in range(_SHORT) if missing <= plies]
        if not alone and plies:  # of two games alike but for a ply, each goes on with its own row
            order[:2] = 1, 0
        for missing in order:
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

    def _evaluate_group(self, lines: list[_CachedGame], places: list[tuple[int, int]]) -> list[Evaluation]:
        """Evaluate the last position of some lines, whose new plies are read in one pass."""
        boards, sides, hidden, features = self._forward(lines, places)
        new_plies = [len(line.moves) + 1 - start for line, (_, start) in zip(lines, places, strict=True)]
        ends = np.cumsum(new_plies) - 1
        if len(ends) < len(boards):
            boards, sides, hidden = boards[ends], sides[ends], hidden[ends]
            features = self._encode(boards, sides)
        return evaluations(self.network, hidden, sides, *legal_moves(boards, sides, features))

    def _forward(
        self, lines: list[_CachedGame], places: list[tuple[int, int]], layer: int | None = None
    ) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8], Floats, PositionFeatures | None]:
        """Read the N new plies of some lines: their boards (N, 90), sides (N,), hidden states (N, D) and features.

        The features have candidates where every line has one new ply.
        """
        tokens, boards, sides = [], [], []
        for line, (_, start) in zip(lines, places, strict=True):
            positions, to_move = _positions(line)
            boards.append(positions[start:])
            sides.append(to_move[start:])
            tokens.append(self._tokens(line, to_move)[start:])
        every_board, every_side = np.concatenate(boards), np.concatenate(sides)
        features = self._encode(every_board, every_side, moves=len(every_board) == len(lines))
        rows, starts = (np.array(numbers, np.int64) for numbers in zip(*places, strict=True))
        lengths = np.array([len(part) for part in tokens], np.int64)
        plies = Plies(np.concatenate(tokens), rows, starts, lengths, features)
        return every_board, every_side, self.network.forward(plies, self._control, self._cache, layer), features

    def _encode(
        self, boards: npt.NDArray[np.int8], sides: npt.NDArray[np.int8], *, moves: bool = True
    ) -> PositionFeatures | None:
        if not self._has_features:
            return None
        return encode_positions(boards, sides, self.network.config.features, moves=moves)

    def _line(self, board: Board, further: int = 0) -> _CachedGame:
        """The plies the model can look back on; a longer game goes on from the board of a later ply.

        ``further`` plies will be read with it.
        """
        moves = [move.index for move in (board.move_stack if self._has_features else self._played(board, further))]
        root, context, plies = board.root, self._context, len(moves) + further
        if plies < context:
            return _CachedGame(root.squares.tobytes(), root.turn, tuple(moves))
        half = context // 2
        first = ((plies - context) // half + 1) * half
        earlier = board.copy()
        while len(earlier.move_stack) > first:
            earlier.pop()
        return _CachedGame(earlier.squares.tobytes(), earlier.turn, tuple(moves[first:]))

    def _tokens(self, line: _CachedGame, sides: npt.NDArray[np.int8]) -> npt.NDArray[np.int64]:
        tokens = np.empty(len(sides), np.int64)
        tokens[0] = start_token(line.side)
        tokens[1:] = to_perspective(np.array(line.moves, np.int64), sides[1:], self._has_features)
        return tokens


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


@dataclass(frozen=True)
class _CharacterPreferences:
    """``evaluation.Preferences`` of a model that spells its moves."""

    network: CharacterNetwork
    played: list[int]

    def unmasked(self) -> Move | None:
        """The move that its likeliest characters spell."""
        choice = self.network.first_choice(self.played)
        return MOVES[choice] if choice >= 0 else None

    def illegal(self) -> tuple[Move, float] | None:
        """Not known: the characters of all moves would have to be tried."""
        return None
