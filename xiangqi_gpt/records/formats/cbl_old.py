"""Libraries of CCBridge before version 3: one stream of records, mostly deflated, with texts in GB18030.

After ``CCBridge``, a version, how strongly the rest is compressed and its size follow the library's name and other
texts, the number of records, and the records: the squares of the 32 pieces, texts, then the moves with their depth
(six bytes each), and a line of comment for each. A text is its length and its bytes; ``||`` is a line end.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from xiangqi_gpt.rules import BLACK, RED, XiangqiError
from xiangqi_gpt.rules.pieces import RANKS, square

from ..errors import CorpusError, OnIllegal, RecordError, check_on_illegal
from ..game import Game
from ..results import BLACK_WON, DRAWN, RED_WON, UNKNOWN
from .encodings import decode_as, guess_encoding
from .move_tree import TreeBuilder, tidy
from .piece_list import position_from_piece_list
from .reader_common import LONGEST_GAME, check_exists, handle_broken_game

OLD_LIBRARY: Final = b"CCBridge"
_HEADER_SIZE: Final = 20
_RESULTS: Final = (UNKNOWN, RED_WON, BLACK_WON, DRAWN)
_ENCODINGS: Final = ("gb18030", "big5hkscs")
_BLOCK: Final = 1 << 16
_MOST_GROWTH: Final = 200  # no library shrinks to less than a twentieth
_HARMLESS: Final = 64 << 20
_DATE_SIZE: Final = 19
_MOVE_SIZE: Final = 6


def read_old_cbl(
    path: str | Path, *, on_illegal: OnIllegal = "fail", problems: list[RecordError] | None = None
) -> Iterator[Game]:
    """The games of an old library, one at a time; arguments and errors as in ``read_pgn``."""
    check_on_illegal(on_illegal)
    check_exists(path)
    with Path(path).open("rb") as file:
        header = file.read(_HEADER_SIZE)
        if not header.startswith(OLD_LIBRARY) or len(header) < _HEADER_SIZE:
            why = f"{path} is not an old CBL: it does not start with 'CCBridge' and its version"
            raise CorpusError(why, code="record_none")
        stream = _Stream(file, deflated=any(header[12:16]))
        number = 0
        try:
            name, count = _read_library(stream)
        except RecordError as error:
            raise CorpusError(f"{path} is no library: {error}", code="record_none") from None
        for number in range(1, count + 1):
            ended: RecordError | None = None
            try:
                game, errors = _read_game(stream.sized_record())
            except RecordError as error:  # without its size the next record cannot be found
                game, errors, ended = Game(), [error], error
            if name:
                game.tags.setdefault("Event", name)
            if handle_broken_game(game, errors, on_illegal, problems, path=str(path), number=number):
                yield game
            if ended:
                return
    if not number:
        raise CorpusError(f"{path} holds no record", code="record_none")


@dataclass
class _Stream:
    """Bytes of a file, inflated on the way if need be, never more of them at once than one game may have."""

    file: IO[bytes]
    deflated: bool
    ready: bytearray = field(default_factory=bytearray)
    inflated: int = 0

    def __post_init__(self) -> None:
        self._inflater = zlib.decompressobj()

    def read(self, size: int) -> bytes:
        if size > LONGEST_GAME:
            raise RecordError(f"{size} bytes of one record, at most {LONGEST_GAME} are possible")
        while len(self.ready) < size:
            more = self._more()
            if not more:
                raise RecordError("the file ends before its last record")
            self.ready += more
        taken = bytes(self.ready[:size])
        del self.ready[:size]
        return taken

    def _more(self) -> bytes:
        if not self.deflated:
            return self.file.read(_BLOCK)
        try:
            while True:
                waiting = self._inflater.unconsumed_tail or self.file.read(_BLOCK)
                if not waiting or self._inflater.eof:
                    return b""
                if found := self._inflater.decompress(waiting, _BLOCK):
                    self.inflated += len(found)
                    if self.inflated > max(_HARMLESS, _MOST_GROWTH * self.file.tell()):
                        raise RecordError(f"the compressed part grows more than {_MOST_GROWTH} times")
                    return found
        except zlib.error as error:
            raise RecordError(f"the compressed part is damaged: {error}") from None

    def number(self) -> int:
        return int.from_bytes(self.read(4), "little")

    def text(self) -> bytes:
        return self.read(self.number())

    def sized_record(self) -> bytes:
        """A record behind its size, which counts its own four bytes."""
        size = self.number()
        if size < 4:
            raise RecordError(f"a record of {size} bytes")
        return self.read(size - 4)


def _read_library(stream: _Stream) -> tuple[str, int]:
    """The name of the library and the number of its records."""
    name = stream.text()
    for _ in range(4):  # source, a reserved text, who made it and how to write to them
        stream.text()
    stream.read(2 * _DATE_SIZE)
    count = stream.number()
    stream.text()
    return tidy(decode_as(name, guess_encoding(name, _ENCODINGS))), count


class _Fields:
    """The fields of one record, one after another."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0

    def take(self, size: int) -> bytes:
        if size > len(self._raw) - self._at:
            raise RecordError(f"a field of {size} bytes, the record has {len(self._raw) - self._at} more")
        self._at += size
        return self._raw[self._at - size : self._at]

    def number(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def text(self) -> bytes:
        return self.take(self.number())

    def rest(self) -> bytes:
        return self._raw[self._at :]


def _read_game(raw: bytes) -> tuple[Game, list[RecordError]]:
    encoding = guess_encoding(raw, _ENCODINGS)

    def text(found: bytes) -> str:
        return tidy(decode_as(found, encoding).replace("||", "\n"))

    game = Game()
    fields = _Fields(raw)
    try:
        places = [_square(byte - 0x11) if byte else None for byte in fields.take(32)]
        fields.number()  # kind of game
        texts = {"Event": fields.text()}
        fields.number()  # number of the first move
        texts["Title"] = fields.text()
        fields.text()  # source
        fields.text()  # reserved
        for tag in ("Site", "Date", "Red", "Black"):
            texts[tag] = fields.text()
        result = fields.number()
        texts["Annotator"] = fields.text()
        fields.text()  # how to write to them
        texts["Author"] = fields.text()
        fields.text()
        comment = text(fields.text())
        turn = RED if fields.take(1) == b"\1" else BLACK
        fields.take(2 * _DATE_SIZE)
        game.tags = {tag: found for tag, raw_text in texts.items() if (found := text(raw_text))}
        game.result = _RESULTS[result] if result < len(_RESULTS) else UNKNOWN
        if comment:
            game.comment = comment
        count = fields.number()
        moves = fields.take(_MOVE_SIZE * count)
        comments = fields.rest().split(b"\r\n")
        first = _square(moves[2]) if count else None
        tree = TreeBuilder(game, position_from_piece_list(places, turn, first))
    except RecordError as error:
        return game, [error]
    except XiangqiError as error:
        return game, [RecordError(error)]
    start = int.from_bytes(moves[:2], "little")
    for n in range(count):
        move = moves[_MOVE_SIZE * n : _MOVE_SIZE * (n + 1)]
        source, target = (-1 if (sq := _square(byte)) is None else sq for byte in move[2:4])
        said = text(comments[n]) if n < len(comments) else ""
        tree.add(int.from_bytes(move[:2], "little") - start, source, target, said)
    return game, tree.errors


def _square(byte: int) -> int | None:
    """Square of a nibble for the file and one for the row from the top."""
    file, row = byte >> 4, byte & 15
    return square(file, RANKS - 1 - row) if 0 <= file < 9 and row < RANKS else None
