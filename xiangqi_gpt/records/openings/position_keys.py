"""Keys of positions: equal for a position and its mirror image, so that what was learned of one is known of both.

A key is the smaller of the position's hash and its mirror image's. What belongs to a position is kept for the one of
the two with the smaller hash; its moves are turned to fit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules.jit import BOARDS, BOOLS, FIXED_INT64S, FIXED_UINT16S, INT, INT8S, INT64S, UINT16S, UINT64S, jit
from xiangqi_gpt.rules.moves import MIRROR, MIRROR_SQUARE, MOVE_FROM, MOVE_TO
from xiangqi_gpt.rules.zobrist import BLACK_KEY, PIECE_KEYS

if TYPE_CHECKING:
    from xiangqi_gpt.rules import Board

#: In place of a move: the game ends here.
NO_MOVE: Final = 65535


@jit(INT8S, INT)
def _hashes(board, side):  # type: ignore[no-untyped-def]
    """Hash of a position and of its mirror image."""
    plain = mirrored = BLACK_KEY if side == 1 else np.uint64(0)
    for sq in range(90):
        if board[sq] != 0:
            plain ^= PIECE_KEYS[board[sq], sq]
            mirrored ^= PIECE_KEYS[board[sq], MIRROR_SQUARE[sq]]
    return plain, mirrored


@jit(BOARDS, INT8S, UINT64S, BOOLS)
def _fill_keys(boards, sides, keys, mirrored):  # type: ignore[no-untyped-def]
    """Kernel of ``position_keys``."""
    for i in range(boards.shape[0]):
        plain, image = _hashes(boards[i], sides[i])
        keys[i], mirrored[i] = min(plain, image), image < plain


@jit(BOARDS, INT8S, FIXED_UINT16S, FIXED_INT64S, INT, UINT64S, UINT16S, INT64S)
def _walk(boards, sides, moves, offsets, plies, keys, nexts, games):  # type: ignore[no-untyped-def]
    """Kernel of ``walk_games``; returns how many positions were written."""
    n = 0
    for g in range(boards.shape[0]):
        board, side, begin = boards[g], sides[g], n
        plain, mirrored = _hashes(board, side)
        last = min(offsets[g + 1], offsets[g] + plies)
        for i in range(offsets[g], last + 1):
            key = min(plain, mirrored)
            is_new = True
            for k in range(begin, n):
                if keys[k] == key:
                    is_new = False
                    break
            move = NO_MOVE
            if i < offsets[g + 1]:
                move = moves[i] if plain < mirrored else MIRROR[moves[i]]
                if plain == mirrored:
                    move = min(moves[i], MIRROR[moves[i]])
            if is_new:
                keys[n], nexts[n], games[n] = key, move, g
                n += 1
            if i == last:
                break
            source, target = MOVE_FROM[moves[i]], MOVE_TO[moves[i]]
            piece, taken = board[source], board[target]
            plain ^= PIECE_KEYS[piece, source] ^ PIECE_KEYS[piece, target] ^ PIECE_KEYS[taken, target] ^ BLACK_KEY
            source_image, target_image = MIRROR_SQUARE[source], MIRROR_SQUARE[target]
            mirrored ^= PIECE_KEYS[piece, source_image] ^ PIECE_KEYS[piece, target_image]
            mirrored ^= PIECE_KEYS[taken, target_image] ^ BLACK_KEY
            board[target], board[source] = piece, 0
            side = 1 - side
    return n


def walk_games(
    boards: npt.NDArray[np.int8],
    sides: npt.NDArray[np.int8],
    moves: npt.NDArray[np.uint16],
    offsets: npt.NDArray[np.int64],
    plies: int,
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint16], npt.NDArray[np.int64]]:
    """Keys (N,) of the positions in each game's first ``plies`` plies, the move played there, and the game's number.

    Game ``g`` is ``moves[offsets[g]:offsets[g + 1]]`` from ``boards[g]`` (G, 90), which is played on in place. A
    position that comes again in a game is there once; after a game's last ply the move is ``NO_MOVE``.
    """
    room = int(np.minimum(np.diff(offsets), plies).sum()) + len(boards)
    keys, nexts, games = np.empty(room, np.uint64), np.empty(room, np.uint16), np.empty(room, np.int64)
    count = _walk(boards, sides, moves, offsets, plies, keys, nexts, games)
    return keys[:count], nexts[:count], games[:count]


def position_key(board: Board) -> tuple[int, bool]:
    """The key of a position, and whether what is kept under it is for the mirror image."""
    plain, mirrored = _hashes(board.squares, board.turn)
    return min(int(plain), int(mirrored)), int(mirrored) < int(plain)


def position_keys(
    boards: npt.NDArray[np.int8], sides: npt.NDArray[np.int8]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.bool_]]:
    """Return the keys (N,) of positions (N, 90), and for which of them (N,) it is that of the mirror image.

    What is kept under the key of a mirror image, such as a move, is mirrored along.
    """
    keys, mirrored = np.empty(len(boards), np.uint64), np.empty(len(boards), np.bool_)
    _fill_keys(np.ascontiguousarray(boards), np.ascontiguousarray(sides), keys, mirrored)
    return keys, mirrored
