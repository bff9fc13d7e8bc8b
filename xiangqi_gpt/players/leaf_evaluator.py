"""Evaluates the leaves of search trees in batches, on one or more threads, and looks for tactics in them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.inference.config import GptConfig
from xiangqi_gpt.inference.leaf_network import MOST_LEAVES
from xiangqi_gpt.inference.leaves import Arena, LeafEvaluations, Leaves

from .tactics_kernels import find_tactics

#: A batch is not divided into parts of fewer leaves.
_FEWEST_LEAVES: Final = 8
#: Fewer leaves are not handed over to another thread.
_FEWEST_TO_HAND_OVER: Final = 2


class AnyLeafNetwork(Protocol):
    """What evaluates a batch of leaves; ``inference.leaf_network.LeafNetwork`` says more of each."""

    config: GptConfig

    @property
    def is_row_independent(self) -> bool:
        """Whether a leaf's evaluation is the same to the last bit whatever leaves stand beside it."""
        ...

    def open_game(self, kv: npt.NDArray[np.float32]) -> Any:
        """Return what leaves of a game name as its history: ``kv`` are its keys and values, (L, 2, H, P, S)."""
        ...

    def close_game(self, history: Any) -> None:
        """Forget a game."""
        ...

    def evaluate(self, groups: Sequence[Leaves], arena: Arena) -> list[LeafEvaluations]:
        """Evaluate leaves of some games; their keys and values go into the arena."""
        ...


@dataclass
class LeafFindings(LeafEvaluations):
    """What is known of B leaves: the model's evaluations, and what was calculated.

    ``mates`` (B,) int16 are the plies in which the side to move mates, 0 for none known; the model was not asked about
    those. ``gains`` (B,) int32 are what the side to move wins by force, in hundredths of a pawn.
    """

    mates: npt.NDArray[np.int16]
    gains: npt.NDArray[np.int32]


@dataclass(frozen=True)
class Tactics:
    """What is calculated of each leaf: mates in ``mate_plies``, 0 for none, trying so many checks; and what is won.

    ``quiescence``: 0 for nothing, 1 by captures, 2 by captures, checks and flights.
    """

    mate_plies: int = 0
    mate_budget: int = 0
    quiescence: int = 0


_Task = list[tuple[int, Leaves]]  # some leaves of some groups, by the group's number


class Pending:
    """Leaves that are being evaluated, or that wait for it."""

    def __init__(self, evaluator: LeafEvaluator, groups: Sequence[Leaves]) -> None:
        self.groups = groups
        self.found: list[LeafFindings] | None = None
        self.running: list[tuple[_Task, Future[list[LeafFindings]]]] = []
        self._evaluator = evaluator

    def result(self) -> list[LeafFindings]:
        """Return what was found, one answer a group; waits for it."""
        return self._evaluator.finish(self)


class LeafEvaluator:
    """Evaluates leaves on ``threads`` cores; keys and values go into an arena of ``megabytes``.

    What is found does not depend on the number of threads: a network whose evaluations depend on the size of a batch is
    given the same batches for any number.
    """

    def __init__(
        self, network: AnyLeafNetwork, *, threads: int, megabytes: int, tactics: Tactics | None = None
    ) -> None:
        self.network, self.threads, self.tactics = network, threads, tactics or Tactics()
        self.arena = Arena(network.config, megabytes)
        self._pool = ThreadPoolExecutor(threads, "leaf-evaluator") if threads > 1 else None
        self._waiting: list[Pending] = []
        self._running: list[Future[list[LeafFindings]]] = []
        self.evaluated = 0  #: leaves that the network was asked about so far
        self._games: dict[int, Any] = {}  # those that are open

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()

    def start_over(self) -> None:
        """Take every slot back, once no thread writes into one any more."""
        wait(self._running)
        self._running.clear()
        self._waiting.clear()
        self.arena.clear()
        for history in list(self._games.values()):
            self.close_game(history)

    def open_game(self, kv: npt.NDArray[np.float32]) -> Any:
        """Return what the leaves of a game name as its history: ``kv`` are its keys and values, (L, 2, H, P, S).

        No leaf may be under evaluation.
        """
        history = self.network.open_game(kv)
        self._games[id(history)] = history
        return history

    def close_game(self, history: Any) -> None:
        """Forget a game; its trees may go on after it has been opened again."""
        self.network.close_game(self._games.pop(id(history)))

    def evaluate(self, groups: Sequence[Leaves]) -> list[LeafFindings]:
        """Evaluate leaves of several games: one answer a group."""
        return self.submit(groups).result()

    def submit(self, groups: Sequence[Leaves]) -> Pending:
        """Begin to evaluate leaves of several games; on one thread that happens when the result is asked for.

        So it does for a few leaves: two such batches together take no longer than one of them.
        """
        pending = Pending(self, groups)
        are_few = self.network.is_row_independent and sum(map(len, groups)) < _FEWEST_TO_HAND_OVER
        if self._pool is None or are_few:
            self._waiting.append(pending)
            return pending
        self._running = [future for future in self._running if not future.done()]
        for task in self._tasks(groups):  # one by one: ``start_over`` waits for those that were begun before a Ctrl-C
            self._running.append(self._pool.submit(self._evaluate_task, task))
            pending.running.append((task, self._running[-1]))
        return pending

    def finish(self, pending: Pending) -> list[LeafFindings]:
        """Return what was found of some leaves; what else waits may be evaluated together with them."""
        if pending.found is None and pending not in self._waiting:
            pending.found = _collect(len(pending.groups), [(task, done.result()) for task, done in pending.running])
        elif pending.found is None:
            together = self._waiting if self.network.is_row_independent else [pending]
            groups = [group for each in together for group in each.groups]
            found = _collect(len(groups), [(task, self._evaluate_task(task)) for task in self._tasks(groups)])
            self._waiting = [each for each in self._waiting if each not in together]
            for each in together:
                each.found, found = found[: len(each.groups)], found[len(each.groups) :]
        assert pending.found is not None
        self.evaluated += sum(int((found.mates == 0).sum()) for found in pending.found)
        return pending.found

    def _tasks(self, groups: Sequence[Leaves]) -> list[_Task]:
        """Divide leaves into batches."""
        total = sum(map(len, groups))
        parts = -(-total // MOST_LEAVES)
        if self.network.is_row_independent:  # two batches are under way at a time
            parts = max(parts, min(self.threads // 2, total // _FEWEST_LEAVES))
        bounds = [total * i // max(parts, 1) for i in range(parts + 1)]
        tasks: list[_Task] = [[] for _ in range(parts)]
        first = 0
        for number, group in enumerate(groups):
            for task, (low, high) in zip(tasks, pairwise(bounds), strict=True):
                begin, end = max(low - first, 0), min(high - first, len(group))
                if begin < end:
                    task.append((number, group.part(slice(begin, end))))
            first += len(group)
        return tasks

    def _evaluate_task(self, task: _Task) -> list[LeafFindings]:
        groups = [leaves for _, leaves in task]
        calculated = [self._calculate(leaves) for leaves in groups]
        rows = [np.flatnonzero(mates == 0) for mates, _ in calculated]
        asked = [g if len(r) == len(g) else g.part(r) for g, r in zip(groups, rows, strict=True) if len(r)]
        evaluations = iter(self.network.evaluate(asked, self.arena) if asked else ())
        return [
            _spread(next(evaluations) if len(r) else None, r, mates, gains)
            for r, (mates, gains) in zip(rows, calculated, strict=True)
        ]

    def _calculate(self, leaves: Leaves) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int32]]:
        mates, gains = np.zeros(len(leaves), np.int16), np.zeros(len(leaves), np.int32)
        tactics = self.tactics
        if tactics.mate_plies or tactics.quiescence:
            find_tactics(
                leaves.boards,
                leaves.sides,
                tactics.mate_plies,
                tactics.mate_budget,
                tactics.quiescence,
                mates,
                gains,
            )
        return mates, gains


def _spread(
    found: LeafEvaluations | None,
    rows: npt.NDArray[np.int64],
    mates: npt.NDArray[np.int16],
    gains: npt.NDArray[np.int32],
) -> LeafFindings:
    """Put evaluations where their leaves are: ``rows`` of all."""
    if found is not None and len(rows) == len(mates):
        return LeafFindings(found.moves, found.logits, found.wdl, mates, gains)
    width = found.moves.shape[1] if found is not None else 1
    moves = np.full((len(mates), width), -1, np.int16)
    logits = np.full((len(mates), width), -np.inf, np.float32)
    wdl = np.zeros((len(mates), 3), np.float32)
    wdl[:, 0] = 1.0
    if found is not None:
        moves[rows], logits[rows], wdl[rows] = found.moves, found.logits, found.wdl
    return LeafFindings(moves, logits, wdl, mates, gains)


def _collect(groups: int, done: Sequence[tuple[_Task, list[LeafFindings]]]) -> list[LeafFindings]:
    """Return the findings by group of those by task."""
    parts: list[list[LeafFindings]] = [[] for _ in range(groups)]
    for task, found in done:
        for (number, _), findings in zip(task, found, strict=True):
            parts[number].append(findings)
    return [_joined(own) for own in parts]


def _joined(parts: Sequence[LeafFindings]) -> LeafFindings:
    if len(parts) == 1:
        return parts[0]
    width = max(part.moves.shape[1] for part in parts)

    def padded(array: npt.NDArray[np.generic], value: float) -> npt.NDArray[Any]:
        return np.pad(array, ((0, 0), (0, width - array.shape[1])), constant_values=value)

    return LeafFindings(
        np.concatenate([padded(part.moves, -1) for part in parts]),
        np.concatenate([padded(part.logits, -np.inf) for part in parts]),
        np.concatenate([part.wdl for part in parts]),
        np.concatenate([part.mates for part in parts]),
        np.concatenate([part.gains for part in parts]),
    )
