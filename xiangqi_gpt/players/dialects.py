"""The three languages engines speak: UCI, UCCI and the xboard protocol, reduced to what a match needs.

Squares have ranks 0-9 on our side. UCI engines that offer ``UCI_Variant`` count ranks from 1 to 10; others (Pikafish),
UCCI and xboard engines count from 0.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Final, Protocol

from xiangqi_gpt.rules import RED, Board, Move, MoveTextError
from xiangqi_gpt.rules.fen import format_fen
from xiangqi_gpt.rules.pieces import FILES, RANKS, square_name

from .process import EngineError, EngineProcess

#: Seconds an xboard engine has to say what it can do; older ones say nothing.
_FEATURE_SECONDS: Final = 2.0

_MOVE: Final = re.compile(r"([a-i])(\d{1,2})([a-i])(\d{1,2})\Z")
_HORSE_AND_ELEPHANT: Final = str.maketrans("nNbB", "hHeE")


@dataclass(frozen=True)
class Limit:
    """How long an engine thinks about a move: exactly one of ``nodes``, ``depth`` (plies), ``movetime`` (ms).

    An xboard engine counts no nodes, and its time in whole seconds.
    """

    nodes: int | None = None
    depth: int | None = None
    movetime: int | None = None


@dataclass(frozen=True)
class Reply:
    """An engine's answer: the move as it wrote it, read, and what it said about its search."""

    text: str
    move: Move
    nodes: int = 1
    variation: tuple[Move, ...] = ()


class Dialect(Protocol):
    """One protocol, spoken with one engine."""

    def start(self, engine: EngineProcess, options: dict[str, str], deadline: float) -> None:
        """Greet the engine, make it play Xiangqi and set options. Raises ``EngineError``."""
        ...

    def ask(self, engine: EngineProcess, board: Board, limit: Limit, fresh: bool, deadline: float) -> Reply:
        """A move for a position; ``fresh``: the engine forgets all it knows first. Raises ``EngineError``."""
        ...


def read_move(text: str, first_rank: int) -> Move:
    """The move an engine wrote, its ranks counted from ``first_rank``. Raises ``EngineError``."""
    match = _MOVE.match(text)
    ranks = (int(match[2]) - first_rank, int(match[4]) - first_rank) if match else (-1, -1)
    if match is None or not all(0 <= rank < RANKS for rank in ranks):
        raise EngineError(f"it answered {text!r}, which is not a move")
    source, target = ("abcdefghi".index(match[i]) + FILES * rank for i, rank in zip((1, 3), ranks, strict=True))
    try:
        return Move.of(source, target)
    except MoveTextError as error:
        raise EngineError(f"it answered {text!r}: {error}") from None


def write_move(move: Move, first_rank: int) -> str:
    """A move as an engine reads it, ranks counted from ``first_rank``."""
    return "".join(
        f"{square_name(square)[0]}{square // FILES + first_rank}" for square in (move.from_square, move.to_square)
    )


class UciDialect:
    """UCI, and UCCI, which differs in a few words."""

    def __init__(self, ucci: bool) -> None:
        self._ucci = ucci
        self._first_rank = 0
        self._horse_letters = False

    def start(self, engine: EngineProcess, options: dict[str, str], deadline: float) -> None:
        """Greet, choose the variant where the engine knows several, set options, wait until it is ready."""
        greeting = "ucci" if self._ucci else "uci"
        engine.send(greeting)
        offered: dict[str, str] = {}
        while (line := engine.receive(deadline)) != greeting + "ok":
            if line.startswith("id name"):
                self._horse_letters = "sjaak" in line.lower()
            elif match := re.match(r"option (?:name )?(.+?) type (.*)", line):
                offered[match[1]] = match[2]
        if not self._ucci and "UCI_Variant" in offered:
            if "xiangqi" not in offered["UCI_Variant"].split():
                raise EngineError("it does not play xiangqi")
            engine.send("setoption name UCI_Variant value xiangqi")
            self._first_rank = 1
        if "usemillisec" in offered:
            engine.send("setoption usemillisec true")
        for name, value in options.items():
            if name not in offered:
                raise EngineError(f"it has no option {name!r}; it offers {', '.join(sorted(offered)) or 'none'}")
            engine.send(f"setoption {name} {value}" if self._ucci else f"setoption name {name} value {value}")
        engine.send("isready")
        while engine.receive(deadline) != "readyok":
            pass

    def ask(self, engine: EngineProcess, board: Board, limit: Limit, fresh: bool, deadline: float) -> Reply:
        """A move for a position with its whole history."""
        lines = ["setoption newgame"] if fresh and self._ucci else []
        if fresh:
            lines.append("ucinewgame")  # some UCCI engines clear their memory only on UCI's word
        engine.send(*lines, self._position(board), self._go(limit))
        info = ""
        while True:
            line = engine.receive(deadline)
            word, *rest = line.split()
            if word == "info" and " pv " in line:
                info = line
            elif word == "nobestmove" or (word == "bestmove" and (not rest or rest[0] in ("(none)", "0000", "a0a0"))):
                raise EngineError("it sees no move")
            elif word == "bestmove":
                return self._reply(rest[0], info)

    def _position(self, board: Board) -> str:
        pieces, rest = format_fen(board.root).split(" ", 1)
        if self._horse_letters:
            pieces = pieces.translate(_HORSE_AND_ELEPHANT)
        moves = " ".join(write_move(move, self._first_rank) for move in board.move_stack)
        return f"position fen {pieces} {rest}" + (f" moves {moves}" if moves else "")

    def _go(self, limit: Limit) -> str:
        if limit.nodes is not None:
            return f"go nodes {limit.nodes}"
        if limit.depth is not None:
            return f"go depth {limit.depth}"
        return f"go time {limit.movetime} movestogo 1" if self._ucci else f"go movetime {limit.movetime}"

    def _reply(self, text: str, info: str) -> Reply:
        move = read_move(text, self._first_rank)
        nodes = re.search(r" nodes (\d+)", info)
        variation = []
        for word in info.partition(" pv ")[2].split():
            try:
                variation.append(read_move(word, self._first_rank))
            except EngineError:
                break
        if variation[:1] != [move]:
            variation = [move]
        return Reply(text, move, int(nodes[1]) if nodes else 1, tuple(variation))


class XboardDialect:
    """Version 2 of the xboard protocol; FENs carry H and E, and the two fields that only chess needs are left out."""

    def __init__(self) -> None:
        self._features: dict[str, str] = {}
        self._pings = 0

    def start(self, engine: EngineProcess, options: dict[str, str], deadline: float) -> None:
        """Greet and hear what the engine can do."""
        engine.send("xboard", "protover 2")
        done = min(deadline, time.monotonic() + _FEATURE_SECONDS)
        while self._features.get("done") != "1":
            try:
                line = engine.receive(done)
            except EngineError:
                if time.monotonic() < done:
                    raise
                break
            if line.startswith("feature "):
                for name, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|(\S+))', line):
                    self._features[name] = quoted or plain
        variants = self._features.get("variants", "xiangqi").split(",")
        if "xiangqi" not in variants:
            raise EngineError("it does not play xiangqi")
        if self._features.get("setboard") != "1":
            raise EngineError("it cannot set up a position (xboard feature setboard)")
        for name, value in options.items():
            engine.send(f"option {name}={value}")

    def ask(self, engine: EngineProcess, board: Board, limit: Limit, fresh: bool, deadline: float) -> Reply:
        """A move for a position; each is a new game to the engine, with the moves of a repetition as history."""
        seconds = max(1, round((limit.movetime or 0) / 1000))
        think = f"st {seconds}" if limit.depth is None else f"sd {limit.depth}"
        self._pings += 1
        engine.send("new", *self._variant(), "force", "easy", think, *self._position(board), "go")
        ping = self._features.get("ping") == "1"
        if ping:
            engine.send(f"ping {self._pings}")
        return self._listen(engine, f"pong {self._pings}" if ping else None, deadline)

    def _variant(self) -> list[str]:
        return ["variant xiangqi"] if "," in self._features.get("variants", "") else []

    def _position(self, board: Board) -> list[str]:
        replayed, moves = board.copy(), _repeating_moves(board)
        for _ in moves:
            replayed.pop()
        pieces = replayed.board_fen().translate(_HORSE_AND_ELEPHANT)
        word = "usermove " if self._features.get("usermove") == "1" else ""
        return [f"setboard {pieces} {'w' if replayed.turn == RED else 'b'} 0 1", *(f"{word}{move}" for move in moves)]

    def _listen(self, engine: EngineProcess, pong: str | None, deadline: float) -> Reply:
        text, last = "", "silence"
        while True:
            line = engine.receive(deadline)
            if line.startswith("move "):
                text = line.split()[1]
                if pong is None:
                    break
            elif line == pong:
                break
            elif re.match(r"(?i)illegal move|error|tellusererror", line):
                raise EngineError(f"it complains: {line}")
            last = line
        if not text:
            raise EngineError(f"it sees no move: {last}")
        move = read_move(text, 0)
        return Reply(text, move, variation=(move,))


def _repeating_moves(board: Board) -> list[Move]:
    """The moves since the position on the board first occurred; none when it is new.

    This is all the history an xboard engine is told: hoixiangqi takes milliseconds for each move it is told of, and a
    longer one could meet a draw rule that is not ours.
    """
    moves = board.move_stack
    replayed = board.copy()
    first = len(moves)
    for played in range(len(moves) - 1, len(moves) - 1 - min(board.halfmove_clock, len(moves)), -1):
        replayed.pop()
        if replayed.zobrist == board.zobrist:
            first = played
    return moves[first:]
