"""CBF, records of CCBridge in XML: a head of fields, then the moves as ``<Move value="77-47">comment</Move>``.

A square is a digit for the file from Red's left and one for the row from Black's side. The first move, ``00-00``,
carries the comment on the start position; ``end="1"`` marks the last one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.parsers import expat

from xiangqi_gpt.rules import START_FEN, FenError, parse_fen
from xiangqi_gpt.rules.pieces import RANKS, square

from ..errors import CorpusError, OnIllegal, RecordError, check_on_illegal
from ..game import Game
from ..results import BLACK_WON, DRAWN, RED_WON, UNKNOWN
from .encodings import decode
from .move_tree import TreeBuilder, tidy
from .reader_common import check_has_moves, handle_broken_game, read_whole

_ROOT: Final = "ChineseChessRecord"
_TAGS: Final = {
    "Name": "Title",
    "Contest": "Event",
    "Round": "Round",
    "Date": "Date",
    "Site": "Site",
    "TimeRule": "TimeControl",
    "Red": "Red",
    "RedTeam": "RedTeam",
    "RedTime": "RedTime",
    "RedRating": "RedElo",
    "Black": "Black",
    "BlackTeam": "BlackTeam",
    "BlackTime": "BlackTime",
    "BlackRating": "BlackElo",
    "Commentator": "Annotator",
    "Creator": "Author",
    "ECCO": "ECCO",
}
_RESULTS: Final = {"1": RED_WON, "2": BLACK_WON, "3": DRAWN, "4": DRAWN}
_MOVE: Final = re.compile(r"\s*([0-8])(\d)-([0-8])(\d)\s*\Z", re.ASCII)
_NO_MOVE: Final = "00-00"


def read_cbf(
    path: str | Path, *, on_illegal: OnIllegal = "fail", problems: list[RecordError] | None = None
) -> Iterator[Game]:
    """The game of a CBF file; arguments and errors as in ``read_pgn``. Without a FEN it starts as usual."""
    check_on_illegal(on_illegal)
    text, _ = decode(read_whole(path, "CBF"))
    document = _Document()
    try:
        document.parse(text.strip())
    except expat.ExpatError as error:
        if not document.moves:
            raise CorpusError(f"{path} is not CBF: {error}", code="record_none") from None
        document.damage = document.damage or f"the XML is damaged: {error}"
    if not document.found:
        raise CorpusError(f"{path} is not CBF: it has no element {_ROOT}", code="record_none")
    game, errors = _to_game(document)
    check_has_moves(game, errors, path)
    if handle_broken_game(game, errors, on_illegal, problems, path=str(path), number=1):
        yield game


class _Document:
    """What the elements of a file say, gathered while they are read; nothing else of it is kept."""

    def __init__(self) -> None:
        self.found = False
        self.damage: str | None = None
        self.head: dict[str, str] = {}
        self.moves: list[tuple[int, str, str]] = []  # line of the file, squares, comment
        self.ended = False
        self._text: list[str] = []

    def parse(self, text: str) -> None:
        """Raises ``ExpatError`` for what is not XML, and for entities, which no record has."""
        parser = expat.ParserCreate("utf-8")
        self._parser = parser
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.EntityDeclHandler = self._refuse
        parser.Parse(text.encode(errors="replace"), True)

    def _refuse(self, *_: object) -> None:
        raise expat.ExpatError("entities are declared")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.found = self.found or name == _ROOT
        self._text.clear()
        if name == "Move":
            if self.ended and self.damage is None:
                self.damage = f"a move in line {self._parser.CurrentLineNumber} comes after the one that ends the game"
            if self.damage is None:
                self.moves.append((self._parser.CurrentLineNumber, attributes.get("value", ""), ""))
            self.ended = attributes.get("end") == "1"

    def _end(self, name: str) -> None:
        text = "".join(self._text).strip()
        self._text.clear()
        if name == "Move" and self.moves and self.damage is None:
            line, squares, comment = self.moves[-1]
            self.moves[-1] = (line, squares, comment + text)
        elif text and (name in _TAGS or name in ("FEN", "RecordResult")):
            self.head.setdefault(name, text)


def _to_game(document: _Document) -> tuple[Game, list[RecordError]]:
    game = Game(
        tags={tag: " ".join(document.head[name].split()) for name, tag in _TAGS.items() if name in document.head}
    )
    game.result = _RESULTS.get(document.head.get("RecordResult", ""), UNKNOWN)
    try:
        root = parse_fen(document.head.get("FEN", START_FEN), lenient=True)
    except FenError as error:
        return game, [RecordError(error)]
    tree = TreeBuilder(game, root)
    depth = 0
    for line, squares, comment in document.moves:
        if squares.strip() == _NO_MOVE and not depth:
            if comment := tidy(comment):
                game.comment = comment
            continue
        match = _MOVE.match(squares)
        if match is None:
            tree.fail(f"{squares[:20]!r} in line {line} is not a move like 77-47")
            break
        file, row, to_file, to_row = map(int, match.groups())
        tree.add(depth, square(file, RANKS - 1 - row), square(to_file, RANKS - 1 - to_row), comment)
        if tree.errors:
            break
        depth += 1
    if document.damage and not tree.errors:
        tree.fail(document.damage)
    return game, tree.errors
