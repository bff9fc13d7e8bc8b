"""Whoever picks a move: simple baselines, external engines and, loaded only when asked for, the GPT."""

from .baselines import PIECE_VALUES, Greedy2Player, GreedyPlayer, RandomPlayer
from .dialects import Limit
from .external import ExternalPlayer
from .player import Decision, Player, PlayerError
from .spec import SPEC_HELP, load_player

__all__ = [
    "PIECE_VALUES",
    "SPEC_HELP",
    "Decision",
    "ExternalPlayer",
    "Greedy2Player",
    "GreedyPlayer",
    "Limit",
    "Player",
    "PlayerError",
    "RandomPlayer",
    "load_player",
]
