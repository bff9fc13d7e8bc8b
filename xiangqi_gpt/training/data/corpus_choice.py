"""Which games of which files: what the options of a command name must be there, or it is said what there is."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.records import FORMATS
from xiangqi_gpt.records.store.token_store import StoreError, TokenStore, open_store

from ..errors import TrainingError

_MOST_SHOWN: Final = 8


def games_of_kinds(store: TokenStore, kinds: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return the numbers of the games of these kinds, of all games where none is named."""
    games = np.arange(store.games)
    if not kinds:
        return games
    wanted = [place for place, name in enumerate(store.kind_names) if name in kinds]
    return games[np.isin(store.kinds, wanted)]


def check_names(store: TokenStore, kinds: Sequence[str], no_value_from: Sequence[str]) -> None:
    """Raise ``TrainingError`` for a kind or a source that no game of the store has, naming those that are there."""
    for option, what, given, known in (
        ("--kinds", "kind", kinds, store.kind_names),
        ("--no-value-from", "source", no_value_from, store.source_names),
    ):
        for name in given:
            if name not in known:
                raise TrainingError(f"{option} {name}: no game of this {what}; {what_there_is(name, known)}")


def what_there_is(name: str, known: Sequence[str]) -> str:
    """Return the names that are there, those first that a wrong one may mean.

    >>> what_there_is("mastre", ["engine", "master"]), what_there_is("x", [""])
    ('did you mean master? the files hold engine, master', 'the files name none')
    """
    named = [word for word in known if word]
    if not named:
        return "the files name none"
    close = get_close_matches(name.casefold(), [word.casefold() for word in named], 3, 0.6)
    meant = [word for word in named if word.casefold() in close or name.casefold() in word.casefold()][:3]
    more = f" and {len(named) - _MOST_SHOWN:,} others" if len(named) > _MOST_SHOWN else ""
    hint = f"did you mean {' or '.join(meant)}? " if meant else ""
    return f"{hint}the files hold {', '.join(sorted(named)[:_MOST_SHOWN])}{more}"


def open_given_store(folder: Path) -> TokenStore:
    """Open a store that an option names. Raises ``TrainingError`` for a folder of records, ``StoreError`` otherwise."""
    try:
        return open_store(folder)
    except StoreError:
        if (folder / "store.json").exists():
            raise
        if any(path.suffix.lower() in FORMATS for path in folder.rglob("*") if path.is_file()):
            raise TrainingError(
                f"{folder} is a folder of records: first make one corpus of them, with "
                f"xiangqi-gpt records import {folder} --out games.parquet"
            ) from None
        raise
