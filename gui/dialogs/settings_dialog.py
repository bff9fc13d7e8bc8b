"""The settings, each with its choices beside it; what is chosen holds at once."""

from __future__ import annotations

from typing import Final

import pygame

from ..i18n.texts import Texts
from ..state.intents import ChangeSetting, Intent
from ..state.languages import LANGUAGES
from ..state.notation import NOTATIONS
from ..state.settings import INTERFACES, SPEEDS, VOLUMES, Settings
from ..state.theme import FACES, THEMES
from ..widgets.canvas import Canvas
from ..widgets.controls import Segments
from .dialogs import Control, Dialog

_ROW: Final = 40
CHOICES: Final[dict[str, tuple[object, ...]]] = {
    "language": LANGUAGES,
    "theme": tuple(THEMES),
    "faces": tuple(FACES),
    "notation": tuple(NOTATIONS),
    "interface": tuple(INTERFACES),
    "labels": (True, False),
    "bar": (True, False),
    "sound": (True, False),
    "volume": tuple(VOLUMES),
    "animation": (True, False),
    "speed": tuple(SPEEDS),
    "concede": (True, False),
    "ponder": (True, False),
    "pace": (True, False),
}


class SettingsDialog(Dialog):
    """Speaks the language that is being chosen in it."""

    size = (600, 142 + _ROW * len(CHOICES))

    def __init__(self, texts: Texts, settings: Settings) -> None:
        super().__init__(texts("settings"), texts, texts("close"), cancel=False)
        self.rows = {
            name: Segments([""] * len(values), values.index(getattr(settings, name)))
            for name, values in CHOICES.items()
        }
        self.rows["language"].focused = True

    @property
    def controls(self) -> list[Control]:
        return [*self.rows.values(), *super().controls]

    def handle(self, event: pygame.Event) -> tuple[bool, Intent | None]:
        before = {name: row.chosen for name, row in self.rows.items()}
        done, intent = super().handle(event)
        if event.type == pygame.KEYDOWN and event.key in (pygame.K_UP, pygame.K_DOWN):
            self._next_focus(-1 if event.key == pygame.K_UP else 1)
        changed = [name for name, row in self.rows.items() if row.chosen != before[name]]
        if changed:
            return False, ChangeSetting(changed[0], CHOICES[changed[0]][self.rows[changed[0]].chosen])
        return done, intent

    def follow(self, settings: Settings) -> None:
        """Show the settings as they are now: a language brings its notation along."""
        for name, row in self.rows.items():
            row.chosen = CHOICES[name].index(getattr(settings, name))

    def draw(self, canvas: Canvas) -> None:
        self.texts = canvas.texts
        self.title, self.yes.label = canvas.texts("settings"), canvas.texts("close")
        super().draw(canvas)

    def draw_body(self, canvas: Canvas, rect: pygame.Rect) -> None:
        px, texts = canvas.px, self.texts
        left = rect.width * 17 // 50
        for index, (name, row) in enumerate(self.rows.items()):
            y = rect.y + index * px(_ROW)
            canvas.text(texts(f"set_{name}"), pygame.Rect(rect.x, y, left, px(38)), 15)
            row.options = [texts.choice(name, value) for value in CHOICES[name]]
            row.rect = pygame.Rect(rect.x + left, y, rect.width - left, px(38))
            row.draw(canvas)
