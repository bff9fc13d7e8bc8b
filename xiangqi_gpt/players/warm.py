"""Compile every kernel of the players now rather than at its first use."""

from __future__ import annotations

from contextlib import closing

from numba.core import event

from xiangqi_gpt.rules import Board


def warm() -> int:
    """Use every kernel once, with the types the package uses; returns how many had to be compiled."""
    from xiangqi_gpt.model.gpt import PRESETS, Gpt

    from .player import Limit
    from .search import SearchPlayer
    from .tree import TreeSettings

    with event.install_recorder("numba:run_pass") as recorder:
        settings = TreeSettings(captures=1.0)
        with closing(SearchPlayer(Gpt(PRESETS["nano"]).eval(), limit=Limit(nodes=3), settings=settings)) as player:
            board = Board()
            board.push(player.choose(board).move)
            player.choose(board)
            player.choose(Board("4k4/R8/9/9/9/9/9/9/1R7/3K5 w - - 0 1"))
    return len({(passed.data["qualname"], passed.data["args"]) for _, passed in recorder.buffer})
