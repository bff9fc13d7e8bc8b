"""The board on the screen: draws the shown position and turns clicks, drags and keys into intents."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pygame

from xiangqi_gpt.records.board_marks import BoardMark
from xiangqi_gpt.rules import Move
from xiangqi_gpt.rules.pieces import EMPTY, FILES, RANKS, color_of

from ..state.intents import Intent, MarkBoard, TryMove
from ..state.scene import Arrow, Shown
from ..state.settings import SPEEDS, Settings
from ..state.theme import Color, Theme
from ..widgets import shapes
from ..widgets.canvas import Canvas
from ..widgets.layout import BoardGeometry
from .board_art import BoardPicture
from .pieces import PieceArt

#: How long a piece slides, in seconds.
SLIDE: Final = 0.13
_PIECE: Final = 0.91
_DRAG_THRESHOLD: Final = 0.08

#: What a person draws, by the letter that records have for the colour.
_MARK_COLORS: Final[dict[str, Color]] = {
    "G": (46, 125, 50),
    "R": (198, 40, 40),
    "Y": (230, 150, 20),
    "B": (25, 100, 200),
}

_STEPS: Final = {
    pygame.K_LEFT: (-1, 0),
    pygame.K_RIGHT: (1, 0),
    pygame.K_UP: (0, -1),
    pygame.K_DOWN: (0, 1),
}


#: Probability by square: where moves start, and where they go.
Heat = tuple[Mapping[int, float], Mapping[int, float]]
_HEAT_STEPS: Final = 12
_LEAST_HEAT: Final = 0.01


def _strength(share: float) -> float:
    """How strongly a probability glows, in few steps, so that its pictures are kept."""
    return 0.0 if share < _LEAST_HEAT else round(math.sqrt(share) * _HEAT_STEPS) / _HEAT_STEPS


@dataclass(frozen=True)
class _Slide:
    piece: int
    source: int
    target: int
    captured: int
    start: float


class BoardView:
    """Holds only what belongs to the screen: the selected square, the piece in hand, the keyboard's cursor."""

    def __init__(self, pieces: PieceArt) -> None:
        self._pieces = pieces
        self._geometry: BoardGeometry | None = None
        self._picture = BoardPicture()
        self._slides: list[_Slide] = []
        self._line: tuple[Move, ...] = ()
        self._dropped: Move | None = None
        self._press: tuple[int, tuple[int, int], bool] | None = None
        self._dragging = False
        self._marked_from: int | None = None
        self.pointer = (-1, -1)
        self._slide_seconds = SLIDE
        self.selected: int | None = None
        self.cursor: int | None = None

    # --- the game changed

    def follow(self, shown: Shown, now: float, settings: Settings) -> None:
        """Notice what changed in the shown game and start the slides that show it."""
        line = tuple(ply.move for ply in shown.line[: shown.shown])
        if line == self._line:
            return
        self.deselect()
        before, self._line = self._line, line
        self._slides = []
        self._slide_seconds = SLIDE * SPEEDS[settings.speed]
        if not settings.animation:
            return
        board = shown.shown_board
        if len(before) < len(line) <= len(before) + 2 and line[: len(before)] == before:
            for ply in shown.line[len(before) : len(line)]:
                if ply.move != self._dropped:
                    source, target = ply.move.from_square, ply.move.to_square
                    self._slides.append(_Slide(board.piece_at(target), source, target, ply.captured, now))
        elif len(before) - 2 <= len(line) < len(before) and before[: len(line)] == line:
            for move in before[len(line) :]:
                piece = board.piece_at(move.from_square)
                if piece != EMPTY:
                    self._slides.append(_Slide(piece, move.to_square, move.from_square, EMPTY, now))
        self._dropped = None

    def is_animating(self, now: float) -> bool:
        """Return whether the next frame will differ from this one by itself."""
        self._slides = [slide for slide in self._slides if now - slide.start < self._slide_seconds]
        return bool(self._slides)

    # --- input

    def handle(self, event: pygame.Event, shown: Shown, settings: Settings) -> Intent | None:
        """Take in an event whose position is in pixels of the surface; return what the person wants, if anything."""
        if self._geometry is None:
            return None
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            self.cursor = None
            return self._press_at(self._geometry.square_at(event.pos, settings.flipped), event.pos, shown)
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == 3:
            self.deselect()
            self._marked_from = self._geometry.square_at(event.pos, settings.flipped)
        elif event.type == pygame.MOUSEBUTTONUP and event.button == 3:
            source, self._marked_from = self._marked_from, None
            target = self._geometry.square_at(event.pos, settings.flipped)
            if source is not None and target is not None:
                return MarkBoard(BoardMark(source, target, "R" if pygame.key.get_mods() & pygame.KMOD_SHIFT else "G"))
        elif event.type == pygame.MOUSEMOTION:
            self.pointer = event.pos
            self._drag_to(event.pos)
        elif event.type == pygame.MOUSEBUTTONUP and event.button == 1:
            return self._release_at(self._geometry.square_at(event.pos, settings.flipped))
        elif event.type == pygame.KEYDOWN:
            return self._key(event, shown, settings)
        return None

    def deselect(self) -> None:
        """Put down whatever is selected."""
        self.selected, self._press, self._dragging = None, None, False

    @property
    def is_dragging(self) -> bool:
        """Whether a piece hangs on the pointer."""
        return self._dragging

    def _press_at(self, square: int | None, position: tuple[int, int], shown: Shown) -> Intent | None:
        if square is None:
            return None
        piece = shown.shown_board.piece_at(square)
        mine = piece != EMPTY and color_of(piece) == shown.shown_board.turn
        if mine and shown.may_move:
            self._press = (square, position, self.selected == square)
            self.selected = square
            return None
        if self.selected is not None:
            return TryMove(self.selected, square)
        # A move that cannot be: its refusal tells the person why nothing was picked up.
        return TryMove(square, square) if piece != EMPTY else None

    def _drag_to(self, position: tuple[int, int]) -> None:
        if self._press is None or self._geometry is None:
            return
        _, start, _ = self._press
        far = max(abs(position[0] - start[0]), abs(position[1] - start[1]))
        if far > _DRAG_THRESHOLD * self._geometry.cell:
            self._dragging = True

    def _release_at(self, square: int | None) -> Intent | None:
        press, dragging = self._press, self._dragging
        self._press, self._dragging = None, False
        if press is None:
            return None
        source, _, was_selected = press
        if not dragging or square == source:
            if was_selected and not dragging:
                self.selected = None
            return None
        return None if square is None else TryMove(source, square, dragged=True)

    def _key(self, event: pygame.Event, shown: Shown, settings: Settings) -> Intent | None:
        if event.key in _STEPS:
            self._move_cursor(*_STEPS[event.key], shown, settings)
            return None
        if event.key not in (pygame.K_SPACE, pygame.K_RETURN, pygame.K_KP_ENTER) or self.cursor is None:
            return None
        if self.cursor == self.selected:
            self.selected = None
            return None
        intent = self._press_at(self.cursor, (0, 0), shown)
        self._press = None
        return intent

    def _move_cursor(self, right: int, down: int, shown: Shown, settings: Settings) -> None:
        if self.cursor is None:
            king = shown.shown_board.king(shown.shown_board.turn)
            self.cursor = self.selected if self.selected is not None else king
            return
        turned = -1 if settings.flipped else 1
        file = min(max(self.cursor % FILES + right * turned, 0), FILES - 1)
        rank = min(max(self.cursor // FILES - down * turned, 0), RANKS - 1)
        self.cursor = rank * FILES + file

    def dropped(self, move: Move) -> None:
        """A dragged piece was let go on its target: it is there already and does not slide."""
        self._dropped = move

    # --- drawing

    def draw(
        self,
        canvas: Canvas,
        geometry: BoardGeometry,
        shown: Shown,
        settings: Settings,
        arrows: Sequence[Arrow],
        now: float,
        heat: Heat = ({}, {}),
        marks: Sequence[BoardMark] = (),
    ) -> None:
        """Draw the shown position with its marks."""
        self._geometry = geometry
        canvas.surface.blit(self._picture.get(canvas, geometry, settings), geometry.rect)
        self._draw_heat(canvas, settings, heat)
        self._draw_marks_below(canvas, shown, settings)
        self._draw_pieces(canvas, shown, settings, now)
        if self.selected is not None and shown.may_move:
            self._draw_targets(canvas, shown, settings)
        for arrow in sorted(arrows, key=lambda arrow: arrow.probability or 2.0):
            self._draw_arrow(canvas, arrow, settings.flipped)
        for mark in marks:
            self._draw_mark(canvas, mark, settings)
        self._draw_probability(canvas, arrows, heat, settings.flipped)
        if self._dragging and self.selected is not None:
            self._draw_piece(canvas, shown.shown_board.piece_at(self.selected), self.pointer, settings, lifted=True)

    def _blit(self, canvas: Canvas, picture: pygame.Surface, centre: tuple[float, float]) -> None:
        x, y = centre[0] - picture.get_width() / 2, centre[1] - picture.get_height() / 2
        canvas.surface.blit(picture, (round(x), round(y)))

    def _centre(self, square: int, settings: Settings) -> tuple[int, int]:
        assert self._geometry is not None
        return self._geometry.centre(square, settings.flipped)

    @property
    def _cell(self) -> int:
        assert self._geometry is not None
        return self._geometry.cell

    def _draw_marks_below(self, canvas: Canvas, shown: Shown, settings: Settings) -> None:
        theme, cell, board = canvas.theme, self._cell, shown.shown_board
        if shown.last_move is not None:
            size = round(cell * 0.95)
            frame = shapes.corners(size, size * 0.23, max(2.0, cell * 0.04), theme.mark_last, size * 0.13)
            for square in (shown.last_move.from_square, shown.last_move.to_square):
                self._blit(canvas, frame, self._centre(square, settings))
        if board.is_check():
            centre = self._centre(board.king(board.turn), settings)
            self._blit(canvas, shapes.glow(cell * 1.5, theme.mark_check, 0.9), centre)
        if self.cursor is not None:
            self._draw_cursor(canvas, self._centre(self.cursor, settings), theme)

    def _draw_heat(self, canvas: Canvas, settings: Settings, heat: Heat) -> None:
        """Discs where likely moves go and glowing frames where they start; the likelier, the stronger."""
        sources, targets = heat
        theme, cell = canvas.theme, self._cell
        for square, share in targets.items():
            strength = _strength(share)
            if strength:
                self._blit(canvas, shapes.glow(cell * 1.5, theme.heat_to, strength), self._centre(square, settings))
        for square, share in sources.items():
            strength = _strength(share)
            if strength:
                size = round(cell * 0.99)
                centre = self._centre(square, settings)
                self._blit(canvas, shapes.glow(cell * 1.5, theme.heat_from, strength), centre)
                frame = shapes.corners(size, size * 0.5, max(2.0, cell * 0.05), theme.heat_from, size * 0.13).copy()
                frame.set_alpha(round(255 * strength))
                self._blit(canvas, frame, centre)

    def _draw_cursor(self, canvas: Canvas, centre: tuple[int, int], theme: Theme) -> None:
        size = round(self._cell * 0.98)
        frame = shapes.rounded(size, size, size // 8, None, theme.mark_select)
        self._blit(canvas, frame, centre)
        inner = shapes.rounded(size - 2, size - 2, size // 8, None, theme.mark_select)
        self._blit(canvas, inner, centre)

    def _draw_pieces(self, canvas: Canvas, shown: Shown, settings: Settings, now: float) -> None:
        board = shown.shown_board
        sliding = {slide.target: slide for slide in self._slides if now - slide.start < self._slide_seconds}
        checked = board.king(board.turn) if board.is_check() else None
        for square, piece in enumerate(board.squares.tolist()):
            if square in sliding:
                piece = sliding[square].captured
            if piece == EMPTY or (self._dragging and square == self.selected):
                continue
            centre = self._centre(square, settings)
            self._draw_piece(canvas, piece, centre, settings)
            if square == checked:
                self._ring(canvas, centre, canvas.theme.mark_check, 1.0)
            elif square == self.selected:
                self._ring(canvas, centre, canvas.theme.mark_select, 1.0)
        for slide in sliding.values():
            share = min((now - slide.start) / self._slide_seconds, 1.0)
            share = 1 - (1 - share) ** 3
            a, b = self._centre(slide.source, settings), self._centre(slide.target, settings)
            place = (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)
            self._draw_piece(canvas, slide.piece, place, settings, lifted=True)

    def _draw_piece(
        self, canvas: Canvas, piece: int, centre: tuple[float, float], settings: Settings, *, lifted: bool = False
    ) -> None:
        diameter = round(self._cell * _PIECE * (1.05 if lifted else 1))
        self._blit(canvas, self._pieces.picture(piece, diameter, canvas.theme, settings.faces, lifted=lifted), centre)

    def _ring(self, canvas: Canvas, centre: tuple[int, int], color: tuple[int, int, int], alpha: float) -> None:
        self._blit(canvas, shapes.ring(self._cell * 1.0, max(2.5, self._cell * 0.055), color, alpha), centre)

    def _draw_targets(self, canvas: Canvas, shown: Shown, settings: Settings) -> None:
        theme, cell = canvas.theme, self._cell
        for move in shown.shown_board.legal_moves:
            if move.from_square != self.selected:
                continue
            centre = self._centre(move.to_square, settings)
            if shown.shown_board.piece_at(move.to_square):
                self._blit(canvas, shapes.ring(cell * 1.02, max(3.0, cell * 0.075), theme.mark_target), centre)
            else:
                self._blit(canvas, shapes.disc(cell * 0.3, theme.piece_light, 0.75), centre)
                self._blit(canvas, shapes.disc(cell * 0.24, theme.mark_target), centre)

    def _draw_arrow(self, canvas: Canvas, arrow: Arrow, flipped: bool) -> None:
        assert self._geometry is not None
        likely = 0.6 if arrow.probability is None else arrow.probability
        color = canvas.theme.arrow_hint if arrow.probability is None else canvas.theme.arrow
        width = self._cell * (0.07 + 0.17 * likely)
        squares = (arrow.move.from_square, arrow.move.to_square)
        self._draw_shaft(canvas, squares, width, color, min(0.45 + 0.45 * likely, 0.85), flipped)

    def _draw_mark(self, canvas: Canvas, mark: BoardMark, settings: Settings) -> None:
        """An arrow or a circle that a person drew."""
        color = _MARK_COLORS[mark.color]
        if mark.source == mark.target:
            width = max(3.0, self._cell * 0.075)
            self._blit(canvas, shapes.ring(self._cell * 1.0, width, color, 0.9), self._centre(mark.source, settings))
        else:
            squares = (mark.source, mark.target)
            self._draw_shaft(canvas, squares, self._cell * 0.14, color, 0.8, settings.flipped)

    def _draw_shaft(
        self, canvas: Canvas, squares: tuple[int, int], width: float, color: Color, alpha: float, flipped: bool
    ) -> None:
        """An arrow from the rim of a piece, so that its character stays readable."""
        assert self._geometry is not None
        a, b = (self._geometry.centre(square, flipped) for square in squares)
        share = 0.4 * self._cell / math.dist(a, b)
        a = (round(a[0] + (b[0] - a[0]) * share), round(a[1] + (b[1] - a[1]) * share))
        head = width * 1.7 + self._cell * 0.1
        picture, left, top = shapes.arrow(b[0] - a[0], b[1] - a[1], width, head, color, alpha)
        canvas.surface.blit(picture, (a[0] + left, a[1] + top))

    def _draw_probability(self, canvas: Canvas, arrows: Sequence[Arrow], heat: Heat, flipped: bool) -> None:
        """The number of the arrow whose end the pointer is over, or those of the square where moves are heat."""
        assert self._geometry is not None
        square = self._geometry.square_at(self.pointer, flipped)
        if square is None:
            return
        pointed = [arrow.probability for arrow in arrows if arrow.move.to_square == square and arrow.probability]
        numbers = [f"{max(pointed):.0%}"] if pointed else []
        for key, shares in zip(("heat_from", "heat_to"), heat, strict=True):
            share = shares.get(square, 0.0)
            if _strength(share):
                numbers.append(canvas.texts(key, share=f"{share:.0%}"))
        if not numbers:
            return
        text = " · ".join(numbers)
        x, y = self._geometry.centre(square, flipped)
        width = canvas.text_width(text, 14, "bold") + canvas.px(14)
        label = pygame.Rect(0, 0, width, canvas.px(24))
        label.midbottom = (x, y - round(self._cell * 0.36))
        label.clamp_ip(canvas.surface.get_rect())
        canvas.box(label, canvas.theme.card, canvas.theme.card_edge, 6)
        canvas.text(text, label, 14, align="center", face="bold")
