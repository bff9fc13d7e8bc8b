"""Openings learned from tagged games: what ``records index compact`` writes and ``openings`` reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.files import atomic_write
from xiangqi_gpt.rules import START_FEN, Board

from ..corpus.batch import batch_from_games
from ..game import Game
from .openings import ANY, CANNON, CLASS_PLIES, NO_CLASS, OTHER, PAWN, EccoOpening, OpeningsError, first_moves
from .position_keys import position_key, walk_games

_CLASS_GAMES: Final = 3  # tagged games through a position, and their share, that must agree for it to have a class
_CLASS_SHARE: Final = 0.6
_COMMON_SHARE: Final = 0.9  # of the games through a position, whose classes' names are compared
_UNFINISHED: Final = "对进左右转不互平退先后补两"  # with which no name ends
#: Volumes of ECCO -> the class whose name fits all of them: C is the central cannon against two screening horses, B and
#: D are the central cannon against anything else, E is the pawn's advance.
_VOLUMES: Final = (("C", "C00"), ("E", "E00"), ("BCD", "B00"))
_ELEPHANT: Final = "A10"  #: the class whose name fits A10 to A39: Red's first move is that of an elephant
_MOST: Final = 65535  # games that a count can hold


def build_openings(
    games: Iterable[Game], names: dict[str, EccoOpening], path: str | Path, *, plies: int = 40, min_games: int = 3
) -> int:
    """Write the positions of at least ``min_games`` games, within the first ``plies`` plies; returns how many.

    Holds all games and the keys of their positions in memory. Games that are the beginning of another do not count.
    Raises ``OpeningsError`` when no position is left.
    """
    kept = [game for game in games if "prefix_of_other" not in game.flags and game.root == START_FEN]
    batch = batch_from_games(kept)
    visits, _, numbers = walk_games(*batch.roots(), batch.moves, batch.offsets, plies)
    keys, place = np.unique(visits, return_inverse=True)
    counts = np.zeros((len(keys), 4), np.int64)
    np.add.at(counts, (place, batch.agreed_results[numbers]), 1)
    places, classes, exact = _classify([game for game in kept if game.tags.get("ECCO") in names], names, keys)
    enough = counts.sum(1) >= min_games
    if not enough.any():
        raise OpeningsError(f"no position was reached by {min_games} games")
    with atomic_write(path) as unfinished, unfinished.open("wb") as file:
        np.savez_compressed(
            file,
            start=np.uint64(position_key(Board())[0]),
            keys=keys[enough],
            counts=np.minimum(counts[enough], _MOST).astype(np.uint16),
            places=places[enough].astype(np.int16),
            classes=np.array([(each.code, each.name, each.variation) for each in classes]),
            exact=exact,
        )
    return int(enough.sum())


def _classify(
    games: Sequence[Game], names: dict[str, EccoOpening], keys: npt.NDArray[np.uint64]
) -> tuple[npt.NDArray[np.int64], list[EccoOpening], int]:
    """The places of each position's classes (N, 4), the classes, and how many of them are classes of ECCO."""
    codes = sorted(names)
    number = {code: n for n, code in enumerate(codes)}
    batch = batch_from_games(games)
    visits, _, owners = walk_games(*batch.roots(), batch.moves, batch.offsets, CLASS_PLIES)
    tags = np.array([number[game.tags["ECCO"]] for game in games], np.int64)[owners]
    kinds = first_moves([game.root for game in games], batch)[owners]
    classes = [names[code] for code in codes]
    common: dict[EccoOpening, int] = {}
    pairs = np.searchsorted(keys, visits) * len(codes) + tags
    kinds[visits == position_key(Board())[0]] = ANY  # the start says nothing of a first move
    places = [
        _agreed(pairs if kind == ANY else pairs[kinds == kind], classes, common, names, len(keys))
        for kind in (ANY, OTHER, CANNON, PAWN)
    ]
    return np.stack(places, axis=1), classes + list(common), len(classes)


def _agreed(
    pairs: npt.NDArray[np.int64],
    classes: Sequence[EccoOpening],
    common: dict[EccoOpening, int],
    names: dict[str, EccoOpening],
    positions: int,
) -> npt.NDArray[np.int64]:
    """The place of each position's class (N,) by the games through it: ``pairs`` are position * classes + class.

    A class that stands for several is added to ``common``, with its place.
    """
    pairs, times = np.unique(pairs, return_counts=True)
    position, tag = pairs // len(classes), pairs % len(classes)
    places = np.full(positions, NO_CLASS)
    bounds = [*np.flatnonzero(np.diff(position, prepend=-1)).tolist(), len(pairs)]
    for begin, end in pairwise(bounds):
        total, best = int(times[begin:end].sum()), begin + int(times[begin:end].argmax())
        if times[best] >= max(_CLASS_GAMES, _CLASS_SHARE * total):
            places[position[begin]] = tag[best]
        elif total >= _CLASS_GAMES:
            order = begin + np.argsort(-times[begin:end], kind="stable")
            most = int(np.searchsorted(np.cumsum(times[order]), _COMMON_SHARE * total)) + 1
            shared = _in_common([classes[n] for n in tag[order[:most]].tolist()], names)
            if shared:
                places[position[begin]] = common.setdefault(shared, len(classes) + len(common))
    return places


def _in_common(openings: Sequence[EccoOpening], names: dict[str, EccoOpening]) -> EccoOpening | None:
    """What the codes and the names of several classes begin with, else the volume of ECCO that they are in."""
    codes = [opening.code for opening in openings]
    name = _common_start([opening.name for opening in openings]).rstrip(_UNFINISHED)
    if len(name) > 1:
        return EccoOpening(_common_start(codes), name)
    if _ELEPHANT in names and all(_ELEPHANT <= code <= "A39" for code in codes):
        return EccoOpening("A", names[_ELEPHANT].name)
    for volumes, general in _VOLUMES:
        if general in names and all(code[0] in volumes for code in codes):
            return EccoOpening(_common_start(codes), names[general].name)
    return None


def _common_start(texts: Sequence[str]) -> str:
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*texts, strict=False))
    return "".join(letters[0] for letters in alike)
