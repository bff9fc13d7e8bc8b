"""Play at scale: openings, matches and what their scores say."""

from .job import MatchJob
from .match import GameRules, play_games, play_match
from .openings import Opening, OpeningError, draw_openings, read_openings, read_positions
from .ratings import Ratings, fit_ratings
from .result import GameResult, MatchGame, MatchReport
from .schedule import Fixture, schedule
from .sprt import Sprt
from .standings import Standings
from .statistics import Estimate, elo_from_score, estimate, score_from_elo
from .tournament import run_tournament

__all__ = [
    "Estimate",
    "Fixture",
    "GameResult",
    "GameRules",
    "MatchGame",
    "MatchJob",
    "MatchReport",
    "Opening",
    "OpeningError",
    "Ratings",
    "Sprt",
    "Standings",
    "draw_openings",
    "elo_from_score",
    "estimate",
    "fit_ratings",
    "play_games",
    "play_match",
    "read_openings",
    "read_positions",
    "run_tournament",
    "schedule",
    "score_from_elo",
]
