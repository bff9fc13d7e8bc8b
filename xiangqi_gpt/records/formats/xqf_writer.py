"""XQF out, in version 1.0: the last one that is not enciphered, which every program reads."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from xiangqi_gpt.files import atomic_write
from xiangqi_gpt.rules import parse_fen

from ..errors import CorpusError
from ..game import Game
from .move_tree import walk
from .piece_list import piece_list_of
from .xqf import (
    HEADER_SIZE,
    PIECES_AT,
    PLAIN_VERSION,
    RESULT_AT,
    RESULTS,
    SIGNATURE,
    SOURCE_OFFSET,
    TAGS,
    TARGET_OFFSET,
    TURN_AT,
)

_CAPTURED = 255
_GOES_ON, _HAS_OTHER = 0xF0, 0x0F


def write_xqf(games: Iterable[Game], path: str | Path) -> int:
    """Write a game into a file, which appears whole or not at all; returns 1.

    Tags too long for their field of the header are cut. Raises ``CorpusError`` for no game and for more than one.
    """
    games = iter(games)
    game = next(games, None)
    if game is None:
        raise CorpusError(f"no games to write to {path}")
    if next(games, None) is not None:
        how = "xiangqi-gpt records export FILE --out FOLDER --each xqf writes each into its own"
        raise CorpusError(f"XQF holds one game, there are more to write to {path}: {how}")
    with atomic_write(path) as unfinished:
        unfinished.write_bytes(format_xqf(game))
    return 1


def format_xqf(game: Game) -> bytes:
    """A game as XQF."""
    root = parse_fen(game.root, lenient=True)
    header = bytearray(HEADER_SIZE)
    header[:3] = (*SIGNATURE, PLAIN_VERSION)
    header[PIECES_AT : PIECES_AT + 32] = (_CAPTURED if sq is None else _number(sq) for sq in piece_list_of(root))
    header[TURN_AT] = root.turn
    header[RESULT_AT] = RESULTS.index(game.result)
    for tag, (at, size) in TAGS.items():
        text = _cut(game.tags.get(tag, ""), size - 1)
        header[at : at + 1 + len(text)] = bytes([len(text)]) + text
    body = [_node(SOURCE_OFFSET, TARGET_OFFSET, 0 if game.is_end() else _GOES_ON, game.comment)]
    for node in walk(game):
        flags = (_GOES_ON if node.goes_on else 0) | (_HAS_OTHER if node.has_other else 0)
        source, target = _number(node.move.from_square), _number(node.move.to_square)
        body.append(_node(source + SOURCE_OFFSET, target + TARGET_OFFSET, flags, node.comment))
    return bytes(header) + b"".join(body)


def _node(source: int, target: int, flags: int, comment: str) -> bytes:
    text = comment.replace("\n", "\r\n").encode("gb18030", errors="replace")
    return bytes([source, target, flags, 0]) + len(text).to_bytes(4, "little") + text


def _number(sq: int) -> int:
    return sq % 9 * 10 + sq // 9


def _cut(text: str, size: int) -> bytes:
    """As many characters of a text as fit into ``size`` bytes."""
    while len(raw := text.encode("gb18030", errors="replace")) > size:
        text = text[: min(len(text) - 1, size)]
    return raw
