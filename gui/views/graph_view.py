"""The course of the game: Red's expected score after every move, as its players saw it. A click goes there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import pygame

from ..state.intents import Intent, ShowPly
from ..state.scene import Scene
from ..state.session import GameSession
from ..state.theme import Theme, mix
from ..widgets.canvas import Canvas

_SUPERSAMPLING: Final = 3
_LEAST_POINTS: Final = 3


class GraphView:
    """Knows only where it was drawn."""

    def __init__(self) -> None:
        self._rect = pygame.Rect(0, 0, 0, 0)
        self._plies = 1

    @staticmethod
    def has_something(session: GameSession) -> bool:
        """Whether there are enough opinions for a line."""
        return len(session.evaluations()) >= _LEAST_POINTS

    def hide(self) -> None:
        """Be nowhere, so that no click is taken."""
        self._rect = pygame.Rect(0, 0, 0, 0)

    def handle(self, event: pygame.Event) -> Intent | None:
        """A click shows the position of its place on the line."""
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == 1 and self._rect.collidepoint(event.pos):
            return ShowPly(round((event.pos[0] - self._rect.x) / self._rect.width * self._plies))
        return None

    def draw(self, canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
        """Draw the line: above the middle Red is better."""
        theme, session = canvas.theme, scene.session
        self._rect, self._plies = rect, max(session.ply_count, 1)
        draw_course(canvas, rect, session.evaluations(), self._plies)
        x = rect.x + round(session.shown / self._plies * (rect.width - 1))
        canvas.surface.fill(theme.accent, (x, rect.y + 1, max(1, canvas.px(1.5)), rect.height - 2))


def draw_course(canvas: Canvas, rect: pygame.Rect, scores: Sequence[tuple[int, float]], plies: int) -> None:
    """Red's expected score (0..1) by ply, as a line with the area to the middle filled."""
    theme = canvas.theme
    canvas.box(rect, theme.sunken, theme.card_edge, 6)
    if len(scores) > 1:
        canvas.surface.blit(_course(rect.size, tuple(scores), plies, theme), rect)
    line = mix(theme.card_edge, theme.muted, 0.4)
    canvas.surface.fill(line, (rect.x + 1, rect.centery, rect.width - 2, 1))


@lru_cache(maxsize=4)
def _course(size: tuple[int, int], scores: tuple[tuple[int, float], ...], plies: int, theme: Theme) -> pygame.Surface:
    scale = _SUPERSAMPLING
    big = pygame.Surface((size[0] * scale, size[1] * scale), pygame.SRCALPHA)
    big.fill((*theme.bar_red, 0))
    middle = big.get_height() / 2

    def place(ply: float, score: float) -> tuple[float, float]:
        return ply / plies * big.get_width(), (1 - score) * (big.get_height() - 4 * scale) + 2 * scale

    points = [place(ply, score) for ply, score in scores]
    area = [(points[0][0], middle), *points, (points[-1][0], middle)]
    pygame.draw.polygon(big, (*theme.bar_red, 70), area)
    pygame.draw.lines(big, mix(theme.bar_red, theme.text, 0.25), False, points, 2 * scale)
    return pygame.transform.smoothscale(big, size)
