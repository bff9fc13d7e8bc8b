"""Play mode: moves the game on, asks the players for their moves, and keeps the clocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from xiangqi_gpt.players.player import Decision
from xiangqi_gpt.rules import Move

from ..state.clock import clock_text
from ..state.commands import Command
from ..state.intents import ConfirmDraw, ConfirmResign, Intent, ShowPly
from ..state.mode import Mode
from ..state.rated import would_lose
from ..state.scene import Tone
from ..state.session import HUMAN, GameSession
from ..worker.messages import Decided, Failed, Judged, Looked, Pondered, ThinkingTime
from .advice import Advice
from .draw_offers import DrawOffers, concedes, would_offer, would_resign
from .game_insight import GameInsight
from .human_pace import human_seconds
from .mode_context import ModeContext
from .opponents import is_model
from .player_requests import Asked, ask_player
from .pondering import Pondering

#: How long a reply waits so that the move before it can be seen, in seconds.
REPLY_PAUSE: Final = 0.4
WATCH_PAUSE: Final = 0.8


@dataclass(frozen=True)
class _Reply:
    """A decision whose move is made at a time; ``on_clock``: the player's own time goes on until then."""

    due: float
    revision: int
    decision: Decision
    on_clock: bool


class PlayMode:
    """The game being played. ``now`` arguments are seconds of one steady clock."""

    def __init__(self, context: ModeContext, session: GameSession) -> None:
        self._context = context
        self.session = session
        self.advice = Advice(context)
        self.insight = GameInsight(context)
        self.offers = DrawOffers(context)
        self.pondering = Pondering(context)
        self._asked: Asked | None = None  # for the move of the side to move
        self._reply: _Reply | None = None
        self._moved_at = 0.0
        self._kept = -1
        self._clock_shown: object = None

    def adopt(self, session: GameSession) -> None:
        """Make another game the game; nothing that was asked for the old one counts any more."""
        if self._asked is not None:
            self._context.cancel(self._asked.number)
        self.advice.forget()
        self.insight.forget()
        self.offers.forget()
        self.pondering.forget()
        self._asked = self._reply = None
        self._moved_at, self._kept = 0.0, -1
        self.session = session

    def disable(self, spec: str) -> None:
        """A player has been taken out: what it was asked, nobody answers."""
        self.advice.disable(spec)
        self.pondering.forget()
        self.insight.forget()

    def replace_player(self, spec: str, other: str) -> bool:
        """Let another player go on in the players of one; whether it sat there in a game that goes on."""
        session = self.session
        if session.outcome is not None or spec not in session.players:
            return False
        red, black = (other if player == spec else player for player in session.players)
        session.set_players((red, black))
        self._kept = -1
        return True

    # --- intents

    def apply(self, intent: Intent, now: float) -> bool:
        """Carry out an intent; False when it is none of this mode's."""
        session = self.session
        if isinstance(intent, ShowPly):
            session.show(intent.ply)
        elif isinstance(intent, ConfirmResign):
            if session.is_secret and not would_lose(session):
                session.abort(now)
            else:
                session.resign(intent.side, now)
        elif isinstance(intent, ConfirmDraw):
            self.offers.offer(intent.side, now)
        else:
            return isinstance(intent, Command) and self._command(intent, now)
        return True

    def _command(self, command: Command, now: float) -> bool:
        session = self.session
        if command is Command.UNDO:
            taken = session.undo()
            self._context.notify(lambda t: t("undone", count=taken) if taken else t("nothing_to_undo"), now, Tone.QUIET)
        elif command is Command.REDO:
            again = session.redo()
            self._context.notify(lambda t: t("redone", count=again) if again else t("nothing_to_redo"), now, Tone.QUIET)
        elif command is Command.PAUSE:
            session.pause(not session.paused, now)
            self._context.clear_notice()
        elif command is Command.HINT:
            self.advice.ask_hint(now)
        elif command in (Command.FIRST, Command.BACK, Command.FORWARD, Command.LAST):
            steps = {Command.FIRST: -session.shown, Command.BACK: -1, Command.FORWARD: 1}
            session.show(session.shown + steps.get(command, session.ply_count))
        elif command is Command.IDEAS:
            self._context.change(show_ideas=not self._context.settings.show_ideas)
        else:
            return False
        return True

    def play(self, move: Move, now: float, decision: Decision | None = None) -> None:
        """Make a move; ``decision`` is what its player saw. Raises ``IllegalMoveError``."""
        self.session.play(move, decision, now)
        self._moved_at = now
        self._context.clear_notice()

    # --- the players

    @property
    def is_loading(self) -> bool:
        """Whether the player to move is not ready yet."""
        session = self.session
        return session.awaits_player and not self._context.is_ready(session.players[session.turn])

    def sync_requests(self, now: float) -> None:
        """Make the open questions fit the game: ask what is missing, cancel what nobody needs any more."""
        session, asked = self.session, self._asked
        wanted = (session.players[session.turn], session.revision) if session.awaits_player else None
        if asked is not None and (asked.spec, asked.revision) != wanted:
            self._context.cancel(asked.number)
            self._asked = None
        if self._reply is not None and self._reply.revision != session.revision:
            self._reply = None
        if wanted is not None and self._asked is None and self._reply is None:
            self._asked = ask_player(self._context, wanted[0], session.ply_count, self._time(now))
        self.advice.sync_requests(is_thinking=self._asked is not None and self._reply is None)
        self.offers.sync_requests()
        self.insight.sync_requests(self.advice.adviser)
        self.pondering.sync_requests()
        if self._kept != session.revision:
            self._kept = session.revision
            self._context.keep_game(session)
        self._keep_time(now)

    def _time(self, now: float) -> ThinkingTime | None:
        """What the clock leaves the side to move."""
        clock = self.session.clock
        return None if clock is None else ThinkingTime(clock.share(self.session.turn, now), clock.left(now))

    def answer(self, reply: Decided | Judged | Looked | Pondered | Failed, now: float) -> None:
        """Take in what a player decided or saw, or what went wrong."""
        if isinstance(reply, Looked):
            self.insight.answer(reply)
            return
        if isinstance(reply, Pondered):
            self.pondering.answer(reply)
            return
        asked = self._asked if self._asked is not None and reply.number == self._asked.number else None
        if isinstance(reply, Failed):
            if asked is not None:
                self._asked = None
                self.session.pause(now=now)
                self.advice.stop_judging()
            elif self._is_harmless(reply, now):
                return
            elif not self.insight.answer(reply):
                self.advice.failed(reply)
            self._context.show_error(reply, now)
        elif isinstance(reply, Judged):
            self.advice.verdicts.answer(reply)
        elif asked is not None:
            self._reply = self._reply_to(asked, reply.decision, now)
            self.make_reply(now)
        elif not self.offers.answer(reply, now):
            self.advice.answer(reply, now)

    def _is_harmless(self, reply: Failed, now: float) -> bool:
        """Whether a failure is none that the person must hear of: something else is done instead."""
        return self.offers.answer(reply, now) or self.pondering.answer(reply) or self.advice.verdicts.answer(reply)

    def _reply_to(self, asked: Asked, decision: Decision, now: float) -> _Reply:
        """When a player's move is made: soon, or after as long as a person would think about it."""
        session = self.session
        is_human = self._context.settings.pace and HUMAN in session.players and is_model(asked.spec)
        pause = REPLY_PAUSE if HUMAN in session.players else WATCH_PAUSE
        if is_human:
            clock = session.clock
            share = None if clock is None else clock.share(session.turn, now)
            pause = max(pause, human_seconds(session, decision, share))
        begun_at = self._moved_at or now if is_human else self._moved_at
        return _Reply(max(now, begun_at + pause), asked.revision, decision, is_human)

    def give_up(self, now: float) -> None:
        """The players' process is gone for good: the game waits in a pause."""
        self.session.pause(now=now)
        self._asked = None
        self.offers.forget()
        self.advice.forget_questions()
        self.pondering.forget_question()
        self.insight.forget_question()

    def make_reply(self, now: float) -> bool:
        """Make the move of a player if it is due, or let it resign or take a draw; whether anything has changed."""
        reply = self._reply
        if reply is None or now < reply.due:
            return False
        revision, decision = reply.revision, reply.decision
        self._reply = self._asked = None
        self._keep_time(now)  # its time may have been over before it moved
        session, side = self.session, self.session.turn
        if revision != session.revision or session.outcome is not None:
            return True
        # A reply must not pull a reader back from an earlier position.
        shown = None if session.is_live else session.shown
        takes_draw = self.offers.decided(decision, now)
        if takes_draw:
            return True
        by_itself = concedes(session, self._context.settings)
        if by_itself and would_resign(session, decision):
            session.resign(side, now)
        else:
            self._play_reply(decision, now, offers=by_itself)
            if takes_draw is False:
                self.offers.decline(side, now)
        if shown is not None:
            session.show(shown)
        return True

    def _play_reply(self, decision: Decision, now: float, *, offers: bool) -> None:
        """Make the move of a player; ``offers``: it may offer a person a draw with it."""
        session, side = self.session, self.session.turn
        self.play(decision.move, now, decision)
        if offers and session.outcome is None and session.players[1 - side] == HUMAN and would_offer(session, side):
            session.offer_draw(side)

    # --- the clocks

    def tick_clock(self, now: float) -> bool:
        """Move the clocks on; True when they look different, or the game has ended by them."""
        before, revision = self._clock_shown, self.session.revision
        self._keep_time(now)
        return self.session.revision != revision or before != self._clock_shown

    def _keep_time(self, now: float) -> None:
        """Let the clock go while somebody thinks about a move, and not while a player is being loaded."""
        waits = self._reply is not None and not self._reply.on_clock
        runs = self._context.mode is Mode.PLAY and not waits and not self.is_loading
        self.session.keep_time(now, runs=runs)
        faces = self.session.clock_faces(now)
        self._clock_shown = faces and [(clock_text(face), face.periods) for face in faces]

    def wake_at(self, now: float) -> list[float]:
        """Return when there is something to do."""
        clock = self.session.clock
        times = [] if clock is None else [clock.falls_at(), clock.changes_at(now)]
        times.append(None if self._reply is None else self._reply.due)
        return [at for at in times if at is not None]
