"""The panel beside the board in Puzzle mode: kind and difficulty, the task, the streak, and the buttons."""

from __future__ import annotations

from typing import Final

import pygame

from ..control.puzzle_mode import BANDS, KINDS
from ..state.commands import Command
from ..state.intents import ChooseBand, ChoosePuzzleKind, Intent
from ..state.scene import PuzzleScene, Scene
from ..state.theme import mix
from ..widgets.canvas import Canvas
from ..widgets.controls import Segments
from ..widgets.layout import columns
from .command_buttons import STATUS_HEIGHT, Controls, draw_status, rows_height

_ACTIONS: Final = (
    (Command.HINT, Command.SOLUTION),
    (Command.PREVIOUS_PUZZLE, Command.NEXT_PUZZLE, Command.FLIP),
)
_GAP: Final = 8


class PuzzlePanel:
    """Lays its parts out for the room there is."""

    def __init__(self) -> None:
        self.controls = Controls((*_ACTIONS[0], *_ACTIONS[1], Command.SHIPPED_PUZZLES, Command.OPEN))
        self.kinds = Segments([""] * len(KINDS))
        self.bands = Segments([""] * len(BANDS))

    def handle(self, event: pygame.Event) -> tuple[Intent | None, bool]:
        """(what the person wants, whether the panel looks different now)."""
        clicked, changed = self.controls.handle(event)
        if clicked is not None:
            return clicked, True
        hovered = self.bands.hovered, self.kinds.hovered
        if self.bands.handle(event):
            return ChooseBand(self.bands.chosen), True
        if self.kinds.handle(event):
            return ChoosePuzzleKind(self.kinds.chosen), True
        return None, changed or hovered != (self.bands.hovered, self.kinds.hovered)

    def draw(self, canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
        """Draw everything."""
        self.controls.begin()
        px, gap, puzzle = canvas.px, canvas.px(_GAP), scene.puzzle
        if puzzle is None:
            return
        loaded = puzzle.count > 0
        self.controls.enable(HINT=puzzle.is_open, SOLUTION=puzzle.is_open, NEXT_PUZZLE=loaded, PREVIOUS_PUZZLE=loaded)
        self.controls.buttons[Command.NEXT_PUZZLE].active = puzzle.is_over
        main, side = columns(rect, canvas.scale, gap)
        actions = pygame.Rect(side.x, 0, side.width, rows_height(canvas, len(_ACTIONS)))
        actions.bottom = rect.bottom
        self.controls.rows(canvas, _ACTIONS, actions)
        status = pygame.Rect(side.x, actions.y - gap - px(STATUS_HEIGHT), side.width, px(STATUS_HEIGHT))
        draw_status(canvas, status, scene)
        end = status.y - gap if main is side else main.bottom
        self._draw_card(canvas, pygame.Rect(main.x, main.y, main.width, end - main.y), scene, puzzle)

    def _draw_card(self, canvas: Canvas, rect: pygame.Rect, scene: Scene, puzzle: PuzzleScene) -> None:
        px, texts, theme = canvas.px, canvas.texts, canvas.theme
        canvas.box(rect, theme.card, theme.card_edge, 10)
        inner = rect.inflate(-2 * px(14), -2 * px(12))
        self.kinds.options, self.kinds.chosen = [texts(f"kind_{kind}") for kind in KINDS], puzzle.kind
        self.kinds.rect = pygame.Rect(inner.x, inner.y, inner.width, px(34))
        self.kinds.draw(canvas)
        self.bands.options, self.bands.chosen = [texts(f"band_{band}") for band in BANDS], puzzle.band
        self.bands.rect = pygame.Rect(inner.x, self.kinds.rect.bottom + px(6), inner.width, px(34))
        self.bands.draw(canvas)
        y = self.bands.rect.bottom + px(10)
        if puzzle.is_loading:
            canvas.text(texts("puzzle_loading"), pygame.Rect(inner.x, y, inner.width, px(24)), 14, theme.muted)
            return
        values = {"side": texts.side(puzzle.session.first_turn), "count": puzzle.moves}
        task = texts(f"puzzle_task_{KINDS[puzzle.kind]}", **values) if puzzle.count else texts("puzzle_none")
        canvas.text(task, pygame.Rect(inner.x, y, inner.width, px(30)), 19, face="bold")
        self._draw_place(canvas, pygame.Rect(inner.x, y + px(30), inner.width, px(28)), puzzle)
        y = self._draw_streak(canvas, pygame.Rect(inner.x, y + px(64), inner.width, px(62)), scene)
        heading = pygame.Rect(inner.x, y + px(14), inner.width, px(22))
        canvas.text(texts("moves"), heading, 13, theme.muted, face="bold")
        self._draw_moves(
            canvas, pygame.Rect(inner.x, heading.bottom, inner.width, inner.bottom - heading.bottom), scene, puzzle
        )

    def _draw_place(self, canvas: Canvas, rect: pygame.Rect, puzzle: PuzzleScene) -> None:
        """Draw which puzzle it is, of which file, and the buttons for files."""
        texts = canvas.texts
        commands = (Command.SHIPPED_PUZZLES, Command.OPEN) if puzzle.file else (Command.OPEN,)
        right = self.controls.icons(canvas, commands, rect)
        place = texts("puzzle_number", index=puzzle.index + 1, count=puzzle.count) if puzzle.count else ""
        words = " · ".join(part for part in (place, puzzle.file) if part)
        canvas.text(words, pygame.Rect(rect.x, rect.y, right - rect.x, rect.height), 13, canvas.theme.muted)

    def _draw_streak(self, canvas: Canvas, rect: pygame.Rect, scene: Scene) -> int:
        """The streak and the longest one, side by side; returns where they end."""
        px, theme = canvas.px, canvas.theme
        half = (rect.width - px(10)) // 2
        settings = scene.settings
        for x, key, number in (
            (rect.x, "streak", settings.streak),
            (rect.right - half, "best_streak", settings.best_streak),
        ):
            box = pygame.Rect(x, rect.y, half, rect.height)
            canvas.box(box, theme.sunken, theme.card_edge, 8)
            ink = mix(theme.accent, theme.text, 0.1) if number else theme.muted
            canvas.text(str(number), pygame.Rect(x, box.y + px(6), half, px(30)), 24, ink, align="center", face="bold")
            words = pygame.Rect(x + px(4), box.y + px(36), half - px(8), px(20))
            canvas.text(canvas.texts(key), words, 12.5, theme.muted, align="center")
        return rect.bottom

    def _draw_moves(self, canvas: Canvas, rect: pygame.Rect, scene: Scene, puzzle: PuzzleScene) -> None:
        """What was played, a pair of moves a line."""
        line = [ply.texts[scene.settings.notation] for ply in puzzle.session.line]
        height = canvas.px(24)
        if not line and puzzle.count:
            words = canvas.texts(f"puzzle_about_{KINDS[puzzle.kind]}")
            for row, part in enumerate(canvas.fonts.wrap(words, "regular", canvas.px(14), rect.width)):
                place = pygame.Rect(rect.x, rect.y + row * height, rect.width, height)
                if rect.contains(place):
                    canvas.text(part, place, 14, canvas.theme.muted)
        for row, first in enumerate(range(0, len(line), 2)):
            y = rect.y + row * height
            if y + height > rect.bottom:
                return
            canvas.text(f"{row + 1}.", pygame.Rect(rect.x, y, canvas.px(24), height), 14, canvas.theme.muted)
            for column, text in enumerate(line[first : first + 2]):
                x = rect.x + canvas.px(28) + column * (rect.width - canvas.px(28)) // 2
                canvas.text(text, pygame.Rect(x, y, (rect.width - canvas.px(28)) // 2, height), 15)
