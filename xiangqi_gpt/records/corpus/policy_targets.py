"""Policy targets of several moves: what a search's visits say of a ply, as the text of a corpus and as arrays.

A game's text has a word a ply, ``h2e2=620,b0c2=380`` or ``-`` where there is no target: moves in coordinates with whole
weights above 0, in proportion to the visits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules import MOVES, Move, XiangqiError

#: Moves that are kept of a ply, the heaviest.
MOST_MOVES: Final = 8
_MOST_WEIGHT: Final = 65535
_NO_MOVE: Final = 65535


def policy_text(targets: Sequence[Sequence[tuple[Move, int]]]) -> str:
    """Return the text of a game's targets; the lightest moves beyond ``MOST_MOVES`` are left out."""
    return " ".join(",".join(f"{move}={weight}" for move, weight in heaviest(ply)) or "-" for ply in targets)


def heaviest(ply: Sequence[tuple[Move, int]]) -> list[tuple[Move, int]]:
    """Return the targets of a ply that are kept, heaviest first."""
    return sorted(ply, key=lambda target: -target[1])[:MOST_MOVES]


def read_policy(words: Sequence[str]) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16], int]:
    """Return moves (N, 8), 65535 as padding, their weights (N, 8), and how many words could be read (N if all)."""
    moves = np.full((len(words), MOST_MOVES), _NO_MOVE, np.uint16)
    weights = np.zeros((len(words), MOST_MOVES), np.uint16)
    for n, word in enumerate(words):
        if word == "-":
            continue
        targets = [target.partition("=") for target in word.split(",")]
        if len(targets) > MOST_MOVES:
            return moves, weights, n
        for place, (move, _, weight) in enumerate(targets):
            if not (weight.isascii() and weight.isdigit() and len(weight) <= 5 and 0 < int(weight) <= _MOST_WEIGHT):
                return moves, weights, n
            try:
                index = Move.from_iccs(move).index
            except XiangqiError:
                return moves, weights, n
            if index in moves[n, :place]:
                return moves, weights, n
            moves[n, place], weights[n, place] = index, int(weight)
    return moves, weights, len(words)


def read_policy_column(
    texts: Sequence[str | None],
    firsts: Sequence[int],
    offsets: npt.NDArray[np.int64],
    broken: dict[int, tuple[int, str]],
) -> tuple[npt.NDArray[np.uint16] | None, npt.NDArray[np.uint16] | None]:
    """Return the targets of G games with P plies: moves (P, 8) and weights (P, 8), both None where no game has any.

    Game ``g`` has the plies from ``offsets[g]`` on, and targets from its ply ``firsts[g]`` on. What does not fit its
    game is added to ``broken``: game -> ply and reason.
    """
    if not any(texts):
        return None, None
    plies = int(offsets[-1])
    moves, weights = np.full((plies, MOST_MOVES), _NO_MOVE, np.uint16), np.zeros((plies, MOST_MOVES), np.uint16)
    for g, (text, first) in enumerate(zip(texts, firsts, strict=True)):
        words = (text or "").split()
        begin, end = int(offsets[g]) + first, int(offsets[g + 1])
        expected = max(end - begin, 0)
        if len(words) not in (0, expected):
            reason = f"policy has {len(words)} entries, expected {expected}"
            broken.setdefault(g, (first + min(len(words), expected), reason))
        words = words[:expected]
        moves[begin : begin + len(words)], weights[begin : begin + len(words)], read = read_policy(words)
        if read < len(words):
            broken.setdefault(g, (first + read, f"policy: {words[read][:40]!r} is not like h2e2=620,b0c2=380"))
    return moves, weights


def policy_of_text(text: str) -> tuple[tuple[tuple[Move, int], ...], ...]:
    """Return the targets of a text that ``policy_text`` made."""
    words = text.split()
    moves, weights, _ = read_policy(words)
    return targets_of_plies(moves, weights, 0, len(words))


def targets_of_plies(
    moves: npt.NDArray[np.uint16] | None, weights: npt.NDArray[np.uint16] | None, begin: int, end: int
) -> tuple[tuple[tuple[Move, int], ...], ...]:
    """Return the targets of the plies from ``begin`` to ``end``, as moves with their weights; none for no arrays."""
    if moves is None or weights is None:
        return ()
    return tuple(
        tuple((MOVES[m], w) for m, w in zip(moves[n].tolist(), weights[n].tolist(), strict=True) if w)
        for n in range(begin, end)
    )
