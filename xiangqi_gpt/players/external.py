"""Any UCI, UCCI or xboard engine as a player."""

from __future__ import annotations

import os
import queue
import shlex
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

from xiangqi_gpt.rules import Board, IllegalMoveError
from xiangqi_gpt.rules.fen import format_fen

from .dialects import Dialect, Reply, UciDialect, XboardDialect
from .engine_process import EngineError, EngineProcess, find_program
from .player import BasePlayer, Clock, Decision, OnProgress, PlayerError, SearchLimit, Stop, expect_moves

PROTOCOLS: Final = ("uci", "ucci", "xboard")

#: Arguments without which a known program does not speak its protocol, or reads a start-up file of the user's.
_ARGUMENTS: Final = {("uci", "sjaakii"): ["-uci"], ("xboard", "hoixiangqi"): ["--norc"]}


class IllegalReplyError(PlayerError, IllegalMoveError):
    """An engine's move that the rules forbid."""


class _Engine:
    """One running process and what was last asked of it."""

    def __init__(self, command: Sequence[str], dialect: Dialect, options: dict[str, str], seconds: float) -> None:
        self.process = EngineProcess(command)
        self.dialect = dialect
        self.last: Board | None = None
        try:
            dialect.start(self.process, options, time.monotonic() + seconds)
        except EngineError:
            self.process.close()
            raise

    def goes_on(self, board: Board) -> bool:
        """Whether a position belongs to the game this engine saw last."""
        if self.last is None or format_fen(board.root) != format_fen(self.last.root):
            return False
        return board.move_stack[: len(self.last.move_stack)] == self.last.move_stack


class ExternalPlayer(BasePlayer):
    """Asks an engine in a child process for every move.

    With a limit of nodes or depth the engine clears its memory before each move, so that a move depends on the
    position and its history alone, whatever other games the engine plays in between; several processes then share
    ``choose_many``. With a limit of time it keeps its memory as long as one game goes on.
    """

    def __init__(
        self,
        protocol: str,
        program: str,
        limit: SearchLimit,
        *,
        name: str = "",
        args: str = "",
        timeout: float = 30.0,
        processes: int | None = None,
        engine_options: Mapping[str, str] | None = None,
    ) -> None:
        """Start the engine.

        ``program`` is a path or a name (found on PATH or in /usr/games), ``args`` its command line, ``timeout`` the
        seconds it may take to start and, beyond a movetime, to move, ``processes`` how many copies may run at once
        (default: one a core, one for a limit of time), ``engine_options`` the engine's own options.

        Raises ``PlayerError`` when it cannot be found or started, does not play Xiangqi, or cannot keep the limit.
        """
        if protocol not in PROTOCOLS:
            raise PlayerError(f"unknown protocol {protocol!r}; possible are {', '.join(PROTOCOLS)}")
        self.name = name or f"{protocol}:{program}"
        if protocol == "xboard" and limit.nodes is not None:
            raise PlayerError(f"{self.name}: an xboard engine takes depth=N or movetime=MILLISECONDS, not nodes")
        self._protocol, self._program = protocol, program
        self._limit = limit
        self._timeout = timeout
        self._options = dict(engine_options or {})
        self._running: list[_Engine] = []
        self._idle: queue.LifoQueue[_Engine] = queue.LifoQueue()
        self._pool = ThreadPoolExecutor(processes or (1 if limit.movetime else os.cpu_count() or 1))
        try:
            known = _ARGUMENTS.get((protocol, Path(program).name), [])
            self._command = [find_program(program), *(shlex.split(args) or known)]
            self._idle.put(self._start())
        except EngineError as error:
            raise self._named(error) from None
        except ValueError as error:
            raise PlayerError(f"{self.name}: {error}") from None

    def _named(self, error: EngineError) -> PlayerError:
        """Return an error that says which engine it is about."""
        values = {"name": self._program, **error.values}
        return PlayerError(f"{self.name}: {error}", code=error.code, **values)

    def _start(self) -> _Engine:
        dialect: Dialect = XboardDialect() if self._protocol == "xboard" else UciDialect(self._protocol == "ucci")
        engine = _Engine(self._command, dialect, self._options, self._timeout)
        self._running.append(engine)
        return engine

    @property
    def limit(self) -> SearchLimit:
        """How long it thinks about a move unless it is told otherwise; ``SearchLimit()``: as its clock has it."""
        return self._limit

    def choose(
        self,
        board: Board,
        limit: SearchLimit | None = None,
        *,
        clock: Clock | None = None,
        stop: Stop | None = None,
        on_progress: OnProgress | None = None,
        fresh: bool | None = None,
    ) -> Decision:
        """Return the engine's move within ``limit`` (None: its own). A failed one is started anew for the next move.

        It divides the time that ``clock`` leaves it where its own limit is ``SearchLimit()``, or where ``limit`` is one
        of time. Its moves and lines mean nothing to it, and it reports no progress.

        ``fresh`` says whether the engine forgets first what it has learned from other positions; by default as the
        limit has it. As soon as ``stop()`` says so, the engine is told to move at once; one that does not is ended.

        Raises ``PlayerError`` when the engine dies, stays silent or answers rubbish, or when the game is over, and
        ``IllegalReplyError`` when its move is not legal.
        """
        expect_moves(board, self.name)
        start = time.perf_counter()
        try:
            if limit is None:
                limit = self._limit
            elif limit.nodes is not None or limit.depth is not None:
                limit = replace(limit, movetime=None)
            elif clock is not None:
                limit = SearchLimit()
            reply = self._ask(board, limit, fresh, clock, stop)
            board.check_legal(reply.move)
        except EngineError as error:
            raise self._named(error) from None
        except IllegalMoveError as error:
            why = f"{self.name}: it answered {reply.text}: {error}"
            raise IllegalReplyError(why, code="engine_illegal", name=self._program, move=reply.text) from None
        return Decision(
            reply.move,
            wdl=reply.wdl,
            variation=reply.variation,
            nodes=reply.nodes,
            seconds=time.perf_counter() - start,
            score=reply.score,
            depth=reply.depth,
        )

    def _ask(self, board: Board, own: SearchLimit, fresh: bool | None, clock: Clock | None, stop: Stop | None) -> Reply:
        limit: SearchLimit | Clock = own
        seconds = (own.movetime or 0) / 1000
        if own.is_open:
            if clock is None:
                raise EngineError("it needs a limit (nodes, depth or movetime) or a clock", code="engine_no_limit")
            limit, seconds = clock, clock.of(board.turn)[0]
        engine = self._take()
        try:
            if fresh is None:
                fresh = not seconds or not engine.goes_on(board)
            deadline = time.monotonic() + self._timeout + seconds
            reply = engine.dialect.ask(engine.process, board, limit, fresh, deadline, stop)
        except BaseException:  # a Ctrl-C too: an engine that was interrupted is out of step
            self._end(engine)
            raise
        engine.last = board.copy()
        self._idle.put(engine)
        return reply

    def _take(self) -> _Engine:
        """An idle engine; one that has died meanwhile owes no answer and is replaced."""
        while True:
            try:
                engine = self._idle.get_nowait()
            except queue.Empty:
                return self._start()
            if engine.process.is_running:
                return engine
            self._end(engine)

    def _end(self, engine: _Engine) -> None:
        self._running.remove(engine)
        engine.process.close()

    def try_many(self, boards: Sequence[Board]) -> list[Decision | Exception]:
        """Return one decision a board, or the error that this board met: one failure leaves the other boards alone."""

        def attempt(board: Board) -> Decision | Exception:
            try:
                return self.choose(board)
            except PlayerError as error:
                return error

        return list(self._pool.map(attempt, boards))

    def choose_many(self, boards: Sequence[Board]) -> list[Decision]:
        """One decision a board; raises what the first failing board met."""
        decisions = []
        for answer in self.try_many(boards):
            if isinstance(answer, Exception):
                raise answer
            decisions.append(answer)
        return decisions

    def close(self) -> None:
        """End the engine's processes, those that are thinking too."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for engine in self._running.copy():
            engine.process.close()
        self._pool.shutdown()
