"""Whoever picks a move: simple baselines, external engines and, loaded only when asked for, the GPT."""

from xiangqi_gpt.rules.pieces import PIECE_VALUES

from .baselines import Greedy2Player, GreedyPlayer, RandomPlayer
from .external import ExternalPlayer
from .player import (
    BasePlayer,
    Clock,
    Decision,
    Player,
    PlayerError,
    Policy,
    PrincipalVariation,
    SearchLimit,
    SearchProgress,
)
from .score import Score
from .spec import SPEC_HELP, load_player

__all__ = [
    "PIECE_VALUES",
    "SPEC_HELP",
    "BasePlayer",
    "Clock",
    "Decision",
    "ExternalPlayer",
    "Greedy2Player",
    "GreedyPlayer",
    "Player",
    "PlayerError",
    "Policy",
    "PrincipalVariation",
    "RandomPlayer",
    "Score",
    "SearchLimit",
    "SearchProgress",
    "load_player",
]
