"""The controls that choose a time control: none, time with an increment, time and then byo-yomi, or time a move."""

from __future__ import annotations

import bisect
from typing import Final

import pygame

from xiangqi_gpt.players.time_control import TimeControl

from ..i18n.texts import Texts
from ..widgets.canvas import Canvas
from ..widgets.controls import Segments
from ..widgets.stepper import Stepper
from .dialogs import Control

_MINUTES: Final = (0, 1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120)
_INCREMENTS: Final = (0, 1, 2, 3, 5, 10, 15, 20, 30, 60)
_PERIOD_SECONDS: Final = (5, 10, 15, 20, 30, 45, 60)
_PERIODS: Final = (1, 2, 3, 5, 10)
_MOVE_SECONDS: Final = (3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300)
_KINDS: Final = ("none", "increment", "byo_yomi", "move")
_NONE, _INCREMENT, _BYO_YOMI, _MOVE = range(4)
_USUAL: Final = {
    _INCREMENT: TimeControl(600, increment=5),
    _BYO_YOMI: TimeControl(600, periods=3, period=30),
    _MOVE: TimeControl(0, periods=1, period=30),
}


class _Numbers:
    """A stepper over numbers, one of which may be none of the usual ones."""

    def __init__(self, usual: tuple[int, ...], value: int, texts: Texts, key: str) -> None:
        self.values = sorted({*usual, value})
        words = [texts(key, count=value) for value in self.values]
        self.stepper = Stepper(words, bisect.bisect_left(self.values, value))

    @property
    def value(self) -> int:
        return self.values[self.stepper.chosen]


class ClockControls:
    """Proposes a time control, given as text ("" for none)."""

    def __init__(self, texts: Texts, clock: str) -> None:
        control = TimeControl.parse(clock) if clock else None
        self._given = clock
        kind = _NONE if control is None else _kind_of(control)
        self._kind = Segments([texts(f"clock_{name}") for name in _KINDS], kind)
        self._numbers: dict[int, list[_Numbers]] = {_NONE: []}
        for of_kind, usual in _USUAL.items():
            c = control if control is not None and of_kind == kind else usual
            if of_kind == _MOVE:
                self._numbers[of_kind] = [_Numbers(_MOVE_SECONDS, max(1, round(c.period)), texts, "move_seconds")]
                continue
            least = 1 if of_kind == _INCREMENT else 0
            minutes = _Numbers(_MINUTES[least:], max(least, round(c.base / 60)), texts, "minutes")
            if of_kind == _INCREMENT:
                self._numbers[of_kind] = [minutes, _Numbers(_INCREMENTS, round(c.increment), texts, "increment")]
            else:
                periods = _Numbers(_PERIODS, c.periods, texts, "times")
                period = _Numbers(_PERIOD_SECONDS, max(1, round(c.period)), texts, "period")
                self._numbers[of_kind] = [minutes, periods, period]
        self._proposed = self._chosen()

    @property
    def controls(self) -> list[Control]:
        """What Tab goes round."""
        return [self._kind, *(number.stepper for number in self._numbers[self._kind.chosen])]

    @property
    def clock(self) -> str:
        """What is chosen, as ``TimeControl.parse`` reads it: what was given, to the second, if nothing was changed."""
        return self._given if self._chosen() == self._proposed else self._text()

    def _chosen(self) -> tuple[int, ...]:
        return (self._kind.chosen, *(number.value for number in self._numbers[self._kind.chosen]))

    def _text(self) -> str:
        if self._kind.chosen == _NONE:
            return ""
        minutes, *rest = (number.value for number in self._numbers[self._kind.chosen])
        if self._kind.chosen == _MOVE:
            return str(TimeControl(0, periods=1, period=minutes))
        if self._kind.chosen == _INCREMENT:
            return str(TimeControl(60 * minutes, increment=rest[0]))
        return str(TimeControl(60 * minutes, periods=rest[0], period=rest[1]))

    def draw(self, canvas: Canvas, rect: pygame.Rect) -> None:
        """Draw the kinds, and below them the numbers of the chosen one."""
        px = canvas.px
        self._kind.rect = pygame.Rect(rect.x, rect.y, rect.width, px(36))
        self._kind.draw(canvas)
        numbers = self._numbers[self._kind.chosen]
        gap = px(8)
        for index, number in enumerate(numbers):
            left = rect.x + (rect.width + gap) * index // len(numbers)
            right = rect.x + (rect.width + gap) * (index + 1) // len(numbers) - gap
            number.stepper.rect = pygame.Rect(left, self._kind.rect.bottom + px(8), right - left, px(34))
            number.stepper.draw(canvas, 13)


def _kind_of(control: TimeControl) -> int:
    return _MOVE if control.is_per_move else _BYO_YOMI if control.periods else _INCREMENT
