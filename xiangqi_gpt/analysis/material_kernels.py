"""Alpha-beta over material and placement: what a side wins or loses by force within some plies.

Textbook parts: iterative deepening with a transposition table; captures first (most valuable victim, least valuable
attacker), then killers, then by history; a null move; reverse futility, futility and late move pruning near the leaves;
reduced late moves; check extensions; and captures alone at the leaves.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from xiangqi_gpt.rules.jit import INT, INT8S, INT16_TABLE, INT32_TABLE, INT64S, jit, jit_part
from xiangqi_gpt.rules.kernels import in_check, legal_moves, play, take_back
from xiangqi_gpt.rules.moves import MOVE_FROM, MOVE_TO

from .piece_square import piece_squares

#: What a piece is worth by its code and square, in centipawns; and about what it is worth anywhere, to order captures.
WORTH: Final = piece_squares()
_ROUGHLY: Final = np.array([0, *(0, 110, 110, 400, 900, 410, 110) * 2], dtype=np.int64)
MATE: Final = 30_000
_SURE: Final = MATE - 1000  # scores beyond are mates
#: Rows of the table of positions, a power of two, and what a row holds: key (twice), score, depth, bound, move.
TABLE_ROWS: Final = 1 << 19
TABLE_COLUMNS: Final = 6
#: Plies that a line can have, captures included, and those of them that are no mere captures.
MOST_PLIES: Final = 64
_MOST_SEARCHED: Final = 40
_EXACT, _LOWER, _UPPER = 0, 1, 2
_NULL_DEPTH = 3
_LATE, _VERY_LATE = 4, 12  # quiet moves from these on are looked at less deeply
_MARGIN = 120  # centipawns a ply of depth that a quiet move is not expected to win
_KEYS: Final = np.random.default_rng(20).integers(1, 2**62, (15, 90), dtype=np.int64)
_BLACK_KEY: Final = 0x3C6EF372FE94F82A


@jit(INT8S, INT)
def balance(board, side):
    """Material of a side, by where it stands, less that of the other, in centipawns."""
    total = 0
    for square in range(90):
        piece = board[square]
        if piece:
            total += WORTH[piece, square] if (piece > 7) == (side == 1) else -WORTH[piece, square]
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
def _next_best(moves, values, first, count):
    """Bring the move of the highest value among those from ``first`` on to that place."""
    best = first
    for i in range(first + 1, count):
        if values[i] > values[best]:
            best = i
    moves[first], moves[best] = moves[best], moves[first]
    values[first], values[best] = values[best], values[first]
    return moves[first]


@jit(INT8S, INT, INT, INT, INT, INT, INT16_TABLE, INT32_TABLE, INT8S, INT64S)
def captures_alone(board, side, alpha, beta, ply, material, stack, order, mark, state):
    """The best a side reaches by captures in turn, each side free to stop; ``material`` is its balance."""
    state[0] += 1
    best = material
    if best >= beta or ply >= MOST_PLIES - 1:
        return best
    alpha = max(alpha, best)
    moves, values = stack[ply], order[ply]
    count = 0
    for i in range(legal_moves(board, side, moves, mark)):
        victim = board[MOVE_TO[moves[i]]]
        if victim:
            moves[count] = moves[i]
            values[count] = 16 * _ROUGHLY[victim] - _ROUGHLY[board[MOVE_FROM[moves[i]]]]
            count += 1
    for i in range(count):
        move = _next_best(moves, values, i, count)
        source, target = MOVE_FROM[move], MOVE_TO[move]
        won = WORTH[board[target], target]
        if material + won + 150 <= alpha:
            continue
        held = -(material + won + WORTH[board[source], target] - WORTH[board[source], source])
        captured = play(board, move)
        score = -captures_alone(board, 1 - side, -beta, -alpha, ply + 1, held, stack, order, mark, state)
        take_back(board, move, captured)
        if score > best:
            best = score
            alpha = max(alpha, score)
            if best >= beta:
                break
    return best


@jit(
    *(INT8S, INT, INT, INT, INT, INT, INT, INT),
    *(INT16_TABLE, INT32_TABLE, INT8S, INT32_TABLE, INT16_TABLE, INT32_TABLE, INT64S, INT64S),
)
def search(
    board, side, depth, alpha, beta, ply, material, key, stack, order, mark, table, killers, history, path, state
):
    """Score of a position for the side to move, in centipawns; ``state`` is (nodes, most nodes, best move at ply 0).

    Once the nodes are spent nothing is searched any more, and what is returned does not count.
    """
    checked = in_check(board, side)
    path[ply] = key
    if ply >= 4 and path[ply - 4] == key:  # nothing is won by going round; who may do so the rules say, not this
        return material
    if checked and ply < _MOST_SEARCHED:
        depth += 1
    if depth <= 0 or ply >= _MOST_SEARCHED:
        return captures_alone(board, side, alpha, beta, ply, material, stack, order, mark, state)
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
            if score > _SURE:
                score -= ply
            elif score < -_SURE:
                score += ply
            if row[4] == _EXACT or (row[4] == _LOWER and score >= beta) or (row[4] == _UPPER and score <= alpha):
                return score
    is_narrow = beta - alpha == 1 and ply > 0
    is_calm = is_narrow and not checked and abs(beta) < _SURE
    if is_calm and depth <= 4 and material - _MARGIN * depth >= beta:
        return material
    if is_calm and depth >= _NULL_DEPTH and material >= beta:
        path[ply + 1] = 0
        score = -search(
            *(board, 1 - side, depth - 3 - depth // 5, -beta, 1 - beta, ply + 1, -material, key ^ _BLACK_KEY),
            *(stack, order, mark, table, killers, history, path, state),
        )
        if score >= beta and state[0] <= state[1]:
            return beta if score > _SURE else score
    moves, values = stack[ply], order[ply]
    count = legal_moves(board, side, moves, mark)
    if count == 0:
        return ply - MATE
    for i in range(count):
        move = moves[i]
        piece, victim = board[MOVE_FROM[move]], board[MOVE_TO[move]]
        if move == known:
            values[i] = 1 << 30
        elif victim:
            values[i] = (1 << 28) + 16 * _ROUGHLY[victim] - _ROUGHLY[piece]
        elif move == killers[ply, 0]:
            values[i] = (1 << 27) + 1
        elif move == killers[ply, 1]:
            values[i] = 1 << 27
        else:
            values[i] = history[piece, MOVE_TO[move]]
    best, choice, before = -MATE, -1, alpha
    for i in range(count):
        move = _next_best(moves, values, i, count)
        source, target = MOVE_FROM[move], MOVE_TO[move]
        piece, victim = board[source], board[target]
        gained = WORTH[piece, target] - WORTH[piece, source] + WORTH[victim, target]
        after = key ^ _KEYS[piece, source] ^ _KEYS[piece, target] ^ _BLACK_KEY
        if victim:
            after ^= _KEYS[victim, target]
        captured = play(board, move)
        is_quiet = victim == 0 and not checked and i > 0 and not in_check(board, 1 - side)
        if (
            is_quiet
            and is_narrow
            and best > -_SURE
            and ((depth <= 2 and material + gained + _MARGIN * depth + 60 <= alpha) or (depth <= 3 and i > 8 * depth))
        ):
            take_back(board, move, captured)
            continue
        held = -(material + gained)
        late = 0
        if is_quiet and depth >= _NULL_DEPTH and i >= _LATE:
            late = 2 if i >= _VERY_LATE and depth >= 5 else 1
        score = alpha + 1
        if i > 0:  # none but the first is expected to be the best: that is asked first, of late moves less deeply
            score = -search(
                *(board, 1 - side, depth - 1 - late, -alpha - 1, -alpha, ply + 1, held, after),
                *(stack, order, mark, table, killers, history, path, state),
            )
        if i == 0 or (score > alpha and (late > 0 or score < beta)):
            score = -search(
                *(board, 1 - side, depth - 1, -beta, -alpha, ply + 1, held, after),
                *(stack, order, mark, table, killers, history, path, state),
            )
        take_back(board, move, captured)
        if state[0] > state[1]:
            return 0
        if score > best:
            best, choice = score, move
            alpha = max(alpha, score)
            if best >= beta:
                if victim == 0:
                    if killers[ply, 0] != move:
                        killers[ply, 1] = killers[ply, 0]
                        killers[ply, 0] = move
                    history[piece, target] = min(history[piece, target] + depth * depth, 1 << 26)
                break
    kept = best
    if best > _SURE:
        kept += ply
    elif best < -_SURE:
        kept -= ply
    row[0], row[1], row[2], row[3], row[5] = low, high, kept, depth, choice
    row[4] = _LOWER if best >= beta else _UPPER if best <= before else _EXACT
    if ply == 0:
        state[2] = choice
    return best
