"""The clocks of the game on the board, which run, stand still, and go back when moves are taken back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from xiangqi_gpt.players.player import Clock
from xiangqi_gpt.players.time_control import TimeControl, TimeControlError
from xiangqi_gpt.players.time_management import TimeBudget
from xiangqi_gpt.rules import BLACK, RED

#: Seconds that a question to an engine and its answer may take to get there: it is told of so much less.
_ON_THE_WAY: Final = 0.2
#: A clock shows tenths of a second below this.
TENTHS_BELOW: Final = 10.0


@dataclass(frozen=True)
class Face:
    """What a clock shows: ``seconds`` left, of the game or, in byo-yomi, of the period; ``periods`` left with this one
    (0 where the control has none).
    """

    seconds: float
    periods: int = 0
    in_period: bool = False


def clock_text(face: Face) -> str:
    """Return the digits of a clock: minutes and seconds, and tenths when few seconds are left."""
    if face.seconds < TENTHS_BELOW:
        return f"{math.floor(face.seconds * 10) / 10:.1f}"
    whole = math.ceil(face.seconds - 1e-6)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


@dataclass(frozen=True)
class _Hand:
    left: float
    periods: int


class GameClock:
    """Both sides' clocks of one game, ``turn`` the side to move in it. ``now``: seconds of one steady clock.

    The clock always times the side to move: the game tells it of every change by ``moved`` and ``go_to``.
    """

    def __init__(self, control: TimeControl, turn: int = RED) -> None:
        self.control = control
        hand = _Hand(control.base, control.periods)
        self._hands: dict[int, tuple[_Hand, _Hand]] = {0: (hand, hand)}  # after so many plies, also those taken back
        self._ply = 0
        self._turn = turn
        self._spent = 0.0  #: on the move that is being timed
        self._since: float | None = None  #: when its clock was set going, None while it stands still

    @property
    def turn(self) -> int:
        """The side whose move is being timed."""
        return self._turn

    @property
    def is_running(self) -> bool:
        """Whether a clock goes."""
        return self._since is not None

    def run(self, now: float) -> None:
        """Let the clock of the side to move go."""
        if self._since is None:
            self._since = now

    def stop(self, now: float) -> None:
        """Let both clocks stand still."""
        self._spent, self._since = self._thought(now), None

    def _thought(self, now: float) -> float:
        return self._spent + (max(now - self._since, 0.0) if self._since is not None else 0.0)

    def moved(self, ply: int, now: float) -> None:
        """The side to move has made the ``ply``-th move: its time is taken off, its increment added."""
        side, spent = self._turn, self._thought(now)
        hand = self._hands[self._ply][side]
        left = max(hand.left - spent, 0.0) + self.control.increment
        hands = list(self._hands[self._ply])
        hands[side] = _Hand(left, hand.periods - self._periods_used(hand, spent))
        self._hands = {known: kept for known, kept in self._hands.items() if known < ply}
        self._hands[ply] = (hands[RED], hands[BLACK])
        self._ply, self._turn, self._spent, self._since = ply, 1 - side, 0.0, None

    def go_to(self, ply: int, turn: int) -> None:
        """Moves were taken back, or played again: both sides have the time they had after ``ply`` plies.

        A move that is played again and was never timed costs nothing.
        """
        if ply == self._ply and turn == self._turn:
            return
        known = max((known for known in self._hands if known <= ply), default=min(self._hands))
        self._hands[ply] = self._hands[known]
        self._ply, self._turn, self._spent, self._since = ply, turn, 0.0, None

    def _periods_used(self, hand: _Hand, spent: float) -> int:
        over = spent - hand.left
        return min(int(over // self.control.period), hand.periods) if over > 0 and self.control.period else 0

    def face(self, side: int, now: float) -> Face:
        """Return what a side's clock shows."""
        hand = self._hands[self._ply][side]
        left = hand.left - (self._thought(now) if side == self._turn else 0.0)
        if left > 0 or not hand.periods:
            return Face(max(left, 0.0), hand.periods)
        used = int(-left // self.control.period)
        if used >= hand.periods:  # the flag has fallen
            return Face(0.0, 0, True)
        return Face(max((used + 1) * self.control.period + left, 0.0), hand.periods - used, True)

    def falls_at(self) -> float | None:
        """Return when the time of the side whose clock goes will be over; None while both stand still."""
        if self._since is None:
            return None
        hand = self._hands[self._ply][self._turn]
        return self._since + hand.left + hand.periods * self.control.period - self._spent

    def changes_at(self, now: float) -> float | None:
        """Return when the clock that goes will show other digits."""
        if self._since is None:
            return None
        left = self.face(self._turn, now).seconds
        step = 0.1 if left <= TENTHS_BELOW else 1.0
        return now + (left % step or step) + 0.001

    def share(self, side: int, now: float) -> float:
        """Return how many seconds a player that plans its time may think about a move."""
        face = self.face(side, now)
        main, period = (0.0, face.seconds) if face.in_period else (face.seconds, self.control.period)
        return TimeBudget.of_clock(main, self.control.increment, period=period).usual

    def left(self, now: float) -> Clock | None:
        """Return what an engine is told, which plans its time itself; None with byo-yomi, which engines do not know."""
        if self.control.periods:
            return None
        red, black = (max(self.face(side, now).seconds - _ON_THE_WAY, _ON_THE_WAY) for side in (RED, BLACK))
        return Clock(red, black, self.control.increment, self.control.increment)

    # --- keeping a game

    def to_dict(self) -> dict[str, Any]:
        """Return the clocks as plain data; what was spent on the move that is being thought about is not kept."""
        hands = self._hands[self._ply]
        return {"control": str(self.control), "hands": [[hand.left, hand.periods] for hand in hands]}

    @classmethod
    def from_dict(cls, data: Any, ply: int, turn: int) -> GameClock:
        """Return the clocks of a game that is ``ply`` plies long and has ``turn`` to move.

        Raises ``TimeControlError`` when the data is none.
        """
        try:
            clock = cls(TimeControl.parse(data["control"]), turn)
            red, black = (_Hand(float(left), int(periods)) for left, periods in data["hands"])
        except (KeyError, TypeError, ValueError) as error:
            raise TimeControlError(f"no clocks: {error}") from error
        if not all(math.isfinite(hand.left) and hand.left >= 0 and hand.periods >= 0 for hand in (red, black)):
            raise TimeControlError("no clocks: a time below 0")
        clock._hands, clock._ply = {ply: (red, black)}, ply
        return clock
