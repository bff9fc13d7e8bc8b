"""A reviewed game in the window: its mistakes, their refutations, and what stands beside the moves."""

from __future__ import annotations

from dataclasses import replace

import pygame
import pytest
from gui_helpers import Window, asked, games_read
from study_window import GAME, OpenWindow, answer_all, middle, studied
from xiangqi_gpt.gui.dialogs.games_dialog import GamesDialog
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.intents import ChooseView, OpenRecord, SetAnalyst, ShowPly
from xiangqi_gpt.gui.state.mode import View
from xiangqi_gpt.gui.state.move_notes import Insight, MoveNote
from xiangqi_gpt.gui.state.session import HUMAN
from xiangqi_gpt.gui.state.theme import DARK
from xiangqi_gpt.gui.views.tooltip import DELAY
from xiangqi_gpt.gui.worker.messages import Annotate, Annotated, Read

from xiangqi_gpt.records import Game
from xiangqi_gpt.rules import START_FEN, Move, Wdl

SIZES = [(800, 600), (1180, 760), (1920, 1080)]
#: 3. R1.2 loses a rook to the rear cannon.
ROOK = ("h2e2", "h7h3", "h0g2", "b7h7", "i0h0", "h7h0")


def moves(*texts: str) -> tuple[Move, ...]:
    return tuple(map(Move.from_iccs, texts))


def note(ply: int, move: str, judgement: str = "", loss: float = 0.0, **values: object) -> MoveNote:
    (played,) = moves(move)
    half = Wdl(0.4, 0.2, 0.4)
    seen = MoveNote(ply, (ply - 1) % 2, played, 0.1, 3, 40, half, half, played, half, (played,), loss, judgement)
    return replace(seen, score="-3.64" if judgement else "+0.10", best_score="+1.22", **values)  # type: ignore[arg-type]


def reviewed(open_window: OpenWindow, **values: object) -> Window:
    """The rook's game with its review."""
    window = studied(open_window, Game(moves=list(moves(*ROOK))), **values)
    (*_, request) = asked(window.thinker, Annotate)
    notes = [note(n, move) for n, move in enumerate(ROOK, 1)]
    notes[0] = replace(notes[0], is_book=True)
    notes[1] = note(2, ROOK[1], "mistake", 0.12, best=moves("h9g7")[0], variation=moves("h9g7", "h0g2"),
                    refutation=moves("e2e6", "a9a8"))  # fmt: skip
    notes[4] = note(5, ROOK[4], "blunder", 0.4, best=moves("e2e6")[0], variation=moves("e2e6", "b9c7"),
                    refutation=moves("h7h0", "g2h0"), accuracy=16.0)  # fmt: skip
    window.app.controller.analysis.study.forget_notes(window.app.controller.analysis.study.main_moves)
    window.app.controller.analysis.study.notes.update({seen.ply: seen for seen in notes})
    assert request is not None
    window.app.carry_out(ChooseView(View.MISTAKES))
    window.app.draw()
    return window


def click_line(window: Window, kind: str, index: int = 0) -> None:
    place = window.app.screen.analyse_panel.mistakes.place_of(kind, index)
    assert place is not None
    window.click(middle(place))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_mistakes_stand_the_gravest_first(
    open_window: OpenWindow, drawn_words: list[str], size: tuple[int, int], language: str
) -> None:
    window = reviewed(open_window, size=size, language=language, notation="iccs")
    drawn_words.clear()
    window.app.draw()
    told = [words for words in drawn_words if "i0h0" in words or "h7h3" in words]
    assert told[0].startswith("3. i0h0??") and any(words.startswith("1… h7h3?") for words in told)
    assert "+1.22 → -3.64" in drawn_words
    assert any("e2e6" in words for words in drawn_words)


def test_what_the_search_has_not_looked_at_yet_is_written_paler(open_window: OpenWindow) -> None:
    window = reviewed(open_window, analyst="uci:engine,nodes=5")
    view, study = window.app.screen.analyse_panel.mistakes, window.app.controller.analysis.study
    kept = dict(study.notes)

    def red() -> int:
        window.app.draw()
        place = view.place_of("move")
        assert place is not None
        words = window.surface.subsurface(place)
        return int(pygame.mask.from_threshold(words, DARK.danger, (40, 40, 40, 255)).count())

    assert red(), "nothing is going on"
    window.app.carry_out(SetAnalyst(""))
    study.notes.update(kept)
    assert window.app.controller.analysis.progress is not None and not red()
    study.notes[5] = replace(kept[5], nodes=20)
    assert red()


def test_a_click_on_a_mistake_shows_it(open_window: OpenWindow) -> None:
    window = reviewed(open_window)
    study = window.app.controller.analysis.study
    click_line(window, "move")
    assert study.shown == 5 and study.current.is_mainline()
    click_line(window, "move", 1)
    assert study.shown == 2


def test_a_refutation_can_be_played_through_as_a_line(open_window: OpenWindow) -> None:
    window = reviewed(open_window)
    study = window.app.controller.analysis.study
    click_line(window, "refuted")
    assert str(study.current.move) == "h7h0" and study.shown == 6 and study.is_live
    window.app.carry_out(ChooseView(View.MISTAKES))
    window.app.draw()
    click_line(window, "refuted", 1)
    assert str(study.current.move) == "e2e6" and study.shown == 3 and not study.current.is_mainline()
    window.key(pygame.K_RIGHT)
    assert str(study.current.move) == "a9a8"
    assert [str(move) for move in study.main_moves] == list(ROOK)


def test_the_better_line_becomes_a_variation(open_window: OpenWindow) -> None:
    window = reviewed(open_window)
    study = window.app.controller.analysis.study
    click_line(window, "better")
    assert study.shown == 5 and str(study.current.move) == "e2e6" and not study.current.is_mainline()
    window.key(pygame.K_RIGHT)
    assert str(study.current.move) == "b9c7"
    assert study.edited
    window.app.draw()
    assert window.app.screen.analyse_panel.moves.place_of(study.current) is not None


def test_mistakes_are_not_told_to_who_guesses(open_window: OpenWindow, drawn_words: list[str]) -> None:
    window = reviewed(open_window, notation="iccs")
    window.app.carry_out(Command.GUESS)
    window.app.carry_out(ChooseView(View.MISTAKES))
    drawn_words.clear()
    window.app.draw()
    assert not any("i0h0" in words for words in drawn_words)
    assert (
        window.app.screen.analyse_panel.mistakes.place_of("refuted") is None or window.app.controller.analysis.guessing
    )


def test_the_glance_comes_at_once_and_better_notes_replace_it(open_window: OpenWindow) -> None:
    window = studied(open_window, Game(moves=list(moves(*ROOK))))
    window.app.carry_out(OpenRecord("again.pgn"))
    window.answer(games_read(asked(window.thinker, Read)[-1], Game(moves=list(moves(*ROOK)))))
    request = asked(window.thinker, Annotate)[-1]
    analysis = window.app.controller.analysis
    glance = tuple(note(n, move) for n, move in enumerate(ROOK, 1))
    window.answer(Annotated(request.number, glance, False, 0.0, 0))
    assert len(analysis.study.notes) == 6 and not analysis.study.mistakes()
    window.answer(Annotated(request.number, (note(5, ROOK[4], "blunder", 0.4),), False, 0.5, 0))
    assert [seen.ply for seen in analysis.study.mistakes()] == [5] and analysis.progress == 0.5
    window.answer(Annotated(request.number, (), True, 1.0, 1620))
    assert analysis.progress is None


@pytest.mark.parametrize(
    ("fen", "move", "sign"),
    [
        ("3k5/9/9/9/9/9/9/9/9/R4K3 w - - 0 1", "a0d0", "+"),
        ("3k5/R8/9/9/9/9/9/9/1R7/4K4 w - - 0 1", "b1b9", "#"),
        (START_FEN, "h2e2", ""),
    ],
)
def test_check_and_mate_have_their_signs_in_the_list(
    open_window: OpenWindow, drawn_words: list[str], fen: str, move: str, sign: str
) -> None:
    window = studied(open_window, Game(root=fen, moves=list(moves(move))), notation="iccs")
    window.app.controller.analysis.study.notes.clear()
    drawn_words.clear()
    window.app.draw()
    signs = {words.removeprefix(move).rstrip("?!") for words in drawn_words if words.startswith(move)}
    assert signs == {sign}


def test_the_model_answers_no_move_unless_it_is_asked_to(open_window: OpenWindow) -> None:
    window = studied(open_window)
    window.click("c3")
    window.click("c4")
    answer_all(window)
    assert window.app.controller.analysis.study.shown == 1


def test_the_belief_is_offered_where_a_model_has_one(open_window: OpenWindow) -> None:
    window = studied(open_window)
    panel = window.app.screen.analyse_panel
    window.app.draw()
    assert len(panel.views.options) == len(View) - 1
    window.app.carry_out(ShowPly(1))
    answer_all(window, Insight(decoded=tuple([0] * 90), confidence=tuple([1.0] * 90), moves_only=True))
    window.app.draw()
    assert len(panel.views.options) == len(View)


def test_pieces_of_the_belief_leave_no_squares_on_the_board(open_window: OpenWindow) -> None:
    window = studied(open_window, size=(1920, 1080))
    area = pygame.Rect(0, 0, 900, 1080)

    def board_picture() -> bytes:
        window.app.draw()
        return pygame.image.tobytes(window.surface.subsurface(area), "RGB")

    before = board_picture()
    board = tuple(window.app.controller.analysis.study.shown_board.squares.tolist())
    answer_all(window)
    for view in (View.DECODED_BOARD, View.MOVES):
        study = window.app.controller.analysis.study
        study.learn(study.current, Insight(decoded=board, confidence=tuple([0.5] * 90), moves_only=True))
        window.app.carry_out(ChooseView(view))
        window.app.draw()
    study.learn(study.current, Insight("C64 五七炮进三兵对屏风马", (4, 3, 2, 1)))
    assert board_picture() == before


def test_a_file_of_several_games_opens_their_list_and_openings_are_found(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "gpt"), language="zh")
    window.app.carry_out(OpenRecord("games.pgn"))
    elephant = Game(moves=list(moves("c0e2", "h9g7")), tags={"Red": "甲"})
    window.answer(games_read(asked(window.thinker, Read)[0], elephant, GAME))
    dialog = window.app.dialog
    assert isinstance(dialog, GamesDialog)
    dialog.field.text = "中炮"
    dialog._filter("中炮")
    assert dialog._indices == [1]
    window.key(pygame.K_RETURN)
    assert window.app.dialog is None and window.app.controller.analysis.chosen == 1


def test_one_game_opens_no_list(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "gpt"))
    window.app.carry_out(OpenRecord("games.pgn"))
    window.answer(games_read(asked(window.thinker, Read)[0], GAME))
    assert window.app.dialog is None


def shown_moves(window: Window) -> list[str]:
    window.app.draw()
    return [cell.text for cell in window.app.screen.analyse_panel.moves._layout.cells if cell.is_main and cell.node]


def test_glyphs_beside_moves_follow_a_review_that_deepens(open_window: OpenWindow) -> None:
    window = reviewed(open_window)
    window.app.carry_out(ChooseView(View.MOVES))
    assert shown_moves(window) == ["h2e2", "h7h3?", "h0g2", "b7h7", "i0h0??", "h7h0"]
    notes = window.app.controller.analysis.study.notes
    notes[2], notes[4] = replace(notes[2], judgement=""), replace(notes[4], judgement="mistake")
    assert shown_moves(window) == ["h2e2", "h7h3", "h0g2", "b7h7?", "i0h0??", "h7h0"]


def test_a_glyph_is_shown_wherever_it_stands_among_the_numbers_of_a_move(open_window: OpenWindow) -> None:
    window = reviewed(open_window)
    study = window.app.controller.analysis.study
    study.main_line[0].nags = [14, 1]
    window.app.carry_out(ChooseView(View.MOVES))
    assert shown_moves(window)[0] == "h2e2!"


@pytest.mark.parametrize(("language", "pawn", "mate"), [("en", "pawn ahead", "-M9"), ("zh", "多一个兵", "-M9")])
def test_scores_and_bits_are_explained_at_the_pointer(
    open_window: OpenWindow, language: str, pawn: str, mate: str
) -> None:
    window = reviewed(open_window, language=language)
    screen, texts = window.app.screen, window.app.screen.texts
    place = screen.analyse_panel.mistakes.place_of("move", 0)
    assert place is not None
    window.move_to((place.right - 30, place.centery))
    window.wait(DELAY + 0.01)
    assert pawn in screen.tooltip.text and mate in screen.tooltip.text
    strips = [rect for rect, said in screen._explained if said == texts("bits_about")]
    window.move_to(middle(strips[0]))
    window.wait(DELAY + 0.01)
    assert screen.tooltip.text == texts("bits_about")
