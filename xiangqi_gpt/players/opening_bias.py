"""Asked-for openings: while the opening lasts, the model's policy is steered towards an opening's own moves."""

from __future__ import annotations

from typing import Final

from xiangqi_gpt.rules import BLACK, MOVES, ROTATE, Board, Move
from xiangqi_gpt.rules.fen import is_start_position

#: The moves of each opening by name, as Red would play them: one move of every pair (or one of each triple) is wanted.
#: Black plays the same moves seen from the other side.
OPENINGS: Final[dict[str, tuple[str, ...]]] = {
    "中炮": ("h2e2 b2e2",),
    "屏风马": ("h0g2", "b0c2"),
    "反宫马": ("h0g2", "b0c2", "h2f2 b2d2"),
    "单提马": ("h0g2 b0c2", "h0i2 b0a2"),
    "飞相局": ("g0e2 c0e2",),
    "仙人指路": ("g3g4 c3c4",),
    "过宫炮": ("h2d2 b2f2",),
    "士角炮": ("h2f2 b2d2",),
    "起马局": ("h0g2 b0c2",),
    "金钩炮": ("h2c2 b2g2",),
}

#: Plies after which nothing is steered any more.
_LASTS: Final = 16

#: A wanted move is asked for only where the model gives the wanted moves at least this much; then they get this share.
_PLAUSIBLE: Final = 0.003
_SHARE: Final = 0.9


def bias_to_opening(board: Board, policy: dict[Move, float], opening: str) -> dict[Move, float]:
    """The policy with an opening's missing moves made likely, likeliest first; unchanged once they are played.

    A move that the model finds absurd where the game stands is not forced on it.
    """
    if len(board.move_stack) >= _LASTS or not is_start_position(board.root):
        return policy
    played = set(board.move_stack[board.turn :: 2])
    wanted = set()
    for step in OPENINGS[opening]:
        moves = [_for_side(text, board.turn) for text in step.split()]
        if not played.intersection(moves):
            wanted.update(moves)
    share = sum(p for move, p in policy.items() if move in wanted)
    if share < _PLAUSIBLE or share >= _SHARE:
        return policy
    steered = {
        move: p * (_SHARE / share if move in wanted else (1 - _SHARE) / (1 - share)) for move, p in policy.items()
    }
    return dict(sorted(steered.items(), key=lambda item: -item[1]))


def _for_side(text: str, side: int) -> Move:
    move = Move.from_iccs(text)
    return MOVES[ROTATE[move.index]] if side == BLACK else move
