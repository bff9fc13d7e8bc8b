"""An analysis as a game record: comments, glyphs and the better lines, for any program that reads PGN."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from xiangqi_gpt.players.score import whole_percents
from xiangqi_gpt.records import Game, Variation
from xiangqi_gpt.rules import RED, Board, Move, Wdl

from .move_analysis import GameAnalysis, Judgement, MoveAnalysis, legal_line

#: Numeric annotation glyphs: ?!, ? and ??.
_NAGS: Final = {Judgement.INACCURACY: 6, Judgement.MISTAKE: 2, Judgement.BLUNDER: 4}


def annotated(analysis: GameAnalysis) -> Game:
    """A copy of the game in which each move says what the model thought of it; what others wrote stays."""
    game = analysis.game
    copy = replace(
        game,
        comments=dict(game.comments),
        variations={ply: list(lines) for ply, lines in game.variations.items()},
        nags={ply: list(nags) for ply, nags in game.nags.items()},
        tags=_opening(analysis) | game.tags | {"Annotator": analysis.deep or analysis.model},
    )
    board = game.board(0)
    for move in analysis.moves:
        _annotate(copy, move, board)
        board.push(move.move)
    return copy


def _opening(analysis: GameAnalysis) -> dict[str, str]:
    opening = analysis.opening
    if opening is None:
        return {}
    is_one_class = len(opening.code) == 3  # else the game could still become one of several
    return {"Opening": opening.name} | ({"ECCO": opening.code} if is_one_class else {})


def _annotate(game: Game, move: MoveAnalysis, board: Board) -> None:
    n = move.ply - 1
    game.comments[n + 1] = "; ".join(filter(None, [game.comments.get(n + 1), comment(move)]))
    if move.judgement is Judgement.FINE:
        return
    game.nags.setdefault(n, []).append(_NAGS[move.judgement])
    _add_line(game, n, [better for better, _ in legal_line(board, move.variation)])
    after = board.copy()
    after.push(move.move)
    refutation = [answer for answer, _ in legal_line(after, move.refutation)]
    if refutation and n + 1 < len(game.moves) and refutation[0] != game.moves[n + 1]:  # else the game shows it itself
        _add_line(game, n + 1, refutation)


def _add_line(game: Game, n: int, moves: list[Move]) -> None:
    """Add a variation instead of a move, unless one begins alike: a mistake that is not punished is two mistakes."""
    lines = game.variations.setdefault(n, [])
    if all(line.moves[:1] != moves[:1] for line in lines):
        lines.append(Variation(moves=moves))


def comment(move: MoveAnalysis) -> str:
    """What the model thought of a move, in a line: how likely, how surprising, win/draw/loss before and after."""
    text = f"[%eval {evaluation(move)}] {move.probability:.1%} (no. {move.rank}), {move.surprise:.1f} bits"
    text += f", wdl {per_cent(move.before)} > {per_cent(move.after)}"
    if move.is_book:
        text += ", book"
    if move.judgement:
        text += f", {move.judgement}: {move.best} {per_cent(move.best_after)}"
        if move.refutation:
            text += f", refuted by {move.refutation[0]}"
    return text


def evaluation(move: MoveAnalysis) -> str:
    """The value of the position after a move as ``[%eval]`` has it: pawns for Red, or ``#`` and moves to mate."""
    sign = 1 if move.turn == RED else -1
    if move.score.mate is not None:
        return f"#{sign * move.score.mate}"
    return f"{sign * (move.score.cp or 0) / 100:.2f}"


def per_cent(wdl: Wdl) -> str:
    """Win, draw and loss as whole numbers that sum to 100: ``41/30/29``."""
    return "/".join(map(str, whole_percents(wdl)))
