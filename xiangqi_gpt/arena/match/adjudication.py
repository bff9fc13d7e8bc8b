"""When a game is ended before the rules end it: it is too long, or the scores leave no doubt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from xiangqi_gpt.option_text import OptionTextError, read_options
from xiangqi_gpt.players import Decision
from xiangqi_gpt.players.score import centipawns
from xiangqi_gpt.rules import BLACK, RED, Outcome, Termination, XiangqiError

#: Plies after which a game is called a draw: hardly any real game is longer than 315.
MAX_PLIES: Final = 400

#: Centipawns that stand for a mate found.
_MATE: Final = 30_000


class AdjudicationError(XiangqiError):
    """A rule of adjudication that cannot be read."""


@dataclass(frozen=True)
class ScoreRule:
    """Scores of at least (a win) or at most (a draw) ``score`` centipawns for ``moves`` moves of both players in a row.

    ``after`` is the ply before which the rule does not apply.
    """

    score: int
    moves: int
    after: int = 0

    @classmethod
    def parse(cls, text: str, *, moves: int, after: int = 0) -> ScoreRule:
        """Read ``score=900,moves=4,after=80``; what is left out has the given values. Raises ``AdjudicationError``.

        >>> ScoreRule.parse("score=900", moves=4)
        ScoreRule(score=900, moves=4, after=0)
        """
        values = {"moves": moves, "after": after}
        try:
            values |= read_options(text, dict.fromkeys(("score", "moves", "after"), _count))
        except OptionTextError as error:
            raise AdjudicationError(f"{text!r}: expected score=CENTIPAWNS,moves=N,after=PLY; {error}") from None
        if "score" not in values or values["moves"] < 1:
            raise AdjudicationError(f"{text!r}: a score=CENTIPAWNS and at least one move are needed")
        return cls(**values)


@dataclass(frozen=True)
class Adjudication:
    """``win`` and ``draw`` by score, both off by default, and a draw after ``max_plies`` plies with the opening's."""

    max_plies: int = MAX_PLIES
    win: ScoreRule | None = None
    draw: ScoreRule | None = None

    def judge(self, plies: int, scores: Sequence[int | None]) -> Outcome | None:
        """The outcome of a game of ``plies`` plies that the rules let go on, None to let it go on too.

        ``scores`` holds Red's centipawns at every ply so far as the mover, or the referee, saw them.
        """
        if self.win and (recent := _recent(self.win, plies, scores)) is not None:
            for winner, sign in ((RED, 1), (BLACK, -1)):
                if all(sign * score >= self.win.score for score in recent):
                    detail = f"scores of {self.win.score / 100:g} pawns or more for {self.win.moves} moves"
                    return Outcome(winner, Termination.ADJUDICATION, detail)
        if self.draw and (recent := _recent(self.draw, plies, scores)) is not None and _is_even(self.draw, recent):
            detail = f"scores within {self.draw.score / 100:g} pawns for {self.draw.moves} moves"
            return Outcome(None, Termination.ADJUDICATION, detail)
        if plies >= self.max_plies:
            return Outcome(None, Termination.ADJUDICATION, f"{self.max_plies} plies played")
        return None


def _count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise ValueError("expected a number of at most six digits")
    return int(text)


def _recent(rule: ScoreRule, plies: int, scores: Sequence[int | None]) -> list[int] | None:
    """The scores a rule looks at, None when there are not enough."""
    recent = [score for score in scores[-2 * rule.moves :] if score is not None]
    return recent if plies >= rule.after and len(recent) == 2 * rule.moves else None


def _is_even(rule: ScoreRule, scores: Sequence[int]) -> bool:
    return all(abs(score) <= rule.score for score in scores)


def stands(decision: Decision) -> int | None:
    """How the side to move stands in centipawns, None when the player did not say; win/draw/loss is converted."""
    score = decision.score
    if score is None:
        return None if decision.wdl is None else centipawns(decision.wdl)
    if score.mate is not None:
        return _MATE if score.mate > 0 else -_MATE
    return score.cp
