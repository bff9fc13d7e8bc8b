"""Whoever picks a move: simple baselines, external engines and, loaded only when asked for, the GPT."""

from .baselines import PIECE_VALUES, Greedy2Player, GreedyPlayer, RandomPlayer
from .external import ExternalPlayer
from .player import (
    Clock,
    Decision,
    Limit,
    Player,
    PlayerError,
    Policy,
    PrincipalVariation,
    SearchingPlayer,
    SearchProgress,
)
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
    "Policy",
    "PrincipalVariation",
    "RandomPlayer",
    "Score",
    "SearchProgress",
    "SearchingPlayer",
    "load_player",
]
