"""The mistakes of an analysed game, the gravest first: what was better and what refutes them, each a click away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pygame

from xiangqi_gpt.rules import BLACK, RED, Board, Move

from ..state.commands import Command
from ..state.intents import ChangeSetting, Intent, PlayLine, ShowGamePly
from ..state.move_notes import GLYPHS, MoveNote
from ..state.notation import move_text
from ..state.own_side import own_name, own_side
from ..state.scene import Scene
from ..state.study import Study
from ..widgets.canvas import Canvas
from ..widgets.controls import Button, Segments
from ..widgets.scrolling import Scroll

_LINE: Final = 23
_GAP: Final = 8
_HEAD: Final = 2  # lines about the two sides
_MOST_MOVES: Final = 5  # of a line


@dataclass(frozen=True)
class _Row:
    """A line of text, at a height from the top of the list, and what a click on it does."""

    y: int
    text: str
    intent: Intent
    kind: str  # "move", "better" or "refuted"
    note: str = ""
    waits: bool = False  #: the model's glance says so, and the search has not looked at it yet


class MistakesView:
    """Knows how far it is scrolled and which line the pointer is on."""

    def __init__(self) -> None:
        self._scroll = Scroll()
        self._rows: list[_Row] = []
        self._key: object = None
        self._hovered: _Row | None = None
        self.drill = Button()
        self.sides = Segments(["", "", ""])
        self._names = ("", "", "")  # what each of them is remembered as

    def hide(self) -> None:
        """Be nowhere, so that no click is taken."""
        self._scroll.view = self.drill.rect = self.sides.rect = pygame.Rect(0, 0, 0, 0)

    def handle(self, event: pygame.Event) -> tuple[Intent | None, bool]:
        """(what the person wants, whether the list looks different now)."""
        hovered = self.drill.hovered, self.sides.hovered
        if self.sides.rect.width and self.sides.handle(event):
            return ChangeSetting("own", self._names[self.sides.chosen]), True
        if self.drill.rect.width and self.drill.handle(event):
            return Command.DRILL, True
        taken, scrolled = self._scroll.handle(event)
        if taken:
            return None, scrolled
        if event.type == pygame.MOUSEMOTION:
            before, self._hovered = self._hovered, self._at(event.pos)
            return None, before != self._hovered or hovered != (self.drill.hovered, self.sides.hovered)
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == 1 and (row := self._at(event.pos)) is not None:
            return row.intent, True
        return None, False

    def place_of(self, kind: str, index: int = 0) -> pygame.Rect | None:
        """Return where the line of a kind of a mistake, counted from 0, is on the screen."""
        rows = [row for row in self._rows if row.kind == kind]
        return self._place(rows[index]) if index < len(rows) else None

    def _place(self, row: _Row) -> pygame.Rect:
        view = self._scroll.view
        return pygame.Rect(view.x, view.y + row.y - self._scroll.offset, view.width, self._line)

    def _at(self, position: tuple[int, int]) -> _Row | None:
        if not self._scroll.view.collidepoint(position):
            return None
        return next((row for row in self._rows if self._place(row).collidepoint(position)), None)

    def draw(self, canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
        """Draw the accuracy of both sides, and below it the mistakes."""
        self._line = canvas.px(_LINE)
        study, theme = scene.analysis.study, canvas.theme
        self.drill.rect = self.sides.rect = pygame.Rect(0, 0, 0, 0)
        if scene.analysis.is_hidden:
            self._say(canvas, rect, canvas.texts("mistakes_hidden"))
            return
        for n, side in enumerate((RED, BLACK)):
            line = pygame.Rect(rect.x, rect.y + n * self._line, rect.width, self._line)
            self._draw_side(canvas, line, study, side)
        own = own_side(study, scene.settings.own)
        self._draw_drill(canvas, rect, study, own)
        below = pygame.Rect(rect.x, self.drill.rect.bottom + canvas.px(6), rect.width, 0)
        below.height = max(rect.bottom - below.y, 0)
        mistakes, is_going_on = study.mistakes(own), scene.analysis.progress is not None
        key = (
            id(study),
            tuple((note.ply, note.loss, note.variation, note.refutation, note.nodes) for note in mistakes),
            is_going_on,
            scene.settings.notation,
            canvas.texts.language,
            self._line,
        )
        if key != self._key:
            self._rows, self._key = self._lay_out(canvas, study, mistakes, scene.settings.notation, is_going_on), key
        height = self._rows[-1].y + self._line if self._rows else 0
        self._scroll.lay_out(canvas, below, height)
        if not mistakes:
            waiting = scene.analysis.progress is not None or not study.notes
            self._say(canvas, below, canvas.texts("mistakes_wait" if waiting else "no_mistakes_yet"))
            return
        clip = canvas.surface.get_clip()
        canvas.surface.set_clip(below)
        for row in self._rows:
            place = self._place(row)
            if place.bottom < below.top or place.top > below.bottom:
                continue
            if row == self._hovered:
                canvas.box(place, theme.hover, theme.hover, 5)
            ink = theme.danger if row.kind == "move" else theme.accent if row.kind == "better" else theme.text
            ink = theme.muted if row.waits else ink
            indent = canvas.px(6 if row.kind == "move" else 18)
            inner = pygame.Rect(place.x + indent, place.y, place.width - indent - canvas.px(8), place.height)
            room = canvas.text_width(row.note, 12.5) + canvas.px(8) if row.note else 0
            words = pygame.Rect(inner.x, inner.y, inner.width - room, inner.height)
            canvas.text(
                row.text, words, 14 if row.kind == "move" else 13, ink, face="bold" if row.kind == "move" else "regular"
            )
            canvas.text(row.note, inner, 12.5, theme.muted, align="right")
            if row.note:
                place = pygame.Rect(inner.right - room, inner.y, room, inner.height).clip(below)
                canvas.explain(place, canvas.texts("score_about_mover"))
        canvas.surface.set_clip(clip)
        self._scroll.draw_thumb(canvas)

    def _draw_drill(self, canvas: Canvas, rect: pygame.Rect, study: Study, side: int | None) -> None:
        """Draw whose mistakes are listed and the button that tries them again."""
        top, height = rect.y + _HEAD * self._line + canvas.px(2), canvas.px(28)
        self.sides.options = [canvas.texts("both_sides"), canvas.texts.side(RED), canvas.texts.side(BLACK)]
        self.sides.chosen = 0 if side is None else 1 + side
        self._names = (own_name(study, None), own_name(study, RED), own_name(study, BLACK))
        self.sides.rect = pygame.Rect(rect.x, top, rect.width // 2, height)
        self.sides.draw(canvas, 13)
        self.drill.label = canvas.texts("drill_title")
        left = self.sides.rect.right + canvas.px(8)
        self.drill.rect = pygame.Rect(left, top, rect.right - left, height)
        self.drill.draw(canvas)

    @staticmethod
    def _say(canvas: Canvas, rect: pygame.Rect, text: str) -> None:
        canvas.text(text, rect, 13.5, canvas.theme.muted, align="center")

    @staticmethod
    def _draw_side(canvas: Canvas, rect: pygame.Rect, study: Study, side: int) -> None:
        texts, theme = canvas.texts, canvas.theme
        accuracy, counts = study.accuracy(side), study.judgements(side)
        said = texts("accuracy", share=f"{accuracy:.0f} %") if accuracy is not None else texts("accuracy_none")
        canvas.text(texts("per_side", side=texts.side(side), counts=said), rect, 13.5, face="bold")
        marks = "   ".join(f"{GLYPHS[name]} {counts[name]}" for name in GLYPHS)
        canvas.text(marks, rect.inflate(-canvas.px(8), 0), 13, theme.muted, align="right")

    def _lay_out(
        self, canvas: Canvas, study: Study, mistakes: list[MoveNote], notation: str, is_going_on: bool
    ) -> list[_Row]:
        rows, y, texts = [], 0, canvas.texts
        boards = _boards(study, [note.ply - 1 for note in mistakes])
        for note in mistakes:
            board = boards[note.ply - 1]
            name = f"{_number(study, note.ply)} {_line(board, (note.move,), notation)}{GLYPHS[note.judgement]}"
            scores, waits = f"{note.best_score} → {note.score}" if note.score else "", is_going_on and not note.nodes
            rows.append(_Row(y, name, ShowGamePly(note.ply), "move", scores, waits))
            y += self._line
            better = note.variation if note.variation[:1] == (note.best,) else (note.best, *note.variation)
            said = texts("better", move=_line(board, better, notation))
            rows.append(_Row(y, said, PlayLine(note.ply - 1, better), "better", waits=waits))
            y += self._line
            after = board.copy()
            after.push(note.move)
            if refutation := _line(after, note.refutation, notation):
                said = texts("refuted", moves=refutation)
                rows.append(_Row(y, said, PlayLine(note.ply, note.refutation), "refuted"))
                y += self._line
            y += canvas.px(_GAP)
        return rows


def _boards(study: Study, plies: list[int]) -> dict[int, Board]:
    """The positions of the game after some numbers of plies."""
    board, found, wanted = study.start_board(), {}, set(plies)
    for ply, move in enumerate(study.main_moves):
        if ply in wanted:
            found[ply] = board.copy()
        board.push(move)
    return found


def _number(study: Study, ply: int) -> str:
    """The number of the move that leads to a ply, as records have it: ``12.`` for Red, ``12…`` for Black."""
    offset = int(study.first_turn != RED)
    at = ply - 1 + offset
    return f"{study.first_number + at // 2}{'.' if at % 2 == 0 else '…'}"


def _line(board: Board, moves: tuple[Move, ...], notation: str) -> str:
    """The first moves of a line as far as they are legal."""
    board, names = board.copy(), []
    for move in moves[:_MOST_MOVES]:
        if not board.is_legal(move):
            break
        names.append(move_text(board, move, notation))
        board.push(move)
    return " ".join(names)
