"""The conversation of the engine with another program."""

import re
from pathlib import Path

import pytest
from protocol_helpers import FakeBackend, Talk

from xiangqi_gpt.players import PlayerError
from xiangqi_gpt.players.levels import LADDER_ELO
from xiangqi_gpt.protocol import converse
from xiangqi_gpt.protocol.backends import player_spec
from xiangqi_gpt.rules import BLACK, START_FEN, Board

MATED = "3k5/3R5/3R5/9/9/9/9/9/9/4K4 b - - 0 1"


@pytest.fixture
def talk():
    conversation = Talk()
    yield conversation
    conversation.mind.think_on = False
    conversation.engine.close()


def test_uci_is_answered_before_any_model_is_loaded(talk):
    talk.say("uci")
    lines = talk.until("uciok")
    assert talk.loads == []
    assert lines[0].startswith("id name Xiangqi GPT")
    names = ("Model", "Level", "Nodes", "Temperature", "Source", "MultiPV", "Threads", "Hash", "Ponder", "UCI_ShowWDL")
    for name in names:
        assert any(line.startswith(f"option name {name} type ") for line in lines)
    assert "option name UCI_Variant type combo default xiangqi var xiangqi" in lines


def test_isready_loads_the_model(talk):
    talk.say("isready")
    talk.until("readyok")
    assert len(talk.loads) == 1


def test_a_move_in_uci(talk):
    talk.say("uci", "position startpos moves h2e2 h9g7", "go")
    *_, info, best = talk.until("bestmove")
    assert info == "info depth 3 seldepth 5 multipv 1 score cp 103 wdl 500 250 250 nodes 100 nps 200 time 500 pv a0a1"
    assert best == "bestmove a0a1"
    assert [str(move) for move in talk.mind.boards[0].move_stack] == ["h2e2", "h9g7"]


def test_wdl_can_be_left_out(talk):
    talk.say("uci", "setoption name UCI_ShowWDL value false", "go")
    assert " wdl " not in talk.until("bestmove")[-2]


def test_a_move_in_ucci():
    talk = Talk()
    talk.say("ucci", "setoption usemillisec true")
    talk.say(f"position fen {START_FEN} moves h2e2", "banmoves a6a5", "go time 9000")
    *_, info, best = talk.until("bestmove")
    assert "option usemillisec type check default false" in talk.said
    assert not any(line.startswith("option name") for line in talk.said)
    assert info == "info depth 3 score 103 nodes 100 nps 200 time 500 pv c6c5"
    assert best == "bestmove c6c5"
    assert talk.mind.asked[0].clock == 9.0
    talk.engine.close()
    assert talk.said[-1] == "bye"


def test_ucci_offers_its_options_in_its_own_words(talk):
    talk.say("ucci")
    offered = talk.until("ucciok")
    assert "option newgame type button" in offered
    assert "option level type spin min 0 max 20 default 0" in offered
    assert "option source type combo var any var master var online var engine var self-play default master" in offered
    assert "option hashsize type spin min 1 max 65536 default 256" in offered
    assert not any("multipv" in line.lower() for line in offered)  # it tells one line of play
    talk.say("setoption level 3", "setoption newgame", "go")
    talk.until("bestmove")
    assert (talk.loads[0].level, talk.mind.forgotten) == (3, 1)


def test_ucci_counts_seconds_unless_told_otherwise(talk):
    talk.say("ucci", "go time 90 increment 2 opptime 50")
    talk.until("bestmove")
    assert (talk.mind.asked[0].clock, talk.mind.asked[0].increment) == (90.0, 2.0)


@pytest.mark.parametrize("word", ["fen", "position fen"])
@pytest.mark.parametrize(
    ("fen", "turn"),
    [
        ("rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR r", 0),
        ("rheakaehr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RHEAKAEHR b", 1),
        (START_FEN, 0),
    ],
)
def test_the_fens_of_other_programs_and_cyclones_dialect(talk, word, fen, turn):
    talk.say("uci", f"{word} {fen} moves", "go")
    talk.until("bestmove")
    board = talk.mind.boards[0]
    assert (board.board_fen(), board.turn) == (Board().board_fen(), turn)


def test_moves_follow_a_bare_fen(talk):
    talk.say("uci", "fen rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR r moves h2e2 h9g7 h0g2", "go")
    talk.until("bestmove")
    assert (len(talk.mind.boards[0].move_stack), talk.mind.boards[0].turn) == (3, BLACK)


def test_only_the_moves_asked_for_are_thought_about(talk):
    talk.say("position startpos", "go searchmoves b2e2 h2e2")
    assert talk.until("bestmove")[-1] == "bestmove b2e2"
    talk.say("position startpos", "banmoves a0a1 a0a2", "go")
    assert talk.until("bestmove")[-1] == "bestmove b0c2"
    talk.say("position startpos", "go")  # a new position: the ban is over
    assert talk.until("bestmove")[-1] == "bestmove a0a1"


# --- while it thinks


def test_stop_ends_a_search_and_isready_is_answered_meanwhile(talk):
    talk.mind.think_on = True
    talk.say("go infinite", "isready")
    assert talk.until("readyok") == ["readyok"]
    talk.say("stop")
    talk.until("bestmove")


def test_an_infinite_search_keeps_its_answer_until_stop(talk):
    talk.say("go infinite")
    talk.until("info depth")  # it has found its move
    talk.say("isready")
    assert talk.until("readyok") == ["readyok"]
    talk.say("stop")
    assert talk.until("bestmove")


def test_pondering_ends_with_stop_or_by_the_clock_after_ponderhit(talk):
    talk.mind.think_on = True
    talk.say("go ponder wtime 60 btime 60", "isready")
    assert talk.until("readyok") == ["readyok"]
    talk.say("ponderhit")
    talk.until("bestmove")
    talk.say("go ponder wtime 60000 btime 60000", "stop")
    talk.until("bestmove")


def test_a_second_go_ends_the_first(talk):
    talk.mind.think_on = True
    talk.say("go infinite", "position startpos moves h2e2", "go movetime 1")
    talk.until("bestmove")
    talk.until("bestmove")
    assert [len(board.move_stack) for board in talk.mind.boards] == [0, 1]


def test_a_new_game_is_told_to_the_mind(talk):
    talk.say("ucinewgame", "go")
    talk.until("bestmove")
    talk.say("go")
    talk.until("bestmove")
    assert talk.mind.forgotten == 1


def test_quit_ends_the_conversation_in_the_middle_of_a_search():
    talk = Talk()
    talk.mind.think_on = True
    assert converse(talk.engine, iter(["uci\n", "go infinite\n", "quit\n", "nonsense\n"]))
    assert not any("nonsense" in line for line in talk.said)


def test_at_the_end_of_the_input_what_was_asked_is_answered():
    talk = Talk()
    converse(talk.engine, ["position startpos\n", "go nodes 5\n"])
    assert talk.said[-1].startswith("bestmove")


# --- what cannot be obeyed


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("dance", "unknown command 'dance'"),
        ("setoption name Wings value 2", "no option 'Wings'; there are Model, Level"),
        ("setoption name Level value", "Level is a whole number from 0 to 20, not ''"),
        ("setoption name Level value 21", "Level is a whole number from 0 to 20, not '21'"),
        ("setoption name Temperature value hot", "Temperature is a number from 0 to 10, not 'hot'"),
        ("setoption name Source value chess", "Source is one of any, master"),
        ("setoption name Ponder value perhaps", "Ponder is true or false"),
        ("banmoves xyz", "not a move in coordinates"),
        ("position", "position startpos or position fen is expected"),
        ("position fen 9/9 w", "a board has 10 ranks"),
        ("position fen 4k4/9/9/9/9/9/9/9/9/9 w", "red has no king"),
        ("position startpos moves a0a9", "a0a9 is not legal: another piece is in the way"),
    ],
)
def test_a_line_that_cannot_be_obeyed_is_explained_in_one(talk, line, message):
    talk.say(line, "isready")
    explained, ready = talk.until("readyok")
    assert explained.startswith("info string ") and message in explained
    assert ready == "readyok"


def test_ucci_has_another_word_for_messages(talk):
    talk.say("ucci", "dance")
    assert talk.until("info ")[-1].startswith("info message unknown command")


def test_no_move_is_made_up_for_a_position_that_could_not_be_set_up(talk):
    talk.say("position startpos moves a0a9", "go")
    assert talk.until("bestmove")[-1] == "bestmove (none)"
    assert talk.mind.boards == []


@pytest.mark.parametrize(("greeting", "answer"), [("uci", "bestmove (none)"), ("ucci", "nobestmove")])
def test_a_finished_game_has_no_move(talk, greeting, answer):
    talk.say(greeting, f"position fen {MATED}", "go nodes 5")
    assert talk.until(answer)[-1] == answer


@pytest.mark.parametrize("failure", [PlayerError("it went wrong\nbadly"), RuntimeError("oops")])
def test_a_mind_that_fails_is_told_and_the_conversation_goes_on(failure):
    talk = Talk(FakeBackend())
    talk.mind.fail = failure
    talk.say("go")
    *_, told, best = talk.until("bestmove")
    assert told.startswith("info string ") and str(failure).split()[-1] in told
    assert best == "bestmove (none)"
    talk.mind.fail = None
    talk.say("go")
    assert talk.until("bestmove")[-1] == "bestmove a0a1"
    talk.engine.close()


def test_a_model_that_is_not_there_leaves_the_settings_alone():
    def check(settings):
        if settings.model != "default":
            raise PlayerError(f"no model named {settings.model!r}")

    talk = Talk(check=check)
    talk.say("setoption name Model value my models/nowhere", "isready")
    assert talk.until("readyok")[0] == "info string no model named 'my models/nowhere'"
    assert talk.loads[0].model == "default"
    talk.engine.close()


# --- programs that count ranks from 1, and batches


def test_ranks_count_from_1_once_the_variant_is_set(talk):
    talk.say("uci", "setoption name UCI_Variant value xiangqi")
    talk.say("position startpos moves h3e3 h10g8", "go searchmoves a1a2 h1g3")
    *_, info, best = talk.until("bestmove")
    assert [str(move) for move in talk.mind.boards[0].move_stack] == ["h2e2", "h9g7"]
    assert info.endswith("pv a1a2") and best == "bestmove a1a2"
    talk.say("position startpos moves h2e2", "go")  # there is no piece on h2
    assert talk.until("bestmove")[-1] == "bestmove (none)"
    talk.say(f"position fen {START_FEN.replace(' w ', '[] w ')} moves h3e3", "go")
    assert talk.until("bestmove")[-1] == "bestmove a7a6" and len(talk.mind.boards) == 2


def test_cyclone_counts_from_0_though_it_sets_the_variant(talk):
    talk.say("uci", "setoption name UCI_Variant value xiangqi")
    talk.say(f"fen {START_FEN.replace(' w ', ' r ')} moves h2e2 h9g7", "go movetime 100")
    assert talk.until("bestmove")[-1] == "bestmove a0a1"


def test_other_variants_are_refused(talk):
    talk.say("uci", "setoption name UCI_Variant value janggi", "position startpos moves h2e2", "go")
    said = talk.until("bestmove")
    assert any("UCI_Variant is one of xiangqi, not 'janggi'" in line for line in said)
    assert said[-1] == "bestmove a6a5"


def test_the_strength_is_limited_to_the_nearest_level(talk):
    talk.say("uci")
    lines = talk.until("uciok")
    assert "option name UCI_LimitStrength type check default false" in lines
    assert "option name UCI_Elo type spin default 2596 min 614 max 2596" in lines
    for line, level in (
        ("setoption name UCI_Elo value 1250", 0),  # says nothing by itself
        ("setoption name UCI_LimitStrength value true", 9),
        ("setoption name Level value 17", 9),
        ("setoption name UCI_Elo value 1504", 11),
        ("setoption name UCI_Elo value 1037", 5),
        ("setoption name UCI_Elo value 614", 1),
        ("setoption name UCI_Elo value 2596", 20),
        ("setoption name UCI_Elo value 3000", 20),  # cannot be, and changes nothing
        ("setoption name UCI_LimitStrength value false", 17),
    ):
        talk.say(line, "isready")
        talk.until("readyok")
        assert talk.loads[-1].playing_level == level
        assert (f",level={level}," in player_spec(talk.loads[-1])) == (level > 0)


def test_the_table_of_levels_is_that_of_the_page():
    page = (Path(__file__).parents[2] / "docs" / "levels.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| ([−+]\d+) \|", page, re.MULTILINE)
    assert {int(level): int(elo.replace("−", "-")) for level, elo in rows} == LADDER_ELO


#: What three programs send before and while they play.
LIGROUND = (
    "uci",
    "setoption name UCI_Variant value xiangqi",
    "setoption name UCI_AnalyseMode value true",
    "setoption name MultiPV value 1",
    "setoption name UCI_LimitStrength value true",
    "setoption name UCI_Elo value 1400",
    "ucinewgame",
    "isready",
    f"position fen {START_FEN} moves h3e3",
    "go infinite",
)
CUTECHESS = (
    "uci",
    "setoption name UCI_LimitStrength value true",
    "setoption name UCI_Elo value 2100",
    "setoption name UCI_Variant value xiangqi",
    "ucinewgame",
    "isready",
    "position startpos moves h3e3 h10g8",
    "go wtime 60000 btime 60000 winc 1000 binc 1000",
)
FASTCHESS = (
    "uci",
    "isready",
    "setoption name Threads value 1",
    "setoption name Hash value 16",
    "setoption name UCI_LimitStrength value true",
    "setoption name UCI_Elo value 1100",
    "ucinewgame",
    "isready",
    "position startpos moves h2e2 h9g7",
    "go wtime 8000 btime 8000 winc 80 binc 80",
)


@pytest.mark.parametrize(
    ("lines", "best"), [(LIGROUND, "bestmove a7a6"), (CUTECHESS, "bestmove a1a2"), (FASTCHESS, "bestmove a0a1")]
)
def test_the_commands_of_other_programs(talk, lines, best):
    talk.say(*lines)
    talk.until("readyok")
    talk.say("stop")
    said = talk.until("bestmove")
    assert said[-1] == best
    assert not any(line.startswith("info string") for line in talk.said)


def test_a_batch_is_answered_in_its_order(talk):
    talk.say("ucci", "setoption batch true")
    for moves in ("", " moves h2e2", " moves h2e2 h9g7"):
        talk.say(f"position fen {START_FEN}{moves}", "go nodes 100")
    best = [talk.until("bestmove")[-1] for _ in range(3)]
    assert [len(board.move_stack) for board in talk.mind.boards] == [0, 1, 2]
    assert best[1] == "bestmove a6a5" and not any(search.stopped.is_set() for search in talk.engine._queued)


def test_a_batch_is_finished_at_the_end_of_the_input():
    talk = Talk()
    lines = ["ucci", "setoption batch true", *["position startpos", "go depth 3"] * 4, "go infinite"]
    assert converse(talk.engine, lines)
    assert sum(line.startswith("bestmove") for line in talk.said) == 5
