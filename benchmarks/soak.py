"""Lets the window play model against model for minutes while somebody clicks, types and resizes at random.

    python benchmarks/soak.py --minutes 30 [--player gpt,temperature=1] [--seed 1] [--clicks 10] [--resizes 1]

Prints a line a minute, and at the end how many moves were played, how many exceptions there were, and how much memory
the window's process has taken since the first minute. Exit status 1 after an exception. Settings and files go to a
folder that is removed afterwards. Draws into memory unless SDL_VIDEODRIVER says otherwise.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import pygame
from xiangqi_gpt.gui.app import App, post_reply
from xiangqi_gpt.gui.control.keys import KEYS
from xiangqi_gpt.gui.state.intents import Command, StartGame, SwitchMode
from xiangqi_gpt.gui.state.mode import Mode
from xiangqi_gpt.gui.state.session import GameSession
from xiangqi_gpt.gui.state.settings import Settings, Store
from xiangqi_gpt.gui.worker.player_process import PlayerProcess

from xiangqi_gpt.machine import machine_line

#: Commands that would leave the program, or the size that is being tested.
_LEFT_OUT = (Command.QUIT, Command.FULLSCREEN)
_SIZES = ((800, 600), (1920, 1080))
_WARM_UP = 60.0


def memory() -> float:
    """Megabytes of this process in memory."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 1e6
    except OSError:  # no such file system: the peak is the next best
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def click(app: App, chance: random.Random) -> None:
    """Press and release a button of the mouse somewhere."""
    width, height = app.screen.window.get_surface().get_size()
    position = (chance.randrange(width), chance.randrange(height))
    app.handle(pygame.Event(pygame.MOUSEMOTION, pos=position, rel=(0, 0), buttons=(0, 0, 0)))
    for kind in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
        app.handle(pygame.Event(kind, pos=position, button=1))


def press(app: App, chance: random.Random) -> None:
    """Press a key that stands for something."""
    key = chance.choice([key for key in KEYS if key.command not in _LEFT_OUT])
    mod = (pygame.KMOD_CTRL if key.control else 0) | (pygame.KMOD_SHIFT if key.shift else 0)
    app.handle(pygame.Event(pygame.KEYDOWN, key=key.code, mod=mod, unicode=""))
    app.handle(pygame.Event(pygame.KEYUP, key=key.code, mod=mod))


def resize(app: App, chance: random.Random) -> None:
    """Give the window another size."""
    (least_width, least_height), (most_width, most_height) = _SIZES
    app.screen.window.size = (chance.randint(least_width, most_width), chance.randint(least_height, most_height))


def watch_again(app: App, player: str) -> None:
    """Whatever was clicked: the models play on."""
    app.handle(pygame.Event(pygame.KEYDOWN, key=pygame.K_ESCAPE, mod=0, unicode=""))
    app.handle(pygame.Event(pygame.KEYUP, key=pygame.K_ESCAPE, mod=0))
    app.carry_out(SwitchMode(Mode.PLAY))
    session = app.controller.session
    if session.seats != (player, player) or session.outcome is not None:
        app.carry_out(StartGame((player, player)))
    session.pause(False)


def soak(options: argparse.Namespace, folder: Path) -> int:
    """Run it; returns how many exceptions there were."""
    chance = random.Random(options.seed)
    pygame.display.init()
    seats = (options.player, options.player)
    thinker = PlayerProcess(post_reply, options.seed)
    app = App(GameSession(seats), Settings(seats=seats), Store(folder, folder), thinker, size=(1180, 860))
    app.start()
    start = time.monotonic()
    end, first, reported = start + 60 * options.minutes, None, start
    done: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    due = {"click": start, "key": start, "resize": start, "watch": start + 15}
    every = {"click": 1 / options.clicks, "key": 2 / options.clicks, "resize": 1 / options.resizes, "watch": 15.0}
    acts = {"click": click, "key": press, "resize": resize}
    ply = 0
    while (now := time.monotonic()) < end:
        try:
            for event in pygame.event.get():
                if event.type != pygame.QUIT:
                    app.handle(event)
            for name, at in due.items():
                if now >= at:
                    due[name] = now + chance.expovariate(1 / every[name])
                    done[name] += 1
                    acts[name](app, chance) if name in acts else watch_again(app, options.player)
            app.step()
        except Exception as error:
            faults[f"{type(error).__name__}: {error}"] += 1
            traceback.print_exc()
        played = app.controller.session.ply_count
        done["moves"] += max(played - ply, 0)
        ply = played
        if first is None and now - start >= min(_WARM_UP, 60 * options.minutes / 4):
            first = memory()
        if now - reported >= 60:
            reported = now
            print(f"{(now - start) / 60:5.1f} min  {memory():6.1f} MB  {done['moves']:6,} moves", flush=True)
        time.sleep(0.002)
    last = memory()
    app.close()
    print(f"moves {done['moves']:,}, clicks {done['click']:,}, keys {done['key']:,}, resizes {done['resize']:,}")
    print(f"exceptions {faults.total()}", *faults, sep="\n  " if faults else "")
    early = last if first is None else first
    print(f"memory {early:.1f} MB after the first minute, {last:.1f} MB at the end: {last - early:+.1f} MB")
    return faults.total()


def main() -> int:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--player", default="gpt,temperature=1")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clicks", type=float, default=10.0, help="clicks a second, and half as many keys")
    parser.add_argument("--resizes", type=float, default=1.0, help="resizes a second")
    options = parser.parse_args()
    print(machine_line())
    with tempfile.TemporaryDirectory() as name:
        os.environ["HOME"] = os.environ["XDG_DOCUMENTS_DIR"] = name  # a game that is saved by chance goes there
        return min(1, soak(options, Path(name)))


if __name__ == "__main__":
    sys.exit(main())
