"""A game reviewed: the model's glance at every move, then the judgement of a search that goes deeper pass by pass."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from xiangqi_gpt.inference.network import Network
from xiangqi_gpt.players.player import Stop
from xiangqi_gpt.records import Game
from xiangqi_gpt.rules import Board

from .glance import glance
from .judges import Judge, Verdict, judge_outcome
from .move_analysis import MoveAnalysis

#: Positions searched at each position of the game in the first pass; each further pass raises them threefold.
FIRST_NODES: Final = 20
GROWTH: Final = 3

#: A difference of expected score from which a move is looked into again: both positions by a judge that can look
#: deeper, else, where it was lost, the better move by the position that it leads to.
_DOUBTFUL: Final = 0.025


class GameReview:
    """What is known of the moves of a game; it grows with every pass.

    A pass goes from the last position to the first. A move is valued by what the judge says of the position it leads
    to, and so is the better one: judges like whoever is to move, and comparing the position before with the one after
    would call ordinary moves mistakes. Where the game went on better than the judge expected, the game is believed, so
    that a mistake is seen as soon as its punishment is. A move by which the rules had decided a game that went on is
    valued by what they say.
    """

    def __init__(self, model: Network, game: Game, judge: Judge, *, source: str = "master") -> None:
        """Look at the game once; ``moves`` are then the model's. Raises ``UnsupportedGameError``."""
        self.game, self._judge = game, judge
        self._glance = glance(model, game, source=source)
        self.moves: list[MoveAnalysis] = list(self._glance)
        self._values: list[Verdict | None] = [None] * (len(game.moves) + 1)  # those the game bears out
        self._believed: dict[int, Verdict] = {}  # those that went on better than the judge expected
        self._ruled: dict[int, Verdict] = {}  # positions of a game that went on though the rules had decided it
        self._nodes = 0
        self._unseen = len(game.moves)  # moves, from the first on, that the judge has not been asked about yet
        judge.begin()

    @property
    def nodes(self) -> int:
        """How many positions the last whole pass searched at each position of the game, all passes together."""
        return self._nodes

    @property
    def reviewed(self) -> float:
        """The share of the moves that the judge was asked about at least once, from the last one on."""
        return 1 - self._unseen / max(len(self.game.moves), 1)

    def deepen(self, nodes: int, *, stop: Stop | None = None) -> Iterator[MoveAnalysis]:
        """Go through the game once, with ``nodes`` more at each position; yields the moves from the last to the first.

        It ends early when ``stop()`` says so; what was found until then stays. Raises ``PlayerError``.
        """
        board = self.game.board(len(self.game.moves))
        for i in range(len(self.game.moves), -1, -1):
            seen = self._going_on(i, board) if i < len(self.game.moves) else board
            verdict = self._judge.judge(seen, nodes, stop)
            if stop is not None and stop():
                return
            if i == len(self.game.moves):
                self._values[i] = verdict
            else:
                found = self._review(i, seen, verdict, nodes, stop)
                self._unseen = min(self._unseen, i)
                yield found
            if i:
                board.pop()
        self._nodes += nodes

    def _review(self, i: int, board: Board, verdict: Verdict | None, nodes: int, stop: Stop | None) -> MoveAnalysis:
        """Judge the move after ``i`` plies; ``board`` is the position before it."""
        move, seen = self.game.moves[i], self._glance[i]
        reached = self._ruled.get(i + 1) or self._values[i + 1]
        if verdict is None or reached is None:  # the judge says nothing: the model's word stands
            self._values[i] = verdict
            return seen
        played = reached.before(move)
        if abs(_fall(verdict, played)) >= _DOUBTFUL and self._judge.deepens:
            if i + 1 not in self._ruled:
                reached = self._look_again(i + 1, reached, nodes, stop)
                played = reached.before(move)
            verdict = self._judge.look_again(board, nodes, stop) or verdict
        best = verdict
        if verdict.line[:1] != (move,) and _fall(verdict, played) >= _DOUBTFUL and not self._judge.deepens:
            best = self._after_better(i, board, verdict, nodes, stop)
        is_better = best.line[:1] != (move,) and _fall(best, played) > 0
        value = best if is_better else played
        self._values[i] = value
        self._believed.pop(i, None)
        if _fall(best, played) < 0:
            self._believed[i] = played
        refutation = reached.line
        found = replace(
            seen,
            before=value.wdl,
            after=played.wdl,
            score=played.score,
            best=value.line[0],
            best_after=value.wdl,
            best_score=value.score,
            variation=value.line,
            refutation=refutation,
            depth=verdict.depth,
            nodes=verdict.nodes,
        )
        self.moves[i] = found
        return found

    def _going_on(self, i: int, board: Board) -> Board:
        """Return the position after ``i`` plies as one from which the game went on; what the rules said is kept."""
        seen = _as_it_goes_on(board)
        if seen is not board and (ruled := judge_outcome(board)) is not None and ruled.wdl.expected != 0.5:
            self._ruled[i] = ruled
        return seen

    def _look_again(self, i: int, known: Verdict, nodes: int, stop: Stop | None) -> Verdict:
        """Return what is known of the position after ``i`` plies once it was looked into more deeply."""
        found = self._judge.look_again(_as_it_goes_on(self.game.board(i)), nodes, stop)
        if found is None:
            return known
        better = self._believed.get(i)
        if better is not None and _fall(better, found) > 0:
            return better  # the game went on better than the judge sees
        self._values[i] = found
        return found

    def _after_better(self, i: int, board: Board, verdict: Verdict, nodes: int, stop: Stop | None) -> Verdict:
        """Return what a better move is worth by what the judge says of the position it leads to."""
        better = verdict.line[0]
        after = board.copy()
        after.push(better)
        found = self._judge.judge(after, nodes, stop)
        return found.before(better) if found is not None else verdict


def _as_it_goes_on(board: Board) -> Board:
    """Return a position of a game that went on.

    Where the rules had ended it by repetition or the natural limit, they begin to count anew.
    """
    if board.outcome() is None:
        return board
    placement, side = board.fen().split()[:2]
    return Board(f"{placement} {side} - - 0 1", lenient=True)


def _fall(before: Verdict, after: Verdict) -> float:
    """Return the expected score that the side to move has before, and no more after."""
    return before.wdl.expected - after.wdl.expected


def review_game(
    model: Network,
    game: Game,
    judge: Judge,
    *,
    source: str = "master",
    nodes: int | None = None,
    seconds: float | None = None,
    on_progress: Callable[[GameReview, float], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> GameReview:
    """Review a game until every position was searched for ``nodes``, or ``seconds`` are over, whichever comes first.

    With ``nodes`` alone the same game is reviewed alike every time. ``on_progress`` is told the review and the share
    of the pass that is done. A judge that counts no nodes goes through the game once.

    Raises ``UnsupportedGameError``, and ``PlayerError`` when the judge fails.
    """
    end = None if seconds is None else clock() + seconds
    review = GameReview(model, game, judge, source=source)

    def is_over() -> bool:
        return end is not None and clock() >= end

    for share in passes(nodes) if judge.deepens else (1,):
        for move in review.deepen(share, stop=is_over if end is not None else None):
            if on_progress:
                on_progress(review, 1 - (move.ply - 1) / len(game.moves))
        if is_over():
            break
    return review


def passes(nodes: int | None) -> Iterator[int]:
    """Yield how many more nodes each pass searches at a position, until there were ``nodes``; None: without end.

    >>> list(passes(100))
    [20, 40, 40]
    """
    done, goal = 0, FIRST_NODES
    while nodes is None or done < nodes:
        goal = goal if nodes is None else min(goal, nodes)
        yield goal - done
        done, goal = goal, goal * GROWTH
