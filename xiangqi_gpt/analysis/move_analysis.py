"""Every move of a game judged: how likely it was, what it surprised by, what it cost, and what was better."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from xiangqi_gpt.players.score import Score, centipawns
from xiangqi_gpt.records import Game
from xiangqi_gpt.records.openings.openings import EccoOpening
from xiangqi_gpt.rules import Board, Move, Wdl


class Judgement(StrEnum):
    """How bad a move was, by the expected score (win + draw / 2, of 1) it gave away."""

    FINE = ""
    INACCURACY = "inaccuracy"
    MISTAKE = "mistake"
    BLUNDER = "blunder"


#: From which loss of expected score on a move is called what; the first that fits counts.
THRESHOLDS: Final = ((0.16, Judgement.BLUNDER), (0.08, Judgement.MISTAKE), (0.04, Judgement.INACCURACY))

#: The loss of expected score at which a move's accuracy is a half.
HALF_ACCURACY: Final = 0.15

#: The judgements that count as mistakes to learn from.
MISTAKES: Final = (Judgement.MISTAKE, Judgement.BLUNDER)


@dataclass(frozen=True)
class MoveAnalysis:
    """One move as the model saw it at a glance, or after a search. All values are for the side that moved.

    ``ply`` counts from 1. ``probability`` and ``rank`` (1: the likeliest) are the model's among ``choices`` legal
    moves, ``likely`` the likeliest of them. ``before`` is the value before the move, ``after`` the value it led to,
    ``best_after`` what ``best`` would have led to, with ``variation`` as its continuation; ``best`` is the move itself
    where nothing was better. ``refutation`` is the play expected after the move. ``score`` and ``best_score`` say
    ``after`` and ``best_after`` as engines do. ``is_book``: known games went this way, so it is no mistake.
    ``illegal``: the illegal move that a moves-only model wanted most, and the probability it gave to all illegal ones.
    ``depth`` and ``nodes`` are those of the search or engine, 0 at a glance.
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
    score: Score
    best_score: Score
    refutation: tuple[Move, ...] = ()
    is_book: bool = False
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
        return max(0.0, self.best_after.expected - self.after.expected) if self.best != self.move else 0.0

    @property
    def judgement(self) -> Judgement:
        """What the loss is called; a move of the opening book is never called anything."""
        if self.is_book:
            return Judgement.FINE
        return next((judgement for least, judgement in THRESHOLDS if self.loss >= least), Judgement.FINE)

    @property
    def accuracy(self) -> float:
        """How good the move was, 0 to 100: half of it is lost with every 15 points of 100 that it gave away."""
        return float(100 * 0.5 ** (self.loss / HALF_ACCURACY))


def score_of(wdl: Wdl) -> Score:
    """A value as an engine would say it."""
    return Score(cp=centipawns(wdl))


def legal_line(board: Board, moves: Sequence[Move]) -> list[tuple[Move, Board]]:
    """The moves of a continuation as far as they are legal, each with the position before it."""
    board, line = board.copy(), []
    for move in moves:
        if not board.is_legal(move):
            break
        line.append((move, board.copy()))
        board.push(move)
    return line


@dataclass(frozen=True)
class SideSummary:
    """One side's moves in numbers: means over its ``moves``; ``counts`` of each judgement but fine.

    ``accuracy`` is the mean over the moves that are not ``book``, None where there is none.
    """

    moves: int
    likeliest: float  #: share of moves that were the model's likeliest
    surprise: float  #: bits a move
    loss: float  #: expected score given away a move
    counts: dict[Judgement, int]
    book: int
    accuracy: float | None


@dataclass(frozen=True)
class GameAnalysis:
    """A game with every move of it judged; ``model`` and ``deep`` name who judged ("" for the model's glance alone).

    ``opening`` is what the game's first moves are called, None where they have no name. ``reviewed`` is the share of
    the moves that were searched, from the last one on, in a review that is not done yet; else 1.
    """

    game: Game
    moves: tuple[MoveAnalysis, ...]
    model: str
    deep: str = ""
    opening: EccoOpening | None = None
    reviewed: float = 1.0

    def side(self, color: int) -> SideSummary:
        """The numbers of a side."""
        own = [move for move in self.moves if move.turn == color]
        count = max(1, len(own))
        thought = [move.accuracy for move in own if not move.is_book]
        return SideSummary(
            moves=len(own),
            likeliest=sum(move.rank == 1 for move in own) / count,
            surprise=sum(move.surprise for move in own) / count,
            loss=sum(move.loss for move in own) / count,
            counts={judgement: sum(m.judgement is judgement for m in own) for _, judgement in reversed(THRESHOLDS)},
            book=len(own) - len(thought),
            accuracy=sum(thought) / len(thought) if thought else None,
        )

    def mistakes(self, color: int | None = None) -> list[MoveAnalysis]:
        """The mistakes and blunders, of one side or of both, those that gave most away first."""
        bad = [move for move in self.moves if move.judgement in MISTAKES and color in (None, move.turn)]
        return sorted(bad, key=lambda move: (-move.loss, move.ply))
