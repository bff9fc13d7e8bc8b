"""Games from formats that store a tree of moves: each move after the one it follows, its alternatives after all that
follows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from xiangqi_gpt.rules import Board, Move, MoveError, Position
from xiangqi_gpt.rules.fen import format_fen

from ..errors import RecordError, moves_before
from ..game import Game
from ..game_node import GameNode
from .open_line import MAX_PLIES
from .text_reader import MAX_DEPTH

#: Where a move is: a node, how many of the plain moves behind it come before, and how many lines are around.
_Place = tuple[GameNode, int, int]


class TreeBuilder:
    """Fills a game from a root with moves that are given with their depth (0 for the first ply), each one checked.

    The first move given for a position goes on with its line, every later one is a variation. After a move that
    cannot be played, what follows it is left out, and so are its alternatives if it was the first; ``errors`` says so,
    and whether that costs the main line or a side line only.
    """

    def __init__(self, game: Game, root: Position) -> None:
        game.root = format_fen(root)
        self.errors: list[RecordError] = []
        self._board = Board.from_position(root)
        self._last: _Place = (game, 0, 0)  # where the next move goes on
        self._path: list[_Place] = []  # of each move played: where it was added
        self._firsts: list[_Place] = []  # at each depth: where the move is that the next there would replace
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
            self._last = self._path.pop()
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
        comment = tidy(comment) if comment else ""
        if len(self._firsts) == depth:
            self._go_on(move, comment)
        else:
            first = self._firsts[depth]
            if first[2] >= MAX_DEPTH:
                self._break(depth, f"variations are nested deeper than {MAX_DEPTH}")
                return
            self._branch_off(first, move, comment)
        self._board.push(move)

    def _go_on(self, move: Move, comment: str) -> None:
        """Add the first move that is given for a position."""
        node, plain, around = here = self._last
        self._firsts.append(here)
        self._path.append(here)
        if not comment:
            node.extend_by(move)
            self._last = (node, plain + 1, around)
        else:
            following = GameNode(move, comment=comment)
            node.append(following)
            self._last = (following, 0, around)

    def _branch_off(self, first: _Place, move: Move, comment: str) -> None:
        """Add a move that could replace the first one for its position."""
        node, plain, _ = first
        if len(node.plain_moves) > plain:  # the first one becomes a node, so that others can stand beside it
            node.split(plain)
        other = GameNode(move, comment=comment)
        node.append(other)
        self._path.append(first)
        self._last = (other, 0, first[2] + 1)

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
        on_main_line = not self._last[2]
        is_first = depth >= len(self._path) if at_end else depth >= len(self._firsts)
        if on_main_line and is_first:
            self.errors.append(RecordError(reason, ply=depth + 1))
        else:
            after = moves_before(self._board.move_stack[:depth])
            self.errors.append(RecordError(reason, ply=depth + 1, scope="part", after=after))
        self._broken = depth


class TreeMove(NamedTuple):
    """A move with the comment after it; whether a move follows it, and whether another that could replace it."""

    move: Move
    comment: str
    goes_on: bool
    has_other: bool


def walk(game: Game) -> Iterator[TreeMove]:
    """The moves of a game in the order in which ``TreeBuilder`` takes them.

    A variation's own comment before its first move goes to that move, since trees have no other place for it.
    """
    waiting: list[tuple[GameNode, bool]] = [(game, False)]
    while waiting:
        node, has_other = waiting.pop()
        branches, plain = node.branches, node.plain_moves
        if node.move is not None:
            comment = "\n".join(filter(None, (node.starting_comment, node.comment)))
            yield TreeMove(node.move, comment, bool(plain or branches), has_other)
        for place, move in enumerate(plain, 1):
            yield TreeMove(move, "", place < len(plain) or bool(branches), False)
        last = len(branches) - 1
        waiting.extend((branches[place], place < last) for place in range(last, -1, -1))


_LINE_ENDS: Final = str.maketrans({"\r": "\n", "\0": " "})


def tidy(comment: str) -> str:
    """A comment with one kind of line end and nothing around it."""
    return comment.replace("\r\n", "\n").translate(_LINE_ENDS).strip()
