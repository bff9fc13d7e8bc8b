"""The record: every move in two columns, the shown one lit; a click shows the position after a move."""

from __future__ import annotations

import pygame

from xiangqi_gpt.rules import RED

from .canvas import Canvas
from .intents import Intent, ShowPly
from .plies import Ply
from .scene import Scene
from .session import GameSession
from .theme import mix

_ROW = 27
_NUMBER = 40


class MoveList:
    """Knows how far it is scrolled; everything else is the session's."""

    def __init__(self) -> None:
        self._scroll = 0  # rows above the top edge
        self._followed: tuple[int, int, int] | None = None
        self._rect = pygame.Rect(0, 0, 0, 0)
        self._row_height = 1
        self._rows = 0
        self._cells: list[tuple[pygame.Rect, int]] = []
        self._hovered: int | None = None
        self._grip: float | None = None

    def handle(self, event: pygame.Event) -> tuple[Intent | None, bool]:
        """(what the person wants, whether the list looks different now)."""
        if event.type == pygame.MOUSEWHEEL and self._rect.collidepoint(event.pos):
            return None, self._scroll_to(self._scroll - 2 * event.y)
        if event.type == pygame.MOUSEMOTION:
            if self._grip is not None:
                top = event.pos[1] - self._rect.y - self._grip
                return None, self._scroll_to(top * self._rows / self._rect.height)
            before = self._hovered
            self._hovered = self._ply_at(event.pos)
            return None, before != self._hovered
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == 1 and self._rect.collidepoint(event.pos):
            thumb = self._thumb()
            if thumb is not None and event.pos[0] >= thumb.x - thumb.width:
                inside = thumb.y <= event.pos[1] < thumb.bottom
                self._grip = event.pos[1] - thumb.y if inside else thumb.height / 2
                return None, False
            ply = self._ply_at(event.pos)
            return (None, False) if ply is None else (ShowPly(ply), True)
        if event.type == pygame.MOUSEBUTTONUP and event.button == 1:
            self._grip = None
        return None, False

    def _ply_at(self, position: tuple[int, int]) -> int | None:
        if not self._rect.collidepoint(position):
            return None
        return next((ply for cell, ply in self._cells if cell.collidepoint(position)), None)

    @property
    def _visible(self) -> int:
        return max(self._rect.height // self._row_height, 1)

    def _scroll_to(self, row: float) -> bool:
        before = self._scroll
        self._scroll = min(max(round(row), 0), max(self._rows - self._visible, 0))
        return before != self._scroll

    def _thumb(self) -> pygame.Rect | None:
        if self._rows <= self._visible:
            return None
        width = max(4, self._row_height // 6)
        height = max(self._rect.height * self._visible / self._rows, self._row_height)
        free = self._rect.height - height
        y = self._rect.y + free * self._scroll / (self._rows - self._visible)
        return pygame.Rect(self._rect.right - width, round(y), width, round(height))

    def _follow(self, session: GameSession) -> None:
        """Bring the shown move into sight whenever it, or the room, changes."""
        now = (session.shown, session.ply_count, self._rect.height)
        if now == self._followed:
            return
        self._followed = now
        row = (max(session.shown, 1) - 1 + (session.first_turn != RED)) // 2
        if row < self._scroll:
            self._scroll_to(row)
        elif row + 1 > self._scroll + self._visible:
            self._scroll_to(row + 1 - self._visible)
        else:
            self._scroll_to(self._scroll)

    def draw(self, canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
        """Draw the rows that are in sight."""
        session, theme = scene.session, canvas.theme
        # Rows a little higher than need be fill the box to its end.
        self._rect, self._row_height = rect, rect.height // max(rect.height // canvas.px(_ROW), 1)
        offset = int(session.first_turn != RED)
        self._rows = (session.ply_count + offset + 1) // 2
        self._follow(session)
        self._cells = []
        if not session.line:
            canvas.text(canvas.texts("no_moves"), rect, 14, theme.muted, align="center")
            return
        clip = canvas.surface.get_clip()
        canvas.surface.set_clip(rect)
        gutter = canvas.px(10)
        column = (rect.width - canvas.px(_NUMBER) - gutter) // 2
        for row in range(self._scroll, min(self._rows, self._scroll + self._visible)):
            y = rect.y + (row - self._scroll) * self._row_height
            number = pygame.Rect(rect.x, y, canvas.px(_NUMBER) - canvas.px(10), self._row_height)
            canvas.text(f"{session.first_number + row}", number, 12.5, theme.muted, align="right")
            for half in (0, 1):
                ply = 2 * row + half - offset
                cell = pygame.Rect(
                    rect.x + canvas.px(_NUMBER) + half * column, y, column - canvas.px(4), self._row_height
                )
                if 0 <= ply < session.ply_count:
                    self._draw_move(canvas, cell, scene, ply + 1, session.line[ply])
                elif ply < 0:
                    canvas.text("…", cell.move(canvas.px(8), 0), 14, theme.muted)
        canvas.surface.set_clip(clip)
        thumb = self._thumb()
        if thumb is not None:
            canvas.box(thumb, mix(theme.card_edge, theme.muted, 0.45), None, 3)

    def _draw_move(self, canvas: Canvas, cell: pygame.Rect, scene: Scene, number: int, ply: Ply) -> None:
        theme = canvas.theme
        self._cells.append((cell, number))
        shown = number == scene.session.shown
        box = cell.inflate(0, -canvas.px(3))
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
