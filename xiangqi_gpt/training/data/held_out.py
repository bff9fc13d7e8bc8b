"""Who is held out: the one rule of every command that trains or measures.

1. A game is held out by the hash of its first 30 plies (``records.store.token_store``): 2 % validation, 2 % test.
2. Of a small corpus further games are held out, in the order of that hash, until there are enough to judge by.
3. No game is trained on that reaches, after ply 30 or at its end, the position of a held-out game, or its mirror image.
4. A model that goes on from another one is judged only on games that neither has read.

A duplicate, or the mirror image of a game, counts once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.records.corpus.batch import NO_LABEL
from xiangqi_gpt.records.game import result_code
from xiangqi_gpt.records.openings.position_keys import position_keys
from xiangqi_gpt.records.plural import counted
from xiangqi_gpt.records.results import UNKNOWN
from xiangqi_gpt.records.store.opening_hashes import opening_hashes
from xiangqi_gpt.records.store.token_store import SPLIT_PLIES, TEST, TRAIN, VALIDATION, TokenStore
from xiangqi_gpt.rules.moves import MOVE_FROM, MOVE_TO

from .games_read import NOTHING_READ, GamesRead

#: So many games are held out for validation where the hash gives fewer, but no more than a share of all.
ENOUGH_GAMES: Final = 40
_MOST_SHARE: Final = 0.2
_AT_ONCE: Final = 1 << 14  # games whose positions are looked at together
_WHOLE_GAME: Final = 1 << 30  # plies

Numbers = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Division:
    """Numbers of the games of a store: to train on, and held out to validate and to test with."""

    train: Numbers
    validation: Numbers
    test: Numbers
    duplicates: int = 0  #: games that are there more than once, which count once
    too_near: int = 0  #: games not trained on, for they reach the position of a held-out game
    known: int = 0  #: held-out games that are not judged by, for the model had read them before
    familiar: int = 0  #: of the games that may judge, those that the model had read, where fewer than wanted are left

    def notes(self) -> list[str]:
        """Return what a user is to know of it, a line each."""
        lines = []
        if self.duplicates:
            lines.append(f"{counted(self.duplicates, 'duplicate')} left out: each game counts once")
        if self.too_near:
            lines.append(
                f"{counted(self.too_near, 'game')} not trained on: by ply {SPLIT_PLIES} a held-out game has the "
                "same position"
            )
        if self.known:
            lines.append(f"{counted(self.known, 'held-out game')} not judged by: the model had read them before")
        if self.familiar:
            lines.append(
                f"{counted(self.familiar, 'new game')} cannot judge the model, which had read them before: fewer than "
                "asked for are held out"
            )
        if not len(self.validation):
            lines.append("no game is held out: nothing will say how good the model becomes")
        return lines


def game_keys(store: TokenStore, games: Numbers) -> Keys:
    """Return (G,) keys of the positions after ply 30, or at the end; mirror images have the same key."""
    parts = [_keys(store, games[first : first + _AT_ONCE]) for first in range(0, len(games), _AT_ONCE)]
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


def _keys(store: TokenStore, games: Numbers) -> Keys:
    begins, roots = np.asarray(store.offsets)[games], np.asarray(store.roots)[games]
    plies = np.minimum(np.asarray(store.offsets)[games + 1] - begins, SPLIT_PLIES)
    boards = np.asarray(store.root_boards)[roots]
    for ply in range(int(plies.max(initial=0))):
        going = np.flatnonzero(plies > ply)
        moves = np.asarray(store.moves[begins[going] + ply])
        source, target = MOVE_FROM[moves], MOVE_TO[moves]
        boards[going, target] = boards[going, source]
        boards[going, source] = 0
    sides = (np.asarray(store.root_sides)[roots] + plies) % 2
    return position_keys(boards, sides.astype(np.int8))[0]


def without_duplicates(store: TokenStore, games: Numbers, preferred: Numbers | None = None) -> Numbers:
    """Return the games, each once: a ``preferred`` one, else one with a result, else the first.

    A game with an engine's labels is another one than the same game without.
    """
    if not len(games):
        return games
    moves, offsets = np.asarray(store.moves), np.asarray(store.offsets)
    roots = position_keys(np.array(store.root_boards), np.array(store.root_sides))[0] * np.uint64(3)
    own = np.stack((opening_hashes(moves, offsets, _WHOLE_GAME), roots[store.roots], _is_labelled(store)))
    identity = np.bitwise_xor.reduce(own[:, games])
    has_no_result = np.asarray(store.results)[games] == result_code(UNKNOWN)
    is_other = np.isin(games, preferred, invert=True) if preferred is not None else np.zeros(len(games), np.bool_)
    order = np.lexsort((games, has_no_result, is_other, identity))
    is_first = np.append(True, identity[order][1:] != identity[order][:-1])
    return np.sort(games[order[is_first]])


def _is_labelled(store: TokenStore) -> Keys:
    """(G,) 1 for games with an engine's moves, else 0."""
    found = np.zeros(store.games, np.uint64)
    for first in range(0, store.games, _AT_ONCE):
        bounds = np.asarray(store.offsets[first : first + _AT_ONCE + 1])
        count = np.concatenate(([0], np.cumsum(np.asarray(store.best[bounds[0] : bounds[-1]]) != NO_LABEL)))
        found[first : first + len(bounds) - 1] = np.diff(count[bounds - bounds[0]]) > 0
    return found


def drawn(games: Numbers, most: int) -> Numbers:
    """Return at most so many of the games, drawn by chance, the same ones each time."""
    if len(games) <= most:
        return games
    return np.sort(np.random.default_rng(0).choice(games, most, replace=False))


def enough(games: int) -> int:
    """Return how many of so many games are to be held out at least; none of a single one.

    >>> [enough(games) for games in (1, 2, 38, 361, 5000)]
    [0, 1, 7, 40, 40]
    """
    return min(ENOUGH_GAMES, max(1, int(_MOST_SHARE * games))) if games > 1 else 0


def divide(
    store: TokenStore,
    games: Numbers,
    *,
    judged: Numbers | None = None,
    wanted: int | None = None,
    read: GamesRead = NOTHING_READ,
) -> Division:
    """Divide ``games`` of a store by the rule above.

    ``read`` is what the model has read before. ``wanted`` games (default: ``enough``) are to be there for validation,
    while one is left to train on. With ``judged`` all of them are among these, and the other held-out games test.
    """
    unique = without_duplicates(store, games, judged)
    keys = game_keys(store, unique)
    splits = np.asarray(store.splits)[unique]
    may_judge = np.full(len(unique), True) if judged is None else np.isin(unique, judged)
    is_new = ~read.includes(keys)
    validates = (splits == VALIDATION) & may_judge & is_new
    if judged is not None:  # a few games: whoever is held out helps to judge
        validates |= (splits == TEST) & may_judge & is_new
    count: int = enough(len(unique)) if wanted is None else wanted
    trainable = (splits == TRAIN) & may_judge
    taken = _further(store, unique, keys, trainable, is_new, count - int(validates.sum()))
    validates |= np.isin(keys, taken) & trainable
    held_out = (splits != TRAIN) | validates
    elsewhere = np.setdiff1d(np.flatnonzero(store.splits != TRAIN), unique)
    avoided = np.concatenate((keys[held_out], game_keys(store, elsewhere)))
    is_near = ~held_out & np.isin(keys, avoided)
    tests = ((splits == TEST) if judged is None else held_out) & ~validates
    known = held_out & ~is_new
    return Division(
        train=unique[~held_out & ~is_near],
        validation=unique[validates],
        test=unique[tests & is_new],
        duplicates=len(games) - len(unique),
        too_near=int(is_near.sum()),
        known=int(known.sum()),
        familiar=int((trainable & ~is_new).sum()) if judged is not None and validates.sum() < count else 0,
    )


def _further(
    store: TokenStore,
    games: Numbers,
    keys: Keys,
    trainable: npt.NDArray[np.bool_],
    is_new: npt.NDArray[np.bool_],
    count: int,
) -> Keys:
    """Keys of ``count`` games to hold out besides, in the order of their hash; one at least is left to train on."""
    taken: dict[np.uint64, None] = {}
    if count <= 0:
        return np.empty(0, np.uint64)
    most = len(np.unique(keys[trainable])) - 1
    candidates = np.flatnonzero(trainable & is_new)
    hashes = opening_hashes(np.asarray(store.moves), np.asarray(store.offsets), SPLIT_PLIES)[games[candidates]]
    for place in candidates[np.argsort(hashes, kind="stable")]:
        if count <= 0 or len(taken) >= most:
            break
        if keys[place] not in taken:
            taken[keys[place]] = None
            count -= int((keys[candidates] == keys[place]).sum())
    return np.array(list(taken), np.uint64)
