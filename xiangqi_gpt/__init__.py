"""Xiangqi GPT: a language model that plays Chinese chess, its rules engine, its board and its trainer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .players.gpt import GptPlayer

__version__ = "0.1.0"


def load(model: str = "default") -> GptPlayer:
    """A player from a model folder or the name of a shipped model.

    ``xiangqi_gpt.load("default").policy(board)`` gives the probability of each legal move. Raises ``XiangqiError``
    when the model is missing or damaged.
    """
    from .players.gpt import GptPlayer

    return GptPlayer.load(model)
