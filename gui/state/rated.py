"""Which games can be rated, and what is kept of one that has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from xiangqi_gpt.players.levels import LADDER_ELO, nearest_level, rated_level
from xiangqi_gpt.players.own_rating import most_telling_level, rate_person
from xiangqi_gpt.rules import BLACK, RED, START_FEN
from xiangqi_gpt.user_store import RatedGame, has_begun, next_side

from .session import HUMAN, GameSession


def level_to_beat(players: tuple[str, str], fen: str | None = None) -> int | None:
    """Return the level that one person plays from the usual start; None for any other game, which is never rated."""
    levels = [rated_level(player) for player in players if player != HUMAN]
    return levels[0] if len(levels) == 1 and fen in (None, START_FEN) else None


def rated_result(session: GameSession, played: datetime) -> RatedGame | None:
    """Return what is kept of a rated game that has ended; None of any other, and of one that was aborted."""
    outcome, level, side = session.outcome, level_to_beat(session.players), session.person
    if not session.is_rated or outcome is None or level is None or side not in (RED, BLACK):
        return None
    if not has_begun(session.ply_count, side):
        return None
    elo, plies = float(LADDER_ELO[level]), session.ply_count
    return RatedGame.ended(outcome, side, level=level, elo=elo, played=played, plies=plies, game_id=session.game_id)


def would_lose(session: GameSession) -> bool:
    """Return whether leaving a game is a loss: it is rated and goes on, and the person has made a move."""
    return session.is_secret and session.person is not None and has_begun(session.ply_count, session.person)


@dataclass(frozen=True)
class RatedProposal:
    """What own rated games say of the next one: the side whose turn it is, and which level would be the opponent.

    ``even`` is the level nearest to the own rating, ``telling`` the one whose result would say most of it;
    ``follows``: the last game that could be rated was, so that the next one is proposed as rated too.
    """

    side: int
    even: int
    telling: int
    follows: bool = False


def propose_rated(games: Sequence[RatedGame], *, follows: bool = False) -> RatedProposal:
    """Return what is proposed after the rated games so far, the oldest first."""
    results = [(game.elo, game.score) for game in games]
    even = nearest_level(rate_person(results).elo)
    return RatedProposal(next_side(games), even, most_telling_level(results), follows)
