"""Lets the window play for minutes while somebody clicks, types, resizes, takes back and begins games at random.

    python benchmarks/soak.py --minutes 30 [--player gpt,temperature=1] [--engine uci:fairy-stockfish,nodes=100]
                              [--seed 1] [--clicks 10] [--resizes 1] [--growth 20]

After every step clock, bar, list and board of the game must agree.

``--minutes 1440`` is a day. Prints a line a minute, and at the end how many moves were played, how many exceptions
there were, and how much memory the window's process has taken since the first minute. Exit status 1 after an exception,
or when that is more than ``--growth`` megabytes. Settings and files go to a folder that is removed afterwards. Draws
into memory unless SDL_VIDEODRIVER says otherwise.
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
from xiangqi_gpt.gui.control.puzzle_mode import KINDS
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.handicaps import HANDICAPS
from xiangqi_gpt.gui.state.intents import (
    ChoosePuzzleKind,
    ConfirmDraw,
    ConfirmResign,
    Intent,
    PlayFromHere,
    StartGame,
    SwitchMode,
    TryMove,
)
from xiangqi_gpt.gui.state.mode import Mode
from xiangqi_gpt.gui.state.session import GameSession
from xiangqi_gpt.gui.state.settings import Settings, Store
from xiangqi_gpt.gui.worker.player_process import PlayerProcess

from xiangqi_gpt.machine import machine_line

#: Commands that would leave the program, or the size that is being tested.
_LEFT_OUT = (Command.QUIT, Command.FULLSCREEN)
_SIZES = ((800, 600), (1920, 1200))
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


def play_on(app: App, chance: random.Random, players: list[str]) -> None:
    """Begin another game, of any kind, or take back, play again, pause, switch, open: what changes a game."""
    player = chance.choice(players)
    pair = chance.choice([("human", player), (player, "human"), (player, player), ("human", "human")])
    fen = chance.choice([None, None, chance.choice(HANDICAPS).given_by(chance.randrange(2))])
    clock = chance.choice(["", "20+1", "3+2x2", "0+1x5", "600+5"])
    side = app.controller.session.resigning_side
    intents: list[Intent] = [
        StartGame(pair, fen, clock, sure=True),
        *[Command.UNDO, Command.UNDO, Command.REDO, Command.REDO, Command.PAUSE, Command.REMATCH, Command.HINT] * 2,
        *[SwitchMode(mode) for mode in Mode],
        ChoosePuzzleKind(chance.randrange(len(KINDS))),
        *([ConfirmDraw(side), ConfirmResign(side)] if side is not None else []),
        PlayFromHere(sure=True),
    ]
    app.carry_out(chance.choice(intents))


def make_move(app: App, chance: random.Random) -> None:
    """Make any legal move where a person may."""
    shown = app.controller.shown
    if app.controller.mode is not Mode.SETUP and shown.may_move:
        moves = list(shown.shown_board.legal_moves)
        if moves:
            move = chance.choice(moves)
            app.carry_out(TryMove(move.from_square, move.to_square, sure=True))


def check(app: App) -> None:
    """Raise ``AssertionError`` where clock, bar, list and board of the game disagree."""
    session, now = app.controller.session, time.monotonic()
    board = session.request().board()
    assert session.turn == board.turn, "side to move"
    if session.clock is not None:
        assert session.clock.turn == session.turn, "the clock times the other side"
        assert not (session.clock.is_running and (session.outcome is not None or session.paused)), "a clock goes on"
        assert min(face.seconds for face in session.clock_faces(now) or ()) >= 0, "time below 0"
    if session.is_live:
        assert session.shown_board.fen() == board.fen(), "the board is another position"
    if session.is_live and session.outcome is not None:
        sure = session.evaluation_at(session.shown)
        assert sure is not None and max(sure) == 1.0, "the bar of a game that is over"


def watch_again(app: App, player: str) -> None:
    """Whatever was clicked: the models play on."""
    app.handle(pygame.Event(pygame.KEYDOWN, key=pygame.K_ESCAPE, mod=0, unicode=""))
    app.handle(pygame.Event(pygame.KEYUP, key=pygame.K_ESCAPE, mod=0))
    app.carry_out(SwitchMode(Mode.PLAY))
    session = app.controller.session
    if session.players != (player, player) or session.outcome is not None:
        app.carry_out(StartGame((player, player), sure=True))
    session.pause(False)


def soak(options: argparse.Namespace, folder: Path) -> int:
    """Run it; returns how many exceptions there were, and one more where memory grew too much."""
    chance = random.Random(options.seed)
    pygame.display.init()
    players = (options.player, options.player)
    thinker = PlayerProcess(post_reply, options.seed)
    app = App(GameSession(players), Settings(players=players), Store(folder, folder), thinker, size=(1180, 860))
    app.start()
    start = time.monotonic()
    end, first, reported = start + 60 * options.minutes, None, start
    done: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    due = {"click": start, "key": start, "resize": start, "watch": start + 15, "change": start, "move": start}
    every = {
        "click": 1 / options.clicks,
        "key": 2 / options.clicks,
        "resize": 1 / options.resizes,
        "watch": 45.0,
        "change": 1.5,
        "move": 0.5,
    }
    acts = {"click": click, "key": press, "resize": resize, "move": make_move}
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
                    if name in acts:
                        acts[name](app, chance)
                    elif name == "change":
                        play_on(app, chance, [options.player, "random", *options.engine])
                    else:
                        watch_again(app, options.player)
            app.step()
            check(app)
            done["checks"] += 1
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
    print(f"the invariants were checked at {done['checks']:,} steps")
    print(f"moves {done['moves']:,}, clicks {done['click']:,}, keys {done['key']:,}, resizes {done['resize']:,}")
    print(f"exceptions {faults.total()}", *faults, sep="\n  " if faults else "")
    early = last if first is None else first
    print(f"memory {early:.1f} MB after the first minute, {last:.1f} MB at the end: {last - early:+.1f} MB")
    if last - early > options.growth:
        print(f"it grew by more than {options.growth:g} MB")
        return faults.total() + 1
    return faults.total()


def main() -> int:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--player", default="gpt,temperature=1")
    parser.add_argument("--engine", action="append", default=[], help="an engine that plays too, as a player spec")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--growth", type=float, default=20.0, help="megabytes that may be taken after the first minute")
    parser.add_argument("--clicks", type=float, default=10.0, help="clicks a second, and half as many keys")
    parser.add_argument("--resizes", type=float, default=1.0, help="resizes a second")
    options = parser.parse_args()
    print(machine_line())
    with tempfile.TemporaryDirectory() as name:
        os.environ["HOME"] = os.environ["XDG_DOCUMENTS_DIR"] = name  # a game that is saved by chance goes there
        return min(1, soak(options, Path(name)))


if __name__ == "__main__":
    sys.exit(main())
