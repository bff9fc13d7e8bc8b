"""What ships with the program: sample games, puzzles and models."""

from __future__ import annotations

from pathlib import Path
from typing import Final

#: The folder itself.
FOLDER: Final = Path(__file__).resolve().parent


def sample_games() -> Path:
    """The PGN file of sample games, which this project generated."""
    return FOLDER / "games" / "sample.pgn"


def puzzles() -> Path:
    """The file of mates in 1 to 4, which this project found in its own games; ``records.puzzles`` reads it."""
    return FOLDER / "puzzles" / "mates.jsonl"


def tactics() -> Path:
    """Return the file of wins of material and of defences, found as the mates were."""
    return FOLDER / "puzzles" / "tactics.jsonl"


def models() -> Path:
    """The folder of the shipped models, one folder each."""
    return FOLDER / "models"


def openings() -> Path:
    """The folder of what is known about openings: positions with counts and classes, and the names of the classes."""
    return FOLDER / "openings"
