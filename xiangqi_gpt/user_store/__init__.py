"""What a person keeps between sessions, in one versioned file of the user's folder: mistakes to drill, rated games.

The file is an SQLite database, so that it is written whole or not at all and two windows may use it at a time. Further
tables (engines) are further steps of ``database.STEPS``.
"""

from .database import UserStore, UserStoreError, user_store_path
from .drill_cards import DrillCard, DrillDeck, Position
from .rated_games import RatedGame, RatedGames, has_begun, next_side

__all__ = [
    "DrillCard",
    "DrillDeck",
    "Position",
    "RatedGame",
    "RatedGames",
    "UserStore",
    "UserStoreError",
    "has_begun",
    "next_side",
    "user_store_path",
]
