"""Mistakes as tasks: the positions before them, and whether another try is as good as the best move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from xiangqi_gpt.rules import BLACK, RED, Board, Move
from xiangqi_gpt.user_store import Position

from .judges import Judge
from .move_analysis import THRESHOLDS, GameAnalysis, legal_line

#: Expected score that a right try may give away against the best move: less than an inaccuracy does.
_AS_GOOD: Final = min(least for least, _ in THRESHOLDS)


@dataclass(frozen=True)
class Checked:
    """Whether a try was right, and the play expected after it: where it was wrong, its refutation."""

    is_right: bool
    line: tuple[Move, ...]


def mistakes_to_drill(analysis: GameAnalysis, player: str = "") -> Iterator[Position]:
    """Yield the positions before the mistakes of a game, those of a player whose name contains ``player`` alone."""
    tags = analysis.game.tags
    colors = [
        color for color, tag in ((RED, "Red"), (BLACK, "Black")) if player.casefold() in tags.get(tag, "").casefold()
    ]
    names = " – ".join(tags.get(tag) or "?" for tag in ("Red", "Black"))
    game = ", ".join(filter(None, (names.strip("? –") and names, tags.get("Event", ""), tags.get("Date", ""))))
    for move in analysis.mistakes():
        if move.turn not in colors:
            continue
        board = analysis.game.board(move.ply - 1)
        after = board.copy()
        after.push(move.move)
        yield Position(
            board.fen(),
            str(move.move),
            str(move.best),
            tuple(str(better) for better, _ in legal_line(board, move.variation)),
            tuple(str(reply) for reply, _ in legal_line(after, move.refutation)),
            round(move.loss, 4),
            game,
        )


def check_try(judge: Judge, board: Board, best: Move, move: Move, nodes: int) -> Checked:
    """Return whether a move is as good as the best one, by what the judge says of the positions after both.

    The move is legal on ``board``. Raises ``PlayerError``.
    """
    if move == best:
        return Checked(True, ())
    after, better = board.copy(), board.copy()
    after.push(move)
    better.push(best)
    tried, wanted = judge.judge(after, nodes), judge.judge(better, nodes)
    if tried is None or wanted is None:
        return Checked(False, ())
    lost = tried.wdl.expected - wanted.wdl.expected  # both are the opponent's
    return Checked(lost < _AS_GOOD, tried.line)
