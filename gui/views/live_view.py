"""The live analysis of the position shown: its best lines, each a click away, and a small board of one of them."""

from __future__ import annotations

from typing import Final

import pygame

from xiangqi_gpt.rules import Board, Move
from xiangqi_gpt.rules.pieces import EMPTY

from ..state.intents import ChangeSetting, Intent, TryLine
from ..state.move_notes import LiveNote
from ..state.notation import move_text
from ..state.scene import Scene
from ..state.settings import LIVE_LINES
from ..widgets import shapes
from ..widgets.canvas import Canvas
from ..widgets.controls import Segments
from ..widgets.layout import BoardGeometry
from .board_art import BoardPicture
from .pieces import PieceArt

_ROW: Final = 23
_SCORE: Final = 52  # width of a score
_MOST_MOVES: Final = 8
_LEAST_BOARD: Final = 110  # height of a small board


class LiveView:
    """Knows where its lines were drawn and which one the pointer is on."""

    def __init__(self, pieces: PieceArt) -> None:
        self.choice = Segments([""] * len(LIVE_LINES))
        self._pieces, self._picture = pieces, BoardPicture()
        self._rows: list[tuple[pygame.Rect, tuple[Move, ...]]] = []
        self._hovered: int | None = None

    def hide(self) -> None:
        """Be nowhere, so that no click is taken."""
        self._rows, self.choice.rect = [], pygame.Rect(0, 0, 0, 0)

    def place_of(self, index: int) -> pygame.Rect | None:
        """Return where a line, counted from 0, is on the screen."""
        return self._rows[index][0] if index < len(self._rows) else None

    def handle(self, event: pygame.Event) -> tuple[Intent | None, bool]:
        """(what the person wants, whether the list looks different now)."""
        hovered = self.choice.hovered
        if self.choice.rect.width and self.choice.handle(event):
            return ChangeSetting("lines", LIVE_LINES[self.choice.chosen]), True
        if event.type == pygame.MOUSEMOTION:
            before, self._hovered = self._hovered, self._at(event.pos)
            return None, before != self._hovered or hovered != self.choice.hovered
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == 1 and (at := self._at(event.pos)) is not None:
            return TryLine(self._rows[at][1]), True
        return None, False

    def _at(self, position: tuple[int, int]) -> int | None:
        return next((n for n, (place, _) in enumerate(self._rows) if place.collidepoint(position)), None)

    def draw(self, canvas: Canvas, rect: pygame.Rect, scene: Scene) -> int:
        """Draw it from the top of a box; returns where it ends, the bottom where a small board takes the rest."""
        texts, theme, lines = canvas.texts, canvas.theme, scene.settings.lines
        head = pygame.Rect(rect.x, rect.y, rect.width, canvas.px(26))
        used = canvas.text(texts("live_title"), head, 12.5, theme.muted, face="bold") + canvas.px(10)
        self.choice.options = [texts("live_off"), *map(str, LIVE_LINES[1:])]
        self.choice.chosen = LIVE_LINES.index(lines)
        width = min(canvas.px(220), head.width - used)
        self.choice.rect = pygame.Rect(head.right - width, head.y, width, head.height)
        self.choice.draw(canvas, 12.5)
        self._rows = []
        if not lines:
            return head.bottom
        y, row, live = head.bottom + canvas.px(4), canvas.px(_ROW), scene.analysis.live
        board = scene.analysis.study.shown_board
        about = pygame.Rect(rect.x, y, rect.width, row)
        canvas.text(_about(canvas, live), about, 12.5, theme.muted)
        y += row
        for moves, score in live.lines if live is not None else ():
            if y + row > rect.bottom:
                break
            place = pygame.Rect(rect.x, y, rect.width, row)
            self._rows.append((place, moves))
            if len(self._rows) - 1 == self._hovered:
                canvas.box(place, theme.hover, theme.hover, 5)
            number = pygame.Rect(place.x + canvas.px(4), y, canvas.px(_SCORE), row)
            canvas.text(score, number, 13.5, theme.accent, face="bold")
            canvas.explain(number, texts("score_about", side=texts.side(board.turn)))
            line = pygame.Rect(number.right, y, place.right - number.right - canvas.px(4), row)
            canvas.text(_fitting(canvas, board, moves, scene.settings.notation, line.width), line, 13)
            y += row
        room = rect.bottom - y - canvas.px(8)
        if self._hovered is not None and self._hovered < len(self._rows) and room >= canvas.px(_LEAST_BOARD):
            area = pygame.Rect(rect.x, y + canvas.px(6), rect.width, room)
            self._draw_board(canvas, area, scene, self._rows[self._hovered][1])
            return rect.bottom
        return y

    def _draw_board(self, canvas: Canvas, area: pygame.Rect, scene: Scene, moves: tuple[Move, ...]) -> None:
        """Draw the position at the end of a line, with a ring where its first move goes."""
        board, flipped = scene.analysis.study.shown_board.copy(), scene.settings.flipped
        for move in moves:
            if not board.is_legal(move):
                break
            board.push(move)
        geometry = BoardGeometry.inside(area)
        canvas.surface.blit(self._picture.get(canvas, geometry, scene.settings), geometry.rect)
        for square, piece in enumerate(board.squares.tolist()):
            if piece != EMPTY:
                picture = self._pieces.picture(piece, round(geometry.cell * 0.9), canvas.theme, scene.settings.faces)
                canvas.surface.blit(picture, picture.get_rect(center=geometry.centre(square, flipped)))
        for square in {moves[0].from_square, moves[0].to_square}:
            ring = shapes.ring(geometry.cell * 0.98, max(2.0, geometry.cell * 0.08), canvas.theme.accent)
            canvas.surface.blit(ring, ring.get_rect(center=geometry.centre(square, flipped)))


def _about(canvas: Canvas, live: LiveNote | None) -> str:
    if live is None or not live.lines:
        return canvas.texts("live_wait")
    return canvas.texts("live_about", depth=live.depth, nodes=f"{live.nodes:,}", speed=f"{live.speed:,.0f}")


def _fitting(canvas: Canvas, board: Board, moves: tuple[Move, ...], notation: str, width: int) -> str:
    """As many moves of a line as there is room for, the first in any case."""
    board, said = board.copy(), ""
    for move in moves[:_MOST_MOVES]:
        if not board.is_legal(move):
            break
        longer = f"{said} {move_text(board, move, notation)}".strip()
        if said and canvas.text_width(longer, 13) > width:
            break
        said = longer
        board.push(move)
    return said
