"""Alpha-beta over material and placement: what a side wins or loses by force within some plies.

Textbook parts: iterative deepening with a transposition table; captures first, those that lose an exchange last, quiet
moves by killers, usual answer and history; a null move, reverse futility and razoring; late quiet moves pruned near the
leaves and reduced elsewhere; check and singular extensions; at the leaves captures alone, and all ways out of a check.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from xiangqi_gpt.rules.jit import INT, INT8S, INT32_TABLE, INT64_TABLE, INT64S, jit, jit_part
from xiangqi_gpt.rules.kernels import attacked, is_legal, king_square
from xiangqi_gpt.rules.moves import MOVE_FROM, MOVE_TO

from .balance_kernels import BLACK_KEY, PIECE_KEYS, WORTH, company_change
from .move_order_kernels import MOVE_MASK, list_captures, list_quiet, loses_exchange, next_move, recapture

MATE: Final = 30_000
_SURE: Final = MATE - 1000  # scores beyond are mates
#: What it is worth, less the plies until then, that the other side would have to go on checking for ever.
RULED: Final = MATE + 1000
#: Plies that a line can have, captures included, and those of them that are no mere captures.
MOST_PLIES: Final = 96
_MOST_SEARCHED: Final = 60
#: Room for the moves of one ply: all, and those that lose an exchange once more.
MOVE_SPACE: Final = 256
_LOSING: Final = 160
#: What is kept of each ply of the line: position, its score, whether it is check, the move that led there as
#: ``90 * piece + target`` (-1: none), two killers, the move that is left out (-1: none), plies since the last capture
#: or null move as far as they are known. The last row is the position before the first one, and so on, if known.
KEY, SCORE, CHECKED, MADE, KILLER, OTHER_KILLER, LEFT_OUT, QUIET, FRAME_COLUMNS = range(9)
#: Plies before the position searched that are known at most.
MOST_PAST: Final = 40
#: What ``state`` holds: nodes, most nodes, best move at ply 0 and its score, plies to search, number of the search.
NODES, MOST_NODES, BEST, REACHED, GOAL, AGE, STATE_SIZE = range(7)
#: Rows of the table of positions, a power of two; a position is kept in one of four. A row is key and packed entry.
TABLE_ROWS: Final = 1 << 21
_WAYS: Final = 4
_EXACT, _LOWER, _UPPER = 0, 1, 2
_MOST_HISTORY: Final = 16_384
#: Rows of ``history``: by piece code what quiet moves to a square were good for, then the usual answer to such a move.
HISTORY_ROWS: Final = 30


def _reductions():
    depth, late = np.meshgrid(np.arange(64), np.arange(64), indexing="ij")
    return (0.4 + np.log(np.maximum(depth, 1)) * np.log(np.maximum(late, 1)) / 2.0).astype(np.int64)


#: The bits of Red's horses, rooks and cannons among the counts of pieces; Black's are 28 bits further.
_PIECES: Final = (15 << 16) | (15 << 20) | (15 << 24)
#: Plies less by depth and by how many moves were tried before.
_REDUCTION: Final = _reductions()


@jit_part
def _repeated(frames, ply):
    """Return the plies since a position occurred before, 0 where it does not count: once in the line, twice in all."""
    seen = 0
    for back in range(ply - 4, ply - frames[ply, QUIET] - 1, -2):
        if frames[back, KEY] == frames[ply, KEY]:
            seen += 1
            if back >= 0 or seen == 2:
                return ply - back
    return 0


@jit_part
def _cycle_score(frames, ply, length):
    """What it is worth for the side to move to have come back to a position: who alone checked all the while loses."""
    checks = True  # by the side that is not to move
    for i in range(0, length, 2):
        checks = checks and frames[ply - i, CHECKED] != 0
    answers = True
    for i in range(1, length, 2):
        answers = answers and frames[ply - i, CHECKED] != 0
    if checks == answers:
        return 0
    return RULED - ply if checks else ply - RULED


@jit_part
def _pack(move, depth, bound, age, score):
    return (move + 1) | (depth << 12) | (bound << 20) | ((age & 63) << 22) | ((score + 32_768) << 30)


@jit_part
def _keep(table, key, move, depth, bound, age, score, ply):
    """Write a position into the table, in place of the shallowest or oldest of its four."""
    if score > _SURE:
        score += ply
    elif score < -_SURE:
        score -= ply
    first = key & (TABLE_ROWS - _WAYS)
    chosen, least = first, 1 << 30
    for row in range(first, first + _WAYS):
        packed = table[row, 1]
        if table[row, 0] == key:
            chosen = row
            if move < 0:
                move = (packed & MOVE_MASK) - 1
            break
        worth = ((packed >> 12) & 255) - 4 * ((age - (packed >> 22)) & 63) if packed != 0 else -1000
        if worth < least:
            chosen, least = row, worth
    table[chosen, 0] = key
    table[chosen, 1] = _pack(move, depth, bound, age, score)


@jit(INT8S, INT, INT, INT, INT, INT, INT, INT64_TABLE, INT32_TABLE, INT64_TABLE, INT64S)
def captures_alone(board, side, alpha, beta, ply, material, counts, stack, history, frames, state):
    """The best a side reaches by captures in turn, each side free to stop; ``material`` is its balance.

    In check every way out is tried, and there is no stopping.
    """
    state[NODES] += 1
    checked = frames[ply, CHECKED] != 0
    best = ply - MATE if checked else material
    if ply >= MOST_PLIES - 1:
        return material
    if best >= beta:
        return best
    alpha = max(alpha, best)
    king, other_king = king_square(board, side), king_square(board, 1 - side)
    count = list_captures(board, side, stack, ply)
    if checked:
        count = list_quiet(board, side, stack, ply, count, history, -1, -1, -1)
    for i in range(count):
        move = next_move(stack, ply, i, count)
        source, target = np.int64(MOVE_FROM[move]), np.int64(MOVE_TO[move])
        piece, victim = board[source], board[target]
        won = WORTH[victim, target]
        if not checked and (material + won + 120 <= alpha or loses_exchange(board, side, source, target)):
            continue
        board[target] = piece
        board[source] = 0
        if attacked(board, target if source == king else king, 1 - side):
            board[source] = piece
            board[target] = victim
            continue
        frames[ply + 1, CHECKED] = attacked(board, other_king, side)
        held, left = -(material + won + WORTH[piece, target] - WORTH[piece, source]), counts
        if victim:
            held -= company_change(counts, victim, side)
            left -= 1 << (4 * victim)
        score = -captures_alone(board, 1 - side, -beta, -alpha, ply + 1, held, left, stack, history, frames, state)
        board[source] = piece
        board[target] = victim
        if score > best:
            best = score
            alpha = max(alpha, score)
            if best >= beta:
                break
    return best


@jit(
    *(INT8S, INT, INT, INT, INT, INT, INT, INT, INT),
    *(INT64_TABLE, INT64_TABLE, INT32_TABLE, INT64_TABLE, INT64S),
)
def search(board, side, depth, alpha, beta, ply, material, counts, key, stack, table, history, frames, state):
    """Score of a position for the side to move, in centipawns.

    ``board`` comes back as it was, ``state`` says the best move at ply 0. ``stack`` (MOST_PLIES + 1, MOVE_SPACE),
    ``table`` (TABLE_ROWS, 2), ``history`` (HISTORY_ROWS, 90) and ``frames`` (MOST_PLIES + 1, FRAME_COLUMNS) are what
    is known, see above. Once the nodes are spent nothing is searched any more, and what is returned does not count.
    """
    frames[ply, KEY] = key
    if ply > 0:
        length = _repeated(frames, ply)
        if length > 0:
            return _cycle_score(frames, ply, length)
    checked = frames[ply, CHECKED] != 0
    if depth <= 0 or ply >= _MOST_SEARCHED:
        return captures_alone(board, side, alpha, beta, ply, material, counts, stack, history, frames, state)
    state[NODES] += 1
    if state[NODES] > state[MOST_NODES]:
        return 0
    left_out = frames[ply, LEFT_OUT]
    is_narrow = beta - alpha == 1 and ply > 0
    known, known_depth, known_bound, known_score = -1, -1, 0, 0
    first = key & (TABLE_ROWS - _WAYS)
    for row in range(first, first + _WAYS):
        if table[row, 0] == key and table[row, 1] != 0:
            packed = table[row, 1]
            known = (packed & MOVE_MASK) - 1
            known_depth, known_bound = (packed >> 12) & 255, (packed >> 20) & 3
            known_score = (packed >> 30) - 32_768
            if known_score > _SURE:
                known_score -= ply
            elif known_score < -_SURE:
                known_score += ply
            break
    if (
        ply > 0
        and left_out < 0
        and known_depth >= depth
        and (
            known_bound == _EXACT
            or (known_bound == _LOWER and known_score >= beta)
            or (known_bound == _UPPER and known_score <= alpha)
        )
    ):
        return known_score
    here = material
    if (
        known_depth >= 0
        and abs(known_score) < _SURE
        and (known_bound == _EXACT or (known_bound == _LOWER) == (known_score > material))
    ):
        here = known_score
    frames[ply, SCORE] = -MATE if checked else here
    is_improving = not checked and (ply < 2 or here > frames[ply - 2, SCORE])
    frames[ply + 1, LEFT_OUT] = -1
    if ply + 2 <= MOST_PLIES:
        frames[ply + 2, KILLER] = -1
        frames[ply + 2, OTHER_KILLER] = -1
    if is_narrow and not checked and left_out < 0 and abs(beta) < _SURE:
        if depth <= 7 and here - 100 * (depth - is_improving) >= beta:
            return here
        if depth <= 3 and here + 150 + 150 * depth <= alpha:
            score = captures_alone(board, side, alpha, beta, ply, material, counts, stack, history, frames, state)
            if score <= alpha:
                return score
        can_pass = (counts & (_PIECES << (28 * side))) != 0  # else being to move may be what loses
        if depth >= 3 and here >= beta and can_pass and frames[ply, MADE] >= 0:
            frames[ply + 1, CHECKED] = 0
            frames[ply + 1, MADE] = -1
            frames[ply + 1, QUIET] = 0
            less = 3 + depth // 4 + min(2, (here - beta) // 200)
            score = -search(
                *(board, 1 - side, depth - less, -beta, 1 - beta, ply + 1, -material, counts, key ^ BLACK_KEY),
                *(stack, table, history, frames, state),
            )
            if state[NODES] > state[MOST_NODES]:
                return 0
            if score >= beta:
                return beta if score > _SURE else score
    if known < 0 and depth >= 5:
        depth -= 1
    answer = -1
    made = frames[ply, MADE]
    if made >= 0:
        answer = history[15 + made // 90, made % 90]
    king, other_king = king_square(board, side), king_square(board, 1 - side)
    best, choice, before = -RULED, -1, alpha
    stage, i, count, losing, tried = 0, 0, 0, 0, 0
    skips_quiet = False
    while True:
        if stage == 0:  # the move that is known
            stage = 1
            move = known
            if move < 0 or not is_legal(board, side, MOVE_FROM[move], MOVE_TO[move]):
                known = -1
                continue
        elif stage == 1:
            count, i, stage = list_captures(board, side, stack, ply), 0, 2
            continue
        elif stage == 2:
            if i >= count:
                stage = 3
                continue
            move = next_move(stack, ply, i, count)
            i += 1
            if move == known:
                continue
            if loses_exchange(board, side, np.int64(MOVE_FROM[move]), np.int64(MOVE_TO[move])):
                stack[ply, _LOSING + losing] = move
                losing += 1
                continue
        elif stage == 3:
            i, stage = 0, 4
            count = list_quiet(
                board, side, stack, ply, 0, history, frames[ply, KILLER], frames[ply, OTHER_KILLER], answer
            )
            continue
        elif stage == 4:
            if i >= count or skips_quiet:
                count, i, stage = losing, 0, 5
                continue
            move = next_move(stack, ply, i, count)
            i += 1
            if move == known:
                continue
        else:
            if i >= count:
                break
            move = stack[ply, _LOSING + i]
            i += 1
        if move == left_out:
            continue
        source, target = np.int64(MOVE_FROM[move]), np.int64(MOVE_TO[move])
        piece, victim = board[source], board[target]
        board[target] = piece
        board[source] = 0
        if attacked(board, target if source == king else king, 1 - side):
            board[source] = piece
            board[target] = victim
            continue
        tried += 1
        gives = attacked(board, other_king, side)
        less = _REDUCTION[min(depth, 63), min(tried, 63)]
        if ply > 0 and stage > 2 and best > -_SURE and not checked and not gives:
            left = max(0, depth - 1 - less)
            prunes = False
            if stage == 4:
                if is_narrow and depth <= 8 and tried > (4 + depth * depth) // (1 if is_improving else 2):
                    skips_quiet = prunes = True
                elif left <= 6 and here + 100 + 90 * left <= alpha:
                    prunes = True
            prunes = prunes or (left <= 4 and recapture(board, target, 1 - side) > 80 * (left + 1))
            if prunes:
                board[source] = piece
                board[target] = victim
                continue
        more = 0
        if gives and ply < 2 * state[GOAL]:
            more = 1
        elif (
            move == known
            and depth >= 7
            and ply > 0
            and ply < 2 * state[GOAL]
            and left_out < 0
            and known_depth >= depth - 3
            and known_bound != _UPPER
            and abs(known_score) < _SURE
        ):
            board[source] = piece
            board[target] = victim
            wanted = known_score - 2 * depth
            frames[ply, LEFT_OUT] = move
            score = search(
                *(board, side, (depth - 1) // 2, wanted - 1, wanted, ply, material, counts, key),
                *(stack, table, history, frames, state),
            )
            frames[ply, LEFT_OUT] = -1
            if state[NODES] > state[MOST_NODES]:
                return 0
            if score < wanted:
                more = 1
            board[target] = piece
            board[source] = 0
        after = key ^ PIECE_KEYS[piece, source] ^ PIECE_KEYS[piece, target] ^ BLACK_KEY
        if victim:
            after ^= PIECE_KEYS[victim, target]
            held = -(material + WORTH[piece, target] - WORTH[piece, source] + WORTH[victim, target])
            held -= company_change(counts, victim, side)
            remaining = counts - (1 << (4 * victim))
        else:
            held, remaining = -(material + WORTH[piece, target] - WORTH[piece, source]), counts
        frames[ply + 1, CHECKED] = gives
        frames[ply + 1, MADE] = 90 * piece + target
        frames[ply + 1, QUIET] = 0 if victim else frames[ply, QUIET] + 1
        ahead = depth - 1 + more
        score = alpha + 1
        if tried > 1:  # none but the first is expected to be the best: that is asked first, of late moves less deeply
            if depth < 3 or stage <= 2 or checked:
                less = 0
            else:
                less += (1 if is_narrow else 0) - (1 if is_improving else 0) - (1 if gives else 0)
                if stage == 4:
                    less -= history[piece, target] // 6000
                    if move == frames[ply, KILLER] or move == frames[ply, OTHER_KILLER] or move == answer:
                        less -= 1
                less = max(0, min(less, ahead - 1))
            score = -search(
                *(board, 1 - side, ahead - less, -alpha - 1, -alpha, ply + 1, held, remaining, after),
                *(stack, table, history, frames, state),
            )
            if score > alpha and less > 0:
                score = -search(
                    *(board, 1 - side, ahead, -alpha - 1, -alpha, ply + 1, held, remaining, after),
                    *(stack, table, history, frames, state),
                )
        if tried == 1 or (score > alpha and score < beta):
            score = -search(
                *(board, 1 - side, ahead, -beta, -alpha, ply + 1, held, remaining, after),
                *(stack, table, history, frames, state),
            )
        board[source] = piece
        board[target] = victim
        if state[NODES] > state[MOST_NODES]:
            return 0
        if score > best:
            best, choice = score, move
            if score > alpha:
                alpha = score
                if ply == 0:
                    state[BEST], state[REACHED] = move, score
            if best >= beta:
                if victim == 0:
                    if frames[ply, KILLER] != move:
                        frames[ply, OTHER_KILLER] = frames[ply, KILLER]
                        frames[ply, KILLER] = move
                    if made >= 0:
                        history[15 + made // 90, made % 90] = move
                    bonus = min(16 * depth * depth, 1600)
                    history[piece, target] += bonus - history[piece, target] * bonus // _MOST_HISTORY
                    if stage == 4:
                        for j in range(i - 1):
                            other = stack[ply, j] & MOVE_MASK
                            code, to = board[MOVE_FROM[other]], MOVE_TO[other]
                            history[code, to] -= bonus + history[code, to] * bonus // _MOST_HISTORY
                break
    if tried == 0:
        return alpha if left_out >= 0 else ply - MATE
    if left_out < 0 and abs(best) <= MATE:  # what the rules say depends on the moves before
        bound = _LOWER if best >= beta else _UPPER if best <= before else _EXACT
        _keep(table, key, choice if bound != _UPPER else -1, depth, bound, state[AGE], best, ply)
    return best


@jit(INT64_TABLE, INT)
def known_move(table, key):
    """Index of the best move that the table knows of a position, -1 where it knows none."""
    first = key & (TABLE_ROWS - _WAYS)
    for row in range(first, first + _WAYS):
        if table[row, 0] == key and table[row, 1] != 0:
            return (table[row, 1] & MOVE_MASK) - 1
    return -1
