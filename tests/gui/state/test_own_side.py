"""Whose mistakes are tried again: a player is known by name in every game, else a side is."""

from __future__ import annotations

import pytest
from xiangqi_gpt.gui.state.own_side import own_name, own_side
from xiangqi_gpt.gui.state.study import Study

from xiangqi_gpt.records import Game
from xiangqi_gpt.rules import BLACK, RED


def study(red: str, black: str) -> Study:
    return Study(Game(tags={"Red": red, "Black": black}))


@pytest.mark.parametrize(
    ("own", "side"),
    [("", None), ("red", RED), ("black", BLACK), ("wang, fred", RED), ("Li", BLACK), ("an", None), ("i", None)],
)
def test_a_side_is_found_by_its_players_name_or_by_its_colour(own: str, side: int | None) -> None:
    assert own_side(study("Wang, Fred", "Li"), own) == side


def test_a_name_that_both_have_means_both() -> None:
    game = study("Wang", "Wang")
    assert own_side(game, "wang") is None
    assert [own_side(game, own_name(game, side)) for side in (RED, BLACK)] == [RED, BLACK]
    longer = study("李来", "李来群")
    assert [own_side(longer, own_name(longer, side)) for side in (RED, BLACK)] == [RED, BLACK]


@pytest.mark.parametrize(("red", "name"), [("王天一", "王天一"), ("?", "red"), ("", "red")])
def test_a_player_is_remembered_by_name_where_there_is_one(red: str, name: str) -> None:
    game = study(red, "?")
    assert (own_name(game, RED), own_name(game, BLACK), own_name(game, None)) == (name, "black", "")
    assert own_side(game, own_name(game, RED)) == RED
