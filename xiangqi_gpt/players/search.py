"""The GPT with a search: PUCT over its policy and its win/draw/loss, on its own cache."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from xiangqi_gpt.inference.evaluation import Evaluation
from xiangqi_gpt.inference.evaluator import KEPT_GAMES, Evaluator
from xiangqi_gpt.inference.model_folder import find_model
from xiangqi_gpt.inference.network import Network
from xiangqi_gpt.rules import Board

from .leaf_evaluator import LeafEvaluator, Pending
from .leaf_networks import leaf_network
from .networks import load_network
from .overlooking import seen_moves
from .player import (
    BasePlayer,
    Clock,
    Decision,
    OnProgress,
    PlayerError,
    Policy,
    SearchLimit,
    SearchProgress,
    Stop,
    expect_moves,
)
from .sampling import draw_move
from .time_management import TimeBudget, TimeManager, effort
from .tree import Gathered, Tree, TreeSettings

#: Batches of a tree that are under way at a time. They are taken in and gathered again in turns, A, B, A, B: what is
#: searched is the same for any number of threads, and on two of them one batch is evaluated while the tree grows by the
#: other.
_LANES: Final = 2
#: Leaves of a batch: one in so many visits, and at most so many.
_VISITS_A_LEAF: Final = 32
BATCH: Final = 32

_SECONDS_BETWEEN_REPORTS: Final = 0.1
_PLIES_GONE_ON: Final = 4  # that a kept tree may have been left behind by its game


#: A game so far: the root's pieces and side to move, and the moves.
_Game = tuple[bytes, int, tuple[int, ...]]


class _Search:
    """One move being searched: its tree, its limit, and when it began."""

    def __init__(
        self,
        tree: Tree,
        history: Any,
        reading: Evaluation,
        limit: SearchLimit,
        effort: float,
        start: float,
    ) -> None:
        self.tree, self.history, self.reading, self.start = tree, history, reading, start
        self._manager = None if limit.budget is None else TimeManager(limit.budget, start, reading.policy.values())
        self.under_way = 0  #: leaves that were gathered and not yet taken in
        self._already = tree.visits
        self._nodes = math.inf if limit.nodes is None else max(1, round(limit.nodes * effort))
        self._deadline = math.inf if limit.movetime is None else start + effort * limit.movetime / 1000
        self._is_forced = len(reading.policy) == 1 and not replace(limit, depth=None).is_open
        self.is_done = False
        self.is_restricted = limit.moves is not None  #: at the root: no tree to be kept

    @property
    def nodes(self) -> int:
        """Positions looked at for this move."""
        return self.tree.visits - self._already

    @property
    def left(self) -> float:
        """How many more positions may be looked at."""
        return self._nodes - self.nodes - self.under_way

    def wanted(self) -> int:
        """How many leaves to gather next; 0 when the search is over but for those under way."""
        if self.left <= 0 or self.tree.is_proven or self.is_done or (self._is_forced and self.nodes + self.under_way):
            return 0
        return int(min(self.left, BATCH, max(1, self.tree.visits // _VISITS_A_LEAF)))

    def end_before(self, moment: float) -> None:
        """End the search if its time is up at ``moment``."""
        self.is_done = self.is_done or moment >= self._deadline
        if self._manager is not None and not self.is_done:
            self.is_done = self._manager.is_over(moment, *self.tree.leader(), self.nodes, self.tree.visits)


class _Batch:
    """Leaves of some searches that are being evaluated."""

    def __init__(self, gathered: list[tuple[_Search, Gathered]], pending: Pending) -> None:
        self._gathered, self._pending = gathered, pending

    def take_in(self) -> None:
        """Wait for what is found of them, and let their trees know."""
        for (search, gathered), found in zip(self._gathered, self._pending.result(), strict=True):
            search.tree.expand(gathered, found)
            search.under_way -= len(gathered)


class SearchPlayer(BasePlayer):
    """Looks ahead with the model. Keeps the tree of a game from move to move.

    ``limit`` may name nodes (positions looked at for a move), movetime, or both; ``adaptive`` moves it by the entropy
    of the policy between half and twice. ``megabytes`` bounds the keys and values of all its trees; a search that fills
    them ends. ``temperature`` above 0 draws the move from the visits' shares to the power of 1/temperature, among the
    most visited that together reach ``top_p``. ``overlook`` is the chance (0..1) not to see a move that people overlook
    (``players.overlooking``); then no tree is kept. With one seed and a limit of nodes the same games are played again.
    """

    def __init__(
        self,
        model: Network,
        *,
        name: str = "search",
        limit: SearchLimit | None = None,
        threads: int = 1,
        megabytes: int = 256,
        settings: TreeSettings | None = None,
        adaptive: bool = False,
        temperature: float = 0.0,
        top_p: float = 1.0,
        overlook: float = 0.0,
        source: str = "master",
        seed: int | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        if model.config.tokenizer.tokens_per_move != 1:
            raise PlayerError(f"{name}: a search needs a model that reads a move as one token")
        self.name = name
        self._limit = limit or SearchLimit(nodes=400)
        self.settings = settings or TreeSettings()
        self.adaptive, self.temperature = adaptive, temperature
        self.top_p, self.overlook = top_p, overlook
        self._evaluator = Evaluator(model, source=source, reserve=model.config.context // 4)
        self._leaf_evaluator = LeafEvaluator(
            leaf_network(model), threads=threads, megabytes=megabytes, tactics=self.settings.tactics
        )
        self._trees: dict[_Game, Tree] = {}  # of the last games, the longest unused first
        self._random = np.random.default_rng(seed)
        self._oversights = np.random.default_rng(None if seed is None else (seed, 1))
        self._clock = clock

    @classmethod
    def load(cls, model: str | Path = "default", **options: object) -> SearchPlayer:
        """A player from a model folder or the name of a shipped model. Raises ``CheckpointError``."""
        name = f"search:{find_model(model).name}"
        return cls(load_network(model), **{"name": name, **options})  # type: ignore[arg-type]

    @property
    def limit(self) -> SearchLimit:
        """How long it thinks about a move unless it is told otherwise."""
        return self._limit

    @property
    def divides_time(self) -> bool:
        """Whether no number of nodes limits it."""
        return self._limit.nodes is None

    @property
    def model(self) -> Network:
        """The model that is played."""
        return self._evaluator.network

    @property
    def capacity(self) -> int:
        """How many positions its trees can hold."""
        return self._leaf_evaluator.arena.capacity

    @property
    def leaves_evaluated(self) -> int:
        """How many positions of its searches the model was asked about so far."""
        return self._leaf_evaluator.evaluated

    def policy(self, board: Board) -> Policy:
        """What the model alone says: the probability of each legal move, likeliest first."""
        expect_moves(board, self.name)
        return Policy(self._evaluator.evaluate(board).policy)

    def choose(
        self,
        board: Board,
        limit: SearchLimit | None = None,
        *,
        clock: Clock | None = None,
        stop: Stop | None = None,
        on_progress: OnProgress | None = None,
    ) -> Decision:
        """Return the best move found; ``policy`` are the shares of the visits. See ``Player``.

        Without a ``limit`` it divides the ``clock``, where there is one.
        """
        start = reported = self._clock()
        if limit is None:
            limit = self.limit if clock is None else SearchLimit(budget=TimeBudget.of_clock(*clock.of(board.turn)))
        lines = limit.lines
        expect_moves(board, self.name)
        reading = self._evaluator.evaluate(board)
        limit = self._seen(board, reading, limit)

        def goes_on(now: float) -> bool:
            nonlocal reported
            if on_progress and now - reported >= _SECONDS_BETWEEN_REPORTS and search.nodes:
                reported = now
                tree = search.tree
                on_progress(SearchProgress(tree.lines(lines), search.nodes, tree.depth, now - start))
            return stop is None or not stop()

        with self._whole_or_nothing():
            search = self._begin(board, reading, limit, start)
            self._run([search], goes_on)
            self._leaf_evaluator.close_game(search.history)
            decision = self._decide(search, lines, self._clock() - start)
            if on_progress:
                on_progress(SearchProgress(decision.lines, decision.nodes, decision.depth, decision.seconds))
            self._keep(search)
        return decision

    def choose_many(self, boards: Sequence[Board]) -> list[Decision]:
        """The moves for many boards; the leaves of all of them are read together."""
        for board in boards:
            expect_moves(board, self.name)
        decisions: list[Decision] = []
        room = self._leaf_evaluator.arena.capacity // (2 * (self.limit.nodes or 0) + BATCH)
        at_once = 1 if self.limit.movetime is not None else max(1, min(room, KEPT_GAMES))
        for first in range(0, len(boards), at_once):
            group = boards[first : first + at_once]
            start = self._clock()
            readings = self._evaluator.evaluate_many(group)
            with self._whole_or_nothing():
                searches = [
                    self._begin(board, reading, self._seen(board, reading, self.limit), start)
                    for board, reading in zip(group, readings, strict=True)
                ]
                self._run(searches, lambda now: True)
                seconds = (self._clock() - start) / len(group)
                for search in searches:
                    self._leaf_evaluator.close_game(search.history)
                    decisions.append(self._decide(search, 1, seconds))
                    self._keep(search)
        return decisions

    def forget(self) -> None:
        """Drop the trees of earlier games."""
        while self._trees:
            self._drop_oldest()

    def close(self) -> None:
        """End the threads."""
        self._leaf_evaluator.close()

    @contextlib.contextmanager
    def _whole_or_nothing(self) -> Iterator[None]:
        """A search that is broken off, by Ctrl-C too, leaves a half-grown tree: then all is dropped, no slot lost."""
        try:
            yield
        except BaseException:
            self._trees.clear()
            self._leaf_evaluator.start_over()
            raise

    def _seen(self, board: Board, reading: Evaluation, limit: SearchLimit) -> SearchLimit:
        """Return the limit with the moves that it sees."""
        if self.overlook <= 0:
            return limit
        among = [move for move in reading.policy if limit.moves is None or move in limit.moves]
        return replace(limit, moves=tuple(seen_moves(board, among, self.overlook, self._oversights)))

    def _begin(self, board: Board, reading: Evaluation, limit: SearchLimit, start: float) -> _Search:
        kv = self._evaluator.cached_game(board)
        history, plies = self._leaf_evaluator.open_game(kv), kv.shape[3]
        tree = None if limit.moves is not None else self._kept_tree(board, history, plies)
        if tree is None:
            tree = Tree(
                board,
                reading,
                history,
                self._leaf_evaluator.arena,
                self.settings,
                plies=plies,
                context=self.model.config.context,
                moves=limit.moves,
            )
        share = effort(reading.policy.values()) if self.adaptive else 1.0
        return _Search(tree, history, reading, limit, share, start)

    def _kept_tree(self, board: Board, history: Any, plies: int) -> Tree | None:
        """The tree of an earlier move of the same game, moved along; None where there is none."""
        moves = board.move_stack
        for gone_on in range(min(_PLIES_GONE_ON, len(moves)) + 1):
            played = len(moves) - gone_on
            tree = self._trees.pop(_game(board, played), None)
            if tree is not None:
                if tree.advance(board, moves[played:], history, plies):
                    return tree
                tree.free()
        return None

    def _keep(self, search: _Search) -> None:
        if search.is_restricted:
            search.tree.free()
            return
        line = _game(search.tree.board)
        if (older := self._trees.pop(line, None)) is not None:
            older.free()
        self._trees[line] = search.tree

    def _drop_oldest(self) -> None:
        self._trees.pop(next(iter(self._trees))).free()

    def _run(self, searches: Sequence[_Search], goes_on: Callable[[float], bool]) -> None:
        """Let the trees grow until each search is over or ``goes_on`` says no."""
        lanes: list[_Batch | None] = [None] * _LANES
        times = [self._clock()] * _LANES  # when each lane was served last
        may_gather = True
        while True:
            for lane, batch in enumerate(lanes):
                if batch is not None:
                    batch.take_in()
                last, times[lane] = times[lane], self._clock()
                for search in searches:
                    search.end_before(times[lane] + (times[lane] - last))
                may_gather = may_gather and goes_on(times[lane])
                lanes[lane] = self._gather(searches) if may_gather else None
            if all(batch is None for batch in lanes):
                break

    def _gather(self, searches: Sequence[_Search]) -> _Batch | None:
        """Gather leaves of all searches that want some, and begin to evaluate them; None where no tree has grown."""
        arena = self._leaf_evaluator.arena
        gathered, has_grown = [], False
        for search in searches:
            if not (wanted := search.wanted()):
                continue
            while arena.free < wanted and self._trees:
                self._drop_oldest()
            before = search.nodes
            leaves = search.tree.gather(wanted, search.left)
            if leaves is not None:
                search.under_way += len(leaves)
                gathered.append((search, leaves))
            has_grown = has_grown or search.nodes > before
            if leaves is None and search.nodes == before and not search.under_way:
                search.is_done = True  # the arena is full
        if not gathered and not has_grown:
            return None
        return _Batch(gathered, self._leaf_evaluator.submit([leaves.leaves for _, leaves in gathered]))

    def _decide(self, search: _Search, lines: int, seconds: float) -> Decision:
        tree = search.tree
        shares = tree.visit_shares()
        best = tree.lines(max(lines, 1))
        move = best[0].moves[0]
        if self.temperature > 0 and best[0].mate is None and best[0].nodes:
            move = draw_move(shares, self.temperature, self.top_p, self._random)
        line = next((line for line in best if line.moves[0] == move), None) or tree.line_of(move)
        return Decision(
            move,
            shares,
            tree.wdl(),
            line.moves,
            search.nodes,
            seconds,
            line.score,
            len(line.moves),
            best,
        )


def _game(board: Board, plies: int | None = None) -> _Game:
    """What identifies the first ``plies`` plies of a game."""
    return board.root.squares.tobytes(), board.root.turn, tuple(move.index for move in board.move_stack[:plies])
