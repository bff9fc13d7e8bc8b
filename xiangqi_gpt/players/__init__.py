"""Whoever picks a move: simple baselines, external engines and, loaded only when asked for, the GPT."""

from .baselines import PIECE_VALUES, Greedy2Player, GreedyPlayer, RandomPlayer
from .external import ExternalPlayer
from .player import Clock, Decision, Limit, Player, PlayerError, PrincipalVariation, Progress, Thinker
from .score import Score
from .spec import SPEC_HELP, load_player

__all__ = [
    "PIECE_VALUES",
    "SPEC_HELP",
    "Clock",
    "Decision",
    "ExternalPlayer",
    "Greedy2Player",
    "GreedyPlayer",
    "Limit",
    "Player",
    "PlayerError",
    "PrincipalVariation",
    "Progress",
    "RandomPlayer",
    "Score",
    "Thinker",
    "load_player",
]
