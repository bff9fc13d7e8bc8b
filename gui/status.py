"""What the status line says when nothing special has happened."""

from __future__ import annotations

from xiangqi_gpt.rules import RED, Outcome

from .scene import Tone
from .session import HUMAN, GameSession
from .texts import Texts


def status_line(session: GameSession, texts: Texts, loading: bool) -> tuple[str, Tone]:
    """The line and its tone; ``loading``: the player to move is not ready yet."""
    if not session.is_live:
        return texts("looking_back", ply=session.shown, count=session.ply_count), Tone.QUIET
    if session.outcome is not None:
        return _ending(texts, session.outcome), Tone.GOOD
    if session.paused and session.seats[session.turn] != HUMAN:
        return texts("paused"), Tone.QUIET
    if session.awaits_player:
        name = texts.player(session.seats[session.turn])
        return texts("loading" if loading else "thinking", name=name), Tone.QUIET
    key = "your_move" if session.person is not None else "red_to_move" if session.turn == RED else "black_to_move"
    if session.shown_board.is_check():
        return f"{texts('check')} {texts(key)}", Tone.BAD
    return texts(key), Tone.PLAIN


def _ending(texts: Texts, outcome: Outcome) -> str:
    separator = "：" if texts.language == "zh" else ": "
    return texts.result(outcome) + separator + texts.termination(outcome)
