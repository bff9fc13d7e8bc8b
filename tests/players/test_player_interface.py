"""Whoever picks a move is asked the same way."""

from __future__ import annotations

import inspect

import pytest

from xiangqi_gpt.players.baselines import Greedy2Player, GreedyPlayer, RandomPlayer
from xiangqi_gpt.players.external import ExternalPlayer
from xiangqi_gpt.players.gpt import GptPlayer
from xiangqi_gpt.players.player import BasePlayer, Player
from xiangqi_gpt.players.search import SearchPlayer


@pytest.mark.parametrize(
    "kind", [BasePlayer, RandomPlayer, GreedyPlayer, Greedy2Player, GptPlayer, SearchPlayer, ExternalPlayer]
)
def test_every_player_is_asked_the_same_way(kind: type) -> None:
    wanted = list(inspect.signature(Player.choose).parameters.values())
    assert [parameter.name for parameter in wanted] == ["self", "board", "limit", "clock", "stop", "on_progress"]
    found = list(inspect.signature(kind.choose).parameters.values())  # type: ignore[attr-defined]
    more = {"fresh"} if kind is ExternalPlayer else set()  # an engine may be told to forget
    assert [parameter for parameter in found if parameter.name not in more] == wanted
