"""The controller: when players are asked, when their answers count, and what the status line says."""

from __future__ import annotations

import pytest
from gui_helpers import FakeThinker, asked, decided
from xiangqi_gpt.gui.control.controller import Controller
from xiangqi_gpt.gui.control.play_mode import REPLY_PAUSE
from xiangqi_gpt.gui.i18n.texts import Texts
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.error_report import ErrorReport
from xiangqi_gpt.gui.state.intents import ConfirmResign, Paste, PlayText, ShowPly, StartGame, TryMove
from xiangqi_gpt.gui.state.languages import LANGUAGES
from xiangqi_gpt.gui.state.session import HUMAN, GameSession
from xiangqi_gpt.gui.state.settings import Settings
from xiangqi_gpt.gui.worker.messages import Crashed, Failed, Ready, Think

from xiangqi_gpt.players.player import Decision
from xiangqi_gpt.rules import Move

NOW = 50.0


def controller(*players: str, **settings: object) -> tuple[Controller, FakeThinker]:
    thinker = FakeThinker()
    red, black = players or (HUMAN, "greedy")
    chosen = Settings(**{"language": "en", "notation": "iccs", **settings})  # type: ignore[arg-type]
    made = Controller(GameSession((red, black)), chosen, thinker)
    made.sync_requests(NOW)
    return made, thinker


def status(made: Controller) -> str:
    return made.scene(Texts("en"), NOW).status


def play(made: Controller, iccs: str, now: float = NOW) -> None:
    move = Move.from_iccs(iccs)
    made.apply(TryMove(move.from_square, move.to_square), now)


def test_the_player_is_asked_after_the_persons_move_and_answers() -> None:
    made, thinker = controller()
    assert thinker.asked == []
    play(made, "h2e2")
    (request,) = thinker.asked
    assert request.spec == "greedy" and [str(move) for move in request.position.moves] == ["h2e2"]
    made.answer(decided(request, "h9g7"), NOW + 0.01)
    assert made.session.ply_count == 1, "the reply waits until the move before it has been seen"
    assert made.wake_at() == pytest.approx(NOW + REPLY_PAUSE)
    assert made.tick(NOW + REPLY_PAUSE)
    assert made.session.ply_count == 2 and made.session.may_move


def test_a_player_with_red_begins() -> None:
    _, thinker = controller("greedy", HUMAN)
    assert len(thinker.asked) == 1


def test_undo_cancels_thinking_and_a_late_answer_is_ignored() -> None:
    made, thinker = controller()
    play(made, "h2e2")
    made.apply(Command.UNDO, NOW)
    assert thinker.open == []
    made.answer(decided(thinker.asked[0], "h9g7"), NOW + 1)
    made.tick(NOW + 5)
    assert made.session.ply_count == 0 and made.session.may_move


def test_undo_drops_an_answer_that_waits_to_be_played() -> None:
    made, thinker = controller()
    play(made, "h2e2")
    made.answer(decided(thinker.asked[0], "h9g7"), NOW)
    made.apply(Command.UNDO, NOW)
    made.tick(NOW + 5)
    assert made.session.ply_count == 0


def test_a_new_game_forgets_what_was_asked() -> None:
    made, thinker = controller()
    play(made, "h2e2")
    made.apply(StartGame((HUMAN, "random")), NOW)
    assert thinker.open == []
    assert made.settings.players == (HUMAN, "random")


def test_playing_black_turns_the_board() -> None:
    made, _ = controller()
    made.apply(StartGame(("greedy", HUMAN)), NOW)
    assert made.settings.flipped
    made.apply(StartGame((HUMAN, "greedy")), NOW)
    assert not made.settings.flipped


def test_a_reply_does_not_pull_a_reader_back() -> None:
    made, thinker = controller()
    play(made, "h2e2")
    made.apply(ShowPly(0), NOW)
    made.answer(decided(thinker.asked[0], "h9g7"), NOW + 1)
    assert made.session.ply_count == 2 and made.session.shown == 0


def test_players_play_each_other_until_paused() -> None:
    made, thinker = controller("greedy", "random")
    made.answer(decided(thinker.asked[0], "h2e2"), NOW)
    made.tick(NOW + 2)
    assert thinker.asked[-1].spec == "random"
    made.apply(Command.PAUSE, NOW + 2)
    assert thinker.open == [thinker.asked[0]] and status(made) == "Paused"
    made.apply(Command.PAUSE, NOW + 2)
    assert thinker.open[-1].spec == "random"


@pytest.mark.parametrize(
    ("iccs", "words"),
    [
        ("b0d1", "leg is blocked"),
        ("c0e2", None),
        ("h2h7", "exactly one"),
        ("a9a8", "other side"),
        ("e0e2", "move like"),
    ],
)
def test_a_refused_move_says_why(iccs: str, words: str | None) -> None:
    made, _ = controller()
    made.apply(TryMove(*(_square(iccs[i : i + 2]) for i in (0, 2))), NOW)
    if words is None:
        assert made.session.ply_count == 1
    else:
        assert made.session.ply_count == 0 and words in status(made)


def _square(name: str) -> int:
    return "abcdefghi".index(name[0]) + 9 * int(name[1])


def test_the_notice_goes_away() -> None:
    made, _ = controller()
    made.apply(TryMove(1, 12), NOW)
    until = made.wake_at()
    assert until is not None and made.tick(until)
    assert status(made) == "Your move"


@pytest.mark.parametrize("text", ["h2e2", "炮二平五", "C2.5", " H2-E2 "])
def test_typed_moves_in_every_notation(text: str) -> None:
    made, _ = controller()
    made.apply(PlayText(text), NOW)
    assert [str(ply.move) for ply in made.session.line] == ["h2e2"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("xyzzy", "Not a move: xyzzy"),
        ("h2h7", "exactly one piece"),
        ("马二进四", "leg is blocked"),
        ("炮五进四", "炮五进四 is not legal: no such piece stands on that file"),
    ],
)
def test_typed_moves_that_cannot_be_are_refused_with_the_reason(text: str, words: str) -> None:
    made, _ = controller()
    made.apply(PlayText(text), NOW)
    assert made.session.ply_count == 0 and words in status(made)


def test_a_hint_asks_and_draws_an_arrow_until_the_next_move() -> None:
    made, thinker = controller()
    made.apply(Command.HINT, NOW)
    assert thinker.asked[0].spec == "gpt", "greedy is no good adviser"
    made.answer(
        decided(thinker.asked[0], "h0g2", policy={Move.from_iccs("h2e2"): 0.6, Move.from_iccs("h0g2"): 0.4}), NOW
    )
    scene = made.scene(Texts("en"), NOW)
    assert [str(arrow.move) for arrow in scene.arrows] == ["h2e2"] and "cannon h2 to e2" in scene.status
    play(made, "b0c2")
    assert made.scene(Texts("en"), NOW).arrows == []


def test_the_mind_is_asked_for_every_shown_position() -> None:
    made, thinker = controller(HUMAN, HUMAN)
    made.apply(Command.IDEAS, NOW)
    policy = {Move.from_iccs("h2e2"): 0.7, Move.from_iccs("b2e2"): 0.28, Move.from_iccs("a0a1"): 0.02}
    made.answer(decided(thinker.asked[0], "h2e2", policy=policy, wdl=(0.4, 0.3, 0.3)), NOW)
    scene = made.scene(Texts("en"), NOW)
    assert [(str(arrow.move), arrow.probability) for arrow in scene.arrows] == [("h2e2", 0.7), ("b2e2", 0.28)]
    assert made.session.evaluation_at(0) == (0.4, 0.3, 0.3)
    play(made, "h2e2")
    assert len(asked(thinker, Think)) == 2 and asked(thinker, Think)[1].position.moves
    made.apply(Command.BACK, NOW)
    assert asked(thinker, Think) == [thinker.asked[0]], (
        "the answer for the first position is known, the other cancelled"
    )


def test_a_player_that_fails_is_named_and_not_asked_again_until_wanted() -> None:
    made, thinker = controller(HUMAN, "gpt:nowhere")
    play(made, "h2e2")
    count = len(thinker.asked)
    made.answer(Failed("gpt:nowhere", thinker.asked[-1].number, ErrorReport("error", "no model in nowhere")), NOW)
    assert status(made).endswith("no model in nowhere")
    assert len(thinker.asked) == count
    made.apply(Command.PAUSE, NOW)
    assert len(thinker.asked) == count + 1


def test_a_crash_is_told() -> None:
    made, _ = controller()
    play(made, "h2e2")
    made.answer(Crashed(True), NOW)
    assert "started again" in status(made)
    made.answer(Crashed(False), NOW)
    assert "Press P" in status(made) and not made.session.awaits_player


def test_the_status_says_that_a_player_is_loading() -> None:
    made, _ = controller()
    play(made, "h2e2")
    assert status(made) == "Loading Greedy"
    made.answer(Ready("greedy", "greedy"), NOW)
    assert status(made) == "Greedy is thinking"


def test_resigning_names_the_rule() -> None:
    made, _ = controller()
    made.apply(ConfirmResign(0), NOW)
    assert status(made) == "Black wins: Red resigned"
    play(made, "h2e2")
    assert status(made) == "The game is over"


def test_pasting_a_position() -> None:
    made, _ = controller()
    made.apply(Paste("3k5/9/9/9/9/9/9/9/9/4K4 w"), NOW)
    assert made.session.start_fen.startswith("3k5/")
    made.apply(Paste("3k5/9/9/9/9/9/9/9/9/9 w"), NOW)
    assert made.session.start_fen.startswith("3k5/") and "No position" in status(made)


def test_a_language_brings_its_notation_unless_one_was_chosen() -> None:
    made, _ = controller(language="zh", notation="chinese")
    made.apply(Command.LANGUAGE, NOW)
    assert (made.settings.language, made.settings.notation) == ("en", "wxf")
    made.apply(Command.NOTATION, NOW)
    for _ in LANGUAGES[1:]:  # round to the first again
        made.apply(Command.LANGUAGE, NOW)
    assert (made.settings.language, made.settings.notation) == ("zh", "iccs")


def test_games_and_settings_are_kept() -> None:
    games: list[int] = []
    kept: list[Settings] = []
    made = Controller(
        GameSession(),
        Settings(),
        FakeThinker(),
        keep_game=lambda session: games.append(session.ply_count),
        keep_settings=kept.append,
    )
    made.sync_requests(NOW)
    play(made, "h2e2")
    made.apply(Command.THEME, NOW)
    assert games == [0, 1] and kept[-1].theme == "light"


def test_a_decision_without_policy_is_no_endless_question() -> None:
    made, thinker = controller(HUMAN, HUMAN, show_ideas=True)
    made.answer(decided(thinker.asked[0], "h2e2"), NOW)
    made.sync_requests(NOW)
    made.tick(NOW + 1)
    assert len(asked(thinker, Think)) == 1
    assert isinstance(made.scene(Texts("en"), NOW).decision, Decision)
