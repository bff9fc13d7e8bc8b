"""What counts towards the natural limit (自然限着), after which a game without a capture is drawn.

Every ply does, unless a match says that only so many checks of each side do: by the competition rules of the Asian
Xiangqi Federation (2017) the checks of the side that claims the draw count ten times at most, and those beyond are
taken off its moves. Here both sides are held to that, and an answer to a check that does not count does not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .board import Board

#: Checks of a side that count in the rules of the Asian federation.
FEDERATION_CHECKS: Final = 10


def counted_plies(board: Board, most_checks: int) -> int:
    """Return the plies since the last capture that count where at most ``most_checks`` checks of each side do.

    What was played before the board's root counts in full.

    >>> from xiangqi_gpt.rules import Board, Move
    >>> board = Board("3k5/9/9/9/9/9/9/9/4R4/5K3 w - - 7 1")
    >>> for text in ("e1d1", "d9e9", "d1e1", "e9d9", "e1d1"):
    ...     board.push(Move.from_iccs(text))
    >>> board.halfmove_clock, counted_plies(board, 10), counted_plies(board, 1)
    (12, 12, 9)
    """
    played = board.move_stack[len(board.move_stack) - min(board.halfmove_clock, len(board.move_stack)) :]
    counted = board.halfmove_clock - len(played)
    again = board.copy()
    for _ in played:
        again.pop()
    checks = [0, 0]
    answers_excess = False
    for move in played:
        mover = again.turn
        again.push(move)
        is_excess = False
        if again.is_check():
            checks[mover] += 1
            is_excess = checks[mover] > most_checks
        counted += not (is_excess or answers_excess)
        answers_excess = is_excess
    return counted
