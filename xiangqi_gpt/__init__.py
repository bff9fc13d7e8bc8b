"""Xiangqi GPT: a language model that plays Chinese chess, its rules engine, its board and its trainer.

The names below are the public interface (``docs/api.md``); each is imported when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final, Literal, overload

if TYPE_CHECKING:
    from .players import load_player as load_player
    from .players.gpt import GptPlayer
    from .records import Game as Game
    from .records import GameNode as GameNode
    from .records import parse_pgn as parse_pgn
    from .records import read_games as read_games
    from .records import read_pgn as read_pgn
    from .records import write_pgn as write_pgn
    from .rules import BLACK as BLACK
    from .rules import RED as RED
    from .rules import START_FEN as START_FEN
    from .rules import Board as Board
    from .rules import Move as Move
    from .rules import Outcome as Outcome
    from .rules import Piece as Piece
    from .rules import Termination as Termination
    from .rules import XiangqiError as XiangqiError
    from .rules import perft as perft

__version__ = "0.2.0"

_EXPORTS: Final = {
    "rules": (
        *("BLACK", "RED", "START_FEN", "Board", "Move", "Outcome", "Piece", "Termination", "XiangqiError"),
        "perft",
    ),
    "records": ("Game", "GameNode", "parse_pgn", "read_games", "read_pgn", "write_pgn"),
    "players": ("load_player",),
}
_HOME: Final = {name: package for package, names in _EXPORTS.items() for name in names}

__all__ = ["load", *_HOME]  # names that __getattr__ finds


@overload
def load(player: Literal["default", "blind"] = "default") -> GptPlayer: ...


@overload
def load(player: str) -> Any: ...


def load(player: str = "default") -> Any:
    """Return a player: a shipped model's name, a model folder, or a player spec like ``search:default,nodes=50``.

    ``load("default").policy(board)["h2e2"]`` is the probability of a move. Close the player after use, or use it in a
    ``with`` statement. Raises ``XiangqiError`` when the model is missing or damaged, or the spec is wrong.
    """
    from .inference.model_folder import CheckpointError, find_model

    try:
        folder = find_model(player)
    except CheckpointError:
        from .players import load_player

        return load_player(player)
    from .players.gpt import GptPlayer

    return GptPlayer.load(folder)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
