"""The games of a match as PGN, each written when it ends: the file is the truth that a stopped match goes on from."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count, pairwise
from pathlib import Path
from typing import IO, Final

from xiangqi_gpt.files import final_target, is_special, open_special, scratch_folder, would_replace, write_all
from xiangqi_gpt.records import Game, format_pgn, read_pgn
from xiangqi_gpt.rules import RED, XiangqiError

from ..runtime.lock import LockedError, lock_file
from .result import GameResult, MatchGame
from .schedule import Fixture

#: A game ends with its result alone on a line and an empty line.
_END: Final = re.compile(rb"^(?:1-0|0-1|1/2-1/2)\n\n", re.MULTILINE)
_SECONDS: Final = re.compile(r"(?:^| )(\d+\.\d+)s(?:;|\Z)")
_SCORES: Final = {"1-0": 1.0, "1/2-1/2": 0.5, "0-1": 0.0}
_HEADER: Final = 4096  # bytes that hold the tags of the first game
#: The comment where a game leaves its opening.
TAKE_OVER: Final = "the players take over"


class GameFileError(XiangqiError):
    """A PGN file that cannot be created, gone on with or written; the text names it."""


def match_record(game: MatchGame, players: tuple[str, str], *, event: str, date: str, match: str = "") -> Game:
    """A finished game as a record: who played, how it ended, where the opening stopped, what the movers said.

    ``date`` is written as PGN does, ``2026.01.31``; ``match`` tells the games of one match from those of another.
    """
    assert game.outcome is not None
    red, black = players if game.first_color == RED else players[::-1]
    record = Game.from_board(
        game.board,
        result=game.outcome.result,
        Event=event,
        Date=date,
        Round=game.fixture.round,
        Red=red,
        Black=black,
        Termination=str(game.outcome.termination),
    )
    if match:
        record.tags["Match"] = match
    if game.clocks:
        record.tags["TimeControl"] = str(game.clocks.control)
    if game.failure:
        record.tags["Failure"] = game.failure
    plies = len(record.moves)
    comments = {len(game.opening.moves): TAKE_OVER} if game.opening.moves else {}
    comments |= {ply + 1: text for ply, note in game.notes.items() if (text := str(note))}
    last = comments.get(plies)
    record.add_comments(comments | {plies: f"{last}; {game.outcome}" if last else str(game.outcome)})
    return record


def read_result(record: Game, fixture: Fixture) -> GameResult:
    """What a game of a match counts for, from its record, which has a result."""
    red_score = _SCORES[record.result]
    moves, seconds = [0, 0], [0.0, 0.0]
    root, comments = record.board(0).turn, record.comments
    for ply in range(len(fixture.opening.moves), len(record.moves)):
        mover = int((root + ply) % 2 != fixture.first_color)
        moves[mover] += 1
        if match := _SECONDS.search(comments.get(ply + 1, "")):
            seconds[mover] += float(match[1])
    return GameResult(
        fixture,
        red_score if fixture.first_color == RED else 1 - red_score,
        record.tags.get("Termination", "?"),
        record.tags.get("Failure", ""),
        (moves[0], moves[1]),
        (seconds[0], seconds[1]),
    )


class GameFile:
    """A PGN file that takes one game after another and never keeps half a game. Use it in a ``with`` block.

    While it is open no other process can write it. A special file (device, pipe, socket) gets each game when it ends;
    a temporary file keeps the games for ``games``, and there is nothing that a later match could go on from.
    """

    def __init__(self, path: str | Path, *, force: bool = False) -> None:
        """Create the file. Raises ``GameFileError`` when it exists and is not to be replaced, or cannot be made."""
        self.path = Path(path)
        if not force and would_replace(path):
            raise GameFileError(f"{path} exists already: choose another name, or replace it with --force")
        self._open()

    @classmethod
    def resume(cls, path: str | Path, match: str) -> GameFile:
        """Go on with a file, new or left by the same match when it was stopped; half a game at its end is cut off.

        Raises ``GameFileError`` when it holds anything else or cannot be written, ``LockedError`` when another process
        writes it.
        """
        file = cls.__new__(cls)
        file.path = Path(path)
        file._open(match)
        return file

    @classmethod
    def find(cls, path: str | Path, match: str, *, force: bool = False) -> GameFile:
        """Open ``path``, or the first of ``NAME-2``, ``NAME-3``, ... that is not there, empty or of the same match."""
        ours = f'[Match "{match}"]'.encode()
        for candidate in numbered(path):
            if not would_replace(candidate) or is_special(candidate):
                return cls.resume(candidate, match)
            if not candidate.stat().st_size:  # of a match that was killed, or that plays its first games now
                with contextlib.suppress(LockedError):
                    return cls.resume(candidate, match)
                continue
            with candidate.open("rb") as file:
                if ours in file.read(_HEADER):
                    return cls(candidate, force=True) if force else cls.resume(candidate, match)
        raise AssertionError("there is always another number")

    @classmethod
    def unused(cls, path: str | Path) -> GameFile:
        """Create ``path``, or where that exists the first of ``NAME-2``, ``NAME-3``, ... that does not."""
        return cls(next(candidate for candidate in numbered(path) if not would_replace(candidate)))

    def _open(self, match: str | None = None) -> None:
        """Open, lock, and cut off all that does not belong to ``match``; everything when that is None."""
        with ExitStack() as stack:
            try:
                self._device = open_special(self.path) if is_special(self.path) else None
                if self._device is None:
                    self._kept = final_target(self.path)
                else:
                    stack.callback(os.close, self._device)
                    self._kept = stack.enter_context(scratch_folder()) / "games.pgn"
                handle = os.open(self._kept, os.O_RDWR | os.O_CREAT, 0o666)
            except OSError as error:
                raise self._unwritable(error) from None
            self._file: IO[bytes] = stack.enter_context(os.fdopen(handle, "r+b", buffering=0))
            lock_file(self._file, self.path)
            self._size = 0 if match is None else self._whole_games(match)
            self._file.truncate(self._size)
            self._file.seek(self._size)
            self._close = stack.pop_all().close

    def _whole_games(self, match: str) -> int:
        """Bytes up to the end of the last whole game. Raises ``GameFileError`` unless all games are of one match."""
        content = self._kept.read_bytes()
        ours = f'[Match "{match}"]'.encode()
        ends = [found.end() for found in _END.finditer(content)]
        if content and (ours not in content or any(ours not in content[a:b] for a, b in pairwise([0, *ends]))):
            raise GameFileError(
                f"{self.path} holds other games than this match's: choose another name, or replace it with --force"
            )
        return ends[-1] if ends else 0

    def games(self) -> Iterator[Game]:
        """The games that are in the file.

        Raises ``RecordError`` for one that breaks the rules, ``GameFileError`` for one without a result.
        """
        for record in read_pgn(self._kept) if self._size else ():
            if record.result not in _SCORES:
                raise GameFileError(f"{self.path}: round {record.tags.get('Round', '?')} has no result")
            yield record

    def add(self, record: Game) -> None:
        """Append a game. Raises ``GameFileError`` when it cannot be written, for example on a full disk."""
        text = f"{format_pgn(record)}\n".encode()
        try:
            write_all(self._file.fileno(), text)
            if self._device is not None:
                write_all(self._device, text)
        except OSError as error:
            with contextlib.suppress(OSError):
                self._file.truncate(self._size)
            raise self._unwritable(error) from None
        self._size = self._file.tell()

    def discard_if_empty(self) -> None:
        """Delete a file in which no game was written."""
        if not self._size and self._device is None:
            self._kept.unlink(missing_ok=True)

    def _unwritable(self, error: OSError) -> GameFileError:
        return GameFileError(f"{self.path} cannot be written: {error.strerror or error}")

    def __enter__(self) -> GameFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._close()


def numbered(path: str | Path) -> Iterator[Path]:
    """``NAME``, ``NAME-2``, ``NAME-3`` and so on."""
    path = Path(path)
    return (path if number == 1 else path.with_stem(f"{path.stem}-{number}") for number in count(1))
