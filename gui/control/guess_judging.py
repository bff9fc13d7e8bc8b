"""A guess at the next move of a game, judged and told."""

from __future__ import annotations

from typing import Final

from xiangqi_gpt.rules import Move

from ..state.guess import Guessing, Verdict
from ..state.notation import move_text
from ..state.scene import Tone
from ..state.study import Study
from .mode_context import ModeContext

_KEYS: Final = {Verdict.RIGHT: "guess_right", Verdict.AS_GOOD: "guess_as_good", Verdict.WRONG: "guess_wrong"}
_TONES: Final = {Verdict.RIGHT: Tone.GOOD, Verdict.WRONG: Tone.BAD}


def judge_guess(context: ModeContext, study: Study, guessing: Guessing, move: Move, now: float) -> bool:
    """Judge a guess and say how good it was; False where it may be guessed again. Raises ``IllegalMoveError``."""
    study.shown_board.check_legal(move)
    played, notation = study.line[study.shown], context.settings.notation
    decision = study.decision
    note = study.notes.get(study.shown + 1) if study.is_on_main_line else None
    verdict = guessing.judge(study.shown_board, move, played.move, decision.policy if decision else {}, note)
    guessed, name = move_text(study.shown_board, move, notation), played.texts[notation]
    if verdict is Verdict.AGAIN:
        context.notify(lambda t: t("guess_again", guess=guessed), now, Tone.BAD)
        return False
    context.notify(
        lambda t: f"{t(_KEYS[verdict], guess=guessed, move=name)} · {t.score('guess_so_far', guessing)}",
        now,
        _TONES.get(verdict, Tone.PLAIN),
    )
    return True
