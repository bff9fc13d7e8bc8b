"""One search tree: grown leaf by leaf, moved along with the game, and read out as lines."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.inference.evaluation import Evaluation
from xiangqi_gpt.inference.leaves import Arena, Leaves
from xiangqi_gpt.rules import MOVES, Board, Move, Outcome, Wdl
from xiangqi_gpt.rules.board import NO_CAPTURE_LIMIT
from xiangqi_gpt.rules.kernels import MAX_MOVES
from xiangqi_gpt.rules.mate import find_mate
from xiangqi_gpt.rules.repetition import judge

from . import tree_kernels as kernels
from .leaf_evaluator import LeafFindings, Tactics
from .player import PrincipalVariation

#: A walk that only meets decided positions makes nodes too: up to four for every leaf that is wanted.
_NODES_A_LEAF = 4

#: What ``TreeSettings.in_flight`` and ``quiescence`` may be; the latter's numbers are those of ``find_tactics``.
IN_FLIGHT: Final = ("loss", "visit")
QUIESCENCE: Final = {"captures": 1, "checks": 2}


@dataclass(frozen=True)
class TreeSettings:
    """How a tree grows: the constants of the formula in ``docs/search.md``, most of them the usual ones of PUCT."""

    cpuct: float = 1.5  #: weight of the prior against the value
    fpu: float = 0.3  #: by how much a move not yet tried is thought worse than its position
    prior_temperature: float = 1.2  #: above 1 the prior is flatter than the model's policy
    virtual_loss: float = 1.0  #: what a visit under way counts as
    mate_plies: int = 3  #: depth of the mate solver in leaves, 0 for none
    mate_budget: int = 60  #: checks it tries at most
    captures: float = 0.25  #: weight of what captures win in a leaf, a pawn; 0 leaves it out
    root_cpuct: float | None = None  #: ``cpuct`` at the root, None for the same
    cpuct_growth: float = 0.0  #: by how much ``cpuct`` grows with the logarithm of the visits ...
    cpuct_base: float = 500.0  #: ... above so many
    visit_exponent: float = 0.5  #: power of a position's visits in the weight of the prior
    in_flight: str = "visit"  #: what a visit under way counts as: "loss", or "visit", which leaves the value alone
    contempt: float = 0.0  #: by how much a draw counts less for the side to move at the root than for the other
    quiescence: str = "checks"  #: what resolves a leaf: "captures", or "checks" and flights from them besides

    def array(self) -> npt.NDArray[np.float64]:
        """Return the settings that ``tree_kernels.gather`` reads, in its order."""
        root_cpuct = self.cpuct if self.root_cpuct is None else self.root_cpuct
        values = (
            *(self.cpuct, self.fpu, self.virtual_loss, NO_CAPTURE_LIMIT, root_cpuct, self.cpuct_growth),
            *(self.cpuct_base, self.visit_exponent, self.in_flight == "visit", self.contempt),
        )
        return np.array(values, np.float64)

    @property
    def tactics(self) -> Tactics:
        """What is calculated of each leaf."""
        quiescence = QUIESCENCE[self.quiescence] if self.captures > 0 else 0
        return Tactics(self.mate_plies, self.mate_budget, quiescence)


@dataclass
class Gathered:
    """Leaves that a tree wants to know more of, and their nodes (B,) in it."""

    nodes: npt.NDArray[np.int32]
    leaves: Leaves

    def __len__(self) -> int:
        return len(self.nodes)


class Tree:
    """The tree of a position; its root has been read."""

    def __init__(
        self,
        board: Board,
        reading: Evaluation,
        history: Any,
        arena: Arena,
        settings: TreeSettings,
        *,
        plies: int,
        context: int,
        moves: Collection[Move] | None = None,
    ) -> None:
        """``history`` is the game as ``LeafEvaluator.open_game`` gave it, of ``plies`` plies.

        ``context`` is how many plies the model can look back on. With ``moves`` only these are searched at the root.
        """
        self.settings = settings
        self._arena, self._context = arena, context
        self._nodes, self._edges = np.zeros(256, kernels.NODE), np.zeros(8192, kernels.EDGE)
        self._counts = np.array([1, 0])
        root = self._nodes[0]
        root["key"], root["clock"] = board.zobrist, board.halfmove_clock
        root["parent"], root["edge"], root["slot"] = -1, -1, -1
        known = np.array([move.index for move in reading.policy], np.int16)
        logits = np.log(np.maximum(np.array(list(reading.policy.values()), np.float32), 1e-12))
        self._open(0, known, logits)
        if moves is not None:
            edges = self._edges[: self._counts[1]]
            edges["prior"][~np.isin(edges["move"], [move.index for move in moves])] = -1
        win, draw, loss = reading.wdl
        root["visits"], root["value"], root["draws"], root["own"] = 1, win - loss, draw, win - loss
        self._place(board, history, plies)

    def _place(self, board: Board, history: Any, plies: int) -> None:
        """Say where the root is."""
        self.board, self._history, self._plies = board.copy(), history, plies
        keys, earlier = [], board.copy()
        for _ in range(min(board.halfmove_clock, len(board.move_stack))):
            earlier.pop()
            keys.append(earlier.zobrist)
        self._past_keys = np.array(keys[::-1], np.uint64)
        self._most_plies = max(1, self._context - plies)

    def _open(self, n: int, moves: npt.NDArray[np.int16], logits: npt.NDArray[np.float32]) -> None:
        kernels.open_node(self._nodes, self._edges, self._counts, n, moves, logits, 1 / self.settings.prior_temperature)

    @property
    def visits(self) -> int:
        """Positions looked at."""
        return int(self._nodes[0]["visits"])

    @property
    def is_proven(self) -> bool:
        """Whether the game is decided by force."""
        return bool(self._nodes[0]["proven"])

    # --- growing

    def gather(self, wanted: int, most_visits: float = math.inf) -> Gathered | None:
        """Up to ``wanted`` positions to be read next; None when all that was found is decided, or the arena is full.

        Counts no more than ``most_visits``, positions that are decided included.
        """
        self._reserve(wanted)
        kv_slots = self._arena.take(wanted)
        wanted = len(kv_slots)
        if not wanted:
            return None
        leaves = np.empty(wanted, np.int32)
        boards, sides = np.empty((wanted, 90), np.int8), np.empty(wanted, np.int8)
        moves, depths = np.empty(wanted, np.int64), np.empty(wanted, np.int64)
        tails = np.empty((wanted, self._most_plies), np.int32)
        found, judged = kernels.gather(
            self._nodes,
            self._edges,
            self._counts,
            self.board.squares,
            self.board.turn,
            self._past_keys,
            self.settings.array(),
            kv_slots,
            self._most_plies,
            int(min(most_visits, _NODES_A_LEAF * wanted)),
            leaves,
            (boards, sides, moves, depths, tails),
        )
        self._arena.give(kv_slots[found:])
        for n in leaves[wanted - judged :].tolist():
            self._judge(n)
        if not found:
            return None
        plies, lengths = self._plies - 1 + depths, (depths - 1).astype(np.int32)
        tails = tails[:, : max(1, int(lengths[:found].max()))]
        gathered = Leaves(self._history, boards, sides, moves, plies, kv_slots, tails, lengths)
        return Gathered(leaves[:found], gathered.part(slice(found)))

    def expand(self, gathered: Gathered, found: LeafFindings) -> None:
        """Take in what is known of leaves that were gathered."""
        self._arena.give(gathered.leaves.kv_slots[found.mates > 0])
        kernels.expand(
            self._nodes,
            self._edges,
            self._counts,
            gathered.nodes,
            found.moves,
            found.logits,
            found.wdl,
            found.mates,
            found.gains,
            1 / self.settings.prior_temperature,
            self.settings.captures,
        )

    def _judge(self, n: int) -> None:
        """Let the referee decide a position that repeats another."""
        board = self.board_at(n)
        outcome: Outcome = judge(board)
        value = 0.0 if outcome.winner is None else 1.0 if outcome.winner == board.turn else -1.0
        self._nodes[n]["state"], self._nodes[n]["own"] = kernels.OVER, value
        kernels.back_up(self._nodes, self._edges, n, value, 1.0 - abs(value))

    def _reserve(self, wanted: int) -> None:
        nodes = int(self._counts[0]) + _NODES_A_LEAF * wanted + 1
        edges = int(self._counts[1]) + MAX_MOVES * wanted
        if nodes > len(self._nodes):
            self._nodes = np.concatenate((self._nodes, np.zeros(max(nodes, len(self._nodes)), kernels.NODE)))
        if edges > len(self._edges):
            self._edges = np.concatenate((self._edges, np.zeros(max(edges, len(self._edges)), kernels.EDGE)))

    # --- moving along

    def advance(self, board: Board, moves: Collection[Move], history: Any, plies: int) -> bool:
        """Go on from the position some ``moves`` later, which is ``board``; False where the tree does not know it."""
        if plies != self._plies + len(moves):
            return False  # the model looks at a later part of the game: positions have other numbers
        n = 0
        for move in moves:
            n = self._child(n, move)
            if n < 0 or self._nodes[n]["state"] != kernels.OPEN:
                return False
        if n:
            used = self._nodes[: self._counts[0]]
            nodes, edges = np.zeros(len(used), kernels.NODE), np.zeros(int(self._counts[1]), kernels.EDGE)
            freed = np.empty(len(used), np.int32)
            node_count, edge_count, free_count = kernels.keep_subtree(used, self._edges, n, nodes, edges, freed)
            self._arena.give(freed[:free_count])
            self._nodes, self._edges = nodes[:node_count].copy(), edges[:edge_count].copy()
            self._counts[:] = node_count, edge_count
        self._place(board, history, plies)
        return True

    def free(self) -> None:
        """Give the slots back; the tree is of no use afterwards."""
        kv_slots = self._nodes["slot"][: self._counts[0]]
        self._arena.give(kv_slots[kv_slots >= 0])
        self._counts[:] = 0

    def _child(self, n: int, move: Move) -> int:
        node = self._nodes[n]
        edges = self._edges[node["first"] : node["first"] + node["count"]]
        found = np.flatnonzero(edges["move"] == move.index)
        return int(edges["child"][found[0]]) if len(found) else -1

    # --- reading out

    def board_at(self, n: int) -> Board:
        """The position of a node, with its history."""
        moves = []
        while self._nodes[n]["parent"] >= 0:
            moves.append(MOVES[self._edges[self._nodes[n]["edge"]]["move"]])
            n = int(self._nodes[n]["parent"])
        board = self.board.copy()
        for move in reversed(moves):
            board.push(move)
        return board

    def visit_shares(self) -> dict[Move, float]:
        """The share of the visits that each move of the root got, largest first."""
        edges = self._ranked(0)
        visits = [self._visits(e) for e in edges]
        total = max(sum(visits), 1)
        return {MOVES[self._edges[e]["move"]]: v / total for e, v in zip(edges, visits, strict=True)}

    def leader(self) -> tuple[int, int]:
        """Return the place of the most visited move of the root and by how many visits it is ahead of the next."""
        first, count = int(self._nodes[0]["first"]), int(self._nodes[0]["count"])
        children = self._edges["child"][first : first + count]
        visits = np.where(children >= 0, self._nodes["visits"][np.maximum(children, 0)], 0)
        best = int(np.argmax(visits))
        most = int(visits[best])
        visits[best] = 0
        return best, most - int(visits.max())

    def wdl(self) -> Wdl:
        """Win, draw and loss for the side to move."""
        return self._wdl(0)

    def lines(self, count: int) -> tuple[PrincipalVariation, ...]:
        """The ``count`` best moves with the play expected after them."""
        return tuple(self._line(e) for e in self._ranked(0)[:count])

    def line_of(self, move: Move) -> PrincipalVariation:
        """The play expected after a move of the root."""
        return next(self._line(e) for e in self._ranked(0) if self._edges[e]["move"] == move.index)

    @property
    def depth(self) -> int:
        """Plies of the best line."""
        return len(self._follow(self._ranked(0)[0]))

    def _line(self, e: int) -> PrincipalVariation:
        child = int(self._edges[e]["child"])
        moves = [MOVES[self._edges[at]["move"]] for at in self._follow(e)]
        if child < 0:
            return PrincipalVariation(tuple(moves), self._wdl(0))
        node = self._nodes[child]
        wdl = self._wdl(child).flipped
        mate = None
        if node["proven"]:
            plies = int(node["mate"]) + 1
            mate = (plies + 1) // 2 if node["proven"] < 0 else -(plies // 2)
            moves += self._rest_of_mate(moves, plies)
        return PrincipalVariation(tuple(moves), wdl, int(node["visits"]), mate)

    def _rest_of_mate(self, moves: list[Move], plies: int) -> list[Move]:
        """The end of a mating line that the solver found and the tree does not hold."""
        board = self.board.copy()
        for move in moves:
            board.push(move)
        left = plies - len(moves)
        return find_mate(board, left) if left > 0 and left % 2 else []

    def _follow(self, e: int) -> list[int]:
        """The edges of the play expected after an edge, itself included."""
        line = [e]
        while (n := int(self._edges[e]["child"])) >= 0 and self._nodes[n]["state"] == kernels.OPEN:
            e = self._ranked(n)[0]
            if self._edges[e]["child"] < 0:
                break
            line.append(e)
        return line

    def _ranked(self, n: int) -> list[int]:
        """The edges of a node, best first: a quick mate, then the most visited, at last the slowest way to be mated."""
        first = int(self._nodes[n]["first"])
        edges = self._edges[first : first + int(self._nodes[n]["count"])]
        allowed = np.flatnonzero(edges["prior"] >= 0)
        edges = edges[allowed]
        tried = edges["child"] >= 0
        children = self._nodes[np.maximum(edges["child"], 0)]
        proven = np.where(tried, children["proven"], 0).astype(np.int64)
        visits = np.where(tried, children["visits"], 0).astype(np.int64)
        worth = np.where(tried, -children["value"] / np.maximum(visits, 1), edges["prior"])
        order = np.lexsort((-worth, -visits, -children["mate"].astype(np.int64) * proven, proven))
        ranked: list[int] = (first + allowed[order]).tolist()
        return ranked

    def _visits(self, e: int) -> int:
        child = int(self._edges[e]["child"])
        return int(self._nodes[child]["visits"]) if child >= 0 else 0

    def _wdl(self, n: int) -> Wdl:
        node = self._nodes[n]
        if node["proven"]:
            return Wdl(1.0, 0.0, 0.0) if node["proven"] > 0 else Wdl(0.0, 0.0, 1.0)
        visits = max(int(node["visits"]), 1)
        value = float(node["value"]) / visits
        draw = min(max(float(node["draws"]) / visits, 0.0), 1 - abs(value))
        return Wdl((1 - draw + value) / 2, draw, (1 - draw - value) / 2)
