"""Windows that draw into memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pygame
import pytest
from gui_helpers import FakeClock, FakeThinker, Window
from xiangqi_gpt.gui.app import App
from xiangqi_gpt.gui.state.session import HUMAN, GameSession
from xiangqi_gpt.gui.state.settings import Settings, Store

from xiangqi_gpt.rules import START_FEN


@pytest.fixture
def open_window(tmp_path: Path) -> Iterator[Callable[..., Window]]:
    """Opens windows and closes them after the test."""
    windows: list[Window] = []

    def open_one(
        players: tuple[str, str] = (HUMAN, HUMAN),
        fen: str = START_FEN,
        size: tuple[int, int] = (1180, 860),
        **settings: object,
    ) -> Window:
        chosen = Settings(**{"language": "en", "notation": "iccs", "animation": False, **settings})  # type: ignore[arg-type]
        pygame.display.init()
        thinker, clock = FakeThinker(), FakeClock()
        store = Store(tmp_path, tmp_path)
        app = App(GameSession(players, fen), chosen, store, thinker, clock=clock, size=size)  # type: ignore[arg-type]
        app.start()
        windows.append(Window(app, thinker, clock))
        return windows[-1]

    yield open_one
    for window in windows:
        window.app.close()


@pytest.fixture
def cut_words(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that did not fit where they were drawn."""
    from xiangqi_gpt.gui.widgets.fonts import Fonts

    cut: list[str] = []
    fit = Fonts.fit
    monkeypatch.setattr(
        Fonts, "fit", lambda self, text, *a: (r := fit(self, text, *a), r != text and cut.append(text))[0]
    )
    return cut


@pytest.fixture
def drawn_words(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were drawn."""
    from xiangqi_gpt.gui.widgets.canvas import Canvas

    drawn: list[str] = []
    text = Canvas.text
    monkeypatch.setattr(
        Canvas, "text", lambda self, words, *a, **k: (drawn.append(words), text(self, words, *a, **k))[1]
    )
    return drawn


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the person's own data lies, instead of in the user's folder."""
    path = tmp_path / "own" / "user.sqlite"
    monkeypatch.setattr("xiangqi_gpt.user_store.database.user_store_path", lambda: path)
    return path
