"""The conversation: lines in, lines out, in UCI, UCCI or Cyclone's dialect of UCI."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Final

from xiangqi_gpt import __version__
from xiangqi_gpt.players import Decision
from xiangqi_gpt.rules import Board, Move, XiangqiError

from .backend_thread import BackendThread, Search
from .backends import Backend
from .go import read_go
from .info import Info, format_info
from .options import VARIANT, EngineSettings, ProtocolError, options, with_option
from .squares import read_move, write_move

#: Seconds a started search or a model that is being loaded gets to end after the last line; a busy machine needs them.
_LAST_SECONDS: Final = 60.0
_QUIT_SECONDS: Final = 0.2  #: the same after ``quit``, when nobody waits for an answer


class Engine:
    """One conversation. ``hear`` takes a line and never waits; what is said goes line by line to ``say``.

    ``load`` makes the mind for some settings, and may take its time; it is called in the engine's own thread. ``check``
    raises an ``XiangqiError`` for settings that cannot be used, quickly.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        load: Callable[[EngineSettings], Backend],
        *,
        settings: EngineSettings | None = None,
        check: Callable[[EngineSettings], None] = lambda settings: None,
    ) -> None:
        self._write_line = say
        self._lock = threading.Lock()
        self._load, self._check = load, check
        self._defaults = self._settings = settings or EngineSettings()
        self._ucci = False
        self._first_rank = 0  # what the other program calls the first rank
        self._board: Board | None = Board()
        self._new_game = False
        self._banned: frozenset[Move] = frozenset()
        self._search: Search | None = None
        self._queued: list[Search] = []  # in a batch: those whose answers are still to come
        self._worker = BackendThread()

    def handle_line(self, line: str) -> bool:
        """Obey one line; False when it ends the conversation. What cannot be obeyed is told and ignored."""
        words = line.split()
        if not words:
            return True
        word, rest = words[0].lower(), words[1:]
        if word == "quit":
            return False
        try:
            self._obey(word, rest)
        except XiangqiError as error:
            self._send_message(str(error))
        return True

    def close(self, *, finish: bool = False) -> bool:
        """End the conversation; with ``finish`` what was asked is answered first. Whether all work has ended.

        What a batch has asked is thought about as long as it was asked to, but for searches without an end.
        """
        if finish and self._settings.batch:
            for search in list(self._queued):
                search.stop_if_endless()
        else:
            self._stop()
        ended = self._worker.close(_LAST_SECONDS if finish else _QUIT_SECONDS)
        if self._ucci:
            self._send("bye")
        return ended

    def _obey(self, word: str, rest: list[str]) -> None:
        if word in ("uci", "ucci"):
            self._identify(ucci=word == "ucci")
        elif word == "isready":
            self._ready()
        elif word == "setoption":
            self._set(rest)
        elif word == "position":
            self._place(rest)
        elif word in ("fen", "startpos"):  # Cyclone leaves out the word before it, and counts ranks from 0
            self._first_rank = 0
            self._place([word, *rest])
        elif word == "banmoves":
            self._ban(rest)
        elif word == "go":
            self._go(rest)
        elif word == "stop":
            self._stop()
        elif word == "ponderhit":
            if (search := self._search) is not None:
                search.ponder_hit()
        elif word in ("ucinewgame", "uccinewgame"):
            self._new_game = True
        elif word not in ("debug", "register"):
            raise ProtocolError(f"unknown command {word[:40]!r}")

    def _identify(self, *, ucci: bool) -> None:
        self._ucci = ucci
        lines = [f"id name Xiangqi GPT {__version__}", "id author the Xiangqi GPT contributors"]
        lines += [option.declare(getattr(self._defaults, option.field), ucci=ucci) for option in options(ucci)]
        self._send(*lines, *(["option newgame type button", "ucciok"] if ucci else ["uciok"]))

    def _ready(self) -> None:
        if self._search is not None:
            self._send("readyok")
            return
        settings = self._settings

        def load() -> None:
            self._guard(lambda: self._load(settings))
            self._send("readyok")

        self._worker.add(load)

    def _set(self, words: list[str]) -> None:
        if self._ucci:
            name, value = words[0] if words else "", " ".join(words[1:])
            if name == "newgame":
                self._new_game = True
                return
        else:
            text = " ".join(words[1:] if words[:1] == ["name"] else words)
            name, _, value = f"{text} ".partition(" value ")
        settings = with_option(self._settings, name.strip(), value.strip())
        self._check(settings)
        self._settings = settings
        if name.strip().lower() == VARIANT.lower():
            self._first_rank = 1

    def _place(self, words: list[str]) -> None:
        """Set up a position. After one that cannot be there is none, so that no move is made up for another."""
        self._board, self._banned = None, frozenset()
        split = words.index("moves") if "moves" in words else len(words)
        kind, fields = words[0] if words else "", words[1:split]
        if kind not in ("startpos", "fen"):
            raise ProtocolError(f"position startpos or position fen is expected, not {kind[:40]!r}")
        board = Board(" ".join(fields), lenient=True) if kind == "fen" else Board()
        for text in words[split + 1 :]:
            move = read_move(text, self._first_rank)
            board.check_legal(move)
            board.push(move)
        self._board = board

    def _ban(self, words: list[str]) -> None:
        self._banned = frozenset(read_move(text, self._first_rank) for text in words)

    def _go(self, words: list[str]) -> None:
        if not self._settings.batch:
            self._stop()
        board = self._board
        if board is None:
            self._worker.add(lambda: self._answer(None))
            raise ProtocolError("there is no position to think about")
        settings = self._settings
        go = read_go(words, board.turn, ucci=self._ucci, milliseconds=settings.milliseconds)
        moves = [move for move in board.legal_moves if move not in self._banned]
        if go.moves:
            moves = [move for move in moves if write_move(move, self._first_rank) in go.moves]
        search = Search(board.copy(), go, moves, self._new_game)
        with self._lock:
            self._search = search
            self._queued.append(search)
        self._new_game = False
        self._worker.add(lambda: self._think(search, settings))

    def _think(self, search: Search, settings: EngineSettings) -> None:
        decision: Decision | None = None
        if settings.batch:
            search.start()

        def decide() -> None:
            nonlocal decision
            mind = self._load(settings)
            if search.is_new_game:
                mind.forget()
            decision = mind.think(search.board, search.go, search.moves, settings.multipv, search.is_over, self._inform)

        if search.moves:
            self._guard(decide)
        elif not search.board.legal_moves:
            self._send("info depth 0 score " + ("-30000" if self._ucci else "mate 0"))
        search.wait()
        self._answer(decision)
        with self._lock:
            self._queued.remove(search)
            if self._search is search:  # else the next one has begun
                self._search = None

    def _guard(self, work: Callable[[], object]) -> None:
        """Do what may fail; a failure is told, and the conversation goes on."""
        try:
            work()
        except XiangqiError as error:
            self._send_message(str(error))
        except Exception as error:
            self._send_message(f"internal error, please report it: {type(error).__name__}: {error}")

    def _stop(self) -> None:
        """End the search, if there is one: the thread that thinks may forget it at any moment."""
        for search in list(self._queued):
            search.stop()

    def _inform(self, thought: Info) -> None:
        if self._ucci and thought.rank > 1:
            return
        self._send(format_info(thought, ucci=self._ucci, show_wdl=self._settings.show_wdl, first_rank=self._first_rank))

    def _answer(self, decision: Decision | None) -> None:
        if decision is None:
            self._send("nobestmove" if self._ucci else "bestmove (none)")
            return
        first = self._first_rank
        ponder = f" ponder {write_move(decision.variation[1], first)}" if len(decision.variation) > 1 else ""
        self._send(f"bestmove {write_move(decision.move, first)}{ponder}")

    def _send_message(self, message: str) -> None:
        text = "".join(letter if letter.isprintable() else "?" for letter in " ".join(message.split()))
        self._send(f"info {'message' if self._ucci else 'string'} {text}")

    def _send(self, *lines: str) -> None:
        with self._lock:
            for line in lines:
                self._write_line(line)


def converse(engine: Engine, lines: Iterable[str]) -> bool:
    """Hear lines until one ends the conversation or there are no more; whether all work had ended by then."""
    for line in lines:
        if not engine.handle_line(line):
            return engine.close()
    return engine.close(finish=True)
