"""Labels of a finished game from what its players' own searches saw: the work is done, nobody is asked again."""

from __future__ import annotations

from typing import Any, Final

from xiangqi_gpt.players import Decision
from xiangqi_gpt.players.score import centipawns
from xiangqi_gpt.records.corpus.policy_targets import policy_text

from ..match.result import MatchGame
from .label import label_score

#: Weights of a ply's moves: its visits in thousandths.
_WHOLE: Final = 1000


def search_labels(game: MatchGame) -> dict[str, Any]:
    """Return the labels of a game from its opening on, as a journal keeps them.

    ``best`` is the most visited move of each ply, not the one that was drawn; ``cp`` the score of the search for the
    side to move; ``policy`` the shares of the visits in thousandths (``records.corpus.policy_targets``). A move that
    was played at random, or by a player that has no policy, has no label.
    """
    first, last = len(game.opening.moves), len(game.board.move_stack)
    seen = [game.decisions.get(ply) for ply in range(first, last)]
    return {
        "best": " ".join("-" if d is None or not d.policy else str(next(iter(_ranked(d)))) for d in seen),
        "cp": [None if d is None else _score(d) for d in seen],
        "policy": policy_text([() if d is None else _targets(d) for d in seen]),
    }


def _ranked(decision: Decision) -> list[Any]:
    """The moves, most visited first; of two alike the one that the search prefers."""
    preferred = decision.lines[0].moves[0] if decision.lines else decision.move
    return sorted(decision.policy, key=lambda move: (-decision.policy[move], move != preferred))


def _targets(decision: Decision) -> list[tuple[Any, int]]:
    weights = [(move, round(_WHOLE * decision.policy[move])) for move in _ranked(decision)]
    return [(move, weight) for move, weight in weights if weight]


def _score(decision: Decision) -> int | None:
    """Centipawns for the side to move: a proven mate, else what is expected at the root."""
    if decision.score is not None and decision.score.mate is not None:
        return label_score(decision.score)
    return None if decision.wdl is None else centipawns(decision.wdl)
