"""Who played, where and when, and how it ended: the tags of an analysed game, to be written over."""

from __future__ import annotations

from typing import Final

import pygame

from ..i18n.texts import Texts
from ..state.intents import Intent, WriteTags
from ..state.study import Study
from ..widgets.canvas import Canvas
from ..widgets.controls import Segments
from ..widgets.text_field import TextField
from .dialogs import Control, Dialog

_TAGS: Final = ("Red", "Black", "Event", "Site", "Date")
_RESULTS: Final = ("1-0", "1/2-1/2", "0-1", "*")


class TagsDialog(Dialog):
    """A line for each tag; one that is left empty is taken away. Tags that have no line stay."""

    size = (560, 430)

    def __init__(self, texts: Texts, study: Study) -> None:
        super().__init__(texts("tags_title"), texts, texts("comment_button"))
        self.fields = {tag: TextField(study.tag(tag)) for tag in _TAGS}
        self.fields["Red"].focused = True
        self.result = Segments([texts.score_of(result) or "*" for result in _RESULTS])
        self.result.chosen = _RESULTS.index(study.result if study.result in _RESULTS else "*")

    @property
    def controls(self) -> list[Control]:
        return [*self.fields.values(), self.result, *super().controls]

    def intent(self) -> Intent:
        tags = tuple((tag, field.text.strip()) for tag, field in self.fields.items())
        return WriteTags(tags, _RESULTS[self.result.chosen])

    def draw_body(self, canvas: Canvas, rect: pygame.Rect) -> None:
        px, label = canvas.px, canvas.px(96)
        row = px(44)
        for number, (tag, field) in enumerate(self.fields.items()):
            y = rect.y + number * row
            words = pygame.Rect(rect.x, y, label, px(36))
            canvas.text(self.texts(f"tag_{tag.lower()}"), words, 14, canvas.theme.muted)
            field.rect = pygame.Rect(rect.x + label, y, rect.width - label, px(36))
            field.draw(canvas)
        y = rect.y + len(self.fields) * row
        canvas.text(self.texts("tag_result"), pygame.Rect(rect.x, y, label, px(36)), 14, canvas.theme.muted)
        self.result.rect = pygame.Rect(rect.x + label, y, rect.width - label, px(36))
        self.result.draw(canvas)
