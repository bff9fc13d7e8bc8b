"""Whatever a person does in whatever order, the window goes on and the game stays legal."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pygame
import pytest
from gui_helpers import Window, annotated, decided, games_read
from xiangqi_gpt.gui.control.keys import KEYS
from xiangqi_gpt.gui.state.error_report import ErrorReport
from xiangqi_gpt.gui.state.move_notes import Insight
from xiangqi_gpt.gui.state.session import HUMAN
from xiangqi_gpt.gui.widgets.window_size import MINIMUM_SIZE
from xiangqi_gpt.gui.worker.messages import Annotate, Crashed, Failed, Look, Looked, Question, Read, Ready, Reply, Think

from xiangqi_gpt.records import Game
from xiangqi_gpt.rules import Move


def answer_to(request: Question, random: np.random.Generator, *, good: bool) -> Reply:
    """What the players' process might say, sense or not."""
    if not good:
        replies = [
            Ready(request.spec, request.spec),
            Crashed(True),
            Failed(request.spec, request.number, ErrorReport("error", "broken")),
        ]
        return replies[int(random.integers(len(replies)))]
    if isinstance(request, Annotate):
        return annotated(request, judgement="blunder", loss=0.4)
    if isinstance(request, Look):
        return Looked(request.number, Insight("C00", (1, 2, 3, 4), tuple(range(6)) * 15, (0.5,) * 90, 0.9))
    if isinstance(request, Read):
        return games_read(request, Game(moves=[Move.from_iccs("h2e2")]))
    if not isinstance(request, Think):
        return Failed(request.spec, request.number, ErrorReport("error", "not today"))
    moves = list(request.position.board().legal_moves)
    if not moves:
        return Failed(request.spec, request.number, ErrorReport("error", "the game is over"))
    policy = {move: 1 / len(moves) for move in moves}
    return decided(request, str(moves[random.integers(len(moves))]), policy=policy, wdl=(0.3, 0.4, 0.3))


@pytest.mark.parametrize("inputs", [100, pytest.param(500, marks=pytest.mark.slow)])
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3))])
def test_random_input_never_breaks_anything(
    open_window: Callable[..., Window], monkeypatch: pytest.MonkeyPatch, seed: int, inputs: int
) -> None:
    random = np.random.default_rng(seed)
    window = open_window((HUMAN, "gpt") if seed % 2 else ("greedy", "random"), size=MINIMUM_SIZE, animation=True)
    monkeypatch.setattr(window.app.screen, "toggle_fullscreen", lambda: None)
    monkeypatch.setattr("xiangqi_gpt.gui.control.import_export.save_game", lambda *rest: None)
    width, height = window.surface.get_size()
    for _ in range(inputs):
        position = (int(random.integers(width)), int(random.integers(height)))
        kind = random.random()
        if kind < 0.45:
            window.click(position)
        elif kind < 0.6:
            window.press(position)
            window.move_to((int(random.integers(width)), int(random.integers(height))))
            window.release((int(random.integers(width)), int(random.integers(height))))
        elif kind < 0.75:
            key = KEYS[int(random.integers(len(KEYS)))]
            window.key(key.code, (pygame.KMOD_CTRL if key.control else 0) | (pygame.KMOD_SHIFT if key.shift else 0))
        elif kind < 0.8:
            window.event(pygame.MOUSEWHEEL, x=0, y=int(random.integers(-3, 4)))
        elif kind < 0.83:
            window.key(pygame.K_RETURN)
        elif kind < 0.85:
            window.type("h2e2")
        elif window.thinker.open:
            window.answer(answer_to(window.thinker.open[-1], random, good=kind < 0.98))
        window.wait(float(random.random()))
    board = window.session.request().board()
    assert len(board.move_stack) == window.session.ply_count
    replayed = type(board)(window.session.start_fen)
    for move in board.move_stack:
        replayed.check_legal(move)
        replayed.push(move)
