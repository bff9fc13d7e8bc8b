"""What a model said about one move of a game, as plain values: they cross from the thinking process to the window."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from xiangqi_gpt.rules import RED, Move
from xiangqi_gpt.rules.wdl import Wdl as Wdl

#: Judgements of a move, the worst first, with the glyphs that records use.
GLYPHS: Final = {"blunder": "??", "mistake": "?", "inaccuracy": "?!"}


@dataclass(frozen=True)
class MoveNote:
    """A move as a model, or a deeper player, saw it. Every wdl is for the side that moved.

    ``ply`` counts from 1; ``rank`` is the move's place among ``choices`` legal ones by probability; ``before`` is the
    value before it, ``after`` the value it led to, ``best_after`` what ``best`` would have led to; ``loss`` the
    expected score given away (0 to 1) and ``judgement`` what that is called (a key of ``GLYPHS`` or empty). ``score``
    and ``best_score`` say ``after`` and ``best_after`` as engines do (``+0.35``, ``-M2``), ``refutation`` is the play
    expected after the move, ``nodes`` what a search looked at (0: a glance), ``accuracy`` is from 0 to 100.
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
    loss: float
    judgement: str
    illegal: tuple[Move, float] | None = None
    score: str = ""
    best_score: str = ""
    refutation: tuple[Move, ...] = ()
    is_book: bool = False
    nodes: int = 0
    accuracy: float = 100.0

    @property
    def surprise(self) -> float:
        """Bits: 0 for the only move the model thought of, 1 for one of two equal moves."""
        return max(0.0, -math.log2(max(self.probability, 1e-9)))

    @property
    def red_after(self) -> Wdl:
        """(Red wins, draw, Black wins) after the move."""
        return for_red(self.after, self.turn)


@dataclass(frozen=True)
class LiveNote:
    """The best lines of a position, each with its score for the side to move, and how far they were searched."""

    lines: tuple[tuple[tuple[Move, ...], str], ...] = ()
    nodes: int = 0
    depth: int = 0
    speed: float = 0.0  #: nodes a second


@dataclass(frozen=True)
class NextMove:
    """A move that known games went on with: how many of them Red won, were drawn, Black won, and are without result."""

    move: Move
    results: tuple[int, int, int, int]

    @property
    def games(self) -> int:
        """All of them."""
        return sum(self.results)

    @property
    def red_score(self) -> float | None:
        """Red's mean score, 0 to 1, in the games with a result; None where there are none."""
        red, drawn, black, _ = self.results
        known = red + drawn + black
        return (red + drawn / 2) / known if known else None


@dataclass(frozen=True)
class Insight:
    """What is known of a position besides moves and values.

    ``opening`` names it in Chinese, as records do, and ``games`` counts known games that reached it (Red won, drawn,
    Black won, unknown; None: nobody counted). ``believed`` (90 piece codes) is the board read off the model's hidden
    state, with the ``confidence`` of each square and the probe's ``accuracy``; None where no probe was fitted.
    ``blind``: the model sees no board; ``illegal`` is then the illegal move it wanted most, and the probability it gave
    to all of them. ``next_moves``: how known games went on, the most played move first.
    """

    opening: str = ""
    games: tuple[int, int, int, int] | None = None
    decoded: tuple[int, ...] | None = None
    confidence: tuple[float, ...] = ()
    accuracy: float = 0.0
    moves_only: bool = False
    illegal: tuple[Move, float] | None = None
    next_moves: tuple[NextMove, ...] = ()


def for_red(wdl: Wdl, turn: int) -> Wdl:
    """(Red wins, draw, Black wins) from a side's win, draw and loss."""
    return wdl if turn == RED else wdl.flipped
