"""Changing an analysed game by mouse and keys: cutting, folding, comments, glyphs, arrows and circles."""

from __future__ import annotations

import pygame
import pytest
from gui_helpers import Window
from study_window import OpenWindow, answer_all, middle, studied
from xiangqi_gpt.gui.dialogs.dialogs import Question, TextDialog
from xiangqi_gpt.gui.dialogs.tags_dialog import TagsDialog
from xiangqi_gpt.gui.state.study import Study
from xiangqi_gpt.gui.state.theme import DARK
from xiangqi_gpt.gui.state.unfinished import read_study, study_data
from xiangqi_gpt.gui.views.study_layout import lay_out
from xiangqi_gpt.gui.widgets.canvas import Canvas
from xiangqi_gpt.gui.widgets.fonts import Fonts

from xiangqi_gpt.records import format_pgn, parse_pgn
from xiangqi_gpt.records.board_marks import BoardMark, commented, marks_of, text_of
from xiangqi_gpt.rules import Move
from xiangqi_gpt.rules.pieces import parse_square

TEXT = "1. h2e2 h9g7 (1... b9c7 2. h0g2 (2. b0c2 i9i8 3. a0b0) 2... i9i8) (1... h7e7 2. h0g2) 2. h0g2 i9h9 *"


def opened(open_window: OpenWindow, text: str = TEXT, **values: object) -> tuple[Window, Study]:
    window = studied(open_window, *parse_pgn(text), **values)
    return window, window.app.controller.analysis.study


def names(study: Study) -> list[str]:
    return [str(node.move) for node in study.nodes()]


def right_drag(window: Window, source: str, target: str) -> None:
    window.press(window.at(source), button=3)
    window.move_to(window.at(target))
    window.event(pygame.MOUSEBUTTONUP, button=3, pos=window.at(target))


@pytest.mark.parametrize(("language", "question"), [("en", "(2 moves)"), ("zh", "（共 2 步）")])
def test_what_follows_a_move_is_cut_after_a_question(open_window: OpenWindow, language: str, question: str) -> None:
    window, study = opened(open_window, language=language)
    for _ in range(2):
        window.key(pygame.K_RIGHT)
    window.key(pygame.K_DELETE, pygame.KMOD_CTRL)
    dialog = window.app.dialog
    assert isinstance(dialog, Question) and question in dialog._question
    window.key(pygame.K_RETURN)
    assert [str(move) for move in study.main_moves] == ["h2e2", "h9g7"] and study.shown == 2 and study.edited
    assert len(study.root.variations[0].variations) == 3, "what else could be played stays"
    window.key(pygame.K_DELETE, pygame.KMOD_CTRL)
    assert window.app.dialog is None
    assert window.status == {"en": "Nothing follows this move", "zh": "这一步之后没有着法"}[language]


def test_variations_fold_by_their_sign_and_by_a_key(open_window: OpenWindow) -> None:
    window, study = opened(open_window)
    moves = window.app.screen.analyse_panel.moves
    outer, other = study.main_line[0].variations[1:]
    reply, inner = outer.variations[0], outer.variations[0].variations[0]
    assert moves.place_of(reply) is not None and study.is_folded(outer.variations[1], 2)
    sign = moves.place_of_sign(outer)
    assert sign is not None
    window.click(middle(sign))
    assert moves.place_of(reply) is None and moves.place_of(outer) is not None
    study.go(inner)
    window.app.draw()
    assert moves.place_of(inner) is not None, "what is looked at is never hidden"
    window.key(pygame.K_MINUS)
    assert study.current is outer and moves.place_of(reply) is None
    study.show_game(0)
    window.key(pygame.K_MINUS)
    first, second = moves.place_of(outer), moves.place_of(other)
    assert first is not None and second is not None and first.y == second.y, "folded ones stand side by side"
    window.key(pygame.K_MINUS)
    assert moves.place_of(reply) is not None and moves.place_of(other.variations[0]) is not None
    assert names(study) == names(Study(next(parse_pgn(TEXT)))) and not study.edited


@pytest.mark.parametrize("width", range(190, 330, 20))
def test_a_sign_that_unfolds_stands_beside_its_move(open_window: OpenWindow, width: int) -> None:
    others = " ".join(f"(1. {move} h9g7 2. h2i2)" for move in ("b2e2", "h0g2", "b0c2", "g3g4", "c3c4", "c0e2"))
    window, study = opened(open_window, f"1. h2e2 {others} h9g7 *")
    study.folding.toggle_all()
    canvas = Canvas(window.surface, DARK, Fonts(), window.app.screen.texts, 1.0)
    cells = lay_out(canvas, study, "wxf", width, 24, {}).cells
    signs = [index for index, cell in enumerate(cells) if cell.folds is False]
    assert len(signs) == 6 and all(cells[index].y == cells[index + 1].y for index in signs)


@pytest.mark.parametrize(("language", "title"), [("en", "Comment"), ("zh", "评注")])
def test_a_comment_is_written_and_taken_away(open_window: OpenWindow, language: str, title: str) -> None:
    window, study = opened(open_window, "1. h2e2 {solid\nand old} h9g7 *", language=language)
    moves = window.app.screen.analyse_panel.moves
    window.key(pygame.K_RIGHT)
    window.key(pygame.K_c)
    dialog = window.app.dialog
    assert isinstance(dialog, TextDialog) and (dialog.title, dialog.field.text) == (title, "solid¶and old")
    dialog.field.set_text("the central cannon ¶ 中炮")
    window.key(pygame.K_RETURN)
    assert window.app.dialog is None and study.current.comment == "the central cannon\n中炮" and study.edited
    assert "中炮" in {cell.text for cell in moves._layout.cells}
    assert "{the central cannon\n中炮}" in format_pgn(study.to_game())
    window.key(pygame.K_c)
    assert isinstance(window.app.dialog, TextDialog)
    window.app.dialog.field.set_text("")
    window.key(pygame.K_RETURN)
    assert study.current.comment == ""


def test_glyphs_go_round(open_window: OpenWindow) -> None:
    window, study = opened(open_window, "1. h2e2 $14 h9g7 *")
    moves = window.app.screen.analyse_panel.moves
    window.key(pygame.K_g)
    assert "glyph" in window.status, "the start has none"
    window.key(pygame.K_RIGHT)
    seen = []
    for _ in range(7):
        window.key(pygame.K_g)
        place = next(cell for cell in moves._layout.cells if cell.node is study.current)
        seen.append((place.text.replace(place.text.rstrip("!?"), ""), list(study.current.nags)))
    assert [nags for _, nags in seen] == [[1, 14], [2, 14], [3, 14], [4, 14], [5, 14], [6, 14], [14]]
    assert [text for text, _ in seen[:6]] == ["!", "?", "!!", "??", "!?", "?!"]


def test_arrows_and_circles_are_drawn_kept_and_taken_away(open_window: OpenWindow) -> None:
    window, study = opened(open_window, "1. h2e2 {attack} h9g7 *")
    window.key(pygame.K_RIGHT)
    before, around = window.tile("e5"), window.tile("b2", 1.2)
    right_drag(window, "e2", "e6")
    assert study.current.comment == "attack [%cal Ge2e6]" and window.tile("e5") != before
    right_drag(window, "b2", "b2")
    assert study.marks == marks_of("[%csl Gb2] [%cal Ge2e6]") and study.comment == "attack"
    assert window.tile("b2", 1.2) != around
    texts = {cell.text for cell in window.app.screen.analyse_panel.moves._layout.cells}
    assert "attack" in texts and not any("%" in text for text in texts)
    (again,) = parse_pgn(format_pgn(study.to_game()))
    assert again.node(1).comment == "attack [%csl Gb2] [%cal Ge2e6]"
    assert read_study(study_data(study)).root.variations[0].comment == study.current.comment
    study.write_comment("better")
    assert study.current.comment == "better [%csl Gb2] [%cal Ge2e6]"
    right_drag(window, "e2", "e6")
    right_drag(window, "b2", "b2")
    assert study.current.comment == "better" and window.tile("e5") == before


def test_marks_of_other_programs_are_read() -> None:
    comment = "[%csl Ga0,Rb2, Yc3][%cal Bh2e2,zz,Gx1y2] words [%clk 0:01]"
    assert [(mark.color, mark.source == mark.target) for mark in marks_of(comment)] == [
        ("G", True),
        ("R", True),
        ("Y", True),
        ("B", False),
    ]
    assert text_of(comment) == "words [%clk 0:01]"
    again = commented(text_of(comment), marks_of(comment))
    assert marks_of(again) == marks_of(comment) and text_of(again) == text_of(comment)
    study = Study(next(parse_pgn("1. h2e2 *")))
    mark = BoardMark(parse_square("a0"), parse_square("b2"), "G")
    study.mark(mark)
    study.mark(BoardMark(mark.source, mark.target, "R"))
    assert study.root.comment == "[%cal Ra0b2]", "another colour replaces it"


def test_a_right_drag_marks_nothing_outside_analyse_mode(open_window: OpenWindow) -> None:
    window = open_window()
    before = window.tile("e5")
    right_drag(window, "e2", "e6")
    assert window.tile("e5") == before and window.session.ply_count == 0


@pytest.mark.parametrize(("language", "title"), [("en", "The game"), ("zh", "对局信息")])
def test_names_tags_and_result_are_written(open_window: OpenWindow, language: str, title: str) -> None:
    text = '[Red "甲"]\n[Black "乙"]\n[Annotator "丙"]\n[Result "1-0"]\n\n1. h2e2 h9g7 1-0'
    window, study = opened(open_window, text, language=language)
    window.key(pygame.K_t)
    dialog = window.app.dialog
    assert isinstance(dialog, TagsDialog) and dialog.title == title
    assert [field.text for field in dialog.fields.values()] == ["甲", "乙", "", "", ""]
    dialog.fields["Red"].set_text("胡荣华")
    dialog.fields["Black"].set_text("")
    dialog.fields["Date"].set_text("1980.05.01")
    window.click(middle(dialog.result._cells()[1]))
    window.key(pygame.K_RETURN)
    assert window.app.dialog is None and study.edited
    assert study.tags == {"Red": "胡荣华", "Annotator": "丙", "Date": "1980.05.01"} and study.result == "1/2-1/2"
    again = next(parse_pgn(format_pgn(study.to_game())))
    assert (again.tags, again.result) == (study.tags, study.result)


def test_variations_hundreds_deep_are_shown(open_window: OpenWindow) -> None:
    """No file is read as deep, but a person may play one variation inside another."""
    window, study = opened(open_window, "1. h2e2 *")
    there = ("h0g2", "h9g7", "g2h0", "g7h9")
    node = study.root
    for ply in range(1200):
        node.add_variation(Move.from_uci("a0a1" if ply % 2 == 0 else "a9a8"))
        node = node.add_variation(Move.from_uci(there[ply % 4]))
    study.go(node)
    window.app.draw()
    assert study.shown == 1200 and window.app.screen.analyse_panel.moves.place_of(node) is not None


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "The moves of the game itself stay as they were played"), ("zh", "对局里走过的着法不能改动")],
)
def test_moves_of_the_game_being_played_stay(open_window: OpenWindow, language: str, words: str) -> None:
    window = open_window(language=language)
    for source, target in (("h2", "e2"), ("h9", "g7"), ("h0", "g2")):
        window.click(source)
        window.click(target)
    window.key(pygame.K_TAB)
    answer_all(window)
    study = window.app.controller.analysis.study
    study.write_comment("precious")
    for key, modifier, ply in (
        (pygame.K_DELETE, 0, 3),
        (pygame.K_DELETE, 0, 2),
        (pygame.K_DELETE, pygame.KMOD_CTRL, 1),
    ):
        study.show_game(ply)
        window.app.controller.clear_notice()
        window.key(key, modifier)
        assert window.status == words and window.app.dialog is None
    window.key(pygame.K_HOME)
    window.click("b2")
    window.click("e2")
    window.key(pygame.K_u)
    assert window.status == words and not study.is_on_main_line
    window.key(pygame.K_DELETE)
    assert len(study.root.variations) == 1, "a variation of it may go"
    assert [str(move) for move in study.main_moves] == ["h2e2", "h9g7", "h0g2"]
    assert study.main_line[-1].comment == "precious"


def test_tags_left_as_they_were_are_no_change(open_window: OpenWindow) -> None:
    window, study = opened(open_window, '[Event "?"]\n[Date "????.??.??"]\n[Red "A"]\n\n' + TEXT)
    before = dict(study.tags)
    window.key(pygame.K_t)
    assert isinstance(window.app.dialog, TagsDialog)
    window.key(pygame.K_RETURN)
    assert study.tags == before and not study.edited
