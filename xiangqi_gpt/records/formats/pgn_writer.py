"""PGN: write games with moves in coordinates, Chinese or WXF, with comments and variations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Final, Literal, get_args

from xiangqi_gpt.rules import RED, START_FEN, Board, Move, to_chinese, to_wxf

from ..errors import CorpusError
from ..game import Game
from ..game_node import GameNode, Step
from .text_writer import write_text

Notation = Literal["iccs", "chinese", "traditional", "wxf"]

_WRITERS: Final[dict[str, tuple[str, Callable[[Board, Move], str]]]] = {
    "iccs": ("ICCS", lambda board, move: move.iccs()),
    "chinese": ("Chinese", to_chinese),
    "traditional": ("Chinese", lambda board, move: to_chinese(board, move, traditional=True)),
    "wxf": ("WXF", to_wxf),
}
_FIRST_TAGS: Final = ("Event", "Site", "Date", "Round", "RedTeam", "Red", "BlackTeam", "Black")
_TAG_NAME: Final = re.compile(r"[A-Za-z]\w*\Z", re.ASCII)
#: What a reader would take for the end of a comment in braces: a closing brace, or the tags of the next game.
_NOT_IN_BRACES: Final = re.compile(r"\}|^\s*\[\s*[A-Za-z]\w*\s+[\"']", re.MULTILINE)


def write_pgn(games: Iterable[Game], path: str | Path | IO[str], *, notation: Notation = "iccs") -> int:
    """Write games into one UTF-8 file, which appears whole or not at all, and return how many there were.

    An open text file is written on, and stays open.

    ``notation`` is ``"iccs"``, ``"chinese"`` (simplified), ``"traditional"`` or ``"wxf"``. Raises ``CorpusError`` when
    there is no game.
    """
    if isinstance(path, str | Path):
        return write_text(games, path, partial(format_pgn, notation=notation), between="\n")
    count = 0
    for count, game in enumerate(games, 1):
        path.write("\n" * (count > 1) + format_pgn(game, notation=notation))
    if not count:
        raise CorpusError("no games to write")
    return count


def format_pgn(game: Game, *, notation: Notation = "iccs") -> str:
    """One game as PGN, ending in a line break."""
    if notation not in _WRITERS:
        raise CorpusError(f"unknown notation {notation!r}; there are {', '.join(get_args(Notation))}")
    name, write_move = _WRITERS[notation]
    tags = {"Game": "Chinese Chess", "Red": "?", "Black": "?"} | game.tags
    order = ["Game", *(tag for tag in _FIRST_TAGS if tag in tags), "Result"]
    order += [tag for tag in tags if tag not in order and _TAG_NAME.match(tag)]
    if game.root != START_FEN:
        order.append("FEN")
    tags |= {"Result": game.result, "FEN": game.root, "Format": name}
    header = "".join(f'[{tag} "{_escape(tags[tag])}"]\n' for tag in [*order, "Format"])
    text = _Text()
    _write_moves(game, write_move, text)
    text.end_line()
    text.word(game.result)
    text.end_line()
    return f"{header}\n{text}"


def _escape(value: str) -> str:
    return re.sub(r"\s*[\r\n]+\s*", " ", value).replace("\\", "\\\\").replace('"', '\\"')


class _Text:
    """Words joined by spaces into lines."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def word(self, text: str) -> None:
        at_start = not self._parts or self._parts[-1][-1] in "(\n"
        self._parts.append(text if at_start or text == ")" else f" {text}")

    def end_line(self) -> None:
        if self._parts and self._parts[-1][-1] != "\n":
            self._parts.append("\n")

    def comment(self, text: str) -> None:
        if not _NOT_IN_BRACES.search(text):
            self.word(f"{{{text}}}")
            return
        self.end_line()
        self._parts += [f";{line}\n" for line in text.split("\n")]

    def __str__(self) -> str:
        return "".join(self._parts)


def _write_moves(game: Game, write_move: Callable[[Board, Move], str], out: _Text) -> None:
    """Write the moves of a game; a variation stands behind the move that it replaces."""
    board = game.board()
    if game.comment:
        out.comment(game.comment)
    lines = [_OpenLine(game.steps())]  # from the main line inwards
    while lines:
        line = lines[-1]
        if line.others:
            first = line.others.pop()
            out.word("(")
            if first.starting_comment:
                out.comment(first.starting_comment)
            lines.append(_OpenLine(_variation_steps(first)))
        elif line.ended:
            for _ in range(line.played):
                board.pop()
            if len(lines) > 1:
                out.word(")")
            lines.pop()
        else:
            _write_on(line, board, write_move, out, is_main=len(lines) == 1)


@dataclass(slots=True)
class _OpenLine:
    """A line that is being written: what is left of it, what could be played instead of its last move, last first.

    That move is on the board only when the others have been written.
    """

    steps: Iterator[Step]
    others: list[GameNode] = field(default_factory=list)
    last: Move | None = None
    played: int = 0
    is_number_due: bool = True
    ended: bool = False


def _variation_steps(first: GameNode) -> Iterator[Step]:
    assert first.move is not None
    yield first.move, first, ()
    yield from first.steps()


def _write_on(
    line: _OpenLine, board: Board, write_move: Callable[[Board, Move], str], out: _Text, *, is_main: bool
) -> None:
    """Write a line as far as the next move that something could be played instead of, or to its end."""
    if line.last is not None:
        board.push(line.last)
    number_due = line.is_number_due
    for move, node, others in line.steps:
        if board.turn == RED:
            if is_main:
                out.end_line()
            out.word(f"{board.fullmove_number}.")
        elif number_due:
            out.word(f"{board.fullmove_number}...")
        out.word(write_move(board, move))
        line.played += 1
        number_due = False
        if node is not None:
            if node.has_nags:
                for nag in node.nags:
                    out.word(f"${nag}")
            if node.comment:
                out.comment(node.comment)
                number_due = True
            if others:
                line.others, line.last, line.is_number_due = list(reversed(others)), move, True
                return
        board.push(move)
    line.ended = True
