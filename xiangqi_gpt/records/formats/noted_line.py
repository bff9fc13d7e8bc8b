"""A line of moves while it is read, with what stands beside it: where it ends, it becomes nodes of the game's tree."""

from __future__ import annotations

from dataclasses import dataclass, field

from xiangqi_gpt.rules import Move

from ..game_node import GameNode


@dataclass(kw_only=True)
class NotedLine:
    """Moves with comments, glyphs, and the nodes of what could be played instead, by the number of the move.

    Numbers count from 1; ``comments[0]`` stands before the first move.
    """

    moves: list[Move] = field(default_factory=list)
    comments: dict[int, str] = field(default_factory=dict)
    nags: dict[int, list[int]] = field(default_factory=dict)
    others: dict[int, list[GameNode]] = field(default_factory=dict)

    def add_comment(self, text: str) -> None:
        """Take what is written after the last move."""
        plies = len(self.moves)
        self.comments[plies] = f"{self.comments[plies]}\n{text}" if plies in self.comments else text

    def add_nag(self, nag: int) -> None:
        """Take a glyph of the last move."""
        self.nags.setdefault(len(self.moves), []).append(nag)

    def cut(self, plies: int) -> None:
        """Keep the first moves only, and what belongs to them."""
        del self.moves[plies:]
        self.comments = {n: text for n, text in self.comments.items() if n <= plies}
        self.nags = {n: nags for n, nags in self.nags.items() if n <= plies}
        self.others = {n: others for n, others in self.others.items() if n <= plies}

    def fill(self, game: GameNode) -> None:
        """Put the line, as the main one, into a game without moves."""
        game.comment = self.comments.get(0, "").strip()
        self._go_on(game, 0)

    def variation(self) -> list[GameNode]:
        """Return the first node of the line, which has moves, and those of what could be played instead of it."""
        first = GameNode(self.moves[0], comment=self.comments.get(1, "").strip(), nags=self.nags.get(1, ()))
        first.starting_comment = self.comments.get(0, "").strip()
        self._go_on(first, 1)
        return [first, *self.others.get(1, ())]

    def _go_on(self, node: GameNode, done: int) -> None:
        """Add the moves after the first ``done`` to a node; only one that has something beside it becomes a node."""
        moves, comments, nags_of, others_of = self.moves, self.comments, self.nags, self.others
        if not (comments or nags_of or others_of):  # as most variations are
            if done < len(moves):
                node.extend(moves[done:] if done else moves)
            return
        if not nags_of and not others_of:  # comments alone, as most games have: no look-ups; the same nodes as below
            for ply, said in sorted(comments.items()):
                if ply > done and (comment := said.strip()):
                    if ply - 1 > done:
                        node.extend(moves[done : ply - 1])
                    following = GameNode(moves[ply - 1], comment=comment)
                    node.append(following)
                    node, done = following, ply
            if done < len(moves):
                node.extend(moves[done:] if done else moves)
            return
        for ply in sorted({*comments, *nags_of, *others_of}):
            comment, nags, others = comments.get(ply, "").strip(), nags_of.get(ply, ()), others_of.get(ply, ())
            if ply <= done or not (comment or nags or others):
                continue
            if ply - 1 > done:
                node.extend(moves[done : ply - 1])
            following = GameNode(moves[ply - 1], comment=comment, nags=nags)
            node.append(following)
            for other in others:
                node.append(other)
            node, done = following, ply
        if done < len(moves):
            node.extend(moves[done:] if done else moves)
