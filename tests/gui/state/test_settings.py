"""Settings and the unfinished game: kept, and set aside when damaged."""

from __future__ import annotations

import json
import math
import os
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from special_files import Pipe
from xiangqi_gpt.gui.state.session import HUMAN, GameSession
from xiangqi_gpt.gui.state.settings import Settings, Store
from xiangqi_gpt.gui.state.unfinished import LEVEL_COUNT, game_data

from xiangqi_gpt.rules import RED, Move


def test_settings_come_back(tmp_path: Path) -> None:
    store = Store(tmp_path / "config", tmp_path / "state")
    assert store.is_first_start
    settings = replace(Settings(), theme="light", faces="western", players=("gpt", HUMAN), show_ideas=True)
    store.save_settings(settings)
    assert not store.is_first_start
    assert store.load_settings() == (settings, None)


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", '{"theme": "pink"}', '{"mind": 3}', '{"seats": ["human"]}', '{"seats": 5}', "\x00\xff"),
        *('{"puzzles": [null, 0, 0]}', '{"puzzles": [Infinity, 0, 0]}', "[" * 200_000),
    ],
    ids=lambda text: text[:30],
)
def test_a_damaged_settings_file_is_set_aside(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.json").write_text(text, "utf-8")
    settings, aside = Store(tmp_path, tmp_path).load_settings()
    assert settings.theme == "dark"
    assert aside is not None and (tmp_path / aside).read_text("utf-8") == text
    assert not (tmp_path / "settings.json").exists()


def test_settings_of_an_earlier_version_are_read(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"seats": ["gpt", "human"], "mind": true, "puzzles": [3, 1, 2]}', "utf-8")
    settings, aside = Store(tmp_path, tmp_path).load_settings()
    assert aside is None and settings.players == ("gpt", HUMAN) and settings.show_ideas
    assert settings.puzzles == (3, 1, 2, 0, 0, 0, 0, 0, 0), "there were only mates"


@pytest.mark.parametrize(("written", "now"), [(3, 7), (8, 16), (10, 20)])
def test_levels_that_version_0_1_wrote_play_as_they_did(tmp_path: Path, written: int, now: int) -> None:
    store = Store(tmp_path, tmp_path)
    (tmp_path / "settings.json").write_text(json.dumps({"seats": ["human", f"gpt,level={written}"]}), "utf-8")
    data = game_data(GameSession((f"gpt:m,level={written}", HUMAN))) | {"moves": ["h2e2"]}
    (tmp_path / "unfinished.json").write_text(
        json.dumps({name: value for name, value in data.items() if name != LEVEL_COUNT}), "utf-8"
    )
    settings, game = store.load_settings()[0], store.load_game()[0]
    assert settings.players == (HUMAN, f"gpt,level={now}")
    assert game is not None and game.players == (f"gpt:m,level={now}", HUMAN)
    store.save_settings(settings)
    store.save_game(game)
    again, same = store.load_settings()[0], store.load_game()[0]
    assert again.players == settings.players and same is not None and same.players == game.players


def test_unknown_settings_of_a_later_version_are_ignored(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"theme": "light", "hologram": true}', "utf-8")
    settings, aside = Store(tmp_path, tmp_path).load_settings()
    assert settings.theme == "light" and aside is None


def test_an_unfinished_game_is_kept_and_a_finished_one_forgotten(tmp_path: Path) -> None:
    store = Store(tmp_path, tmp_path)
    assert store.load_game() == (None, None)
    session = GameSession((HUMAN, "greedy"))
    store.save_game(session)
    assert store.load_game() == (None, None), "a game without moves is nothing to go on with"
    session.play(Move.from_iccs("h2e2"))
    store.save_game(session)
    saved, _ = store.load_game()
    assert saved is not None and saved.request() == session.request()
    session.resign(RED)
    store.save_game(session)
    assert store.load_game() == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        '{"fen": "x", "moves": [], "seats": ["a", "b"], "resigned": null}',
        json.dumps(game_data(GameSession()) | {"clock": {"control": "60", "hands": [[1, math.inf], [1, 0]]}}),
        "[" * 200_000,
    ],
    ids=["no position", "endless time", "endless depth"],
)
def test_a_damaged_game_is_set_aside(tmp_path: Path, text: str) -> None:
    (tmp_path / "unfinished.json").write_text(text)
    saved, aside = Store(tmp_path, tmp_path).load_game()
    assert saved is None and aside is not None and (tmp_path / aside).exists()


def test_a_folder_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = Store(tmp_path / "file", tmp_path / "file")
    store.save_settings(Settings())
    assert store.load_settings()[0].theme == "dark"


@pytest.mark.skipif(sys.platform == "win32", reason="needs named pipes")
def test_a_special_file_in_the_place_of_what_is_kept_is_left_alone(tmp_path: Path) -> None:
    pipes = [Pipe(tmp_path / name).path for name in ("settings.json", "unfinished.json", "variations.json")]
    store = Store(tmp_path, tmp_path)
    assert store.load_settings()[1] is None and store.load_game() == store.load_study() == (None, None)
    session = GameSession((HUMAN, "greedy"))
    session.play(Move.from_iccs("h2e2"))
    store.save_settings(Settings())
    store.save_game(session)
    session.resign(RED)
    store.save_game(session)
    assert sorted(tmp_path.iterdir()) == sorted(pipes) and all(path.is_fifo() for path in pipes)


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_links_to_what_is_kept_stay(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    for name in ("settings.json", "unfinished.json"):
        (tmp_path / name).symlink_to(f"kept/{name}")
    store = Store(tmp_path, tmp_path)
    settings = replace(Settings(), theme="light")
    store.save_settings(settings)
    assert store.load_settings() == (settings, None) and (tmp_path / "settings.json").is_symlink()
    (tmp_path / "kept" / "settings.json").write_text("{")
    assert store.load_settings()[1] == "settings.damaged.json"
    assert (tmp_path / "settings.json").is_symlink() and (tmp_path / "kept" / "settings.damaged.json").exists()
    session = GameSession((HUMAN, "greedy"))
    session.play(Move.from_iccs("h2e2"))
    store.save_game(session)
    assert (tmp_path / "kept" / "unfinished.json").exists()
    session.resign(RED)
    store.save_game(session)
    assert not (tmp_path / "kept" / "unfinished.json").exists() and (tmp_path / "unfinished.json").is_symlink()


@pytest.mark.skipif(os.name == "nt", reason="permissions are POSIX's")
def test_settings_and_the_unfinished_game_are_for_their_owner_alone(tmp_path: Path) -> None:
    store = Store(tmp_path / "config", tmp_path / "state")
    store.save_settings(Settings())
    for path in (kept := [path for path in tmp_path.rglob("*") if path.is_file()]):
        path.chmod(0o644)
    store.save_settings(replace(Settings(), theme="light"))
    assert kept and all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in kept)
