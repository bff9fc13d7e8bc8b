"""The record: every move in two columns, the shown one lit; a click shows the position after a move."""

from __future__ import annotations

import pygame

from xiangqi_gpt.rules import RED

from ..state.displayed_moves import Ply
from ..state.intents import Intent, ShowPly
from ..state.scene import Scene
from ..state.session import GameSession
from ..widgets.canvas import Canvas
from ..widgets.scrolling import Scroll

_ROW = 27
_NUMBER = 40


class MoveList:
    """Knows how far it is scrolled; everything else is the session's."""

    def __init__(self) -> None:
        self._scroll = Scroll()
        self._followed: tuple[int, int, int] | None = None
        self._cells: list[tuple[pygame.Rect, int]] = []
        self._hovered: int | None = None

    def handle(self, event: pygame.Event) -> tuple[Intent | None, bool]:
        """(what the person wants, whether the list looks different now)."""
        taken, scrolled = self._scroll.handle(event)
        if taken:
            return None, scrolled
        if event.type == pygame.MOUSEMOTION:
            before = self._hovered
            self._hovered = self._ply_at(event.pos)
            return None, before != self._hovered
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            ply = self._ply_at(event.pos)
            return (None, False) if ply is None else (ShowPly(ply), True)
        return None, False

    def _ply_at(self, position: tuple[int, int]) -> int | None:
        if not self._scroll.view.collidepoint(position):
            return None
        return next((ply for cell, ply in self._cells if cell.collidepoint(position)), None)

    def _follow(self, session: GameSession, row_height: int) -> None:
        """Bring the shown move into sight whenever it, or the room, changes."""
        now = (session.shown, session.ply_count, self._scroll.view.height)
        if now != self._followed:
            self._followed = now
            row = (max(session.shown, 1) - 1 + (session.first_turn != RED)) // 2
            self._scroll.reveal(row * row_height, (row + 1) * row_height)

    def draw(self, canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
        """Draw the rows that are in sight: whole ones, as the list moves row by row."""
        session, theme = scene.session, canvas.theme
        # Rows a little higher or lower than usual fill the box to its end.
        visible = max(round(rect.height / canvas.px(_ROW)), 1)
        height = max(rect.height // visible, 1)
        offset = int(session.first_turn != RED)
        rows = (session.ply_count + offset + 1) // 2
        self._scroll.lay_out(canvas, pygame.Rect(rect.x, rect.y, rect.width, visible * height), rows * height)
        self._follow(session, height)
        self._cells = []
        if not session.line:
            canvas.text(canvas.texts("no_moves"), rect, 14, theme.muted, align="center")
            return
        clip = canvas.surface.get_clip()
        canvas.surface.set_clip(rect)
        gutter = canvas.px(10)
        column = (rect.width - canvas.px(_NUMBER) - gutter) // 2
        first = round(self._scroll.offset / height)
        for row in range(first, min(rows, first + visible)):
            y = rect.y + (row - first) * height
            number = pygame.Rect(rect.x, y, canvas.px(_NUMBER) - canvas.px(10), height)
            canvas.text(f"{session.first_number + row}", number, 12.5, theme.muted, align="right")
            for half in (0, 1):
                ply = 2 * row + half - offset
                cell = pygame.Rect(rect.x + canvas.px(_NUMBER) + half * column, y, column - canvas.px(4), height)
                if 0 <= ply < session.ply_count:
                    self._draw_move(canvas, cell, scene, ply + 1, session.line[ply])
                elif ply < 0:
                    canvas.text("…", cell.move(canvas.px(8), 0), 14, theme.muted)
        canvas.surface.set_clip(clip)
        self._scroll.draw_thumb(canvas)

    def _draw_move(self, canvas: Canvas, cell: pygame.Rect, scene: Scene, number: int, ply: Ply) -> None:
        theme = canvas.theme
        self._cells.append((cell, number))
        shown = number == scene.session.shown
        box = cell.inflate(0, -canvas.px(2))
        if shown:
            canvas.box(box, theme.accent, theme.accent, 6)
        elif number == self._hovered:
            canvas.box(box, theme.hover, theme.hover, 6)
        later = number > scene.session.shown
        ink = theme.on_accent if shown else theme.muted if later else theme.text
        text = ply.texts[scene.settings.notation]
        inner = pygame.Rect(cell.x + canvas.px(8), cell.y, cell.width - canvas.px(12), cell.height)
        width = canvas.text(text, inner, 15, ink, face="bold" if shown else "regular")
        if ply.gives_check:
            mark = pygame.Rect(inner.x + width + canvas.px(3), cell.y, canvas.px(14), cell.height)
            canvas.text("+", mark, 13, ink if shown else theme.danger, face="bold")
