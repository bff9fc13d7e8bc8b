"""What is on the screen before anything that takes time is imported, and what is loaded behind the welcome."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pygame
import pytest
from gui_helpers import Window
from patience import PATIENCE
from xiangqi_gpt.gui.first_frame import FirstFrame, open_first_frame
from xiangqi_gpt.gui.state.session import HUMAN


def test_the_first_picture_needs_neither_numba_nor_numpy() -> None:
    code = (
        "import sys\n"
        "from xiangqi_gpt.gui.first_frame import open_first_frame\n"
        "frame = open_first_frame()\n"
        "heavy = {'numba', 'numpy', 'torch'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy or frame is None else 0)"
    )
    environment = {**os.environ, "SDL_VIDEODRIVER": "dummy"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("settings", ['{"language": "zh", "theme": "light"}', '{"language": 3', "[]"])
def test_it_shows_a_board_in_the_chosen_looks_and_survives_damaged_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: str
) -> None:
    (tmp_path / "settings.json").write_text(settings, "utf-8")
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path)
    frame = open_first_frame()
    assert isinstance(frame, FirstFrame)
    try:
        surface = frame.window.get_surface()
        is_light = settings.startswith("{") and settings.endswith("}") and json.loads(settings)["theme"] == "light"
        assert (surface.get_at((2, 2))[0] > 128) == is_light
        before = pygame.image.tobytes(surface, "RGB")
        frame.report(3, 15)
        assert pygame.image.tobytes(surface, "RGB") != before, "it says how far it is"
    finally:
        frame.window.destroy()


def test_the_model_loads_while_the_welcome_stands(open_window: Callable[..., Window]) -> None:
    window = open_window((HUMAN, "gpt"))
    window.thinker.loaded.clear()
    window.app.open_startup_dialogs(None, True, None, None)
    window.app.start()
    assert set(window.thinker.loaded) == {"gpt", "gpt,level=7"}
