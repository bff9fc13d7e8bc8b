"""A position analysed for as long as one looks at it: the best lines so far, again and again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from xiangqi_gpt.players import ExternalPlayer, Player, Score, SearchLimit
from xiangqi_gpt.players.player import Stop
from xiangqi_gpt.players.search import SearchPlayer
from xiangqi_gpt.rules import Board, Move

from .judges import Verdict, judge_outcome, judged, weigh
from .material_search import MaterialSearch

#: Milliseconds between two states, of our search and of an engine.
_STEP: Final = 250
_ENGINE_STEP: Final = 700
#: Positions that material is counted in at first, and at most; they double with every state.
_FEWEST, _MOST = 20_000, 400_000
#: Positions after which an analysis ends by itself.
_ENOUGH: Final = 500_000
#: Steps in a row without a new position, on a busy machine or where all is known, after which it ends.
_MOST_IDLE: Final = 4


@dataclass(frozen=True)
class LiveLine:
    """A line, the side to move first, with its score for that side."""

    moves: tuple[Move, ...]
    score: Score
    nodes: int = 0


@dataclass(frozen=True)
class LiveState:
    """What is known so far: lines, best first, positions searched, plies of the best line, seconds."""

    lines: tuple[LiveLine, ...]
    nodes: int
    depth: int
    seconds: float


def analyse_live(
    player: Player,
    board: Board,
    lines: int,
    *,
    stop: Stop | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[LiveState]:
    """Yield what a player finds in a position, ``lines`` at most, until ``stop()`` or until there is nothing to find.

    The model's search has as many lines as are asked for, weighed with material as reviews do; an engine has one.
    Raises ``PlayerError``.
    """
    if board.outcome() is not None:
        return
    begun = clock()
    source = _Search(player, board, lines, stop) if isinstance(player, SearchPlayer) else _Other(player, board, stop)
    while not source.is_over and not (stop is not None and stop()):
        found, nodes = source.step()
        yield LiveState(found, nodes, len(found[0].moves) if found else 0, clock() - begun)


class _Search:
    """The model's search, which goes on from its tree at every step."""

    def __init__(self, player: SearchPlayer, board: Board, lines: int, stop: Stop | None) -> None:
        self._player, self._board, self._lines, self._stop = player, board, lines, stop
        self._material, self._budget = MaterialSearch(), _FEWEST
        self._nodes = self._idle = 0
        self.is_over = False

    def step(self) -> tuple[tuple[LiveLine, ...], int]:
        """Search for a while; the lines, and all positions so far."""
        decision = self._player.choose(self._board, SearchLimit(movetime=_STEP, lines=self._lines), stop=self._stop)
        self._nodes += decision.nodes
        verdicts = {line.moves[0]: Verdict(line.wdl, line.score, line.moves, line.nodes) for line in decision.lines}
        best = self._material.search(self._board, self._budget).move
        if best not in verdicts:
            after = self._board.copy()
            after.push(best)
            verdicts[best] = (judge_outcome(after) or self._look(after)).before(best)
        found = sorted(
            (self._weigh(verdict) for verdict in verdicts.values()),
            key=lambda verdict: (-verdict.wdl.expected, -verdict.nodes),
        )
        self._budget = min(2 * self._budget, _MOST)
        self._idle = 0 if decision.nodes else self._idle + 1
        self.is_over = self._idle >= _MOST_IDLE or self._nodes >= _ENOUGH
        return tuple(LiveLine(v.line, v.score, v.nodes) for v in found[: self._lines]), self._nodes

    def _look(self, after: Board) -> Verdict:
        decision = self._player.choose(after, SearchLimit(nodes=50), stop=self._stop)
        best = decision.lines[0]
        return Verdict(best.wdl, best.score, best.moves, best.nodes)

    def _weigh(self, verdict: Verdict) -> Verdict:
        if verdict.score.mate is not None:
            return verdict
        after = self._board.copy()
        after.push(verdict.line[0])
        if judge_outcome(after) is not None:
            return verdict
        return weigh(verdict, -self._material.search(after, self._budget // self._lines).cp)


class _Other:
    """Any other player; an engine keeps its memory from step to step."""

    is_over = False

    def __init__(self, player: Player, board: Board, stop: Stop | None) -> None:
        self._player, self._board, self._stop, self._nodes = player, board, stop, 0

    def step(self) -> tuple[tuple[LiveLine, ...], int]:
        """Ask once; a player that cannot be asked for longer is asked no more."""
        if isinstance(self._player, ExternalPlayer):
            limit = SearchLimit(movetime=_ENGINE_STEP)
            decision = self._player.choose(self._board, limit, fresh=self._nodes == 0, stop=self._stop)
        else:
            decision, self.is_over = self._player.choose(self._board), True
        verdict = judged(decision)
        self._nodes += max(1, decision.nodes)
        self.is_over = self.is_over or self._nodes >= 1000 * _ENOUGH
        return ((LiveLine(verdict.line, verdict.score, decision.nodes),) if verdict else ()), self._nodes
