"""What ships about openings: how often positions were reached, how those games ended, and the ECCO class they are in.

Built from a corpus by ``openings_writer``: numbers and names only, no games. A position's class is the one that most of
the tagged games through it have; a game's class is its tag, or that of the last classed position in its opening.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.data import openings as openings_folder
from xiangqi_gpt.rules import MOVES, START_FEN, Board, XiangqiError, push_batch

from ..corpus.batch import GameBatch, batch_from_games
from ..game import Game, result_code
from .position_index import PositionGames, Results, is_symmetric, right_hand
from .position_keys import position_key, position_keys, walk_games

#: Plies of the opening, within which positions have a class; benchmarks/records.py counts how often it is right.
CLASS_PLIES: Final = 20
NO_CLASS: Final = -1
_AT_ONCE: Final = 4096
_POSITIONS: Final = "positions.npz"
_NAMES: Final = "ecco.tsv"


#: Kinds of first moves in ECCO's order: any other (volume A), the central cannon (B, C, D), the pawn's advance (E); and
#: 0 where nothing is known of the first move.
ANY, OTHER, CANNON, PAWN = range(4)


_KINDS: Final = {"h2e2": CANNON, "b2e2": CANNON, "g3g4": PAWN, "c3c4": PAWN}


def first_moves(roots: Sequence[str], batch: GameBatch) -> npt.NDArray[np.int64]:
    """Return the kind of each game's first move (B,): ``ANY`` for one that does not begin at the usual start."""
    kinds = np.full(len(roots), ANY)
    for n, (root, begin, end) in enumerate(zip(roots, batch.offsets[:-1], batch.offsets[1:], strict=True)):
        if root == START_FEN and begin < end:
            kinds[n] = _KINDS.get(str(MOVES[int(batch.moves[begin])]), OTHER)
    return kinds


class OpeningsError(XiangqiError):
    """Opening data that is missing, damaged, of another version, or cannot be built."""


@dataclass(frozen=True)
class EccoOpening:
    """A class of the Encyclopaedia of Chinese Chess Openings (ECCO): ``C64``, a name, and a variation or nothing."""

    code: str
    name: str
    variation: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.code, self.name, self.variation)))


@dataclass(frozen=True)
class Openings:
    """Positions by their key (N,), sorted; games by result (N, 4); places among ``classes`` or -1 (N, 4).

    Of a position's places the first is by all games through it, the others by those with a first move of one kind
    (``first_moves``): ECCO goes by the first move, whatever a game transposes to later. The first ``exact`` of
    ``classes`` are classes of ECCO; the others stand for several whose names begin alike.
    """

    keys: npt.NDArray[np.uint64]
    counts: npt.NDArray[np.uint16]
    places: npt.NDArray[np.int16]
    classes: tuple[EccoOpening, ...]
    exact: int

    def find(self, keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """Places (K,) of keys, -1 for unknown positions."""
        places = np.searchsorted(self.keys, keys)
        known = self.keys[np.minimum(places, len(self.keys) - 1)] == keys
        return np.where(known, places, -1)

    def opening_of(self, board: Board) -> EccoOpening | None:
        """The opening of the game played on a board, None where the start is unknown or nothing is played yet.

        Where the game may still become one of several classes, it is what their names have in common.
        """
        exact, common = self._last_classes([Game.from_board(board)])
        place = exact[0] if exact[0] != NO_CLASS else common[0]
        return self.classes[place] if place != NO_CLASS else None

    def codes_of(self, games: Sequence[Game]) -> list[str]:
        """The class of each game: its tag ``ECCO``, else what is known of its positions, else empty."""
        exact, _ = self._last_classes(games)
        learned = [self.classes[place].code if place != NO_CLASS else "" for place in exact.tolist()]
        return [game.tags.get("ECCO") or code for game, code in zip(games, learned, strict=True)]

    def _last_classes(self, games: Sequence[Game]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Of each game the last class, and the last of those that stand for several, -1 where there is none."""
        batch = batch_from_games(games)
        keys, _, numbers = walk_games(*batch.roots(), batch.moves, batch.offsets, CLASS_PLIES)
        found = self.find(keys)
        kinds = first_moves([game.root for game in games], batch)[numbers]
        places = np.where(found >= 0, self.places[found, kinds], NO_CLASS)
        exact, common = np.full(len(games), NO_CLASS), np.full(len(games), NO_CLASS)
        for last, wanted in (
            (exact, (places >= 0) & (places < self.exact)),
            (common, places >= self.exact),
        ):
            last[numbers[wanted]] = places[wanted]  # positions come in order: the last one stays
        return exact, common

    def known_games(self, board: Board) -> PositionGames:
        """How many known games reached a position, and the positions after each move; years are not kept.

        In a symmetric position the move on Red's right stands for its mirror image too, as in a ``PositionIndex``.
        """
        moves = list(board.legal_moves)
        if is_symmetric(board):
            moves = [move for move in moves if right_hand(move.index) == move]
        boards = np.repeat(board.squares[None], len(moves), axis=0)
        sides = np.full(len(moves), board.turn, np.int8)
        push_batch(boards, sides, np.array([move.index for move in moves], np.int16))
        places = self.find(position_keys(boards, sides)[0]).tolist()
        reached = [(move, self._results(place)) for move, place in zip(moves, places, strict=True) if place >= 0]
        here = int(self.find(np.array([position_key(board)[0]], np.uint64))[0])
        return PositionGames(
            self._results(here) if here >= 0 else Results(0, 0, 0, 0),
            tuple(sorted(reached, key=lambda pair: (-pair[1].games, pair[0].index))),
        )

    def _results(self, place: int) -> Results:
        return Results(*self.counts[place].tolist())


@cache
def load_openings(folder: Path | None = None) -> Openings:
    """The opening data of a folder, by default what ships. Raises ``OpeningsError``."""
    path = (folder or openings_folder()) / _POSITIONS
    try:
        with np.load(path, allow_pickle=False) as arrays:
            start, keys, counts, places, exact = (
                arrays[name] for name in ("start", "keys", "counts", "places", "exact")
            )
            classes = tuple(EccoOpening(*row) for row in arrays["classes"].tolist())
    except FileNotFoundError:
        raise OpeningsError(f"no opening data: {path} is missing") from None
    except (OSError, KeyError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise OpeningsError(f"{path} is damaged: {error}") from None
    if int(start) != position_key(Board())[0] or places.ndim != 2:
        raise OpeningsError(f"{path} is of another version: build it again")
    return Openings(keys, counts, places, classes, int(exact))


@cache
def opening_names() -> dict[str, EccoOpening]:
    """The classes of ECCO by their codes."""
    return read_names(openings_folder() / _NAMES)


def opening_of(board: Board) -> EccoOpening | None:
    """The opening of the game played on a board, by what ships.

    >>> board = Board()
    >>> for move in ("h2e2", "h7e7"):
    ...     _ = board.push_text(move)
    >>> opening_of(board).name
    '顺炮'
    """
    return load_openings().opening_of(board)


def known_games(board: Board) -> PositionGames:
    """How many games reached a position, how they ended, and which moves lead to known positions, by what ships."""
    return load_openings().known_games(board)


def count_openings(games: Iterable[Game]) -> list[tuple[EccoOpening, Results]]:
    """The openings of games by what ships, with how the games ended, the most frequent first."""
    known, names = load_openings(), opening_names()
    counts: dict[str, list[int]] = {}
    waiting = iter(games)
    while chunk := list(islice(waiting, _AT_ONCE)):
        for game, code in zip(chunk, known.codes_of(chunk), strict=True):
            counts.setdefault(code, [0, 0, 0, 0])[result_code(game.result)] += 1
    rows = [
        (names.get(code, EccoOpening(code, "" if code else "unknown")), Results(*row)) for code, row in counts.items()
    ]
    return sorted(rows, key=lambda pair: (-pair[1].games, pair[0].code))


def read_names(path: Path) -> dict[str, EccoOpening]:
    """The names of the classes from a table of ``code``, tab, ``name`` or ``name#variation``."""
    names = {}
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        code, _, title = line.partition("\t")
        name, _, variation = title.strip().partition("#")
        names[code] = EccoOpening(code, name, variation)
    return names
