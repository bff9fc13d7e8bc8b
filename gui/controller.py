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
    Outcome,
    Refusal,
    XiangqiError,
    parse_move,
)

from .analysis_mode import AnalysisMode
from .clock import GameClock, TimeControl, clock_text
from .intents import (
    ChangeSetting,
    ChooseGame,
    Command,
    ConfirmDraw,
    ConfirmResign,
    Intent,
    OpenRecord,
    PlayText,
    ResumeGame,
    SetAnalyst,
    ShowPly,
    StartGame,
    SwitchMode,
    TryMove,
)
from .manners import settle_offer, would_offer, would_resign
from .messages import Crashed, Decided, Failed, Question, Ready, Reply, Think
from .mode import Mode
from .notation import NOTATIONS
from .opponents import NewOpponents, at_its_best
from .puzzle_mode import PuzzleMode
from .record_files import ClipboardKind, clipboard_kind
from .scene import AnalysisScene, Arrow, Scene, Tone
from .session import HUMAN, GameSession
from .settings import Settings, in_language
from .setup_mode import SetupMode
from .status import analysis_status, setup_status, status_line
from .study import Study
from .texts import LANGUAGES, Texts
from .theme import FACES, THEMES

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

    def load(self, spec: str, *, again: bool = False) -> None:
        """Make a player ready; ``again``: also one that was asked for before."""
        ...

    def ask(self, request: Question) -> None:
        """Ask a question."""
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
        self._clock_shown: object = None
        #: A move that would lose by repetition, and how: it waits for the person to be sure.
        self.doubtful: tuple[TryMove, Outcome] | None = None
        self.mode = Mode.PLAY
        self.analysis = AnalysisMode(self)
        self.setup = SetupMode(self)
        self.puzzles = PuzzleMode(self)
        self._new_opponents = NewOpponents(self)

    # --- wishes

    def apply(self, intent: Intent, now: float) -> bool:
        """Carry out a wish; False when it is for the window (dialogs, files)."""
        if isinstance(intent, SwitchMode):
            self.switch(intent.mode, now)
        elif isinstance(intent, ChangeSetting):
            self._change_setting(intent)
        elif (
            self._new_opponents.apply(intent, now)
            or self._apply_in_mode(intent, now)
            or (isinstance(intent, Command) and self._look_command(intent))
        ):
            pass
        elif self.mode is not Mode.PLAY and isinstance(intent, Command):
            return False
        elif isinstance(intent, TryMove):
            self._try_move(intent, now)
        elif isinstance(intent, PlayText):
            self._play_text(intent.text, now)
        elif isinstance(intent, ShowPly):
            self.session.show(intent.ply)
        elif isinstance(intent, StartGame):
            self.start(intent.seats, intent.fen or START_FEN, intent.clock)
        elif isinstance(intent, ConfirmResign):
            self.session.resign(intent.side)
        elif isinstance(intent, ConfirmDraw):
            if not settle_offer(self.session, intent.side):
                self.tell(lambda t: t("draw_refused", side=t.side(1 - intent.side)), now, Tone.BAD)
        elif isinstance(intent, ResumeGame):
            self._adopt(intent.session)
            self.change(seats=self.session.seats, flipped=self.session.person == BLACK)
        elif not (isinstance(intent, Command) and self._command(intent, now)):
            return False
        self.settle(now)
        return True

    def _apply_in_mode(self, intent: Intent, now: float) -> bool:
        """Carry out what the mode does in its own way."""
        if isinstance(intent, OpenRecord | ChooseGame | SetAnalyst):
            self.mode = self.mode if isinstance(intent, OpenRecord) else Mode.ANALYSE
            return self.analysis.apply(intent, now)
        if intent is Command.SWITCH_MODE:
            self.switch(Mode.PLAY if self.mode in (Mode.ANALYSE, Mode.PUZZLE) else Mode.ANALYSE, now)
        elif intent is Command.PUZZLES:
            self.switch(Mode.PUZZLE, now)
        elif intent is Command.SETUP:
            self.switch(Mode.SETUP, now)
        elif self.mode is Mode.ANALYSE:
            return self._apply_in_analysis(intent, now)
        elif self.mode is Mode.SETUP:
            return self.setup.apply(intent, now)
        elif self.mode is Mode.PUZZLE:
            return self.puzzles.apply(intent, now)
        else:
            return False
        return True

    def _apply_in_analysis(self, intent: Intent, now: float) -> bool:
        if isinstance(intent, TryMove):
            self._try_move(intent, now)
        elif isinstance(intent, PlayText):
            self._play_text(intent.text, now)
        else:
            return self.analysis.apply(intent, now)
        return True

    def switch(self, mode: Mode, now: float) -> None:
        """Use the board for something else; whatever was being done stays as it is."""
        if mode is Mode.SETUP and self.mode is not Mode.SETUP:
            self.setup.enter(self.shown.shown_board.fen())
        if self.mode is Mode.SETUP and mode is Mode.ANALYSE and self.setup.is_changed:
            if not self.setup.is_playable(now):
                return
            self.analysis.analyse_position(self.setup.editor.fen())
        if mode is Mode.PUZZLE:
            self.puzzles.enter()
        elif self.mode is Mode.PUZZLE:
            self.change(flipped=self.session.person == BLACK)
        self.mode, self._notice = mode, None

    def hush(self) -> None:
        """Take back what the status line says."""
        self._notice = None

    def show_study(self) -> None:
        """Bring Analyse mode to the screen."""
        self.mode = Mode.ANALYSE

    @property
    def shown(self) -> GameSession | Study:
        """What the board shows; in set-up mode, what it will show afterwards."""
        if self.mode is Mode.PUZZLE:
            return self.puzzles.session
        return self.analysis.study if self.mode is Mode.ANALYSE else self.session

    def play_from_here(self) -> None:
        """Go on playing from the position on the board, with its history. Raises ``FenError``."""
        seats = self.session.seats
        if self.mode is Mode.SETUP:
            session = GameSession(seats, self.setup.editor.fen())
        else:
            request = self.analysis.study.request()
            session = GameSession(seats, request.fen)
            for move in request.moves:
                session.play(move)
        self._adopt(session)
        self.mode = Mode.PLAY
        self.change(flipped=session.person == BLACK)

    def start(self, seats: tuple[str, str], fen: str = START_FEN, clock: str = "") -> None:
        """Begin a new game. Raises ``FenError`` and ``TimeControlError``."""
        self.mode = Mode.PLAY
        self._adopt(GameSession(seats, fen, GameClock(TimeControl.parse(clock)) if clock else None))
        self.change(seats=seats, flipped=self.session.person == BLACK, clock=clock)

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
        """Take what lay on the clipboard: a position becomes the board's, a game is analysed."""
        kind = clipboard_kind(text)
        if kind is ClipboardKind.NOTHING:
            self.tell(lambda t: t("clipboard_empty"), now, Tone.QUIET)
        elif kind is ClipboardKind.RECORD:
            self.analysis.read("", text)
            self.tell(lambda t: t("reading"), now, Tone.QUIET)
        else:
            self._paste_position(text.strip(), now)
        self.settle(now)

    def _paste_position(self, fen: str, now: float) -> None:
        try:
            if self.mode is Mode.SETUP:
                self.setup.editor.load(fen)
            elif self.mode is Mode.ANALYSE:
                self.analysis.analyse_position(fen)
            else:
                self._adopt(GameSession(self.session.seats, fen))
            self.tell(lambda t: t("fen_pasted"), now)
        except XiangqiError as error:
            message = str(error)
            self.tell(lambda t: t("fen_bad", error=message), now, Tone.BAD)

    def _command(self, command: Command, now: float) -> bool:
        session = self.session
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
        elif command is Command.MIND:
            self.change(mind=not self.settings.mind)
        else:
            return False
        return True

    def _change_setting(self, wish: ChangeSetting) -> None:
        values: dict[str, Any] = {wish.name: wish.value}
        if wish.name == "language":
            values["notation"] = in_language(self.settings, str(wish.value)).notation
        self.change(**values)

    def _look_command(self, command: Command) -> bool:
        """Change how the window looks and sounds."""
        settings = self.settings
        if command is Command.FLIP:
            self.change(flipped=not settings.flipped)
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
        if self.shown.may_move:
            return None
        if self.mode is Mode.ANALYSE:
            return "game_over"
        if self.session.outcome is not None:
            return "game_over"
        if self.session.paused and self.session.clock is not None:
            return "paused_first"
        return "look_back_first" if not self.session.is_live else "not_your_turn"

    def _try_move(self, wish: TryMove, now: float) -> None:
        obstacle = self._why_not_now()
        if obstacle is not None:
            self.tell(lambda t: t(obstacle), now, Tone.BAD)
            return
        reason = self.shown.refusal(wish.source, wish.target)
        if reason is not None:
            self.tell(lambda t: t.refusal(reason), now, Tone.BAD)
            return
        move = Move.of(wish.source, wish.target)
        outcome = None if wish.sure or self.mode is not Mode.PLAY else self.session.lost_by_repeating(move)
        if outcome is None:
            self._play(move, None, now)
        else:
            self.doubtful = replace(wish, sure=True), outcome

    def allows(self, wish: TryMove) -> bool:
        """Whether a move may be played now."""
        return self._why_not_now() is None and self.shown.refusal(wish.source, wish.target) is None

    def _play_text(self, text: str, now: float) -> None:
        obstacle = self._why_not_now()
        if obstacle is not None:
            self.tell(lambda t: t(obstacle), now, Tone.BAD)
            return
        try:
            move = parse_move(self.shown.shown_board, text)
            self._try_move(TryMove(move.from_square, move.to_square), now)
        except IllegalMoveError as error:
            reason = next((reason for reason in Refusal if str(error).endswith(reason.value)), None)
            self.tell(lambda t: t.refusal(reason) if reason else t("move_illegal", move=text), now, Tone.BAD)
        except AmbiguousMoveError:
            self.tell(lambda t: t("move_ambiguous", move=text), now, Tone.BAD)
        except MoveError:
            self.tell(lambda t: t("move_unreadable", move=text), now, Tone.BAD)

    def _play(self, move: Move, decision: Decision | None, now: float) -> None:
        if decision is None and self.mode is Mode.ANALYSE:
            self._notice = None
            self.analysis.play(move, now)
            return
        self.session.play(move, decision, now)
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
            self._move = self._ask(session.seats[session.turn], session.ply_count, now, deciding=True)
        if self._hint_asked is not None and self._hint_asked.revision != session.revision:
            self._forget(self._hint_asked)
            self._hint_asked = None
        self._settle_mind()
        self.analysis.settle(self.mode is Mode.ANALYSE)
        if self._kept != session.revision:
            self._kept = session.revision
            self._keep_game(session)
        self._keep_time(now)

    def _keep_time(self, now: float) -> None:
        """Let the clock go while somebody thinks about a move, and not while a player is being loaded."""
        session = self.session
        loading = session.awaits_player and session.seats[session.turn] not in self._ready
        session.keep_time(now, runs=self.mode is Mode.PLAY and self._reply is None and not loading)
        self._clock_shown = self._clock_text(now)

    def _clock_text(self, now: float) -> object:
        """Changes when the clocks look different."""
        faces = self.session.clock_faces(now)
        return faces and [(clock_text(face), face.periods) for face in faces]

    def _settle_mind(self) -> None:
        asked, session = self._mind_asked, self.session
        here = (session.revision, session.shown)
        if asked is not None and (
            not self.settings.mind or self.mode is not Mode.PLAY or (asked.revision, asked.ply) != here
        ):
            self._forget(asked)
            self._mind_asked = asked = None
        known = session.decision_at(session.shown)
        over = session.is_live and session.outcome is not None
        deciding = session.is_live and session.awaits_player
        showing = self.settings.mind and self.mode is Mode.PLAY
        if showing and asked is None and not (over or deciding) and (known is None or not known.policy):
            self._mind_asked = self._ask(self.adviser, session.shown)

    def _ask(self, spec: str, ply: int, now: float = 0.0, *, deciding: bool = False) -> _Asked:
        position = self.session.request()
        self._thinker.load(spec)
        clock = self.session.clock if deciding else None
        seconds = None if clock is None else clock.share(self.session.turn, now)
        number = self.ask(lambda number: Think(number, spec, replace(position, moves=position.moves[:ply]), seconds))
        return _Asked(number, self.session.revision, ply)

    def ask(self, question: Callable[[int], Question]) -> int:
        """Send a question made from a fresh number, and return the number."""
        number = next(self._numbers)
        self._thinker.ask(question(number))
        return number

    def try_out(self, spec: str) -> None:
        """Have a player made ready, also one that was ready before."""
        self._ready.discard(spec)
        self._thinker.load(spec, again=True)

    def cancel(self, number: int) -> None:
        """Forget a question."""
        self._thinker.cancel(number)

    def _forget(self, asked: _Asked) -> None:
        self.cancel(asked.number)

    @property
    def adviser(self) -> str:
        """The player asked for hints and thoughts: the opponent if it is worth asking."""
        worthy = [seat for seat in self.session.seats if seat not in _NO_ADVISERS]
        return at_its_best(worthy[0]) if worthy else _DEFAULT_ADVISER

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
        board, notation = self.session.shown_board, self.settings.notation
        self.tell(lambda t: t("hint", move=t.moved(board, move, notation)), now, Tone.GOOD)

    def answer(self, reply: Reply, now: float) -> None:
        """Take in what came from the players' process."""
        if self._new_opponents.answer(reply, now) or self.puzzles.answer(reply, now):
            pass
        elif isinstance(reply, Ready):
            self._ready.add(reply.spec)
        elif not isinstance(reply, Crashed) and self.analysis.answer(reply, now):
            pass
        elif isinstance(reply, Decided):
            self._decided(reply, now)
        elif isinstance(reply, Failed):
            self._failed(reply, now)
        elif isinstance(reply, Crashed):
            self._ready.clear()
            if not reply.restarted:
                self.session.paused = True
                self._move = self._hint_asked = self._mind_asked = None
                self.analysis.forget_questions()
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
        self.complain(reply, now)

    def complain(self, failure: Failed, now: float) -> None:
        """Say what went wrong."""
        self.tell(lambda t: t.error(failure.kind, failure.text), now, Tone.BAD)

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
                self._reply_with(decision, now)
                if shown is not None:
                    self.session.show(shown)
            changed = True
            self.settle(now)
        changed = self.puzzles.tick(now) or changed
        return self._tick_clock(now) or changed

    def _tick_clock(self, now: float) -> bool:
        """Move the clocks on; True when they look different."""
        before, revision = self._clock_shown, self.session.revision
        self._keep_time(now)
        fallen = self.session.revision != revision
        if fallen:
            self.settle(now)
        return fallen or before != self._clock_shown

    def _reply_with(self, decision: Decision, now: float) -> None:
        """Make the move of a player, with the manners of its kind."""
        session, side = self.session, self.session.turn
        if would_resign(session, decision):
            session.resign(side)
            return
        self._play(decision.move, decision, now)
        if session.outcome is None and session.seats[1 - side] == HUMAN and would_offer(session, side):
            session.offer_draw(side)

    def wake_at(self, now: float = 0.0) -> float | None:
        """When ``tick`` has something to do, None when nothing is pending."""
        times = [self._notice.until] if self._notice else []
        times += [self._reply[0]] if self._reply else []
        clock, puzzle_at = self.session.clock, self.puzzles.wake_at()
        times += [puzzle_at] if puzzle_at is not None else []
        times += [] if clock is None else [at for at in (clock.falls_at(), clock.changes_at(now)) if at is not None]
        return min(times, default=None)

    # --- what to draw

    def tell(self, wording: Wording, now: float, tone: Tone = Tone.PLAIN) -> None:
        """Say something in the status line for a while."""
        self._notice = _Notice(wording, tone, now + NOTICE)

    def scene(self, texts: Texts, now: float) -> Scene:
        """Everything the views need."""
        session, analysis = self.session, self.analysis
        thinking = session.turn if session.awaits_player else None
        loading = thinking is not None and session.seats[session.turn] not in self._ready
        notice = self._notice
        status, tone = (notice.wording(texts), notice.tone) if notice else self._status(texts, loading)
        mind = session.decision_at(session.shown) if self.settings.mind else None
        sources, targets = analysis.heat()
        studied = AnalysisScene(
            analysis.study,
            analysis.view,
            analysis.guessing,
            analysis.progress,
            analysis.model,
            len(analysis.games),
            analysis.chosen,
            sources,
            targets,
        )
        by_mode = {Mode.ANALYSE: lambda: analysis.arrows(ARROWS, LEAST_SHARE), Mode.PUZZLE: self.puzzles.arrows}
        arrows = by_mode.get(self.mode, lambda: self._arrows(mind))()
        return Scene(
            session,
            self.settings,
            status,
            tone,
            thinking,
            loading,
            arrows,
            mind,
            self.mode,
            studied,
            self.setup.editor,
            session.clock_faces(now),
            self.puzzles.scene(),
        )

    def _status(self, texts: Texts, loading: bool) -> tuple[str, Tone]:
        if self.mode is Mode.ANALYSE:
            return analysis_status(self.analysis, texts)
        if self.mode is Mode.PUZZLE:
            return self.puzzles.status(texts)
        if self.mode is Mode.SETUP:
            return setup_status(self.setup.editor, texts)
        return status_line(self.session, texts, loading)

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
