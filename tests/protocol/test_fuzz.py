"""No line ends the conversation but ``quit``, and afterwards the engine still answers."""

import pytest
from fuzzing import damaged_text, fuzz
from hypothesis import strategies as st
from protocol_helpers import Talk

VOCABULARY = """
    uci ucci isready setoption name value position startpos fen moves go stop ponderhit banmoves ucinewgame nodes
    depth infinite ponder wtime btime time increment movestogo searchmoves h2e2 h9g7 a0a9 i0h0 Level Nodes Model
    MultiPV usemillisec true -1 0 5 99999999999999999999 debug on newgame draw r w b -
    rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR 3k5/9/9/9/9/9/9/9/9/4K4
"""
WORDS = VOCABULARY.split()
LINES = (
    "position startpos moves h2e2 h9g7 h0g2",
    "position fen rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR w - - 0 1 moves h2e2",
    "fen rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR r moves h2e2",
    "setoption name MultiPV value 3",
    "go wtime 1000 btime 1000 movestogo 4",
    "banmoves h2e2 b2e2",
)


LINE = st.text(max_size=60) | st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join) | damaged_text(LINES)


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["uci", "ucci"])
def test_fuzz_what_the_engine_hears(protocol):
    def check(lines):
        talk = Talk()
        talk.say(protocol)
        for line in lines:
            if line.split()[:1] != ["quit"]:
                assert talk.engine.handle_line(line)
        talk.say("stop", protocol, "isready")
        talk.until("readyok")
        talk.say("position startpos", "go nodes 1")
        assert talk.until("bestmove a0a1")
        assert all("\n" not in line and line.isprintable() for line in talk.said)
        assert talk.engine.close(finish=True)

    fuzz(check, st.lists(LINE, max_size=12))
