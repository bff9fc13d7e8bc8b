"""The course of an analysed game: Red's expected score after every move, and below it how surprising each move was."""

from __future__ import annotations

from typing import Final

import pygame

from xiangqi_gpt.rules import RED

from ..state.intents import Intent, ShowGamePly
from ..state.move_notes import MoveNote
from ..state.scene import Scene
from ..state.theme import Color, Theme, mix
from ..widgets import shapes
from ..widgets.canvas import Canvas
from .graph_view import draw_course

#: Height of the strip of surprises, and the bits that fill it.
STRIP: Final = 26
_MOST_BITS: Final = 8.0
#: Diameters of the marks of bad moves, in units: the worse, the larger.
_MARKS: Final = {"inaccuracy": 5.0, "mistake": 7.5, "blunder": 10.0}


class StudyGraph:
    """Knows where it was drawn and which move the pointer is over."""

    def __init__(self) -> None:
        self._rect = pygame.Rect(0, 0, 0, 0)
        self._plies = 1
        self._notes: dict[int, MoveNote] = {}  # those that may be seen
        self.hovered: int | None = None

    def hide(self) -> None:
        """Be nowhere, so that no click is taken."""
        self._rect = pygame.Rect(0, 0, 0, 0)

    def handle(self, event: pygame.Event) -> tuple[Intent | None, bool]:
        """(what the person wants, whether the graph looks different now): a click shows the position of its place."""
        if event.type == pygame.MOUSEMOTION:
            before = self.hovered
            self.hovered = self._ply_at(event.pos) if self._rect.collidepoint(event.pos) else None
            return None, before != self.hovered
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == 1 and self._rect.collidepoint(event.pos):
            return ShowGamePly(self._ply_at(event.pos)), True
        return None, False

    def _ply_at(self, position: tuple[int, int]) -> int:
        share = (position[0] - self._rect.x) / max(self._rect.width - 1, 1)
        return min(max(round(share * self._plies), 0), self._plies)

    def draw(self, canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
        """Draw both, with the part of the game that is not annotated yet left empty."""
        study, theme = scene.analysis.study, canvas.theme
        self._rect, self._plies = rect, max(len(study.main_line), 1)
        strip = pygame.Rect(rect.x, rect.bottom - canvas.px(STRIP), rect.width, canvas.px(STRIP))
        graph = pygame.Rect(rect.x, rect.y, rect.width, strip.y - rect.y - canvas.px(3))
        end = study.game_ply if scene.analysis.guessing is not None else self._plies  # what follows a guess is not told
        self._notes = {ply: note for ply, note in study.notes.items() if ply <= end}
        if self._notes or scene.analysis.guessing is not None:
            scores = [(ply, score) for ply, score in study.evaluations() if ply <= end]
            draw_course(canvas, graph, scores, self._plies)
            self._draw_axis(canvas, graph)
            self._draw_marks(canvas, graph)
        else:
            self._draw_waiting(canvas, graph, scene.analysis.progress)
        self._draw_surprise(canvas, strip)
        canvas.explain(graph, canvas.texts("score_about", side=canvas.texts.side(RED)))
        canvas.explain(strip, canvas.texts("bits_about"))
        self._draw_cursor(canvas, graph, strip, scene)
        if scene.analysis.progress is not None:
            bar = pygame.Rect(graph.x + 1, graph.y + 1, graph.width - 2, max(2, canvas.px(3)))
            canvas.surface.fill(theme.card_edge, bar)
            bar.width = round(bar.width * scene.analysis.progress)
            canvas.surface.fill(theme.accent, bar)

    @staticmethod
    def _draw_axis(canvas: Canvas, rect: pygame.Rect) -> None:
        """Say which half is whose, and mark the quarters."""
        theme = canvas.theme
        line = mix(theme.card_edge, theme.sunken, 0.4)
        for share in (0.25, 0.75):
            canvas.surface.fill(line, (rect.x + 1, rect.y + round(share * rect.height), rect.width - 2, 1))
        height = canvas.px(15)
        for key, y in (("axis_red", rect.y + canvas.px(2)), ("axis_black", rect.bottom - height - canvas.px(2))):
            box = pygame.Rect(rect.x + canvas.px(5), y, rect.width - canvas.px(10), height)
            canvas.text(canvas.texts(key), box, 10.5, theme.muted)

    @staticmethod
    def _draw_waiting(canvas: Canvas, rect: pygame.Rect, progress: float | None) -> None:
        """What is said as long as there is no curve."""
        canvas.box(rect, canvas.theme.sunken, canvas.theme.card_edge, 6)
        texts, waiting = canvas.texts, progress is not None
        text = texts("annotating", share=f"{progress:.0%}") if waiting else texts("no_annotation")
        text = texts("annotating_prepares") if progress == 0 else text
        canvas.text(text, rect.inflate(-canvas.px(12), 0), 12.5, canvas.theme.muted, align="center")

    def _x(self, rect: pygame.Rect, ply: float) -> int:
        return rect.x + round(ply / self._plies * (rect.width - 1))

    def _draw_marks(self, canvas: Canvas, rect: pygame.Rect) -> None:
        """A dot at every bad move, at the height of the value it led to."""
        for note in self._notes.values():
            if note.judgement not in _MARKS:
                continue
            red = note.red_after
            y = rect.y + round((1 - red[0] - red[1] / 2) * (rect.height - 4)) + 2
            dot = shapes.disc(canvas.px(_MARKS[note.judgement]), _judgement_color(canvas.theme, note.judgement))
            place = dot.get_rect(center=(self._x(rect, note.ply), y))
            canvas.surface.blit(dot, place.clamp(rect))

    def _draw_surprise(self, canvas: Canvas, rect: pygame.Rect) -> None:
        theme = canvas.theme
        canvas.box(rect, theme.sunken, theme.card_edge, 5)
        inner = rect.inflate(-2, -4)
        width = max(1, rect.width // self._plies - 1)
        full = mix(theme.arrow, theme.text, 0.2)
        for note in self._notes.values():
            height = round(min(note.surprise / _MOST_BITS, 1.0) * inner.height)
            x = self._x(rect, note.ply - 0.5) - width // 2
            bar = pygame.Rect(max(x, inner.x), inner.bottom - max(height, 1), width, max(height, 1))
            canvas.surface.fill(mix(theme.sunken, full, 0.35 + 0.65 * height / max(inner.height, 1)), bar)

    def _draw_cursor(self, canvas: Canvas, graph: pygame.Rect, strip: pygame.Rect, scene: Scene) -> None:
        study, theme = scene.analysis.study, canvas.theme
        wide = max(1, canvas.px(1.5))
        for ply, color in ((self.hovered, theme.muted), (study.game_ply, theme.accent)):
            if ply is None:
                continue
            for box in (graph, strip):
                canvas.surface.fill(color, (self._x(box, ply), box.y + 1, wide, box.height - 2))
        note = self._notes.get(self.hovered or 0)
        if note is not None:
            bits = canvas.texts("bits", bits=f"{note.surprise:.1f}")
            self._draw_label(canvas, graph, " · ".join(filter(None, (f"{note.ply}", red_score(note), bits))))

    def _draw_label(self, canvas: Canvas, rect: pygame.Rect, text: str) -> None:
        width = canvas.text_width(text, 12.5) + canvas.px(12)
        label = pygame.Rect(0, rect.y + canvas.px(2), width, canvas.px(20))
        label.centerx = self._x(rect, self.hovered or 0)
        label.clamp_ip(rect)
        canvas.box(label, canvas.theme.card, canvas.theme.card_edge, 5)
        canvas.text(text, label, 12.5, align="center")


def red_score(note: MoveNote) -> str:
    """The score after a move as Red sees it."""
    if note.turn == RED or not note.score:
        return note.score
    return note.score.translate(str.maketrans("+-", "-+"))


def _judgement_color(theme: Theme, judgement: str) -> Color:
    return mix(theme.accent, theme.danger, {"inaccuracy": 0.2, "mistake": 0.7, "blunder": 1.0}[judgement])
