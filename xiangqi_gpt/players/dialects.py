"""The three languages engines speak: UCI, UCCI and the xboard protocol, reduced to what a match needs.

Squares have ranks 0-9 on our side. UCI engines that offer ``UCI_Variant`` count ranks from 1 to 10; others (Pikafish),
UCCI and xboard engines count from 0.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from xiangqi_gpt.rules import RED, Board, Move, MoveTextError, Wdl
from xiangqi_gpt.rules.fen import format_fen
from xiangqi_gpt.rules.pieces import FILES, RANKS, square_name

from .engine_process import EngineError, EngineProcess
from .player import Clock, SearchLimit, Stop
from .score import Score

#: Seconds an xboard engine has to say what it can do; older ones say nothing.
_FEATURE_SECONDS: Final = 2.0

#: Seconds an engine has for its move once it has been told to stop, and how often it is asked whether it shall.
_STOP_SECONDS: Final = 2.0
_LOOK_SECONDS: Final = 0.05

_MOVE: Final = re.compile(r"([a-i])(\d{1,2})([a-i])(\d{1,2})\Z")
_THINKING: Final = re.compile(r"(\d{1,4})[.+]? +([+-]?\d{1,9}) +\d+ +(\d{1,15})\b")  # depth, score, time, nodes
_COMPLAINT: Final = re.compile(r"(?i)illegal move|error|tellusererror")
_XBOARD_MATE: Final = 100_000
_HORSE_AND_ELEPHANT: Final = str.maketrans("nNbB", "hHeE")


@dataclass(frozen=True)
class Reply:
    """An engine's answer: the move as it wrote it, read, and what it said about its search."""

    text: str
    move: Move
    nodes: int = 1
    variation: tuple[Move, ...] = ()
    score: Score | None = None
    depth: int = 0
    wdl: Wdl | None = None


class Dialect(Protocol):
    """One protocol, spoken with one engine."""

    def start(self, engine: EngineProcess, options: dict[str, str], deadline: float) -> None:
        """Greet the engine, make it play Xiangqi and set options. Raises ``EngineError``."""
        ...

    def ask(
        self,
        engine: EngineProcess,
        board: Board,
        limit: SearchLimit | Clock,
        fresh: bool,
        deadline: float,
        stop: Stop | None,
    ) -> Reply:
        """A move for a position; ``fresh``: the engine forgets all it knows first.

        As soon as ``stop()`` says so, it is told to move at once. Raises ``EngineError``.
        """
        ...


def _thoughts(engine: EngineProcess, deadline: float, stop: Stop | None, word: str) -> Iterator[str]:
    """What a thinking engine says, without end; once it shall stop it is told ``word``. Raises ``EngineError``."""
    while stop is not None:
        if stop():
            engine.send(word)
            deadline, stop = min(deadline, time.monotonic() + _STOP_SECONDS), None
        elif (line := engine.wait(min(deadline, time.monotonic() + _LOOK_SECONDS))) is not None:
            yield line
        elif time.monotonic() >= deadline:
            raise EngineError("no answer in time", code="engine_silent")
    while True:
        yield engine.receive(deadline)


def read_move(text: str, first_rank: int) -> Move:
    """The move an engine wrote, its ranks counted from ``first_rank``. Raises ``EngineError``."""
    match = _MOVE.match(text)
    ranks = (int(match[2]) - first_rank, int(match[4]) - first_rank) if match else (-1, -1)
    if match is None or not all(0 <= rank < RANKS for rank in ranks):
        raise EngineError(f"it answered {text!r}, which is not a move", code="engine_rubbish")
    source, target = ("abcdefghi".index(match[i]) + FILES * rank for i, rank in zip((1, 3), ranks, strict=True))
    try:
        return Move.of(source, target)
    except MoveTextError as error:
        raise EngineError(f"it answered {text!r}: {error}", code="engine_rubbish") from None


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
                raise EngineError("it does not play xiangqi", code="engine_other_game")
            engine.send("setoption name UCI_Variant value xiangqi")
            self._first_rank = 1
        if "usemillisec" in offered:
            engine.send("setoption usemillisec true")
        spelled = {name.lower(): name for name in offered}  # upper and lower case do not matter in UCI
        for wanted, value in options.items():
            if (name := spelled.get(wanted.lower())) is None:
                why = f"it has no option {wanted!r}; it offers {', '.join(sorted(offered)) or 'none'}"
                raise EngineError(why, code="engine_option", option=wanted)
            engine.send(f"setoption {name} {value}" if self._ucci else f"setoption name {name} value {value}")
        engine.send("isready")
        while engine.receive(deadline) != "readyok":
            pass

    def ask(
        self,
        engine: EngineProcess,
        board: Board,
        limit: SearchLimit | Clock,
        fresh: bool,
        deadline: float,
        stop: Stop | None,
    ) -> Reply:
        """A move for a position with its whole history."""
        lines = ["setoption newgame"] if fresh and self._ucci else []
        if fresh:
            lines.append("ucinewgame")  # some UCCI engines clear their memory only on UCI's word
        engine.send(*lines, "isready")
        said = _thoughts(engine, deadline, stop, "stop")
        while next(said) != "readyok":
            pass  # whatever an engine still says of its last move is not an answer to this question
        engine.send(self._position(board), self._go(limit, board.turn))
        info = exact = ""
        while True:
            line = next(said)
            word, *rest = line.split()
            if word == "info" and " pv " in line and _said(line, "multipv") in (None, 1):
                info = line
                if "bound " not in line:
                    exact = line
            elif word == "nobestmove" or (word == "bestmove" and (not rest or rest[0] in ("(none)", "0000", "a0a0"))):
                raise EngineError("it sees no move", code="engine_no_move")
            elif word == "bestmove":
                return self._reply(rest[0], info, exact or info)

    def _position(self, board: Board) -> str:
        pieces, rest = format_fen(board.root).split(" ", 1)
        if self._horse_letters:
            pieces = pieces.translate(_HORSE_AND_ELEPHANT)
        moves = " ".join(write_move(move, self._first_rank) for move in board.move_stack)
        return f"position fen {pieces} {rest}" + (f" moves {moves}" if moves else "")

    def _go(self, limit: SearchLimit | Clock, turn: int) -> str:
        if isinstance(limit, Clock):
            return self._go_by_clock(limit, turn)
        if limit.nodes is not None:
            return f"go nodes {limit.nodes}"
        if limit.depth is not None:
            return f"go depth {limit.depth}"
        return f"go time {limit.movetime} movestogo 1" if self._ucci else f"go movetime {limit.movetime}"

    def _go_by_clock(self, clock: Clock, turn: int) -> str:
        red, black = (max(1, round(1000 * seconds)) for seconds in (clock.red, clock.black))
        red_inc, black_inc = (round(1000 * seconds) for seconds in (clock.red_increment, clock.black_increment))
        if not self._ucci:
            return f"go wtime {red} btime {black} winc {red_inc} binc {black_inc}"
        mine, other = ((red, red_inc), (black, black_inc))[:: 1 if turn == RED else -1]
        return f"go time {mine[0]} increment {mine[1]} opptime {other[0]} oppincrement {other[1]}"

    def _reply(self, text: str, info: str, exact: str) -> Reply:
        """The answer, with what the last line told, and the score and depth of the last line that is no mere bound."""
        move = read_move(text, self._first_rank)
        variation = []
        for word in info.partition(" pv ")[2].split():
            try:
                variation.append(read_move(word, self._first_rank))
            except EngineError:
                break
        if variation[:1] != [move]:
            variation = [move]
        nodes, depth = _said(info, "nodes"), _said(exact, "depth")
        return Reply(text, move, nodes or 1, tuple(variation), _score(exact), depth or 0, _wdl(exact))


def _said(info: str, name: str) -> int | None:
    """The number after a name in an ``info`` line."""
    match = re.search(rf" {name} (-?\d{{1,15}})\b", info)
    return int(match[1]) if match else None


def _score(info: str) -> Score | None:
    """The score of an ``info`` line; UCCI leaves out the word ``cp``."""
    match = re.search(r" score (cp |mate )?(-?\d{1,9})\b", info)
    if match is None:
        return None
    return Score(mate=int(match[2])) if match[1] == "mate " else Score(cp=int(match[2]))


def _wdl(info: str) -> Wdl | None:
    """Win, draw and loss where an ``info`` line tells them in thousandths."""
    match = re.search(r" wdl (\d{1,4}) (\d{1,4}) (\d{1,4})\b", info)
    if match is None or not any(map(int, match.groups())):
        return None
    win, draw, loss = map(int, match.groups())
    total = win + draw + loss
    return Wdl(win / total, draw / total, loss / total)


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
            raise EngineError("it does not play xiangqi", code="engine_other_game")
        if self._features.get("setboard") != "1":
            raise EngineError("it cannot set up a position (xboard feature setboard)", code="engine_no_positions")
        for name, value in options.items():
            engine.send(f"option {name}={value}")

    def ask(
        self,
        engine: EngineProcess,
        board: Board,
        limit: SearchLimit | Clock,
        fresh: bool,
        deadline: float,
        stop: Stop | None,
    ) -> Reply:
        """A move for a position; each is a new game to the engine, with the moves of a repetition as history."""
        think = _xboard_limit(limit, board.turn)
        self._pings += 1
        engine.send("new", *self._variant(), "force", "easy", "post", *think, *self._position(board), "go")
        ping = self._features.get("ping") == "1"
        if ping:
            engine.send(f"ping {self._pings}")
        return self._listen(_thoughts(engine, deadline, stop, "?"), f"pong {self._pings}" if ping else None)

    def _variant(self) -> list[str]:
        return ["variant xiangqi"] if "," in self._features.get("variants", "") else []

    def _position(self, board: Board) -> list[str]:
        replayed, moves = board.copy(), _repeating_moves(board)
        for _ in moves:
            replayed.pop()
        pieces = replayed.board_fen().translate(_HORSE_AND_ELEPHANT)
        word = "usermove " if self._features.get("usermove") == "1" else ""
        return [f"setboard {pieces} {'w' if replayed.turn == RED else 'b'} 0 1", *(f"{word}{move}" for move in moves)]

    @staticmethod
    def _listen(said: Iterator[str], pong: str | None) -> Reply:
        text, last = "", "silence"
        thinking: re.Match[str] | None = None
        while True:
            line = next(said)
            thinking = _THINKING.match(line) or thinking
            if line.startswith("move ") and len(line.split()) > 1:
                text = line.split()[1]
                if pong is None:
                    break
            elif line == pong:
                break
            elif _COMPLAINT.match(line) and not line.endswith("?"):  # told to move when it just had
                raise EngineError(f"it complains: {line}")
            last = line
        if not text:
            raise EngineError(f"it sees no move: {last}", code="engine_no_move")
        move = read_move(text, 0)
        if thinking is None:
            return Reply(text, move, variation=(move,))
        depth, points, nodes = map(int, thinking.groups())
        mate = abs(points) - _XBOARD_MATE
        score = Score(cp=points) if mate < 0 else Score(mate=mate if points > 0 else -mate)
        return Reply(text, move, nodes or 1, (move,), score, depth)


def _xboard_limit(limit: SearchLimit | Clock, turn: int) -> list[str]:
    """The lines that say how long to think; clocks are told in hundredths of a second."""
    if isinstance(limit, Clock):
        mine, other = (limit.red, limit.black)[:: 1 if turn == RED else -1]
        increment = limit.red_increment if turn == RED else limit.black_increment
        base = max(1, round(mine))
        return [
            f"level 0 {base // 60}:{base % 60:02d} {increment:g}",
            f"time {max(1, round(100 * mine))}",
            f"otim {max(1, round(100 * other))}",
        ]
    if limit.depth is not None:
        return [f"sd {limit.depth}"]
    return [f"st {max(1, round((limit.movetime or 0) / 1000))}"]


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
