"""Asking players, who think elsewhere, about positions of the game that is being played."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from ..worker.messages import Question, Think, ThinkingTime
from .mode_context import ModeContext


class PlayerRequests(Protocol):
    """Whoever makes players think elsewhere: ``PlayerProcess``, or a stand-in."""

    def load(self, spec: str, *, again: bool = False) -> None:
        """Make a player ready; ``again``: also one that was asked for before."""
        ...

    def unload(self, spec: str) -> bool:
        """Let go of a player; whether all the others are made ready again for that."""
        ...

    def ask(self, request: Question) -> None:
        """Ask a question."""
        ...

    def cancel(self, number: int) -> None:
        """Forget a request."""
        ...


@dataclass(frozen=True)
class Asked:
    """An open question: its number, who was asked, and the state of the game (revision, ply) it belongs to."""

    number: int
    spec: str
    revision: int
    ply: int


def ask_player(context: ModeContext, spec: str, ply: int, time: ThinkingTime | None = None) -> Asked:
    """Ask for a decision in the position after ``ply`` plies; ``time`` is what the game's clock leaves for it."""
    position = context.session.request()
    earlier = replace(position, moves=position.moves[:ply])
    context.load(spec)
    number = context.ask(lambda number: Think(number, spec, earlier, time))
    return Asked(number, spec, context.session.revision, ply)
