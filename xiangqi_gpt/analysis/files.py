"""The game to analyse out of its file, and no report over another file."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from xiangqi_gpt.files import would_replace
from xiangqi_gpt.records import Game, RecordError, read_games
from xiangqi_gpt.records.openings.openings import EccoOpening, opening_of
from xiangqi_gpt.rules import START_FEN

from .errors import AnalysisError


def find_game(path: str | Path, number: int = 1) -> tuple[Game, RecordError | None]:
    """Game ``number`` (from 1) of a record file; where it breaks the rules, what is before that, and the break.

    Raises ``AnalysisError`` when there is no such game or nothing of it, and ``CorpusError`` for a file that cannot be
    read.
    """
    problems: list[RecordError] = []
    game = next(islice(read_games(path, on_illegal="cut", problems=problems), number - 1, None), None)
    problem = next((problem for problem in problems if problem.game == number and problem.scope == "game"), None)
    if game is None or not game.moves:
        if problem is not None:
            raise problem
        raise AnalysisError(f"{path}: " + (f"there is no game {number}" if game is None else "the game has no moves"))
    return game, problem


def refuse_to_replace(*paths: str | None) -> None:
    """Raise ``AnalysisError`` when one of the files to be written is already there."""
    for path in paths:
        if path is not None and would_replace(path):
            raise AnalysisError(f"{path} exists; --force replaces it")


def find_opening(game: Game) -> EccoOpening | None:
    """What a game's opening is called, None for one without a name and for a game from another start."""
    return opening_of(game.board(len(game.moves))) if game.root == START_FEN else None
