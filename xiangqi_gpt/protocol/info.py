"""The lines that tell what the engine thinks."""

from __future__ import annotations

from dataclasses import dataclass

from xiangqi_gpt.players.score import Score, centipawns
from xiangqi_gpt.rules import Move, Wdl

from .squares import write_move


@dataclass(frozen=True)
class Info:
    """One line of play: the ``rank``-th best (from 1), what it promises the side to move, and what it cost."""

    rank: int
    variation: tuple[Move, ...]
    wdl: Wdl
    depth: int
    longest: int  #: plies of the longest line looked at
    nodes: int
    seconds: float
    score: Score | None = None  #: where more is known than ``wdl`` says: a mate


def format_info(thought: Info, *, ucci: bool, show_wdl: bool, first_rank: int = 0) -> str:
    """An ``info`` line; UCCI knows neither ``cp`` nor ``wdl``, nor several lines of play."""
    score = thought.score or Score(cp=centipawns(thought.wdl))
    value = f"mate {score.mate}" if score.mate is not None else f"cp {score.cp}"
    if ucci:
        value = str(score.cp if score.mate is None else (30_000 - abs(score.mate)) * (1 if score.mate > 0 else -1))
    elif show_wdl:
        win, loss = round(1000 * thought.wdl.win), round(1000 * thought.wdl.loss)
        value += f" wdl {win} {1000 - win - loss} {loss}"
    rank = "" if ucci else f"seldepth {thought.longest} multipv {thought.rank} "
    speed = round(thought.nodes / max(thought.seconds, 1e-3))
    cost = f"nodes {thought.nodes} nps {speed} time {round(1000 * thought.seconds)}"
    line = " ".join(write_move(move, first_rank) for move in thought.variation)
    return f"info depth {thought.depth} {rank}score {value} {cost} pv {line}"
