"""What the status line says when nothing special has happened."""

from __future__ import annotations

from xiangqi_gpt.rules import RED, Outcome

from ..i18n.texts import Texts
from ..state.position_editor import PositionEditor
from ..state.scene import Tone
from ..state.session import HUMAN, GameSession
from .analysis_mode import AnalysisMode


def status_line(session: GameSession, texts: Texts, loading: bool) -> tuple[str, Tone]:
    """Return the line and its tone; ``loading``: the player to move is not ready yet."""
    if not session.is_live:
        return texts("looking_back", ply=session.shown, count=session.ply_count), Tone.QUIET
    if session.outcome is not None:
        return _ending(texts, session.outcome), Tone.GOOD
    if session.paused and session.players[session.turn] != HUMAN:
        return texts("paused"), Tone.QUIET
    if session.draw_offered_by is not None and session.may_move:
        return texts("draw_offered", side=texts.side(session.draw_offered_by)), Tone.GOOD
    if session.awaits_player:
        name = texts.player(session.players[session.turn])
        return texts("loading" if loading else "thinking", name=name), Tone.QUIET
    key = "your_move" if session.person is not None else "red_to_move" if session.turn == RED else "black_to_move"
    if session.shown_board.is_check():
        return f"{texts('check')} {texts(key)}", Tone.BAD
    return texts(key), Tone.PLAIN


def _ending(texts: Texts, outcome: Outcome) -> str:
    separator = texts("colon")
    return texts.result(outcome) + separator + texts.termination(outcome)


def analysis_status(analysis: AnalysisMode, texts: Texts) -> tuple[str, Tone]:
    """Return the line in Analyse mode: what is going on, the score of guessing, or what the last move was worth."""
    study, guessing, note = analysis.study, analysis.guessing, analysis.study.note
    if analysis.drilling is not None:
        return analysis.drilling.status(texts)
    if guessing is not None:
        return texts.score("guess_score", guessing), Tone.PLAIN
    if study.outcome is not None:
        return _ending(texts, study.outcome), Tone.GOOD
    if note is not None and note.judgement:
        return texts.judged(note.judgement, note.loss), Tone.BAD
    if analysis.progress == 0:  # nothing was searched yet: at the first start that is compiled first
        key = "annotating_begins" if study.notes else "annotating_prepares"
        return texts(key), Tone.QUIET
    if analysis.progress is not None:
        return texts("annotating", share=f"{analysis.progress:.0%}"), Tone.QUIET
    if study.shown_board.is_check():
        return texts("check"), Tone.BAD
    return texts("red_to_move" if study.turn == RED else "black_to_move"), Tone.PLAIN


def setup_status(editor: PositionEditor, texts: Texts, notation: str) -> tuple[str, Tone]:
    """Return the line in set-up mode: what is wrong with the position."""
    faults = editor.faults()
    return (texts.position_fault(faults[0], notation), Tone.BAD) if faults else (texts("position_sound"), Tone.GOOD)
