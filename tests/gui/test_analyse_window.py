"""Analyse and Set-up mode as a person uses them: clicks, drags, keys and dropped files, and the pixels they change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pygame
import pytest
from gui_helpers import Window, annotated, asked, decided, games_read
from xiangqi_gpt.gui.dialogs import Question, TextDialog
from xiangqi_gpt.gui.file_dialog import OpenDialog, SaveDialog
from xiangqi_gpt.gui.fonts import Fonts
from xiangqi_gpt.gui.games_dialog import GamesDialog
from xiangqi_gpt.gui.intents import ChooseView, Command, OpenRecord, SwitchMode
from xiangqi_gpt.gui.messages import Annotate, Failed, Look, Looked, Read, Think
from xiangqi_gpt.gui.mode import Mode, View
from xiangqi_gpt.gui.notes import Insight
from xiangqi_gpt.gui.session import HUMAN
from xiangqi_gpt.gui.texts import LANGUAGES
from xiangqi_gpt.gui.theme import DARK

from xiangqi_gpt.records import Game, parse_pgn, read_games, write_pgn
from xiangqi_gpt.rules import Board, Move
from xiangqi_gpt.rules.pieces import EMPTY, ROOK

OpenWindow = Callable[..., Window]
MOVES = ["h2e2", "h9g7", "h0g2", "i9h9"]
TAGS = {"Red": "许银川", "Black": "吕钦", "Event": "全国个人赛", "Date": "2001.11.05"}
GAME = Game(moves=[Move.from_iccs(iccs) for iccs in MOVES], tags=TAGS, result="1-0")
CONTROL = pygame.KMOD_CTRL


def studied(open_window: OpenWindow, *games: Game, **values: object) -> Window:
    """A window on the analysis of a file's first game, with all that is asked answered."""
    window = open_window((HUMAN, "gpt"), **values)
    window.app.carry_out(OpenRecord("games.pgn"))
    window.answer(games_read(asked(window.thinker, Read)[0], *(games or (GAME,))))
    answer_all(window)
    return window


def answer_all(window: Window, insight: Insight | None = None) -> None:
    for request in asked(window.thinker, Annotate)[-1:]:
        window.answer(annotated(request, judgement="blunder", loss=0.3, probability=0.01))
    for request in asked(window.thinker, Look)[-1:]:
        window.answer(Looked(request.number, insight or Insight("C64 五七炮进三兵对屏风马", (4, 3, 2, 1))))
    for request in asked(window.thinker, Think)[-1:]:
        moves = list(request.position.board().legal_moves)
        policy = {move: 0.5 / 2**n for n, move in enumerate(moves[:8])}
        window.answer(decided(request, str(moves[0]), policy=policy, wdl=(0.4, 0.3, 0.3)))


def middle(rect: pygame.Rect) -> tuple[int, int]:
    return rect.centerx, rect.centery


def button(window: Window, command: Command) -> tuple[int, int]:
    screen = window.app.screen
    panel = screen.setup_panel if window.app.controller.mode is Mode.SETUP else screen.analyse_panel
    return middle(panel.controls.buttons[command].rect)


def picture(window: Window) -> bytes:
    window.app.draw()
    return pygame.image.tobytes(window.surface, "RGB")


# --- modes


def test_the_switch_and_tab_change_the_mode(open_window: OpenWindow) -> None:
    window = open_window()
    window.click("h2")
    window.click("e2")
    modes = window.app.screen.header.modes
    window.click(modes._cells()[1].center)
    assert window.app.controller.mode is Mode.ANALYSE
    window.key(pygame.K_TAB)
    assert window.app.controller.mode is Mode.PLAY and window.session.ply_count == 1
    window.key(pygame.K_e)
    assert window.app.controller.mode is Mode.SETUP


# --- analysing


def test_arrow_keys_walk_and_a_click_in_the_list_jumps(open_window: OpenWindow) -> None:
    window = studied(open_window)
    study = window.app.controller.analysis.study
    window.key(pygame.K_RIGHT)
    window.key(pygame.K_RIGHT)
    window.key(pygame.K_LEFT)
    assert study.shown == 1
    place = window.app.screen.analyse_panel.moves.place_of(study.main_line[3])
    assert place is not None
    window.click(middle(place))
    assert study.shown == 4
    assert DARK.accent in {tuple(window.surface.get_at((place.right - 8, y))[:3]) for y in range(place.y, place.bottom)}


def test_a_variation_is_tried_listed_promoted_and_deleted(open_window: OpenWindow) -> None:
    window = studied(open_window, reply=False)
    study, moves = window.app.controller.analysis.study, window.app.screen.analyse_panel.moves
    window.key(pygame.K_RIGHT)
    window.click("b9")
    window.click("c7")
    tried = study.current
    assert not tried.is_main and moves.place_of(tried) is not None
    window.key(pygame.K_UP)
    assert study.current.is_main, "the arrows up and down go from variation to variation"
    window.key(pygame.K_DOWN)
    window.click(button(window, Command.PROMOTE))
    assert tried.is_main
    window.click(button(window, Command.DELETE))
    assert moves.place_of(tried) is None and [str(move) for move in study.main_moves] == MOVES


def test_a_variation_in_a_variation_is_folded_until_one_looks_at_it(open_window: OpenWindow) -> None:
    text = "1. h2e2 h9g7 (1... b9c7 2. h0g2 (2. b0c2 i9i8 3. a0b0) 2... i9i8) 2. h0g2 *"
    window = studied(open_window, *parse_pgn(text))
    study, moves = window.app.controller.analysis.study, window.app.screen.analyse_panel.moves
    outer = study.main_line[0].children[1]
    inner = outer.children[1]
    assert moves.place_of(outer) is not None and moves.place_of(outer.children[0].children[0]) is not None
    assert moves.place_of(inner.children[0]) is None
    place = moves.place_of(inner)
    assert place is not None
    window.click(middle(place))
    assert study.current is inner and moves.place_of(inner.children[0]) is not None


def test_a_long_study_is_drawn_and_walked_through(open_window: OpenWindow) -> None:
    path = Path(__file__).parents[2] / "../shared/samples/study_with_variations.xqf"
    if not path.exists():
        pytest.skip("needs ../shared")
    window = studied(open_window, *read_games(path, on_illegal="cut"))
    study, moves = window.app.controller.analysis.study, window.app.screen.analyse_panel.moves
    window.key(pygame.K_END)
    assert study.shown == len(study.main_line) > 50
    place = moves.place_of(study.current)
    assert place is not None and window.surface.get_rect().contains(place), "the list follows"


def test_the_graph_and_the_strip_go_to_a_move(open_window: OpenWindow) -> None:
    window = studied(open_window)
    rect = window.app.screen.analyse_panel.graph._rect
    for y in (rect.y + 5, rect.bottom - 5):
        window.click((rect.x + rect.width // 2, y))
        assert window.app.controller.analysis.study.shown == 2
        window.key(pygame.K_HOME)


def test_the_buttons_of_mistakes_and_the_key(open_window: OpenWindow) -> None:
    window = studied(open_window)
    window.click(button(window, Command.NEXT_MISTAKE))
    window.wait(10)
    assert window.app.controller.analysis.study.shown == 4 and "30 points" in window.status
    window.key(pygame.K_HOME)
    window.key(pygame.K_PERIOD)
    assert window.app.controller.analysis.study.shown == 4


def test_each_view_and_the_heat_look_different(open_window: OpenWindow) -> None:
    window = studied(open_window)
    pictures = {picture(window)}
    for key in (pygame.K_v, pygame.K_v, pygame.K_h):
        window.key(key)
        pictures.add(picture(window))
    assert len(pictures) == 4


def test_the_believed_board_lights_what_is_wrong(open_window: OpenWindow) -> None:
    window = studied(open_window)
    true = Board().squares.tolist()
    wrong = [EMPTY, *true[1:]]

    def seen(believed: list[int]) -> bytes:
        study = window.app.controller.analysis.study
        study.learn(study.current, Insight("", None, tuple(believed), (1.0,) * 90, 0.98))
        return picture(window)

    window.app.carry_out(ChooseView(View.BELIEF))
    without = picture(window)
    right, lit = seen(true), seen(wrong)
    assert len({without, right, lit}) == 3
    danger = DARK.mark_check
    assert _count(lit, danger) > _count(right, danger)


def _count(pixels: bytes, color: tuple[int, int, int]) -> int:
    return pixels.count(bytes(color))


def test_moves_to_be_guessed_are_hidden(open_window: OpenWindow) -> None:
    window = studied(open_window)
    study, moves = window.app.controller.analysis.study, window.app.screen.analyse_panel.moves
    place = moves.place_of(study.main_line[0])
    assert place is not None

    def written() -> bytes:
        return pygame.image.tobytes(window.surface.subsurface(place), "RGB")

    shown = written()
    window.key(pygame.K_q)
    assert written() != shown
    window.click("h2")
    window.click("e2")
    assert window.status.startswith("Right") and study.shown == 2


def test_what_is_to_come_is_not_told_while_guessing(open_window: OpenWindow) -> None:
    game = Game(moves=GAME.moves, tags=TAGS, comments={2: "the trap"})
    window = studied(open_window, game)
    panel = window.app.screen.analyse_panel
    first, below = panel.moves.place_of(window.app.controller.analysis.study.main_line[0]), panel.moves._scroll.view
    assert first is not None
    below = pygame.Rect(below.x, first.bottom, below.width, below.bottom - first.bottom)

    def marks() -> int:
        return _count(pygame.image.tobytes(window.surface.subsurface(panel.graph._rect), "RGB"), DARK.danger)

    assert marks() and _shades(window, below) > 1
    window.key(pygame.K_q)
    assert not marks(), "the mark of the blunder would warn of it"
    assert _shades(window, below) == 1, "neither moves nor their numbers nor what is said of them"


def _shades(window: Window, rect: pygame.Rect) -> int:
    return len(np.unique(pygame.surfarray.array2d(window.surface.subsurface(rect))))


# --- records


def test_a_dropped_file_is_opened(open_window: OpenWindow) -> None:
    window = open_window()
    window.event(pygame.DROPFILE, file="/some/where.xqf")
    assert asked(window.thinker, Read)[0].path == "/some/where.xqf"


def test_a_file_is_chosen_in_the_dialog(open_window: OpenWindow, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    write_pgn([GAME], tmp_path / "folder" / "game.pgn")
    (tmp_path / "folder" / "other.doc").touch()
    window = open_window()
    window.app._folder = tmp_path
    window.key(pygame.K_o, CONTROL)
    dialog = window.app.dialog
    assert isinstance(dialog, OpenDialog)
    window.key(pygame.K_RETURN)
    assert dialog.folder == tmp_path / "folder" and window.app.dialog is dialog
    assert [item.text for item in dialog.list.items] == ["..", "game.pgn"], "only records are shown"
    window.key(pygame.K_RETURN)
    assert window.app.dialog is None
    assert asked(window.thinker, Read)[0].path == str(tmp_path / "folder" / "game.pgn")


def test_leaving_the_dialog_opens_nothing(open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window()
    window.app._folder = tmp_path
    for leave in (lambda: window.key(pygame.K_ESCAPE), lambda: window.click((2, 2))):
        window.key(pygame.K_o, CONTROL)
        leave()
        assert window.app.dialog is None and not asked(window.thinker, Read)
    window.key(pygame.K_o, CONTROL)
    dialog = window.app.dialog
    assert isinstance(dialog, OpenDialog)
    window.click(middle(dialog.no.rect))
    assert window.app.dialog is None


def test_a_game_of_many_is_found_by_a_name(open_window: OpenWindow) -> None:
    other = Game(moves=GAME.moves[:2], tags={"Red": "胡荣华", "Black": "杨官璘"})
    window = studied(open_window, GAME, other)
    window.key(pygame.K_g, CONTROL)
    assert isinstance(window.app.dialog, GamesDialog)
    window.type("胡荣华")
    window.key(pygame.K_RETURN)
    assert window.app.controller.analysis.study.tag("Red") == "胡荣华"


def test_variations_are_not_lost_without_asking(open_window: OpenWindow) -> None:
    window = studied(open_window, reply=False)
    window.click("b0")
    window.click("c2")
    window.app.carry_out(OpenRecord("other.pgn"))
    assert isinstance(window.app.dialog, Question) and len(asked(window.thinker, Read)) == 1
    window.key(pygame.K_RETURN)
    assert len(asked(window.thinker, Read)) == 2


@pytest.mark.parametrize("ending", [".pgn", ".xqf", ".ubb"])
def test_a_study_is_saved_in_every_format_with_its_variations(
    open_window: OpenWindow, tmp_path: Path, ending: str
) -> None:
    window = studied(open_window, reply=False)
    window.click("b0")
    window.click("c2")
    window.key(pygame.K_s, CONTROL)
    dialog = window.app.dialog
    assert isinstance(dialog, SaveDialog)
    dialog.field.text = str(tmp_path / "study.pgn")
    dialog.format.focused, dialog.field.focused = True, False
    for _ in range((".pgn", ".xqf", ".ubb").index(ending)):
        window.key(pygame.K_RIGHT)
    window.key(pygame.K_RETURN)
    (game,) = read_games(tmp_path / f"study{ending}")
    assert [str(move) for move in game.moves] == MOVES and game.tags["Red"] == "许银川"
    assert [str(move) for line in game.variations[0] for move in line.moves] == ["b0c2"]


def test_a_file_is_not_replaced_without_asking(open_window: OpenWindow, tmp_path: Path) -> None:
    window = studied(open_window)
    target = tmp_path / "game.pgn"
    target.write_text("mine")
    window.key(pygame.K_s, CONTROL)
    dialog = window.app.dialog
    assert isinstance(dialog, SaveDialog)
    dialog.field.text = str(target)
    window.key(pygame.K_RETURN)
    assert isinstance(window.app.dialog, Question)
    window.key(pygame.K_ESCAPE)
    assert target.read_text() == "mine"


def test_a_whole_game_is_copied_and_pasted(open_window: OpenWindow) -> None:
    window = studied(open_window)
    window.key(pygame.K_c, CONTROL | pygame.KMOD_SHIFT)
    text = pygame.scrap.get_text()
    (game,) = parse_pgn(text)
    assert [str(move) for move in game.moves] == MOVES
    window.key(pygame.K_v, CONTROL)
    assert asked(window.thinker, Read)[-1].text == text


def test_a_second_analyst_is_typed_in(open_window: OpenWindow) -> None:
    window = studied(open_window)
    window.key(pygame.K_e, CONTROL)
    assert isinstance(window.app.dialog, TextDialog)
    window.type("uci:engine,nodes=5")
    window.key(pygame.K_RETURN)
    assert asked(window.thinker, Annotate)[-1].deep == "uci:engine,nodes=5"
    window.key(pygame.K_e, CONTROL)
    window.key(pygame.K_u, CONTROL)
    window.key(pygame.K_RETURN)
    assert window.app.controller.settings.analyst == ""


# --- setting up


def setting_up(open_window: OpenWindow, **values: object) -> Window:
    window = open_window((HUMAN, "greedy"), **values)
    window.app.carry_out(SwitchMode(Mode.SETUP))
    return window


def piece(window: Window, name: str) -> int:
    return window.app.controller.setup.editor.squares["abcdefghi".index(name[0]) + 9 * int(name[1])]


def test_pieces_are_put_by_click_and_by_drag_and_taken_away(open_window: OpenWindow) -> None:
    window = setting_up(open_window)
    window.click(button(window, Command.CLEAR_BOARD))
    tray = middle(window.app.screen.setup_panel.tray[ROOK])
    window.click(tray)
    window.click("a4")
    window.click("b4")
    assert piece(window, "a4") == piece(window, "b4") == ROOK
    window.key(pygame.K_ESCAPE)
    window.drag("a4", "a6")
    assert (piece(window, "a4"), piece(window, "a6")) == (EMPTY, ROOK)
    window.press(tray)
    window.move_to(window.at("i9"))
    window.release(window.at("i9"))
    assert piece(window, "i9") == ROOK
    window.press(window.at("i9"), button=3)
    assert piece(window, "i9") == EMPTY
    window.press(window.at("a6"))
    window.move_to((window.surface.get_width() - 5, 5))
    window.release((window.surface.get_width() - 5, 5))
    assert piece(window, "a6") == EMPTY, "dragged off the board"


def test_a_position_is_set_up_with_the_keyboard_alone(open_window: OpenWindow) -> None:
    window = setting_up(open_window)
    window.key(pygame.K_d, CONTROL)
    window.key(pygame.K_UP)
    window.key(pygame.K_UP)
    window.key(pygame.K_r, text="R")
    assert piece(window, "e1") == ROOK
    window.key(pygame.K_DELETE)
    assert piece(window, "e1") == EMPTY


def test_what_is_wrong_is_said_and_play_waits_for_it(open_window: OpenWindow) -> None:
    window = setting_up(open_window)
    window.key(pygame.K_d, CONTROL)
    assert window.status == "The kings face each other"
    assert not window.app.screen.setup_panel.play.enabled
    window.drag("e0", "d0")
    for code in (pygame.K_UP, pygame.K_UP, pygame.K_LEFT):
        window.key(code)
    window.key(pygame.K_r, text="R")
    assert window.status == "The position is sound"
    window.click(middle(window.app.screen.setup_panel.play.rect))
    assert window.app.controller.mode is Mode.PLAY and "R" in window.session.start_fen


def test_the_game_being_played_is_not_given_up_without_asking(open_window: OpenWindow) -> None:
    window = open_window()
    window.click("h2")
    window.click("e2")
    window.key(pygame.K_e)
    window.key(pygame.K_p)
    assert isinstance(window.app.dialog, Question)
    window.key(pygame.K_ESCAPE)
    assert window.session.ply_count == 1
    window.key(pygame.K_p)
    window.key(pygame.K_RETURN)
    assert window.session.ply_count == 0 and window.app.controller.mode is Mode.PLAY


# --- words


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [(800, 600), (1180, 860), (1920, 1080), (2360, 1720)])
def test_no_words_are_cut_off_and_all_fits(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, language: str, size: tuple[int, int]
) -> None:
    cut: list[str] = []
    fit = Fonts.fit

    def watched(self: Fonts, text: str, face: str, pixels: int, width: int) -> str:
        fitted = fit(self, text, face, pixels, width)
        if fitted != text:
            cut.append(text)
        return fitted

    monkeypatch.setattr(Fonts, "fit", watched)
    window = studied(open_window, size=size, language=language, notation="chinese" if language == "zh" else "wxf")
    screen = window.app.screen
    for view in View:
        window.app.carry_out(ChooseView(view))
        for command in screen.analyse_panel.controls.buttons:
            window.move_to(button(window, command))
    window.key(pygame.K_END)
    answer_all(window, Insight("", (0, 0, 0, 0), blind=True, illegal=(Move.from_iccs("a0a9"), 0.0312)))
    window.app.carry_out(ChooseView(View.MIND))
    kinds = ("CheckpointError", "EngineError", "RecordError", "OSError", "")
    for kind in kinds:
        window.app.controller.complain(Failed("", None, "x", kind), window.clock.now)
        window.app.draw()
    window.key(pygame.K_q)
    for code, mod in ((pygame.K_o, CONTROL), (pygame.K_g, CONTROL), (pygame.K_s, CONTROL), (pygame.K_e, CONTROL)):
        window.key(code, mod)
        assert window.app.dialog is not None and window.surface.get_rect().contains(window.app.dialog.rect)
        window.key(pygame.K_ESCAPE)
    for mode in Mode:
        window.app.carry_out(SwitchMode(mode))
        window.key(pygame.K_F1)
        assert window.app.dialog is not None and window.surface.get_rect().contains(window.app.dialog.rect)
        window.key(pygame.K_ESCAPE)
    window.app.carry_out(SwitchMode(Mode.SETUP))
    for command in (Command.CLEAR_BOARD, Command.START_POSITION):
        window.click(button(window, command))
        window.move_to(button(window, Command.SWAP_COLORS))
    assert [text for text in cut if "/" not in text] == [], "paths of files may be shortened"
