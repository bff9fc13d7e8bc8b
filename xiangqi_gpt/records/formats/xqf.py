"""XQF, the format of XQStudio: one game a file, versions 1.0 to 1.8, later ones enciphered.

A header of 1024 bytes holds the squares of the 32 pieces and tags; then follow the moves, depth first: four bytes
(source, target, flags, unused), the length of a comment, the comment. A square is ``10 * file + rank``. From version
1.1 on everything after the header is enciphered with 32 bytes derived from four numbers in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xiangqi_gpt.rules import BLACK, RED, XiangqiError
from xiangqi_gpt.rules.pieces import square

from ..errors import CorpusError, OnIllegal, RecordError, check_on_illegal
from ..game import Game
from ..results import BLACK_WON, DRAWN, RED_WON, UNKNOWN
from .encodings import decode_as, guess_encoding
from .move_tree import TreeBuilder, tidy
from .piece_list import position_from_piece_list
from .reader_common import check_has_moves, handle_broken_game, read_whole

SIGNATURE: Final = b"XQ"
HEADER_SIZE: Final = 1024
PLAIN_VERSION: Final = 10  # the last one that is not enciphered
_NEWEST_VERSION: Final = 18
_ROTATED_VERSION: Final = 12  # from here on the pieces are also listed in another order
PIECES_AT: Final = 16
TURN_AT: Final = 50
RESULT_AT: Final = 51
RESULTS: Final = (UNKNOWN, RED_WON, BLACK_WON, DRAWN)
SOURCE_OFFSET, TARGET_OFFSET = 0x18, 0x20
_CIPHER: Final = b"[(C) Copyright Mr. Dong Shiwei.]"
#: Tag -> place and size of a text in the header: a byte for its length, then the text.
TAGS: Final = {
    "Title": (80, 64),
    "Event": (208, 64),
    "Date": (272, 16),
    "Site": (288, 16),
    "Red": (304, 16),
    "Black": (320, 16),
    "TimeControl": (336, 64),
    "RedTime": (400, 16),
    "BlackTime": (416, 16),
    "Annotator": (464, 16),
    "Author": (480, 16),
}
_ENCODINGS: Final = ("gb18030", "big5hkscs", "utf-8")  # the first is what XQStudio writes
_SAMPLE: Final = 1 << 16  # bytes of text to find the encoding by


def is_xqf(head: bytes) -> bool:
    """Whether a file starts as XQF does: its version, behind the signature, is no letter of a text."""
    return head.startswith(SIGNATURE) and not (len(head) > 2 and chr(head[2]).isprintable())


def read_xqf(
    path: str | Path, *, on_illegal: OnIllegal = "fail", problems: list[RecordError] | None = None
) -> Iterator[Game]:
    """The game of an XQF file; arguments and errors as in ``read_pgn``."""
    check_on_illegal(on_illegal)
    raw = read_whole(path, "XQF")
    if not raw.startswith(SIGNATURE):
        raise CorpusError(f"{path} is not XQF: it starts with {raw[:2]!r}, expected b'XQ'", code="record_none")
    if len(raw) < HEADER_SIZE:
        why = f"{path} ends inside the header: {len(raw)} bytes, expected {HEADER_SIZE} or more"
        raise CorpusError(why, code="record_damaged")
    if raw[2] > _NEWEST_VERSION:
        why = f"{path} is XQF of version {raw[2] / 10:.1f}, known are versions up to 1.8"
        raise CorpusError(why, code="record_version")
    game, errors = _read_game(raw)
    check_has_moves(game, errors, path)
    if handle_broken_game(game, errors, on_illegal, problems, path=str(path), number=1):
        yield game


@dataclass(frozen=True)
class _Node:
    """A move as it is stored, or the node before the first."""

    source: int
    target: int
    depth: int
    comment: bytes


@dataclass(frozen=True)
class _Keys:
    """What was added to the numbers of a file; all zero for a plain one."""

    version: int
    pieces: int = 0
    source: int = 0
    target: int = 0
    comment: int = 0
    body: bytes = bytes(32)

    @classmethod
    def of(cls, raw: bytes) -> _Keys:
        version = raw[2]
        if version <= PLAIN_VERSION:
            return cls(version)
        mask, (total, pieces, source, target) = raw[3], raw[12:16]
        key_pieces = _derive(pieces) * pieces % 256
        key_source = _derive(source) * key_pieces % 256
        key_target = _derive(target) * key_source % 256
        block = [(number & mask) | extra for number, extra in zip(raw[12:16], raw[8:12], strict=True)]
        body = bytes(letter & block[n % 4] for n, letter in enumerate(_CIPHER))
        return cls(version, key_pieces, key_source, key_target, (total * 256 + pieces) % 32000 + 767, body)


def _derive(number: int) -> int:
    return (((number * number * 3 + 9) * 3 + 8) * 2 + 1) * 3 + 8


def _read_game(raw: bytes) -> tuple[Game, list[RecordError]]:
    keys = _Keys.of(raw)
    body = _decipher(raw, keys)
    texts = {tag: raw[at + 1 : at + 1 + min(raw[at], size - 1)] for tag, (at, size) in TAGS.items()}
    encoding = guess_encoding(_sample(texts, body, keys), _ENCODINGS)
    tags = {tag: tidy(decode_as(text.split(b"\0")[0], encoding)) for tag, text in texts.items()}
    game = Game(tags={tag: text for tag, text in tags.items() if text})
    game.result = RESULTS[raw[RESULT_AT]] if raw[RESULT_AT] < len(RESULTS) else UNKNOWN
    nodes = _nodes(body, keys)
    tree: TreeBuilder | None = None
    try:
        if comment := tidy(decode_as(next(nodes).comment, encoding)):
            game.comment = comment
        first = next(nodes, None)
        turn = BLACK if raw[TURN_AT] == 1 else RED
        root = position_from_piece_list(_places(raw, keys), turn, None if first is None else first.source)
        tree = TreeBuilder(game, root)
        while first is not None:
            tree.add(first.depth, first.source, first.target, decode_as(first.comment, encoding))
            first = next(nodes, None)
    except RecordError as error:
        if tree is None:
            return game, [error]
        tree.fail(error.reason, error.ply)
    except XiangqiError as error:
        return game, [RecordError(error)]
    return game, tree.errors


def _decipher(raw: bytes, keys: _Keys) -> bytes:
    """What follows the header, in plain."""
    body = raw[HEADER_SIZE:]
    if not any(keys.body):
        return body
    blocks = -(-len(body) // 32)
    pairs = zip(body, keys.body * blocks, strict=False)  # the header is a multiple of 32 bytes
    return bytes((byte - key) & 255 for byte, key in pairs)


def _sample(texts: dict[str, bytes], body: bytes, keys: _Keys) -> bytes:
    """Enough of a file's text to find its encoding."""
    parts, size = list(texts.values()), 0
    try:
        for node in _nodes(body, keys):
            if node.comment:
                parts.append(node.comment)
                size += len(node.comment)
                if size > _SAMPLE:
                    break
    except RecordError:
        pass  # the second reading says so
    return b"\n".join(parts)


def _places(raw: bytes, keys: _Keys) -> list[int | None]:
    stored = raw[PIECES_AT : PIECES_AT + 32]
    places: list[int | None] = [None] * 32
    for n, byte in enumerate(stored):
        slot = (n + keys.pieces + 1) % 32 if keys.version >= _ROTATED_VERSION else n
        places[slot] = _square((byte - keys.pieces) & 255)
    return places


def _square(number: int) -> int | None:
    return square(number // 10, number % 10) if number < 90 else None


def _nodes(body: bytes, keys: _Keys) -> Iterator[_Node]:
    """The nodes in the order of the file, the one before the first move first; ``RecordError`` where the file ends."""
    at, depth = 0, -1
    open_at: list[int] = []  # depths at which an alternative is still to come
    while True:
        if len(body) < at + 4 * (1 + (keys.version <= PLAIN_VERSION)):
            raise RecordError(
                f"the file ends at byte {HEADER_SIZE + len(body)}, before the last move", ply=max(depth, 0) + 1
            )
        source, target, flags = body[at], body[at + 1], body[at + 2]
        at += 4
        if keys.version <= PLAIN_VERSION:
            goes_on, has_other, has_comment = bool(flags & 0xF0), bool(flags & 0x0F), True
        else:
            goes_on, has_other, has_comment = bool(flags & 0x80), bool(flags & 0x40), bool(flags & 0x20)
        comment = b""
        if has_comment:
            size = int.from_bytes(body[at : at + 4], "little") - keys.comment
            at += 4
            if size < 0 or at + size > len(body):
                raise RecordError(
                    f"a comment of {size} bytes, the file has {max(len(body) - at, 0)} more", ply=max(depth, 0) + 1
                )
            comment = body[at : at + size]
            at += size
        numbers = (source - SOURCE_OFFSET - keys.source) & 255, (target - TARGET_OFFSET - keys.target) & 255
        from_to = [-1 if (sq := _square(number)) is None else sq for number in numbers]
        yield _Node(from_to[0], from_to[1], depth, comment)
        if goes_on:
            if has_other and depth >= 0:
                open_at.append(depth)
            depth += 1
        elif depth < 0:
            return
        elif not has_other:
            if not open_at:
                return
            depth = open_at.pop()
