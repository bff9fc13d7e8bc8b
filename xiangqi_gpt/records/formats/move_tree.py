"""Games from formats that store a tree of moves: each move after the one it follows, its alternatives after all that
follows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from xiangqi_gpt.rules import Board, Move, MoveError, Position
from xiangqi_gpt.rules.fen import format_fen

from ..errors import RecordError, moves_before
from ..game import Game, Variation
from .open_line import MAX_PLIES
from .text_reader import MAX_DEPTH


class MoveTree:
    """Fills a game from a root with moves that are given with their depth (0 for the first ply), each one checked.

    The first move given for a position goes on with its line, every later one is a variation. After a move that
    cannot be played, what follows it is left out, and so are its alternatives if it was the first; ``errors`` says so,
    and whether that costs the main line or a side line only.
    """

    def __init__(self, game: Game, root: Position) -> None:
        game.root = format_fen(root)
        self.errors: list[RecordError] = []
        self._game = game
        self._board = Board.from_position(root)
        self._path: list[
            tuple[Variation, int, int]
        ] = []  # of each move played: its line, its place there, lines around it
        self._firsts: list[tuple[Variation, int, int]] = []  # at each depth: the move that the next there would replace
        self._broken: int | None = None  # depth of the move that could not be played

    def add(self, depth: int, source: int, target: int, comment: str = "") -> None:
        """A move by its squares (0..89; others name none), and what is written after it."""
        if self._broken is not None:
            if depth > self._broken or (depth == self._broken and len(self._firsts) == depth):
                return
            self._broken = None
        if not 0 <= depth <= len(self._path):
            self._break(depth, f"a variation starts at ply {depth + 1} of a line of {len(self._path)}")
            return
        while len(self._path) > depth:
            self._path.pop()
            self._board.pop()
        try:
            move = self._legal(source, target)
        except MoveError as error:
            self._break(depth, str(error))
            return
        if depth >= MAX_PLIES:
            self._break(depth, f"more than {MAX_PLIES} plies")
            return
        del self._firsts[depth + 1 :]
        if len(self._firsts) == depth:
            line, place, around = self._path[-1] if self._path else (self._game, -1, 0)
            here = (line, place + 1, around)
            self._firsts.append(here)
        else:
            owner, replaced, around = self._firsts[depth]
            if around >= MAX_DEPTH:
                self._break(depth, f"variations are nested deeper than {MAX_DEPTH}")
                return
            line = Variation()
            owner.variations.setdefault(replaced, []).append(line)
            here = (line, 0, around + 1)
        line.moves.append(move)
        if comment := tidy(comment):
            line.comments[here[1] + 1] = comment
        self._path.append(here)
        self._board.push(move)

    def fail(self, reason: str, ply: int | None = None) -> None:
        """The file cannot be read on; ``ply`` (from 1) is where, by default after the move that was given last."""
        self._break(len(self._path) if ply is None else ply - 1, reason, at_end=True)

    def _legal(self, source: int, target: int) -> Move:
        if not (0 <= source < 90 and 0 <= target < 90):
            raise MoveError(f"squares go from 0 to 89, the move is from {source} to {target}")
        move = Move.of(source, target)
        if not self._board.is_legal(move):
            self._board.check_legal(move)
        return move

    def _break(self, depth: int, reason: str, *, at_end: bool = False) -> None:
        on_main_line = not self._path or self._path[-1][0] is self._game
        is_first = depth >= len(self._path) if at_end else depth >= len(self._firsts)
        if on_main_line and is_first:
            self.errors.append(RecordError(reason, ply=depth + 1))
        else:
            after = moves_before([line.moves[place] for line, place, _ in self._path[:depth]])
            self.errors.append(RecordError(reason, ply=depth + 1, scope="part", after=after))
        self._broken = depth


@dataclass(frozen=True)
class TreeMove:
    """A move with the comment after it; whether a move follows it, and whether another that could replace it."""

    move: Move
    comment: str
    goes_on: bool
    has_other: bool


def walk(game: Game) -> Iterator[TreeMove]:
    """The moves of a game in the order in which ``MoveTree`` takes them.

    A variation's own comment before its first move goes to that move, since trees have no other place for it.
    """
    waiting: list[tuple[Variation, int, bool]] = []

    def add(line: Variation, place: int) -> bool:
        options = list(_options(line, place))
        waiting.extend((*option, n > 0) for n, option in enumerate(reversed(options)))
        return bool(options)

    add(game, 0)
    while waiting:
        line, place, has_other = waiting.pop()
        comments = [line.comments.get(place + 1, "")]
        if not place and line is not game:
            comments.insert(0, line.comments.get(0, ""))
        goes_on = add(line, place + 1)
        yield TreeMove(line.moves[place], "\n".join(filter(None, comments)), goes_on, has_other)


def _options(line: Variation, place: int) -> Iterator[tuple[Variation, int]]:
    """What can be played at a place of a line: its own move first."""
    if place < len(line.moves):
        yield line, place
        for variation in line.variations.get(place, ()):
            yield from _options(variation, 0)


_LINE_ENDS: Final = str.maketrans({"\r": "\n", "\0": " "})


def tidy(comment: str) -> str:
    """A comment with one kind of line end and nothing around it."""
    return comment.replace("\r\n", "\n").translate(_LINE_ENDS).strip()
