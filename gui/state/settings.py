"""What the window remembers between two starts: the person's choices, and what was not finished."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final, TypeVar

import platformdirs

from xiangqi_gpt.files import atomic_write, final_target, is_special, make_folder, parse_json
from xiangqi_gpt.players.levels import LEVELS
from xiangqi_gpt.players.time_control import TimeControl
from xiangqi_gpt.user_store import RatedGame

from .languages import LANGUAGES, system_language
from .notation import NOTATIONS, usual_notation
from .session import GameSession
from .study import Study
from .theme import FACES, THEMES
from .unfinished import LEVEL_COUNT, game_data, read_game, read_study, renumbered, study_data

_Kept = TypeVar("_Kept")
#: What reading a file can raise, whatever is in it.
_DAMAGE: Final = (OSError, ValueError, TypeError, OverflowError)

#: How loud the sounds are, and how large letters and buttons: names and shares of the usual.
VOLUMES: Final = {"soft": 0.25, "medium": 0.55, "full": 1.0}
SPEEDS: Final = {"slow": 2.5, "normal": 1.0, "fast": 0.5}  #: of sliding pieces: how long they take
PAIRINGS: Final = ("own", "even", "find")  #: how the next opponent is chosen: by the person or by the rating
INTERFACES: Final = {"small": 0.88, "normal": 1.0, "large": 1.2}
#: How many lines a live analysis can have; 0: there is none.
LIVE_LINES: Final = (0, 1, 2, 3, 5, 8)
_APPLICATION: Final = "xiangqi-gpt"
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "language": LANGUAGES,
    "theme": tuple(THEMES),
    "faces": tuple(FACES),
    "notation": tuple(NOTATIONS),
    "volume": tuple(VOLUMES),
    "speed": tuple(SPEEDS),
    "interface": tuple(INTERFACES),
    "pairing": PAIRINGS,
}


@dataclass(frozen=True)
class Settings:
    """The person's choices."""

    language: str = "zh"
    theme: str = "dark"
    faces: str = "traditional"  #: a key of ``FACES``
    notation: str = "chinese"  #: how the move list writes moves
    flipped: bool = False  #: Black's side at the bottom
    show_ideas: bool = False  #: show what the model thinks of the position
    heat: bool = False  #: likely moves of an analysed game as warm squares instead of arrows
    reply: bool = False  #: the model answers moves that are tried in a variation
    lines: int = 0  #: lines of the live analysis, one of ``LIVE_LINES``
    own: str = ""  #: the player whose mistakes are listed and tried again, ``red`` or ``black``; "" for both sides
    analyst: str = ""  #: the player that judges analysed games besides the model, "" for none
    concede: bool = False  #: players resign and offer draws by themselves against a person, not at odds
    ponder: bool = False  #: an opponent that is limited by time alone thinks on the person's time, too
    animation: bool = True
    speed: str = "normal"  #: a key of ``SPEEDS``
    sound: bool = True
    volume: str = "full"  #: a key of ``VOLUMES``
    interface: str = "normal"  #: a key of ``INTERFACES``
    labels: bool = True  #: the names of files, or coordinates, at the board's edges
    bar: bool = True  #: the bar of chances beside the record
    players: tuple[str, str] = ("human", "gpt")  #: the players of the last game
    names: tuple[str, str] = ("", "")  #: of the two people who played at this board last
    clock: str = ""  #: its time control, "" for none
    pairing: str = "own"  #: how its opponent was chosen, one of ``PAIRINGS``
    rated: bool = False  #: whether the last game that could count for the person's rating did
    pace: bool = False  #: models take their time for a move, as people do
    folder: str = ""  #: where a file was opened or saved last, "" for the person's documents
    recent: tuple[str, ...] = ()  #: files that were opened, the latest first
    index: str = ""  #: folder of the position index that the explorer shows, "" for the shipped one
    model: str = ""  #: folder of the model that is played against, "" for the shipped one
    opponents: tuple[str, ...] = ()  #: engines that were added in the window
    streak: int = 0  #: puzzles solved in a row without help
    best_streak: int = 0
    puzzles: tuple[int, ...] = (0,) * 9  #: which puzzle is next, by kind and difficulty


#: Settings that the file knows by another name.
_KEYS: Final = {"players": "seats", "show_ideas": "mind"}
#: How many opened files are remembered.
_MOST_RECENT: Final = 12


def remembered(settings: Settings, path: str) -> dict[str, Any]:
    """Return the settings that change when a file has been opened: itself and its folder are remembered."""
    full = Path(path).expanduser().absolute()
    recent = dict.fromkeys((str(full), *settings.recent))
    return {"folder": str(full.parent), "recent": tuple(recent)[:_MOST_RECENT]}


def in_language(settings: Settings, language: str) -> Settings:
    """Return the settings in another language, and in the notation its readers know unless another one was chosen."""
    usual = settings.notation == usual_notation(settings.language)
    notation = usual_notation(language) if usual else settings.notation
    return replace(settings, language=language, notation=notation)


class Store:
    """Small files in the platform's own folders.

    A file that cannot be read is renamed, never deleted and never a reason to stop.
    """

    def __init__(self, config: Path | None = None, state: Path | None = None) -> None:
        self._settings = (config or platformdirs.user_config_path(_APPLICATION)) / "settings.json"
        state = state or platformdirs.user_state_path(_APPLICATION)
        self._game, self._study = state / "unfinished.json", state / "variations.json"
        self._results = state / "results"

    @property
    def is_first_start(self) -> bool:
        """Whether nothing has ever been saved."""
        return not self._settings.exists()

    def load_settings(self) -> tuple[Settings, str | None]:
        """Return the settings, and the new name of a damaged file that was set aside (None when all was well)."""
        language = system_language()
        default = Settings(language=language, notation=usual_notation(language))
        try:
            data = parse_json(_text(self._settings))
            return _read_settings(data, default), None
        except FileNotFoundError:
            return default, None
        except _DAMAGE:
            return default, _set_aside(self._settings)

    def save_settings(self, settings: Settings) -> None:
        """Keep the settings; a folder that cannot be written to is no reason to stop."""
        values = {_KEYS.get(name, name): value for name, value in asdict(settings).items()}
        _write(self._settings, {**values, LEVEL_COUNT: len(LEVELS)})

    def load_game(self) -> tuple[GameSession | None, str | None]:
        """Return the unfinished game, if there is one, and the new name of a damaged file."""
        return _load(self._game, read_game)

    def save_game(self, session: GameSession) -> None:
        """Keep a game that goes on and forget one that has ended; a game without moves leaves the last one kept."""
        if session.outcome is None and session.ply_count:
            _write(self._game, game_data(session))
        elif session.outcome is not None:
            _remove(self._game)

    def load_results(self) -> list[RatedGame]:
        """Return the results that are not among the own data yet; damaged files are set aside."""
        paths = [path for path in sorted(self._results.glob("*.json")) if not path.name.endswith(".damaged.json")]
        found = [(path, _load(path, RatedGame.from_dict)[0]) for path in paths]
        return [game for path, game in found if game is not None and game.game_id == path.stem]

    def save_result(self, game: RatedGame) -> bool:
        """Keep a result until it is among the person's own data; return whether that was possible."""
        return _write(self._results / f"{game.game_id}.json", game.as_dict())

    def remove_result(self, game: RatedGame) -> None:
        """Forget a result that is among the person's own data."""
        _remove(self._results / f"{game.game_id}.json")

    def load_study(self) -> tuple[Study | None, str | None]:
        """Return the study with variations that were not saved, if there is one, and the new name of a damaged file."""
        return _load(self._study, read_study)

    def save_study(self, study: Study) -> None:
        """Keep a study with variations that were not saved, and forget it when they have been, or were discarded."""
        if study.edited:
            _write(self._study, study_data(study))
        else:
            _remove(self._study)


def _read_settings(data: Any, default: Settings) -> Settings:
    """Known keys of the right kind; anything else is an error. Raises ``ValueError``."""
    if not isinstance(data, dict):
        raise ValueError("the settings are no JSON object")
    values: dict[str, Any] = {}
    for field in fields(Settings):
        key = _KEYS.get(field.name, field.name)
        if key not in data:
            continue
        value, usual = data[key], getattr(default, field.name)
        if isinstance(usual, tuple) and isinstance(value, list):
            kind = int if field.name == "puzzles" else str
            value = tuple(map(kind, value))
        if type(value) is not type(usual) or (field.name in _CHOICES and value not in _CHOICES[field.name]):
            raise ValueError(f"{field.name} cannot be {value!r}")
        values[field.name] = value
    if len(values.get("players", default.players)) != 2:
        raise ValueError("a game has two players")
    if "players" in values:
        values["players"] = renumbered(data, values["players"])
    if len(values.get("names", default.names)) != 2:
        raise ValueError("a game has two names")
    puzzles = values.get("puzzles", ())
    if len(puzzles) > len(default.puzzles):
        raise ValueError("there is one puzzle for each kind and difficulty")
    values["puzzles"] = (*puzzles, *default.puzzles[len(puzzles) :])  # there were only mates at first
    if values.get("lines", 0) not in LIVE_LINES:
        raise ValueError(f"there are not {values['lines']} lines")
    if values.get("clock"):
        TimeControl.parse(values["clock"])
    return Settings(**{**asdict(default), **values})


def _load(path: Path, read: Callable[[Any], _Kept]) -> tuple[_Kept | None, str | None]:
    """What a file holds, and its new name where it was damaged and set aside."""
    try:
        return read(parse_json(_text(path))), None
    except FileNotFoundError:
        return None, None
    except _DAMAGE:
        return None, _set_aside(path)


def _text(path: Path) -> str:
    """What a file holds. Raises ``FileNotFoundError`` for a device or a pipe too: nothing is kept there."""
    if is_special(path):
        raise FileNotFoundError(path)
    return path.read_text("utf-8")


def _set_aside(path: Path) -> str | None:
    """Rename a damaged file, where a link leads to it; the new name, None where even that is not possible."""
    try:
        target = final_target(path)
        return target.replace(target.with_suffix(".damaged.json")).name
    except OSError:
        return None


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        if not is_special(path):
            final_target(path).unlink(missing_ok=True)


def _write(path: Path, data: Any) -> bool:
    """Write a file; False where that is impossible."""
    if is_special(path):  # it would forget, or wait for a reader
        return False
    with contextlib.suppress(OSError):
        make_folder(path.parent)
        with atomic_write(path, private=True) as unfinished:
            unfinished.write_text(json.dumps(data, ensure_ascii=False, indent=1), "utf-8")
        return True
    return False
