"""A library in a real window on a virtual screen: a game found by its opening, reviewed, tried again, and saved."""

from __future__ import annotations

import json
import re
import shutil
import time
from itertools import count, islice
from pathlib import Path

import pytest
from patience import PATIENCE, becomes
from test_real_window import NEEDED, SAMPLE_GAME, Desktop
from xiangqi_gpt.data import sample_games
from xiangqi_gpt.gui.i18n.texts import Texts
from xiangqi_gpt.gui.widgets.window_size import DESIGN_SIZE

from xiangqi_gpt.records import Game, read_pgn
from xiangqi_gpt.records.formats.convert import write_games
from xiangqi_gpt.records.openings.openings import CLASS_PLIES, load_openings
from xiangqi_gpt.user_store import DrillDeck, UserStore

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not all(map(shutil.which, NEEDED)), reason=f"needs {' and '.join(NEEDED)} for a virtual screen"),
]
_BETTER = (900, 434)  # the line of the better move of the gravest mistake, in a window of the usual size
GAMES = 32


def test_a_library_is_studied(tmp_path: Path) -> None:
    games = list(islice(read_pgn(sample_games()), SAMPLE_GAME + 1 - GAMES, SAMPLE_GAME + 1))
    assert len(games) == GAMES
    write_games(games, tmp_path / "library.pgn")
    desktop = Desktop(tmp_path, "--language", "en")
    try:
        words = _opening(games)
        _open(desktop, tmp_path, words)
        report = _reviewed(desktop, tmp_path)
        assert report["mistakes"], "there is something to try again"
        desktop.key("v")
        desktop.picture(tmp_path / "mistakes.png")
        desktop.do("mousemove", "--window", desktop.window, *_scaled(desktop, _BETTER), "click", "1")
        time.sleep(0.5)
        desktop.picture(tmp_path / "better.png")
        desktop.key("Right", "c")
        desktop.type("a remark")
        desktop.key("Return")
        saved = tmp_path / "studied.pgn"
        _save(desktop, saved)
        (game,) = read_pgn(saved)
        (line,) = [node for node in game.descendants() if node.starts_variation()]
        assert "a remark" in [node.comment for node in (line, *line.mainline())]
        assert set(words.split()) <= set(_opening([game]).split())
        assert game.moves in [other.moves for other in games]
        desktop.key("d")
        time.sleep(1.0)
        desktop.picture(tmp_path / "drill.png")
        desktop.key("period", "d")  # the answer, and back to the game
        assert becomes(lambda: _tries(tmp_path) == 1), "a position that was not solved comes back"
        desktop.key("ctrl+q")
        assert desktop.program.wait(PATIENCE) == 0
        assert desktop.program.stderr is not None and "Traceback" not in desktop.program.stderr.read()
    finally:
        desktop.close()


def _scaled(desktop: Desktop, place: tuple[int, int]) -> list[str]:
    """A place in a window of the usual size, as it lies in the window that is there."""
    return [str(round(value * desktop.size[0] / DESIGN_SIZE[0])) for value in place]


def _opening(games: list[Game]) -> str:
    """The opening, in English, of the last of some games that has one."""
    known = load_openings()
    found = [known.opening_of(game.board(min(len(game.moves), CLASS_PLIES))) for game in games]
    return Texts("en").opening([opening.name for opening in found if opening is not None][-1])


def _open(desktop: Desktop, folder: Path, words: str) -> None:
    """Open the library, and the first of its games of an opening."""
    settings = folder / "xiangqi-gpt" / "settings.json"

    def is_open() -> bool:
        desktop.key("Escape", "ctrl+o", "Tab", "ctrl+a")  # again where the window took no keys yet
        desktop.type(str(folder / "library.pgn"))
        desktop.key("Return")
        return becomes(lambda: settings.exists() and "library.pgn" in settings.read_text("utf-8"), 15.0)

    assert becomes(is_open)
    desktop.key("Escape", "ctrl+g")
    time.sleep(1.0)
    desktop.picture(folder / "list.png")
    desktop.type(words)
    desktop.picture(folder / "found.png")
    desktop.key("Return")
    time.sleep(1.0)


def _save(desktop: Desktop, path: Path) -> None:
    desktop.key("ctrl+s", "ctrl+a")
    desktop.type(str(path))

    def is_saved() -> bool:
        desktop.key("Return")  # again where it was too early
        return becomes(path.exists, 2.0)

    assert becomes(is_saved)


def _reviewed(desktop: Desktop, folder: Path) -> dict[str, object]:
    """Save reports until one says that all moves were searched; return what it says."""
    numbers = count()

    def report() -> dict[str, object]:
        time.sleep(5.0)  # the review needs the processor, too
        path = folder / f"report-{next(numbers)}.html"
        _save(desktop, path)
        found = re.search(r'id="data">(.*?)</script>', path.read_text("utf-8"), re.DOTALL)
        assert found is not None
        return dict(json.loads(found[1]))

    seen = [report()]
    assert becomes(lambda: seen.append(report()) or seen[-1]["reviewed"] == 1, PATIENCE)
    return seen[-1]


def _tries(folder: Path) -> int:
    path = folder / ".local" / "share" / "xiangqi-gpt" / "user.sqlite"
    if not path.exists():
        return 0
    with UserStore(path) as store:
        return sum(card.tries for card in DrillDeck(store).all())
