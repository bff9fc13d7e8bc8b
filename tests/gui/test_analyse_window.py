"""Analyse mode as a person uses it: clicks and keys, and the pixels they change."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pygame
import pytest
from gui_helpers import Window, asked
from study_window import CONTROL, GAME, MOVES, TAGS, OpenWindow, answer_all, button, middle, picture, studied
from xiangqi_gpt.gui.dialogs.analyst_dialog import AnalystDialog
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.error_report import ErrorReport
from xiangqi_gpt.gui.state.intents import ChooseView, ShowPly, SwitchMode
from xiangqi_gpt.gui.state.languages import LANGUAGES, section
from xiangqi_gpt.gui.state.mode import Mode, View
from xiangqi_gpt.gui.state.move_notes import Insight
from xiangqi_gpt.gui.state.theme import DARK
from xiangqi_gpt.gui.views import analyse_panel
from xiangqi_gpt.gui.worker.messages import Annotate, Failed, Ready

from xiangqi_gpt.players.player import Decision
from xiangqi_gpt.records import Game, parse_pgn, read_games
from xiangqi_gpt.rules import Board, Move
from xiangqi_gpt.rules.pieces import CANNON, EMPTY, KNIGHT

CHINESE = "中炮过河车互进七兵对屏风马平炮兑车"


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


@pytest.mark.parametrize("size", [(800, 600), (1180, 860), (1920, 1080)])
@pytest.mark.parametrize(
    ("language", "name"),
    [("zh", f"C44 {CHINESE}"), ("en", "C44 Central Cannon, Cross-River Rook")],
)
def test_the_opening_is_named_in_the_language_of_the_window(
    open_window: OpenWindow,
    drawn_words: list[str],
    cut_words: list[str],
    size: tuple[int, int],
    language: str,
    name: str,
) -> None:
    window = studied(open_window, size=size, language=language)
    window.app.carry_out(Command.FORWARD)
    drawn_words.clear()
    answer_all(window, Insight(f"C44 {CHINESE} 红左马盘河对黑退边炮上右士", (4, 3, 2, 1)))
    window.app.draw()
    assert any(words.startswith(name) for words in drawn_words)
    assert ("中炮" in "".join(drawn_words)) == (language == "zh") and not cut_words


def test_captured_pieces_stand_in_analyse_mode_too(open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    game = Game(moves=[Move.from_iccs(iccs) for iccs in ("h2h9", "i9h9")])
    window = studied(open_window, game, size=(800, 600))
    drawn: list[tuple[int, bool]] = []

    def draw(_: object, rect: pygame.Rect, taken: list[int], *__: object, **___: object) -> None:
        drawn.extend((piece, rect.centerx < window.app.screen.analyse_panel.graph._rect.centerx) for piece in taken)

    seen = []
    for ply in range(3):
        window.app.carry_out(ShowPly(ply))
        whole = picture(window)
        with monkeypatch.context() as patched:
            patched.setattr(analyse_panel, "draw_captured", draw)
            without = picture(window)
        seen.append(drawn.copy())
        drawn.clear()
        assert (whole != without) == (ply > 0)
    horse, cannon = KNIGHT + 7, CANNON
    assert seen == [[], [(horse, True)], [(horse, True), (cannon, False)]]


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
    assert not tried.is_mainline() and moves.place_of(tried) is not None
    window.key(pygame.K_UP)
    assert study.current.is_mainline(), "the arrows up and down go from variation to variation"
    window.key(pygame.K_DOWN)
    window.click(button(window, Command.PROMOTE))
    assert tried.is_mainline()
    window.click(button(window, Command.DELETE))
    assert moves.place_of(tried) is None and [str(move) for move in study.main_moves] == MOVES


def test_a_variation_in_a_variation_is_folded_until_one_looks_at_it(open_window: OpenWindow) -> None:
    text = "1. h2e2 h9g7 (1... b9c7 2. h0g2 (2. b0c2 i9i8 3. a0b0) 2... i9i8) 2. h0g2 *"
    window = studied(open_window, *parse_pgn(text))
    study, moves = window.app.controller.analysis.study, window.app.screen.analyse_panel.moves
    outer = study.main_line[0].variations[1]
    inner = outer.variations[1]
    assert moves.place_of(outer) is not None and moves.place_of(outer.variations[0].variations[0]) is not None
    assert moves.place_of(inner.variations[0]) is None
    place = moves.place_of(inner)
    assert place is not None
    window.click(middle(place))
    assert study.current is inner and moves.place_of(inner.variations[0]) is not None


@pytest.mark.slow
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


def test_the_numbers_of_moves_are_seen_under_the_pointer(open_window: OpenWindow, drawn_words: list[str]) -> None:
    window = studied(open_window)
    policy = {Move.from_iccs("h2e2"): 0.6, Move.from_iccs("b2e2"): 0.3, Move.from_iccs("h2f2"): 0.1}
    window.app.controller.analysis.study.think_aloud(
        window.app.controller.analysis.study.current, Decision(Move.from_iccs("h2e2"), policy=policy)
    )
    seen = []
    for key in (None, pygame.K_h):
        if key is not None:
            window.key(key)
        for square in ("e2", "h2", "a4"):
            drawn_words.clear()
            window.move_to(window.at(square))
            numbers = [words for words in drawn_words if words.endswith("%")]
            seen.append([number for number in numbers if number.split()[0] not in ("Red", "Draw", "Black")])
    arrows, heat = seen[:3], seen[3:]
    assert arrows == [["60%"], [], []]
    assert heat == [["to 90%"], ["from 70%"], []]


def test_the_believed_board_lights_what_is_wrong(open_window: OpenWindow) -> None:
    window = studied(open_window)
    true = Board().squares.tolist()
    wrong = [EMPTY, *true[1:]]

    def seen(believed: list[int]) -> bytes:
        study = window.app.controller.analysis.study
        study.learn(study.current, Insight("", None, tuple(believed), (1.0,) * 90, 0.98))
        return picture(window)

    window.app.carry_out(ChooseView(View.DECODED_BOARD))
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


# --- words


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "size",
    [
        (800, 600),
        (1180, 860),
        *(pytest.param(size, marks=pytest.mark.slow) for size in ((800, 1100), (1920, 1080), (2360, 1720))),
    ],
)
def test_no_words_are_cut_off_and_all_fits(
    open_window: OpenWindow, cut_words: list[str], language: str, size: tuple[int, int]
) -> None:
    window = studied(open_window, size=size, language=language, notation="chinese" if language == "zh" else "wxf")
    screen = window.app.screen
    for view in View:
        window.app.carry_out(ChooseView(view))
        for command in screen.analyse_panel.controls.buttons:
            window.move_to(button(window, command))
    window.key(pygame.K_END)
    answer_all(window, Insight("", (0, 0, 0, 0), moves_only=True, illegal=(Move.from_iccs("a0a9"), 0.0312)))
    window.app.carry_out(ChooseView(View.IDEAS))
    for code in section(language, "error"):
        error = ErrorReport(code, "x", {"name": "x.pgn", "move": "h2e2", "kind": "KeyError"})
        window.app.controller.show_error(Failed("", None, error), window.clock.now)
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
    assert [text for text in cut_words if "/" not in text] == [], "paths of files may be shortened"


def test_a_second_analyst_is_typed_in(open_window: OpenWindow) -> None:
    window = studied(open_window)
    window.key(pygame.K_e, CONTROL)
    assert isinstance(window.app.dialog, AnalystDialog)
    window.key(pygame.K_TAB)
    window.type("uci:engine,nodes=5")
    window.key(pygame.K_RETURN)
    window.answer(Ready("uci:engine,nodes=5", "engine"))
    assert asked(window.thinker, Annotate)[-1].deep == "uci:engine,nodes=5"
    window.key(pygame.K_e, CONTROL)
    window.key(pygame.K_UP)
    window.key(pygame.K_UP)
    window.key(pygame.K_RETURN)
    assert window.app.controller.settings.analyst == ""
