"""Play at scale: openings, matches and what their scores say."""

from .elo.ratings import Ratings, fit_ratings
from .elo.sprt import Sprt
from .elo.statistics import Estimate, elo_from_score, estimate, score_from_elo
from .match.match import GameRules, play_games, play_match
from .match.result import GameResult, MatchGame, MatchReport
from .match.schedule import Fixture, schedule
from .match.start_positions import Opening, OpeningError, draw_openings, read_openings, read_positions
from .tournament.match_job import MatchJob
from .tournament.standings import Standings
from .tournament.tournament import run_tournament

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
