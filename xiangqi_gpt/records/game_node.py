"""The tree of moves of a game: each node is a position with the move that led to it and what was played there.

Nodes have the names of python-chess's ``chess.pgn``. Moves that follow one another with nothing written beside them and
nothing played instead are kept as a plain list, and become nodes when somebody asks for one of them: a game of a corpus
is one node and a list. Nothing here recurses, so that no tree is too deep.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from xiangqi_gpt.rules import Board, Move

if TYPE_CHECKING:
    from .game import Game


#: A move of a line; its node where it has one already, and the nodes of what could be played instead.
Step = tuple[Move, "GameNode | None", "Sequence[GameNode]"]
#: The plain moves after a node, and of each of its branches the move, both comments and the glyphs.
_Row = tuple[Sequence[Move], list[tuple[Move | None, str, str, tuple[int, ...]]]]


class Nags(list[int]):
    """Numeric annotation glyphs of a move (1 good, 2 poor, ...) in the order written; ``add`` adds none twice."""

    __slots__ = ()

    def add(self, nag: int) -> None:
        """Add a glyph unless it is there."""
        if nag not in self:
            self.append(nag)

    def discard(self, nag: int) -> None:
        """Remove a glyph if it is there."""
        self[:] = [other for other in self if other != nag]


class GameNode:
    """A position of a game's tree.

    ``move`` led to it (None at the start of the game), ``comment`` was written after that move, ``starting_comment``
    before it, where it starts a variation. The first of ``variations`` goes on with the line.

    >>> node = GameNode()
    >>> reply = node.add_variation(Move.from_uci("h2e2")).add_variation(Move.from_uci("h9g7"), comment="the usual one")
    >>> [str(each.move) for each in node.mainline()], reply.ply(), reply.parent.parent is node
    (['h2e2', 'h9g7'], 2, True)
    """

    # A node stands for itself and for the plain moves after it: ``_after`` are the nodes after the last of these
    # (None, one, or a list of several), and ``_above`` is the node that, or a plain move of which, is before this one.
    __slots__ = ("_above", "_after", "_nags", "_plain", "comment", "move", "starting_comment")

    def __init__(
        self, move: Move | None = None, *, comment: str = "", starting_comment: str = "", nags: Iterable[int] = ()
    ) -> None:
        """Make a node without a parent; ``add_variation`` makes one that has it."""
        self.move = move
        self.comment = comment
        self.starting_comment = starting_comment
        self._nags: Nags | None = Nags(nags) if nags else None
        self._above: GameNode | None = None
        self._plain: list[Move] | None = None
        self._after: GameNode | list[GameNode] | None = None

    # --- neighbours

    @property
    def parent(self) -> GameNode | None:
        """The position before the move, None at the start of the game."""
        above = self._above
        if above is not None and above._plain:
            above._make_nodes()
        return self._above

    @property
    def variations(self) -> tuple[GameNode, ...]:
        """What was played here: the move that goes on with the line first, then the others."""
        if self._plain:
            self._make_nodes()
        return tuple(self._branches)

    @property
    def nags(self) -> Nags:
        """Numeric annotation glyphs of the move."""
        if self._nags is None:
            self._nags = Nags()
        return self._nags

    @nags.setter
    def nags(self, nags: Iterable[int]) -> None:
        self._nags = Nags(nags) or None

    @property
    def has_nags(self) -> bool:
        """Whether the move has a glyph."""
        return bool(self._nags)

    def next(self) -> GameNode | None:
        """Return the node that goes on with the line, None at its end."""
        if self._plain:
            self._make_nodes()
        return self._first

    def end(self) -> GameNode:
        """Return the last node of the line that goes on here."""
        node = self
        while (following := node.next()) is not None:
            node = following
        return node

    def is_end(self) -> bool:
        """Return whether nothing was played here."""
        return not self._plain and self._after is None

    def game(self) -> Game:
        """Return the game that the node is in. Raises ``ValueError`` for a tree without one."""
        return self._root._as_game()

    def path(self) -> list[GameNode]:
        """Return the nodes that lead here, from the first move's to this one."""
        nodes: list[GameNode] = []
        node, parent = self, self.parent
        while parent is not None:
            nodes.append(node)
            node, parent = parent, parent.parent
        nodes.reverse()
        return nodes

    def moves_before(self) -> list[Move]:
        """Return the moves that lead here, from the game's first to this node's."""
        moves: list[Move] = []
        node = self
        while node._above is not None:
            assert node.move is not None
            moves.append(node.move)
            node = node._above
            moves += reversed(node._plain or ())
        moves.reverse()
        return moves

    def ply(self) -> int:
        """Return how many moves lead here from the start of the game."""
        node, plies = self, 0
        while node._above is not None:
            node = node._above
            plies += 1 + len(node._plain or ())
        return plies

    def starts_variation(self) -> bool:
        """Return whether the move was played instead of another that comes first."""
        return self._above is not None and self._above._first is not self

    def is_mainline(self) -> bool:
        """Return whether the game itself leads here, no variation."""
        node = self
        while node._above is not None:
            if node._above._first is not node:
                return False
            node = node._above
        return True

    def is_main_variation(self) -> bool:
        """Return whether no other move comes before this one where it was played."""
        return not self.starts_variation()

    # --- lines

    def mainline(self) -> Iterator[GameNode]:
        """Yield the nodes that follow here when each goes on with its first variation."""
        node = self.next()
        while node is not None:
            yield node
            node = node.next()

    def mainline_moves(self) -> Iterator[Move]:
        """Yield the moves of ``mainline``."""
        node: GameNode | None = self
        while node is not None:
            yield from node._plain or ()
            node = node._first
            if node is not None and node.move is not None:
                yield node.move

    def steps(self) -> Iterator[Step]:
        """Yield the moves of ``mainline`` with what was played instead of each, without making nodes."""
        node: GameNode | None = self
        while node is not None:
            for move in node._plain or ():
                yield move, None, ()
            after = node._after
            node, others = (after[0], after[1:]) if isinstance(after, list) else (after, ())
            if node is not None and node.move is not None:
                yield node.move, node, others

    def descendants(self) -> Iterator[GameNode]:
        """Yield every node below this one, each before what follows it, lines before their variations."""
        waiting = list(reversed(self.variations))
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.variations))

    def board(self) -> Board:
        """Return the position, with the moves that lead to it; they are not checked again."""
        board = self._root._start_board()
        for move in self.moves_before():
            board.push(move)
        return board

    def turn(self) -> int:
        """Return the side to move: ``RED`` or ``BLACK``."""
        return (self._root._start_board().turn + self.ply()) % 2

    # --- changes

    def add_variation(
        self, move: Move, *, comment: str = "", starting_comment: str = "", nags: Iterable[int] = ()
    ) -> GameNode:
        """Add a move after all that was played here, and return its node; the move is not checked."""
        if self._plain:
            self._make_nodes()
        node = GameNode(move, comment=comment, starting_comment=starting_comment, nags=nags)
        self._add_branch(node)
        return node

    def add_main_variation(self, move: Move, *, comment: str = "", nags: Iterable[int] = ()) -> GameNode:
        """Add a move before all that was played here, so that the line goes on with it; return its node."""
        node = self.add_variation(move, comment=comment, nags=nags)
        self.promote_to_main(node)
        return node

    def add_line(
        self, moves: Iterable[Move], *, comment: str = "", starting_comment: str = "", nags: Iterable[int] = ()
    ) -> GameNode:
        """Add a variation of several moves; the comment and the glyphs are its last one's. Return the last node."""
        node = self
        for move in moves:
            node = node.add_variation(move, starting_comment=starting_comment)
            starting_comment = ""
        node.comment = "\n".join(filter(None, (node.comment, comment)))
        if nags := tuple(nags):
            node.nags.extend(nags)
        return node

    def find(self, move: Move) -> GameNode | None:
        """Return the node of a move that was played here, None where it was not."""
        if self._plain and self._plain[0] != move:
            return None
        return next((node for node in self.variations if node.move == move), None)

    def has_variation(self, variation: int | Move | GameNode) -> bool:
        """Return whether a move, a node, or one of a number (from 0), was played here."""
        return self._place_of(variation) is not None

    def variation(self, variation: int | Move | GameNode) -> GameNode:
        """Return what was played here, by its number (from 0), its move or itself. Raises ``KeyError``."""
        return self.variations[self._index(variation)]

    __getitem__ = variation
    __contains__ = has_variation
    __iter__ = None  # a node with __getitem__ would be iterable, endlessly or not

    def promote_to_main(self, variation: int | Move | GameNode) -> None:
        """Make a variation the one that the line goes on with. Raises ``KeyError`` where there is no such variation."""
        self._move(self._index(variation), 0)

    def promote(self, variation: int | Move | GameNode) -> None:
        """Move a variation one place up; the first stays. Raises ``KeyError``."""
        place = self._index(variation)
        self._move(place, max(place - 1, 0))

    def demote(self, variation: int | Move | GameNode) -> None:
        """Move a variation one place down; the last stays. Raises ``KeyError``."""
        place = self._index(variation)
        self._move(place, place + 1)

    def remove_variation(self, variation: int | Move | GameNode) -> None:
        """Remove a variation with all that follows it. Raises ``KeyError``."""
        place = self._index(variation)
        branches = list(self._branches)
        branches.pop(place)._above = None
        self._set_branches(branches)

    def cut(self) -> None:
        """Remove everything that was played here."""
        for node in self._branches:
            node._above = None
        self._plain = self._after = None

    def merge_repeated(self) -> None:
        """Make one of variations that begin with the same move, here and everywhere below; comments are joined."""
        waiting: list[GameNode] = [self]
        while waiting:
            node = waiting.pop()
            kept: dict[Move | None, GameNode] = {}
            for branch in node._branches:
                first = kept.setdefault(branch.move, branch)
                if first is not branch:
                    first._take_in(branch)
            if len(kept) < len(node._branches):
                node._set_branches(list(kept.values()))
            waiting += node._branches

    def _take_in(self, other: GameNode) -> None:
        """Add what stands beside and below another node of the same move."""
        self.comment = "\n".join(filter(None, (self.comment, other.comment)))
        self.starting_comment = self.starting_comment or other.starting_comment
        for nag in other._nags or ():
            self.nags.add(nag)
        if self._plain:
            self._make_nodes()
        for branch in other.variations:
            self._add_branch(branch)

    # --- for readers, which make a node only where something is written or branches off

    @property
    def plain_moves(self) -> Sequence[Move]:
        """The moves that follow here with nothing beside them, as far as they have no nodes."""
        return self._plain or ()

    @property
    def branches(self) -> Sequence[GameNode]:
        """The nodes that come after ``plain_moves``, without making any."""
        return self._branches

    def extend(self, moves: list[Move]) -> None:
        """Add moves to the end of the line, which is here, and keep the list. Raises ``ValueError`` elsewhere."""
        if self._after is not None:
            raise ValueError("only the last node of a line can be extended")
        if self._plain is None:
            self._plain = moves
        else:
            self._plain += moves

    def extend_by(self, move: Move) -> None:
        """Add a move to the end of the line, which is here."""
        if self._plain is None:
            self._plain = [move]
        else:
            self._plain.append(move)

    def append(self, node: GameNode) -> None:
        """Hang a node without a parent after ``plain_moves``: what comes next there, or another variation."""
        if self._after is None:
            self._after, node._above = node, self
        else:
            self._add_branch(node)

    def split(self, place: int) -> GameNode:
        """Return the node of one of ``plain_moves``; the moves before it stay plain, those behind it are its own."""
        assert self._plain is not None
        plain = self._plain
        node = GameNode(plain[place])
        node._after, node._above = self._after, self
        for branch in node._branches:
            branch._above = node
        node._plain = plain[place + 1 :] or None
        del plain[place:]
        self._plain, self._after = plain or None, node
        return node

    # --- inside

    @property
    def _root(self) -> GameNode:
        """The node that the tree begins with."""
        node = self
        while node._above is not None:
            node = node._above
        return node

    def _as_game(self) -> Game:
        raise ValueError("the tree belongs to no game")

    def _start_board(self) -> Board:
        return Board()

    @property
    def _branches(self) -> Sequence[GameNode]:
        """The nodes after the last of the plain moves."""
        after = self._after
        return after if isinstance(after, list) else () if after is None else (after,)

    @property
    def _first(self) -> GameNode | None:
        after = self._after
        return after[0] if isinstance(after, list) else after

    def _set_branches(self, nodes: list[GameNode]) -> None:
        self._after = nodes if len(nodes) > 1 else nodes[0] if nodes else None

    def _add_branch(self, node: GameNode) -> None:
        node._above = self
        if self._after is None:
            self._after = node
        elif isinstance(self._after, list):
            self._after.append(node)
        else:
            self._after = [self._after, node]

    def _make_nodes(self) -> None:
        """Give each of the plain moves a node."""
        plain, after = self._plain or (), self._after
        self._plain = None
        node = self
        for move in plain:
            following = GameNode(move)
            following._above, node._after = node, following
            node = following
        node._after = after
        for branch in node._branches:
            branch._above = node

    def _rows(self) -> Iterator[_Row]:
        """Yield of each node, level by level, the plain moves after it and what its branches are."""
        nodes = deque([self])
        while nodes:
            node = nodes.popleft()
            below = node._branches
            nodes += below
            notes = [(b.move, b.comment, b.starting_comment, tuple(b._nags or ())) for b in below]
            yield tuple(node._plain or ()), notes

    def _take_rows(self, rows: Iterable[_Row]) -> None:
        """Add to a node without variations what ``_rows`` says of another."""
        nodes = deque([self])
        for plain, notes in rows:
            node = nodes.popleft()
            node._plain = list(plain) or None
            for move, comment, starting_comment, nags in notes:
                below = GameNode(move, comment=comment, starting_comment=starting_comment, nags=nags)
                node._add_branch(below)
                nodes.append(below)

    def _outline(self) -> Iterator[tuple[object, ...]]:
        """Yield of each move its notes and how many follow it: the same for trees that hold the same."""
        nodes = [self]
        while nodes:
            node = nodes.pop()
            below, plain = node._branches, node._plain or ()
            counts = [1] * len(plain) + [len(below)]
            yield node.move, node.comment, node.starting_comment, tuple(node._nags or ()), counts[0]
            yield from ((move, "", "", (), count) for move, count in zip(plain, counts[1:], strict=True))
            nodes.extend(reversed(below))

    def _place_of(self, variation: int | Move | GameNode) -> int | None:
        branches = self.variations
        if isinstance(variation, int):
            return variation if 0 <= variation < len(branches) else None
        return next((i for i, node in enumerate(branches) if node is variation or node.move == variation), None)

    def _index(self, variation: int | Move | GameNode) -> int:
        place = self._place_of(variation)
        if place is None:
            raise KeyError(f"{variation!s:.40} is no variation here")
        return place

    def _move(self, place: int, target: int) -> None:
        if isinstance(self._after, list):
            self._after.insert(target, self._after.pop(place))

    def __reduce__(self) -> tuple[object, ...]:
        """Raise ``TypeError``: a node is copied or pickled with its game."""
        raise TypeError("a node cannot be copied without its game: copy that")

    def __repr__(self) -> str:
        """Return the class, the ply and the move, not the tree."""
        return f"<{type(self).__name__} at ply {self.ply()}: {self.move or 'start'}>"
