"""Choosing a folder: a path that can be typed or looked for."""

from __future__ import annotations

from collections.abc import Callable

import pygame

from ..i18n.texts import Texts
from ..state.intents import Browse, Browsed, Intent
from ..widgets.canvas import Canvas
from ..widgets.controls import Button
from .dialogs import CONFIRM_KEYS, Control, TextDialog


class FolderDialog(TextDialog):
    """A path, empty for what ships."""

    size = (560, 216)

    def __init__(self, title: str, example: str, texts: Texts, make: Callable[[str], Intent], folder: str) -> None:
        super().__init__(title, example, texts, texts("ok"), make, folder, may_be_empty=True)
        self.browse = Button(texts("browse_button"))

    @property
    def controls(self) -> list[Control]:
        return [self.field, self.browse, *super().controls[1:]]

    def handle(self, event: pygame.Event) -> tuple[bool, Intent | None]:
        pressed = event.type == pygame.MOUSEBUTTONUP or (event.type == pygame.KEYDOWN and event.key in CONFIRM_KEYS)
        if pressed and self.browse.handle(event):
            return False, Browse(Browsed.FOLDER, self.field.text.strip())
        return super().handle(event)

    def take(self, path: str) -> None:
        self.field.set_text(path)

    def draw_body(self, canvas: Canvas, rect: pygame.Rect) -> None:
        width, gap = canvas.px(110), canvas.px(8)
        super().draw_body(canvas, pygame.Rect(rect.x, rect.y, rect.width - width - gap, rect.height))
        field = self.field.rect
        self.browse.rect = pygame.Rect(field.right + gap, field.y, width, field.height)
        self.browse.draw(canvas)
