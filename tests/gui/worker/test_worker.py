"""The players' process: it answers, it can be told to forget, and its death is noticed."""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from patience import PATIENCE, wait_until
from xiangqi_gpt.gui.state.displayed_moves import PositionRequest
from xiangqi_gpt.gui.state.error_report import ErrorReport
from xiangqi_gpt.gui.worker import serving
from xiangqi_gpt.gui.worker.messages import (
    Annotate,
    Annotated,
    Crashed,
    Decided,
    Failed,
    GamesRead,
    Load,
    Look,
    Looked,
    Ponder,
    Pondered,
    Read,
    Ready,
    Reply,
    Think,
    ThinkingTime,
    Unload,
)
from xiangqi_gpt.gui.worker.player_process import CRASH_LIMIT, PlayerProcess

from xiangqi_gpt.players.player import BasePlayer, Clock, Decision, Player
from xiangqi_gpt.records import Game, write_pgn
from xiangqi_gpt.rules import START_FEN, Board, Move

START = PositionRequest(START_FEN, ())


class FirstMove(BasePlayer):
    """Plays the first legal move, after a while if its name says so; dies when asked to."""

    def __init__(self, name: str) -> None:
        self.name = name

    def choose(self, board: Board, *limits: object, **options: object) -> Decision:
        if self.name == "slow":
            time.sleep(0.5)
        if self.name == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.name == "breaks":
            raise RuntimeError("a bug")
        if self.name == "nice":
            return Decision(next(iter(board.legal_moves)), nodes=os.nice(0))
        return Decision(next(iter(board.legal_moves)))


def load(spec: str, seed: int | None) -> Player:
    if spec == "hangs":
        time.sleep(600)
    return FirstMove(spec)


Started = tuple[PlayerProcess, "queue.Queue[Reply]"]


@pytest.fixture
def start() -> Iterator[Callable[..., Started]]:
    processes: list[PlayerProcess] = []

    def started(loader: Callable[[str, int | None], Player] | None = load) -> Started:
        replies: queue.Queue[Reply] = queue.Queue()
        process = PlayerProcess(replies.put, 1, loader)
        processes.append(process)
        process.start()
        return process, replies

    yield started
    for process in processes:
        process.close()


class Lasting:
    """A process that goes on from test to test: starting one takes a second. Its answers go to the test that is on."""

    def __init__(self, loader: Callable[[str, int | None], Player] | None) -> None:
        self.replies: queue.Queue[Reply] = queue.Queue()
        self.process = PlayerProcess(lambda reply: self.replies.put(reply), 1, loader)
        self.process.start()


@pytest.fixture(scope="module")
def lasting_processes() -> Iterator[dict[bool, Lasting]]:
    processes: dict[bool, Lasting] = {}
    yield processes
    for lasting in processes.values():
        lasting.process.close()


@pytest.fixture
def ask(lasting_processes: dict[bool, Lasting]) -> Callable[..., Started]:
    """As ``start``, for a test that takes all its answers, cancels nothing, makes nothing ready and kills nobody."""

    def lasting(loader: Callable[[str, int | None], Player] | None = load) -> Started:
        is_real = loader is None
        if is_real not in lasting_processes:
            lasting_processes[is_real] = Lasting(loader)
        found = lasting_processes[is_real]
        found.replies = queue.Queue()
        return found.process, found.replies

    return lasting


@pytest.mark.slow
def test_a_real_player_decides_in_another_process(start: Callable[..., Started]) -> None:
    process, replies = start(None)
    process.load("greedy")
    ready = replies.get(timeout=PATIENCE)
    assert ready == Ready("greedy", "greedy")
    process.ask(Think(7, "greedy", PositionRequest(START_FEN, (Move.from_iccs("h2e2"),))))
    reply = replies.get(timeout=PATIENCE)
    assert isinstance(reply, Decided) and reply.number == 7
    assert reply.decision.move in START.board().legal_moves or reply.decision.move.from_square > 44
    assert process.pid != os.getpid()


@pytest.mark.slow
def test_what_was_asked_before_the_start_is_answered_after_it() -> None:
    replies: queue.Queue[Reply] = queue.Queue()
    process = PlayerProcess(replies.put, 1, load)
    process.ask(Think(1, "first", START))
    process.start()
    try:
        assert isinstance(replies.get(timeout=PATIENCE), Decided)
    finally:
        process.close()


@pytest.mark.slow
def test_a_cancelled_request_gets_no_answer(start: Callable[..., Started]) -> None:
    process, replies = start()
    process.ask(Think(1, "slow", START))
    process.ask(Think(2, "slow", START))
    process.cancel(1)
    process.ask(Think(3, "first", START))
    process.cancel(2)
    reply = replies.get(timeout=PATIENCE)
    assert isinstance(reply, Decided) and reply.number == 3


def test_a_wrong_spec_is_reported_in_one_line(ask: Callable[..., Started]) -> None:
    process, replies = ask(None)
    process.ask(Think(1, "no-such-player", START))
    reply = replies.get(timeout=PATIENCE)
    assert isinstance(reply, Failed) and reply.number == 1
    assert "no-such-player" in reply.error.text and "\n" not in reply.error.text


@pytest.mark.slow
def test_a_players_bug_does_not_kill_the_process(ask: Callable[..., Started]) -> None:
    process, replies = ask()
    process.ask(Think(1, "breaks", START))
    assert replies.get(timeout=PATIENCE) == Failed(
        "breaks", 1, ErrorReport("bug", "breaks: RuntimeError: a bug", {"kind": "RuntimeError"})
    )
    process.ask(Think(2, "first", START))
    assert isinstance(replies.get(timeout=PATIENCE), Decided)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_a_crash_is_noticed_and_open_requests_are_asked_again(start: Callable[..., Started]) -> None:
    process, replies = start()
    process.ask(Think(1, "first", START))
    assert isinstance(replies.get(timeout=PATIENCE), Decided)
    first = process.pid
    assert first is not None
    process.ask(Think(2, "slow", START))
    os.kill(first, signal.SIGKILL)
    assert replies.get(timeout=PATIENCE) == Crashed(True)
    reply = replies.get(timeout=PATIENCE)
    assert isinstance(reply, Decided) and reply.number == 2
    assert process.pid != first


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
@pytest.mark.slow
def test_a_process_that_keeps_dying_is_given_up_and_can_be_tried_again(start: Callable[..., Started]) -> None:
    process, replies = start()
    process.ask(Think(1, "dies", START))
    assert [replies.get(timeout=PATIENCE) for _ in range(CRASH_LIMIT)] == [Crashed(True)] * (CRASH_LIMIT - 1) + [
        Crashed(False)
    ]
    process.ask(Think(2, "first", START))
    reply = replies.get(timeout=PATIENCE)
    assert isinstance(reply, Decided) and reply.number == 2


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "nice"), reason="no priorities")
def test_thinking_gives_way_to_the_window(start: Callable[..., Started]) -> None:
    process, replies = start()
    process.ask(Think(1, "nice", START))
    reply = replies.get(timeout=PATIENCE)
    assert isinstance(reply, Decided) and reply.decision.nodes >= min(os.nice(0) + 10, 19)


# --- engines


def fake_engine(folder: Path, limit: str, behaviour: str = "good") -> str:
    program = Path(__file__).parents[2] / "players" / "fake_engine.py"
    return f"uci:{sys.executable},{limit},args={program} {behaviour} {folder / 'log'}"


@pytest.mark.parametrize(
    ("limit", "time", "go"),
    [
        ("movetime=700", None, "go movetime 700"),
        (
            "movetime=700",
            ThinkingTime(2.5, Clock(60.0, 59.5, 5.0, 5.0)),
            "go wtime 60000 btime 59500 winc 5000 binc 5000",
        ),
        ("movetime=700", ThinkingTime(2.5), "go movetime 2500"),
        ("nodes=9", ThinkingTime(2.5, Clock(60.0, 59.5)), "go nodes 9"),
    ],
)
def test_an_engine_plays_by_the_games_clock_if_there_is_one(
    ask: Callable[..., Started], tmp_path: Path, limit: str, time: ThinkingTime | None, go: str
) -> None:
    process, replies = ask(None)
    process.ask(Think(1, fake_engine(tmp_path, limit), START, time))
    assert isinstance(replies.get(timeout=PATIENCE), Decided)
    assert [line for line in (tmp_path / "log").read_text().splitlines() if line.startswith("go")] == [go]


def engine_pids(folder: Path) -> list[int]:
    return [int(line.split()[1]) for line in (folder / "log").read_text().splitlines() if line.startswith("pid")]


def heard(folder: Path) -> list[str]:
    log = folder / "log"
    return log.read_text().splitlines() if log.exists() else []


@pytest.mark.slow
def test_an_engine_whose_move_nobody_wants_any_more_is_told_to_stop(
    start: Callable[..., Started], tmp_path: Path
) -> None:
    process, replies = start(None)
    spec = fake_engine(tmp_path, "movetime=60000", "thinks")
    for number in (1, 2):
        process.ask(Think(number, spec, START))
        wait_until(lambda: heard(tmp_path).count("go movetime 60000") == number)  # noqa: B023
        process.cancel(number)
    process.ask(Think(3, "greedy", START))
    reply = replies.get(timeout=PATIENCE)
    assert isinstance(reply, Decided) and reply.number == 3
    assert heard(tmp_path).count("stop") == 2 and len(engine_pids(tmp_path)) == 1, "one engine all the time"


@pytest.mark.slow
def test_our_own_search_stops_when_nobody_wants_its_move(start: Callable[..., Started]) -> None:
    process, replies = start(None)
    spec = "search,movetime=600000"
    process.load(spec)
    assert isinstance(replies.get(timeout=PATIENCE), Ready)
    first = process.pid
    process.ask(Think(1, spec, START))
    time.sleep(0.5)
    process.cancel(1)
    process.ask(Think(2, "greedy", START))
    reply = replies.get(timeout=PATIENCE)
    assert isinstance(reply, Decided) and reply.number == 2 and process.pid == first


@pytest.mark.slow
def test_a_search_goes_on_from_what_it_found_on_the_persons_time(start: Callable[..., Started]) -> None:
    process, replies = start(None)
    spec, moves = "search,movetime=200", (Move.from_iccs("h2e2"), Move.from_iccs("h9g7"))
    process.ask(Ponder(1, spec, PositionRequest(START_FEN, moves)))
    process.ask(Think(2, "greedy", START))
    kinds = {type(replies.get(timeout=PATIENCE)) for _ in range(2)}
    assert kinds == {Pondered, Decided}, "another question is answered meanwhile"
    time.sleep(1.0)
    process.cancel(1)
    after_reply = PositionRequest(START_FEN, (*moves, Move.from_iccs("h0g2")))
    process.ask(Think(3, spec, after_reply, ThinkingTime(0.001, Clock(0.01, 0.01))))
    reply = replies.get(timeout=PATIENCE)
    assert isinstance(reply, Decided)
    assert reply.decision.lines[0].nodes > reply.decision.nodes, "most was found before the move was played"


@pytest.mark.slow
@pytest.mark.parametrize("spec", ["greedy", "search,nodes=50", "gpt,level=20"])
def test_a_player_that_time_alone_does_not_limit_does_not_ponder(ask: Callable[..., Started], spec: str) -> None:
    process, replies = ask(None)
    process.ask(Ponder(1, spec, START))
    assert replies.get(timeout=PATIENCE) == Pondered(1, done=True)


def test_pondering_takes_no_turn_while_another_long_answer_goes_on() -> None:
    ponder, annotate, read = Ponder(1, "greedy", START), Annotate(2, "greedy", START), Read(3, "games.pgn")
    none: serving.Parts = iter(())
    parts = {question.number: (question, none) for question in (ponder, annotate, read)}
    for expected in (read, annotate, ponder):
        question, _ = serving._next_part(parts)
        assert question is expected
        del parts[question.number]


@pytest.mark.slow
def test_a_second_analyst_is_told_to_stop_when_its_game_is_left(start: Callable[..., Started], tmp_path: Path) -> None:
    process, replies = start(None)
    deep = fake_engine(tmp_path, "movetime=60000", "thinks")
    position = PositionRequest(START_FEN, (Move.from_iccs("h2e2"), Move.from_iccs("h9g7")))
    process.ask(Annotate(1, "gpt", position, deep))
    wait_until(lambda: "go movetime 60000" in heard(tmp_path))
    glance = replies.get(timeout=PATIENCE)
    assert isinstance(glance, Annotated) and len(glance.notes) == 2  # before the engine has said anything
    process.cancel(1)
    process.ask(Think(2, "greedy", START))
    reply = replies.get(timeout=PATIENCE)
    assert isinstance(reply, Decided) and reply.number == 2
    assert "stop" in heard(tmp_path) and len(engine_pids(tmp_path)) == 1


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_an_engine_that_is_taken_out_ends_and_the_process_goes_on(
    start: Callable[..., Started], tmp_path: Path
) -> None:
    process, replies = start(None)
    spec = fake_engine(tmp_path, "movetime=50")
    process.load(spec)
    assert replies.get(timeout=PATIENCE) == Ready(spec, spec)
    first = process.pid
    assert not process.unload(spec)
    process.ask(Think(1, "greedy", START))
    assert isinstance(replies.get(timeout=PATIENCE), Decided)
    assert process.pid == first and not any(Path(f"/proc/{pid}").exists() for pid in engine_pids(tmp_path))


def test_an_engine_that_is_taken_out_before_its_turn_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pipe:
        requests, replies = [Load("removed"), Load("stays"), Unload("removed")], []

        def poll(self) -> bool:
            return bool(self.requests)

        def recv(self) -> object:
            if not self.requests:
                raise EOFError
            return self.requests.pop(0)

        def send(self, reply: object) -> None:
            self.replies.append(reply)

    monkeypatch.setattr(serving.signal, "signal", lambda *_: None)
    monkeypatch.setattr(serving.os, "nice", lambda _: 0)
    made: list[str] = []
    serving.serve(Pipe(), None, lambda spec, _: made.append(spec) or FirstMove(spec))  # type: ignore[arg-type]
    assert made == ["stays"] and Pipe.replies == [Ready("stays", "stays")]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_an_engine_that_hangs_is_taken_out_with_its_process(start: Callable[..., Started], tmp_path: Path) -> None:
    process, replies = start(None)
    spec = fake_engine(tmp_path, "movetime=50", "mute")
    process.load("greedy")
    assert replies.get(timeout=PATIENCE) == Ready("greedy", "greedy")
    process.ask(Think(1, spec, START))
    wait_until(lambda: (tmp_path / "log").exists() and "go movetime" in (tmp_path / "log").read_text())
    first = process.pid
    assert process.unload(spec)
    assert replies.get(timeout=PATIENCE) == Ready("greedy", "greedy"), "the others are made ready again"
    process.ask(Think(2, "greedy", START))
    reply = replies.get(timeout=PATIENCE)
    assert isinstance(reply, Decided) and reply.number == 2 and process.pid != first
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in engine_pids(tmp_path)))


@pytest.mark.slow
def test_a_second_analyst_that_hangs_is_taken_out_with_its_process(start: Callable[..., Started]) -> None:
    process, replies = start()
    process.ask(Annotate(1, "first", START, "hangs"))
    first = process.pid
    assert process.unload("hangs")
    process.ask(Think(2, "first", START))
    reply = replies.get(timeout=PATIENCE)
    assert isinstance(reply, Decided) and reply.number == 2 and process.pid != first


# --- games and positions


def received(replies: queue.Queue[Reply], kind: type[Any]) -> list[Any]:
    """The parts of an answer, up to the last."""
    parts: list[Any] = []
    while not parts or not parts[-1].done:
        reply = replies.get(timeout=PATIENCE)
        assert isinstance(reply, kind), reply
        parts.append(reply)
    return parts


@pytest.mark.slow
def test_the_games_of_a_file_come_in_parts(ask: Callable[..., Started], tmp_path: Path) -> None:
    games = [Game(moves=[Move.from_iccs("h2e2")], tags={"Red": str(n)}) for n in range(300)]
    write_pgn(games, tmp_path / "games.pgn")
    process, replies = ask()
    process.ask(Read(4, str(tmp_path / "games.pgn")))
    parts = received(replies, GamesRead)
    read = [game for part in parts for game in part.games]
    assert [game.tags["Red"] for game in read] == [str(n) for n in range(300)]
    assert [part.first for part in parts] == [sum(len(p.games) for p in parts[:i]) for i in range(len(parts))]


def test_a_text_is_read_and_a_broken_game_is_cut(ask: Callable[..., Started]) -> None:
    process, replies = ask()
    process.ask(Read(1, "", "1. 炮二平五 马8进7 2. 车一平九"))
    (game,) = [game for part in received(replies, GamesRead) for game in part.games]
    assert [str(move) for move in game.moves] == ["h2e2", "h9g7"]
    process.ask(Read(2, "", "nothing of the kind"))
    reply = replies.get(timeout=PATIENCE)
    assert isinstance(reply, Failed) and reply.error.code == "record_none"


@pytest.mark.slow
def test_a_file_is_read_although_another_player_thinks(start: Callable[..., Started], tmp_path: Path) -> None:
    write_pgn([Game(moves=[Move.from_iccs("h2e2")])], tmp_path / "game.pgn")
    process, replies = start()
    for number in (1, 2, 3):
        process.ask(Think(number, "slow", START))
    process.ask(Read(4, str(tmp_path / "game.pgn")))
    kinds = [type(replies.get(timeout=PATIENCE)) for _ in range(4)]
    assert GamesRead in kinds[:3]


def test_a_missing_file_is_said(ask: Callable[..., Started]) -> None:
    process, replies = ask(None)
    process.ask(Read(1, "/no/such/file.pgn"))
    reply = replies.get(timeout=PATIENCE)
    assert isinstance(reply, Failed) and reply.number == 1 and reply.error.code == "record_missing"


@pytest.mark.slow
def test_a_game_is_annotated_and_a_position_looked_at_by_the_shipped_model(ask: Callable[..., Started]) -> None:
    process, replies = ask(None)
    moves = tuple(map(Move.from_iccs, ("h2e2", "h9g7", "h0g2", "i9h9")))
    process.ask(Annotate(1, "gpt", PositionRequest(START_FEN, moves)))
    parts = received(replies, Annotated)
    notes = parts[0].notes
    assert [(note.ply, note.move) for note in notes] == list(enumerate(moves, 1))
    assert {note.nodes for note in notes} == {0}
    last = {note.ply: note for part in parts for note in part.notes}
    assert all(last[ply].nodes and last[ply].move == move for ply, move in enumerate(moves, 1))
    assert parts[-1].nodes > parts[1].nodes
    assert notes[0].rank <= 3 and sum(notes[0].before) == pytest.approx(1, abs=1e-3)
    process.ask(Look(2, "gpt", PositionRequest(START_FEN, moves)))
    looked = replies.get(timeout=PATIENCE)
    assert isinstance(looked, Looked) and looked.insight.games is not None and looked.insight.opening


def test_who_is_no_model_cannot_annotate_but_knows_openings(ask: Callable[..., Started]) -> None:
    process, replies = ask(None)
    position = PositionRequest(START_FEN, (Move.from_iccs("h2e2"),))
    process.ask(Annotate(1, "greedy", position))
    reply = replies.get(timeout=PATIENCE)
    assert isinstance(reply, Failed) and reply.error.code == "player_no_model"
    process.ask(Look(2, "greedy", position))
    looked = replies.get(timeout=PATIENCE)
    assert isinstance(looked, Looked) and looked.insight.decoded is None and looked.insight.games is not None


@pytest.mark.slow
def test_a_cancelled_annotation_says_nothing_more(start: Callable[..., Started]) -> None:
    process, replies = start()
    process.ask(Think(1, "slow", START))
    process.ask(Annotate(2, "first", PositionRequest(START_FEN, (Move.from_iccs("h2e2"),))))
    process.cancel(2)
    process.ask(Think(3, "first", START))
    assert [getattr(replies.get(timeout=PATIENCE), "number", None) for _ in range(2)] == [1, 3]


@pytest.mark.slow
def test_a_process_that_reads_nothing_does_not_stop_the_window(start: Callable[..., Started]) -> None:
    process, replies = start()
    process.load("hangs")

    def ask_much() -> None:
        for number in range(1, 5):
            process.ask(Read(number, "", "x" * 500_000))

    asking = threading.Thread(target=ask_much, daemon=True)
    asking.start()
    asking.join(PATIENCE)
    assert not asking.is_alive(), "more than a pipe holds is asked at once"
    assert process.unload("hangs") is False and replies.empty()
