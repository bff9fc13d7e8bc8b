"""Whatever an engine says, in any of the three protocols: a move comes of it, or one line that names the trouble."""

import pytest
from fuzzing import damaged_text, fuzz
from hypothesis import strategies as st

from xiangqi_gpt.players.dialects import UciDialect, XboardDialect
from xiangqi_gpt.players.engine_process import EngineError
from xiangqi_gpt.players.player import Clock, SearchLimit
from xiangqi_gpt.rules import Board, Move

LINES = (
    "info depth 12 seldepth 20 multipv 1 score cp -35 wdl 100 300 600 nodes 123456 nps 9 pv h2e2 h9g7",
    "info depth 3 score mate -2 upperbound nodes 7 pv h3e3 h10g8",
    "info depth 5 score 88 nodes 1 pv b0c2",
    "bestmove h2e2 ponder h9g7",
    "nobestmove",
    "id name Sjaak II",
    "option name UCI_Variant type combo default xiangqi var xiangqi",
    "option usemillisec type check default true",
    'feature ping=1 setboard=1 usermove=1 variants="normal,xiangqi" done=1',
    "7. 100012 35 90210 h2e2 h9g7",
    "move h2e2",
    "Illegal move: h2e2",
    "pong 1",
)
SAID = st.lists(st.sampled_from(LINES) | damaged_text(LINES) | st.text(max_size=40), max_size=6)
LIMITS = st.sampled_from([SearchLimit(depth=3), SearchLimit(movetime=100), Clock(60.0, 60.0, 1.0, 1.0)])

#: Whether it is told to stop, each time that is asked; None: nobody can stop it.
STOPS = st.sampled_from([None, (True,), (False, False, True), (False,) * 200])


class Scripted:
    """Says what it was given after every question, and then, mostly, what the protocol asks for."""

    def __init__(self, chunks, polite):
        self._chunks, self._polite, self._lines = iter(chunks), polite, []

    def send(self, *lines):
        for line in lines:
            word = line.split()[0]
            if word in ("uci", "ucci", "isready", "go", "protover"):
                said = "\n".join(next(self._chunks, []))
                self._lines += said.split("\n")  # as from a pipe
            if self._polite:
                self._lines += {
                    "uci": ["uciok"],
                    "ucci": ["ucciok"],
                    "isready": ["readyok"],
                    "protover": ["feature setboard=1 done=1"],
                }.get(word, [])

    def wait(self, until):
        return next(filter(None, map(str.strip, self._said())), None)

    def _said(self):
        while self._lines:
            yield self._lines.pop(0)

    def receive(self, deadline):
        line = self.wait(deadline)
        if line is None:
            raise EngineError("no answer in time")
        return line


@pytest.mark.slow
@pytest.mark.parametrize(
    "dialect", [lambda: UciDialect(False), lambda: UciDialect(True), XboardDialect], ids=["uci", "ucci", "xboard"]
)
def test_fuzz_what_engines_answer(dialect):
    def check(chunks, polite, limit, stops):
        engine, speaker, board = Scripted(chunks, polite), dialect(), Board()
        try:
            speaker.start(engine, {}, deadline=0.0)
            reply = speaker.ask(engine, board, limit, True, deadline=0.0, stop=stops and iter(stops).__next__)
        except EngineError as error:
            assert "\n" not in str(error)
            return
        assert isinstance(reply.move, Move) and reply.variation[0] == reply.move
        assert reply.wdl is None or sum(reply.wdl) == pytest.approx(1)
        assert reply.score is None or str(reply.score)

    fuzz(check, st.lists(SAID, max_size=5), st.sampled_from([True, True, True, False]), LIMITS, STOPS)
