"""An engine in conversation, with a mind that does what a test asks."""

import queue
import threading

from patience import PATIENCE

from xiangqi_gpt.players import Decision
from xiangqi_gpt.protocol import Engine
from xiangqi_gpt.protocol.info import Info
from xiangqi_gpt.rules import Wdl


class FakeBackend:
    """Plays the first allowed move. ``think_on``: until it is told to stop; ``fail``: raise this instead."""

    def __init__(self):
        self.boards, self.asked, self.forgotten = [], [], 0
        self.think_on = False
        self.fail = None
        self.stopped = threading.Event()

    def think(self, board, go, moves, lines, stop, say):
        self.boards.append(board)
        self.asked.append(go)
        if self.fail:
            raise self.fail
        while self.think_on and not stop():
            self.stopped.wait(0.001)
        line = tuple(moves[:1])
        say(Info(1, line, Wdl(0.5, 0.25, 0.25), 3, 5, 100, 0.5))
        return Decision(line[0], variation=line)

    def forget(self):
        self.forgotten += 1

    def close(self):
        pass


class Talk:
    """What is said to an engine and what it says."""

    def __init__(self, mind=None, **keywords):
        self.mind = mind or FakeBackend()
        self.loads = []
        self.said = []
        self._lines = queue.Queue()
        self.engine = Engine(self._hear, self._load, **keywords)

    def _hear(self, line):
        self.said.append(line)
        self._lines.put(line)

    def _load(self, settings):
        self.loads.append(settings)
        return self.mind

    def say(self, *lines):
        for line in lines:
            assert self.engine.handle_line(line)

    def until(self, start):
        """Everything said up to a line that begins so; the last one last."""
        heard = []
        while not heard or not heard[-1].startswith(start):
            heard.append(self._lines.get(timeout=PATIENCE))
        return heard
