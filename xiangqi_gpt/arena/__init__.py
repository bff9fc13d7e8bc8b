"""Play at scale: openings, matches and what their scores say."""

from .match import play_match
from .openings import Opening, OpeningError, draw_openings, read_positions
from .result import MatchGame, MatchReport
from .statistics import Estimate, elo_from_score, estimate, score_from_elo

__all__ = [
    "Estimate",
    "MatchGame",
    "MatchReport",
    "Opening",
    "OpeningError",
    "draw_openings",
    "elo_from_score",
    "estimate",
    "play_match",
    "read_positions",
    "score_from_elo",
]
