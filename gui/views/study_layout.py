"""Where the moves of a study are written: the game in two columns, variations and comments as text below their move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import takewhile
from typing import Final

from xiangqi_gpt.records.board_marks import text_of
from xiangqi_gpt.records.game_node import GameNode
from xiangqi_gpt.rules import RED, Board

from ..state.study import Study
from ..widgets.canvas import Canvas

ROW: Final = 27
TEXT_ROW: Final = 21
TEXT_SIZE: Final = 13.5
NUMBER: Final = 40
_INDENT: Final = 12
_FOLD, _UNFOLD = "–", "+"  # signs that fold and unfold a variation
_DEEPEST: Final = 4  # indents of variations inside variations
#: Glyphs of moves by number, as records hold them.
NAGS: Final = {1: "!", 2: "?", 3: "!!", 4: "??", 5: "!?", 6: "?!"}


@dataclass(frozen=True)
class Cell:
    """A word at a place, in pixels from the top left of the list; a move's word knows its position.

    A sign that folds (``folds`` True) or unfolds (False) a variation knows the variation's first position.
    """

    x: int
    y: int
    width: int
    height: int
    text: str
    node: GameNode | None = None
    is_main: bool = False
    folds: bool | None = None


@dataclass
class StudyLayout:
    """All words, and the height of it all in pixels."""

    cells: list[Cell] = field(default_factory=list)
    height: int = 0


def lay_out(
    canvas: Canvas, study: Study, notation: str, width: int, row: int, glyphs: Mapping[GameNode, str]
) -> StudyLayout:
    """The words of a study for a list of some width, in pixels; ``glyphs`` follow moves of the game.

    ``row`` is the height of a line of the game.
    """
    return _Writer(canvas, study, notation, width, row, glyphs).write()


@dataclass(frozen=True)
class _Others:
    """What else could be played from the position on a board, after so many plies, inside so many lines."""

    nodes: Sequence[GameNode]
    board: Board
    ply: int
    depth: int


class _Writer:
    """Writes cell after cell. Folded variations stand side by side, each as its first move."""

    def __init__(
        self, canvas: Canvas, study: Study, notation: str, width: int, row: int, glyphs: Mapping[GameNode, str]
    ) -> None:
        self._canvas, self._study, self._notation = canvas, study, notation
        self._width, self._row, self._glyphs = width, row, glyphs
        self._offset = int(study.first_turn != RED)
        self._layout = StudyLayout()
        self._y = 0
        self._x = 0
        self._left = 0

    def write(self) -> StudyLayout:
        study, board = self._study, self._study.start_board()
        self._paragraph(study.root.comment, 0)
        row_open = False
        nodes = study.main_line
        for ply, node in enumerate(nodes):
            half = (ply + self._offset) % 2
            if half == 0 or not row_open:
                self._number(study.first_number + (ply + self._offset) // 2)
                if half:
                    self._cell(0, "…", None)
            self._cell(half, self._word(node, board), node)
            row_open = half == 0
            assert node.parent is not None and node.move is not None
            others = node.parent.variations[1:]
            if text_of(node.comment) or others or half == 1 or ply + 1 == len(nodes):
                self._y += self._row
                row_open = False
            self._paragraph(node.comment, 0)
            self._variations(others, board, ply, 1)
            board.push(node.move)
        self._layout.height = self._y
        return self._layout

    def _number(self, number: int) -> None:
        px = self._canvas.px
        self._layout.cells.append(Cell(0, self._y, px(NUMBER - 10), self._row, f"{number}"))

    def _cell(self, half: int, text: str, node: GameNode | None) -> None:
        px = self._canvas.px
        column = (self._width - px(NUMBER)) // 2
        x = px(NUMBER) + half * column
        self._layout.cells.append(Cell(x, self._y, column - px(4), self._row, text, node, is_main=True))

    def _word(self, node: GameNode, board: Board) -> str:
        written = next((NAGS[nag] for nag in node.nags if nag in NAGS), "") if node.has_nags else ""
        return self._study.name(node, board, self._notation) + (written or self._glyphs.get(node, ""))

    def _numbered(self, word: str, ply: int) -> str:
        number = self._study.first_number + (ply + self._offset) // 2
        return f"{number}{'.' if (ply + self._offset) % 2 == 0 else '...'} {word}"

    # --- running text

    def _begin(self, depth: int) -> None:
        self._left = self._canvas.px(NUMBER - 10 + _INDENT * min(depth, _DEEPEST))
        self._x = self._left

    def _end(self) -> None:
        self._y += self._canvas.px(TEXT_ROW)

    def _put(self, text: str, node: GameNode | None = None, *, folds: bool | None = None, following: str = "") -> None:
        """Write a word, on the next line where it has no room, or what is ``following`` would not stay beside it."""
        px = self._canvas.px
        width = self._canvas.text_width(text, TEXT_SIZE) + (px(6) if node is not None else 0)
        more = self._canvas.text_width(following, TEXT_SIZE) + px(7) if following else 0
        if self._x > self._left and self._x + width + more > self._width - px(6):
            self._end()
            self._x = self._left
        room = self._width - px(6) - self._left
        self._layout.cells.append(Cell(self._x, self._y, min(width, room), px(TEXT_ROW), text, node, folds=folds))
        self._x += width + px(4 if node is None else 1)

    def _paragraph(self, comment: str, depth: int) -> None:
        comment = text_of(comment)
        if not comment:
            return
        self._begin(depth)
        pixels, room = self._canvas.px(TEXT_SIZE), self._width - self._canvas.px(6) - self._left
        for paragraph in comment.splitlines():
            for line in self._canvas.fonts.wrap(paragraph, "regular", pixels, room):
                self._x = self._left
                self._put(line)
                self._end()
        self._y += self._canvas.px(2)

    def _variations(self, others: Sequence[GameNode], board: Board, ply: int, depth: int) -> None:
        """What else could be played from the position on a board, and then inside that."""
        waiting = [_Others(others, board, ply, depth)]
        while waiting:
            here = waiting.pop()
            is_folded = partial(self._study.is_folded, depth=here.depth)
            folded = list(takewhile(is_folded, here.nodes))
            if folded:
                self._begin(here.depth)
                for other in folded:
                    word = self._numbered(f"{self._word(other, here.board)} …", here.ply)
                    self._put(_UNFOLD, other, folds=False, following=word)
                    self._put(word, other)
                self._end()
            if rest := here.nodes[len(folded) :]:
                inner = self._variation(rest[0], here.board.copy(), here.ply, here.depth)
                waiting += [replace(here, nodes=rest[1:]), *reversed(inner)]

    def _variation(self, first: GameNode, board: Board, ply: int, depth: int) -> list[_Others]:
        """One variation from the position on a board, as running text; return what could be played inside it."""
        if first.starting_comment:
            self._paragraph(first.starting_comment, depth)
        self._begin(depth)
        if not first.is_end():
            self._put(_FOLD, first, folds=True)
        inner: list[_Others] = []
        number_due, line_open = True, False
        for at, node in enumerate([first, *first.mainline()], ply):
            assert node.parent is not None and node.move is not None
            word = self._word(node, board)
            self._put(self._numbered(word, at) if number_due or (at + self._offset) % 2 == 0 else word, node)
            number_due, line_open = False, True
            if node is not first and (beside := node.parent.variations[1:]):
                inner.append(_Others(beside, board.copy(), at, depth + 1))
            board.push(node.move)
            if text_of(node.comment):
                self._end()
                self._paragraph(node.comment, depth)
                self._begin(depth)
                number_due, line_open = True, False
        if line_open:
            self._end()
        return inner
