"""One task of an import: read its records, replay them, and write what was found as a part of the corpus to be.

A part is a Parquet file with the corpus's columns and those of ``PART_COLUMNS``, and a report beside it as JSON, which
is written last: a part without one is not finished.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np

from xiangqi_gpt.files import atomic_write, parse_json
from xiangqi_gpt.rules import START_FEN

from ..corpus.corpus_reader import COLUMNS, IMPORT_COLUMNS, LABEL_COLUMNS
from ..corpus.parquet_rows import corpus_row, json_to_parquet, spool_games
from ..errors import OnIllegal
from ..game import Game
from ..openings.openings import load_openings
from ..results import UNKNOWN
from ..store.token_store import SPLITS, assign_splits
from .player_names import simplified
from .source_games import Problem, read_source
from .sources import Task

#: ``line`` is the moves as one letter each, so that a game is the beginning of another where its line is; ``start`` the
#: root's board and side, empty for the usual one; ``worth`` says which of several records of a game knows most.
PART_COLUMNS: Final = {"line": "VARCHAR", "start": "VARCHAR", "worth": "SMALLINT"}
COLUMNS_OF_PARTS: Final = COLUMNS | IMPORT_COLUMNS | LABEL_COLUMNS | PART_COLUMNS

_NAMES: Final = ("red", "black", "event")
_WORTH: Final = {"ecco": 4, "red": 3, "black": 3, "date": 2, "year": 2, "event": 1, "red_elo": 1, "black_elo": 1}
_SPLIT_NAMES: Final = {code: name for name, code in SPLITS.items()}
_FIRST_LETTER: Final = 0x100  # letters of ``line``: no control characters, no surrogates
_LISTED: Final = 2000  # problems of a task, of which nothing but noise has more


@dataclass(frozen=True)
class PartReport:
    """What became of a task; ``unlisted`` counts, by outcome, the problems beyond the first thousands."""

    games: int
    labelled: bool
    problems: list[Problem]
    unlisted: dict[str, int]


def part_path(folder: Path, number: int) -> Path:
    """Where the part of a task lies."""
    return folder / f"{number:06}.parquet"


def is_done(folder: Path, number: int) -> bool:
    """Say whether a task is finished."""
    return _report_path(folder, number).exists()


def _report_path(folder: Path, number: int) -> Path:
    return part_path(folder, number).with_suffix(".json")


def read_report(folder: Path, number: int) -> PartReport | None:
    """Return the report of a finished task, None where it is not finished or cannot be read: it is done again."""
    try:
        found = parse_json(_report_path(folder, number).read_text(encoding="utf-8"))
        problems = [Problem(**problem) for problem in found["problems"]]
        return PartReport(int(found["games"]), bool(found["labelled"]), problems, dict(found["unlisted"]))
    except (FileNotFoundError, ValueError, TypeError, KeyError, OverflowError):
        return None


def run_task(number: int, task: Task, folder: Path, on_illegal: OnIllegal) -> int:
    """Do a task, write its part into ``folder``, and return its number. Raises ``RecordError`` where that was asked."""
    problems: list[Problem] = []
    with tempfile.TemporaryDirectory(dir=folder, prefix="reading-") as name:
        scratch, spool = Path(name), Path(name, "games.jsonl")
        games = chain.from_iterable(read_source(source, scratch, on_illegal, problems) for source in task.sources)
        count, labelled = spool_games(games, spool, _rows)
        part = part_path(folder, number)
        if count:
            with atomic_write(part) as unfinished:
                json_to_parquet(spool, unfinished, COLUMNS_OF_PARTS)
    problems.sort(key=lambda problem: not problem.costs_a_game)  # notes come last, and may be left out
    report = {
        "games": count,
        "labelled": labelled,
        "problems": [asdict(problem) for problem in problems[:_LISTED]],
        "unlisted": Counter(problem.outcome for problem in problems[_LISTED:]),
    }
    with atomic_write(_report_path(folder, number)) as unfinished:
        unfinished.write_text(json.dumps(report), encoding="utf-8")  # ASCII: names may hold what UTF-8 does not
    return number


def _rows(games: list[Game]) -> Iterator[dict[str, Any]]:
    lines = [np.array([move.index for move in game.moves], np.uint16) for game in games]
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(line) for line in lines])])
    splits = assign_splits(np.concatenate(lines), offsets)
    openings = load_openings().codes_of(games)
    for game, line, split, opening in zip(games, lines, splits.tolist(), openings, strict=True):
        row = corpus_row(game)
        for name in _NAMES:
            row[name] = simplified(row[name])
        row["split"], row["opening"] = _SPLIT_NAMES[split], opening
        row["line"] = (line + _FIRST_LETTER).tobytes().decode("utf-16-le")
        row["start"] = "" if game.root == START_FEN else " ".join(game.root.split()[:2])
        row["worth"] = _worth(row)
        yield row


def _worth(row: dict[str, Any]) -> int:
    """How much a record knows about its game: labels before the result, the result before names."""
    return int(
        sum(points for name, points in _WORTH.items() if row[name])
        + 100 * ("k" in row)
        + 20 * (row["result"] != UNKNOWN)
        + 40 * (not row["truncated"])
        + 2 * (row["kind"] != "unknown")
    )
