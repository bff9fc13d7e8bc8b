"""Puzzle mode: any move that keeps the mate is right, hints help, and the streak counts what had no help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pygame
import pytest
from gui_helpers import Window
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.error_report import ErrorReport
from xiangqi_gpt.gui.state.intents import ChooseBand, ChoosePuzzleKind, OpenPuzzles, SwitchMode
from xiangqi_gpt.gui.state.mode import Mode
from xiangqi_gpt.gui.state.session import HUMAN
from xiangqi_gpt.gui.worker import puzzle_file
from xiangqi_gpt.gui.worker.messages import Failed, PuzzleEntry, PuzzlesRead, ReadPuzzles, Solve, Solved

from xiangqi_gpt.records.puzzles import Puzzle, PuzzleKind, write_puzzles
from xiangqi_gpt.rules import BLACK, Board, Move

OpenWindow = Callable[..., Window]
MATE_IN_TWO = "4k4/9/8R/9/9/9/9/9/1R7/5K3 w - - 0 1"
ENTRIES = (
    PuzzleEntry("4k4/R8/9/9/9/9/9/9/1R7/3K5 w - - 0 1", 1, 0.0, (Move.from_iccs("b1b9"),)),
    PuzzleEntry(MATE_IN_TWO, 2, 1.0, tuple(Move.from_iccs(m) for m in ("i7i8", "e9d9", "b1b9"))),
    PuzzleEntry("3k5/9/1r7/9/9/9/9/9/r8/4K4 b - - 0 1", 1, 3.0, (Move.from_iccs("b7b0"),)),
)
SKEWER = "4k2r1/9/9/9/9/9/9/9/R8/3K5 w - - 0 1"
TACTICS = (
    PuzzleEntry(SKEWER, 2, 0.0, tuple(Move.from_iccs(m) for m in ("a1a9", "e9e8", "a9h9")), "material", 900),
    PuzzleEntry("4k4/R8/9/9/7r1/9/9/9/1R7/3K5 b - - 0 1", 1, 6.0, (Move.from_iccs("h5b5"),), "defence"),
)


@pytest.fixture
def window(open_window: OpenWindow) -> Window:
    made = open_window((HUMAN, "greedy"))
    made.app.carry_out(SwitchMode(Mode.PUZZLE))
    (request,) = [asked for asked in made.thinker.asked if isinstance(asked, ReadPuzzles)]
    made.answer(PuzzlesRead(request.number, ENTRIES + TACTICS))
    return made


def prove(window: Window) -> None:
    """Answer the last question as the players' process would."""
    request = window.thinker.asked[-1]
    assert isinstance(request, Solve)
    window.answer(puzzle_file.solve(request))


def shown(window: Window) -> str:
    fen: str = window.app.controller.puzzles.session.shown_board.fen()
    return fen


def test_the_bundled_puzzles_are_read_easiest_first() -> None:
    read = puzzle_file.read(ReadPuzzles(1))
    levels = [entry.difficulty for entry in read.puzzles]
    assert len(levels) > 100 and levels == sorted(levels)
    assert all(Board(entry.fen, lenient=True).is_legal(entry.solution[0]) for entry in read.puzzles)


def test_solving_counts_in_the_streak_and_goes_on_to_the_next(window: Window) -> None:
    assert window.status == "Red to move: mate within 1"
    window.click("b1")
    window.click("b9")
    assert window.status == "Checking"
    prove(window)
    assert window.status.startswith("Solved!")
    settings = window.app.controller.settings
    assert (settings.streak, settings.best_streak) == (1, 1)
    window.key(pygame.K_PAGEDOWN)
    assert shown(window).split()[0] == MATE_IN_TWO.split()[0]
    window.key(pygame.K_PAGEDOWN)
    assert shown(window) == ENTRIES[0].fen, "after the last the first comes again"


def test_a_wrong_move_is_taken_back_and_ends_the_streak(window: Window) -> None:
    window.app.controller.change(streak=5, best_streak=5)
    window.click("b1")
    window.click("b5")
    prove(window)
    session = window.app.controller.puzzles.session
    assert window.status.startswith("Not that one: the answer is")
    assert session.ply_count == 2, "the reply is seen on the board"
    window.click("b5")
    window.click("b9")
    assert session.ply_count == 2, "nothing can be moved meanwhile"
    window.wait(2.0)
    window.wait(5.0)
    assert window.status == "Not that one. Try again" and shown(window) == ENTRIES[0].fen
    settings = window.app.controller.settings
    assert (settings.streak, settings.best_streak) == (0, 5)
    window.click("b1")
    window.click("b9")
    prove(window)
    assert window.status.startswith("Solved!") and window.app.controller.settings.streak == 0


def test_a_move_is_judged_although_a_hint_is_being_worked_out(window: Window) -> None:
    window.app.controller.puzzles._groups[0] = [replace(ENTRIES[0], solution=())]
    window.app.carry_out(ChooseBand(0))
    window.key(pygame.K_h)
    hint = window.thinker.asked[-1]
    assert isinstance(hint, Solve) and hint.move is None
    window.click("b1")
    window.click("b9")
    assert hint.number in window.thinker.cancelled
    prove(window)
    assert window.status.startswith("Solved!")


def test_a_first_file_that_cannot_be_read_gives_way_to_the_puzzles_that_ship(open_window: OpenWindow) -> None:
    window = open_window()
    window.app.carry_out(OpenPuzzles("broken.jsonl"))
    request = window.thinker.asked[-1]
    error = ErrorReport("puzzle_line", "line 1", {"line": 1, "name": "broken.jsonl"})
    window.answer(Failed(request.spec, request.number, error))
    again = window.thinker.asked[-1]
    assert isinstance(again, ReadPuzzles) and not again.path
    window.answer(PuzzlesRead(again.number, ENTRIES))
    assert window.status == "Line 1 is no puzzle: broken.jsonl", "it is still said"
    window.wait(60.0)
    assert window.status.startswith("Line 1"), "until the person does something"
    window.key(pygame.K_f)
    assert window.status == "Red to move: mate within 1"


def test_the_defence_answers_and_nothing_can_be_moved_meanwhile(window: Window) -> None:
    window.key(pygame.K_PAGEDOWN)
    window.click("i7")
    window.click("i8")
    window.click("b1")
    assert window.app.screen.board.selected is None
    prove(window)
    session = window.app.controller.puzzles.session
    assert session.ply_count == 2 and window.status == "Red to move: mate within 1"


def test_hints_name_the_piece_then_the_move_and_do_not_count(window: Window) -> None:
    window.key(pygame.K_h)
    assert window.status == "Hint: look at the rook on b1"
    plain = window.tile("b5")
    window.key(pygame.K_h)
    assert window.status == "Hint: rook b1 to b9" and window.tile("b5") != plain, "an arrow is drawn"
    window.click("b1")
    window.click("b9")
    prove(window)
    assert window.app.controller.settings.streak == 0


def test_a_hint_off_the_known_solution_is_proven(window: Window) -> None:
    window.key(pygame.K_PAGEDOWN)
    window.click("b1")
    window.click("b8")
    prove(window)
    window.key(pygame.K_h)
    prove(window)
    assert window.status.startswith("Hint: look at the ")


def test_the_solution_is_played_move_by_move(window: Window) -> None:
    window.app.controller.change(streak=3)
    window.key(pygame.K_PAGEDOWN)
    window.key(pygame.K_v)
    session = window.app.controller.puzzles.session
    for played in (1, 2, 3):
        window.wait(0.95)
        assert session.ply_count == played
    assert session.outcome is not None and window.status.startswith("The solution.")
    assert window.app.controller.settings.streak == 0


def test_black_solves_from_the_bottom_and_the_game_comes_back_as_it_was(window: Window) -> None:
    window.app.carry_out(ChooseBand(1))
    assert window.app.controller.settings.flipped and window.app.controller.puzzles.session.turn == BLACK
    window.key(pygame.K_TAB)
    assert window.app.controller.mode is Mode.PLAY and not window.app.controller.settings.flipped


def test_a_proof_that_fails_says_so_and_takes_the_move_back(window: Window) -> None:
    window.click("b1")
    window.click("b5")
    window.answer(Failed("", window.thinker.asked[-1].number, ErrorReport("error", "too many moves to try")))
    assert "too many" in window.status and shown(window) == ENTRIES[0].fen


def test_material_is_won_and_a_move_that_does_not_is_refuted(window: Window) -> None:
    window.app.carry_out(ChoosePuzzleKind(1))
    assert shown(window) == SKEWER and window.status == "Red to move: win material within 2"
    window.click("a1")
    window.click("a8")
    prove(window)
    assert window.status.startswith("Not that one: the answer is")
    window.wait(2.0)
    window.wait(5.0)
    window.click("a1")
    window.click("a9")
    prove(window)
    assert window.app.controller.puzzles.session.ply_count == 2
    window.click("a9")
    window.click("h9")
    prove(window)
    assert window.status.startswith("Solved!")


def test_a_defence_is_solved_by_one_move(window: Window) -> None:
    window.key(pygame.K_k)
    window.key(pygame.K_k)
    window.app.carry_out(ChooseBand(2))
    assert window.status == "Black to move, or be mated within 1"
    window.click("h5")
    window.click("b5")
    prove(window)
    assert window.status.startswith("Solved!")


def test_a_group_without_puzzles_says_so_and_lets_nothing_be_moved(window: Window) -> None:
    window.app.carry_out(ChoosePuzzleKind(1))
    window.app.carry_out(ChooseBand(1))
    assert window.status == "No such puzzle"
    window.click("b0")
    window.click("c2")
    window.key(pygame.K_h)
    window.key(pygame.K_PAGEDOWN)
    session = window.app.controller.puzzles.session
    assert session.ply_count == 0 and window.status == "No such puzzle"
    window.app.carry_out(ChooseBand(0))
    assert shown(window) == SKEWER


def test_nothing_is_missing_before_the_puzzles_are_read(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "greedy"))
    window.app.carry_out(SwitchMode(Mode.PUZZLE))
    window.key(pygame.K_k)
    assert window.status == "Reading the puzzles"
    window.answer(PuzzlesRead(window.thinker.asked[-1].number, ENTRIES + TACTICS))
    assert shown(window) == SKEWER


def test_each_kind_and_difficulty_keeps_its_place(window: Window) -> None:
    window.key(pygame.K_PAGEDOWN)
    window.app.carry_out(ChoosePuzzleKind(1))
    window.app.carry_out(ChoosePuzzleKind(0))
    assert shown(window).split()[0] == MATE_IN_TWO.split()[0]
    assert window.app.controller.settings.puzzles == (1, 0, 0, 0, 0, 0, 0, 0, 0)


def test_an_own_file_is_opened_and_left_again(window: Window, tmp_path: Path) -> None:
    own = tmp_path / "own.jsonl"
    write_puzzles([Puzzle(SKEWER, 2, kind=PuzzleKind.MATERIAL, gain=900)], own)
    before = window.app.controller.settings.puzzles
    window.event(pygame.DROPFILE, file=str(own))
    window.answer(puzzle_file.read(window.thinker.asked[-1]))
    assert shown(window) == SKEWER and window.app.controller.puzzles.file == "own.jsonl"
    window.key(pygame.K_PAGEDOWN)
    assert window.app.controller.settings.puzzles == before, "the places in what ships stay"
    window.key(pygame.K_b, pygame.KMOD_CTRL)
    window.answer(PuzzlesRead(window.thinker.asked[-1].number, ENTRIES))
    assert window.app.controller.puzzles.file == "" and shown(window) == ENTRIES[0].fen


def test_a_file_that_holds_no_puzzles_is_refused_in_the_dialog(window: Window, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{}\n")
    window.app.controller.change(folder=str(tmp_path))
    window.key(pygame.K_o, pygame.KMOD_CTRL)
    window.key(pygame.K_RETURN)
    request = window.thinker.asked[-1]
    assert request == ReadPuzzles(request.number, str(bad))
    assert window.app.dialog is not None and window.app.dialog.busy
    window.answer(Failed(str(bad), request.number, ErrorReport("record_game", "not a puzzle")))
    assert window.app.dialog is not None and window.app.dialog.error, "it stays, and says what is wrong"
    window.key(pygame.K_ESCAPE)
    assert shown(window) == ENTRIES[0].fen, "the puzzles before are still there"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [(800, 600), (800, 1100), (1180, 860)])
def test_no_words_are_cut_off(
    open_window: OpenWindow, cut_words: list[str], language: str, size: tuple[int, int]
) -> None:
    window = open_window((HUMAN, "greedy"), size=size, language=language)
    window.app.carry_out(Command.PUZZLES)
    window.answer(PuzzlesRead(window.thinker.asked[-1].number, ENTRIES + TACTICS))
    for kind, band in ((1, 0), (2, 2), (1, 1), (0, 0)):
        window.app.carry_out(ChoosePuzzleKind(kind))
        window.app.carry_out(ChooseBand(band))
        window.move_to((0, 0))
    for command in window.app.screen.puzzle_panel.controls.buttons:
        window.move_to(window.app.screen.puzzle_panel.controls.buttons[command].rect.center)
    window.move_to((0, 0))
    window.key(pygame.K_h)
    window.click("b1")
    window.click("b9")
    window.answer(Solved(window.thinker.asked[-1].number, True, solved=True))
    window.key(pygame.K_F1)
    assert window.app.dialog is not None and window.surface.get_rect().contains(window.app.dialog.rect)
    assert cut_words == []
