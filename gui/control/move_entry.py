"""Moves as a person makes them, with the pointer or in writing: refused with a reason, doubted, or passed on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from xiangqi_gpt.rules import Move, MoveError, Outcome, parse_move

from ..state.error_report import report
from ..state.intents import TryMove
from ..state.scene import Tone
from ..state.session import GameSession
from ..state.study import Study
from .mode_context import Wording

Playable = GameSession | Study


def obstacle(shown: Playable) -> str | None:
    """Key of the sentence that says why a person cannot move at all; None when they can."""
    if shown.may_move:
        return None
    if isinstance(shown, Study) or shown.outcome is not None:
        return "game_over"
    if shown.paused and shown.clock is not None:
        return "paused_first"
    return "look_back_first" if not shown.is_live else "not_your_turn"


class MoveEntry:
    """Takes moves on what is shown; ``play`` makes those that can be made."""

    def __init__(self, notify: Callable[[Wording, float, Tone], None], play: Callable[[Move, float], None]) -> None:
        self._notify, self._play = notify, play
        #: A move that would lose by repetition, and how: it waits for the person to be sure.
        self.doubtful: tuple[TryMove, Outcome] | None = None

    def allows(self, intent: TryMove, shown: Playable) -> bool:
        """Return whether a move may be played now."""
        return obstacle(shown) is None and shown.refusal(intent.source, intent.target) is None

    def try_move(self, intent: TryMove, shown: Playable, now: float) -> None:
        """A move from one square to another."""
        if not self._is_open(shown, now):
            return
        reason = shown.refusal(intent.source, intent.target)
        if reason is not None:
            self._notify(lambda t: t.refusal(reason), now, Tone.BAD)
            return
        move = Move.of(intent.source, intent.target)
        outcome = None if intent.sure or isinstance(shown, Study) else shown.lost_by_repeating(move)
        if outcome is None:
            self._play(move, now)
        else:
            self.doubtful = replace(intent, sure=True), outcome

    def type_move(self, text: str, shown: Playable, now: float) -> None:
        """A move that was typed in any notation."""
        if not self._is_open(shown, now):
            return
        try:
            move = parse_move(shown.shown_board, text)
            self.try_move(TryMove(move.from_square, move.to_square), shown, now)
        except MoveError as error:
            found = report(error)
            self._notify(lambda t: t.error(found), now, Tone.BAD)

    def _is_open(self, shown: Playable, now: float) -> bool:
        key = obstacle(shown)
        if key is not None:
            self._notify(lambda t: t(key), now, Tone.BAD)
        return key is None
