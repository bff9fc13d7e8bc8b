"""Writing the game to a PGN file."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import platformdirs

from xiangqi_gpt.rules import BLACK, RED, XiangqiError

from .session import GameSession
from .settings import Settings
from .texts import Texts

if TYPE_CHECKING:
    from xiangqi_gpt.records import Notation


class SaveError(XiangqiError):
    """The game could not be written; the text says where and why."""


def proposed_path(now: datetime.datetime) -> Path:
    """A file name in the person's documents that says when the game was played."""
    folder = platformdirs.user_documents_path()
    return (folder if folder.is_dir() else Path.home()) / f"xiangqi-{now:%Y-%m-%d-%H%M}.pgn"


def save_pgn(path: Path, session: GameSession, settings: Settings, texts: Texts, today: datetime.date) -> Path:
    """Write the game, its moves as the person reads them, and return the file's path. Raises ``SaveError``."""
    from xiangqi_gpt.records import Game, write_pgn  # reads and writes files: not needed to show the window

    target = path if path.suffix else path.with_suffix(".pgn")
    outcome = session.outcome
    tags = {"Date": f"{today:%Y.%m.%d}"}
    tags |= {side: texts.player(session.seats[color]) for side, color in (("Red", RED), ("Black", BLACK))}
    game = Game.from_board(session.request().board(), result=outcome.result if outcome else "*", **tags)
    try:
        write_pgn([game], target, notation=cast("Notation", settings.notation))
    except OSError as error:
        raise SaveError(f"{target}: {error.strerror or error}") from error
    return target
