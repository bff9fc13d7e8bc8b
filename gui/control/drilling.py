"""One's own mistakes tried again: positions without their answers, wrong tries refuted on the board."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from xiangqi_gpt.rules import Board, Move, XiangqiError

from ..i18n.texts import Texts
from ..state.displayed_moves import PositionRequest
from ..state.error_report import report
from ..state.own_side import own_side
from ..state.scene import Tone
from ..state.study import Study
from ..worker.messages import CheckTry, Failed, TryChecked
from .mode_context import ModeContext
from .study_questions import ReviewState

if TYPE_CHECKING:
    from xiangqi_gpt.user_store import DrillCard, DrillDeck, Position

#: Seconds until the reply to a wrong try is played, and until both are taken back.
_PAUSE: Final = 0.5
_REFUTED: Final = 2.4


def drill_positions(study: Study, side: int | None = None) -> list[Position]:
    """Return the positions before the mistakes of a study, or of one side in it, by now, the gravest first."""
    from xiangqi_gpt.user_store import Position

    names = (
        " – ".join(study.tag(side) or "?" for side in ("Red", "Black"))
        if study.tag("Red") or study.tag("Black")
        else ""
    )
    game = ", ".join(filter(None, (names, study.tag("Event"), study.tag("Date"))))
    found = []
    for note in study.mistakes(side):
        board = study.start_board()
        for move in study.main_moves[: note.ply - 1]:
            board.push(move)
        found.append(
            Position(
                *(board.fen(), str(note.move), str(note.best), tuple(map(str, note.variation))),
                *(tuple(map(str, note.refutation)), round(note.loss, 4), game),
            )
        )
    return found


class BeforeDrill(NamedTuple):
    """What is gone back to after a drill."""

    study: Study
    chosen: int | None
    flipped: bool
    review: ReviewState


def begin_drill(context: ModeContext, study: Study, now: float) -> Drilling | None:
    """Return the mistakes that are due, those of a study among them; None, and a notice, where there is nothing."""
    from xiangqi_gpt.user_store import DrillDeck, UserStore

    try:
        deck = DrillDeck(UserStore())
        if positions := drill_positions(study, own_side(study, context.settings.own)):
            deck.add(positions)
        cards, following = deck.due(), deck.next_due()
    except XiangqiError as error:
        context.show_error(Failed("", None, report(error)), now)
        return None
    if not cards:
        when = f"{following.astimezone():%Y-%m-%d %H:%M}" if following is not None else ""
        context.notify(lambda t: t("drill_later", when=when) if when else t("drill_none"), now, Tone.QUIET)
        return None
    return Drilling(context, deck, cards)


class DrillState(Enum):
    """Where the person stands with a position."""

    TO_TRY = "to_try"
    CHECKING = "checking"
    REFUTED = "refuted"  #: the reply to a wrong try is being shown
    WRONG = "wrong"  #: to be tried again
    SOLVED = "solved"
    SHOWN = "shown"  #: the answer was asked for


class Drilling:
    """The positions that are due, one after another; ``study`` is the one on the board."""

    def __init__(self, context: ModeContext, deck: DrillDeck, cards: Sequence[DrillCard]) -> None:
        self._context, self._deck, self._cards = context, deck, list(cards)
        self._asked: int | None = None
        self._refuting: tuple[Board, Move] | None = None  #: the position after a wrong try, and the reply to it
        self._due: list[tuple[float, Move | None]] = []  #: what is played when; None: back to the position
        self.index = 0
        self.right = 0  #: first tries that were right
        self._begin()

    def _begin(self) -> None:
        self._cancel()
        self._due, self.state, self._tried = [], DrillState.TO_TRY, False
        self.study = Study(fen=self.card.position.fen)
        self.study.tags["Title"] = self.card.position.game

    @property
    def card(self) -> DrillCard:
        """The position on the board."""
        return self._cards[self.index]

    @property
    def count(self) -> int:
        """How many positions there are to try."""
        return len(self._cards)

    @property
    def is_hidden(self) -> bool:
        """Whether nothing may be said of the position yet."""
        return self.state not in (DrillState.SOLVED, DrillState.SHOWN)

    @property
    def is_last(self) -> bool:
        """Whether no position comes after this one."""
        return self.index + 1 == self.count

    def try_move(self, model: str, move: Move) -> None:
        """Play a try on the board, and ask whether it is right. Raises ``IllegalMoveError``."""
        study = self.study
        if self.state in (DrillState.CHECKING, DrillState.REFUTED):
            return
        if not self.is_hidden or study.current is not study.root:
            study.play(move)
            study.edited = False
            return
        study.play(move)
        study.edited, self.state = False, DrillState.CHECKING
        request, best = PositionRequest(study.start_fen, ()), Move.from_iccs(self.card.position.best)
        self._asked = self._context.ask(lambda number: CheckTry(number, model, request, best, move))

    def answer(self, reply: TryChecked | Failed, now: float) -> bool:
        """Take in what was found of a try; False when it is about something else."""
        if reply.number is None or reply.number != self._asked:
            return False
        self._asked = None
        if isinstance(reply, Failed):
            self._back(DrillState.TO_TRY)
            self._context.show_error(reply, now)
            return True
        self._keep(reply.is_right, now)
        if reply.is_right:
            self.state = DrillState.SOLVED
        elif reply.line:
            self.state, self._refuting = DrillState.REFUTED, (self.study.shown_board.copy(), reply.line[0])
            self._context.clear_notice()
            self._due = [(now + _PAUSE, reply.line[0]), (now + _REFUTED, None)]
        else:
            self._back(DrillState.WRONG)
        return True

    def _keep(self, is_right: bool, now: float) -> None:
        """The first try counts: it says when the position comes back."""
        if self._tried:
            return
        self._tried = True
        self.right += is_right
        try:
            self._deck.answer(self.card.id, right=is_right)
        except XiangqiError as error:
            self._context.show_error(Failed("", None, report(error)), now)

    def _back(self, state: DrillState) -> None:
        self.state = state
        if self.study.current is not self.study.root:
            self.study.show(1)
            self.study.delete()
        self.study.edited = False

    def tick(self, now: float) -> bool:
        """Play what is due by now; True when something has changed."""
        if not self._due or now < self._due[0][0]:
            return False
        _, move = self._due.pop(0)
        if move is None:
            self._back(DrillState.WRONG)
        elif self.study.shown_board.is_legal(move):
            self.study.play(move)
            self.study.edited = False
        return True

    def wake_at(self) -> float | None:
        """Return when ``tick`` has something to do, None where nothing is due."""
        return self._due[0][0] if self._due else None

    def show_or_go_on(self, now: float) -> bool:
        """Show the answer, which counts as a wrong try, or put the next position; False after the last one."""
        if self.is_hidden:
            self._cancel()
            self._due = []
            self._keep(False, now)
            self._back(DrillState.SHOWN)
            best = self.card.position.variation or (self.card.position.best,)
            self.study.try_line(tuple(map(Move.from_iccs, best)))
            self.study.edited = False
            return True
        if self.is_last:
            return False
        self.index += 1
        self._begin()
        return True

    def _cancel(self) -> None:
        if self._asked is not None:
            self._context.cancel(self._asked)
        self._asked = None

    def stop(self) -> None:
        """Leave the position as it is."""
        self._cancel()
        self._due = []

    def say_result(self, now: float) -> None:
        """Say how many of the positions that were tried were right at the first try."""
        tried = self.index + (not self.is_hidden)
        self._context.notify(lambda t: t("drill_over", right=self.right, count=tried), now, Tone.GOOD)

    def status(self, texts: Texts) -> tuple[str, Tone]:
        """Return what the status line says: whose move it is, or how the try went."""
        tones = {DrillState.SOLVED: Tone.GOOD, DrillState.WRONG: Tone.BAD, DrillState.REFUTED: Tone.BAD}
        values = {"side": texts.side(self.study.first_turn), "index": self.index + 1, "count": self.count}
        if self.state is DrillState.REFUTED and self._refuting is not None:
            values["move"] = texts.moved(*self._refuting, self._context.settings.notation)
        return texts(f"drill_{self.state.value}", **values), tones.get(self.state, Tone.PLAIN)
