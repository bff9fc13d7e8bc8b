"""The search tree as arrays, and the kernels that walk it.

A node is a position, seen from its side to move; an edge is a legal move of it. Values are the probability of a win
less that of a loss, sums are over visits. A move is chosen by PUCT (Rosin 2011; Silver et al. 2017).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import from_dtype, types

from xiangqi_gpt.rules.jit import (
    BOARDS,
    FLOAT,
    FLOAT_TABLE,
    FLOATS,
    INT,
    INT8S,
    INT16_TABLE,
    INT16S,
    INT32_TABLE,
    INT32S,
    INT64S,
    UINT64S,
    jit,
    jit_part,
)
from xiangqi_gpt.rules.kernels import MAX_MOVES, legal_moves
from xiangqi_gpt.rules.moves import MOVE_FROM, MOVE_TO
from xiangqi_gpt.rules.pieces import KNIGHT
from xiangqi_gpt.rules.zobrist import BLACK_KEY, PIECE_KEYS

NODE: Final = np.dtype(
    [
        ("key", np.uint64),
        ("value", np.float64),  # sum over visits
        ("draws", np.float64),  # sum of the probability of a draw
        ("own", np.float32),  # what the model said of it, or its verdict
        ("mass", np.float32),  # prior of the moves tried so far
        ("parent", np.int32),
        ("edge", np.int32),  # that leads here
        ("first", np.int32),  # edge; they lie side by side
        ("count", np.int32),  # of edges
        ("visits", np.int32),
        ("pending", np.int32),  # visits whose leaf is being read
        ("slot", np.int32),  # in the arena, -1 for none
        ("clock", np.int16),  # plies since the last capture
        ("mate", np.int16),  # plies until a proven mate
        ("proven", np.int8),  # 1: the side to move mates, -1: it is mated
        ("state", np.int8),
    ],
    align=True,
)
EDGE: Final = np.dtype([("prior", np.float32), ("child", np.int32), ("move", np.int16)], align=True)

# States of a node.
UNREAD, OPEN, OVER = 0, 1, 2

# Places of the settings of ``gather``.
CPUCT, FPU, VIRTUAL_LOSS, NO_CAPTURE, ROOT_CPUCT = range(5)
CPUCT_GROWTH, CPUCT_BASE, VISIT_EXPONENT, VIRTUAL_VISITS, CONTEMPT = range(5, 10)

_BLACK: Final = int(BLACK_KEY)

_NODES: Final = from_dtype(NODE)[::1]
_EDGES: Final = from_dtype(EDGE)[::1]
_SETTINGS: Final = types.float64[::1]
_LEAVES: Final = types.Tuple((BOARDS, INT8S, INT64S, INT64S, INT32_TABLE))


@jit_part
def _best_edge(nodes, edges, n, depth, settings):
    """The edge of an open node that PUCT prefers.

    It maximises Q + C(N) N^a P / (1 + n): N and n are the visits of the node and of the child, those under way
    included, P is the prior, C(N) = cpuct + growth ln((1 + N + base) / base). A visit under way counts in Q as a
    virtual loss, or, with virtual visits, not at all (Liu et al. 2020). At even ``depth`` the side to move is the
    root's, for whom a draw counts as -contempt in Q, at odd depth the other one, for whom it counts as contempt.
    """
    node = nodes[n]
    total = max(1, node.visits + node.pending)
    constant = settings[ROOT_CPUCT] if n == 0 else settings[CPUCT]
    if settings[CPUCT_GROWTH] != 0:
        constant += settings[CPUCT_GROWTH] * np.log((1 + total + settings[CPUCT_BASE]) / settings[CPUCT_BASE])
    scale = constant * (np.sqrt(total) if settings[VISIT_EXPONENT] == 0.5 else total ** settings[VISIT_EXPONENT])
    drawn = settings[CONTEMPT] if depth % 2 else -settings[CONTEMPT]
    unseen = (node.value + drawn * node.draws) / node.visits - settings[FPU] * np.sqrt(node.mass)
    best, most = -1, -np.inf
    for e in range(node.first, node.first + node.count):
        if edges[e].prior < 0:
            continue
        if edges[e].child < 0:
            score = unseen + scale * edges[e].prior
        else:
            child = nodes[edges[e].child]
            tried = child.visits + child.pending
            if child.proven == 1:
                score = -10.0 + 0.001 * child.mate
            elif settings[VIRTUAL_VISITS] != 0:
                known = (drawn * child.draws - child.value) / child.visits if child.visits > 0 else unseen
                score = known + scale * edges[e].prior / (1 + tried)
            else:
                lost = child.value + settings[VIRTUAL_LOSS] * child.pending
                score = (drawn * child.draws - lost) / max(tried, 1) + scale * edges[e].prior / (1 + tried)
        if score > most:
            best, most = e, score
    return best


@jit_part
def _prove(nodes, edges, n):
    """Whether the children of a node prove it won or lost, and if so write it down."""
    node = nodes[n]
    all_lost, longest, shortest = node.count > 0, 0, 32767
    for e in range(node.first, node.first + node.count):
        if edges[e].prior < 0:
            continue
        child = edges[e].child
        proven = 0 if child < 0 else nodes[child].proven
        if proven == -1:
            shortest = min(shortest, nodes[child].mate + 1)
        elif proven == 1:
            longest = max(longest, nodes[child].mate + 1)
        if proven != 1:
            all_lost = False
    if shortest < 32767:
        nodes[n].proven, nodes[n].mate = 1, shortest
    elif all_lost:
        nodes[n].proven, nodes[n].mate = -1, longest
    return nodes[n].proven != 0


@jit(_NODES, _EDGES, INT, FLOAT, FLOAT)
def back_up(nodes, edges, n, value, draw):
    """Count a visit that ended in node ``n`` with a value for its side to move, in it and in all nodes above."""
    proving = nodes[n].proven != 0
    while n >= 0:
        nodes[n].visits += 1
        nodes[n].pending -= 1
        nodes[n].value += value
        nodes[n].draws += draw
        value = -value
        n = nodes[n].parent
        if proving and n >= 0 and nodes[n].proven == 0:
            proving = _prove(nodes, edges, n)


@jit_part
def _forget_pending(nodes, n):
    while n >= 0:
        nodes[n].pending -= 1
        n = nodes[n].parent


@jit_part
def _repeats(nodes, n, past_keys):
    """Whether the game or the line to node ``n`` repeats itself enough for a verdict.

    Enough is a third time, or a second time within the tree: what can be done twice can be done for ever.
    """
    key, clock = nodes[n].key, nodes[n].clock
    times, plies, at = 1, 0, n
    while nodes[at].parent >= 0 and plies < clock:
        at = nodes[at].parent
        plies += 1
        if plies % 2 == 0 and nodes[at].key == key:
            return True
    i = past_keys.shape[0] - 1
    while i >= 0 and plies < clock:
        plies += 1
        if plies % 2 == 0 and past_keys[i] == key:
            times += 1
        i -= 1
    return times >= 3


@jit_part
def _has_crossing_piece(board):
    for sq in range(90):
        piece = board[sq]
        if piece > 7:
            piece -= 7
        if piece >= KNIGHT:
            return True
    return False


@jit_part
def _look(nodes, n, board, side, past_keys, settings, moves, mark):
    """Judge a new node by the rules; returns True where a referee must say who is to blame."""
    node = nodes[n]
    if legal_moves(board, side, moves, mark) == 0:
        node.proven, node.mate, node.state, node.own = -1, 0, OVER, -1.0
        return False
    if node.clock >= 4 and _repeats(nodes, n, past_keys):
        return True
    if node.clock >= settings[NO_CAPTURE] or not _has_crossing_piece(board):
        node.state, node.own = OVER, 0.0
        return False
    return False


@jit(_NODES, _EDGES, INT64S, INT8S, INT, UINT64S, _SETTINGS, INT32S, INT, INT, INT32S, _LEAVES)
def gather(nodes, edges, counts, root_board, root_side, past_keys, settings, kv_slots, most_plies, walks, leaves, out):
    """Walk down the tree, ``walks`` times at most, until ``leaves`` is full.

    Returns (how many to read, how many to be judged).

    ``counts`` (2,) are the nodes and edges in use. A walk ends in a new node: one that the rules decide is
    counted at once; others go into ``leaves`` (N,), or from its end those that repeat a position. The walk
    stops early when it meets a leaf it already has. ``kv_slots`` (N,) are unused slots for them. Of leaf i ``out``
    receives the board (N, 90), the side to move, the move that led there, the depth, and the slots (N, T) on the way.
    """
    boards, sides, moves, depths, tails = out
    wanted = leaves.shape[0]
    found = judged = 0
    board = np.empty(90, np.int8)
    mark = np.empty(90, np.int8)
    legal = np.empty(MAX_MOVES, np.int16)
    tail = np.empty(tails.shape[1], np.int32)
    while found + judged < wanted and walks > 0 and counts[0] < nodes.shape[0]:
        walks -= 1
        for sq in range(90):
            board[sq] = root_board[sq]
        side, n, depth = root_side, 0, 0
        nodes[0].pending += 1
        new = False
        move = np.int16(-1)
        while nodes[n].state == OPEN and not new and (n == 0 or nodes[n].proven == 0) and depth < most_plies:
            e = _best_edge(nodes, edges, n, depth, settings)
            move = edges[e].move
            source, target = MOVE_FROM[move], MOVE_TO[move]
            moved, captured = board[source], board[target]
            board[target] = moved
            board[source] = 0
            side = 1 - side
            if n != 0:
                tail[depth - 1] = nodes[n].slot
            depth += 1
            child = edges[e].child
            if child < 0:
                child = counts[0]
                counts[0] += 1
                node = nodes[child]
                node.key = (
                    nodes[n].key
                    ^ PIECE_KEYS[moved, source]
                    ^ PIECE_KEYS[moved, target]
                    ^ PIECE_KEYS[captured, target]
                    ^ np.uint64(_BLACK)
                )
                node.value = node.draws = 0.0
                node.own = node.mass = 0.0
                node.parent, node.edge, node.first, node.count = n, e, 0, 0
                node.visits = node.pending = 0
                node.slot = -1
                node.clock = 0 if captured else nodes[n].clock + 1
                node.mate = 0
                node.proven = 0
                node.state = UNREAD
                edges[e].child = child
                nodes[n].mass += edges[e].prior
                new = True
            n = child
            nodes[n].pending += 1
        if new:
            if _look(nodes, n, board, side, past_keys, settings, legal, mark):
                judged += 1
                leaves[wanted - judged] = n
            elif nodes[n].state == OVER:
                back_up(nodes, edges, n, np.float64(nodes[n].own), 0.0 if nodes[n].proven else 1.0)
                if nodes[0].proven:
                    break
            else:
                nodes[n].slot = kv_slots[found]
                leaves[found] = n
                for sq in range(90):
                    boards[found, sq] = board[sq]
                sides[found] = side
                moves[found] = move
                depths[found] = depth
                for i in range(depth - 1):
                    tails[found, i] = tail[i]
                found += 1
        elif nodes[n].state == UNREAD:
            _forget_pending(nodes, n)
            break
        else:  # decided before, or too deep to go on
            if nodes[n].proven:
                value, draw = np.float64(nodes[n].proven), 0.0
            elif nodes[n].state == OVER:
                value = np.float64(nodes[n].own)
                draw = 1.0 - abs(value)
            else:
                value, draw = nodes[n].value / nodes[n].visits, nodes[n].draws / nodes[n].visits
            back_up(nodes, edges, n, value, draw)
            if nodes[0].proven:
                break
    return found, judged


@jit(_NODES, _EDGES, INT64S, INT, INT16S, FLOATS, FLOAT)
def open_node(nodes, edges, counts, n, moves, logits, inverse_temperature):
    """Give a node its edges: ``moves`` (C,) int16, -1 as padding, with the softmax of their logits as prior."""
    first = counts[1]
    count = 0
    most = -np.inf
    for c in range(moves.shape[0]):
        if moves[c] < 0:
            break
        most = max(most, logits[c])
        count += 1
    total = 0.0
    for c in range(count):
        prior = np.exp((logits[c] - most) * inverse_temperature)
        total += prior
        edges[first + c].prior = prior
        edges[first + c].move = moves[c]
        edges[first + c].child = -1
    for c in range(count):
        edges[first + c].prior /= total
    counts[1] += count
    nodes[n].first, nodes[n].count, nodes[n].state = first, count, OPEN


@jit(_NODES, _EDGES, INT64S, INT32S, INT16_TABLE, FLOAT_TABLE, FLOAT_TABLE, INT16S, INT32S, FLOAT, FLOAT)
def expand(nodes, edges, counts, leaves, moves, logits, wdl, mates, gains, inverse_temperature, weight):
    """Open the leaves with what was found of them, and count the visits.

    A leaf with a mate in ``mates`` (N,) plies is decided. The value of another is that of ``wdl`` (N, 3); what the side
    to move wins by force, ``gains`` (N,) in hundredths of a pawn, negative where it loses, moves it by ``weight`` a
    pawn on the scale of its inverse hyperbolic tangent.
    """
    for i in range(leaves.shape[0]):
        n = leaves[i]
        if mates[i] > 0:
            nodes[n].proven, nodes[n].mate, nodes[n].state, nodes[n].own = 1, mates[i], OVER, 1.0
            nodes[n].slot = -1
            back_up(nodes, edges, n, 1.0, 0.0)
            continue
        open_node(nodes, edges, counts, n, moves[i], logits[i], inverse_temperature)
        value, draw = np.float64(wdl[i, 0] - wdl[i, 2]), np.float64(wdl[i, 1])
        if weight > 0 and gains[i] != 0:
            known = max(-0.999, min(0.999, value))
            moved = np.tanh(np.arctanh(known) + weight * gains[i] / 100)
            draw *= (1 - abs(moved)) / (1 - abs(known))
            draw = min(draw, 1 - abs(moved))
            value = moved
        nodes[n].own = value
        back_up(nodes, edges, n, value, draw)


@jit(_NODES, _EDGES, INT, _NODES, _EDGES, INT32S)
def keep_subtree(nodes, edges, root, new_nodes, new_edges, freed):
    """Copy the tree below ``root`` to ``new_nodes`` and ``new_edges``: returns (nodes, edges, slots freed).

    ``freed`` receives the slots of all nodes left behind, the root's included: its game is no tree any more.
    """
    kept = np.zeros(nodes.shape[0], np.bool_)
    new_nodes[0] = nodes[root]
    new_nodes[0].parent = -1
    new_nodes[0].edge = -1
    new_nodes[0].slot = -1
    node_count, edge_count = 1, 0
    at = 0
    while at < node_count:
        first = new_nodes[at].first
        new_nodes[at].first = edge_count
        for i in range(new_nodes[at].count):
            new_edges[edge_count] = edges[first + i]
            child = edges[first + i].child
            if child >= 0:
                kept[child] = True
                new_nodes[node_count] = nodes[child]
                new_nodes[node_count].parent = at
                new_nodes[node_count].edge = edge_count
                new_edges[edge_count].child = node_count
                node_count += 1
            edge_count += 1
        at += 1
    count = 0
    for n in range(nodes.shape[0]):
        if nodes[n].slot >= 0 and not kept[n]:
            freed[count] = nodes[n].slot
            count += 1
    return node_count, edge_count, count
