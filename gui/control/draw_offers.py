"""Draw offers and resigning: what a person asks for, and when an engine resigns, offers or accepts a draw."""

from __future__ import annotations

from typing import Final

from xiangqi_gpt.players.player import Decision
from xiangqi_gpt.players.resignation import accepts_draw, offers_draw, resigns

from ..state.opinions import opinion_of
from ..state.scene import Tone
from ..state.session import HUMAN, NO_JUDGES, GameSession
from ..state.settings import Settings
from ..worker.messages import Decided, Failed
from .mode_context import ModeContext
from .player_requests import Asked, ask_player

#: Plies between two offers of a player.
_BETWEEN_OFFERS: Final = 20


def concedes(session: GameSession, settings: Settings) -> bool:
    """Whether players resign and offer draws by themselves: never at odds, and against a person where that is wanted.

    A score says little of a game that began uneven.
    """
    return not session.gives_odds and (settings.concede or HUMAN not in session.players)


def would_resign(session: GameSession, decision: Decision) -> bool:
    """Return whether the player to move gives up instead of making the move it has decided on."""
    chances = opinion_of(decision)
    return chances is not None and resigns([*session.opinions.chances_of(session.turn, session.ply_count), chances])


def would_offer(session: GameSession, side: int) -> bool:
    """Return whether the player of a side, which has just moved, offers its opponent a draw with the move."""
    own_plies = session.ply_count % _BETWEEN_OFFERS
    return own_plies < 2 and offers_draw(session.opinions.chances_of(side, session.ply_count), session.ply_count)


def takes_draw(session: GameSession, side: int, decision: Decision) -> bool:
    """Return whether the player of a side takes a draw, by what was seen in the game's last position."""
    chances = opinion_of(decision)
    if chances is None:
        return False
    return accepts_draw([chances if session.turn == side else chances.flipped])


class DrawOffers:
    """A person's offers to players: each is answered by a reckoning of the position in which it was made."""

    def __init__(self, context: ModeContext) -> None:
        self._context = context
        self._asked: Asked | None = None
        self._waiting: tuple[int, int] | None = None  # at which revision an offer to which side waits

    def offer(self, side: int, now: float) -> None:
        """A side offers a draw, or takes the one that is offered."""
        session, other = self._context.session, 1 - side
        if session.players[other] == HUMAN or session.draw_offered_by == other:
            session.agree_draw(now)
            return
        known = session.opinions.at(session.ply_count)
        if session.players[other] in NO_JUDGES:
            self._answer(other, False, now)
        elif known is not None and opinion_of(known) is not None:
            self._answer(other, takes_draw(session, other, known), now)
        else:
            self._waiting = (session.revision, other)
            if session.turn != other or session.paused:  # else it answers with its move
                self._asked = ask_player(self._context, session.players[other], session.ply_count)
            self._context.notify(lambda t: t("draw_wait", side=t.side(other)), now, Tone.QUIET)

    def _answer(self, side: int, agrees: bool, now: float) -> None:
        session = self._context.session
        self._waiting = None
        if agrees:
            session.agree_draw(now)
            self._context.clear_notice()
        else:
            session.refuse_draw()
            self._context.notify(lambda t: t("draw_refused", side=t.side(side)), now, Tone.BAD)

    def decided(self, decision: Decision, now: float) -> bool | None:
        """Take in that the player to move has decided; return whether it takes the draw offered to it instead.

        None where none was. What it declines is said by ``decline``, once it has moved.
        """
        session, waiting = self._context.session, self._waiting
        if waiting is None or waiting != (session.revision, session.turn):
            return None
        agrees = takes_draw(session, session.turn, decision)
        if agrees:
            self._answer(session.turn, True, now)
        return agrees

    def decline(self, side: int, now: float) -> None:
        """The player of a side does not take the draw."""
        self._answer(side, False, now)

    def answer(self, reply: Decided | Failed, now: float) -> bool:
        """Take in a reckoning; False when the reply is to something else."""
        asked, waiting = self._asked, self._waiting
        if asked is None or reply.number != asked.number:
            return False
        self._asked = None
        if waiting is not None:
            agrees = isinstance(reply, Decided) and takes_draw(self._context.session, waiting[1], reply.decision)
            self._answer(waiting[1], agrees, now)
        return True

    def sync_requests(self) -> None:
        """An offer stands only as long as the game is as it was."""
        if self._waiting is not None and self._waiting[0] != self._context.session.revision:
            self.forget()

    def forget(self) -> None:
        """Nobody waits for an answer any more."""
        if self._asked is not None:
            self._context.cancel(self._asked.number)
        self._asked = self._waiting = None
