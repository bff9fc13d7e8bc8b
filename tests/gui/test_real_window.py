"""One game in a real window on a virtual screen, played with a real pointer and keyboard."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pygame
import pytest
from patience import PATIENCE, becomes
from xiangqi_gpt.data import sample_games
from xiangqi_gpt.gui.state.theme import DARK
from xiangqi_gpt.gui.widgets.layout import Layout

from xiangqi_gpt.records import read_pgn
from xiangqi_gpt.records.formats.convert import write_games

NEEDED = ("Xvfb", "xdotool")
ENGINE = "/usr/games/fairy-stockfish"
_LETTERS = 25  # pixels of a sentence that have its colour at least
SAMPLE_GAME = 131  # long enough for mistakes in the eyes of any model

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not all(map(shutil.which, NEEDED)), reason=f"needs {' and '.join(NEEDED)} for a virtual screen"),
]


class Desktop:
    """A virtual screen with the program on it."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        read, write = os.pipe()
        command = ["Xvfb", "-screen", "0", "2000x1700x24", "-displayfd", str(write), "-nolisten", "tcp"]
        self.server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as number:
            self.display = f":{number.readline().strip()}"
        homes = {name: str(folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DOCUMENTS_DIR")}
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("SDL_", "WAYLAND"))}
        self.environment = environment | homes | {"DISPLAY": self.display, "SDL_AUDIODRIVER": "dummy"}
        self.program = subprocess.Popen(
            [sys.executable, "-m", "xiangqi_gpt", "play", *arguments],
            env=self.environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.window = self._wait_for_window()
        geometry = dict(line.split("=") for line in self.do("getwindowgeometry", "--shell", self.window).split())
        self.size = int(geometry["WIDTH"]), int(geometry["HEIGHT"])

    def do(self, *command: str) -> str:
        done = subprocess.run(
            ["xdotool", *command], env=self.environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        return done.stdout.strip()

    def _wait_for_window(self) -> str:
        def windows() -> list[str]:
            return self.do("search", "--onlyvisible", "--pid", str(self.program.pid)).split()

        assert becomes(lambda: windows() or self.program.poll() is not None), "no window appeared"
        assert self.program.poll() is None, self.program.stderr and self.program.stderr.read()
        time.sleep(1.0)  # a new window is moved to its place first
        found: list[str] = []
        assert becomes(lambda: found.extend(windows()) or found), "the window went away"
        return found[0]

    def click(self, name: str) -> None:
        square = "abcdefghi".index(name[0]) + 9 * int(name[1])
        x, y = Layout.of(self.size).board.centre(square, False)
        self.do("mousemove", "--window", self.window, str(x), str(y), "click", "1")
        time.sleep(0.2)

    def resize(self, width: int, height: int) -> None:
        self.do("windowmove", self.window, "0", "0")  # all of it is to be on the screen
        self.do("windowsize", "--sync", self.window, str(width), str(height))
        self.size = (width, height)
        time.sleep(0.5)

    def type(self, text: str) -> None:
        self.do("type", "--window", self.window, text)
        time.sleep(0.3)

    def hold(self, name: str, seconds: float) -> None:
        self.do("keydown", "--window", self.window, name)
        time.sleep(seconds)
        self.do("keyup", "--window", self.window, name)

    def key(self, *names: str) -> None:
        for name in names:
            self.do("key", "--window", self.window, name)
            time.sleep(0.25)

    def picture(self, path: Path) -> None:
        """Keep what the screen shows, where a program for it is installed."""
        if shutil.which("import"):
            command = ["timeout", "60", "import", "-window", self.window, str(path)]
            subprocess.run(command, env=self.environment, capture_output=True, check=False)

    def shows_an_error(self, path: Path) -> bool:
        """Whether something is written in the colour of errors, in a picture that is kept; true without pictures."""
        self.picture(path)
        if not path.exists():
            return True
        picture = pygame.image.load(path)
        return pygame.mask.from_threshold(picture, DARK.danger, (16, 16, 16, 255)).count() > _LETTERS

    def close(self) -> None:
        for process in (self.program, self.server):
            process.kill()
            process.wait()


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    opened = Desktop(tmp_path, "--player", "greedy", "--seed", "1", "--language", "en")
    yield opened
    opened.close()


def test_a_game_is_played_taken_back_saved_and_left(desktop: Desktop, tmp_path: Path) -> None:
    for _ in range(5):  # a busy machine may still be getting ready
        desktop.click("h2")
        desktop.click("e2")
        if becomes(lambda: _kept_moves(tmp_path), PATIENCE / 10):
            break
    assert becomes(lambda: len(_kept_moves(tmp_path)) == 2), "the player answers"
    desktop.key("u", "f", "f", "t")
    desktop.click("b0")
    desktop.click("c2")
    assert becomes(lambda: _kept_moves(tmp_path)[:1] == ["b0c2"])
    target = tmp_path / "real.pgn"
    desktop.key("ctrl+s", "ctrl+u")
    desktop.do("type", "--window", desktop.window, str(target))
    desktop.key("Return")
    assert becomes(target.exists)
    (game,) = read_pgn(target)
    assert str(game.moves[0]) == "b0c2"
    _analyse_a_record(desktop, tmp_path)
    desktop.key("ctrl+q")
    assert desktop.program.wait(PATIENCE) == 0
    assert desktop.program.stderr is not None and "Traceback" not in desktop.program.stderr.read()


@pytest.mark.skipif(not Path(ENGINE).exists(), reason=f"needs {ENGINE}")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_engines_odds_clocks_held_keys_and_a_high_window(tmp_path: Path, language: str) -> None:
    """A game at odds against an engine that is added by hand, with a clock, taken back and played again."""
    desktop = Desktop(tmp_path, "--language", language)
    try:
        settings = tmp_path / "xiangqi-gpt" / "settings.json"

        def is_ready() -> bool:
            desktop.picture(tmp_path / "welcome.png")
            desktop.key("Escape", "f")  # the board is turned as soon as the window takes keys
            return becomes(settings.exists, 0.5)

        assert becomes(is_ready, PATIENCE)
        desktop.key("f", "ctrl+shift+a")
        desktop.type("/no/such/engine")
        desktop.key("Return")
        assert becomes(lambda: desktop.shows_an_error(tmp_path / "no-engine.png"))

        def is_added() -> bool:
            desktop.key("ctrl+a")
            desktop.type(ENGINE)
            desktop.key("Return")  # does nothing as long as the wrong one is being tried
            return becomes(lambda: f"uci:{ENGINE},movetime=1000" in settings.read_text("utf-8"), 30.0)

        desktop.key("ctrl+a")
        desktop.type(str(_mute_program(tmp_path)))
        desktop.key(*["Tab"] * 4, "Right", "Return")  # the first protocol alone, which it does not speak
        assert becomes(lambda: desktop.shows_an_error(tmp_path / "wrong-protocol.png"))
        assert str(_mute_program(tmp_path)) not in settings.read_text("utf-8")
        desktop.key("Left", *["shift+Tab"] * 4)
        assert becomes(is_added, PATIENCE)
        time.sleep(0.5)
        desktop.picture(tmp_path / "new-game.png")
        desktop.key(*["Tab"] * 5, "Right", "Tab", "Tab", "Right", "Return")  # a horse, minutes and an increment
        assert becomes(lambda: '"600+5"' in settings.read_text("utf-8"), PATIENCE), "the game begins"

        def has_moved() -> bool:
            desktop.click("h2")
            desktop.click("e2")
            return becomes(lambda: len(_kept_moves(tmp_path)) >= 1, PATIENCE / 10)

        assert becomes(has_moved, PATIENCE)
        desktop.key("u")
        desktop.picture(tmp_path / "taken-back.png")
        desktop.key("r")
        desktop.picture(tmp_path / "played-again.png")
        assert becomes(lambda: len(_kept_moves(tmp_path)) == 2, PATIENCE), "the engine answers the move played again"
        desktop.picture(tmp_path / "game.png")
        desktop.key("Tab")
        desktop.hold("Left", 1.2)
        time.sleep(0.3)
        desktop.picture(tmp_path / "analyse.png")
        desktop.key("Tab", "End", "m")
        desktop.type("b0c2xyz")
        desktop.key("shift+Left", "shift+Left")
        desktop.picture(tmp_path / "selected.png")
        desktop.key("End")
        desktop.hold("BackSpace", 1.0)
        desktop.picture(tmp_path / "held.png")
        desktop.key("ctrl+a")
        desktop.type("nonsense")
        desktop.key("Return")
        desktop.picture(tmp_path / "refused.png")
        desktop.key("Escape")
        broken = tmp_path / "broken.xqf"
        broken.write_bytes(b"no record")
        desktop.key("ctrl+o", "Tab", "ctrl+a")
        desktop.type(str(broken))
        desktop.key("Return")
        assert becomes(lambda: desktop.shows_an_error(tmp_path / "unreadable.png"))
        kept = settings.stat().st_mtime_ns
        desktop.key("Escape", "z")
        assert becomes(lambda: settings.stat().st_mtime_ns > kept), "the board is turned for the first puzzle"
        for name in ("mates", "material", "defence"):
            desktop.picture(tmp_path / f"{name}.png")
            desktop.key("k")
        desktop.key("Tab")
        desktop.resize(800, 1100)
        desktop.picture(tmp_path / "portrait.png")
        desktop.key("z", "Tab", "Tab")
        desktop.picture(tmp_path / "portrait-analyse.png")
        desktop.key("e")
        desktop.picture(tmp_path / "portrait-setup.png")
        for size in ((800, 600), (1920, 1080)):
            desktop.resize(*size)
            for mode, keys in (("setup", ()), ("play", ("Tab", "Tab")), ("analyse", ("Tab",)), ("new", ("Tab", "n"))):
                desktop.key(*keys)
                desktop.picture(tmp_path / f"{mode}-{size[0]}.png")
            desktop.key("Escape", "e")
        desktop.key("Tab", "Tab", "End")
        desktop.resize(900, 1600)
        desktop.picture(tmp_path / "high.png")
        desktop.click("b2")
        desktop.click("d2")
        assert becomes(lambda: "b2d2" in _kept_moves(tmp_path), PATIENCE), "a click in the high window"
        desktop.key("ctrl+q")
        assert desktop.program.wait(PATIENCE) == 0
        assert desktop.program.stderr is not None and "Traceback" not in desktop.program.stderr.read()
    finally:
        desktop.close()


def _mute_program(folder: Path) -> Path:
    """Return a program that says nothing an engine would say, and ends."""
    program = folder / "mute"
    if not program.exists():
        program.write_text("#!/bin/sh\necho no engine\n")
        program.chmod(0o755)
    return program


def _analyse_a_record(desktop: Desktop, folder: Path) -> None:
    """Load an XQF, wait for the model's notes, jump to the first mistake and go on playing from there."""
    game = next(islice(read_pgn(sample_games()), SAMPLE_GAME, None))
    record = folder / "sample.xqf"
    write_games([game], record)
    desktop.key("ctrl+o", "Tab", "ctrl+u")
    desktop.do("type", "--window", desktop.window, str(record))
    desktop.key("Return")
    moves = [str(move) for move in game.moves]

    def plays_on() -> bool:
        kept = _kept_moves(folder)
        return len(kept) > 2 and kept[:-1] == moves[: len(kept) - 1]  # the opponent may have answered already

    def jumped() -> bool:
        desktop.picture(folder / "analysis.png")
        desktop.key("Home", "period", "p", "Return")  # to the mistake, and play from there in place of the last game
        if becomes(plays_on, 2.0):
            return True
        desktop.key("Tab")  # the notes are not there yet: back to the analysis
        return False

    assert becomes(jumped), "the game is loaded and its first mistake found"


def _kept_moves(folder: Path) -> list[str]:
    """The moves of the game that the program keeps for the case of a crash."""
    try:
        return list(json.loads((folder / "xiangqi-gpt" / "unfinished.json").read_text())["moves"])
    except OSError:
        return []
