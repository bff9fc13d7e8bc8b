"""Who loses when a position occurs for the third time, by the rules of the Asian Xiangqi Federation.

The moves between the first and the third occurrence are judged (numbers are those of the federation's detail rules):

- A side that checked on every move loses (6), unless both did (7).
- Otherwise a side that chased one and the same piece on every move loses, unless both did. Checks are no chases: a mix
  of checks and chases is allowed (12), and so is chasing different pieces in turn (32).
- Everything else is a draw: threats of mate, offers, exchanges, blocks, idle moves (9, 40).

A move chases a piece when it creates a threat of capture that the other side then answers: it moves the piece away,
protects it, blocks or pins the attacker, or gives check. A threat that was already there, or that the answer leaves
standing, is no chase; a threat created by taking away the victim's protection is one (appendix to 40). What
counts as a threat:

- The victim is unprotected: nothing could legally take the capturer back. A protector that is pinned, or whose screen
  or line the capture removes, protects nothing.
- A rook is threatened by a knight or a cannon even when it is protected (15, 16).
- Kings and pawns may chase (28, 29), and pawns that have not crossed the river may be chased (25).
- Like pieces that could take each other offer an exchange; it is a threat only when the victim cannot take, or is
  pinned (24).
- A rook that was pinned before the move does not threaten (19, 27).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from . import chase
from .moves import Move
from .outcome import Outcome, Termination
from .pieces import ADVISOR, BISHOP, BLACK, CANNON, COLOR_NAMES, KNIGHT, PAWN, RED, ROOK, SQUARES, TYPE_NAMES, type_of

if TYPE_CHECKING:
    from .board import Board

#: How often a position must have occurred for the game to end.
REPETITIONS: Final = 3

#: Of several pieces chased at once the verdict names the first of these.
_WORTH: Final = (ROOK, CANNON, KNIGHT, BISHOP, ADVISOR, PAWN)


class _Threat(NamedTuple):
    """A capture a side threatens. Pieces are named by the square they stood on when the cycle began."""

    pair: tuple[int, int]  # attacker, victim
    legal: bool  # False while the side's own check comes first
    by_pinned_rook: bool


@dataclass(frozen=True, slots=True)
class _Ply:
    """A move of the cycle and the (attacker, victim) pairs it chases."""

    side: int
    check: bool
    chases: frozenset[tuple[int, int]]


def judge(board: Board) -> Outcome:
    """The verdict on a position that has occurred before, with a sentence for the players.

    Looks at the moves since the occurrence before the last one, or since the last one where there is only one.
    Raises ``ValueError`` for a position that has not occurred before.
    """
    plies, kinds = _cycle(board)
    checking = {side: all(ply.check for ply in plies if ply.side == side) for side in (RED, BLACK)}
    if all(checking.values()):
        return Outcome(None, Termination.REPETITION, "both sides checked on every move of the cycle")
    chased = {side: _always_chased(ply for ply in plies if ply.side == side) for side in (RED, BLACK)}
    for side in (RED, BLACK):
        if checking[side]:
            detail = f"{COLOR_NAMES[side].capitalize()} checked on every move of the cycle"
            return Outcome(1 - side, Termination.PERPETUAL_CHECK, detail)
    if all(chased.values()):
        return Outcome(None, Termination.REPETITION, "both sides chased on every move of the cycle")
    for side in (RED, BLACK):
        if chased[side]:
            return Outcome(1 - side, Termination.PERPETUAL_CHASE, _chase_sentence(side, plies, chased[side], kinds))
    return Outcome(None, Termination.REPETITION, f"the same position for the {_ordinal(board.repetitions())} time")


def _cycle(board: Board) -> tuple[list[_Ply], list[int]]:
    """The moves since the position first counted, and the piece type that each name (square) stands for."""
    replayed = board.copy()
    moves: list[Move] = []
    cycle_length = occurrences = 0
    for _ in board.move_stack:
        moves.append(replayed.pop())
        if replayed.zobrist == board.zobrist:
            occurrences += 1
            cycle_length = len(moves)
            if occurrences == REPETITIONS - 1:
                break
    if not occurrences:
        raise ValueError("the position has not occurred before")
    while len(moves) > cycle_length:
        replayed.push(moves.pop())
    moves.reverse()
    kinds = [type_of(piece) if piece else 0 for piece in replayed.squares.tolist()]
    return _plies(replayed, moves), kinds


def _plies(board: Board, moves: list[Move]) -> list[_Ply]:
    """Play a cycle and find what each of its moves chases; the board is left one ply behind the cycle's end."""
    names = list(range(SQUARES))
    threats = [_threats(board, names)]
    movers, checks = [], []
    # The first move is played once more at the end: it is the answer to the last one.
    for move in [*moves, moves[0]]:
        movers.append((names[move.from_square], bool(chase.shields_king(board.squares, move.from_square, board.turn))))
        board.push(move)
        names[move.to_square] = names[move.from_square]
        threats.append(_threats(board, names))
        checks.append(board.is_check())
    plies = []
    side = 1 - board.turn  # one move too many has been played, and a cycle has an even number
    for i in range(len(moves)):
        mover, was_pinned = movers[i]
        standing = {threat.pair for threat in threats[i][side]}
        unanswered = {threat.pair for threat in threats[i + 2][side] if threat.legal}
        chases = frozenset(
            threat.pair
            for threat in threats[i + 1][side]
            if threat.legal
            and threat.pair not in standing
            and threat.pair not in unanswered
            and not (threat.by_pinned_rook and (was_pinned or threat.pair[0] != mover))
        )
        plies.append(_Ply(side, checks[i], chases))
        side = 1 - side
    return plies


def _threats(board: Board, names: list[int]) -> tuple[list[_Threat], list[_Threat]]:
    """Red's and Black's threats on a board, the pieces by name."""
    squares = board.squares
    red, black = (
        [
            _Threat(
                (names[source], names[target]),
                legal,
                type_of(int(squares[source])) == ROOK and bool(chase.shields_king(squares, source, side)),
            )
            for source, target, legal in chase.threat_list(squares, side)
        ]
        for side in (RED, BLACK)
    )
    return red, black


def _always_chased(plies: Iterable[_Ply]) -> frozenset[int]:
    """The pieces that every one of these moves chased."""
    return frozenset.intersection(*(frozenset(victim for _, victim in ply.chases) for ply in plies))


def _chase_sentence(side: int, plies: list[_Ply], victims: frozenset[int], kinds: list[int]) -> str:
    victim = min(victims, key=lambda name: _WORTH.index(kinds[name]))
    attackers = {kinds[a] for ply in plies if ply.side == side for a, v in ply.chases if v == victim}
    who = " and ".join(TYPE_NAMES[kind] for kind in sorted(attackers, key=_WORTH.index))
    return f"{COLOR_NAMES[side].capitalize()}'s {who} chased the {TYPE_NAMES[kinds[victim]]}"


def _ordinal(count: int) -> str:
    return {2: "second", 3: "third"}.get(count, f"{count}th")
