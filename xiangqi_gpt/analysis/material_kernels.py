"""Alpha-beta over material: what a side wins or loses by force within some plies.

Textbook parts: iterative deepening with a transposition table, captures first (most valuable victim, least valuable
attacker), a null move, reduced late moves, check extensions, and captures alone at the leaves.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from xiangqi_gpt.rules.jit import INT, INT8S, INT16_TABLE, INT32_TABLE, INT64S, jit, jit_part
from xiangqi_gpt.rules.kernels import in_check, legal_moves, play, take_back
from xiangqi_gpt.rules.moves import MOVE_FROM, MOVE_TO

#: What a piece is worth by its code, in centipawns; a pawn over the river counts twice.
WORTH: Final = np.array([0, *(0, 200, 200, 400, 900, 450, 100) * 2], dtype=np.int64)
_RED_PAWN, _BLACK_PAWN = 7, 14
_RIVER = 45  # the first square of Black's half
MATE: Final = 30_000
#: Rows of the table of positions, a power of two, and what a row holds: key (twice), score, depth, bound, move.
TABLE_ROWS: Final = 1 << 17
TABLE_COLUMNS: Final = 6
#: Plies that a line can have, captures included.
MOST_PLIES: Final = 48
_EXACT, _LOWER, _UPPER = 0, 1, 2
_NULL_DEPTH = 3
_LATE = 6  # quiet moves from this one on are looked at less deeply
_KEYS: Final = np.random.default_rng(20).integers(1, 2**62, (15, 90), dtype=np.int64)
_BLACK_KEY: Final = 0x3C6EF372FE94F82A


@jit_part
def _worth(piece, square):
    over = (piece == _RED_PAWN and square >= _RIVER) or (piece == _BLACK_PAWN and square < _RIVER)
    return WORTH[piece] * 2 if over else WORTH[piece]


@jit(INT8S, INT)
def balance(board, side):
    """Material of a side less that of the other, in centipawns."""
    total = 0
    for square in range(90):
        piece = board[square]
        if piece:
            worth = _worth(piece, square)
            total += worth if (piece > 7) == (side == 1) else -worth
    return total


@jit(INT8S, INT)
def position_hash(board, side):
    """A number of a position for the table."""
    key = 0
    for square in range(90):
        if board[square]:
            key ^= _KEYS[board[square], square]
    return key ^ _BLACK_KEY if side else key


@jit_part
def _order(board, moves, count, first):
    """Sort moves: ``first``, then captures by victim and attacker, then the others as they stand."""
    for i in range(count):
        move = moves[i]
        victim = WORTH[board[MOVE_TO[move]]]
        value = 100_000 if move == first else 16 * victim - WORTH[board[MOVE_FROM[move]]] if victim else -20_000
        at = i
        while at > 0:
            other = moves[at - 1]
            taken = WORTH[board[MOVE_TO[other]]]
            rival = 100_000 if other == first else 16 * taken - WORTH[board[MOVE_FROM[other]]] if taken else -20_000
            if rival >= value:
                break
            moves[at] = other
            at -= 1
        moves[at] = move


@jit(INT8S, INT, INT, INT, INT, INT, INT16_TABLE, INT8S, INT64S)
def captures_alone(board, side, alpha, beta, ply, material, stack, mark, state):
    """The best a side reaches by captures in turn, each side free to stop; ``material`` is its balance."""
    state[0] += 1
    best = material
    if best >= beta or ply >= MOST_PLIES - 1:
        return best
    alpha = max(alpha, best)
    moves = stack[ply]
    count = 0
    for i in range(legal_moves(board, side, moves, mark)):
        if board[MOVE_TO[moves[i]]]:
            moves[count] = moves[i]
            count += 1
    _order(board, moves, count, -1)
    for i in range(count):
        move = moves[i]
        won = _worth(board[MOVE_TO[move]], MOVE_TO[move])
        if material + won + 100 <= alpha:
            continue
        gained = _worth(board[MOVE_FROM[move]], MOVE_TO[move]) - _worth(board[MOVE_FROM[move]], MOVE_FROM[move])
        captured = play(board, move)
        score = -captures_alone(board, 1 - side, -beta, -alpha, ply + 1, -(material + won + gained), stack, mark, state)
        take_back(board, move, captured)
        if score > best:
            best = score
            alpha = max(alpha, score)
            if best >= beta:
                break
    return best


@jit(INT8S, INT, INT, INT, INT, INT, INT, INT, INT16_TABLE, INT8S, INT32_TABLE, INT64S)
def search(board, side, depth, alpha, beta, ply, material, key, stack, mark, table, state):
    """Score of a position for the side to move, in centipawns; ``state`` is (nodes, most nodes, best move at ply 0).

    Once the nodes are spent nothing is searched any more, and what is returned does not count.
    """
    checked = in_check(board, side)
    if checked and ply < MOST_PLIES // 2:
        depth += 1
    if depth <= 0 or ply >= MOST_PLIES // 2:
        return captures_alone(board, side, alpha, beta, ply, material, stack, mark, state)
    state[0] += 1
    if state[0] > state[1]:
        return 0
    row = table[key & (TABLE_ROWS - 1)]
    low, high = np.int32(key & 0x7FFFFFFF), np.int32((key >> 31) & 0x7FFFFFFF)
    known = -1
    if row[0] == low and row[1] == high:
        known = row[5]
        if ply > 0 and row[3] >= depth:
            score = row[2]
            if row[4] == _EXACT or (row[4] == _LOWER and score >= beta) or (row[4] == _UPPER and score <= alpha):
                return score
    if ply > 0 and not checked and depth >= _NULL_DEPTH and material >= beta and abs(beta) < MATE - 1000:
        score = -search(
            board, 1 - side, depth - 3, -beta, 1 - beta, ply + 1, -material, key ^ _BLACK_KEY, stack, mark, table, state
        )
        if score >= beta and state[0] <= state[1]:
            return score
    moves = stack[ply]
    count = legal_moves(board, side, moves, mark)
    if count == 0:
        return ply - MATE
    _order(board, moves, count, known)
    best, choice, before = -MATE, -1, alpha
    for i in range(count):
        move = moves[i]
        source, target = MOVE_FROM[move], MOVE_TO[move]
        piece = board[source]
        gained = _worth(piece, target) - _worth(piece, source) + _worth(board[target], target)
        after = key ^ _KEYS[piece, source] ^ _KEYS[piece, target] ^ _BLACK_KEY
        if board[target]:
            after ^= _KEYS[board[target], target]
        captured = play(board, move)
        held = -(material + gained)
        late = 1 if i >= _LATE and depth >= _NULL_DEPTH and not checked and captured == 0 else 0
        score = alpha + 1
        if i > 0:  # none but the first is expected to be the best: that is asked first, of late moves less deeply
            score = -search(
                board, 1 - side, depth - 1 - late, -alpha - 1, -alpha, ply + 1, held, after, stack, mark, table, state
            )
        if i == 0 or (score > alpha and (late or score < beta)):
            score = -search(board, 1 - side, depth - 1, -beta, -alpha, ply + 1, held, after, stack, mark, table, state)
        take_back(board, move, captured)
        if state[0] > state[1]:
            return 0
        if score > best:
            best, choice = score, move
            alpha = max(alpha, score)
            if best >= beta:
                break
    row[0], row[1], row[2], row[3], row[5] = low, high, best, depth, choice
    row[4] = _LOWER if best >= beta else _UPPER if best <= before else _EXACT
    if ply == 0:
        state[2] = choice
    return best
