"""Draw offers and resigning: what a person asks for, and what a player without hands decides by its own chances."""

from __future__ import annotations

from typing import Final

from xiangqi_gpt.players.player import Decision
from xiangqi_gpt.players.resignation import accepts_draw, offers_draw, resigns

from ..state.opinions import opinion_of
from ..state.session import HUMAN, GameSession

#: Plies between two offers of a player.
_BETWEEN_OFFERS: Final = 20


def would_resign(session: GameSession, decision: Decision) -> bool:
    """Whether the player to move gives up instead of making the move it has decided on."""
    chances = opinion_of(decision)
    return chances is not None and resigns([*session.chances_of(session.turn), chances])


def would_accept(session: GameSession, side: int) -> bool:
    """Whether the player of a side takes a draw now."""
    return accepts_draw(session.chances_of(side))


def would_offer(session: GameSession, side: int) -> bool:
    """Whether the player of a side, which has just moved, offers its opponent a draw with the move."""
    own_plies = session.ply_count % _BETWEEN_OFFERS
    return own_plies < 2 and offers_draw(session.chances_of(side), session.ply_count)


def answer_offer(session: GameSession, side: int) -> bool:
    """A side offers a draw: the game ends if the other agrees; whether it does."""
    other = 1 - side
    agreed = session.seats[other] == HUMAN or session.draw_offered_by == other or would_accept(session, other)
    if agreed:
        session.agree_draw()
    else:
        session.refuse_draw()
    return agreed
