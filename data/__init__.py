"""What ships with the program: sample games and models."""

from __future__ import annotations

from pathlib import Path
from typing import Final

#: The folder itself.
FOLDER: Final = Path(__file__).resolve().parent


def sample_games() -> Path:
    """The PGN file of sample games, which this project generated."""
    return FOLDER / "games" / "sample.pgn"


def models() -> Path:
    """The folder of the shipped models, one folder each."""
    return FOLDER / "models"
