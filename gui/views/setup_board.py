"""The board while a position is being set up: pieces are put, dragged and taken away freely."""

from __future__ import annotations

from typing import Final

import pygame

from xiangqi_gpt.rules.pieces import EMPTY, FILES, LETTERS, RANKS

from ..state.intents import Intent, MovePiece, Place
from ..state.position_editor import PositionEditor
from ..state.settings import Settings
from ..widgets import shapes
from ..widgets.canvas import Canvas
from ..widgets.layout import BoardGeometry
from .board_art import BoardPicture
from .pieces import PieceArt

_PIECE: Final = 0.91
_DRAG_THRESHOLD: Final = 0.1
_STEPS: Final = {pygame.K_LEFT: (-1, 0), pygame.K_RIGHT: (1, 0), pygame.K_UP: (0, -1), pygame.K_DOWN: (0, 1)}
_OTHER_LETTERS: Final = {"h": "n", "e": "b", "H": "N", "E": "B"}


class SetupBoard:
    """Holds what belongs to the screen: the piece in hand, the piece to put, the keyboard's cursor.

    ``brush`` is the piece that a click puts, ``EMPTY`` to take pieces away, None to move what is there.
    """

    def __init__(self, pieces: PieceArt) -> None:
        self._pieces = pieces
        self._picture = BoardPicture()
        self._geometry: BoardGeometry | None = None
        self.brush: int | None = None
        self.cursor: int | None = None
        self.selected: int | None = None
        self.carried: int | None = None  # a piece dragged from the tray
        self._press: tuple[int, tuple[int, int]] | None = None
        self._dragging = False
        self._pointer = (-1, -1)

    def put_down(self) -> None:
        """Let go of whatever is selected or in hand."""
        self.brush = self.cursor = self.selected = self.carried = self._press = None
        self._dragging = False

    @property
    def is_dragging(self) -> bool:
        """Whether a piece hangs on the pointer."""
        return self._dragging or self.carried is not None

    def handle(self, event: pygame.Event, editor: PositionEditor, settings: Settings) -> Intent | None:
        """Take in an event whose position is in pixels of the surface; return what the person wants, if anything."""
        if self._geometry is None:
            return None
        if event.type == pygame.MOUSEMOTION:
            self._move(event.pos)
        elif event.type == pygame.MOUSEBUTTONDOWN:
            return self._down(event, self._geometry.square_at(event.pos, settings.flipped), editor)
        elif event.type == pygame.MOUSEBUTTONUP and event.button == 1:
            return self._up(self._geometry.square_at(event.pos, settings.flipped))
        elif event.type == pygame.KEYDOWN:
            return self._key(event, editor, settings)
        return None

    def _move(self, position: tuple[int, int]) -> None:
        self._pointer = position
        if self._press is not None and self._geometry is not None:
            start = self._press[1]
            far = max(abs(position[0] - start[0]), abs(position[1] - start[1]))
            self._dragging = self._dragging or far > _DRAG_THRESHOLD * self._geometry.cell

    def _down(self, event: pygame.Event, square: int | None, editor: PositionEditor) -> Intent | None:
        self.cursor = None
        if square is None:
            return None
        if event.button == 3:
            self.selected = None
            return Place(square, EMPTY)
        if event.button != 1:
            return None
        if self.selected is not None and square != self.selected:
            source, self.selected = self.selected, None
            return MovePiece(source, square)
        if editor.squares[square] != EMPTY and self.brush is None:
            self._press = (square, event.pos)
            return None
        if self.brush is not None:
            return Place(square, EMPTY if editor.squares[square] == self.brush else self.brush)
        return None

    def _up(self, square: int | None) -> Intent | None:
        carried, self.carried = self.carried, None
        press, dragging = self._press, self._dragging
        self._press, self._dragging = None, False
        if carried is not None:
            if square is None:
                return None
            self.brush = None  # it was dragged, not chosen for clicks to come
            return Place(square, carried)
        if press is None:
            return None
        source = press[0]
        if not dragging:
            self.selected = None if self.selected == source else source
            return None
        self.selected = None
        return Place(source, EMPTY) if square is None else MovePiece(source, square)

    def _key(self, event: pygame.Event, editor: PositionEditor, settings: Settings) -> Intent | None:
        if event.key in _STEPS:
            right, down = _STEPS[event.key]
            turned = -1 if settings.flipped else 1
            here = 4 if self.cursor is None else self.cursor
            file = min(max(here % FILES + right * turned, 0), FILES - 1)
            rank = min(max(here // FILES - down * turned, 0), RANKS - 1)
            self.cursor = here if self.cursor is None else rank * FILES + file
            return None
        if self.cursor is None or event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META | pygame.KMOD_ALT):
            return None
        if event.key in (pygame.K_DELETE, pygame.K_BACKSPACE):
            return Place(self.cursor, EMPTY)
        if event.key in (pygame.K_SPACE, pygame.K_RETURN, pygame.K_KP_ENTER):
            return self._pick_or_put(self.cursor, editor)
        letter = getattr(event, "unicode", "")
        piece = LETTERS.find(_OTHER_LETTERS.get(letter, letter)) if letter.isalpha() else -1
        return Place(self.cursor, piece) if piece > 0 else None

    def _pick_or_put(self, square: int, editor: PositionEditor) -> Intent | None:
        if self.brush is not None:
            return Place(square, self.brush)
        if self.selected is None:
            self.selected = square if editor.squares[square] != EMPTY else None
            return None
        source, self.selected = self.selected, None
        return None if source == square else MovePiece(source, square)

    def draw(self, canvas: Canvas, geometry: BoardGeometry, editor: PositionEditor, settings: Settings) -> None:
        """Draw the position, the squares that are wrong, and what is in hand."""
        self._geometry = geometry
        flipped, cell, theme = settings.flipped, geometry.cell, canvas.theme
        canvas.surface.blit(self._picture.get(canvas, geometry, settings), geometry.rect)
        wrong = {fault.square for fault in editor.faults()}
        for square, piece in enumerate(editor.squares):
            centre = geometry.centre(square, flipped)
            if square == self.cursor:
                self._blit(canvas, shapes.rounded(cell, cell, cell // 8, None, theme.mark_select), centre)
                self._blit(canvas, shapes.rounded(cell - 2, cell - 2, cell // 8, None, theme.mark_select), centre)
            if piece == EMPTY or (self._dragging and self._press is not None and self._press[0] == square):
                continue
            self._draw_piece(canvas, piece, centre, settings)
            color = theme.mark_check if square in wrong else theme.mark_select if square == self.selected else None
            if color is not None:
                self._blit(canvas, shapes.ring(cell, max(2.5, cell * 0.055), color), centre)
        held = self.carried
        if self._dragging and self._press is not None:
            held = editor.squares[self._press[0]]
        if held is not None and held != EMPTY:
            self._draw_piece(canvas, held, self._pointer, settings, lifted=True)

    def _draw_piece(
        self, canvas: Canvas, piece: int, centre: tuple[int, int], settings: Settings, *, lifted: bool = False
    ) -> None:
        assert self._geometry is not None
        diameter = round(self._geometry.cell * _PIECE * (1.05 if lifted else 1))
        self._blit(canvas, self._pieces.picture(piece, diameter, canvas.theme, settings.faces, lifted=lifted), centre)

    @staticmethod
    def _blit(canvas: Canvas, picture: pygame.Surface, centre: tuple[int, int]) -> None:
        canvas.surface.blit(picture, picture.get_rect(center=centre))
