"""CBR, a single game of CCBridge, which is also what its libraries (CBL) are made of.

A header of fixed fields with texts in UTF-16, the 90 squares, then the moves, depth first: four bytes (flags, unused,
source, target) and, where the flags say so, the length of a comment and the comment. The first entry is no move: its
comment belongs to the start position. Gaps between the fields hold whatever was in the writer's memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules import BLACK, RED, XiangqiError
from xiangqi_gpt.rules.pieces import (
    ADVISOR,
    BISHOP,
    CANNON,
    KING,
    KNIGHT,
    PAWN,
    RANKS,
    ROOK,
    SQUARES,
    square,
)

from ..errors import CorpusError, OnIllegal, RecordError, check_on_illegal
from ..game import Game
from ..results import BLACK_WON, DRAWN, RED_WON, UNKNOWN
from .move_tree import TreeBuilder, tidy
from .piece_list import position_to_move
from .reader_common import check_has_moves, handle_broken_game, read_whole

RECORD: Final = b"CCBridge Record\0"
_VERSION_AT: Final = 19
_RESULTS: Final = (UNKNOWN, RED_WON, BLACK_WON, DRAWN)
_PIECES: Final = (0, ROOK, KNIGHT, BISHOP, ADVISOR, KING, CANNON, PAWN)
_LINE_ENDS, _HAS_OTHER, _HAS_COMMENT = 1, 2, 4


@dataclass(frozen=True)
class _Layout:
    """Where a version keeps things; texts are tag -> place and size in bytes."""

    texts: dict[str, tuple[int, int]]
    result: int
    turn: int
    board: int
    moves: int
    packed_squares: bool  # a square as a nibble for the file and one for the row, not as a number below 90


_NEW: Final = _Layout(
    texts={
        "Title": (180, 128),
        "Event": (692, 64),
        "Round": (756, 64),
        "Date": (884, 64),
        "Site": (948, 64),
        "TimeControl": (1012, 64),
        "Red": (1076, 64),
        "RedTeam": (1140, 64),
        "RedTime": (1204, 64),
        "RedElo": (1268, 32),
        "Black": (1300, 64),
        "BlackTeam": (1364, 64),
        "BlackTime": (1428, 64),
        "BlackElo": (1492, 32),
        "Annotator": (1652, 64),
        "Author": (1780, 64),
    },
    result=2076,
    turn=2112,
    board=2120,
    moves=2214,
    packed_squares=False,
)
_OLD: Final = _Layout(
    texts={
        "Title": (52, 128),
        "Event": (564, 64),
        "Round": (628, 64),
        "Date": (756, 64),
        "Site": (820, 64),
        "TimeControl": (884, 64),
        "Red": (948, 64),
        "RedTeam": (1012, 64),
        "RedTime": (1076, 64),
        "RedElo": (1140, 32),
        "Black": (1172, 64),
        "BlackTeam": (1236, 64),
        "BlackTime": (1300, 64),
        "BlackElo": (1364, 32),
        "Annotator": (1396, 64),
        "Author": (1524, 64),
    },
    result=1820,
    turn=1856,
    board=1864,
    moves=1958,
    packed_squares=True,
)
_LAYOUTS: Final = {1: _OLD, 2: _NEW, 3: _NEW}


def read_cbr(
    path: str | Path, *, on_illegal: OnIllegal = "fail", problems: list[RecordError] | None = None
) -> Iterator[Game]:
    """The game of a CBR file; arguments and errors as in ``read_pgn``."""
    check_on_illegal(on_illegal)
    raw = read_whole(path, "CBR")
    if not raw.startswith(RECORD):
        raise CorpusError(f"{path} is not CBR: it does not start with 'CCBridge Record'", code="record_none")
    game, errors = read_record(raw)
    if game is None:
        raise CorpusError(f"{path} holds no moves", code="record_none")
    check_has_moves(game, errors, path)
    if handle_broken_game(game, errors, on_illegal, problems, path=str(path), number=1):
        yield game


def read_record(raw: bytes) -> tuple[Game | None, list[RecordError]]:
    """The game of a record, and what is wrong with it; what follows the last move is not looked at.

    None for a record without pieces and moves: such are the headings in a library.
    """
    version = raw[_VERSION_AT] if len(raw) > _VERSION_AT else 0
    layout = _LAYOUTS.get(version)
    if layout is None:
        return Game(), [RecordError(f"a record of version {version}, known are {', '.join(map(str, _LAYOUTS))}")]
    if len(raw) < layout.moves:
        return Game(), [RecordError(f"the record ends inside its header: {len(raw)} bytes, expected {layout.moves}")]
    texts = {tag: _text(raw[at : at + size]) for tag, (at, size) in layout.texts.items()}
    game = Game(tags={tag: text for tag, text in texts.items() if text})
    result = raw[layout.result]
    game.result = _RESULTS[result] if result < len(_RESULTS) else UNKNOWN
    moves = _moves(raw, layout)
    tree: TreeBuilder | None = None
    try:
        game.comment = tidy(next(moves)[3])
        move = next(moves, None)
        squares = _squares(raw[layout.board : layout.board + SQUARES])
        if move is None and not squares.any():
            return None, []
        turn = BLACK if raw[layout.turn] == 2 else RED
        root = position_to_move(squares, turn, move[1] if move else None)
        tree = TreeBuilder(game, root)
        while move is not None:
            tree.add(*move)
            move = next(moves, None)
    except RecordError as error:
        if tree is None:
            return game, [error]
        tree.fail(error.reason, error.ply)
    except XiangqiError as error:
        return game, [RecordError(error)]
    return game, tree.errors


def _text(raw: bytes) -> str:
    """A text that ends at a zero; the rest of its field is not cleared."""
    return tidy(raw.decode("utf-16-le", errors="replace").partition("\0")[0])


def _squares(raw: bytes) -> npt.NDArray[np.int8]:
    """The board; a byte is 16 for Red or 32 for Black and the piece, Black's rank first."""
    squares = np.zeros(SQUARES, np.int8)
    for n, byte in enumerate(raw):
        color, piece = byte >> 4, byte & 15
        if byte and (color not in (1, 2) or not 1 <= piece < len(_PIECES)):
            raise RecordError(f"{byte:#04x} on the board is no piece")
        if byte:
            squares[_from_top(n)] = _PIECES[piece] + 7 * (color - 1)
    return squares


def _from_top(number: int) -> int:
    """Square of its number counted from Black's left corner, -1 for none."""
    return square(number % 9, RANKS - 1 - number // 9) if number < SQUARES else -1


def _from_nibbles(byte: int) -> int:
    file, row = byte >> 4, byte & 15
    return square(file, RANKS - 1 - row) if file < 9 and row < RANKS else -1


def _moves(raw: bytes, layout: _Layout) -> Iterator[tuple[int, int, int, str]]:
    """Depth, source, target and comment of each entry, the one before the first move first."""
    at, depth = layout.moves, -1
    open_at: list[int] = []  # depths at which an alternative is still to come
    find = _from_nibbles if layout.packed_squares else _from_top
    while True:
        if len(raw) < at + 4:
            raise RecordError("the record ends before its last move", ply=max(depth, 0) + 1)
        flags, _, source, target = raw[at : at + 4]
        at += 4
        if depth < 0 and source != target:  # a record without the entry before the first move
            depth = 0
            yield -1, -1, -1, ""
        comment = ""
        if flags & _HAS_COMMENT:
            size = int.from_bytes(raw[at : at + 4], "little")
            at += 4
            if at + size > len(raw):
                raise RecordError(
                    f"a comment of {size} bytes, the record has {max(len(raw) - at, 0)} more", ply=max(depth, 0) + 1
                )
            comment = raw[at : at + size].decode("utf-16-le", errors="replace")
            at += size
        yield depth, find(source), find(target), comment
        if flags & _HAS_OTHER and depth >= 0:
            open_at.append(depth)
        if not flags & _LINE_ENDS:
            depth += 1
        elif not open_at:
            return
        else:
            depth = open_at.pop()
