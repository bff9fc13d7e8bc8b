"""A game with its variations as a tree of moves: each position knows how it was reached and what was played there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xiangqi_gpt.rules import Move

if TYPE_CHECKING:
    from xiangqi_gpt.records import Game, Variation


@dataclass(eq=False)
class Node:
    """A position: the move that led to it (None at the root), what was written after it, and what was played next.

    The first of ``children`` goes on with the line, the others are variations. ``lead`` was written before the first
    move of a variation; ``nags`` are the numeric glyphs of the move.
    """

    move: Move | None = None
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    comment: str = ""
    lead: str = ""
    nags: list[int] = field(default_factory=list)

    @property
    def depth(self) -> int:
        """How many moves lead here."""
        return sum(1 for _ in self.path())

    def path(self) -> list[Node]:
        """The positions after each move that leads here, the root left out."""
        nodes: list[Node] = []
        node: Node = self
        while node.parent is not None:
            nodes.append(node)
            node = node.parent
        nodes.reverse()
        return nodes

    def onwards(self) -> list[Node]:
        """The positions that follow here when each line goes on with its first move."""
        nodes: list[Node] = []
        node = self
        while node.children:
            node = node.children[0]
            nodes.append(node)
        return nodes

    def child(self, move: Move) -> Node | None:
        """The position after a move, if it is in the tree."""
        return next((node for node in self.children if node.move == move), None)

    @property
    def is_main(self) -> bool:
        """Whether the main line leads here."""
        return all(node.parent is not None and node.parent.children[0] is node for node in self.path())


class VariationTree:
    """The moves of a game and of everything else that was tried in it."""

    def __init__(self) -> None:
        self.root = Node()

    @property
    def main_line(self) -> list[Node]:
        """The positions after each move of the game itself."""
        return self.root.onwards()

    def nodes(self) -> Iterator[Node]:
        """Every position but the root, each before what follows it."""
        waiting = self.root.children[::-1]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))

    @staticmethod
    def add(node: Node, move: Move, *, main: bool = False) -> Node:
        """The position after a move, made where it is new; ``main`` makes it the line's own continuation."""
        child = node.child(move)
        if child is None:
            child = Node(move, node)
            node.children.append(child)
        if main and node.children[0] is not child:
            node.children.remove(child)
            node.children.insert(0, child)
        return child

    @staticmethod
    def delete(node: Node) -> Node:
        """Take out a move with all that follows it; returns the position before it. The root stays."""
        if node.parent is None:
            return node
        node.parent.children.remove(node)
        return node.parent

    @staticmethod
    def promote(node: Node) -> bool:
        """Move the variation that a position is in one place up; False on the main line."""
        for step in reversed(node.path()):
            assert step.parent is not None
            siblings = step.parent.children
            place = siblings.index(step)
            if place:
                siblings[place - 1 : place + 1] = [step, siblings[place - 1]]
                return True
        return False

    @classmethod
    def from_game(cls, game: Game) -> VariationTree:
        """The tree of a record."""
        tree = cls()
        tree.root.comment = game.comments.get(0, "")
        waiting: list[tuple[Variation, Node]] = [(game, tree.root)]
        while waiting:
            line, start = waiting.pop(0)
            before, node = [], start
            for place, move in enumerate(line.moves):
                before.append(node)
                node = tree.add(node, move)
                node.comment = "\n".join(filter(None, [node.comment, line.comments.get(place + 1, "")]))
                node.nags += [nag for nag in line.nags.get(place, ()) if nag not in node.nags]
                if not place and line is not game:
                    node.lead = line.comments.get(0, "")
            for place, variations in sorted(line.variations.items()):
                if place < len(before):
                    waiting.extend((variation, before[place]) for variation in variations)
        return tree

    def fill(self, game: Game) -> None:
        """Put moves, comments and variations into an empty record."""
        from xiangqi_gpt.records import Variation  # reads and writes files: not needed to show the window

        game.comments = {0: self.root.comment} if self.root.comment else {}
        waiting: list[tuple[Variation, list[Node]]] = [(game, self.root.onwards())]
        while waiting:
            line, nodes = waiting.pop()
            for place, node in enumerate(nodes):
                assert node.move is not None and node.parent is not None
                line.moves.append(node.move)
                if node.comment:
                    line.comments[place + 1] = node.comment
                if node.nags:
                    line.nags[place] = list(node.nags)
                siblings = node.parent.children
                if place == 0 and line is not game:
                    continue  # the others that could be played here belong to the line around this one
                for other in siblings[1:]:
                    variation = Variation(comments={0: other.lead} if other.lead else {})
                    line.variations.setdefault(place, []).append(variation)
                    waiting.append((variation, [other, *other.onwards()]))
