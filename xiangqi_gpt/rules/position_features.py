"""What the pieces can do, as feature numbers a model can look up: the features of a position and of each legal move.

Everything is told in the perspective of the side to move: the side to move is seen as Red at the bottom of the board,
so that one set of features (and of move numbers) serves both colours. For Black the board is turned by half a circle
and the colours are exchanged; ``ROTATE`` turns the move numbers back.

A position is a bag of features, one for each

- piece on its square,
- legal move of the mover, pseudo-legal move of the opponent,
- capture either side could make (victim and its square, once for each attacker),
- protection (piece and its square, once for each protector).

A legal move is ``CANDIDATE_SLOTS`` features; 0 means "nothing to say". See ``_describe_move``.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from .geometry import (
    ADVISOR_TO,
    BISHOP_EYE,
    BISHOP_TO,
    KING_TO,
    KNIGHT_FROM,
    KNIGHT_FROM_LEG,
    KNIGHT_LEG,
    KNIGHT_TO,
    PAWN_FROM,
    PAWN_TO,
    STEP,
    TO_EDGE,
)
from .jit import (
    BOARDS,
    FIXED_BOARDS,
    FIXED_INT8S,
    FIXED_INT64S,
    INT,
    INT8S,
    INT16_TABLE,
    INT16S,
    INT64S,
    jit,
    jit_part,
)
from .kernels import MAX_MOVES, attacked, king_square, legal_moves
from .moves import MOVE_COUNT, MOVE_FROM, MOVE_INDEX, MOVE_TO
from .pieces import ADVISOR, BISHOP, CANNON, KING, KNIGHT, PAWN, ROOK

# Where each kind of feature of a position begins.
_PIECE = 0
_MOVE = _PIECE + 14 * 90
_REPLY = _MOVE + MOVE_COUNT
_CAPTURE = _REPLY + MOVE_COUNT
_PROTECTION = _CAPTURE + 14 * 90

#: Number of features a position can have, and the most that one position has.
FEATURE_COUNT: Final = _PROTECTION + 14 * 90
MAX_FEATURES: Final = 512

# Where each kind of feature of a legal move begins; 0 is the empty slot.
_DESTINATION = 1
_EXCHANGE = _DESTINATION + 7 * 90
_SUPPORT = _EXCHANGE + 7 * 8 * 8
_ORIGIN = _SUPPORT + 7 * 2 * 2 * 3
_RISK = _ORIGIN + 7 * 8 * 2
_THREAT = _RISK + 7 * 2 * 8 * 2

#: Number of features a legal move can have, and how many slots each move has for them.
CANDIDATE_FEATURES: Final = _THREAT + 7 * 7 * 2
FEATURES_PER_CANDIDATE: Final = 8
_FIRST_THREAT = 5

#: Rough worth by piece type, in half pawns, for naming the cheapest attacker and the costliest loss.
_WORTH: Final = np.array([0, 90, 4, 5, 8, 18, 9, 2], dtype=np.int16)

#: What the opponent could win at most after a move, in half pawns, is told as one of 7 steps.
_RISK_STEPS: Final = np.array([1, 3, 6, 8, 10, 16, 32767], dtype=np.int16)


@jit_part
def to_side_to_move(board, side, out):
    """Copy ``board`` (90,) into ``out`` as the side to move sees it: itself as Red, at the bottom."""
    for sq in range(90):
        if side == 0:
            out[sq] = board[sq]
            continue
        piece = board[89 - sq]
        out[sq] = 0 if piece == 0 else (piece - 7 if piece > 7 else piece + 7)


@jit(INT8S, INT, INT16S)
def _reach(board, sq, out):
    """Write every square the piece on ``sq`` acts on, pieces of its own side (which it protects) included.

    An empty square is one it could move to, a piece one it could capture or protects; returns how many.
    """
    piece = board[sq]
    side = 1 if piece > 7 else 0
    kind = piece - 7 * side
    n = 0
    if kind in (ROOK, CANNON):
        for d in range(4):
            to = sq
            screened = False
            for _ in range(TO_EDGE[sq, d]):
                to += STEP[d]
                if board[to] == 0:
                    if not screened:
                        out[n] = to
                        n += 1
                elif kind == ROOK or screened:
                    out[n] = to
                    n += 1
                    break
                else:
                    screened = True
        return n
    if kind == PAWN:
        for i in range(3):
            to = PAWN_TO[side, sq, i]
            if to < 0:
                break
            out[n] = to
            n += 1
        return n
    if kind == KNIGHT:
        for i in range(8):
            to = KNIGHT_TO[sq, i]
            if to < 0:
                break
            if board[KNIGHT_LEG[sq, i]] == 0:
                out[n] = to
                n += 1
        return n
    for i in range(4):
        to = ADVISOR_TO[sq, i] if kind == ADVISOR else BISHOP_TO[sq, i] if kind == BISHOP else KING_TO[sq, i]
        if to < 0:
            break
        if kind != BISHOP or board[BISHOP_EYE[sq, i]] == 0:
            out[n] = to
            n += 1
    return n


@jit(INT8S, INT, INT)
def least_attacker(board, target, by):
    """Piece type of the least valuable piece of side ``by`` that could capture on ``target``, 0 when none could."""
    base = 7 * by
    least = 0
    for d in range(4):
        sq, seen = target, 0
        for _ in range(TO_EDGE[target, d]):
            sq += STEP[d]
            if board[sq] == 0:
                continue
            seen += 1
            kind = board[sq] - base
            reaches = (seen == 1 and kind == ROOK) or (seen == 2 and kind == CANNON)
            if reaches and (least == 0 or _WORTH[kind] < _WORTH[least]):
                least = kind
            if seen == 2:
                break
    for i in range(8):
        sq = KNIGHT_FROM[target, i]
        if sq < 0:
            break
        free = board[KNIGHT_FROM_LEG[target, i]] == 0
        if board[sq] == base + KNIGHT and free and (least == 0 or _WORTH[KNIGHT] < _WORTH[least]):
            least = KNIGHT
    for i in range(4):
        sq = BISHOP_TO[target, i]
        if sq < 0:
            break
        if board[sq] == base + BISHOP and board[BISHOP_EYE[target, i]] == 0:
            least = BISHOP if least == 0 or _WORTH[BISHOP] < _WORTH[least] else least
    for i in range(4):
        sq = ADVISOR_TO[target, i]
        if sq < 0:
            break
        if board[sq] == base + ADVISOR:
            least = ADVISOR
    for i in range(3):
        sq = PAWN_FROM[by, target, i]
        if sq < 0:
            break
        if board[sq] == base + PAWN:
            return PAWN
    if least == 0:
        for i in range(4):
            sq = KING_TO[target, i]
            if sq < 0:
                break
            if board[sq] == base + KING:
                return KING
    return least


@jit_part
def _worst_loss(board, enemies, count, scratch):
    """(gain, victim's square) of the capture by Black that wins the most by a first look: victim, less the capturer
    where Red protects the square. (0, -1) when no capture gains."""
    most, where = 0, -1
    for e in range(count):
        sq = enemies[e]
        if board[sq] <= 7:
            continue  # just captured
        capturer = _WORTH[board[sq] - 7]
        for i in range(_reach(board, sq, scratch)):
            victim = board[scratch[i]]
            if KING < victim <= 7 and _WORTH[victim] > most:
                gain = _WORTH[victim]
                if least_attacker(board, scratch[i], 0):
                    gain -= capturer
                if gain > most:
                    most, where = gain, scratch[i]
    return most, where


@jit_part
def _describe_move(board, source, target, origin, other_king, enemies, enemy_count, mark, replies, scratch, slots):
    """Fill the slots of one legal move of Red on a board in the perspective of the side to move; the board comes back
    unchanged.

    The slots: (piece, destination); (piece, victim, cheapest piece that could recapture); (piece, would the
    destination be protected, would it be attacked, does the move give check or mate); ``origin`` (piece, cheapest
    attacker where it stands now, protected there); (piece, is it a capture, what the opponent could win next at
    most, would that be this piece); then one for each enemy piece it would attack from its destination (piece,
    victim, is the victim protected).
    """
    kind = board[source]
    captured = board[target]
    victim = 0 if captured == 0 else captured - 7
    board[target] = kind
    board[source] = 0
    attacker = least_attacker(board, target, 1)
    protected = 1 if least_attacker(board, target, 0) else 0
    check = 1 if attacked(board, other_king, 0) else 0
    if check and legal_moves(board, 1, replies, mark) == 0:
        check = 2
    loss, where = _worst_loss(board, enemies, enemy_count, scratch)
    step = 0
    while loss >= _RISK_STEPS[step]:
        step += 1
    slots[:] = 0
    slots[0] = _DESTINATION + (kind - 1) * 90 + target
    slots[1] = _EXCHANGE + ((kind - 1) * 8 + victim) * 8 + attacker
    slots[2] = _SUPPORT + (((kind - 1) * 2 + protected) * 2 + (1 if attacker else 0)) * 3 + check
    slots[3] = origin
    slots[4] = _RISK + (((kind - 1) * 2 + (1 if victim else 0)) * 8 + step) * 2 + (1 if where == target else 0)
    slot = _FIRST_THREAT
    for i in range(_reach(board, target, scratch)):
        prey = board[scratch[i]] - 7
        if prey > KING and slot < FEATURES_PER_CANDIDATE:
            guarded = 1 if least_attacker(board, scratch[i], 1) else 0
            slots[slot] = _THREAT + ((kind - 1) * 7 + prey - 1) * 2 + guarded
            slot += 1
    board[source] = kind
    board[target] = captured


@jit_part
def extract_features(board, side, features, candidates, slots, frame, mark, replies, scratch):
    """The features of one position: returns (number of features, number of legal moves).

    ``features`` (512,) receives the position's feature numbers, ``candidates`` (128,) the legal moves in the
    mover's frame and ``slots`` (128, 8) their features; without rows these, which take most of the time, are left out.
    ``mark`` (90,) int8, ``replies`` (128,) and ``scratch`` (24,)
    int16 are scratch; ``frame`` (90,) int8 keeps the board in the perspective of the side to move.
    """
    to_side_to_move(board, side, frame)
    enemies = np.empty(16, np.int16)
    n = enemy_count = 0
    for sq in range(90):
        piece = frame[sq]
        if piece == 0:
            continue
        if piece > 7:
            enemies[enemy_count] = sq
            enemy_count += 1
        features[n] = _PIECE + (piece - 1) * 90 + sq
        n += 1
        for i in range(_reach(frame, sq, scratch)):
            to = scratch[i]
            other = frame[to]
            same_side = other != 0 and (other > 7) == (piece > 7)
            if same_side:
                features[n] = _PROTECTION + (other - 1) * 90 + to
                n += 1
                continue
            if other != 0:
                features[n] = _CAPTURE + (other - 1) * 90 + to
                n += 1
            if piece > 7:
                features[n] = _REPLY + MOVE_INDEX[sq, to]
                n += 1
    moves = legal_moves(frame, 0, candidates, mark)
    other_king = king_square(frame, 1)
    last_source, origin = -1, 0
    for i in range(moves):
        features[n] = _MOVE + candidates[i]
        n += 1
        if slots.shape[0] == 0:
            continue
        source = MOVE_FROM[candidates[i]]
        if source != last_source:
            guarded = 1 if least_attacker(frame, source, 0) else 0
            origin = _ORIGIN + ((frame[source] - 1) * 8 + least_attacker(frame, source, 1)) * 2 + guarded
            last_source = source
        target = MOVE_TO[candidates[i]]
        _describe_move(
            frame, source, target, origin, other_king, enemies, enemy_count, mark, replies, scratch, slots[i]
        )
    return n, moves


@jit(FIXED_BOARDS, FIXED_INT8S, INT16S, INT64S, INT16S, INT16_TABLE, INT64S)
def extract_features_batch(boards, sides, features, feature_ends, candidates, slots, candidate_ends):
    """``see_position`` of N boards (N, 90), packed one after another.

    ``features`` (F,), ``candidates`` (C,) and ``slots`` (C, 8) must have room for 512 and 128 a board, or ``slots`` no
    rows;
    ``feature_ends`` and ``candidate_ends`` (N,) receive the end of each board's part.
    """
    frame, mark = np.empty(90, np.int8), np.empty(90, np.int8)
    replies, scratch = np.empty(MAX_MOVES, np.int16), np.empty(24, np.int16)
    f = c = 0
    for b in range(boards.shape[0]):
        seen, moves = extract_features(
            boards[b], sides[b], features[f:], candidates[c:], slots[c:], frame, mark, replies, scratch
        )
        f += seen
        c += moves
        feature_ends[b] = f
        candidate_ends[b] = c


@jit(INT8S, INT, FIXED_INT64S, BOARDS, INT8S)
def play_positions(board, side, moves, boards, sides):
    """Every position of a game before each of its moves: ``boards`` (T, 90) and ``sides`` (T,); plays on ``board``."""
    for t in range(moves.shape[0]):
        for sq in range(90):
            boards[t, sq] = board[sq]
        sides[t] = side
        source, target = MOVE_FROM[moves[t]], MOVE_TO[moves[t]]
        board[target] = board[source]
        board[source] = 0
        side = 1 - side
