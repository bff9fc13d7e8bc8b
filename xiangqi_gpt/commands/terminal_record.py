"""The record of a game in the terminal: what it says, and the file it is kept in."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Final

from xiangqi_gpt.files import would_replace
from xiangqi_gpt.records.formats.pgn_writer import write_pgn
from xiangqi_gpt.records.game import Game
from xiangqi_gpt.rules import Board, Outcome

#: The detail of the end of a game that was left before it began to count; the window says the same.
ABORTED: Final = "aborted"


class SavedGame:
    """One game and the files it has been saved to."""

    def __init__(self) -> None:
        self.path: Path | None = None  #: where the game was saved last
        self.last_named: Path | str = ""  #: where it was last to be saved
        self._ours: set[Path] = set()
        self._proposed = f"xiangqi-{datetime.datetime.now():%Y-%m-%d-%H%M%S}.pgn"

    def proposed(self) -> str:
        """Return the name of the file that is written where none is named."""
        return str(self.path or self._proposed)

    def save(self, name: str, board: Board, outcome: Outcome | None, players: tuple[str, str]) -> bool:
        """Write a game as PGN; False, and nothing is written, where another file has the name already.

        ``name``: of the file, "" for the proposed one; ``players``: Red's and Black's names. Raises ``OSError``,
        ``ValueError`` and ``RuntimeError`` for a path that cannot be written.
        """
        self.last_named = name or self.proposed()
        path = Path(self.last_named).expanduser()
        self.last_named = path
        if would_replace(path) and path not in self._ours:
            return False
        write_pgn([record_of(board, outcome, players)], path)
        self._ours.add(path)
        self.path = path
        return True


def record_of(board: Board, outcome: Outcome | None, players: tuple[str, str]) -> Game:
    """Return a game as it stands, with its result and the reason of it if it has ended; ``players``: Red and Black."""
    if outcome is not None and outcome.detail == ABORTED:
        outcome = None
    date = datetime.date.today().strftime("%Y.%m.%d")
    result = outcome.result if outcome else "*"
    game = Game.from_board(board, result=result, Date=date, Red=players[0], Black=players[1])
    if outcome:
        game.tags["Termination"] = str(outcome.termination)
    return game
