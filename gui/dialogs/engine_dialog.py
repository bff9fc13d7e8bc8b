"""Adding an engine as an opponent: its program, the language it speaks, and how long it may think."""

from __future__ import annotations

from typing import Final

import pygame

from ..i18n.texts import Texts
from ..state.intents import AddEngine, Intent
from ..widgets.canvas import Canvas
from ..widgets.controls import Segments
from ..widgets.text_field import TextField
from .dialogs import Control, Dialog

_PROTOCOLS: Final = ("uci", "ucci", "xboard")
_SECONDS: Final = (0.2, 1, 3, 10)


class EngineDialog(Dialog):
    """Its program is tried out before it is taken among the opponents."""

    size = (540, 348)

    def __init__(self, texts: Texts) -> None:
        super().__init__(texts("engine_title"), texts, texts("engine_button"))
        self.field = TextField(focused=True)
        self._protocol = Segments([protocol.upper() if protocol != "xboard" else "XBoard" for protocol in _PROTOCOLS])
        self._seconds = Segments([texts("seconds", count=f"{seconds:g}") for seconds in _SECONDS], 1)

    @property
    def controls(self) -> list[Control]:
        return [self.field, self._protocol, self._seconds, *super().controls]

    def intent(self) -> Intent | None:
        program = self.field.text.strip()
        milliseconds = round(1000 * _SECONDS[self._seconds.chosen])
        protocol = _PROTOCOLS[self._protocol.chosen]
        return AddEngine(f"{protocol}:{program},movetime={milliseconds}") if program else None

    def draw_body(self, canvas: Canvas, rect: pygame.Rect) -> None:
        px, texts, y = canvas.px, self.texts, rect.y
        for key, control in (
            ("engine_program", self.field),
            ("engine_protocol", self._protocol),
            ("engine_seconds", self._seconds),
        ):
            label = pygame.Rect(rect.x, y, rect.width, px(20))
            canvas.text(texts(key), label, 13, canvas.theme.muted, face="bold")
            control.rect = pygame.Rect(rect.x, label.bottom + px(3), rect.width, px(38))
            control.draw(canvas)
            y = control.rect.bottom + px(10)
