"""What is written from the window besides plain records: reviews as PGN and as a page, pictures of the board."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path

import pygame
import pytest
from gui_helpers import Window, annotated, asked
from study_window import CONTROL, OpenWindow, studied
from test_review_window import reviewed
from xiangqi_gpt.gui.dialogs.file_dialog import SaveDialog
from xiangqi_gpt.gui.state.error_report import ErrorReport
from xiangqi_gpt.gui.state.intents import SetAnalyst, ShowPly
from xiangqi_gpt.gui.worker.messages import Annotate, Annotated, Failed, Read

from xiangqi_gpt.records import read_pgn
from xiangqi_gpt.rules import Wdl

REVIEW, REPORT, PICTURE, ANIMATION = 3, 4, 5, 6


def judged(open_window: OpenWindow) -> Window:
    """The rook's game, its third move by Red a blunder by the values too."""
    window = reviewed(open_window)
    notes = window.app.controller.analysis.study.notes
    notes[5] = replace(notes[5], best_after=Wdl(0.8, 0.2, 0.0))
    return window


def save(window: Window, kind: int, path: Path) -> SaveDialog:
    """Save by the dialog: a click on the kind, a path, Enter."""
    window.key(pygame.K_s, CONTROL)
    dialog = window.app.dialog
    assert isinstance(dialog, SaveDialog)
    window.app.draw()
    window.click(dialog.format._cells()[kind].center)
    dialog.field.set_text(str(path))
    window.key(pygame.K_RETURN)
    return dialog


def test_a_record_with_its_review_is_saved(open_window: OpenWindow, tmp_path: Path) -> None:
    window, path = judged(open_window), tmp_path / "judged.pgn"
    save(window, REVIEW, path)
    assert window.app.dialog is None
    (game,) = read_pgn(path)
    blunder = game.node(5)
    assert blunder.nags == [4] and "[%eval" in game.comments[5] and blunder.parent is not None
    assert [str(node.move) for node in blunder.parent.variations] == ["i0h0", "e2e6"]


def test_the_report_is_a_page(open_window: OpenWindow, tmp_path: Path) -> None:
    window, path = judged(open_window), tmp_path / "report.html"
    save(window, REPORT, path)
    page = path.read_text("utf-8")
    assert page.startswith("<!doctype html>") and "i0h0" in page and "blunder" in page and "font/ttf" in page


def test_a_review_that_is_not_done_is_saved_as_what_it_is(open_window: OpenWindow, tmp_path: Path) -> None:
    window = studied(open_window, analyst="uci:engine,nodes=5")
    window.app.carry_out(SetAnalyst(""))
    request = asked(window.thinker, Annotate)[-1]
    notes = annotated(request).notes
    window.answer(Annotated(request.number, notes, False, 0.0))
    window.answer(Annotated(request.number, tuple(replace(note, nodes=5) for note in notes[-2:]), False, 0.25))
    save(window, REPORT, tmp_path / "report.html")
    assert "25%" in window.status and '"reviewed":0.25' in (tmp_path / "report.html").read_text("utf-8")
    save(window, REVIEW, tmp_path / "review.pgn")
    (game,) = read_pgn(tmp_path / "review.pgn")
    assert game.tags["Annotator"] == "search:gpt,nodes=5, 25% of the moves"
    notes = tuple(replace(note, nodes=5) for note in notes)
    window.answer(Annotated(request.number, notes, False, 0.5, nodes=5))
    save(window, REVIEW, tmp_path / "second.pgn")
    assert next(read_pgn(tmp_path / "second.pgn")).tags["Annotator"] == "search:gpt,nodes=5"


def test_the_board_is_saved_as_it_is_shown(open_window: OpenWindow, tmp_path: Path) -> None:
    window, pictures = reviewed(open_window), []
    for ply in (0, 6):
        window.app.carry_out(ShowPly(ply))
        save(window, PICTURE, tmp_path / f"{ply}.png")
        pictures.append(pygame.image.load(io.BytesIO((tmp_path / f"{ply}.png").read_bytes())))
    assert pictures[0].get_size() == pictures[1].get_size() and pictures[0].get_height() > 1000
    assert pygame.image.tobytes(pictures[0], "RGB") != pygame.image.tobytes(pictures[1], "RGB")


def test_the_game_is_saved_as_an_animated_picture(open_window: OpenWindow, tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    window, path = judged(open_window), tmp_path / "game.gif"
    save(window, ANIMATION, path)
    assert window.app.dialog is None
    assert image.open(path).n_frames == len(window.app.controller.analysis.study.main_moves) + 1


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Pillow, which the single file does not have"), ("zh", "单文件版里没有")]
)
def test_without_pillow_no_gif_is_offered_and_a_typed_one_is_told_what_to_add(
    open_window: OpenWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.setenv("XIANGQI_GPT_FILE", "here")
    window = open_window(language=language)
    window.click("h2")
    window.click("e2")
    dialog = save(window, 0, tmp_path / "game.gif")
    assert not [option for option in dialog.format.options if "GIF" in option]
    assert window.app.dialog is dialog and words in dialog.error
    assert not list(tmp_path.glob("game.gif*"))


@pytest.mark.parametrize("kind", [REVIEW, REPORT])
def test_what_has_not_been_reviewed_is_told_and_nothing_is_written(
    open_window: OpenWindow, tmp_path: Path, kind: int
) -> None:
    window = reviewed(open_window)
    window.app.controller.analysis.study.notes.popitem()
    dialog = save(window, kind, tmp_path / ("x.pgn" if kind == REVIEW else "x.html"))
    assert window.app.dialog is dialog and "reviewed" in dialog.error
    assert not list(tmp_path.glob("x.*"))


@pytest.mark.parametrize(
    ("language", "words"), [("en", "A review is saved from Analyse (Tab)"), ("zh", "请先按 Tab 键进入“分析”")]
)
def test_a_review_is_not_to_be_had_in_play_and_nobody_is_told_to_wait(
    open_window: OpenWindow, tmp_path: Path, language: str, words: str
) -> None:
    window = open_window(language=language)
    window.click("h2")
    window.click("e2")
    dialog = save(window, 0, tmp_path / "x.html")
    assert not [option for option in dialog.format.options if "HTML" in option]
    assert window.app.dialog is dialog and dialog.error.startswith(words) and not (tmp_path / "x.html").exists()


def test_the_ending_chooses_the_kind(open_window: OpenWindow, tmp_path: Path) -> None:
    window = reviewed(open_window)
    window.key(pygame.K_s, CONTROL)
    dialog = window.app.dialog
    assert isinstance(dialog, SaveDialog)
    window.key(pygame.K_a, CONTROL)
    window.type(str(tmp_path / "board.png"))
    assert dialog.format.chosen == PICTURE
    window.key(pygame.K_RETURN)
    assert (tmp_path / "board.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["folder", "folder.pgn", "folder.html", "folder.png", "folder.gif", "folder/"])
def test_a_folder_is_named_as_such_inside_the_dialog(open_window: OpenWindow, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.mkdir()
    if name == "folder":
        (tmp_path / "folder.pgn").mkdir()
    window = judged(open_window)
    window.key(pygame.K_s, CONTROL)
    dialog = window.app.dialog
    assert isinstance(dialog, SaveDialog)
    dialog.field.set_text(f"{tmp_path}/{name}")
    window.key(pygame.K_RETURN)
    assert window.app.dialog is dialog and dialog.error.startswith("This is a folder"), "nothing is asked"
    assert list(path.iterdir()) == [] and not (tmp_path / "folder/.pgn").exists()


def test_a_record_with_its_review_lies_beside_the_one_without(open_window: OpenWindow) -> None:
    window = judged(open_window)
    window.key(pygame.K_s, CONTROL)
    window.app.draw()
    dialog = window.app.dialog
    assert isinstance(dialog, SaveDialog)
    names = []
    for kind in (REVIEW, REPORT, 0):
        window.click(dialog.format._cells()[kind].center)
        names.append(Path(dialog.field.text).name)
    stem = names[2].removesuffix(".pgn")
    assert names == [f"{stem}-review.pgn", f"{stem}.html", f"{stem}.pgn"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_review_that_is_still_at_work_is_saved_as_what_it_is(
    open_window: OpenWindow, tmp_path: Path, drawn_words: list[str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = judged(open_window)
    window.app.controller.change(language=language)
    window.app.draw()
    for share in (0.4, None):
        monkeypatch.setattr(type(window.app.controller.analysis), "progress", property(lambda self, s=share: s))
        drawn_words.clear()
        save(window, REPORT, tmp_path / f"{share}.html")
        texts, said = window.app.screen.texts, window.status
        assert any("HTML" in word for word in drawn_words), "what a report is"
        assert (texts("save_unfinished") in drawn_words) is (share is not None)
        assert said == texts("saved" if share is None else "saved_unfinished", path=str(tmp_path / f"{share}.html"))


def test_what_went_wrong_stays_until_the_person_does_something(open_window: OpenWindow, tmp_path: Path) -> None:
    window, path = open_window(), tmp_path / "damaged.xqf"
    path.write_bytes(b"XQ" + bytes(60))
    window.event(pygame.DROPFILE, file=str(path))
    (request,) = asked(window.thinker, Read)
    window.answer(Failed(str(path), request.number, ErrorReport("error", "no game in it")))
    said = window.status
    assert said.endswith("no game in it")
    window.wait(600)
    assert window.status == said
    window.key(pygame.K_f)
    assert window.status != said
