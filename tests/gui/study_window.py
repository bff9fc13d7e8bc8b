"""Windows on the analysis of a game, and the hands of a person at them."""

from __future__ import annotations

from collections.abc import Callable

import pygame
from gui_helpers import Window, annotated, asked, decided, games_read
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.intents import OpenRecord
from xiangqi_gpt.gui.state.mode import Mode
from xiangqi_gpt.gui.state.move_notes import Insight
from xiangqi_gpt.gui.state.session import HUMAN
from xiangqi_gpt.gui.worker.messages import Annotate, Look, Looked, Read, Think

from xiangqi_gpt.records import Game
from xiangqi_gpt.rules import Move

OpenWindow = Callable[..., Window]
MOVES = ["h2e2", "h9g7", "h0g2", "i9h9"]
TAGS = {"Red": "许银川", "Black": "吕钦", "Event": "全国个人赛", "Date": "2001.11.05"}
GAME = Game(moves=[Move.from_iccs(iccs) for iccs in MOVES], tags=TAGS, result="1-0")
CONTROL = pygame.KMOD_CTRL


def studied(open_window: OpenWindow, *games: Game, **values: object) -> Window:
    """A window on the analysis of a file's first game, with all that is asked answered."""
    window = open_window((HUMAN, "gpt"), **values)
    window.app.carry_out(OpenRecord("games.pgn"))
    window.answer(games_read(asked(window.thinker, Read)[0], *(games or (GAME,))))
    answer_all(window)
    return window


def answer_all(window: Window, insight: Insight | None = None) -> None:
    for request in asked(window.thinker, Annotate)[-1:]:
        window.answer(annotated(request, judgement="blunder", loss=0.3, probability=0.01))
    for request in asked(window.thinker, Look)[-1:]:
        window.answer(Looked(request.number, insight or Insight("C64 五七炮进三兵对屏风马", (4, 3, 2, 1))))
    for request in asked(window.thinker, Think)[-1:]:
        moves = list(request.position.board().legal_moves)
        policy = {move: 0.5 / 2**n for n, move in enumerate(moves[:8])}
        window.answer(decided(request, str(moves[0]), policy=policy, wdl=(0.4, 0.3, 0.3)))


def middle(rect: pygame.Rect) -> tuple[int, int]:
    return rect.centerx, rect.centery


def button(window: Window, command: Command) -> tuple[int, int]:
    screen = window.app.screen
    panel = screen.setup_panel if window.app.controller.mode is Mode.SETUP else screen.analyse_panel
    return middle(panel.controls.buttons[command].rect)


def picture(window: Window) -> bytes:
    window.app.draw()
    return pygame.image.tobytes(window.surface, "RGB")
