"""How known games went on from the position shown: moves, games, results, the policy's word; a click plays a move."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

import pygame

from xiangqi_gpt.rules import Move

from ..state.commands import Command
from ..state.intents import Intent, TryLine
from ..state.move_notes import NextMove
from ..state.notation import move_text
from ..state.scene import Scene
from ..widgets.canvas import Canvas
from ..widgets.controls import Button
from ..widgets.scrolling import Scroll
from .evaluation_view import draw_evaluation

_ROW: Final = 26
#: Widths of the columns: the move, the games, the policy's probability.
_MOVE, _GAMES, _POLICY = 78, 62, 48


class ExplorerView:
    """Knows how far it is scrolled and which move the pointer is on."""

    def __init__(self) -> None:
        self._scroll = Scroll()
        self.source = Button()
        self.here = Button()
        self._moves: list[Move] = []
        self._hovered: int | None = None
        self._row = _ROW

    def hide(self) -> None:
        """Be nowhere, so that no click is taken."""
        self._scroll.view = self.source.rect = self.here.rect = pygame.Rect(0, 0, 0, 0)

    def place_of(self, index: int) -> pygame.Rect | None:
        """Where a move, counted from 0, is on the screen."""
        if not 0 <= index < len(self._moves):
            return None
        view = self._scroll.view
        return pygame.Rect(view.x, view.y + index * self._row - self._scroll.offset, view.width, self._row)

    def _at(self, position: tuple[int, int]) -> int | None:
        view = self._scroll.view
        if not view.collidepoint(position):
            return None
        index = (position[1] - view.y + self._scroll.offset) // self._row
        return index if index < len(self._moves) else None

    def handle(self, event: pygame.Event) -> tuple[Intent | None, bool]:
        """(what the person wants, whether the list looks different now)."""
        hovered = self.source.hovered, self.here.hovered
        for button, command in ((self.source, Command.POSITION_INDEX), (self.here, Command.GAMES_HERE)):
            if button.rect.width and button.handle(event):
                return command, True
        taken, scrolled = self._scroll.handle(event)
        if taken:
            return None, scrolled
        if event.type == pygame.MOUSEMOTION:
            before, self._hovered = self._hovered, self._at(event.pos)
            return None, before != self._hovered or hovered != (self.source.hovered, self.here.hovered)
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == 1 and (at := self._at(event.pos)) is not None:
            return TryLine((self._moves[at],)), True
        return None, False

    def draw(self, canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
        """Draw the sums of the position, and below them the moves."""
        texts, theme, study = canvas.texts, canvas.theme, scene.analysis.study
        insight, folder = study.insight, scene.analysis.index
        self._row, self._moves = canvas.px(_ROW), []
        head = pygame.Rect(rect.x, rect.y, rect.width, canvas.px(26))
        self.source.label = PurePath(folder).name if folder else texts("explorer_shipped")
        width = min(canvas.text_width(self.source.label, 14) + canvas.px(24), head.width // 2)
        self.source.rect = pygame.Rect(head.right - width, head.y, width, head.height)
        self.source.draw(canvas)
        right = self.source.rect.x - canvas.px(8)
        self.here.rect = pygame.Rect(0, 0, 0, 0)
        if scene.analysis.games > 1 and not scene.analysis.is_hidden:
            self.here.label = texts.command(Command.GAMES_HERE)
            width = canvas.text_width(self.here.label, 14) + canvas.px(24)
            self.here.rect = pygame.Rect(right - width, head.y, width, head.height)
            self.here.draw(canvas)
            right = self.here.rect.x - canvas.px(8)
        about = pygame.Rect(head.x, head.y, right - head.x, head.height)
        below = pygame.Rect(rect.x, head.bottom + canvas.px(4), rect.width, rect.bottom - head.bottom - canvas.px(4))
        self._scroll.lay_out(canvas, below, 0)
        if scene.analysis.is_hidden:
            canvas.text(texts("mistakes_hidden"), below, 13.5, theme.muted, align="center")
            return
        if insight is None:
            canvas.text(texts("explorer_wait"), below, 13.5, theme.muted, align="center")
            return
        games = sum(insight.games or ())
        canvas.text(
            texts("explorer_count", count=f"{games:,}") if games else texts("known_none"), about, 13, face="bold"
        )
        if not insight.next_moves:
            canvas.text(texts("explorer_none"), below, 13.5, theme.muted, align="center")
            return
        names = pygame.Rect(below.x, below.y, below.width, canvas.px(20))
        self._draw_names(canvas, names)
        rows = pygame.Rect(below.x, names.bottom, below.width, below.bottom - names.bottom)
        self._moves = [entry.move for entry in insight.next_moves]
        self._scroll.lay_out(canvas, rows, len(self._moves) * self._row)
        clip = canvas.surface.get_clip()
        canvas.surface.set_clip(rows)
        for index, entry in enumerate(insight.next_moves):
            place = self.place_of(index)
            if place is not None and place.bottom > rows.top and place.top < rows.bottom:
                self._draw_move(canvas, place, entry, scene, is_hovered=index == self._hovered)
        canvas.surface.set_clip(clip)
        self._scroll.draw_thumb(canvas)

    @staticmethod
    def _columns(canvas: Canvas, row: pygame.Rect) -> tuple[pygame.Rect, pygame.Rect, pygame.Rect, pygame.Rect]:
        """Where the move, the games, the results and the policy's word stand in a row."""
        move, games, policy = canvas.px(_MOVE), canvas.px(_GAMES), canvas.px(_POLICY)
        gap, right = canvas.px(6), row.right - canvas.px(10)
        results = pygame.Rect(
            row.x + move + games + gap, row.y, right - policy - row.x - move - games - gap, row.height
        )
        return (
            pygame.Rect(row.x + canvas.px(4), row.y, move - canvas.px(4), row.height),
            pygame.Rect(row.x + move, row.y, games, row.height),
            results,
            pygame.Rect(right - policy, row.y, policy, row.height),
        )

    def _draw_names(self, canvas: Canvas, row: pygame.Rect) -> None:
        keys = ("explorer_move", "explorer_games", "explorer_results", "explorer_policy")
        aligns = ("left", "right", "left", "right")
        for key, place, align in zip(keys, self._columns(canvas, row), aligns, strict=True):
            canvas.text(canvas.texts(key), place, 12, canvas.theme.muted, align=align)

    def _draw_move(self, canvas: Canvas, row: pygame.Rect, entry: NextMove, scene: Scene, *, is_hovered: bool) -> None:
        study, theme = scene.analysis.study, canvas.theme
        if is_hovered:
            canvas.box(row, theme.hover, theme.hover, 5)
        move, games, results, policy = self._columns(canvas, row)
        canvas.text(move_text(study.shown_board, entry.move, scene.settings.notation), move, 14)
        canvas.text(f"{entry.games:,}", games, 13, align="right")
        bar = results.inflate(0, -canvas.px(6))
        red, drawn, black, _ = entry.results
        known = red + drawn + black
        draw_evaluation(canvas, bar, (red / known, drawn / known, black / known) if known else None)
        decision = study.decision
        if decision is not None and entry.move in decision.policy:
            canvas.text(f"{decision.policy[entry.move]:.0%}", policy, 13, theme.muted, align="right")
