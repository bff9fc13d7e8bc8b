"""The players' process: it answers, it can be told to forget, and its death is noticed."""

from __future__ import annotations

import os
import queue
import signal
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from xiangqi_gpt.gui.session import PositionRequest
from xiangqi_gpt.gui.worker import CRASH_LIMIT, Crashed, Decided, Failed, PlayerProcess, Ready, Reply, Think

from xiangqi_gpt.players.player import Decision, Player
from xiangqi_gpt.rules import START_FEN, Board, Move

START = PositionRequest(START_FEN, ())
WAIT = 60.0


class FirstMove:
    """Plays the first legal move, after a while if its name says so; dies when asked to."""

    def __init__(self, name: str) -> None:
        self.name = name

    def choose(self, board: Board) -> Decision:
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
    return FirstMove(spec)  # type: ignore[return-value]


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


def test_a_real_player_decides_in_another_process(start: Callable[..., Started]) -> None:
    process, replies = start(None)
    process.load("greedy")
    ready = replies.get(timeout=WAIT)
    assert ready == Ready("greedy", "greedy")
    process.think(Think(7, "greedy", PositionRequest(START_FEN, (Move.from_iccs("h2e2"),))))
    reply = replies.get(timeout=WAIT)
    assert isinstance(reply, Decided) and reply.number == 7
    assert reply.decision.move in START.board().legal_moves or reply.decision.move.from_square > 44
    assert process.pid != os.getpid()


def test_what_was_asked_before_the_start_is_answered_after_it() -> None:
    replies: queue.Queue[Reply] = queue.Queue()
    process = PlayerProcess(replies.put, 1, load)
    process.think(Think(1, "first", START))
    process.start()
    try:
        assert isinstance(replies.get(timeout=WAIT), Decided)
    finally:
        process.close()


def test_a_cancelled_request_gets_no_answer(start: Callable[..., Started]) -> None:
    process, replies = start()
    process.think(Think(1, "slow", START))
    process.think(Think(2, "slow", START))
    process.cancel(1)
    process.think(Think(3, "first", START))
    process.cancel(2)
    reply = replies.get(timeout=WAIT)
    assert isinstance(reply, Decided) and reply.number == 3


def test_a_wrong_spec_is_reported_in_one_line(start: Callable[..., Started]) -> None:
    process, replies = start(None)
    process.think(Think(1, "no-such-player", START))
    reply = replies.get(timeout=WAIT)
    assert isinstance(reply, Failed) and reply.number == 1
    assert "no-such-player" in reply.text and "\n" not in reply.text


def test_a_players_bug_does_not_kill_the_process(start: Callable[..., Started]) -> None:
    process, replies = start()
    process.think(Think(1, "breaks", START))
    assert replies.get(timeout=WAIT) == Failed("breaks", 1, "breaks: RuntimeError: a bug")
    process.think(Think(2, "first", START))
    assert isinstance(replies.get(timeout=WAIT), Decided)


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_a_crash_is_noticed_and_open_requests_are_asked_again(start: Callable[..., Started]) -> None:
    process, replies = start()
    process.think(Think(1, "first", START))
    assert isinstance(replies.get(timeout=WAIT), Decided)
    first = process.pid
    assert first is not None
    process.think(Think(2, "slow", START))
    os.kill(first, signal.SIGKILL)
    assert replies.get(timeout=WAIT) == Crashed(True)
    reply = replies.get(timeout=WAIT)
    assert isinstance(reply, Decided) and reply.number == 2
    assert process.pid != first


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_a_process_that_keeps_dying_is_given_up_and_can_be_tried_again(start: Callable[..., Started]) -> None:
    process, replies = start()
    process.think(Think(1, "dies", START))
    assert [replies.get(timeout=WAIT) for _ in range(CRASH_LIMIT)] == [Crashed(True)] * (CRASH_LIMIT - 1) + [
        Crashed(False)
    ]
    process.think(Think(2, "first", START))
    reply = replies.get(timeout=WAIT)
    assert isinstance(reply, Decided) and reply.number == 2


@pytest.mark.skipif(not hasattr(os, "nice"), reason="no priorities")
def test_thinking_gives_way_to_the_window(start: Callable[..., Started]) -> None:
    process, replies = start()
    process.think(Think(1, "nice", START))
    reply = replies.get(timeout=WAIT)
    assert isinstance(reply, Decided) and reply.decision.nodes >= min(os.nice(0) + 10, 19)
