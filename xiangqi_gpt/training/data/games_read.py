"""Which games a model has read: sorted 64-bit keys beside its weights, so that later models are judged on others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from xiangqi_gpt.files import atomic_write

from ..errors import TrainingError

GAMES_READ: Final = "games_read.safetensors"
BASE_GAMES_READ: Final = "base_games_read.safetensors"  #: in a run's folder: of the model that the run began with
_KEYS: Final = "keys"
_KIND: Final = "U64"
_HISTORY: Final = "history"
_COMPLETE, _INCOMPLETE = "complete", "incomplete"


@dataclass(frozen=True)
class GamesRead:
    """Keys of games (``held_out.game_keys``), sorted and each once; ``is_complete`` says that there are no others."""

    keys: npt.NDArray[np.uint64]
    is_complete: bool

    def includes(self, keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
        """Return (N,) which of some keys (N,) are among those read."""
        return np.isin(keys, self.keys)

    def joined(self, keys: npt.NDArray[np.uint64]) -> GamesRead:
        """Return the history of a model that goes on from this one and reads games of these keys."""
        return GamesRead(np.union1d(self.keys, keys), self.is_complete)


NOTHING_READ: Final = GamesRead(np.empty(0, np.uint64), is_complete=True)
UNKNOWN_HISTORY: Final = GamesRead(np.empty(0, np.uint64), is_complete=False)


def load_games_read(folder: Path, name: str = GAMES_READ) -> GamesRead:
    """Return the history in a model's folder, ``UNKNOWN_HISTORY`` where there is none. Raises ``TrainingError``."""
    path = folder / name
    if not path.is_file():
        return UNKNOWN_HISTORY
    try:
        with safe_open(path, framework="numpy") as file:
            if file.get_slice(_KEYS).get_dtype() != _KIND:  # numpy has no types for some of the others
                raise TrainingError(f"{path} is damaged: expected a row of 64-bit keys")
            keys, about = file.get_tensor(_KEYS), file.metadata() or {}
    except (OSError, SafetensorError) as error:
        raise TrainingError(f"{path} cannot be read: {error}") from None
    if keys.ndim != 1:
        raise TrainingError(f"{path} is damaged: expected a row of 64-bit keys")
    return GamesRead(np.unique(keys), about.get(_HISTORY) == _COMPLETE)


def save_games_read(games: GamesRead, folder: Path, name: str = GAMES_READ) -> None:
    """Write a history into an existing folder, atomically. Raises ``OSError``."""
    metadata = {_HISTORY: _COMPLETE if games.is_complete else _INCOMPLETE}
    with atomic_write(folder / name) as path:
        path.write_bytes(save({_KEYS: games.keys}, metadata=metadata))
