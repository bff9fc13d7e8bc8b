"""Carries out what a person wants: moves the session on, asks the players, and words the status line. No drawing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Final, Protocol

from xiangqi_gpt.players.player import Decision
from xiangqi_gpt.rules import (
    BLACK,
    START_FEN,
    AmbiguousMoveError,
    IllegalMoveError,
    Move,
    MoveError,
    Refusal,
    XiangqiError,
    parse_move,
)

from .intents import Command, ConfirmResign, Intent, PlayText, ResumeGame, ShowPly, StartGame, TryMove
from .notation import NOTATIONS, move_text
from .scene import Arrow, Scene, Tone
from .session import HUMAN, GameSession
from .settings import Settings, in_language
from .status import status_line
from .texts import LANGUAGES, Texts
from .theme import FACES, THEMES
from .worker import Crashed, Decided, Failed, Ready, Reply, Think

#: How long a notice stays, and how long a reply waits so that the move before it can be seen, in seconds.
NOTICE: Final = 5.0
REPLY_PAUSE: Final = 0.4
WATCH_PAUSE: Final = 0.8
#: How many considered moves become arrows, and how likely the least of them is.
ARROWS: Final = 4
LEAST_SHARE: Final = 0.04
#: Players whose advice is not worth asking for.
_NO_ADVISERS: Final = (HUMAN, "random", "greedy")
_DEFAULT_ADVISER: Final = "gpt"

Wording = Callable[[Texts], str]


class Thinker(Protocol):
    """Whoever makes players think elsewhere: ``PlayerProcess``, or a stand-in."""

    def load(self, spec: str) -> None:
        """Make a player ready."""
        ...

    def think(self, request: Think) -> None:
        """Ask for a decision."""
        ...

    def cancel(self, number: int) -> None:
        """Forget a request."""
        ...


@dataclass(frozen=True)
class _Notice:
    wording: Wording
    tone: Tone
    until: float


@dataclass(frozen=True)
class _Asked:
    """An open request: its number and the state of the game (revision, ply) it belongs to."""

    number: int
    revision: int
    ply: int


class Controller:
    """One window's game. ``now`` arguments are seconds of one steady clock."""

    def __init__(
        self,
        session: GameSession,
        settings: Settings,
        thinker: Thinker,
        *,
        keep_game: Callable[[GameSession], None] = lambda session: None,
        keep_settings: Callable[[Settings], None] = lambda settings: None,
    ) -> None:
        self.session = session
        self.settings = settings
        self._thinker = thinker
        self._keep_game, self._keep_settings = keep_game, keep_settings
        self._numbers = count(1)
        self._move: _Asked | None = None
        self._hint_asked: _Asked | None = None
        self._mind_asked: _Asked | None = None
        self._hint: tuple[int, Move] | None = None
        self._reply: tuple[float, int, Decision] | None = None
        self._moved_at = 0.0
        self._ready: set[str] = set()
        self._notice: _Notice | None = None
        self._kept = -1

    # --- wishes

    def apply(self, intent: Intent, now: float) -> bool:
        """Carry out a wish; False when it is none of the game's (dialogs, window)."""
        if isinstance(intent, TryMove):
            self._try_move(intent, now)
        elif isinstance(intent, PlayText):
            self._play_text(intent.text, now)
        elif isinstance(intent, ShowPly):
            self.session.show(intent.ply)
        elif isinstance(intent, StartGame):
            self.start(intent.seats, intent.fen or START_FEN)
        elif isinstance(intent, ConfirmResign):
            self.session.resign(intent.side)
        elif isinstance(intent, ResumeGame):
            self._adopt(intent.session)
            self.change(seats=self.session.seats, flipped=self.session.person == BLACK)
        elif not (isinstance(intent, Command) and self._command(intent, now)):
            return False
        self.settle(now)
        return True

    def start(self, seats: tuple[str, str], fen: str = START_FEN) -> None:
        """Begin a new game. Raises ``FenError``."""
        self._adopt(GameSession(seats, fen))
        self.change(seats=seats, flipped=self.session.person == BLACK)

    def _adopt(self, session: GameSession) -> None:
        """Make another game the game; nothing that was asked for the old one counts any more."""
        for asked in (self._move, self._hint_asked, self._mind_asked):
            if asked is not None:
                self._thinker.cancel(asked.number)
        self._move = self._hint_asked = self._mind_asked = None
        self._hint = self._reply = self._notice = None
        self._moved_at, self._kept = 0.0, -1
        self.session = session

    def change(self, **values: Any) -> None:
        """Change settings and keep them."""
        self.settings = replace(self.settings, **values)
        self._keep_settings(self.settings)

    def paste(self, text: str, now: float) -> None:
        """Begin again from a FEN that lay on the clipboard, with the same players."""
        try:
            self._adopt(GameSession(self.session.seats, text))
            self.tell(lambda t: t("fen_pasted"), now)
        except XiangqiError as error:
            message = str(error)
            self.tell(lambda t: t("fen_bad", error=message), now, Tone.BAD)
        self.settle(now)

    def _command(self, command: Command, now: float) -> bool:
        session, settings = self.session, self.settings
        if command is Command.UNDO:
            taken = session.undo()
            self.tell(lambda t: t("undone", count=taken) if taken else t("nothing_to_undo"), now, Tone.QUIET)
        elif command is Command.REDO:
            if not session.redo():
                self.tell(lambda t: t("nothing_to_redo"), now, Tone.QUIET)
        elif command is Command.PAUSE:
            session.paused = not session.paused
            self._notice = None
        elif command is Command.HINT:
            self._ask_hint(now)
        elif command in (Command.FIRST, Command.BACK, Command.FORWARD, Command.LAST):
            steps = {Command.FIRST: -session.shown, Command.BACK: -1, Command.FORWARD: 1}
            session.show(session.shown + steps.get(command, session.ply_count))
        elif command is Command.FLIP:
            self.change(flipped=not settings.flipped)
        elif command is Command.MIND:
            self.change(mind=not settings.mind)
        elif command is Command.ANIMATION:
            self.change(animation=not settings.animation)
        elif command is Command.SOUND:
            self.change(sound=not settings.sound)
        elif command is Command.NOTATION:
            self.change(notation=_next(tuple(NOTATIONS), settings.notation))
        elif command is Command.FACES:
            self.change(faces=_next(tuple(FACES), settings.faces))
        elif command is Command.THEME:
            self.change(theme=_next(tuple(THEMES), settings.theme))
        elif command is Command.LANGUAGE:
            language = _next(LANGUAGES, settings.language)
            self.change(language=language, notation=in_language(settings, language).notation)
        else:
            return False
        return True

    # --- moving

    def _why_not_now(self) -> str | None:
        """Key of the sentence that says why a person cannot move at all."""
        if self.session.may_move:
            return None
        if self.session.outcome is not None:
            return "game_over"
        return "look_back_first" if not self.session.is_live else "not_your_turn"

    def _try_move(self, wish: TryMove, now: float) -> None:
        obstacle = self._why_not_now()
        if obstacle is not None:
            self.tell(lambda t: t(obstacle), now, Tone.BAD)
            return
        reason = self.session.refusal(wish.source, wish.target)
        if reason is not None:
            self.tell(lambda t: t.refusal(reason), now, Tone.BAD)
            return
        self._play(Move.of(wish.source, wish.target), None, now)

    def allows(self, wish: TryMove) -> bool:
        """Whether a move may be played now."""
        return self._why_not_now() is None and self.session.refusal(wish.source, wish.target) is None

    def _play_text(self, text: str, now: float) -> None:
        obstacle = self._why_not_now()
        if obstacle is not None:
            self.tell(lambda t: t(obstacle), now, Tone.BAD)
            return
        try:
            self._play(parse_move(self.session.shown_board, text), None, now)
        except IllegalMoveError as error:
            reason = next((reason for reason in Refusal if str(error).endswith(reason.value)), None)
            self.tell(lambda t: t.refusal(reason) if reason else t("move_illegal", move=text), now, Tone.BAD)
        except AmbiguousMoveError:
            self.tell(lambda t: t("move_ambiguous", move=text), now, Tone.BAD)
        except MoveError:
            self.tell(lambda t: t("move_unreadable", move=text), now, Tone.BAD)

    def _play(self, move: Move, decision: Decision | None, now: float) -> None:
        self.session.play(move, decision)
        self._moved_at = now
        self._notice = None

    # --- asking players

    def settle(self, now: float) -> None:
        """Make the open requests fit the game: ask what is missing, cancel what nobody needs any more."""
        session = self.session
        if self._move is not None and not (session.awaits_player and self._move.revision == session.revision):
            self._forget(self._move)
            self._move = None
        if self._reply is not None and self._reply[1] != session.revision:
            self._reply = None
        if session.awaits_player and self._move is None and self._reply is None:
            self._move = self._ask(session.seats[session.turn], session.ply_count)
        if self._hint_asked is not None and self._hint_asked.revision != session.revision:
            self._forget(self._hint_asked)
            self._hint_asked = None
        self._settle_mind()
        if self._kept != session.revision:
            self._kept = session.revision
            self._keep_game(session)

    def _settle_mind(self) -> None:
        asked, session = self._mind_asked, self.session
        here = (session.revision, session.shown)
        if asked is not None and (not self.settings.mind or (asked.revision, asked.ply) != here):
            self._forget(asked)
            self._mind_asked = asked = None
        known = session.decision_at(session.shown)
        over = session.is_live and session.outcome is not None
        deciding = session.is_live and session.awaits_player
        if self.settings.mind and asked is None and not (over or deciding) and (known is None or not known.policy):
            self._mind_asked = self._ask(self.adviser, session.shown)

    def _ask(self, spec: str, ply: int) -> _Asked:
        asked = _Asked(next(self._numbers), self.session.revision, ply)
        position = self.session.request()
        self._thinker.load(spec)
        self._thinker.think(Think(asked.number, spec, replace(position, moves=position.moves[:ply])))
        return asked

    def _forget(self, asked: _Asked) -> None:
        self._thinker.cancel(asked.number)

    @property
    def adviser(self) -> str:
        """The player asked for hints and thoughts: the opponent if it is worth asking."""
        worthy = [seat for seat in self.session.seats if seat not in _NO_ADVISERS]
        return worthy[0] if worthy else _DEFAULT_ADVISER

    def _ask_hint(self, now: float) -> None:
        obstacle = self._why_not_now()
        if obstacle is not None:
            self.tell(lambda t: t(obstacle), now, Tone.BAD)
            return
        known = self.session.decision_at(self.session.ply_count)
        if known is not None and known.policy:
            self._show_hint(known, now)
        elif self._hint_asked is None:
            self._hint_asked = self._ask(self.adviser, self.session.ply_count)
            self.tell(lambda t: t("hint_wait"), now, Tone.QUIET)

    def _show_hint(self, decision: Decision, now: float) -> None:
        move = next(iter(decision.policy), decision.move)
        self._hint = (self.session.revision, move)
        text = move_text(self.session.shown_board, move, self.settings.notation)
        self.tell(lambda t: t("hint", move=text), now, Tone.GOOD)

    def answer(self, reply: Reply, now: float) -> None:
        """Take in what came from the players' process."""
        if isinstance(reply, Ready):
            self._ready.add(reply.spec)
        elif isinstance(reply, Decided):
            self._decided(reply, now)
        elif isinstance(reply, Failed):
            self._failed(reply, now)
        elif isinstance(reply, Crashed):
            self._ready.clear()
            if not reply.restarted:
                self.session.paused = True
                self._move = self._hint_asked = self._mind_asked = None
            key = "crashed" if reply.restarted else "crashed_for_good"
            self.tell(lambda t: t(key), now, Tone.BAD)
        self.settle(now)

    def _decided(self, reply: Decided, now: float) -> None:
        session = self.session
        if self._move is not None and reply.number == self._move.number:
            pause = REPLY_PAUSE if HUMAN in session.seats else WATCH_PAUSE
            self._reply = (max(now, self._moved_at + pause), self._move.revision, reply.decision)
            self.tick(now)
        elif self._hint_asked is not None and reply.number == self._hint_asked.number:
            self._hint_asked = None
            if reply.decision.policy:
                session.think_aloud(session.ply_count, reply.decision)
            self._show_hint(reply.decision, now)
        elif self._mind_asked is not None and reply.number == self._mind_asked.number:
            session.think_aloud(self._mind_asked.ply, reply.decision)
            if reply.decision.policy:
                self._mind_asked = None

    def _failed(self, reply: Failed, now: float) -> None:
        if self._move is not None and reply.number == self._move.number:
            self._move = None
            self.session.paused = True
        elif self._hint_asked is not None and reply.number == self._hint_asked.number:
            self._hint_asked = None
        elif self._mind_asked is not None and reply.number == self._mind_asked.number:
            self.change(mind=False)
        self.tell(lambda t: t("player_failed", error=reply.text), now, Tone.BAD)

    def tick(self, now: float) -> bool:
        """Do what is due by now; True when something has changed."""
        changed = False
        if self._notice is not None and now >= self._notice.until:
            self._notice, changed = None, True
        if self._reply is not None and now >= self._reply[0]:
            _, revision, decision = self._reply
            self._reply = self._move = None
            if revision == self.session.revision and self.session.outcome is None:
                # A reply must not pull a reader back from an earlier position.
                shown = None if self.session.is_live else self.session.shown
                self._play(decision.move, decision, now)
                if shown is not None:
                    self.session.show(shown)
            changed = True
            self.settle(now)
        return changed

    def wake_at(self) -> float | None:
        """When ``tick`` has something to do, None when nothing is pending."""
        times = [self._notice.until] if self._notice else []
        times += [self._reply[0]] if self._reply else []
        return min(times, default=None)

    # --- what to draw

    def tell(self, wording: Wording, now: float, tone: Tone = Tone.PLAIN) -> None:
        """Say something in the status line for a while."""
        self._notice = _Notice(wording, tone, now + NOTICE)

    def scene(self, texts: Texts, now: float) -> Scene:
        """Everything the views need."""
        session = self.session
        thinking = session.turn if session.awaits_player else None
        loading = thinking is not None and session.seats[session.turn] not in self._ready
        notice = self._notice
        status, tone = (notice.wording(texts), notice.tone) if notice else status_line(session, texts, loading)
        mind = session.decision_at(session.shown) if self.settings.mind else None
        return Scene(session, self.settings, status, tone, thinking, loading, self._arrows(mind), mind)

    def _arrows(self, mind: Decision | None) -> list[Arrow]:
        session = self.session
        if self._hint is not None and self._hint[0] == session.revision and session.is_live:
            return [Arrow(self._hint[1])]
        if mind is None or (session.is_live and session.outcome is not None):
            return []
        likely = list(mind.policy.items())[:ARROWS]
        return [Arrow(move, share) for move, share in likely if share >= LEAST_SHARE]


def _next(options: tuple[str, ...], now: str) -> str:
    return options[(options.index(now) + 1) % len(options)]
