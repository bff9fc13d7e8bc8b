"""The file of a person's own data: opened, brought up to date, exported and emptied."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import platformdirs

from xiangqi_gpt.files import final_target, is_special, make_folder
from xiangqi_gpt.rules import XiangqiError

#: What makes a file of one version one of the next, from an empty file on; never changed, only added to.
STEPS: Final = (
    """
    CREATE TABLE drill_cards (
        id INTEGER PRIMARY KEY,
        fen TEXT NOT NULL UNIQUE,
        played TEXT NOT NULL,
        best TEXT NOT NULL,
        variation TEXT NOT NULL,
        refutation TEXT NOT NULL,
        loss REAL NOT NULL,
        game TEXT NOT NULL,
        schedule TEXT NOT NULL,
        due TEXT NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0,
        solved INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX drill_cards_due ON drill_cards (due);
    """,
    """
    CREATE TABLE rated_games (
        id INTEGER PRIMARY KEY,
        played TEXT NOT NULL,
        level INTEGER NOT NULL,
        elo REAL NOT NULL,
        side TEXT NOT NULL,
        score REAL NOT NULL,
        reason TEXT NOT NULL,
        plies INTEGER NOT NULL
    );
    """,
    """
    ALTER TABLE rated_games ADD COLUMN game_id TEXT;
    CREATE UNIQUE INDEX rated_games_game_id ON rated_games (game_id);
    """,
)
VERSION: Final = len(STEPS)
#: Seconds that another window may hold the file, unless another patience is given.
_PATIENCE: Final = 10.0


class UserStoreError(XiangqiError):
    """A file of own data that is damaged, of a later version, or cannot be read or written."""

    code = "user_store"


def user_store_path() -> Path:
    """Return where the file lies unless another place is given."""
    return Path(platformdirs.user_data_path("xiangqi-gpt", appauthor=False)) / "user.sqlite"


class UserStore:
    """An opened file of own data; it is made when something is first kept in it."""

    def __init__(self, path: str | Path | None = None, *, patience: float | None = None) -> None:
        """Open the file at ``path``, by default the person's own; ``patience``: seconds another program may hold it.

        Raises ``UserStoreError``.
        """
        self._patience = _PATIENCE if patience is None else patience
        self.path = Path(path) if path is not None else user_store_path()
        if is_special(self.path):
            raise UserStoreError(f"{self.path} is a device or a pipe, no file to keep data in")
        self._connection: sqlite3.Connection | None = None
        if self.path.exists():
            self._open()

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> UserStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def rows(self, question: str, values: tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        """Return the rows of a query, none where nothing was ever kept. Raises ``UserStoreError``."""
        if self._connection is None:
            if not self.path.exists():
                return []
            self._open()
        assert self._connection is not None
        with self._said():
            return self._connection.execute(question, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the file alone; what is done in the block is kept whole or not at all. Raises ``UserStoreError``."""
        if self._connection is None:
            self._open()
        connection = self._connection
        assert connection is not None
        with self._said():
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):  # SQLite may have done it already, where the disk is full
                    connection.execute("ROLLBACK")
                raise

    def export(self) -> dict[str, Any]:
        """Return all that is kept: the version, and each table as a list of its rows."""
        names = [row["name"] for row in self.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {
            "version": VERSION,
            "tables": {name: [dict(row) for row in self.rows(f"SELECT * FROM {_quoted(name)}")] for name in names},
        }

    def empty(self, table: str) -> int:
        """Delete all rows of a table, in other windows too; return how many there were. Raises ``UserStoreError``."""
        if not self.rows(f"SELECT 1 FROM {_quoted(table)} LIMIT 1"):
            return 0
        with self.writing() as connection:
            return connection.execute(f"DELETE FROM {_quoted(table)}").rowcount

    def _open(self) -> None:
        with self._said():
            target = final_target(self.path)
            make_folder(target.parent)
            if not target.exists():
                target.touch(mode=0o600)  # names of people and games are in it
            connection = sqlite3.connect(target, timeout=self._patience, isolation_level=None)
        try:
            with self._said():
                connection.row_factory = sqlite3.Row
                connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten in the file
                self._bring_up_to_date(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def _bring_up_to_date(self, connection: sqlite3.Connection) -> None:
        if _version(connection) == VERSION:
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            found = _version(connection)  # another window may have been first
            if found > VERSION:
                raise UserStoreError(f"{self.path} was written by a later version of the program")
            for step in STEPS[found:]:
                for statement in filter(str.strip, step.split(";")):
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Say in one line what SQLite or the system objects to."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise UserStoreError(f"{self.path} is held by another program for too long") from None
            raise UserStoreError(f"{self.path} cannot be used: {error}") from None
        except sqlite3.DatabaseError as error:
            raise UserStoreError(f"{self.path} is damaged: {error}") from None
        except OSError as error:
            raise UserStoreError(f"{self.path} cannot be used: {error.strerror}") from None


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _quoted(name: str) -> str:
    """A table's name as SQL has it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'
