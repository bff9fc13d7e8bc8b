"""What the model thinks, in the panel: who it thinks will win, and the moves it would consider."""

from __future__ import annotations

from typing import Final

import pygame

from xiangqi_gpt.players.player import Decision
from xiangqi_gpt.players.score import whole_percents
from xiangqi_gpt.rules import Board

from ..state.notation import move_text
from ..state.scene import Scene
from ..state.theme import Color, mix
from ..widgets.canvas import Canvas
from .opening_line import short_opening_line

#: How many moves are listed where the room is below a height, and where it is ample.
_LISTED: Final = ((340, 2), (400, 3))
_MOST_LISTED: Final = 4
_ROW: Final = 24


def draw_evaluation(
    canvas: Canvas, rect: pygame.Rect, shares: tuple[float, float, float] | None, *, pale: bool = False
) -> None:
    """A bar of three parts: Red wins, draw, Black wins; an empty one while nobody has said.

    ``pale`` shares are of another position and say no numbers.
    """
    theme, texts = canvas.theme, canvas.texts
    radius = 6
    if shares is None:
        canvas.box(rect, theme.sunken, theme.card_edge, radius)
        return
    canvas.box(rect, theme.bar_draw, theme.card_edge, radius)
    total = sum(shares) or 1.0
    inks = ((255, 246, 240), theme.on_draw, (236, 231, 222))
    fills = (theme.bar_red, theme.bar_draw, theme.bar_black)
    if pale:
        fills = (mix(fills[0], theme.sunken, 0.6), mix(fills[1], theme.sunken, 0.6), mix(fills[2], theme.sunken, 0.6))
    names = ("win_red", "draw", "win_black")
    clip = canvas.surface.get_clip()
    x = float(rect.x)
    for share, percents, fill, ink, name in zip(shares, whole_percents(shares), fills, inks, names, strict=True):
        width = rect.width * share / total
        part = pygame.Rect(round(x), rect.y, round(x + width) - round(x), rect.height)
        x += width
        canvas.surface.set_clip(part.clip(clip))  # a list may show a part of its last row
        canvas.box(rect, fill, theme.card_edge, radius)
        percent = f"{percents}%"
        for text in () if pale else (f"{texts(name)} {percent}", percent):
            if canvas.text_width(text, 12.5) + canvas.px(10) <= part.width:
                canvas.text(text, part, 12.5, ink, align="center")
                break
    canvas.surface.set_clip(clip)


def analysis_height(canvas: Canvas, room: int) -> int:
    """How much of the room the list of considered moves takes; in a small window it leaves some to the record."""
    listed = next((moves for height, moves in _LISTED if room <= canvas.px(height)), _MOST_LISTED)
    return canvas.px(28) + listed * canvas.px(_ROW)


def draw_analysis(canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
    """The moves the model considers in the shown position, with their probabilities; beside the heading the opening.

    The last line is a blind model's: the illegal move it wanted most, and what it gave to all illegal ones.
    """
    theme, texts = canvas.theme, canvas.texts
    header = pygame.Rect(rect.x, rect.y, rect.width, canvas.px(26))
    used = canvas.text(texts("ideas"), header, 13, theme.muted, face="bold") + canvas.px(12)
    if scene.insight is not None:
        beside = pygame.Rect(header.x + used, header.y, header.width - used, header.height)
        line = short_opening_line(canvas, scene.insight, beside.width, 12.5)
        canvas.text(line, beside, 12.5, theme.muted, align="right")
    rows = pygame.Rect(rect.x, header.bottom, rect.width, rect.bottom - header.bottom)
    if scene.decision is None or not scene.decision.policy:
        key = "ideas_empty" if scene.decision is not None else "ideas_wait"
        canvas.text(texts(key), rows, 13, theme.muted, align="center")
        return
    illegal = scene.insight.illegal if scene.insight is not None else None
    if illegal is not None:
        rows.height -= canvas.px(_ROW)
        move, wasted = illegal
        last = pygame.Rect(rows.x, rows.bottom, rows.width, canvas.px(_ROW))
        _draw_share(canvas, last, texts("illegal_short", move=move.iccs()), wasted, theme.danger, 12.5)
    draw_policy(canvas, rows, scene.session.shown_board, scene.settings.notation, scene.decision)


def draw_policy(canvas: Canvas, rows: pygame.Rect, board: Board, notation: str, decision: Decision) -> int:
    """The likeliest moves of a position with their probabilities, as many as there is room for; returns their end."""
    height, ink = canvas.px(_ROW), mix(canvas.theme.arrow, canvas.theme.text, 0.2)
    likely = list(decision.policy.items())[: rows.height // height]
    for index, (move, probability) in enumerate(likely):
        row = pygame.Rect(rows.x, rows.y + index * height, rows.width, height)
        _draw_share(canvas, row, move_text(board, move, notation), probability, ink)
    return rows.y + len(likely) * height


def _draw_share(canvas: Canvas, row: pygame.Rect, text: str, share: float, ink: Color, size: float = 14) -> None:
    """A move, a bar as long as its probability, and the number."""
    theme = canvas.theme
    name_width, percent_width = canvas.px(82), canvas.px(46)
    canvas.text(text, pygame.Rect(row.x, row.y, name_width - canvas.px(4), row.height), size)
    track = pygame.Rect(row.x + name_width, 0, row.width - name_width - percent_width, canvas.px(8))
    track.centery = row.y + row.height // 2
    canvas.box(track, theme.sunken, theme.card_edge, 4)
    filled = track.copy()
    filled.width = max(round(track.width * share), canvas.px(4))
    canvas.box(filled, ink, None, 4)
    percent = pygame.Rect(track.right, row.y, percent_width, row.height)
    canvas.text(f"{share:.0%}", percent, 13, theme.muted, align="right")
