"""The rules for many boards at once: legal masks, pushes and whole games, as arrays.

A batch is ``boards`` (N, 90) int8 piece codes and ``sides`` (N,) int8, RED or BLACK to move; both C-contiguous.
Moves are indices into the 2086 (``rules.moves``); the moves of games are uint16, as in the token store. The functions
release the GIL while they work, so threads help.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from . import kernels
from .board import Board
from .fen import START_FEN, parse_fen
from .moves import MOVE_COUNT
from .pieces import BLACK, LETTERS, SQUARES

Boards = npt.NDArray[np.int8]
Sides = npt.NDArray[np.int8]
Moves = npt.NDArray[np.int16]
Mask = npt.NDArray[np.bool_]


def stack_boards(positions: Sequence[Board]) -> tuple[Boards, Sides]:
    """The pieces and sides to move of some boards as a batch.

    >>> boards, sides = stack_boards([Board(), Board()])
    >>> boards.shape, sides.tolist()
    ((2, 90), [0, 0])
    """
    boards = np.empty((len(positions), SQUARES), np.int8)
    for row, position in zip(boards, positions, strict=True):
        row[:] = position.squares
    return boards, np.array([position.turn for position in positions], np.int8)


def legal_mask(boards: Boards, sides: Sides, out: Mask | None = None) -> Mask:
    """(N, 2086) bool: which moves are legal on each board.

    A reused ``out`` is several times faster than a new array, which the system has to find memory for. Raises
    ``ValueError`` for arrays of another shape or type, and for numbers that are no pieces or sides.

    >>> legal_mask(*stack_boards([Board()])).sum()
    np.int64(44)
    """
    _check_batch(boards, sides)
    if out is None:
        out = np.empty((len(boards), MOVE_COUNT), np.bool_)
    _check_array("out", out, (len(boards), MOVE_COUNT), np.bool_)
    kernels.legal_mask_batch(boards, sides, out)
    return out


def push_batch(boards: Boards, sides: Sides, moves: Moves) -> None:
    """Play one move (N,) int16 on each board, in place; ``sides`` change too. Like ``Board.push`` it checks no rules.

    Raises ``ValueError`` for arrays of another shape or type, and for numbers that are no moves, pieces or sides.
    """
    _check_batch(boards, sides)
    _check_array("moves", moves, (len(boards),), np.int16)
    if len(moves) and not 0 <= moves.min() <= moves.max() < MOVE_COUNT:
        raise ValueError(f"moves are numbers from 0 to {MOVE_COUNT - 1}, found {moves.min()} to {moves.max()}")
    kernels.push_batch(boards, sides, moves)


def replay_games(
    moves: npt.NDArray[np.uint16],
    offsets: npt.NDArray[np.int64],
    boards: Boards | None = None,
    sides: Sides | None = None,
    *,
    threads: int = 1,
) -> npt.NDArray[np.int64]:
    """Play whole games and check every move: (G,) int64, how many leading moves of each game are legal.

    Game ``g`` is ``moves[offsets[g]:offsets[g + 1]]``, played from the start of the game, or from ``boards[g]`` with
    ``sides[g]`` to move, which are left where the legal moves of that game lead. Raises ``ValueError`` for arrays of
    another shape or type and for offsets that do not rise from 0 to the number of moves.

    >>> from xiangqi_gpt.rules import Move
    >>> moves = np.array([Move.from_iccs(text).index for text in ("h2e2", "h9g7", "h2h3")], np.uint16)
    >>> replay_games(moves, np.array([0, 3]))
    array([2])
    """
    games = len(offsets) - 1
    _check_array("moves", moves, (len(moves),), np.uint16)
    _check_array("offsets", offsets, (games + 1,), np.int64)
    if offsets[0] != 0 or offsets[-1] != len(moves) or (np.diff(offsets) < 0).any():
        raise ValueError(f"offsets must rise from 0 to the number of moves, {len(moves)}")
    if boards is None or sides is None:
        start = parse_fen(START_FEN)
        boards, sides = np.tile(start.squares, (games, 1)), np.full(games, start.turn, np.int8)
    _check_batch(boards, sides)
    if len(boards) != games:
        raise ValueError(f"there are {games} games but {len(boards)} boards")
    played = np.empty(games, np.int64)
    bounds = np.linspace(0, games, threads + 1).astype(int).tolist()

    def replay_part(first: int, last: int) -> None:
        part = slice(first, last)
        kernels.replay_batch(boards[part], sides[part], moves, offsets[first : last + 1], played[part])

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(replay_part, bounds[:-1], bounds[1:]))
    return played


def _check_batch(boards: Boards, sides: Sides) -> None:
    _check_array("boards", boards, (len(boards), SQUARES), np.int8)
    _check_array("sides", sides, (len(boards),), np.int8)
    for name, array, most in (("boards", boards, len(LETTERS) - 1), ("sides", sides, BLACK)):
        if array.size and array.view(np.uint8).max() > most:
            raise ValueError(f"{name} hold numbers from 0 to {most}, found {array.min()} to {array.max()}")


def _check_array(name: str, array: npt.NDArray[np.generic], shape: tuple[int, ...], dtype: type[np.generic]) -> None:
    if array.shape != shape or array.dtype != dtype or not array.flags.c_contiguous:
        wanted = f"{np.dtype(dtype).name}{list(shape)}"
        raise ValueError(f"{name} must be a contiguous {wanted}, not {array.dtype.name}{list(array.shape)}")
