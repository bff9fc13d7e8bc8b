"""The model's mind in the panel: who it thinks will win, and the moves it would consider."""

from __future__ import annotations

from typing import Final

import pygame

from xiangqi_gpt.players.player import Decision
from xiangqi_gpt.players.score import whole_percents
from xiangqi_gpt.rules import Board

from .canvas import Canvas
from .notation import move_text
from .scene import Scene
from .theme import mix

#: How many moves are listed where the room is below a height, and where it is ample.
_LISTED: Final = ((340, 2), (400, 3))
_MOST_LISTED: Final = 4


def draw_evaluation(canvas: Canvas, rect: pygame.Rect, shares: tuple[float, float, float] | None) -> None:
    """A bar of three parts: Red wins, draw, Black wins; an empty one while nobody has said."""
    theme, texts = canvas.theme, canvas.texts
    radius = 6
    if shares is None:
        canvas.box(rect, theme.sunken, theme.card_edge, radius)
        return
    canvas.box(rect, theme.bar_draw, theme.card_edge, radius)
    total = sum(shares) or 1.0
    inks = ((255, 246, 240), theme.on_draw, (236, 231, 222))
    fills = (theme.bar_red, theme.bar_draw, theme.bar_black)
    names = ("win_red", "draw", "win_black")
    clip = canvas.surface.get_clip()
    x = float(rect.x)
    for share, percents, fill, ink, name in zip(shares, whole_percents(shares), fills, inks, names, strict=True):
        width = rect.width * share / total
        part = pygame.Rect(round(x), rect.y, round(x + width) - round(x), rect.height)
        x += width
        canvas.surface.set_clip(part)
        canvas.box(rect, fill, theme.card_edge, radius)
        percent = f"{percents}%"
        for text in (f"{texts(name)} {percent}", percent):
            if canvas.text_width(text, 12.5) + canvas.px(10) <= part.width:
                canvas.text(text, part, 12.5, ink, align="center")
                break
    canvas.surface.set_clip(clip)


def mind_height(canvas: Canvas, room: int) -> int:
    """How much of the room the list of considered moves takes; in a small window it leaves some to the record."""
    listed = next((moves for height, moves in _LISTED if room <= canvas.px(height)), _MOST_LISTED)
    return canvas.px(28) + listed * canvas.px(24)


def draw_mind(canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
    """The moves the model considers in the shown position, with their probabilities."""
    theme, texts = canvas.theme, canvas.texts
    header = pygame.Rect(rect.x, rect.y, rect.width, canvas.px(26))
    canvas.text(texts("mind"), header, 13, theme.muted, face="bold")
    rows = pygame.Rect(rect.x, header.bottom, rect.width, rect.bottom - header.bottom)
    if scene.mind is None or not scene.mind.policy:
        key = "mind_empty" if scene.mind is not None else "mind_wait"
        canvas.text(texts(key), rows, 13, theme.muted, align="center")
        return
    draw_policy(canvas, rows, scene.session.shown_board, scene.settings.notation, scene.mind)


def draw_policy(canvas: Canvas, rows: pygame.Rect, board: Board, notation: str, mind: Decision) -> int:
    """The likeliest moves of a position with their probabilities, as many as there is room for; returns their end."""
    theme = canvas.theme
    height = canvas.px(24)
    name_width, percent_width = canvas.px(82), canvas.px(46)
    likely = list(mind.policy.items())[: rows.height // height]
    for index, (move, probability) in enumerate(likely):
        y = rows.y + index * height
        text = move_text(board, move, notation)
        canvas.text(text, pygame.Rect(rows.x, y, name_width, height), 14)
        track = pygame.Rect(rows.x + name_width, 0, rows.width - name_width - percent_width, canvas.px(8))
        track.centery = y + height // 2
        canvas.box(track, theme.sunken, theme.card_edge, 4)
        filled = track.copy()
        filled.width = max(round(track.width * probability), canvas.px(4))
        canvas.box(filled, mix(theme.arrow, theme.text, 0.2), None, 4)
        percent = pygame.Rect(track.right, y, percent_width, height)
        canvas.text(f"{probability:.0%}", percent, 13, theme.muted, align="right")
    return rows.y + len(likely) * height
