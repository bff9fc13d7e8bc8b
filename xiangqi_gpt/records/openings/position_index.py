"""The position index: how many games reached a position, how they ended, how they went on, and when they were played.

A folder of sorted, memory-mapped arrays beside ``index.json``, so that a question costs a binary search on disk:
``keys`` (N,) uint64; ``rows`` (N + 1,) uint32, where each position's moves are in ``moves`` (R,) uint16 and ``results``
(R, 4) uint32 (Red won, drawn, Black won, unknown); ``year_rows`` (N + 1,) uint32 into ``years`` (Y,) int16 and
``year_games`` (Y,) uint32.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.files import parse_json
from xiangqi_gpt.rules import MIRROR, MOVES, Board, Move, XiangqiError, to_chinese
from xiangqi_gpt.rules.pieces import FILES as FILE_COUNT
from xiangqi_gpt.rules.pieces import RANKS

from ..plural import counted
from .position_keys import NO_MOVE, position_key

VERSION: Final = 1
#: Array -> its type.
FILES: Final = {
    "keys": "<u8",
    "rows": "<u4",
    "moves": "<u2",
    "results": "<u4",
    "year_rows": "<u4",
    "years": "<i2",
    "year_games": "<u4",
}


class PositionIndexError(XiangqiError):
    """A position index that is missing, damaged or of another version, or a corpus that gives none."""

    code = "position_index"


@dataclass(frozen=True)
class Results:
    """Games by their result."""

    red: int
    drawn: int
    black: int
    unknown: int

    @property
    def games(self) -> int:
        """All of them."""
        return self.red + self.drawn + self.black + self.unknown


@dataclass(frozen=True)
class PositionGames:
    """The games that reached a position: results, how they went on (the most played move first), games by year."""

    results: Results
    moves: tuple[tuple[Move, Results], ...] = ()
    years: dict[int, int] = field(default_factory=dict)

    @property
    def games(self) -> int:
        """How many games."""
        return self.results.games


def format_games(found: PositionGames, board: Board) -> str:
    """The games of a position for a terminal, moves in coordinates and in Chinese."""
    lines = [_format_results(found.results)]
    lines += [f"  {move} {to_chinese(board, move)}  {_format_results(results)}" for move, results in found.moves[:20]]
    if found.years:
        most = max(found.years, key=lambda year: found.years[year])
        lines.append(f"played from {min(found.years)} to {max(found.years)}, most in {most}")
    return "\n".join(lines)


def _format_results(results: Results) -> str:
    known = results.red + results.drawn + results.black
    score = f", Red scored {100 * (results.red + results.drawn / 2) / known:.1f} % in {known:,}" if known else ""
    return f"{counted(results.games, 'game')}{score}"


def is_symmetric(board: Board) -> bool:
    """Return whether a position is its own mirror image, so that each move goes with another into one position."""
    squares = board.squares.reshape(RANKS, FILE_COUNT)
    return bool((squares == squares[:, ::-1]).all())


def right_hand(move: int) -> Move:
    """Return the move of an index, or its mirror image, whichever begins nearer to Red's right."""
    pair = MOVES[move], MOVES[int(MIRROR[move])]
    return max(pair, key=lambda each: (each.from_square % FILE_COUNT, each.to_square % FILE_COUNT))


class PositionIndex:
    """An opened index."""

    def __init__(self, folder: str | Path) -> None:
        """Open the index in a folder. Raises ``PositionIndexError``."""
        self._folder = Path(folder)
        try:
            description = parse_json((self._folder / "index.json").read_text(encoding="utf-8"))
            self.games, self.plies = int(description["games"]), int(description["plies"])
            shapes = {name: tuple(map(int, description["shapes"][name])) for name in FILES}
        except FileNotFoundError:
            raise PositionIndexError(f"no position index in {folder}") from None
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise PositionIndexError(f"{self._folder / 'index.json'} is damaged: {error!r}") from None
        if description.get("version") != VERSION or description.get("start") != position_key(Board())[0]:
            raise PositionIndexError(f"{folder} is a position index of another version: build it again")
        self._arrays = {name: self._open(name, shape) for name, shape in shapes.items()}

    def _open(self, name: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        path, dtype = self._folder / f"{name}.bin", np.dtype(FILES[name])
        expected = math.prod(shape) * dtype.itemsize
        found = path.stat().st_size if path.exists() else 0
        if found != expected:
            raise PositionIndexError(f"{path} has {found} bytes, expected {expected}")
        return np.memmap(path, dtype, "r", shape=shape) if expected else np.empty(shape, dtype)

    def __len__(self) -> int:
        """How many positions are known."""
        return len(self._arrays["keys"])

    def look(self, board: Board) -> PositionGames:
        """What is known of a position, as seen from it: moves are turned back where its mirror image is kept.

        In a symmetric position the move on Red's right stands for its mirror image too.
        """
        key, turned = position_key(board)
        arrays = self._arrays
        place = int(np.searchsorted(arrays["keys"], np.uint64(key)))
        if place == len(self) or arrays["keys"][place] != key:
            return PositionGames(Results(0, 0, 0, 0))
        here = slice(*arrays["rows"][place : place + 2].tolist())
        counts = arrays["results"][here]
        symmetric = is_symmetric(board)
        moves = [
            (right_hand(move) if symmetric else MOVES[int(MIRROR[move]) if turned else move], Results(*row))
            for move, row in zip(arrays["moves"][here].tolist(), counts.tolist(), strict=True)
            if move != NO_MOVE
        ]
        span = slice(*arrays["year_rows"][place : place + 2].tolist())
        return PositionGames(
            Results(*counts.sum(0).tolist()),
            tuple(sorted(moves, key=lambda pair: (-pair[1].games, pair[0].index))),
            dict(zip(arrays["years"][span].tolist(), arrays["year_games"][span].tolist(), strict=True)),
        )
