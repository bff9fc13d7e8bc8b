"""The window and everything drawn in it."""

from __future__ import annotations

import io
import math
from typing import Any, Final

import pygame

from xiangqi_gpt.rules.pieces import KING

from ..dialogs.dialogs import Dialog
from ..i18n.texts import Texts
from ..state.commands import Command
from ..state.intents import Intent
from ..state.mode import Mode
from ..state.scene import Scene
from ..state.settings import INTERFACES, Settings
from ..state.theme import THEMES
from ..widgets.canvas import Canvas
from ..widgets.fonts import Fonts
from ..widgets.layout import BoardGeometry, Layout
from ..widgets.window_size import minimum_size, window_size
from .analyse_panel import AnalysePanel
from .board_view import BoardView
from .command_buttons import Controls, explained
from .header_view import HEADER_HEIGHT, HeaderView
from .pieces import PieceArt
from .play_panel import Panel
from .puzzle_panel import PuzzlePanel
from .result_banner import ResultBanner
from .setup_board import SetupBoard
from .setup_panel import SetupPanel
from .tooltip import Tooltip

#: Height in points of the window whose letters a saved picture of the board has.
_POINTS: Final = 720


class Screen:
    """Owns the window, the fonts and the views, and puts them together for every picture."""

    def __init__(
        self, settings: Settings, size: tuple[int, int] | None = None, window: pygame.Window | None = None
    ) -> None:
        """``window`` is one that is open already."""
        self.texts = Texts(settings.language)
        title = self.texts("title")
        self.window = window or pygame.Window(title, size or window_size(), resizable=True, allow_high_dpi=True)
        self.window.title = title
        self.window.minimum_size = minimum_size()
        self._fonts = Fonts()
        self._pieces = pieces = PieceArt(self._fonts)
        self.window.set_icon(pieces.picture(KING, 96, THEMES[settings.theme], "traditional"))
        self.header, self.board, self.banner = HeaderView(), BoardView(pieces), ResultBanner()
        self.panel, self.analyse_panel = Panel(pieces), AnalysePanel(pieces)
        self.setup_board = SetupBoard(pieces)
        self.setup_panel = SetupPanel(pieces, self.setup_board)
        self.puzzle_panel = PuzzlePanel()
        self.tooltip = Tooltip()
        self._layout: Layout | None = None
        self._explained: list[tuple[pygame.Rect, str]] = []
        self._typing = False
        self._fullscreen = False
        pygame.key.stop_text_input()

    @property
    def _pixels_a_point(self) -> float:
        """How many pixels of the surface a point of the window's own coordinates is: 2 on many HiDPI screens."""
        return self.window.get_surface().get_width() / max(self.window.size[0], 1)

    def speak(self, language: str) -> None:
        """Use a language from now on."""
        if language != self.texts.language:
            self.texts = Texts(language)
            self.window.title = self.texts("title")

    def draw(self, scene: Scene, dialog: Dialog | None, beat: int, now: float) -> None:
        """Draw the whole window; ``beat`` counts the dots of "thinking"."""
        surface, settings = self.window.get_surface(), scene.settings
        layout = self._layout = Layout.of(surface.get_size(), INTERFACES[settings.interface])
        canvas = Canvas(surface, THEMES[settings.theme], self._fonts, self.texts, layout.scale)
        surface.fill(canvas.theme.window)
        canvas.shadow(layout.board.rect, 10, 16)
        self._draw_board(canvas, layout, scene, now)
        self._draw_panel(canvas, layout.panel, scene, beat)
        self._explained = canvas.explained
        if self.banner.is_open(scene) and not self.board.is_animating(now):
            self.banner.draw(canvas, layout.board.rect, scene)
        if dialog is not None:
            dialog.draw(canvas)
        else:
            self.tooltip.draw(canvas)
        self._follow_typing(dialog)
        self.window.flip()

    def _draw_board(self, canvas: Canvas, layout: Layout, scene: Scene, now: float) -> None:
        if scene.mode is Mode.SETUP:
            self.setup_board.draw(canvas, layout.board, scene.editor, scene.settings)
            return
        analysis = scene.analysis
        heat = (analysis.sources, analysis.targets) if scene.mode is Mode.ANALYSE else ({}, {})
        self.board.follow(scene.shown, now, scene.settings)
        marks = analysis.study.marks if scene.mode is Mode.ANALYSE else ()
        self.board.draw(canvas, layout.board, scene.shown, scene.settings, scene.arrows, now, heat, marks)

    def board_png(self, scene: Scene, side: int = 1080) -> bytes:
        """Return a picture of the board alone, ``side`` pixels high, with its last move and arrows, as a PNG file."""
        surface, settings = pygame.Surface((side, side)), scene.settings
        geometry = BoardGeometry.inside(surface.get_rect())
        canvas = Canvas(surface, THEMES[settings.theme], self._fonts, self.texts, side / _POINTS)
        view = BoardView(self._pieces)
        view.follow(scene.shown, 0.0, settings)
        view.draw(canvas, geometry, scene.shown, settings, scene.arrows, math.inf, ({}, {}))
        file = io.BytesIO()
        pygame.image.save(surface.subsurface(geometry.rect.clip(surface.get_rect())), file, "board.png")
        return file.getvalue()

    def _draw_panel(self, canvas: Canvas, rect: pygame.Rect, scene: Scene, beat: int) -> None:
        height = canvas.px(HEADER_HEIGHT)
        self.header.draw(canvas, pygame.Rect(rect.x, rect.y, rect.width, height), scene)
        top = rect.y + height + canvas.px(8)
        body = pygame.Rect(rect.x, top, rect.width, rect.bottom - top)
        if scene.mode is Mode.ANALYSE:
            self.analyse_panel.draw(canvas, body, scene)
        elif scene.mode is Mode.SETUP:
            self.setup_panel.draw(canvas, body, scene)
        elif scene.mode is Mode.PUZZLE:
            self.puzzle_panel.draw(canvas, body, scene)
        else:
            self.panel.draw(canvas, body, scene, beat)

    def handle_panel(self, event: pygame.Event, mode: Mode) -> tuple[Intent | None, bool]:
        """Give a pointer event to what lies beside the board: (what the person wants, whether it looks different)."""
        intent, changed = self.header.handle(event)
        if intent is not None:
            return intent, True
        if mode is Mode.ANALYSE:
            intent, different = self.analyse_panel.handle(event)
        elif mode is Mode.SETUP:
            intent, different = self.setup_panel.handle(event)
        elif mode is Mode.PUZZLE:
            intent, different = self.puzzle_panel.handle(event)
        else:
            intent, different = self.panel.handle(event)
        return intent, changed or different

    def leave(self) -> bool:
        """The pointer points at something else: no button is lit any more; return whether that looks different."""
        away = pygame.Event(pygame.MOUSEMOTION, pos=(-1, -1), rel=(0, 0), buttons=(0, 0, 0))
        parts = (self.header, self.panel, self.analyse_panel, self.setup_panel, self.puzzle_panel)
        different = [part.handle(away)[1] for part in parts]
        return any(different)

    def hovered(self, mode: Mode) -> Command | None:
        """Return the command of the button that the pointer is on."""
        return self.header.controls.hovered or self._controls(mode).hovered

    def explanation(self, mode: Mode, position: tuple[int, int]) -> str:
        """Return what is said of the place that the pointer is on, a button or a number; empty where nothing is."""
        command = self.hovered(mode)
        if command is not None:
            return explained(self.texts, command, mode)
        return next((text for rect, text in self._explained if rect.collidepoint(position)), "")

    def buttons(self, mode: Mode) -> frozenset[Command]:
        """Return the commands that have a button on the screen."""
        return self.header.controls.drawn | self._controls(mode).drawn

    def _controls(self, mode: Mode) -> Controls:
        controls = {
            Mode.PLAY: self.panel.controls,
            Mode.ANALYSE: self.analyse_panel.controls,
            Mode.SETUP: self.setup_panel.controls,
            Mode.PUZZLE: self.puzzle_panel.controls,
        }
        return controls[mode]

    def is_over_board(self, position: tuple[int, int]) -> bool:
        """Return whether a point of the surface lies on the board."""
        return self._layout is not None and bool(self._layout.board.rect.collidepoint(position))

    def put_down(self) -> None:
        """Let go of whatever is selected on the board, and of buttons."""
        self.leave()
        self.board.deselect()
        self.board.cursor = None
        self.setup_board.put_down()

    def _follow_typing(self, dialog: Dialog | None) -> None:
        """Input methods are on only where text is typed: elsewhere they would swallow the letter keys."""
        place = dialog.typing_place() if dialog is not None else None
        if (place is not None) != self._typing:
            self._typing = place is not None
            (pygame.key.start_text_input if self._typing else pygame.key.stop_text_input)()
        if place is not None:
            ratio = self._pixels_a_point
            points = (place.x / ratio, place.y / ratio, place.width / ratio, place.height / ratio)
            pygame.key.set_text_input_rect(pygame.Rect(points))

    def in_pixels(self, event: pygame.Event) -> pygame.Event:
        """Return a pointer event with its position in pixels of the surface."""
        position = event.pos if event.type != pygame.MOUSEWHEEL else pygame.mouse.get_pos()
        ratio = self._pixels_a_point
        values: dict[str, Any] = {**event.dict, "pos": (round(position[0] * ratio), round(position[1] * ratio))}
        return pygame.Event(event.type, values)

    def toggle_fullscreen(self) -> None:
        """Fill the screen, or go back to a window."""
        self._fullscreen = not self._fullscreen
        if self._fullscreen:
            self.window.set_fullscreen(desktop=True)
        else:
            self.window.set_windowed()

    def close(self) -> None:
        """Close the window."""
        self.window.destroy()
