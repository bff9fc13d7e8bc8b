"""The rules as numba kernels on ``int8[90]`` boards: move lists, check, attacks, perft, replay.

Nothing compiles at import; each kernel compiles on its first call and is cached on disk. Every kernel assumes
one king a side, which ``fen`` guarantees.

How legality is found: one walk along the four lines from the king marks the squares that matter (a piece that
shields its king, an empty square in front of an unscreened cannon). Only a king move, a move in check, or a move
from or to a marked square is tried on the board; every other pseudo-legal move is legal.
"""

from __future__ import annotations

import numpy as np

from .geometry import (
    KNIGHT_FROM,
    KNIGHT_FROM_LEG,
    PAWN_FROM,
    RAY,
    RAY_LENGTH,
    RAY_MOVE,
    STEP_BLOCK,
    STEP_COUNT,
    STEP_MOVE,
    STEP_TARGET,
)
from .jit import (
    BOARDS,
    FIXED_INT16S,
    FIXED_INT64S,
    FIXED_UINT16S,
    INT,
    INT8S,
    INT16_TABLE,
    INT16S,
    INT64S,
    MASKS,
    jit,
    jit_part,
)
from .moves import MOVE_COUNT, MOVE_FROM, MOVE_TO
from .pieces import BISHOP, CANNON, KING, KNIGHT, PAWN, ROOK

#: More than any position with a legal number of pieces can have.
MAX_MOVES = 128

_LEAVE = 1  # moving the piece on this square may expose its king
_ENTER = 2  # a piece moving to this square may become the screen of a cannon


@jit(INT8S, INT)
def king_square(board, side):
    """Square of a side's king, -1 when it has none."""
    king = KING + 7 * side
    first = 63 if side else 0
    for rank in range(first, first + 27, 9):
        for sq in range(rank + 3, rank + 6):
            if board[sq] == king:
                return sq
    return -1


@jit(INT8S, INT, INT)
def attacked(board, target, by):
    """Whether side ``by`` attacks the other side's king on ``target``; kings that face each other do."""
    base = 7 * by
    rook, cannon, king = base + ROOK, base + CANNON, base + KING
    for d in range(4):
        seen = 0
        for i in range(RAY_LENGTH[target, d]):
            piece = board[RAY[target, d, i]]
            if piece == 0:
                continue
            seen += 1
            if seen == 1:
                if piece == rook or (piece == king and d < 2):
                    return True
            else:
                if piece == cannon:
                    return True
                break
    for i in range(8):
        sq = KNIGHT_FROM[target, i]
        if sq < 0:
            break
        if board[sq] == base + KNIGHT and board[KNIGHT_FROM_LEG[target, i]] == 0:
            return True
    for i in range(3):
        sq = PAWN_FROM[by, target, i]
        if sq < 0:
            break
        if board[sq] == base + PAWN:
            return True
    return False


@jit(INT8S, INT)
def in_check(board, side):
    """Whether a side's king is attacked, the facing king included."""
    king = king_square(board, side)
    return king >= 0 and attacked(board, king, 1 - side)


@jit(INT8S, INT, INT, INT8S)
def _mark_lines(board, side, king, mark):
    """Mark the squares of the king's lines where a move needs a trial; returns whether the king is in check."""
    mark[:] = 0
    base = 7 * (1 - side)
    rook, cannon, other_king = base + ROOK, base + CANNON, base + KING
    check = False
    for d in range(4):
        seen, first, second = 0, 0, 0
        for i in range(RAY_LENGTH[king, d]):
            sq = RAY[king, d, i]
            piece = board[sq]
            if piece == 0:
                continue
            seen += 1
            straight = piece == rook or (piece == other_king and d < 2)
            if seen == 1:
                first = sq
                if straight:
                    check = True
                elif piece == cannon:
                    for j in range(i):
                        mark[RAY[king, d, j]] = _ENTER
            elif seen == 2:
                second = sq
                if straight:
                    mark[first] |= _LEAVE
                elif piece == cannon:
                    check = True
            else:
                if piece == cannon:
                    mark[first] |= _LEAVE
                    mark[second] |= _LEAVE
                break
    for i in range(8):
        sq = KNIGHT_FROM[king, i]
        if sq < 0:
            break
        if board[sq] == base + KNIGHT:
            leg = KNIGHT_FROM_LEG[king, i]
            if board[leg] == 0:
                check = True
            else:
                mark[leg] |= _LEAVE
    for i in range(3):
        sq = PAWN_FROM[1 - side, king, i]
        if sq < 0:
            break
        if board[sq] == base + PAWN:
            check = True
    return check


@jit(INT8S, INT, INT, INT, INT)
def safe_after(board, side, source, target, king):
    """Whether the king is safe once a pseudo-legal move is made; the board comes back unchanged."""
    moved, captured = board[source], board[target]
    board[target] = moved
    board[source] = 0
    safe = not attacked(board, target if source == king else king, 1 - side)
    board[source] = moved
    board[target] = captured
    return safe


@jit_part
def _own(piece, side):
    return piece != 0 and (piece > 7) == (side == 1)


@jit(INT8S, INT, INT16S, INT8S)
def legal_moves(board, side, out, mark):
    """Write the indices of the legal moves of ``side`` into ``out`` (128,) int16; returns how many there are.

    ``mark`` (90,) int8 is scratch. First every pseudo-legal move is listed, then the illegal ones are dropped; the
    listing is one function and adds to its count without branching because that is 1.6 times faster.
    """
    king = king_square(board, side)
    check = _mark_lines(board, side, king, mark)
    least, most = (8, 14) if side else (1, 7)
    pseudo = 0
    for sq in range(90):
        piece = board[sq]
        if piece < least or piece > most:
            continue
        kind = piece - least + 1
        if kind in (ROOK, CANNON):
            for d in range(4):
                length = RAY_LENGTH[sq, d]
                i = 0
                while i < length and board[RAY[sq, d, i]] == 0:
                    out[pseudo] = RAY_MOVE[sq, d, i]
                    pseudo += 1
                    i += 1
                if kind == CANNON:
                    i += 1
                    while i < length and board[RAY[sq, d, i]] == 0:
                        i += 1
                if i < length:
                    other = board[RAY[sq, d, i]]
                    out[pseudo] = RAY_MOVE[sq, d, i]
                    pseudo += other < least or other > most
        elif kind in (KNIGHT, BISHOP):
            for i in range(STEP_COUNT[piece, sq]):
                other = board[STEP_TARGET[piece, sq, i]]
                out[pseudo] = STEP_MOVE[piece, sq, i]
                pseudo += (other < least or other > most) and board[STEP_BLOCK[piece, sq, i]] == 0
        else:
            for i in range(STEP_COUNT[piece, sq]):
                other = board[STEP_TARGET[piece, sq, i]]
                out[pseudo] = STEP_MOVE[piece, sq, i]
                pseudo += other < least or other > most
    n = 0
    for i in range(pseudo):
        source, target = MOVE_FROM[out[i]], MOVE_TO[out[i]]
        trial = check or source == king or (mark[source] & _LEAVE) != 0 or (mark[target] & _ENTER) != 0
        if not trial or safe_after(board, side, source, target, king):
            out[n] = out[i]
            n += 1
    return n


@jit(INT8S, INT, INT16S)
def legal_indices(board, side, out):
    """Write the indices of the legal moves into ``out`` (128,) int16; returns how many there are."""
    return legal_moves(board, side, out, np.empty(90, np.int8))


@jit(BOARDS, INT8S, MASKS)
def legal_mask_batch(boards, sides, out):
    """Fill ``out`` (N, 2086) bool with the legal moves of each of the boards (N, 90), which may be any."""
    moves = np.empty(MOVE_COUNT + 1, np.int16)  # a board of rooks has more than MAX_MOVES
    mark = np.empty(90, np.int8)
    for b in range(boards.shape[0]):
        row = out[b]
        row[:] = False
        for i in range(legal_moves(boards[b], sides[b], moves, mark)):
            row[moves[i]] = True


@jit(INT8S, INT)
def play(board, move):
    """Play a move (an index) in place, unchecked; returns what it captured, which ``take_back`` asks for."""
    source, target = MOVE_FROM[move], MOVE_TO[move]
    captured = board[target]
    board[target] = board[source]
    board[source] = 0
    return captured


@jit(INT8S, INT, INT)
def take_back(board, move, captured):
    """Undo a move that ``play`` played."""
    source, target = MOVE_FROM[move], MOVE_TO[move]
    board[source] = board[target]
    board[target] = captured


@jit(BOARDS, INT8S, FIXED_INT16S)
def push_batch(boards, sides, moves):
    """Play one move (an index) on each board in place; sides change. The moves are not checked."""
    for b in range(boards.shape[0]):
        source, target = MOVE_FROM[moves[b]], MOVE_TO[moves[b]]
        boards[b, target] = boards[b, source]
        boards[b, source] = 0
        sides[b] = 1 - sides[b]


@jit(INT8S, INT, INT)
def reaches(board, source, target):
    """Whether the piece on ``source`` could move to ``target``, its king's safety aside."""
    piece = board[source]
    side = 1 if piece > 7 else 0
    kind = piece - 7 * side
    other = board[target]
    if piece == 0 or _own(other, side):
        return False
    if kind in (ROOK, CANNON):
        if source % 9 == target % 9:
            step = 9 if target > source else -9
        elif source // 9 == target // 9:
            step = 1 if target > source else -1
        else:
            return False
        between = 0
        for sq in range(source + step, target, step):
            between += board[sq] != 0
        return between == (1 if kind == CANNON and other != 0 else 0)
    for i in range(STEP_COUNT[piece, source]):
        if STEP_TARGET[piece, source, i] == target:
            return kind not in (KNIGHT, BISHOP) or board[STEP_BLOCK[piece, source, i]] == 0
    return False


@jit(INT8S, INT, INT, INT)
def is_pseudo_legal(board, side, source, target):
    """Whether a side's piece could make this move, its king's safety aside."""
    return source != target and _own(board[source], side) and reaches(board, source, target)


@jit(INT8S, INT, INT, INT)
def is_legal(board, side, source, target):
    """Whether a move is legal."""
    if not is_pseudo_legal(board, side, source, target):
        return False
    return safe_after(board, side, source, target, king_square(board, side))


@jit(INT8S, INT, FIXED_UINT16S)
def replay(board, side, moves):
    """Play the moves (indices) on ``board`` in place as long as each is legal; returns how many were."""
    for i in range(moves.shape[0]):
        if moves[i] >= MOVE_COUNT:
            return i
        source, target = MOVE_FROM[moves[i]], MOVE_TO[moves[i]]
        if not is_legal(board, side, source, target):
            return i
        board[target] = board[source]
        board[source] = 0
        side = 1 - side
    return moves.shape[0]


@jit(BOARDS, INT8S, FIXED_UINT16S, FIXED_INT64S, INT64S)
def replay_batch(boards, sides, moves, offsets, played):
    """``replay`` of many games: game ``g`` is ``moves[offsets[g]:offsets[g + 1]]`` from ``boards[g]``.

    ``played`` (G,) receives the number of leading legal moves of each game.
    """
    for g in range(boards.shape[0]):
        played[g] = replay(boards[g], sides[g], moves[offsets[g] : offsets[g + 1]])


@jit(INT8S, INT, INT, INT16S)
def attackers(board, target, by, out):
    """Write the squares of the pieces of side ``by`` that attack ``target``; returns how many there are."""
    kept = board[target]
    board[target] = (1 - by) * 7 + PAWN  # something to capture, so that a cannon needs its screen
    n = 0
    for sq in range(90):
        piece = board[sq]
        if sq == target or not _own(piece, by):
            continue
        hit = reaches(board, sq, target)
        if not hit and piece == KING + 7 * by and kept == KING + 7 * (1 - by) and sq % 9 == target % 9:
            hit = True
            for between in range(min(sq, target) + 9, max(sq, target), 9):
                hit = hit and board[between] == 0
        if hit:
            out[n] = sq
            n += 1
    board[target] = kept
    return n


@jit(INT8S, INT, INT, INT16_TABLE, INT8S)
def perft(board, side, depth, stack, mark):
    """Number of leaf positions after ``depth`` plies; ``stack`` (depth, 128) int16 holds the move lists."""
    if depth == 0:
        return 1
    moves = stack[depth - 1]
    n = legal_moves(board, side, moves, mark)
    if depth == 1:
        return n
    total = 0
    for i in range(n):
        source, target = MOVE_FROM[moves[i]], MOVE_TO[moves[i]]
        moved, captured = board[source], board[target]
        board[target] = moved
        board[source] = 0
        total += perft(board, 1 - side, depth - 1, stack, mark)
        board[source] = moved
        board[target] = captured
    return total
