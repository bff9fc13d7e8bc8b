"""The panel beside the board in Set-up mode: the pieces to put, who moves, and what is wrong with the position."""

from __future__ import annotations

from typing import Final

import pygame

from xiangqi_gpt.rules import BLACK, RED
from xiangqi_gpt.rules.pieces import EMPTY, PIECE_TYPES

from ..state.commands import Command
from ..state.intents import Intent, SetTurn, SwitchMode
from ..state.mode import Mode
from ..state.scene import Scene
from ..widgets.canvas import Canvas
from ..widgets.controls import Button, Segments
from ..widgets.layout import columns
from .command_buttons import BUTTON_HEIGHT, STATUS_HEIGHT, Controls, draw_status
from .pieces import PieceArt
from .setup_board import SetupBoard

_ACTIONS: Final = (
    (Command.UNDO_CHANGE, Command.START_POSITION, Command.CLEAR_BOARD, Command.MIRROR, Command.SWAP_COLORS),
    (Command.FLIP, Command.OPEN, Command.COPY_FEN, Command.PASTE),
)
#: The tray: Red's pieces in the upper row, Black's in the lower, each with what takes pieces away at the end.
_TRAY: Final = tuple(tuple(color * PIECE_TYPES + kind for kind in (1, 2, 3, 4, 5, 6, 7)) for color in (RED, BLACK))
_GAP: Final = 8


class SetupPanel:
    """Lays its parts out; the piece that is to be put belongs to the board."""

    def __init__(self, pieces: PieceArt, board: SetupBoard) -> None:
        self._pieces, self._board = pieces, board
        self.controls = Controls((*_ACTIONS[0], *_ACTIONS[1]))
        self.turn = Segments(["", ""])
        self.play = Button(primary=True)
        self.analyse = Button()
        self.eraser = Button()
        self.tray: dict[int, pygame.Rect] = {}
        self._hovered: int | None = None

    def handle(self, event: pygame.Event) -> tuple[Intent | None, bool]:
        """(what the person wants, whether the panel looks different now)."""
        clicked, changed = self.controls.handle(event)
        if clicked is not None:
            return clicked, True
        if self.play.handle(event):
            return Command.PLAY_HERE, True
        if self.analyse.handle(event):
            return SwitchMode(Mode.ANALYSE), True
        if self.turn.handle(event):
            return SetTurn(self.turn.chosen), True
        if self.eraser.handle(event):
            self._board.brush = None if self._board.brush == EMPTY else EMPTY
            return None, True
        return None, self._tray_event(event) or changed or event.type == pygame.MOUSEMOTION

    def _tray_event(self, event: pygame.Event) -> bool:
        if event.type != pygame.MOUSEBUTTONDOWN or event.button != 1:
            return False
        piece = next((piece for piece, box in self.tray.items() if box.collidepoint(event.pos)), None)
        if piece is None:
            return False
        self._board.selected = None
        self._board.brush = None if self._board.brush == piece else piece
        self._board.carried = piece
        return True

    def draw(self, canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
        """Draw everything."""
        self.controls.begin()
        px, gap, texts = canvas.px, canvas.px(_GAP), canvas.texts
        sound = not scene.editor.faults()
        main, side = columns(rect, canvas.scale, gap)
        go = pygame.Rect(side.x, side.bottom - px(44), side.width, px(44))
        half = (side.width - gap) // 2
        self.analyse.rect = pygame.Rect(go.x, go.y, half, go.height)
        self.play.rect = pygame.Rect(go.right - half, go.y, half, go.height)
        for button, key in ((self.analyse, "setup_analyse"), (self.play, "setup_play")):
            button.label, button.enabled, button.primary = texts(key), sound, sound and button is self.play
            button.draw(canvas)
        status = pygame.Rect(side.x, go.y - gap - px(STATUS_HEIGHT), side.width, px(STATUS_HEIGHT))
        height = 2 * px(BUTTON_HEIGHT) + px(6)
        actions = pygame.Rect(side.x, status.y - gap - height, side.width, height)
        self.controls.enable(UNDO_CHANGE=scene.editor.can_undo)
        self.controls.rows(canvas, _ACTIONS, actions)
        draw_status(canvas, status, scene)
        card = pygame.Rect(main.x, main.y, main.width, (actions.y - gap if main is side else main.bottom) - main.y)
        self._draw_card(canvas, card, scene)

    def _draw_card(self, canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
        px, texts, theme = canvas.px, canvas.texts, canvas.theme
        canvas.box(rect, theme.card, theme.card_edge, 10)
        inner = rect.inflate(-2 * px(14), -2 * px(10))
        y = self._heading(canvas, inner, inner.y, "pieces")
        size = min(inner.width // PIECE_TYPES, px(62))
        for row in _TRAY:
            left = inner.x + (inner.width - size * len(row)) // 2
            for column, piece in enumerate(row):
                self._draw_slot(canvas, pygame.Rect(left + column * size, y, size, size + px(14)), piece, scene)
            y += size + px(18)
        self.eraser.rect = pygame.Rect(inner.x, y + px(4), inner.width, px(34))
        self.eraser.label, self.eraser.active = texts("eraser"), self._board.brush == EMPTY
        self.eraser.draw(canvas)
        y = self._heading(canvas, inner, self.eraser.rect.bottom + px(10), "side_moves")
        self.turn.options, self.turn.chosen = [texts("red"), texts("black")], scene.editor.turn
        self.turn.rect = pygame.Rect(inner.x, y, inner.width, px(36))
        self.turn.draw(canvas)
        self._draw_words(canvas, pygame.Rect(inner.x, self.turn.rect.bottom + px(10), inner.width, 0), inner, scene)

    def _draw_words(self, canvas: Canvas, rect: pygame.Rect, inner: pygame.Rect, scene: Scene) -> None:
        """Everything that is wrong with the position, how to go about it, and the position as text."""
        theme, texts = canvas.theme, canvas.texts
        faults = [texts.position_fault(fault, scene.settings.notation) for fault in scene.editor.faults()]
        words = [(sentence, theme.danger) for sentence in faults]
        words += [(texts("setup_help"), theme.muted), (f"FEN: {scene.editor.fen()}", theme.muted)]
        line, y = canvas.px(21), rect.y
        for sentence, color in words:
            for part in canvas.fonts.wrap(sentence, "regular", canvas.px(13.5), inner.width):
                if y + line > inner.bottom:
                    return
                canvas.text(part, pygame.Rect(rect.x, y, inner.width, line), 13.5, color)
                y += line

    def _heading(self, canvas: Canvas, inner: pygame.Rect, y: int, key: str) -> int:
        canvas.text(
            canvas.texts(key), pygame.Rect(inner.x, y, inner.width, canvas.px(22)), 13, canvas.theme.muted, face="bold"
        )
        return y + canvas.px(26)

    def _draw_slot(self, canvas: Canvas, rect: pygame.Rect, piece: int, scene: Scene) -> None:
        """A piece of the tray and how many of it are left."""
        theme, left = canvas.theme, scene.editor.left(piece)
        self.tray[piece] = rect
        if self._board.brush == piece:
            canvas.box(rect.inflate(-canvas.px(2), 0), theme.hover, theme.accent, 8)
        diameter = round(rect.width * 0.84)
        picture = self._pieces.picture(piece, diameter, theme, scene.settings.faces)
        if left <= 0:
            picture = picture.copy()  # the other one is kept
            picture.set_alpha(90)
        centre = (rect.centerx, rect.y + rect.width // 2)
        canvas.surface.blit(picture, picture.get_rect(center=centre))
        count = pygame.Rect(rect.x, rect.bottom - canvas.px(17), rect.width, canvas.px(16))
        canvas.text(f"×{left}", count, 12, theme.muted if left >= 0 else theme.danger, align="center")
