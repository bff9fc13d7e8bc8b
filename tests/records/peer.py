"""Record files as the independent reader ``cchess`` sees them."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest


@dataclass(frozen=True)
class PeerGame:
    """Main line in coordinates, number of lines, and the board and side to move of its FEN."""

    moves: list[str]
    lines: int
    root: list[str]
    title: str


def read_by_peer(path: Path) -> list[PeerGame]:
    """The games that the peer finds in a file; the test is skipped without the peer."""
    cchess = pytest.importorskip("cchess")
    # Copies, checks and legality take the peer nearly all its time; the rules have tests against others of their own.
    quick = {
        "copy": _copy,
        "is_checking": lambda board: False,
        "is_valid_move": lambda board, *squares: True,
    }
    with contextlib.redirect_stdout(io.StringIO()), mock.patch.multiple(cchess.ChessBoard, **quick):
        if path.suffix == ".cbl":
            games = cchess.Game.read_from_lib(str(path))["games"]
        else:
            games = [cchess.Game.read_from(str(path))]
        return [_convert(game) for game in games]


def _copy(board: Any) -> Any:
    other = object.__new__(type(board))
    other._board = [list(rank) for rank in board._board]
    other.move_player = type(board.move_player)(board.move_player.color)
    return other


def _convert(game: Any) -> PeerGame:
    lines = game.dump_iccs_moves()
    return PeerGame(
        lines[0] if lines else [], len(lines), game.init_board.to_fen().split()[:2], game.info.get("title", "")
    )
