"""DhtmlXQ: the text that Chinese web boards show games from, often inside forum posts (UBB).

``[DhtmlXQ_binit]`` holds two digits for each of the 32 pieces (file 0-8 from Red's left, row 0-9 from the top, 99 for
a captured piece), ``[DhtmlXQ_movelist]`` four digits a move; ``[DhtmlXQ_move_P_N_V]`` is variation V, which leaves
line P (0: the main line) at its ply N; ``[DhtmlXQ_commentN]`` and ``[DhtmlXQ_commentV_N]`` stand after ply N.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xiangqi_gpt.rules import RED, START_FEN, Board, Move, MoveError, Position, XiangqiError
from xiangqi_gpt.rules.fen import format_fen, parse_fen
from xiangqi_gpt.rules.pieces import RANKS, square

from ..errors import CorpusError, OnIllegal, RecordError, check_on_illegal, moves_before
from ..game import Game
from ..results import result_of
from .encodings import decode, keep_ascii
from .move_legality import position_after
from .noted_line import NotedLine
from .piece_list import position_from_piece_list
from .reader_common import check_exists, handle_broken_game, sections

_GAME: Final = b"[DhtmlXQ]"
_FIELD: Final = re.compile(r"\[DhtmlXQ_(\w+)\]([^\[]*(?:\[(?!/?DhtmlXQ)[^\[]*)*)\[/DhtmlXQ_")
_VARIATION: Final = re.compile(r"move_(\d{1,6})_(\d{1,6})_(\d{1,6})\Z")
_COMMENT: Final = re.compile(r"comment(?:(\d{1,6})_)?(\d{1,6})\Z")
CAPTURED: Final = "99"
TAGS: Final = {
    "event": "Event",
    "date": "Date",
    "place": "Site",
    "round": "Round",
    "red": "Red",
    "redteam": "RedTeam",
    "redrating": "RedElo",
    "black": "Black",
    "blackteam": "BlackTeam",
    "blackrating": "BlackElo",
    "title": "Title",
    "open": "Opening",
    "remark": "Remark",
    "author": "Annotator",
}


def read_dhtmlxq(
    path: str | Path, *, on_illegal: OnIllegal = "fail", problems: list[RecordError] | None = None
) -> Iterator[Game]:
    """The games of a DhtmlXQ text; arguments and errors as in ``read_pgn``."""
    check_on_illegal(on_illegal)
    check_exists(path)
    number = 0
    encoding: str | None = None
    with Path(path).open("rb") as file:
        for block in sections(keep_ascii(file), _GAME):
            text, found = decode(block, encoding)
            encoding = encoding if found == "utf-8" else found
            fields = dict(reversed(_FIELD.findall(text)))
            if not fields:
                continue
            number += 1
            game, errors = _read_game(fields)
            if handle_broken_game(game, errors, on_illegal, problems, path=str(path), number=number):
                yield game
    if not number:
        raise CorpusError(f"{path} holds no game in DhtmlXQ", code="record_none")


@dataclass
class _ReadLine(NotedLine):
    """A line with its start position, the number (from 1) of its first ply in the game, and the moves before it.

    ``parent`` is the number of the line that it leaves (0: the main line).
    """

    start: Position
    first: int
    before: tuple[Move, ...] = ()
    parent: int = 0


def _read_game(fields: dict[str, str]) -> tuple[Game, list[RecordError]]:
    game = Game(tags={tag: value.strip() for name, tag in TAGS.items() if (value := fields.get(name, "")).strip()})
    game.result = result_of(fields.get("result", "").strip())
    digits = "".join(fields.get("movelist", "").split())
    try:
        root = _root("".join(fields.get("binit", "").split()), digits[:2])
    except XiangqiError as error:
        return game, [RecordError(error)]
    game.root = format_fen(root)
    errors: list[RecordError] = []
    lines = {0: _ReadLine(root, 1)}
    _fill(lines[0], digits, errors, is_main=True)
    branches = [(match, text) for name, text in fields.items() if (match := _VARIATION.match(name))]
    for match, text in sorted(branches, key=lambda branch: int(branch[0][3])):
        parent_number, ply, number = map(int, match.groups())
        parent = lines.get(parent_number)
        at = ply - parent.first if parent else -1
        if parent is None or not 0 <= at < len(parent.moves) or number in lines:
            errors.append(
                RecordError(
                    f"variation {number} leaves line {parent_number}, which has no such ply", ply=ply, scope="part"
                )
            )
            continue
        before = parent.moves[:at]
        variation = lines[number] = _ReadLine(
            position_after(parent.start, before), ply, (*parent.before, *before), parent_number
        )
        _fill(variation, "".join(text.split()), errors)
    for name, text in fields.items():
        comment = text.replace("||", "\n").replace("\r", "").strip()
        if comment and (match := _COMMENT.match(name)) and (owner := lines.get(int(match[1] or 0))):
            plies = int(match[2]) - owner.first + 1
            if 0 <= plies <= len(owner.moves):
                owner.comments[plies] = comment
    for number in sorted(lines, reverse=True):  # what leaves a line comes after it
        line = lines[number]
        if not number:
            line.fill(game)
        elif line.moves:
            parent = lines[line.parent]
            parent.others.setdefault(line.first - parent.first + 1, [])[:0] = line.variation()
    return game, errors


def _root(binit: str, first_from: str) -> Position:
    """The start position; the side to move is that of the piece that moves first."""
    if not binit:
        return parse_fen(START_FEN)
    if len(binit) != 64 or not (binit.isascii() and binit.isdigit()):
        raise RecordError(f"binit has {len(binit)} characters, expected 64 digits")
    words = [binit[at : at + 2] for at in range(0, 64, 2)]
    places = [None if word == CAPTURED else _square(word) for word in words]
    first = _square(first_from) if re.fullmatch("[0-8][0-9]", first_from) else None
    return position_from_piece_list(places, RED, first)


def _square(place: str) -> int:
    if not ("0" <= place[0] <= "8"):
        raise RecordError(f"{place} is no square: files go from 0 to 8")
    return square(int(place[0]), RANKS - 1 - int(place[1]))


def _fill(line: _ReadLine, digits: str, errors: list[RecordError], *, is_main: bool = False) -> None:
    """Read moves into a line as long as they are legal."""
    board = Board.from_position(line.start)
    for at in range(0, len(digits), 4):
        word = digits[at : at + 4]
        try:
            if not re.fullmatch("[0-8][0-9][0-8][0-9]", word):
                raise RecordError(f"{word!r} is not a move in four digits")
            move = Move.of(_square(word[:2]), _square(word[2:]))
            board.check_legal(move)
        except (MoveError, RecordError) as error:
            if is_main:
                errors.append(RecordError(error, ply=line.first + at // 4))
            else:
                after = moves_before((*line.before, *line.moves))
                errors.append(RecordError(error, ply=line.first + at // 4, scope="part", after=after))
            return
        board.push(move)
        line.moves.append(move)
