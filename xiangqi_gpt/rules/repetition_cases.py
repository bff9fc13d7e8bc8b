"""Repetition cases with known verdicts, one JSON object a line, and how far our verdicts agree with them.

A case is ``fen``, ``moves`` (coordinates), ``game_end`` (does the game end there?) and ``side_to_move_result``
(``win``, ``draw``, ``loss``, or null where only the end of the game is known); ``note`` is optional.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from .board import Board
from .errors import XiangqiError
from .moves import Move

T = TypeVar("T")

_RESULTS = ("win", "draw", "loss", None)


class CaseError(XiangqiError):
    """A file of repetition cases that cannot be read; the text names file, line and what is wrong."""


@dataclass(frozen=True)
class Case:
    """A game, and what others say about its last position."""

    line: int
    note: str
    board: Board
    game_end: bool
    side_to_move_result: str | None

    def verdict(self) -> tuple[bool, str | None]:
        """Our (game_end, side_to_move_result); the result is None while the game goes on."""
        outcome = self.board.outcome()
        if outcome is None:
            return False, None
        if outcome.winner is None:
            return True, "draw"
        return True, "win" if outcome.winner == self.board.turn else "loss"

    def agrees(self) -> bool:
        """Whether our verdict is the case's."""
        game_end, result = self.verdict()
        return game_end == self.game_end and self.side_to_move_result in (None, result)


def read_cases(path: Path) -> Iterator[Case]:
    """The cases of a file. Raises ``CaseError`` for a line that is not one, ``OSError`` for a missing file."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise CaseError(f"{path} is not a text file in UTF-8") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield _read_case(number, line)
            except ValueError as error:
                raise CaseError(f"{path}, line {number}: {error}") from error


def _read_case(number: int, line: str) -> Case:
    fields = json.loads(line)
    if not isinstance(fields, dict):
        raise ValueError(f"expected an object with fen and moves, found {line.strip()[:40]!r}")
    board = Board(_field(fields, "fen", str), lenient=True)
    for ply, text in enumerate(_field(fields, "moves", list), start=1):
        try:
            move = Move.from_iccs(str(text))
            board.check_legal(move)
        except XiangqiError as error:
            raise ValueError(f"ply {ply}: {error}") from error
        board.push(move)
    result = fields.get("side_to_move_result")
    if result not in _RESULTS:
        raise ValueError(f"side_to_move_result is win, draw, loss or null, not {result!r}")
    return Case(number, str(fields.get("note", "")), board, _field(fields, "game_end", bool), result)


def _field(fields: dict[str, Any], name: str, kind: type[T]) -> T:
    value = fields.get(name)
    if not isinstance(value, kind):
        raise ValueError(f"{name} should be a {kind.__name__}, found {value!r}")
    return value
