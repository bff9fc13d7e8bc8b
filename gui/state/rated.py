"""Which games can be rated, and what is kept of one that has ended."""

from __future__ import annotations

from datetime import datetime

from xiangqi_gpt.players.levels import LADDER_ELO, rated_level
from xiangqi_gpt.rules import BLACK, RED, START_FEN
from xiangqi_gpt.user_store import RatedGame

from .session import HUMAN, GameSession


def level_to_beat(players: tuple[str, str], fen: str | None = None) -> int | None:
    """Return the level that one person plays from the usual start; None for any other game, which is never rated."""
    levels = [rated_level(player) for player in players if player != HUMAN]
    return levels[0] if len(levels) == 1 and fen in (None, START_FEN) else None


def rated_result(session: GameSession, played: datetime) -> RatedGame | None:
    """Return what is kept of a rated game that has ended; None of any other."""
    outcome, level, side = session.outcome, level_to_beat(session.players), session.person
    if not session.is_rated or outcome is None or level is None or side not in (RED, BLACK):
        return None
    elo, plies = float(LADDER_ELO[level]), session.ply_count
    return RatedGame.ended(outcome, side, level=level, elo=elo, played=played, plies=plies, game_id=session.game_id)
