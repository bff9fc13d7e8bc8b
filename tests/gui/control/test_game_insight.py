"""The opening and a blind model's illegal wishes in Play mode: asked for while the ideas are shown, and drawn."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from gui_helpers import Window, asked, decided
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.error_report import ErrorReport
from xiangqi_gpt.gui.state.intents import ShowPly
from xiangqi_gpt.gui.state.move_notes import Insight
from xiangqi_gpt.gui.state.session import HUMAN
from xiangqi_gpt.gui.worker.messages import Failed, Look, Looked, Think

from xiangqi_gpt.rules import Move

OpenWindow = Callable[..., Window]
BLIND = Insight("D04 顺炮横车对直车", (5, 0, 1, 0), moves_only=True, illegal=(Move.from_iccs("h2h8"), 0.125))


def looks(window: Window) -> list[int]:
    """The plies of the positions that were asked about, in order."""
    return [len(request.position.moves) for request in window.thinker.asked if isinstance(request, Look)]


def reply(window: Window, insight: Insight = BLIND) -> None:
    request = asked(window.thinker, Look)[-1]
    window.answer(Looked(request.number, insight))


def test_each_position_is_asked_about_once_while_the_mind_is_shown(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, HUMAN))
    window.click("h2")
    window.click("e2")
    assert looks(window) == []
    window.app.carry_out(Command.IDEAS)
    assert looks(window) == [1]
    reply(window)
    window.app.carry_out(ShowPly(0))
    window.app.carry_out(ShowPly(1))
    window.app.carry_out(ShowPly(0))
    assert looks(window) == [1, 0, 0], "what was not answered is asked again"
    window.answer(Failed("gpt", asked(window.thinker, Look)[-1].number, ErrorReport("error", "no openings")))
    window.app.carry_out(ShowPly(1))
    window.app.carry_out(ShowPly(0))
    assert looks(window) == [1, 0, 0], "what failed is not"
    assert window.app.controller.settings.show_ideas


def test_an_answer_that_comes_too_late_is_not_taken_for_another_position(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, HUMAN), show_ideas=True)
    (first,) = asked(window.thinker, Look)
    window.click("h2")
    window.click("e2")
    assert first.number in window.thinker.cancelled
    window.answer(Looked(first.number, BLIND))
    assert window.app.controller.play.insight.shown is None


@pytest.mark.parametrize("size", [(800, 600), (1180, 860)])
@pytest.mark.parametrize(
    ("language", "opening", "illegal"),
    [("zh", "D04 顺炮横车对直车", "违规 h2h8"), ("en", "D04 Same Direction", "Illegal h2h8")],
)
def test_the_opening_and_the_illegal_wish_are_shown(
    open_window: OpenWindow,
    drawn_words: list[str],
    cut_words: list[str],
    size: tuple[int, int],
    language: str,
    opening: str,
    illegal: str,
) -> None:
    window = open_window((HUMAN, "gpt"), show_ideas=True, size=size, language=language)
    window.answer(decided(asked(window.thinker, Think)[-1], "h2e2", policy={Move.from_iccs("h2e2"): 0.9}))
    reply(window)
    window.app.draw()
    assert any(words.startswith(opening) for words in drawn_words) and illegal in drawn_words and not cut_words
    drawn_words.clear()
    window.app.carry_out(Command.IDEAS)
    window.app.draw()
    assert illegal not in drawn_words
