"""The players' process: it holds players and answers the window's questions, one part of an answer after another."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Final

from xiangqi_gpt.rules import Board
from xiangqi_gpt.rules.jit import announce_nothing
from xiangqi_gpt.worker_processes import ended_by_sigterm

from ..state.error_report import report
from ..state.move_notes import MoveNote
from .messages import (
    Annotate,
    Annotated,
    Cancel,
    CheckTry,
    Decided,
    Failed,
    GamesRead,
    Judge,
    Load,
    Look,
    Looked,
    Ponder,
    Pondered,
    Question,
    Read,
    ReadPuzzles,
    Ready,
    Reply,
    Request,
    Solve,
    Think,
    ThinkingTime,
    Unload,
    Watch,
    Watched,
)

if TYPE_CHECKING:
    from xiangqi_gpt.players.player import Decision, Player, Stop

_NICENESS: Final = 10
#: How many seconds of notes make a part of an answer.
_PART: Final = 0.1
Parts = Iterator[Annotated | GamesRead | Pondered | Watched]


def serve(pipe: Connection, seed: int | None, loader: Callable[[str, int | None], Player]) -> None:
    """Answer requests until the other end is gone.

    Files are read first, since nothing else can be done with what is in them; long answers are given a part at a
    time, when nothing else waits. A player that thinks about a question which is cancelled is told to stop.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the window's business
    with ended_by_sigterm(0):  # in order, so that no engine is left behind
        _serve(pipe, Players(seed, loader))


def _serve(pipe: Connection, players: Players) -> None:
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    announce_nothing()  # the window's process has said so
    waiting: list[Load | Question] = []
    parts: dict[int, tuple[Question, Parts]] = {}
    cancelled: set[int] = set()  # while an answer is worked out
    unwanted: list[str] = []  # players to let go of, once none of them thinks
    hearing = threading.Lock()  # a search asks from several threads whether it is cancelled

    def take() -> None:
        request: Request = pipe.recv()
        if isinstance(request, Unload):
            waiting[:] = [other for other in waiting if other != Load(request.spec)]
            unwanted.append(request.spec)
            return
        if isinstance(request, Cancel):
            cancelled.add(request.number)
        _queue(waiting, parts, request)

    def unload() -> None:
        while unwanted:
            players.unload(unwanted.pop(0))

    def is_cancelled(question: Load | Question) -> bool:
        """Whether nobody waits any more for the answer that is being worked out; other requests queue meanwhile."""
        with hearing:
            while pipe.poll():
                take()
        return not isinstance(question, Load) and question.number in cancelled

    def is_interrupted(question: Load | Question) -> bool:
        """Whether it is cancelled, or anything else is there to do."""
        return is_cancelled(question) or bool(waiting or unwanted) or len(parts) > 1

    with contextlib.suppress(EOFError, OSError):
        while True:
            while not (waiting or parts) or pipe.poll():
                take()
                unload()
            unload()
            cancelled.clear()
            is_reading = any(isinstance(request, Read) for request, _ in parts.values())
            if waiting and not is_reading:
                place = next((i for i, request in enumerate(waiting) if isinstance(request, Read)), 0)
                request = waiting.pop(place)
                stop = partial(is_cancelled, request)
                if isinstance(request, Ponder):
                    stop = partial(is_interrupted, request)
                if isinstance(request, Annotate | Ponder | Read | Watch):
                    parts[request.number] = (request, _begin(request, players, stop))
                    continue
                reply = _guarded(request, partial(_answer, request, players, stop))
            else:
                request, answers = _next_part(parts)
                reply = _guarded(request, answers.__next__)
                if request.number in parts:
                    parts[request.number] = parts.pop(request.number)  # those that think take turns
                if isinstance(reply, Failed) or getattr(reply, "done", False):
                    parts.pop(request.number, None)  # it may have been cancelled meanwhile
            pipe.send(reply)


def _next_part(parts: Mapping[int, tuple[Question, Parts]]) -> tuple[Question, Parts]:
    """Return the long answer to go on with: a file before all, pondering only when there is nothing else."""
    return min(parts.values(), key=lambda part: (not isinstance(part[0], Read), isinstance(part[0], Ponder)))


def _queue(
    waiting: list[Load | Question], parts: dict[int, tuple[Question, Parts]], request: Load | Question | Cancel
) -> None:
    if isinstance(request, Cancel):
        waiting[:] = [other for other in waiting if isinstance(other, Load) or other.number != request.number]
        parts.pop(request.number, None)
    else:
        waiting.append(request)


class Players:
    """The players made so far, by spec."""

    def __init__(self, seed: int | None, loader: Callable[[str, int | None], Player]) -> None:
        self._seed, self._loader = seed, loader
        self._made: dict[str, Player] = {}

    def get(self, spec: str) -> Player:
        """Return a player, made when it is first asked for. Raises what making it does."""
        if spec not in self._made:
            self._made[spec] = self._loader(spec, self._seed)
        return self._made[spec]

    def unload(self, spec: str) -> None:
        """Let go of a player, if it was made, and end its engine."""
        player = self._made.pop(spec, None)
        if player is not None:
            player.close()


def _guarded(request: Load | Question, answer: Callable[[], Reply]) -> Reply:
    """An answer, or what went wrong: whatever a model file or an engine does, the game in the window stays."""
    number = None if isinstance(request, Load) else request.number
    try:
        return answer()
    except Exception as error:
        return Failed(request.spec, number, report(error, request.spec))


def _answer(
    request: Load | Think | Judge | Look | ReadPuzzles | Solve | CheckTry, players: Players, stop: Stop
) -> Reply:
    if isinstance(request, ReadPuzzles | Solve):
        from . import puzzle_file

        return puzzle_file.read(request) if isinstance(request, ReadPuzzles) else puzzle_file.solve(request)
    player = players.get(request.spec)
    if isinstance(request, Load):
        return Ready(request.spec, player.name)
    if isinstance(request, Think):
        return Decided(request.number, _decide(player, request.position.board(), request.time, stop))
    if isinstance(request, CheckTry):
        from .analyst import check

        return check(request, player)
    if isinstance(request, Judge):
        from .analyst import judge

        return judge(request, player, stop)
    from .analyst import look

    return Looked(request.number, look(player, request))


def _decide(player: Player, board: Board, time_left: ThinkingTime | None, stop: Stop) -> Decision:
    """Return a player's decision; one that thinks for long does so until ``stop()``."""
    own = player.limit
    if own is None or time_left is None:
        return player.choose(board, stop=stop)
    if player.divides_time and time_left.clock is not None:
        return player.choose(board, clock=time_left.clock, stop=stop)
    # A search ends at its nodes or by the clock; an engine is told how hard to think, or how long.
    limit = replace(own, movetime=max(1, round(1000 * time_left.seconds)))
    return player.choose(board, limit, clock=time_left.clock, stop=stop)


def _annotate(request: Annotate, players: Players, stop: Stop) -> Parts:
    from .analyst import annotate

    deep = players.get(request.deep) if request.deep else None
    notes: dict[int, MoveNote] = {}
    share, nodes = 0.0, 0
    due = 0.0  # the glance is shown at once
    for step in annotate(players.get(request.spec), request.position, deep, stop):
        notes.update((note.ply, note) for note in step.notes)
        share, nodes = step.share, step.nodes
        if time.monotonic() >= due:
            yield Annotated(request.number, tuple(notes.values()), False, share, nodes)
            notes, due = {}, time.monotonic() + _PART
    yield Annotated(request.number, tuple(notes.values()), True, 1.0, nodes)


def _ponder(request: Ponder, players: Players, stop: Stop) -> Parts:
    """Grow the tree of a search of ours that is limited by time alone: no other player would gain by it, and a level is
    to be no stronger on a slow person."""
    from xiangqi_gpt.players.player import SearchLimit

    player, board = players.get(request.spec), request.position.board()
    while player.divides_time:
        stopped = False

        def interrupted() -> bool:
            nonlocal stopped
            stopped = stopped or stop()
            return stopped

        player.choose(board, SearchLimit(), stop=interrupted)
        if not stopped:
            break
        yield Pondered(request.number, False)
    yield Pondered(request.number, True)


def _begin(request: Annotate | Ponder | Read | Watch, players: Players, stop: Stop) -> Parts:
    if isinstance(request, Read):
        return _read(request)
    if isinstance(request, Ponder):
        return _ponder(request, players, stop)
    return _annotate(request, players, stop) if isinstance(request, Annotate) else _watch(request, players, stop)


def _watch(request: Watch, players: Players, stop: Stop) -> Parts:
    from .analyst import watch

    deep = players.get(request.deep) if request.deep else None
    yield from watch(request, players.get(request.spec), deep, stop)


def _read(request: Read) -> Parts:
    from ..state.record_files import read_chunks

    first = 0
    for games, faults in read_chunks(request.path, request.text, request.words, request.others):
        yield GamesRead(request.number, first, tuple(games), tuple(faults), False)
        first += len(games)
    yield GamesRead(request.number, first, (), (), True)
