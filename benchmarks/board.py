"""How quick the window is: first frame, frames while the model thinks, a click, and the cost of doing nothing.

Run it with a display (or with SDL_VIDEODRIVER=dummy): ``python benchmarks/board.py [PLAYER]``, or with ``--start`` for
the start alone. Targets: a first picture within 1 s of the start, or 2.5 s of a cold start (no file in the system's
cache, no bytecode); the first reply within 1.5 s of the first move; 95 % of frames within 33 ms and none over 150 ms
while the model thinks, a click on the screen within 50 ms, less than 5 % of a core when idle.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from window_frames import frames

from xiangqi_gpt.machine import machine_line

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

SECONDS = 10.0


#: The first picture, an empty board.
_PICTURE = """
import sys, time
from xiangqi_gpt.gui.first_frame import open_first_frame
open_first_frame()
print(time.monotonic() - float(sys.argv[1]))
"""
#: The first picture that can be played in, from the command line on.
_FRAME = """
import sys, time
from xiangqi_gpt.gui import app
app.App.run = lambda self: (print(time.monotonic() - float(sys.argv[1])), self.close())
from xiangqi_gpt.commands.main import main
main(["play"])
"""
#: A person who takes some seconds for the first move: from the move to the reply.
_REPLY = """
import sys, time
import pygame
from xiangqi_gpt.gui import app
from xiangqi_gpt.gui.state.intents import StartGame, TryMove

def run(self):
    self.start()
    end = time.monotonic() + float(sys.argv[2])
    began = None
    while began is None or self.controller.session.ply_count < 2:
        for event in [pygame.event.wait(5), *pygame.event.get()]:
            self.handle(event)
        self.step()
        if began is None and time.monotonic() >= end:
            self.carry_out(StartGame(("human", "gpt,level=7")))
            began = time.monotonic()
            self.carry_out(TryMove(25, 22))
    print(time.monotonic() - began)
    self.close()

app.App.run = run
from xiangqi_gpt.commands.main import main
main(["play"])
"""
#: Seconds that a person looks at the welcome before moving.
_LOOKS = 3.0


def timed(code: str, *arguments: str, cold: bool = False) -> float:
    """Return what a program prints, in a process of its own with settings of its own."""
    with tempfile.TemporaryDirectory() as folder:
        homes = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"), folder)
        environment = {**os.environ, **homes}
        if cold:
            environment |= {"PYTHONPYCACHEPREFIX": folder}
            forget_files()
        command = [sys.executable, "-c", code, str(time.monotonic()), *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120)
        return float(done.stdout.split()[-1])


def forget_files() -> None:
    """Let the system drop Python, the installed packages and this project from its cache of files, where it can."""
    if not hasattr(os, "posix_fadvise"):
        return
    import xiangqi_gpt.gui

    roots = {*map(Path, sys.path[1:]), Path(xiangqi_gpt.__file__).parent, *map(Path, xiangqi_gpt.gui.__path__)}
    for path in (path for root in roots if root.is_dir() for path in root.rglob("*") if path.is_file()):
        with contextlib.suppress(OSError):
            file = os.open(path, os.O_RDONLY)
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(file)


def open_app(player: str, folder: Path):  # type: ignore[no-untyped-def]  # pygame is imported only after the first test
    """A window on a game of a player against itself, started and warm."""
    from xiangqi_gpt.gui.app import App, post_reply
    from xiangqi_gpt.gui.state.session import GameSession
    from xiangqi_gpt.gui.state.settings import Settings, Store
    from xiangqi_gpt.gui.worker.player_process import PlayerProcess

    players = (player, player)
    return App(GameSession(players), Settings(sound=False), Store(folder, folder), PlayerProcess(post_reply, 1))


def thinking_frames(player: str, folder: Path) -> list[float]:
    """Milliseconds between pictures, drawn as fast as 60 a second, while a player keeps thinking."""
    from xiangqi_gpt.gui.control import play_mode

    play_mode.WATCH_PAUSE = 0.0  # type: ignore[misc]  # think without a rest
    app = open_app(player, folder)
    app.start()
    end = time.monotonic() + SECONDS
    gaps = frames(app, lambda: time.monotonic() < end)
    app.close()
    return gaps


def annotation_frames(folder: Path) -> list[float]:
    """Milliseconds between pictures while a file is read, its first game annotated, and somebody walks through it."""
    from xiangqi_gpt.data import sample_games
    from xiangqi_gpt.gui.state.intents import OpenRecord

    app = open_app("human", folder)
    app.start()
    app.carry_out(OpenRecord(str(sample_games())))
    end = time.monotonic() + SECONDS
    gaps = frames(app, lambda: time.monotonic() < end, walks=True)
    app.close()
    return gaps


def clicks(folder: Path) -> list[float]:
    """Milliseconds from a click's event to the end of the drawing that shows it."""
    import pygame
    from xiangqi_gpt.gui.widgets.layout import Layout

    app = open_app("human", folder)
    geometry = Layout.of(app.screen.window.get_surface().get_size()).board
    taken = []
    for square in [*range(9), *range(27, 36, 2)] * 4:
        event = pygame.Event(pygame.MOUSEBUTTONDOWN, pos=geometry.centre(square, False), button=1)
        start = time.perf_counter()
        app.handle(event)
        app.step()
        taken.append((time.perf_counter() - start) * 1000)
    app.close()
    return taken


def idle(folder: Path) -> float:
    """Share of a core the window takes while it waits for the person."""
    import pygame

    app = open_app("human", folder)
    spent: list[float] = []

    def measure() -> None:
        before = time.process_time()
        time.sleep(SECONDS / 2)
        spent.append((time.process_time() - before) / (SECONDS / 2))
        pygame.event.post(pygame.Event(pygame.QUIT))

    threading.Timer(2.0, measure).start()
    app.run()
    return spent[0]


def main() -> None:
    """Print a table."""
    print(machine_line())
    player = next((word for word in sys.argv[1:] if not word.startswith("-")), "gpt")
    rows: list[tuple[str, str, str]] = []

    def row(name: str, value: Callable[[], str], target: str) -> None:
        rows.append((name, value(), target))

    def seconds(code: str, *arguments: str, cold: bool = False) -> str:
        return f"{np.median([timed(code, *arguments, cold=cold) for _ in range(3)]):.2f} s"

    timed(_FRAME)  # compiles what was not yet
    row("first picture", lambda: seconds(_PICTURE), "1.0 s")
    row("first picture, cold", lambda: seconds(_PICTURE, cold=True), "2.5 s")
    row("picture that can be played in", lambda: seconds(_FRAME), "")
    row(f"first reply, {_LOOKS:.0f} s after the start", lambda: seconds(_REPLY, str(_LOOKS)), "1.5 s")
    import pygame

    pygame.display.init()
    if "--start" in sys.argv:
        show(rows)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        gaps = thinking_frames(player, folder)
        rows.append((f"frames, {player} thinking, median", f"{np.median(gaps):.0f} ms", "17 ms"))
        rows.append((f"frames, {player} thinking, 95 %", f"{np.percentile(gaps, 95):.0f} ms", "33 ms"))
        rows.append((f"frames, {player} thinking, slowest", f"{max(gaps):.0f} ms", "150 ms"))
        gaps = annotation_frames(folder)
        rows.append(("frames, a game annotated, 95 %", f"{np.percentile(gaps, 95):.0f} ms", "33 ms"))
        rows.append(("frames, a game annotated, slowest", f"{max(gaps):.0f} ms", "150 ms"))
        taken = clicks(folder)
        rows.append(("click to picture, 95 %", f"{np.percentile(taken, 95):.1f} ms", "50 ms"))
        row("idle", lambda: f"{100 * idle(folder):.1f} %", "5 %")
    show(rows)


def show(rows: list[tuple[str, str, str]]) -> None:
    """Print what was measured."""
    import pygame

    print(f"{'':<36}{'measured':>10}{'target':>10}   ({pygame.display.get_driver()})")
    for label, measured, target in rows:
        print(f"{label:<36}{measured:>10}{target:>10}")


if __name__ == "__main__":
    main()
