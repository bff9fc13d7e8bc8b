"""Every move of a game judged: how likely it was, what it surprised by, what it cost, and what was better."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from xiangqi_gpt.inference.evaluator import Evaluator
from xiangqi_gpt.inference.network import Network
from xiangqi_gpt.inference.whole_game import WholeGame
from xiangqi_gpt.players import Decision, Player
from xiangqi_gpt.players.resignation import Wdl, expected_score
from xiangqi_gpt.records import Game
from xiangqi_gpt.records.openings.openings import EccoOpening
from xiangqi_gpt.rules import Board, Move


class Judgement(StrEnum):
    """How bad a move was, by the expected score (win + draw / 2, of 1) it gave away."""

    FINE = ""
    INACCURACY = "inaccuracy"
    MISTAKE = "mistake"
    BLUNDER = "blunder"


#: From which loss of expected score on a move is called what; the first that fits counts.
THRESHOLDS: Final = ((0.20, Judgement.BLUNDER), (0.10, Judgement.MISTAKE), (0.05, Judgement.INACCURACY))

#: How many of the likeliest moves are kept for a report.
_LIKELY: Final = 5


@dataclass(frozen=True)
class MoveAnalysis:
    """One move as the model, or a deeper player, saw it. All wdl are for the side that moved.

    ``ply`` counts from 1. ``probability`` and ``rank`` (1: the likeliest) are the model's among ``choices`` legal
    moves, ``likely`` the likeliest of them. ``before`` is the value before the move, ``after`` the value it led to,
    ``best_after`` what ``best`` would have led to, with ``variation`` as its continuation; ``best`` is the move itself
    where nothing was better. ``illegal``: the illegal move that a moves-only model wanted most, and the probability
    it gave to all illegal ones. ``depth`` and ``nodes`` are those of a deeper player, else 0.
    """

    ply: int
    turn: int
    move: Move
    probability: float
    rank: int
    choices: int
    before: Wdl
    after: Wdl
    best: Move
    best_after: Wdl
    variation: tuple[Move, ...]
    likely: tuple[tuple[Move, float], ...]
    illegal: tuple[Move, float] | None = None
    depth: int = 0
    nodes: int = 0

    @property
    def surprise(self) -> float:
        """Bits: 0 for the only move the model thought of, 1 for one of two equal moves."""
        return max(0.0, -math.log2(max(self.probability, 1e-9)))

    @property
    def loss(self) -> float:
        """Expected score given away against the best move, 0 to 1."""
        return max(0.0, expected_score(self.best_after) - expected_score(self.after)) if self.best != self.move else 0.0

    @property
    def judgement(self) -> Judgement:
        """What the loss is called."""
        return next((judgement for least, judgement in THRESHOLDS if self.loss >= least), Judgement.FINE)


def analyse_game(
    model: Network, game: Game, *, source: str = "master", deep: Player | None = None
) -> Iterator[MoveAnalysis]:
    """The moves of a game's main line, one after another; there are ``len(game.moves)``.

    The model reads the whole game before the first one comes. Without ``deep`` the better move is the model's
    likeliest one, valued by one more pass. With ``deep``, a search or an engine, each position is thought about, and
    what its move would have led to: the better move and the values are that player's, and results come as it thinks.

    Raises ``UnsupportedGameError`` when the model cannot follow the game, and what ``deep`` raises.
    """
    start = game.board(0)
    whole = Evaluator(model, source=source).evaluate_game(start.root, game.moves)
    judge = _Policy(whole, game.moves) if deep is None else _Deep(deep, whole)
    return _walk(whole, game.moves, start, judge)


def _walk(whole: WholeGame, moves: Sequence[Move], board: Board, judge: _Policy | _Deep) -> Iterator[MoveAnalysis]:
    for i, move in enumerate(moves):
        view, turn = whole.positions[i], board.turn
        verdict = judge.verdict(i, board, move)
        board.push(move)
        chances = view.policy
        yield MoveAnalysis(
            ply=i + 1,
            turn=turn,
            move=move,
            probability=chances[move],
            rank=1 + list(chances).index(move),
            choices=len(chances),
            likely=tuple(chances.items())[:_LIKELY],
            illegal=view.illegal,
            before=verdict.before,
            after=verdict.after,
            best=verdict.best,
            best_after=verdict.best_after,
            variation=verdict.variation,
            depth=verdict.depth,
            nodes=verdict.nodes,
        )


@dataclass(frozen=True)
class _Verdict:
    """What was better, and the values around a move, for the side that made it."""

    before: Wdl
    after: Wdl
    best: Move
    best_after: Wdl
    variation: tuple[Move, ...]
    depth: int = 0
    nodes: int = 0


class _Policy:
    """The model alone: its likeliest move is the better one, its value what the next position promises."""

    def __init__(self, whole: WholeGame, moves: Sequence[Move]) -> None:
        self._whole = whole
        likeliest = [next(iter(view.policy)) for view in whole.positions[:-1]]
        asked = [(i, best) for i, (best, move) in enumerate(zip(likeliest, moves, strict=True)) if best != move]
        self._values = dict(zip(asked, map(_turned, whole.values_after(asked)), strict=True))

    def verdict(self, i: int, board: Board, move: Move) -> _Verdict:
        view = self._whole.positions[i]
        outcome = board.outcome_after(move)
        after = outcome.wdl(board.turn) if outcome else _turned(self._whole.positions[i + 1].wdl)
        best = next(iter(view.policy))
        if best == move:
            return _Verdict(view.wdl, after, move, after, (move,))
        outcome = board.outcome_after(best)
        best_after = outcome.wdl(board.turn) if outcome else self._values[i, best]
        if expected_score(best_after) <= expected_score(after):
            return _Verdict(view.wdl, after, move, after, (move,))
        return _Verdict(view.wdl, after, best, best_after, (best,))


class _Deep:
    """A player that thinks about every position: its move is the better one.

    A move is valued by what the player says of the position it leads to. Its word on the position before would not be
    comparable: most engines think whoever moves stands a little better.
    """

    def __init__(self, player: Player, whole: WholeGame) -> None:
        self._player, self._whole = player, whole
        self._next: Decision | None = None

    def verdict(self, i: int, board: Board, move: Move) -> _Verdict:
        decision = self._next or self._player.choose(board)
        before = _value(decision) or self._whole.positions[i].wdl
        after, self._next = self._after(i, board, move)
        best, best_after = move, after
        line: tuple[Move, ...] = (move,)
        if decision.move == move:
            line = decision.variation or line
        else:
            promised, _ = self._after(i, board, decision.move)
            if expected_score(promised) > expected_score(after):
                best, best_after, line = decision.move, promised, decision.variation or (decision.move,)
        return _Verdict(before, after, best, best_after, line, decision.depth, decision.nodes)

    def _after(self, i: int, board: Board, move: Move) -> tuple[Wdl, Decision | None]:
        """What a move leads to for who plays it, and the opponent's answer unless the game is over."""
        outcome = board.outcome_after(move)
        if outcome:
            return outcome.wdl(board.turn), None
        reached = board.copy()
        reached.push(move)
        decision = self._player.choose(reached)
        return _turned(_value(decision) or self._whole.values_after([(i, move)])[0]), decision


def _value(decision: Decision) -> Wdl | None:
    """What a player says of a position, None where it says nothing."""
    return decision.wdl or (decision.score.wdl if decision.score is not None else None)


def _turned(wdl: Wdl) -> Wdl:
    """The same value from the other side."""
    return wdl[2], wdl[1], wdl[0]


@dataclass(frozen=True)
class SideSummary:
    """One side's moves in numbers: means over its ``moves``; ``counts`` of each judgement but fine."""

    moves: int
    likeliest: float  #: share of moves that were the model's likeliest
    surprise: float  #: bits a move
    loss: float  #: expected score given away a move
    counts: dict[Judgement, int]


@dataclass(frozen=True)
class GameAnalysis:
    """A game with every move of it judged; ``model`` and ``deep`` name who judged ("" for no deeper player).

    ``opening`` is what the game's first moves are called, None where they have no name.
    """

    game: Game
    moves: tuple[MoveAnalysis, ...]
    model: str
    deep: str = ""
    opening: EccoOpening | None = None

    def side(self, color: int) -> SideSummary:
        """The numbers of a side."""
        own = [move for move in self.moves if move.turn == color]
        count = max(1, len(own))
        return SideSummary(
            moves=len(own),
            likeliest=sum(move.rank == 1 for move in own) / count,
            surprise=sum(move.surprise for move in own) / count,
            loss=sum(move.loss for move in own) / count,
            counts={judgement: sum(m.judgement is judgement for m in own) for _, judgement in reversed(THRESHOLDS)},
        )
