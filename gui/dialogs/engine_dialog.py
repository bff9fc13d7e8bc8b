"""Adding an engine as an opponent: its program, how long it may think, and how strong it plays."""

from __future__ import annotations

from typing import Final

import pygame

from xiangqi_gpt.option_text import read_number

from ..i18n.texts import Texts
from ..state.intents import AddEngine, Browse, Browsed, Intent
from ..widgets.canvas import Canvas
from ..widgets.controls import Button, Segments
from ..widgets.text_field import TextField
from .dialogs import CONFIRM_KEYS, Control, Dialog

#: Protocols in the order in which they are tried.
PROTOCOLS: Final = ("uci", "ucci", "xboard")
_SECONDS: Final = (0.2, 1, 3, 10)
#: Positions a move, and plies where a protocol cannot count positions, of an engine that plays below its strength.
_WEAKER: Final = ((10_000, 6), (1_000, 4), (100, 2))


def engine_specs(program: str, limit: str = "movetime=1000", plies: int = 0) -> tuple[str, ...]:
    """Return a program's player specs in every protocol; ``plies`` limits it where positions cannot."""
    usual = tuple(f"{protocol}:{program},{limit}" for protocol in PROTOCOLS[:2])
    kind, value = read_number(limit)
    whole = f"movetime={max(1000, round(value / 1000) * 1000)}" if kind == "movetime" else f"depth={plies}"
    return (*usual, f"{PROTOCOLS[2]}:{program},{whole}")


class EngineDialog(Dialog):
    """Its program is tried out before it is taken among the opponents, in every protocol unless one is chosen."""

    size = (560, 424)
    stays = True

    def __init__(self, texts: Texts) -> None:
        super().__init__(texts("engine_title"), texts, texts("engine_button"))
        self.field = TextField(focused=True)
        self.browse = Button(texts("browse_button"))
        names = [protocol.upper() if protocol != "xboard" else "XBoard" for protocol in PROTOCOLS]
        self._protocol = Segments([texts("engine_auto"), *names])
        self._seconds = Segments([texts("seconds", count=f"{seconds:g}") for seconds in _SECONDS], 1)
        self._strength = Segments([texts(f"strength_{name}") for name in ("full", "strong", "middle", "weak")])

    @property
    def controls(self) -> list[Control]:
        timed: list[Control] = [self._seconds] if self._strength.chosen == 0 else []
        return [self.field, self.browse, self._strength, *timed, self._protocol, *super().controls]

    def handle(self, event: pygame.Event) -> tuple[bool, Intent | None]:
        pressed = event.type == pygame.MOUSEBUTTONUP or (event.type == pygame.KEYDOWN and event.key in CONFIRM_KEYS)
        if pressed and self.browse.handle(event):
            return False, Browse(Browsed.PROGRAM, self.field.text.strip())
        return super().handle(event)

    def take(self, path: str) -> None:
        self.field.set_text(path)

    def intent(self) -> Intent | None:
        program = self.field.text.strip()
        if not program:
            return None
        limit, plies = f"movetime={round(1000 * _SECONDS[self._seconds.chosen])}", 0
        if self._strength.chosen:
            nodes, plies = _WEAKER[self._strength.chosen - 1]
            limit = f"nodes={nodes}"
        specs = engine_specs(program, limit, plies)
        if self._protocol.chosen:
            return AddEngine(specs[self._protocol.chosen - 1])
        return AddEngine(specs[0], specs[1:])

    def draw_body(self, canvas: Canvas, rect: pygame.Rect) -> None:
        px, texts, y = canvas.px, self.texts, rect.y
        for key, control in (
            ("engine_program", self.field),
            ("engine_strength", self._strength),
            ("engine_seconds", self._seconds),
            ("engine_protocol", self._protocol),
        ):
            label = pygame.Rect(rect.x, y, rect.width, px(20))
            canvas.text(texts(key), label, 13, canvas.theme.muted, face="bold")
            control.rect = pygame.Rect(rect.x, label.bottom + px(3), rect.width, px(38))
            y = control.rect.bottom + px(10)
            if control is self.field:
                self._draw_program(canvas)
            elif control is self._seconds and self._strength.chosen:
                nodes = _WEAKER[self._strength.chosen - 1][0]
                canvas.text(texts("limit_nodes", value=f"{nodes:,}"), control.rect, 14, canvas.theme.muted)
            else:
                control.draw(canvas)

    def _draw_program(self, canvas: Canvas) -> None:
        gap, width = canvas.px(8), canvas.px(110)
        self.field.rect.width -= width + gap
        self.browse.rect = pygame.Rect(self.field.rect.right + gap, self.field.rect.y, width, self.field.rect.height)
        self.field.draw(canvas)
        self.browse.draw(canvas)
