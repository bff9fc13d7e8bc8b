"""Draws the pictures of the board: the real window, drawn into memory, with the shipped model in its own process.

Run: python docs/images/make_screenshots.py [en] [zh]    (needs Pillow)
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ["SDL_VIDEODRIVER"] = "dummy"
os.environ["SDL_AUDIODRIVER"] = "dummy"
os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"

import pygame
from PIL import Image
from xiangqi_gpt.data import sample_games
from xiangqi_gpt.gui.app import App, post_reply
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.intents import ChooseGame, OpenRecord
from xiangqi_gpt.gui.state.notation import usual_notation
from xiangqi_gpt.gui.state.session import HUMAN, GameSession
from xiangqi_gpt.gui.state.settings import Settings, Store
from xiangqi_gpt.gui.worker.player_process import PlayerProcess

import xiangqi_gpt

SIZE = (1180, 860)
PERSON_MOVES = 7
SAMPLE_GAME = 131  # a long one with mistakes on both sides
ENDINGS = {"en": ".png", "zh": ".zh.png"}  # of each language's pictures


def main() -> None:
    """Write board.png, board-analysis.png and levels.png beside this file, and the same in Chinese (.zh.png)."""
    pygame.display.init()
    for language in sys.argv[1:] or ENDINGS:
        with tempfile.TemporaryDirectory() as folder:
            draw_window(language, Store(Path(folder), Path(folder)))


def draw_window(language: str, store: Store) -> None:
    """Write the pictures of one language."""
    players = (HUMAN, "gpt")
    settings = Settings(
        language=language, notation=usual_notation(language), animation=False, show_ideas=True, players=players
    )
    app = App(GameSession(players), settings, store, PlayerProcess(post_reply, 1), size=SIZE)
    app.start()
    play(app)
    app.draw()
    keep(app.screen.window.get_surface(), f"board{ENDINGS[language]}")
    analyse(app)
    app.draw()
    keep(app.screen.window.get_surface(), f"board-analysis{ENDINGS[language]}")
    keep(choice_of_level(app), f"levels{ENDINGS[language]}")
    app.close()


def play(app: App) -> None:
    """Some moves of a game against the model."""
    person = xiangqi_gpt.load("default")  # plays what the model itself would, so that the game is a sound one
    for _ in range(PERSON_MOVES):
        app.controller.session.play(next(iter(person.policy(app.controller.session.shown_board))))
        app.controller.sync_requests(time.monotonic())
        wait(app, lambda: not app.controller.session.awaits_player, 60)
    wait(app, lambda: False, 4)  # until the model has also said what it thinks of the person's move


def analyse(app: App) -> None:
    """A sample game, annotated, at its first mistake."""
    analysis = app.controller.analysis
    app.carry_out(OpenRecord(str(sample_games())))
    wait(app, lambda: bool(analysis.file.games) and not analysis.file.is_reading, 60)
    wait(app, lambda: app.dialog is not None, 10)  # the list of the file's games
    app.handle(pygame.Event(pygame.KEYDOWN, key=pygame.K_ESCAPE, mod=0, unicode=""))
    app.carry_out(ChooseGame(SAMPLE_GAME))
    wait(app, lambda: analysis.progress is None and bool(analysis.study.notes), 60)
    app.carry_out(Command.NEXT_MISTAKE)
    wait(app, lambda: bool(analysis.arrows()), 120)  # until the model has said what it would play
    wait(app, lambda: False, 6)  # until the last notice is gone


def choice_of_level(app: App) -> pygame.Surface:
    """The choice of a level, as the first start shows it."""
    app.open_startup_dialogs(None, True, None, None)
    app.draw()
    assert app.dialog is not None
    return app.screen.window.get_surface().subsurface(app.dialog.rect)


def keep(picture: pygame.Surface, name: str) -> None:
    """Write a picture with 256 colours, which the eye takes for all of them: a third of the bytes."""
    image = Image.frombytes("RGB", picture.get_size(), pygame.image.tobytes(picture, "RGB"))
    image.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG).save(
        Path(__file__).with_name(name), optimize=True
    )


def wait(app: App, done: Callable[[], bool], seconds: float) -> None:
    """Let the window live until something is done."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not done():
        for event in pygame.event.get():
            app.handle(event)
        app.step()
        time.sleep(0.02)


if __name__ == "__main__":
    main()
