import os
import shutil
import sys
import threading
from pathlib import Path

import pytest
from patience import PATIENCE, becomes, wait_until

from xiangqi_gpt.players import ExternalPlayer, PlayerError, Score, SearchLimit, dialects, load_player
from xiangqi_gpt.players.external import IllegalReplyError
from xiangqi_gpt.rules import RED, Board

FAKE = Path(__file__).parent / "fake_engine.py"
WIN_IN_ONE = "3k5/R8/9/9/9/9/9/9/1R7/4K4 w - - 0 1"
BLACK_TO_MOVE = "rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C2C4/9/RNBAKABNR b - - 1 1"
REPEATED = ["h0g2", "h9g7", "g2h0", "g7h9", "h0g2", "h9g7", "g2h0"]


def fake(behaviour, log=None, timeout=PATIENCE, **keywords):
    args = f"{FAKE} {behaviour}" + (f" {log}" if log else "")
    return ExternalPlayer("uci", sys.executable, SearchLimit(nodes=1), args=args, timeout=timeout, **keywords)


def impatient(player):
    """Have a player wait hardly at all from now on: its engine has started, in whatever time that took."""
    player._timeout = 0.3
    return player


def has_engine(name):
    return shutil.which(name) or shutil.which(name, path="/usr/games")


@pytest.fixture(
    params=[
        "uci:fairy-stockfish,nodes=500",
        "ucci:fairy-stockfish,nodes=500",
        "uci:sjaakii,depth=3",
        "xboard:hoixiangqi,depth=3",
    ]
)
def engine(request, monkeypatch):
    monkeypatch.setattr(dialects, "_FEATURE_SECONDS", PATIENCE)  # these say when they have named their features
    if not has_engine(request.param.split(":")[1].split(",")[0]):
        pytest.skip("the engine is not installed")
    player = load_player(f"{request.param},timeout={PATIENCE}")
    yield player
    player.close()


def board_after(moves, fen=None):
    board = Board(fen) if fen else Board()
    for move in moves:
        board.push_text(move)
    return board


# --- real engines


def test_plays_legal_moves_from_any_start_and_history(engine):
    boards = [Board(), Board(BLACK_TO_MOVE), board_after(["h2e2", "h9g7"]), board_after(["h9g7"], BLACK_TO_MOVE)]
    boards.append(board_after(REPEATED))
    for board in boards:
        decision = engine.choose(board)
        assert board.is_legal(decision.move)
        assert decision.variation[0] == decision.move
        for move in decision.variation:  # squares read one rank off would soon be illegal
            assert board.is_legal(move)
            board.push(move)


def test_says_how_deep_it_looked_and_what_it_thinks(engine):
    ahead = engine.choose(Board("3k5/4a4/4b4/9/9/9/9/9/9/RR2K4 w - - 0 1"))
    behind = engine.choose(Board("3k5/4a4/4b4/9/9/9/9/9/9/RR2K4 b - - 0 1"))
    assert min(ahead.depth, behind.depth) > 0
    assert str(ahead.score)[0] == "+" and str(behind.score)[0] == "-"


def test_finds_a_win_in_one(engine):
    board = Board(WIN_IN_ONE)
    board.push(engine.choose(board).move)
    outcome = board.outcome()  # checkmate, or stalemate, which loses too
    assert outcome is not None and outcome.winner == RED


def test_moves_do_not_depend_on_the_games_in_between(engine):
    boards = [Board(), board_after(["h2e2", "h9g7"]), Board(BLACK_TO_MOVE)]
    alone = [engine.choose(board).move for board in boards]
    together = [decision.move for decision in engine.choose_many(boards * 3)]
    assert together == alone * 3


@pytest.mark.skipif(not has_engine("fairy-stockfish"), reason="fairy-stockfish is not installed")
def test_nodes_are_kept_and_reported():
    player = load_player("uci:fairy-stockfish,nodes=1000")
    try:
        assert 500 < player.choose(Board()).nodes < 1500
    finally:
        player.close()


@pytest.mark.skipif(not has_engine("fairy-stockfish"), reason="fairy-stockfish is not installed")
def test_movetime_is_kept():
    player = load_player("uci:fairy-stockfish,movetime=200")
    try:
        assert 0.1 < player.choose(Board()).seconds < 5
    finally:
        player.close()


# --- the conversation


def test_an_engine_that_counts_ranks_from_one(tmp_path):
    log = tmp_path / "log"
    player = fake("one-based", log, processes=1)
    try:
        decision = player.choose(board_after(["h2e2", "h9g7", "e2h2", "g7h9"]))
    finally:
        player.close()
    assert str(decision.move) == "h2e2"
    assert [str(move) for move in decision.variation] == ["h2e2", "h9g7"]
    assert (decision.nodes, decision.depth, decision.score) == (77, 2, Score(cp=5))
    heard = log.read_text().splitlines()
    assert "setoption name UCI_Variant value xiangqi" in heard
    assert any(line.endswith("moves h3e3 h10g8 e3h3 g8h10") for line in heard)
    assert "go nodes 1" in heard


def test_other_engines_count_ranks_from_zero(tmp_path):
    log = tmp_path / "log"
    player = fake("good", log)
    try:
        player.choose(board_after(["h2e2", "h9g7", "e2h2", "g7h9"]))
    finally:
        player.close()
    assert any(line.endswith("moves h2e2 h9g7 e2h2 g7h9") for line in log.read_text().splitlines())
    assert "UCI_Variant" not in log.read_text()


@pytest.mark.parametrize(
    ("says", "score", "depth", "wdl"),
    [
        ("info depth 3 score mate -2 pv h2e2", "-M2", 3, None),
        ("info depth 3 score 256 pv h2e2", "+2.56", 3, None),  # UCCI leaves out the unit
        ("info depth 4 score cp -7 wdl 200 600 200 pv h2e2", "-0.07", 4, (0.2, 0.6, 0.2)),
        ("info depth 5 score cp 9 pv h2e2|info depth 6 score cp 50 lowerbound pv h2e2", "+0.09", 5, None),
        ("info depth 5 score cp 50 upperbound pv h2e2", "+0.50", 5, None),
        ("info depth 5 multipv 1 score cp 9 pv h2e2|info depth 5 multipv 2 score cp 1 pv b2e2", "+0.09", 5, None),
        ("info depth x score cp 9999999999999999999 wdl 0 0 0 pv h2e2", "None", 0, None),
        ("info pv|info depth|info|score", "None", 0, None),
    ],
)
def test_what_an_engine_says_of_its_search(monkeypatch, says, score, depth, wdl):
    monkeypatch.setenv("SAYS", says)
    player = fake("says")
    try:
        decision = player.choose(Board())
    finally:
        player.close()
    assert (str(decision.score), decision.depth, decision.wdl) == (score, depth, wdl)


def test_a_second_answer_is_not_taken_for_the_next_move():
    player = fake("answers-twice", processes=1)
    try:
        assert [str(player.choose(Board()).move) for _ in range(3)] == ["h2e2"] * 3
    finally:
        player.close()


# --- engines that are told to stop


class Impatience:
    """Wants a player to stop as soon as a file says that it thinks, or when it has been asked a number of times."""

    def __init__(self, log=None, patience=10):
        self.log, self.patience = log, patience

    def __call__(self):
        self.patience -= 1
        return "go " in self.log.read_text() if self.log else self.patience < 0


def test_an_engine_is_told_to_stop_and_goes_on_with_the_next_question(tmp_path):
    log = tmp_path / "log"
    player = fake("thinks", log, processes=1)
    try:
        for _ in range(2):
            assert str(player.choose(Board(), stop=Impatience(log)).move) == "h2e2"
    finally:
        player.close()
    heard = log.read_text().splitlines()
    assert heard.count("stop") == 2 and len(_pids(log)) == 1


def test_an_engine_that_does_not_stop_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(dialects, "_STOP_SECONDS", 0.2)
    log = tmp_path / "log"
    player = fake("deaf", log, processes=1)
    try:
        for times in (1, 2):
            with pytest.raises(PlayerError, match="no answer in time"):
                player.choose(Board(), stop=Impatience(log))
            assert len(_pids(log)) == times and not _runs(_pids(log)[-1])
    finally:
        player.close()


def test_an_engine_that_nobody_stops_has_all_its_time():
    player = fake("good")
    try:
        assert str(player.choose(Board(), stop=lambda: False).move) == "h2e2"
    finally:
        player.close()
    player = impatient(fake("mute"))
    try:
        with pytest.raises(PlayerError, match="no answer in time"):
            player.choose(Board(), stop=lambda: False)
    finally:
        player.close()


@pytest.mark.parametrize("protocol", ["uci", "ucci"])
@pytest.mark.skipif(not has_engine("fairy-stockfish"), reason="fairy-stockfish is not installed")
def test_a_real_engine_moves_at_once_when_it_is_told_to_stop(protocol):
    player = load_player(f"{protocol}:fairy-stockfish,movetime=120000")
    try:
        for board in (Board(), board_after(["h2e2", "h9g7"])):
            decision = player.choose(board, stop=Impatience())
            assert board.is_legal(decision.move) and decision.seconds < 120
        assert len(player._running) == 1, "the same engine all the time"
    finally:
        player.close()


@pytest.mark.parametrize("spec", ["uci:sjaakii,depth=50", "xboard:hoixiangqi,depth=50"])
def test_one_that_knows_no_stop_is_replaced(spec, monkeypatch):
    if not has_engine(spec.split(":")[1].split(",")[0]):
        pytest.skip("the engine is not installed")
    monkeypatch.setattr(dialects, "_STOP_SECONDS", 0.2)
    monkeypatch.setattr(dialects, "_FEATURE_SECONDS", PATIENCE)
    player = load_player(f"{spec},timeout={PATIENCE}")
    try:
        with pytest.raises(PlayerError, match="no answer in time"):
            player.choose(Board(), stop=Impatience())
        assert Board().is_legal(player.choose(Board(), SearchLimit(depth=1)).move)
    finally:
        player.close()


# --- engines that misbehave


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        ("mute", "no answer in time"),
        ("flood", "no answer in time"),
        ("endless-line", "no answer in time"),
        ("dies", r"it died \(exit status 3\)"),
        ("rubbish", "which is not a move"),
        ("impossible", "no piece moves from a0 to b9"),
        ("no-move", "it sees no move"),
    ],
)
def test_a_bad_engine_is_one_clear_error(behaviour, message):
    player = fake(behaviour, name="the engine")
    if message == "no answer in time":
        impatient(player)
    try:
        with pytest.raises(PlayerError, match=f"^the engine: .*{message}"):
            player.choose(Board())
    finally:
        player.close()


def test_an_illegal_move_says_why():
    player = fake("illegal")
    try:
        with pytest.raises(IllegalReplyError, match=r"a0a9.*another piece is in the way"):
            player.choose(Board())
    finally:
        player.close()


@pytest.mark.parametrize(
    ("behaviour", "timeout", "message"),
    [("silent", 0.3, "no answer in time"), ("chess", PATIENCE, "does not play xiangqi")],
)
def test_an_engine_that_cannot_be_used_is_refused_at_the_start(behaviour, timeout, message):
    with pytest.raises(PlayerError, match=message):
        fake(behaviour, timeout=timeout)


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [("", 0o644, "is not executable"), ("\0\0rubbish", 0o755, "cannot start"), ("#!/bin/true\n", 0o755, "it died")],
)
def test_a_file_that_is_no_engine(tmp_path, content, mode, message):
    program = tmp_path / "engine"
    program.write_text(content)
    program.chmod(mode)
    with pytest.raises(PlayerError, match=message):
        ExternalPlayer("uci", str(program), SearchLimit(nodes=1), timeout=PATIENCE)


def test_it_is_started_again_after_it_died(tmp_path):
    player = fake("dies-once", tmp_path / "log", processes=1)
    try:
        with pytest.raises(PlayerError, match="it died"):
            player.choose(Board())
        assert str(player.choose(Board()).move) == "h2e2"
    finally:
        player.close()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_one_that_ends_between_two_moves_costs_no_move(tmp_path):
    log = tmp_path / "log"
    player = fake("one-move", log, processes=1)
    try:
        for times in (1, 2, 3):
            assert str(player.choose(Board()).move) == "h2e2"
            pids = _pids(log)
            assert len(pids) == times
            wait_until(lambda: not _runs(pids[-1]))  # noqa: B023
    finally:
        player.close()


def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_question(tmp_path):
    player = fake("late-once", tmp_path / "log", processes=1)
    try:
        impatient(player)
        with pytest.raises(PlayerError, match="no answer in time"):
            player.choose(Board())
        player._timeout = PATIENCE
        assert [str(player.choose(Board()).move) for _ in range(2)] == ["h2e2", "h2e2"]
    finally:
        player.close()


def test_an_engine_that_says_much_is_heard_to_the_end():
    player = fake("chatty", processes=1)
    try:
        decisions = [player.choose(Board()) for _ in range(2)]
    finally:
        player.close()
    assert [(str(decision.move), decision.depth) for decision in decisions] == [("h2e2", 1), ("h2e2", 1)]


def test_one_failing_board_leaves_the_others_alone(tmp_path):
    player = fake("dies-once", tmp_path / "log", processes=1)
    try:
        answers = player.try_many([Board(), Board(), Board()])
    finally:
        player.close()
    assert [isinstance(answer, PlayerError) for answer in answers] == [True, False, False]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
@pytest.mark.parametrize("behaviour", ["good", "stubborn", "with-child", "mute"])
def test_close_leaves_no_process_and_no_zombie(tmp_path, behaviour):
    log = tmp_path / "log"
    player = fake(behaviour, log)
    if behaviour == "mute":
        impatient(player)
    try:
        player.choose(Board())
    except PlayerError:
        assert behaviour == "mute"
    player.close()
    player.close()
    pids = _pids(log)
    assert len(pids) == (2 if behaviour == "with-child" else 1)
    assert becomes(lambda: not any(_runs(pid) for pid in pids))
    with pytest.raises(ChildProcessError):
        os.waitpid(pids[0], os.WNOHANG)


def test_close_does_not_wait_for_an_engine_that_thinks(tmp_path):
    log = tmp_path / "log"
    player = fake("mute", log, timeout=2 * PATIENCE, processes=2)
    thinking = threading.Thread(target=player.try_many, args=([Board(), Board()],))
    thinking.start()
    wait_until(lambda: log.read_text().count("go") == 2)
    player.close()
    thinking.join(PATIENCE)
    assert not thinking.is_alive()


def _pids(log):
    return [int(line.split()[1]) for line in log.read_text().splitlines() if line.startswith("pid")]


def _runs(pid):
    """Whether a process runs; another's zombie, which only its own parent can collect, does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
