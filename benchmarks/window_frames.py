"""Milliseconds between pictures of a window that is drawn as fast as 60 times a second: what benchmarks share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from xiangqi_gpt.gui.app import App

#: Pictures between two steps of somebody who walks through a game, and until the game begins anew.
_STEP: Final = 20
_WALK: Final = 400
#: Pictures at the start that do not count: the window is being opened.
_FIRST: Final = 5


def frames(app: App, goes_on: Callable[[], bool], *, walks: bool = False) -> list[float]:
    """Draw a started window as long as ``goes_on()``; return milliseconds between pictures.

    Each picture is drawn once, whether or not anything has changed. ``walks``: somebody steps through the game.
    """
    import pygame
    from xiangqi_gpt.gui.state.commands import Command

    clock, gaps = pygame.time.Clock(), list[float]()
    while goes_on():
        for event in [*pygame.event.get(), pygame.Event(pygame.WINDOWEXPOSED)]:
            app.handle(event)
        if walks and len(gaps) % _STEP == 0:
            app.carry_out(Command.FORWARD if len(gaps) % _WALK else Command.FIRST)
        app.step()
        gaps.append(float(clock.tick(60)))
    return gaps[_FIRST:]
