"""The moves of an analysed game with its variations and comments; a click goes to a position."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from operator import attrgetter

import pygame

from xiangqi_gpt.records.game_node import GameNode

from ..state.intents import FoldVariation, GoTo, Intent
from ..state.move_notes import GLYPHS
from ..state.scene import Scene
from ..state.theme import mix
from ..widgets.canvas import Canvas
from ..widgets.scrolling import Scroll
from .study_layout import ROW, TEXT_SIZE, Cell, StudyLayout, lay_out


class StudyList:
    """Knows how far it is scrolled and which word the pointer is on; everything else is the study's."""

    def __init__(self) -> None:
        self._scroll = Scroll()
        self._layout = StudyLayout()
        self._key: object = None
        self._followed: object = None
        self._hovered: Cell | None = None

    def handle(self, event: pygame.Event) -> tuple[Intent | None, bool]:
        """(what the person wants, whether the list looks different now)."""
        taken, scrolled = self._scroll.handle(event)
        if taken:
            return None, scrolled
        if event.type == pygame.MOUSEMOTION:
            before, self._hovered = self._hovered, self._cell_at(event.pos)
            return None, before is not self._hovered
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            cell = self._cell_at(event.pos)
            if cell is None or cell.node is None:
                return None, False
            return (GoTo(cell.node) if cell.folds is None else FoldVariation(cell.node, cell.folds)), True
        return None, False

    def hide(self) -> None:
        """Be nowhere, so that no click is taken."""
        self._scroll.view = pygame.Rect(0, 0, 0, 0)

    def place_of(self, node: GameNode) -> pygame.Rect | None:
        """Where a move is on the screen; None where it is not in the list."""
        return self._place(lambda cell: cell.node is node and cell.folds is None)

    def place_of_sign(self, first: GameNode) -> pygame.Rect | None:
        """Return where the sign is that folds or unfolds a variation; None where there is none."""
        return self._place(lambda cell: cell.node is first and cell.folds is not None)

    def _place(self, wanted: Callable[[Cell], bool]) -> pygame.Rect | None:
        cell = next(filter(wanted, self._layout.cells), None)
        return None if cell is None else self._on_screen(cell)

    def _on_screen(self, cell: Cell) -> pygame.Rect:
        view = self._scroll.view
        return pygame.Rect(view.x + cell.x, view.y + cell.y - self._top, cell.width, cell.height)

    @property
    def _top(self) -> int:
        """How far down the uppermost line in sight begins: the list moves line by line."""
        cells, offset = self._layout.cells, self._scroll.offset
        first = bisect_left(cells, offset, key=attrgetter("y"))
        return cells[first].y if first < len(cells) else offset

    def _in_sight(self) -> list[Cell]:
        """The cells of whole lines; they stand in the order of their heights."""
        top, cells = self._top, self._layout.cells
        bottom = top + self._scroll.view.height
        lines = cells[bisect_left(cells, top, key=attrgetter("y")) : bisect_left(cells, bottom, key=attrgetter("y"))]
        return [cell for cell in lines if cell.y + cell.height <= bottom]

    def _cell_at(self, position: tuple[int, int]) -> Cell | None:
        if not self._scroll.view.collidepoint(position):
            return None
        cells = (cell for cell in self._in_sight() if cell.node is not None)
        return next((cell for cell in cells if self._on_screen(cell).collidepoint(position)), None)

    def draw(self, canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
        """Draw what is in sight."""
        study, notation, theme = scene.analysis.study, scene.settings.notation, canvas.theme
        width = rect.width - canvas.px(8)
        # Rows a little higher or lower than usual fill the box to its end.
        row = rect.height // max(round(rect.height / canvas.px(ROW)), 1)
        judged = {n.ply: GLYPHS[n.judgement] for n in study.notes.values() if n.judgement}
        branches = tuple(id(node) for node in study.current.path() if node.starts_variation())
        key = (
            id(study),
            study.revision,
            study.folding.revision,
            notation,
            width,
            row,
            canvas.scale,
            tuple(sorted(judged.items())),
            branches,
        )
        if key != self._key:
            nodes = study.main_line
            glyphs = {node: judged.get(ply, "") for ply, node in enumerate(nodes, 1)}
            self._layout, self._key = lay_out(canvas, study, notation, width, row, glyphs), key
        self._scroll.lay_out(canvas, rect, self._layout.height)
        self._follow(scene)
        if not self._layout.cells:
            words = "drill_moves" if scene.analysis.is_drilling else "no_moves"
            canvas.text(canvas.texts(words), rect, 14, theme.muted, align="center")
            return
        hidden = self._hidden(scene)
        clip = canvas.surface.get_clip()
        canvas.surface.set_clip(rect)
        # Below the first hidden move, numbers and comments would tell of what is to come.
        end = min((cell.y for cell in self._layout.cells if cell.node in hidden), default=self._layout.height)
        for cell in self._in_sight():
            if cell.node not in hidden and cell.y <= end:
                self._draw_cell(canvas, self._on_screen(cell), cell, study.current)
        canvas.surface.set_clip(clip)
        self._scroll.draw_thumb(canvas)

    def _follow(self, scene: Scene) -> None:
        """Bring the shown move into sight whenever it, or the room, changes."""
        study, view = scene.analysis.study, self._scroll.view
        now = (id(study), id(study.current), self._layout.height, view.size)
        if now == self._followed:
            return
        self._followed = now
        cell = next((cell for cell in self._layout.cells if cell.node is study.current and cell.folds is None), None)
        if cell is None:
            self._scroll.to(0)
        else:
            margin = min(cell.height, max((view.height - cell.height) // 2, 0))
            self._scroll.reveal(cell.y - margin, cell.y + cell.height + margin)

    @staticmethod
    def _hidden(scene: Scene) -> set[GameNode]:
        """The moves that are to be guessed."""
        if scene.analysis.guessing is None:
            return set()
        waiting, hidden = list(scene.analysis.study.current.variations), set()
        while waiting:
            node = waiting.pop()
            hidden.add(node)
            waiting += node.variations
        return hidden

    def _draw_cell(self, canvas: Canvas, place: pygame.Rect, cell: Cell, current: GameNode) -> None:
        theme = canvas.theme
        if cell.node is None:
            if cell.is_main or cell.x:
                inner = place.move(canvas.px(8), 0) if cell.is_main else place
                canvas.text(cell.text, inner, TEXT_SIZE, theme.muted)
            else:
                canvas.text(cell.text, place, 12.5, theme.muted, align="right")
            return
        shown = cell.node is current and cell.folds is None
        box = place.inflate(0, -canvas.px(3))
        if shown:
            canvas.box(box, theme.accent, theme.accent, 5)
        elif cell is self._hovered:
            canvas.box(box, theme.hover, theme.hover, 5)
        ink = theme.on_accent if shown else theme.text if cell.is_main else mix(theme.text, theme.muted, 0.35)
        if not shown and cell.text.endswith("?"):
            ink = theme.danger
        left = canvas.px(8 if cell.is_main else 3)
        inner = pygame.Rect(place.x + left, place.y, place.width - left, place.height)
        size = 15 if cell.is_main else TEXT_SIZE
        canvas.text(cell.text, inner, size, ink, face="bold" if shown and cell.is_main else "regular")
