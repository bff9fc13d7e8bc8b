"""An analysis as a game record: comments, glyphs and the better lines, for any program that reads PGN."""

from __future__ import annotations

import re
from typing import Final

from xiangqi_gpt.players.score import whole_percents
from xiangqi_gpt.records import Game, GameNode
from xiangqi_gpt.rules import RED, Board, Move, Wdl

from .move_analysis import GameAnalysis, Judgement, MoveAnalysis, legal_line

#: Numeric annotation glyphs: ?!, ? and ??.
_NAGS: Final = {Judgement.INACCURACY: 6, Judgement.MISTAKE: 2, Judgement.BLUNDER: 4}
#: Glyphs that judge a move, whoever wrote them: !, ?, !!, ??, !? and ?!.
_JUDGING: Final = range(1, 7)
#: What ``comment`` writes, for finding that of an earlier review; a record may have broken its lines.
_EARLIER: Final = re.compile(
    (
        r"(?:; )?\[%eval [^\]]+\] [\d.]+% \(no\. \d+\), [^,;\s]+ bits, wdl [\d/]+ > [\d/]+(?:, book)?"
        r"(?:, (?P<judgement>\w+): \S+ [\d/]+(?:, refuted by [a-i\d]+)?)?"
    ).replace(" ", r"\s+")
)


def annotated(analysis: GameAnalysis) -> Game:
    """A copy of the game in which each move says what the model thought of it; what others wrote stays.

    What an earlier review said gives way, and a move that a person gave a glyph gets no other.
    """
    game = analysis.game
    copy = game.copy()
    copy.tags = _opening(analysis) | game.tags | {"Annotator": _annotator(analysis)}
    board = game.board()
    nodes = list(copy.mainline())
    for move in analysis.moves:
        _annotate(nodes[move.ply - 1], move, board)
        board.push(move.move)
    return copy


def _annotator(analysis: GameAnalysis) -> str:
    """Who judged, and how much of the game where that is not all."""
    name = analysis.deep or analysis.model
    return name if analysis.reviewed == 1 else f"{name}, {int(100 * analysis.reviewed)}% of the moves"


def _opening(analysis: GameAnalysis) -> dict[str, str]:
    opening = analysis.opening
    if opening is None:
        return {}
    is_one_class = len(opening.code) == 3  # else the game could still become one of several
    return {"Opening": opening.name} | ({"ECCO": opening.code} if is_one_class else {})


def _annotate(node: GameNode, move: MoveAnalysis, board: Board) -> None:
    _forget_earlier(node)
    node.comment = "; ".join(filter(None, [node.comment, comment(move)]))
    if move.judgement is Judgement.FINE:
        return
    if not any(nag in _JUDGING for nag in node.nags):
        node.nags.append(_NAGS[move.judgement])
    assert node.parent is not None
    _add_line(node.parent, [better for better, _ in legal_line(board, move.variation)])
    after = board.copy()
    after.push(move.move)
    refutation = [answer for answer, _ in legal_line(after, move.refutation)]
    if not node.is_end():  # else the line would go on with the game
        _add_line(node, refutation)


def _forget_earlier(node: GameNode) -> None:
    """Take out what an earlier review wrote beside a move."""
    for found in _EARLIER.finditer(node.comment):
        own = next((nag for judgement, nag in _NAGS.items() if judgement.value == found["judgement"]), None)
        node.nags = [nag for nag in node.nags if nag != own]
    node.comment = _EARLIER.sub("", node.comment).removeprefix("; ")


def _add_line(node: GameNode, moves: list[Move]) -> None:
    """Add a variation unless the game, or one that is there, begins alike: two mistakes may have one answer."""
    if moves and node.find(moves[0]) is None:
        node.add_line(moves)


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
