"""The review of a study as the analysis package has it, for reports and annotated records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xiangqi_gpt.players.score import Score
from xiangqi_gpt.rules import XiangqiError

from .move_notes import MoveNote
from .study import Study

if TYPE_CHECKING:
    from xiangqi_gpt.analysis.move_analysis import GameAnalysis, MoveAnalysis
    from xiangqi_gpt.records import Game


class NoReviewError(XiangqiError):
    """A game whose moves have not all been looked at yet, or that has none."""

    code = "no_review"


class NotAnalysedError(NoReviewError):
    """A game that is not under analysis."""

    code = "review_elsewhere"


def review_of(study: Study, game: Game, model: str, analyst: str, reviewed: float) -> GameAnalysis:
    """Return what is known of the moves of a game by now; ``reviewed`` is the share of them that was searched.

    Raises ``NoReviewError``.
    """
    from xiangqi_gpt.analysis.files import find_opening
    from xiangqi_gpt.analysis.move_analysis import GameAnalysis

    notes = [study.notes.get(ply) for ply in range(1, len(study.main_moves) + 1)]
    known = [note for note in notes if note is not None]
    if not known or len(known) < len(notes):
        raise NoReviewError("the game has not been reviewed yet")
    nodes = (min if reviewed == 1 else max)(note.nodes for note in known)
    deep = analyst or (f"search:{model},nodes={nodes}" if nodes else "")
    moves, opening = tuple(map(_move, known)), find_opening(game)
    return GameAnalysis(game, moves, model=model, deep=deep, opening=opening, reviewed=reviewed)


def _move(note: MoveNote) -> MoveAnalysis:
    from xiangqi_gpt.analysis.move_analysis import MoveAnalysis, score_of

    return MoveAnalysis(
        ply=note.ply,
        turn=note.turn,
        move=note.move,
        probability=note.probability,
        rank=note.rank,
        choices=note.choices,
        before=note.before,
        after=note.after,
        best=note.best,
        best_after=note.best_after,
        variation=note.variation,
        likely=((note.move, note.probability),),
        score=_score(note.score) if note.score else score_of(note.after),
        best_score=_score(note.best_score) if note.best_score else score_of(note.best_after),
        refutation=note.refutation,
        is_book=note.is_book,
        illegal=note.illegal,
        nodes=note.nodes,
    )


def _score(text: str) -> Score:
    """A score from what its ``str`` says."""
    sign, moves = -1 if text.startswith("-") else 1, text.lstrip("+-")
    return Score(mate=sign * int(moves[1:])) if moves.startswith("M") else Score(cp=round(100 * float(text)))
