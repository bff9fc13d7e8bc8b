"""An analysis as a table for a terminal."""

from __future__ import annotations

from typing import Final

from xiangqi_gpt.rules import BLACK, RED, Board, Move, to_chinese
from xiangqi_gpt.rules.pieces import COLOR_NAMES

from .annotate import per_cent
from .move_analysis import GameAnalysis, Judgement, MoveAnalysis, SideSummary

_MARKS: Final = {Judgement.FINE: "", Judgement.INACCURACY: "?!", Judgement.MISTAKE: "?", Judgement.BLUNDER: "??"}
_MOST_MISTAKES: Final = 10
_BLANK: Final = "\u3000"  # as wide as a Chinese character


def format_table(analysis: GameAnalysis, *, chinese: bool = True) -> str:
    """A line a move and a summary a side; ``chinese`` writes moves in Chinese too."""
    board = analysis.game.board(0)
    rows = [_heading(chinese)]
    for move in analysis.moves:
        rows.append(_row(move, board, chinese))
        board.push(move.move)
    return "\n".join([*rows, "", *_summary(analysis)])


def _heading(chinese: bool) -> str:
    width = 15 if chinese else 6
    return (
        f"{'ply':>4}  {'move':<{width}} {'chance':>7} {'rank':>6} {'bits':>5} "
        f" {'before':<10} {'after':<10} {'score':>6} {'lost':>4}      better"
    )


def _row(move: MoveAnalysis, board: Board, chinese: bool) -> str:
    lost = f"{100 * move.loss:.1f}" if move.loss >= 0.005 else ""
    better = f"{_name(board, move.best, chinese)} {per_cent(move.best_after)}" if move.judgement else ""
    mark = "book" if move.is_book else _MARKS[move.judgement]
    return (
        f"{move.ply:>4}  {_name(board, move.move, chinese)} {move.probability:>7.1%} {move.rank:>3}/{move.choices:<2} "
        f"{move.surprise:>5.1f}  {per_cent(move.before):<10} {per_cent(move.after):<10} "
        f"{move.score!s:>6} {lost:>4} {mark:<4} {better}"
    ).rstrip()


def _name(board: Board, move: Move, chinese: bool) -> str:
    return f"{to_chinese(board, move):{_BLANK}<5}{move.iccs():<5}" if chinese else f"{move.iccs():<6}"


def _summary(analysis: GameAnalysis) -> list[str]:
    lines = []
    for color in (RED, BLACK):
        side = analysis.side(color)
        counts = ", ".join(f"{_plural(count, judgement)}" for judgement, count in side.counts.items())
        lines.append(
            f"{COLOR_NAMES[color]:<6}{side.moves:>4} moves, {side.book} of the book, {_accuracy(side)}"
            f"{side.likeliest:.0%} the likeliest, {side.surprise:.2f} bits and {100 * side.loss:.1f} points lost "
            f"a move; {counts}"
        )
    if worst := analysis.mistakes()[:_MOST_MISTAKES]:
        lines.append("mistakes, the gravest first: " + ", ".join(_mistake(move) for move in worst))
    model = f"the model {analysis.model}"
    judge = f"{analysis.deep}, chances by {model}" if analysis.deep else model
    if analysis.opening:
        lines.insert(0, f"opening: {analysis.opening}")
    if analysis.reviewed < 1:
        lines.append(f"the review was not done: {int(100 * analysis.reviewed)}% of the moves, from the last one on")
    return [*lines, f"win/draw/loss in per cent, for the side that moves, by {judge}"]


def _accuracy(side: SideSummary) -> str:
    return "" if side.accuracy is None else f"accuracy {side.accuracy:.0f} %, "


def _mistake(move: MoveAnalysis) -> str:
    return f"ply {move.ply} {move.move}{_MARKS[move.judgement]} (-{100 * move.loss:.0f})"


def _plural(count: int, judgement: Judgement) -> str:
    if count == 1:
        return f"1 {judgement}"
    return f"{count} {judgement.removesuffix('y')}ies" if judgement.endswith("y") else f"{count} {judgement}s"
