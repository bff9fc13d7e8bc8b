"""Who plays a side: the name, whether it is their turn, and what they have captured."""

from __future__ import annotations

from typing import Final

import pygame

from xiangqi_gpt.rules import RED
from xiangqi_gpt.rules.pieces import KING

from ..state.clock import Face, clock_text
from ..state.scene import Scene
from ..state.theme import mix
from ..widgets.canvas import Canvas
from .captured_view import draw_captured
from .pieces import PieceArt

#: Seconds of the game from which on the clock warns.
_SHORT: Final = 20.0


def draw_player_card(canvas: Canvas, rect: pygame.Rect, scene: Scene, side: int, pieces: PieceArt, dots: int) -> None:
    """Draw the card of a side; ``dots`` (0..3) is the beat of "thinking"."""
    theme, texts, session = canvas.theme, canvas.texts, scene.session
    to_move = session.outcome is None and session.turn == side
    canvas.box(rect, theme.card, mix(theme.card_edge, theme.accent, 0.75) if to_move else theme.card_edge, 10)
    if to_move:
        bar = pygame.Rect(rect.x, rect.y + canvas.px(12), canvas.px(3), rect.height - 2 * canvas.px(12))
        canvas.box(bar, theme.accent, theme.accent, 2)
    diameter = canvas.px(38)
    face = pieces.picture(KING if side == RED else KING + 7, diameter, theme, scene.settings.faces)
    middle = (rect.x + canvas.px(33), rect.centery)
    canvas.surface.blit(face, (middle[0] - face.get_width() // 2, middle[1] - face.get_height() // 2))

    x = rect.x + canvas.px(64)
    width = rect.right - canvas.px(12) - x
    middle_line = rect.centery + canvas.px(1)
    if scene.clocks is not None:
        clock = session.clock
        per_move = clock is not None and clock.control.is_per_move
        width -= _draw_clock(canvas, rect, scene.clocks[side], to_move, per_move) + canvas.px(8)
    name = pygame.Rect(x, middle_line - canvas.px(22), width, canvas.px(22))
    canvas.text(texts.player_of(session, side), name, 16, face="bold")
    line = pygame.Rect(x, middle_line, width, canvas.px(20))
    used = canvas.text(_state(scene, canvas, side, dots), line, 12.5, theme.muted)
    rest = pygame.Rect(x + used + canvas.px(10), line.y + canvas.px(2), width - used - canvas.px(10), line.height)
    draw_captured(canvas, rest, session.captured_by(side), pieces, scene.settings.faces)


def _draw_clock(canvas: Canvas, rect: pygame.Rect, face: Face, goes: bool, per_move: bool) -> int:
    """The time a side has left, at the right of its card; returns the width it takes."""
    theme, px = canvas.theme, canvas.px
    digits = clock_text(face)
    short = goes and (face.in_period or face.seconds < _SHORT)
    ink = theme.danger if short else theme.text if goes else theme.muted
    periods = canvas.texts("periods", count=face.periods) if face.periods else ""
    periods = canvas.texts("clock_move") if per_move else periods
    width = max(canvas.text_width(digits, 21, "bold"), canvas.text_width(periods, 11.5), px(52)) + px(14)
    box = pygame.Rect(rect.right - width - px(8), rect.y + px(8), width, rect.height - 2 * px(8))
    canvas.box(box, theme.sunken, ink if short else theme.card_edge, 7)
    line = pygame.Rect(box.x, box.y, box.width, box.height - (px(17) if periods else 0))
    canvas.text(digits, line, 20 if periods else 21, ink, align="center", face="bold")
    if periods:
        below = pygame.Rect(box.x, box.bottom - px(18), box.width, px(17))
        canvas.text(periods, below, 11.5, theme.danger if face.in_period and goes else theme.muted, align="center")
    return width


def _state(scene: Scene, canvas: Canvas, side: int, dots: int) -> str:
    name = canvas.texts.side(side)
    if scene.thinking == side:
        waiting = "loading_short" if scene.loading else "thinking_short"
        return f"{name} · {canvas.texts(waiting)}{'.' * dots}"
    return name
