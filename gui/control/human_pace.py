"""How long a person would take for a move: what a model waits for, where people want an opponent with a human pace."""

from __future__ import annotations

import math
import random
from typing import Final

from xiangqi_gpt.players.player import Decision

from ..state.session import GameSession

#: Seconds for an ordinary move, and the least and the most that a move takes without a clock.
_USUAL: Final = 3.0
_LEAST, _MOST = 0.7, 15.0
#: Plies of the opening, whose moves are known; what a known, a forced or an obvious move takes of an ordinary one.
_OPENING: Final = 10
_QUICK: Final = 0.4
#: The share of an ordinary move's time that each bit of doubt adds: how much the model's own choice is spread.
_DOUBT: Final = 0.5
#: The spread of the times around these, as the deviation of their logarithm.
_SPREAD: Final = 0.5


def human_seconds(session: GameSession, decision: Decision, share: float | None = None) -> float:
    """Return how many seconds a player waits with its move in the game's last position, from the move before it on.

    Quick in the opening, where a piece is taken back and where there is one move; longer the more moves come into
    question. ``share`` is what the clock allots to the move: it is never gone beyond. In one game, the same for the
    same move.
    """
    board, line = session.shown_board, session.line
    taken_back = bool(line) and bool(line[-1].captured) and decision.move.to_square == line[-1].move.to_square
    is_known = session.ply_count < _OPENING and not session.gives_odds
    only = session.is_live and len(list(board.legal_moves)) == 1
    seconds = _USUAL * (_QUICK if taken_back or is_known or only else 1 + _DOUBT * _bits(decision))
    chance = random.Random(f"{session.game_id} {session.ply_count}")
    seconds = min(max(seconds * math.exp(chance.gauss(0, _SPREAD)), _LEAST), _MOST)
    return seconds if share is None else min(seconds, share)


def _bits(decision: Decision) -> float:
    """Return the entropy of the moves that came into question, in bits."""
    return -sum(share * math.log2(share) for share in decision.policy.values() if share > 0)
