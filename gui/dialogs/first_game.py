"""What is asked at the first start: a level and a side, then the game begins."""

from __future__ import annotations

from typing import Final

import pygame

from xiangqi_gpt.players.levels import LEVELS
from xiangqi_gpt.rules import RED

from ..control.opponents import FIRST_LEVEL, level_spec
from ..i18n.texts import Texts
from ..state.intents import Intent, StartGame
from ..state.session import HUMAN
from ..widgets.canvas import Canvas
from ..widgets.checkbox import Checkbox
from ..widgets.controls import Segments
from ..widgets.list_box import Item, ListBox
from .dialogs import Control, Dialog

#: The player that is proposed.
FIRST_SPEC: Final = level_spec(FIRST_LEVEL)


class FirstGameDialog(Dialog):
    """Two choices and a button; each level says how it plays, and its Elo."""

    size = (620, 508)
    tallest = 900  # all levels

    def __init__(self, texts: Texts) -> None:
        super().__init__(texts("first_title"), texts, texts("start_button"), no=texts("later"))
        self._side = Segments([texts("side_red"), texts("side_black")])
        specs = map(level_spec, LEVELS)
        items = [Item(texts.offered(spec), texts.about_player(spec)) for spec in specs]
        self._level = ListBox(items, FIRST_LEVEL - 1, focused=True)
        self._rated = Checkbox(texts("rated_box"))

    @property
    def controls(self) -> list[Control]:
        return [self._level, self._side, self._rated, *super().controls]

    @property
    def level(self) -> int:
        """The chosen level."""
        return list(LEVELS)[self._level.chosen]

    def handle(self, event: pygame.Event) -> tuple[bool, Intent | None]:
        done, intent = super().handle(event)
        if self._level.double_clicked:
            return True, self.intent()
        if done and intent is None:  # the board shows whom it says, and waits for the person
            return True, StartGame((HUMAN, level_spec(self.level)))
        return done, intent

    def intent(self) -> Intent | None:
        model = level_spec(self.level)
        players = (HUMAN, model) if self._side.chosen == RED else (model, HUMAN)
        return StartGame(players, rated=self._rated.checked)

    def draw_body(self, canvas: Canvas, rect: pygame.Rect) -> None:
        px, texts = canvas.px, self.texts
        label = pygame.Rect(rect.x, rect.y, rect.width, px(20))
        canvas.text(texts("level_label"), label, 13, canvas.theme.muted, face="bold")
        self._rated.rect = pygame.Rect(rect.x, rect.bottom - px(30), rect.width, px(30))
        self._rated.draw(canvas)
        foot = self._rated.rect.y - px(71)
        top = label.bottom + px(3)
        self._level.rect = pygame.Rect(rect.x, top, rect.width, foot - px(12) - top)
        self._level.draw(canvas)
        label = pygame.Rect(rect.x, foot, rect.width, px(20))
        canvas.text(texts("you_play"), label, 13, canvas.theme.muted, face="bold")
        self._side.rect = pygame.Rect(rect.x, label.bottom + px(3), rect.width, px(40))
        self._side.draw(canvas, 15)
