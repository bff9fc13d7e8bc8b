"""Which games of which files: what the options of a command name must be there, or it is said what there is."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.option_text import OptionTextError, read_number
from xiangqi_gpt.records import FORMATS
from xiangqi_gpt.records.formats.detection import is_corpus
from xiangqi_gpt.records.store.token_store import StoreError, TokenStore, open_store

from ..errors import TrainingError

_MOST_SHOWN: Final = 8
_MOST_REPEATS: Final = 100
_YEARS: Final = re.compile(r"(\d{4})?(-)?(\d{4})?")


def game_condition(where: str = "", years: str = "", least_rating: int = 0) -> str | None:
    """Return one SQL condition over the columns of a corpus, or None where every game is wanted.

    Raises ``TrainingError`` for years that cannot be read.

    >>> game_condition("result = '1-0'", "1990-", 2200)
    "(result = '1-0') and year >= 1990 and red_elo >= 2200 and black_elo >= 2200"
    """
    parts = [f"({where})"] if where.strip() else []
    if years:
        found = _YEARS.fullmatch(years.strip())
        if not found or not (found[1] or found[3]) or (found[1] and found[3] and found[1] > found[3]):
            raise TrainingError(f"--years {years}: expected years like 1990-2010, 2000-, -1979 or 1999")
        first, last = found[1], found[3] if found[2] else found[1]
        parts += [f"year >= {first}"] if first else []
        parts += [f"year <= {last}"] if last else []
    if least_rating:
        parts += [f"red_elo >= {least_rating} and black_elo >= {least_rating}"]
    return " and ".join(parts) or None


def repeats_by_source(store: TokenStore, source_weights: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return (G,) how often each game of a store is read in a pass, by texts ``SOURCE=W``; 1 where none is given.

    Raises ``TrainingError`` for a text of another form, and for a source that is not there.
    """
    weights = np.ones(len(store.source_names))
    for text in source_weights:
        try:
            name, weight = read_number(text)
        except OptionTextError:
            name, weight = "", math.nan
        if not 0 <= weight <= _MOST_REPEATS:
            raise TrainingError(f"--source-weights {text}: expected SOURCE=W with W from 0 to {_MOST_REPEATS}")
        if name not in store.source_names:
            raise TrainingError(
                f"--source-weights {text}: no game of this source; {what_there_is(name, store.source_names)}"
            )
        weights[store.source_names.index(name)] = weight
    return weights[np.asarray(store.sources)]


def repeated(
    games: npt.NDArray[np.int64], repeats: npt.NDArray[np.float64], seed: int, epoch: int
) -> npt.NDArray[np.int64]:
    """Return games as often as a pass reads them: of the fractions of ``repeats`` (G,), by chance, some are read."""
    wanted = repeats[games]
    if (wanted == 1).all():
        return games
    extra = np.random.default_rng([seed, epoch, 1]).random(len(games)) < wanted % 1
    return np.repeat(games, wanted.astype(np.int64) + extra)


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


def check_has_columns(path: Path) -> None:
    """Raise ``TrainingError`` unless a file is a corpus, which a condition can be asked of."""
    if path.is_dir() or (path.exists() and not is_corpus(path)):
        raise TrainingError(
            f"{path}: --where, --years and --least-rating choose games of a corpus; make one with "
            f"xiangqi-gpt records import {path} --out games.parquet"
        )


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
