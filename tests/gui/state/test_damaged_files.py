"""Files of the window in which a value is of another type or out of its range: set aside or read, never an error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from xiangqi_gpt.gui.state.clock import GameClock
from xiangqi_gpt.gui.state.session import GameSession
from xiangqi_gpt.gui.state.settings import Settings, Store
from xiangqi_gpt.gui.state.study import Study

from xiangqi_gpt.players.time_control import TimeControl
from xiangqi_gpt.records import Game
from xiangqi_gpt.rules import Board, Move

WRONG: Final = [None, True, -1, 2**70, float("inf"), "\x1b[2J", "\ud800", [], [[1]], {}, ["x", "y"]]
MOVES: Final = ("h2e2", "h9g7", "h0g2", "i9h9")


def a_game() -> GameSession:
    game = GameSession(("human", "gpt"))
    for text in MOVES:
        game.play(Move.from_iccs(text))
    game.take_clock(GameClock(TimeControl.parse("5+3")))
    return game


def a_study() -> Study:
    board = Board()
    for text in MOVES:
        board.push(Move.from_iccs(text))
    study = Study(Game.from_board(board, result="1-0", Red="a"))
    study.root.comment = "text"
    study.edited = True
    return study


def places(data: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in JSON data."""
    yield place
    for key in data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ():
        yield from places(data[key], (*place, key))


def changed(data: Any, place: tuple[Any, ...], value: Any) -> Any:
    """The data with another value at a place."""
    if not place:
        return value
    data = json.loads(json.dumps(data))
    inside = data
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = value
    return data


FILES: Final[dict[str, tuple[Callable[[Store], object], Callable[[Store], object]]]] = {
    "settings.json": (lambda s: s.save_settings(Settings(recent=("a",), clock="5+3")), lambda s: s.load_settings()),
    "unfinished.json": (lambda s: s.save_game(a_game()), lambda s: s.load_game()),
    "variations.json": (lambda s: s.save_study(a_study()), lambda s: s.load_study()),
}


@pytest.mark.parametrize("name", FILES)
def test_a_value_of_any_kind_is_set_aside_or_read(tmp_path: Path, name: str) -> None:
    store = Store(tmp_path, tmp_path)
    save, load = FILES[name]
    save(store)
    data = json.loads((tmp_path / name).read_text("utf-8"))
    set_aside = 0
    for place in places(data):
        for value in WRONG:
            (tmp_path / name).write_text(json.dumps(changed(data, place, value)), "utf-8")
            _, damaged = load(store)  # type: ignore[misc]
            set_aside += damaged is not None
            (tmp_path / name).unlink(missing_ok=True)
    assert set_aside > len(data)
