"""DhtmlXQ out: the text that Chinese web boards show games from, with comments and variations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xiangqi_gpt.rules import Move, parse_fen
from xiangqi_gpt.rules.pieces import RANKS

from ..game import Game
from ..game_node import GameNode
from ..results import BLACK_WON, DRAWN, RED_WON
from .dhtmlxq import CAPTURED, TAGS
from .piece_list import piece_list_of
from .text_writer import write_text

_BAR_BEFORE: Final = re.compile(r"\|(?=[|\n])")
_BAR_AFTER_BREAK: Final = re.compile(r"(?<=\n)\|")
_RESULTS: Final = {RED_WON: "红胜", BLACK_WON: "黑胜", DRAWN: "和棋"}


def write_dhtmlxq(games: Iterable[Game], path: str | Path) -> int:
    """Write games into one UTF-8 file, which appears whole or not at all; returns how many there were.

    Raises ``CorpusError`` when there is no game.
    """
    return write_text(games, path, format_dhtmlxq)


def format_dhtmlxq(game: Game) -> str:
    """A game as DhtmlXQ, ending in a line break."""
    fields = {name: game.tags[tag] for name, tag in TAGS.items() if tag in game.tags}
    fields["result"] = _RESULTS.get(game.result, "")
    places = piece_list_of(parse_fen(game.root, lenient=True))
    fields["binit"] = "".join(CAPTURED if sq is None else _place(sq) for sq in places)
    for number, line in enumerate(_lines(game)):
        name = f"move_{line.parent}_{line.first}_{number}" if number else "movelist"
        fields[name] = "".join(_place(move.from_square) + _place(move.to_square) for move in line.moves)
        for plies, comment in line.comments.items():
            fields[f"comment{f'{number}_' if number else ''}{line.first - 1 + plies}"] = comment
    lines = [f"[DhtmlXQ_{name}]{_escape(text)}[/DhtmlXQ_{name}]" for name, text in fields.items() if text]
    return "\n".join(["[DhtmlXQ]", *lines, "[/DhtmlXQ]", ""])


@dataclass(slots=True)
class _WrittenLine:
    """A line, the number of the line it leaves (0: the main line) and of the ply of the game it starts with."""

    parent: int
    first: int
    moves: list[Move]
    comments: dict[int, str]  # by the moves of the line before them


def _lines(game: Game) -> Iterator[_WrittenLine]:
    """Each line of a game, the main one first."""
    waiting: list[tuple[GameNode, int, int]] = [(game, 0, 1)]
    for number, (start, parent, first) in enumerate(waiting):
        line = _WrittenLine(parent, first, [], {})
        if start.move is not None:
            line.moves.append(start.move)
            line.comments[0] = start.starting_comment
        line.comments[len(line.moves)] = start.comment
        for move, node, others in start.steps():
            waiting.extend((other, number, first + len(line.moves)) for other in others)
            line.moves.append(move)
            if node is not None:
                line.comments[len(line.moves)] = node.comment
        yield line


def _place(sq: int) -> str:
    return f"{sq % 9}{RANKS - 1 - sq // 9}"


def _escape(text: str) -> str:
    """A text that ends no field; ``||`` is a line break, so bars beside one another or a break get a space between."""
    text = _BAR_BEFORE.sub("| ", _BAR_AFTER_BREAK.sub(" |", text))
    return text.replace("\n", "||").replace("[DhtmlXQ", "[ DhtmlXQ").replace("[/DhtmlXQ", "[/ DhtmlXQ")
