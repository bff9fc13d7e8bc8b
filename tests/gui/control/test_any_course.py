"""Whatever is done with a game, its clock, its bar, its list and its players agree (random courses of events)."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from gui_helpers import FakeThinker, decided
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from xiangqi_gpt.gui.control.controller import Controller
from xiangqi_gpt.gui.i18n.texts import Texts
from xiangqi_gpt.gui.state.clock import clock_text
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.displayed_moves import PositionRequest
from xiangqi_gpt.gui.state.intents import ConfirmDraw, ConfirmResign, ShowPly, StartGame, SwitchMode, TryMove
from xiangqi_gpt.gui.state.mode import Mode
from xiangqi_gpt.gui.state.session import HUMAN, GameSession
from xiangqi_gpt.gui.state.settings import Settings
from xiangqi_gpt.gui.worker.messages import Judge, Judged, Ready, Think

from xiangqi_gpt.rules import BLACK, RED, START_FEN, Board, Move, Termination, Wdl

BASE, INCREMENT = 60, 5
ENGINE = "gpt"
STEPS = (
    "move",
    "move",
    "move",
    "answer",
    "answer",
    "judge",
    "judge",
    "undo",
    "undo",
    "redo",
    "redo",
    "pause",
    "resign",
    "draw",
    "flag",
    "wait",
    "back",
    "last",
    "mode",
    "new",
)


@dataclass
class Course:
    """A controller, and beside it a simple account of what its clocks should show.

    ``kept`` are both sides' seconds after each ply, ``undone`` those of the plies taken back.
    """

    players: tuple[str, str]
    now: float = 1000.0
    thinker: FakeThinker = field(default_factory=FakeThinker)
    kept: list[tuple[float, float]] = field(default_factory=list)
    undone: list[tuple[float, float]] = field(default_factory=list)
    spent: float = 0.0
    seen: set[tuple[PositionRequest, tuple[float, float, float]]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.made = Controller(GameSession(), Settings(language="en"), self.thinker)
        self.made.answer(Ready(ENGINE, ENGINE), self.now)
        self.start()

    @property
    def session(self) -> GameSession:
        return self.made.session

    def start(self) -> None:
        self.made.apply(StartGame(self.players, clock=f"{BASE}+{INCREMENT}"), self.now)
        self.kept, self.undone, self.spent = [(float(BASE), float(BASE))], [], 0.0

    def runs(self) -> bool:
        session = self.session
        free = not session.ply_count and session.players[session.turn] == HUMAN
        return session.outcome is None and not session.paused and not free and self.made.mode is Mode.PLAY

    def wait(self, seconds: float) -> None:
        """Let time go by, tick by tick, as the window does."""
        due = self.made.wake_at(self.now)
        end = self.now + seconds
        while due is not None and due <= end:
            self.step_to(max(due, self.now))
            later = self.made.wake_at(self.now)
            due = later if later is not None and later > self.now + 1e-9 else None
        self.step_to(end)

    def step_to(self, now: float) -> None:
        if self.runs():
            self.spent += now - self.now
        self.now = now
        self.made.tick(now)

    def account(self, before: int) -> None:
        """The plies that have been made since there were ``before``, by the side that moved."""
        for ply in range(before, self.session.ply_count):
            hands = list(self.kept[-1])
            side = (self.session.first_turn + ply) % 2
            hands[side] = max(hands[side] - self.spent, 0) + INCREMENT
            self.kept.append((hands[RED], hands[BLACK]))
            self.undone, self.spent = [], 0.0

    def move(self, pick: int) -> None:
        session = self.session
        if not session.may_move or self.made.mode is not Mode.PLAY:
            return
        moves = sorted(session.shown_board.legal_moves, key=str)
        move, before = moves[pick % len(moves)], session.ply_count
        self.made.apply(TryMove(move.from_square, move.to_square, sure=True), self.now)
        self.account(before)

    def answer(self, pick: int) -> None:
        """The player answers, with a move and what it sees."""
        request = next((asked for asked in self.thinker.open[::-1] if isinstance(asked, Think)), None)
        if request is None:
            return
        board = request.position.board()
        moves = sorted(board.legal_moves, key=str)
        if not moves:
            return
        win = (pick % 97) / 97
        self.seen.add((request.position, (win, 0.0, 1 - win)))
        before = self.session.ply_count
        self.made.answer(decided(request, str(moves[pick % len(moves)]), wdl=(win, 0.0, 1 - win)), self.now)
        self.thinker.cancelled.append(request.number)
        if self.session.ply_count == before and self.made.play._reply is not None:
            self.now = self.made.play._reply.due  # the pause before a reply costs nobody time
            self.made.tick(self.now)
        self.account(before)

    def judge(self, pick: int) -> None:
        """The judge says what it sees in the position shown, or that it cannot."""
        request = next((asked for asked in self.thinker.open[::-1] if isinstance(asked, Judge)), None)
        if request is None:
            return
        win = (pick % 89) / 89
        if pick % 7:
            self.seen.add((request.position, (win, 0.0, 1 - win)))
        self.made.answer(Judged(request.number, Wdl(win, 0.0, 1 - win) if pick % 7 else None), self.now)
        self.thinker.cancelled.append(request.number)

    def undo(self) -> None:
        if self.made.mode is not Mode.PLAY:
            return
        before = self.session.ply_count
        self.made.apply(Command.UNDO, self.now)
        for _ in range(before - self.session.ply_count):
            self.undone.append(self.kept.pop())
        if before != self.session.ply_count:
            self.spent = 0.0

    def redo(self) -> None:
        if self.made.mode is not Mode.PLAY:
            return
        before = self.session.ply_count
        self.made.apply(Command.REDO, self.now)
        for _ in range(self.session.ply_count - before):
            self.kept.append(self.undone.pop() if self.undone else self.kept[-1])
            self.spent = 0.0

    def do(self, step: str, pick: int) -> None:
        made, session = self.made, self.session
        if step == "move":
            self.move(pick)
        elif step == "answer":
            self.answer(pick)
        elif step == "judge":
            self.judge(pick)
        elif step == "undo":
            self.undo()
        elif step == "redo":
            self.redo()
        elif step == "pause" and made.mode is Mode.PLAY:
            made.apply(Command.PAUSE, self.now)
        elif step == "resign" and session.resigning_side is not None and made.mode is Mode.PLAY:
            made.apply(ConfirmResign(session.resigning_side), self.now)
        elif step == "draw" and session.resigning_side is not None and made.mode is Mode.PLAY:
            made.apply(ConfirmDraw(session.resigning_side), self.now)
        elif step == "flag":
            self.wait(BASE + 50 * INCREMENT if pick % 5 == 0 else 1)
        elif step == "wait":
            self.wait(pick % 90 / 10)
        elif step == "back" and made.mode is Mode.PLAY:
            made.apply(ShowPly(pick % (session.ply_count + 1)), self.now)
        elif step == "last" and made.mode is Mode.PLAY:
            made.apply(Command.LAST, self.now)
        elif step == "mode":
            made.apply(SwitchMode((Mode.ANALYSE, Mode.PLAY, Mode.SETUP)[pick % 3]), self.now)
        elif step == "new" and pick % 4 == 0:
            self.start()

    def check(self) -> None:
        """What must hold after every step."""
        session, made = self.session, self.made
        board = Board(START_FEN)
        for ply in session.line:
            board.push(ply.move)
        assert session.turn == board.turn and session.request().board().fen() == board.fen()
        assert session.clock is not None and session.clock.turn == session.turn, "the clock of the side to move"
        assert session.clock.is_running == self.runs(), "it goes while, and only while, somebody thinks"
        red, black = (face.seconds for face in session.clock_faces(self.now) or ())
        hands = list(self.kept[-1])
        hands[session.turn] = max(hands[session.turn] - self.spent, 0.0)
        assert (red, black) == pytest.approx(tuple(hands)), "nobody loses or gains time"
        if session.outcome is not None and session.outcome.termination is Termination.TIME:
            assert clock_text(session.clock_faces(self.now)[session.turn]) == "0.0"  # type: ignore[index]
        scene = made.scene(Texts("en"), self.now)
        earlier = Board(START_FEN)
        for ply in session.line[: session.shown]:
            earlier.push(ply.move)
        assert session.shown_board.fen() == earlier.fen(), "the list's lit move leads to the board"
        evaluation = session.evaluation_at(session.shown)
        if session.is_live and session.outcome is not None:
            winner = session.outcome.winner
            assert evaluation == (float(winner == RED), float(winner is None), float(winner == BLACK))
        elif evaluation is not None:
            position = PositionRequest(session.start_fen, session.request().moves[: session.shown])
            said = tuple(evaluation) if earlier.turn == RED else tuple(evaluation)[::-1]
            assert (position, said) in self.seen, "the bar is of this position"
        if made.mode is Mode.PLAY and session.awaits_player and made.play._reply is None:
            judging = [asked for asked in self.thinker.open if isinstance(asked, Judge)]
            assert not judging, "nothing delays a move"
            thinking = [asked for asked in self.thinker.open if isinstance(asked, Think) and asked.time is not None]
            assert [asked.position for asked in thinking] == [session.request()], "the player thinks about this game"
            assert scene.thinking == session.turn
        else:
            assert scene.thinking is None or made.play._reply is not None or made.mode is not Mode.PLAY


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([(HUMAN, HUMAN), (HUMAN, ENGINE), (ENGINE, HUMAN), (ENGINE, ENGINE)]),
    st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 10_000)), min_size=12, max_size=40),
)
def test_clock_bar_list_and_players_never_disagree(players: tuple[str, str], steps: list[tuple[str, int]]) -> None:
    course = Course(players)
    course.check()
    for step, pick in steps:
        course.do(step, pick)
        course.check()


def test_a_move_taken_back_while_the_opponent_thinks_and_played_again_keeps_its_time() -> None:
    course = Course((HUMAN, ENGINE))
    course.move(3)
    course.wait(2)
    course.undo()
    course.wait(4)
    course.redo()
    assert course.session.clock is not None and course.session.clock.turn == BLACK
    course.wait(10)
    red, black = (face.seconds for face in course.session.clock_faces(course.now) or ())
    assert (red, black) == pytest.approx((BASE + INCREMENT, BASE - 10)), "the increment is kept, the player's time goes"


def test_a_players_first_move_is_timed_and_a_persons_is_not() -> None:
    course = Course((ENGINE, HUMAN))
    course.wait(50)
    assert (course.session.clock_faces(course.now) or ())[RED].seconds == pytest.approx(10)
    course = Course((HUMAN, ENGINE))
    course.wait(50)
    assert (course.session.clock_faces(course.now) or ())[RED].seconds == BASE


def test_a_flag_that_has_fallen_comes_before_a_move() -> None:
    course = Course((HUMAN, HUMAN))
    course.move(0)
    course.now += 500
    move = next(iter(course.session.shown_board.legal_moves))
    course.made.apply(TryMove(move.from_square, move.to_square), course.now)
    assert course.session.ply_count == 1 and course.session.outcome is not None
    assert course.session.outcome.termination is Termination.TIME
    assert Move.from_iccs(str(move)) not in [ply.move for ply in course.session.line]
