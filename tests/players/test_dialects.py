"""What is said to an engine and heard from it, without an engine."""

import time

import pytest
from patience import PATIENCE

from xiangqi_gpt.players.dialects import UciDialect, XboardDialect
from xiangqi_gpt.players.engine_process import EngineError
from xiangqi_gpt.players.player import SearchLimit
from xiangqi_gpt.rules import Board


class Pipe:
    """An engine that says some lines, whatever it is told."""

    def __init__(self, *lines):
        self.told, self._lines = [], list(lines)

    def send(self, *lines):
        self.told += lines

    def wait(self, until):
        return self._lines.pop(0) if self._lines else None

    def receive(self, deadline):
        return self._lines.pop(0)


def test_an_xboard_engine_that_is_told_to_move_when_it_just_had_is_not_at_fault():
    dialect, board, limit = XboardDialect(), Board(), SearchLimit(depth=3)
    dialect.start(Pipe("feature ping=1 setboard=1 done=1"), {}, time.monotonic() + PATIENCE)
    engine = Pipe("Error (command not legal now): ?", "move h2e2", "pong 1")
    assert str(dialect.ask(engine, board, limit, True, time.monotonic() + PATIENCE, lambda: True).move) == "h2e2"
    assert engine.told[-1] == "?"
    with pytest.raises(EngineError, match="it complains: Error"):
        dialect.ask(Pipe("Error (unknown command): sd", "pong 2"), board, limit, True, 0.0, None)


def test_an_engine_can_be_stopped_before_it_is_ready():
    engine = Pipe("info string still at the last move", "readyok", "bestmove h2e2")
    reply = UciDialect(ucci=False).ask(
        engine, Board(), SearchLimit(depth=3), True, time.monotonic() + PATIENCE, lambda: True
    )
    assert str(reply.move) == "h2e2"
    assert engine.told.index("stop") == engine.told.index("isready") + 1
