"""What the players of a game saw in its positions, by ply."""

from __future__ import annotations

from xiangqi_gpt.players.player import Decision
from xiangqi_gpt.rules import Move

from .move_notes import Wdl, for_red


def opinion_of(decision: Decision) -> Wdl | None:
    """Return what a player thinks of its chances: win, draw, loss; an engine says it by its score, some say nothing."""
    if decision.wdl is not None:
        return decision.wdl
    return None if decision.score is None else decision.score.wdl


class Opinions:
    """The decisions of a game's players, and a judge's verdicts, each about the position after so many plies.

    ``first_turn`` is the side that makes the first move.
    """

    def __init__(self, first_turn: int) -> None:
        self._first_turn = first_turn
        self._decisions: dict[int, Decision] = {}
        self._verdicts: dict[int, Wdl] = {}  # for the side to move

    def keep(self, ply: int, decision: Decision) -> None:
        """Keep what a player saw in the position after ``ply`` plies."""
        self._decisions[ply] = decision

    def keep_verdict(self, ply: int, wdl: Wdl) -> None:
        """Keep how a judge sees the chances in the position after ``ply`` plies, for the side to move."""
        self._verdicts[ply] = wdl

    def has_verdict(self, ply: int) -> bool:
        """Return whether a judge has seen the position after ``ply`` plies."""
        return ply in self._verdicts

    def forget_after(self, ply: int) -> None:
        """Another move than before was made after ``ply`` plies: what was seen later was of another game."""
        self._decisions = {known: decision for known, decision in self._decisions.items() if known <= ply}
        self._verdicts = {known: wdl for known, wdl in self._verdicts.items() if known <= ply}

    def at(self, ply: int) -> Decision | None:
        """Return what a player saw in the position after ``ply`` plies, if one has looked."""
        return self._decisions.get(ply)

    def chances_of(self, side: int, ply_count: int) -> list[Wdl]:
        """The win/draw/loss that the player of a side saw in its decisions on the first plies, the latest last."""
        mine = [ply for ply in sorted(self._decisions) if ply < ply_count and self._turn(ply) == side]
        opinions = [opinion_of(self._decisions[ply]) for ply in mine]
        return [wdl for wdl in opinions if wdl is not None]

    def red_at(self, ply: int, last_move: Move | None) -> Wdl | None:
        """Probabilities (Red wins, draw, Black wins) in the position that ``last_move`` led to; None where unknown.

        A judge's word counts, and nobody else's in a game that it has seen any position of: players judge the same
        position otherwise, and the bar would jump. Without one, a search that chose the move has judged the position
        after it; a policy has only seen the one before.
        """
        if self._verdicts:
            verdict = self._verdicts.get(ply)
            return None if verdict is None else for_red(verdict, self._turn(ply))
        here, before = self._decisions.get(ply), self._decisions.get(ply - 1)
        if here is not None and (wdl := opinion_of(here)) is not None:
            return for_red(wdl, self._turn(ply))
        searched = before is not None and (before.score is not None or bool(before.lines))
        if before is not None and searched and before.move == last_move and (wdl := opinion_of(before)) is not None:
            return for_red(wdl, self._turn(ply - 1))
        return None

    def _turn(self, ply: int) -> int:
        return (self._first_turn + ply) % 2
