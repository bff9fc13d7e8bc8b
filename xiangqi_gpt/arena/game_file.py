"""The games of a match as PGN, each written when it ends, so that an interrupted match leaves whole games."""

from __future__ import annotations

import contextlib
from itertools import count
from pathlib import Path

from xiangqi_gpt.records.game import Game
from xiangqi_gpt.records.pgn_writer import format_pgn
from xiangqi_gpt.rules import RED, XiangqiError

from .result import MatchGame


class GameFileError(XiangqiError):
    """A PGN file that cannot be created or written; the text names it."""


def match_record(game: MatchGame, players: tuple[str, str], *, event: str, date: str) -> Game:
    """A finished game as a record: who played, how it ended, and where the opening stopped.

    ``date`` is written as PGN does, ``2026.01.31``.
    """
    assert game.outcome is not None
    red, black = players if game.first_color == RED else players[::-1]
    record = Game.from_board(
        game.board,
        result=game.outcome.result,
        Event=event,
        Date=date,
        Round=f"{game.pair + 1}.{game.number - 2 * game.pair}",
        Red=red,
        Black=black,
        Termination=str(game.outcome.termination),
    )
    if game.opening.moves:
        record.comments[len(game.opening.moves)] = "the players take over"
    record.comments[len(record.moves)] = str(game.outcome)
    return record


class GameFile:
    """A new PGN file that takes one game after another and never keeps half a game. Use it in a ``with`` block."""

    def __init__(self, path: str | Path, *, force: bool = False) -> None:
        """Create the file. Raises ``GameFileError`` when it exists and is not to be replaced, or cannot be made."""
        self.path = Path(path)
        try:
            self._file = self.path.open("wb" if force else "xb", buffering=0)
        except FileExistsError:
            raise GameFileError(f"{path} exists already: choose another name, or replace it with --force") from None
        except OSError as error:
            raise self._unwritable(error) from None
        self._size = 0

    @classmethod
    def unused(cls, path: str | Path) -> GameFile:
        """Create ``path``, or where that exists the first of ``NAME-2``, ``NAME-3``, ... that does not."""
        path = Path(path)
        candidate = path
        for number in count(2):
            if not candidate.exists():
                break
            candidate = path.with_stem(f"{path.stem}-{number}")
        return cls(candidate)

    def add(self, record: Game) -> None:
        """Append a game. Raises ``GameFileError`` when it cannot be written, for example on a full disk."""
        rest = memoryview(f"{format_pgn(record)}\n".encode())
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            with contextlib.suppress(OSError):
                self._file.truncate(self._size)
            raise self._unwritable(error) from None
        self._size = self._file.tell()

    def _unwritable(self, error: OSError) -> GameFileError:
        return GameFileError(f"{self.path} cannot be written: {error.strerror or error}")

    def __enter__(self) -> GameFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._file.close()
