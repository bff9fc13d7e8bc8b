"""Writing a game to a file, in the format that the file's ending names."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import platformdirs

from xiangqi_gpt.files import atomic_write, refusing_to_wait
from xiangqi_gpt.rules import BLACK, RED, XiangqiError

from .error_report import report
from .session import ABORTED, GameSession

if TYPE_CHECKING:
    from xiangqi_gpt.analysis.move_analysis import GameAnalysis
    from xiangqi_gpt.records import Game, Notation

    from ..i18n.texts import Texts

#: Formats that a game can be saved in: ending -> name.
SAVED_AS: Final = {".pgn": "PGN", ".xqf": "XQF", ".ubb": "DhtmlXQ"}
#: What else can be written of it: a report of its review, a picture of the board, and one of the whole game.
REPORT: Final = ".html"
PICTURE: Final = ".png"
ANIMATION: Final = ".gif"
ENDINGS: Final = (*SAVED_AS, REPORT, PICTURE, ANIMATION)


def can_animate() -> bool:
    """Return whether a GIF can be written here."""
    try:
        return find_spec("PIL") is not None
    except ValueError:  # an import that was forbidden
        return False


class SaveError(XiangqiError):
    """The game could not be written; the text says where and why."""

    code = "save"


def documents() -> Path:
    """Return the person's documents, or their home."""
    folder = platformdirs.user_documents_path()
    return folder if folder.is_dir() else Path.home()


def proposed_path(folder: Path, now: datetime.datetime) -> Path:
    """Return a file name in a folder that says when the game was saved."""
    return folder / f"xiangqi-{now:%Y-%m-%d-%H%M}.pgn"


def target_path(text: str) -> Path:
    """Return the file that a typed path means: PGN unless its ending names another format."""
    path = Path(text).expanduser()
    return path if path.suffix.lower() in ENDINGS else path.with_name(path.name + ".pgn")


def check_is_file(text: str, target: Path) -> None:
    """Raise ``SaveError`` where a typed path, or the file that it means, is a folder."""
    ends = text.endswith(("/", os.sep))
    if ends or target.is_dir():
        path = Path(text).expanduser() if ends else target
        raise SaveError(f"{path} is a folder", code="save_folder", name=str(path))


def record_of(session: GameSession, texts: Texts, today: datetime.date) -> Game:
    """Return the game on the board as a record."""
    from xiangqi_gpt.records import Game  # reads and writes files: not needed to show the window

    outcome = session.outcome
    result = "*" if outcome is None or outcome.detail == ABORTED else outcome.result
    tags = {"Date": f"{today:%Y.%m.%d}"}
    tags |= {side: texts.player_of(session, color) for side, color in (("Red", RED), ("Black", BLACK))}
    return Game.from_board(session.request().board(), result=result, **tags)


def save_game(game: Game, path: Path, notation: str) -> None:
    """Write a game, in PGN with its moves as the person reads them.

    Raises ``SaveError``, also for a named pipe that nobody reads.
    """
    from xiangqi_gpt.records.formats.convert import write_games

    with _said(path):
        write_games([game], path, notation=cast("Notation", notation), replace=True)


def save_report(analysis: GameAnalysis, path: Path) -> None:
    """Write a review as a page for a browser. Raises ``SaveError``."""
    from xiangqi_gpt.analysis.html import write_html

    with _said(path):
        write_html(analysis, path, piece_font=_piece_font())


def save_animation(game: Game, path: Path, judgements: Mapping[int, str], orientation: int) -> None:
    """Write a game as a GIF, its moves coloured by what they are called, by ply from 1.

    Raises ``SaveError``, ``PillowMissingError`` and ``GameTooShortError``.
    """
    from xiangqi_gpt.analysis.gif import write_gif

    with _said(path):
        write_gif(game, path, piece_font=_piece_font(), judgements=judgements, orientation=orientation)


def _piece_font() -> bytes:
    return (resources.files("xiangqi_gpt.gui") / "assets" / "XiangqiPieces-Bold.ttf").read_bytes()


def save_picture(png: bytes, path: Path) -> None:
    """Write a picture. Raises ``SaveError``."""
    with _said(path), atomic_write(path) as unfinished:
        unfinished.write_bytes(png)


@contextmanager
def _said(path: Path) -> Iterator[None]:
    """Say why a file cannot be written. Raises ``SaveError``."""
    try:
        with refusing_to_wait(path):  # the window would stand still
            yield
    except OSError as error:
        code = report(error).code.replace("os", "save", 1)
        raise SaveError(f"{path}: {error.strerror or error}", code=code, name=str(path)) from error
