"""The window as a person uses it: clicks, drags and keys, and the pixels they change."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pygame
import pytest
from gui_helpers import Window, asked, decided
from xiangqi_gpt.gui.dialogs.dialogs import KeysDialog, Question, TextDialog
from xiangqi_gpt.gui.dialogs.file_dialog import SaveDialog
from xiangqi_gpt.gui.dialogs.new_game import NewGameDialog
from xiangqi_gpt.gui.dialogs.settings_dialog import SettingsDialog
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.intents import SaveGame, StartGame
from xiangqi_gpt.gui.state.session import HUMAN, GameSession
from xiangqi_gpt.gui.state.theme import DARK, LIGHT
from xiangqi_gpt.gui.views.board_view import SLIDE
from xiangqi_gpt.gui.widgets.layout import Layout
from xiangqi_gpt.gui.worker.messages import Think

from xiangqi_gpt.records import read_pgn
from xiangqi_gpt.rules import BLACK, RED, Move

OpenWindow = Callable[..., Window]
CHECK = "3k5/9/9/9/9/9/9/9/R8/5K3 w - - 0 1"


def moves(window: Window) -> list[str]:
    return [str(ply.move) for ply in window.session.line]


def button(window: Window, command: Command) -> tuple[int, int]:
    """Where a command's button is on the screen."""
    found: tuple[int, int] = window.app.screen.panel._buttons[command].rect.center
    return found


# --- moving


def test_click_and_click_moves_and_shows_it(open_window: OpenWindow) -> None:
    window = open_window()
    before = {name: window.tile(name) for name in ("h2", "e2")}
    window.click("h2")
    window.click("e2")
    assert moves(window) == ["h2e2"]
    assert all(window.tile(name) != picture for name, picture in before.items())
    assert all(DARK.mark_last in window.colors(name) for name in ("h2", "e2")), "both ends of the last move are marked"


def test_a_selected_piece_shows_where_it_may_go(open_window: OpenWindow) -> None:
    window = open_window()
    window.click("h2")
    assert DARK.mark_select in window.colors("h2")
    assert DARK.mark_target in window.colors("e2"), "a dot on a free square"
    assert DARK.mark_target in window.colors("h9"), "a ring on a capture"
    assert DARK.mark_target not in window.colors("h8")


def test_clicking_another_own_piece_reselects_and_a_second_click_deselects(open_window: OpenWindow) -> None:
    window = open_window()
    window.click("h2")
    window.click("b0")
    assert DARK.mark_select in window.colors("b0") and DARK.mark_select not in window.colors("h2")
    window.click("b0")
    assert DARK.mark_select not in window.colors("b0")


def test_dragging_moves_and_the_piece_follows_the_pointer(open_window: OpenWindow) -> None:
    window = open_window()
    empty = window.tile("e4", 0.3)
    window.press(window.at("h2"))
    window.move_to(window.at("e4"))
    assert window.tile("e4", 0.3) != empty
    window.move_to(window.at("e2"))
    window.release(window.at("e2"))
    assert moves(window) == ["h2e2"]


def test_a_piece_dropped_on_a_wrong_square_goes_back_and_the_status_says_why(open_window: OpenWindow) -> None:
    window = open_window()
    window.drag("b0", "d1")
    assert moves(window) == []
    assert window.status == "The horse's leg is blocked"


def test_pieces_slide_without_blocking_the_next_click(open_window: OpenWindow) -> None:
    window = open_window(animation=True)
    window.click("h2")
    window.click("e2")
    start = window.tile("e2", 0.5)
    window.click("h9")
    window.click("g7")
    assert moves(window) == ["h2e2", "h9g7"]
    window.wait(SLIDE + 0.01)
    assert window.tile("e2", 0.5) != start


def test_a_checked_king_is_ringed(open_window: OpenWindow) -> None:
    window = open_window(fen=CHECK)
    assert DARK.mark_check not in window.colors("d9")
    window.click("a1")
    window.click("d1")
    assert DARK.mark_check in window.colors("d9")
    assert window.status.startswith("Check!")


def test_the_keyboard_alone_can_move(open_window: OpenWindow) -> None:
    window = open_window()
    window.key(pygame.K_UP)  # the cursor appears on the king
    for code in (pygame.K_UP, pygame.K_RETURN, pygame.K_UP, pygame.K_SPACE):
        window.key(code)
    assert moves(window) == []
    window.key(pygame.K_ESCAPE)
    window.key(pygame.K_UP)
    window.key(pygame.K_RETURN)
    window.key(pygame.K_UP)
    window.key(pygame.K_RETURN)
    assert moves(window) == ["e0e1"]


# --- the game


def test_the_player_answers_and_undo_takes_back_both(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "greedy"))
    window.click("h2")
    window.click("e2")
    window.answer(decided(window.thinker.asked[0], "h9g7"))
    assert moves(window) == ["h2e2", "h9g7"]
    window.click(button(window, Command.UNDO))
    assert moves(window) == []
    window.key(pygame.K_r)
    assert moves(window) == ["h2e2", "h9g7"]


def test_flipping_turns_the_board_and_its_numerals(open_window: OpenWindow) -> None:
    window = open_window()
    corner = pygame.Rect(window.geometry.rect.bottomleft, (0, 0)).move(40, -40).inflate(60, 60)
    before = pygame.image.tobytes(window.surface.subsurface(corner), "RGB")
    place = window.at("a0")
    window.key(pygame.K_f)
    assert window.at("a0") != place
    assert pygame.image.tobytes(window.surface.subsurface(corner), "RGB") != before
    window.click("h2")
    window.click("e2")
    assert moves(window) == ["h2e2"], "clicks follow the turned board"


def test_a_move_in_the_list_shows_its_position(open_window: OpenWindow) -> None:
    window = open_window()
    for name in ("h2", "e2", "h9", "g7"):
        window.click(name)
    cell, ply = window.app.screen.panel._moves._cells[0]
    assert ply == 1
    window.click(cell.center)
    assert window.session.shown == 1
    window.key(pygame.K_END)
    assert window.session.is_live


def test_a_long_record_scrolls_and_follows_the_moves(open_window: OpenWindow) -> None:
    window = open_window(size=(800, 600))
    chance = random.Random(1)
    while window.session.ply_count < 60 and window.session.outcome is None:
        window.session.play(chance.choice(list(window.session.shown_board.legal_moves)))
    assert window.session.ply_count == 60
    window.app.draw()
    moves = window.app.screen.panel._moves
    box = moves._scroll.view

    def plies() -> list[int]:
        return [ply for _, ply in moves._cells]

    def whole() -> bool:
        return all(box.contains(cell) for cell, _ in moves._cells)

    assert plies()[-1] == 60 and len(plies()) < 60 and whole(), "the last move is in sight"
    for _ in range(60):
        window.app.screen.panel.handle(pygame.Event(pygame.MOUSEWHEEL, y=1, pos=box.center))
    window.app.draw()
    assert plies()[0] == 1 and whole()
    thumb = moves._scroll._thumb()
    assert thumb is not None
    window.press(thumb.center)
    window.move_to((thumb.centerx, box.bottom))
    window.release((thumb.centerx, box.bottom))
    assert plies()[-1] == 60 and whole() and window.session.shown == 60, "the thumb shows no move by itself"
    window.key(pygame.K_HOME)
    assert plies()[0] == 1
    window.click(moves._cells[2][0].center)
    assert window.session.shown == 3


def test_the_end_is_announced_with_its_rule(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "greedy"), fen="3k5/R8/9/9/9/9/9/9/9/1R2K4 w - - 0 1")
    middle = window.tile("e4")
    window.click("b0")
    window.click("b9")
    assert window.tile("e4") != middle, "a card lies over the board"
    assert window.status == "Red wins: Checkmate"
    window.click(window.app.screen.banner.cross.rect.center)
    assert window.tile("e4") == middle


def test_a_game_with_a_clock_has_a_button_to_pause_it(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "greedy"))
    window.click(button(window, Command.PAUSE))
    assert not window.session.paused, "the button is not there without a clock"
    window.app.carry_out(StartGame((HUMAN, "greedy"), None, "600+5"))
    window.app.step()
    window.click(button(window, Command.PAUSE))
    assert window.session.paused
    window.click(button(window, Command.PAUSE))
    assert not window.session.paused


def test_resigning_asks_first(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "greedy"))
    window.click(button(window, Command.RESIGN))
    assert isinstance(window.app.dialog, Question)
    window.key(pygame.K_ESCAPE)
    assert window.session.outcome is None
    window.key(pygame.K_q)
    window.key(pygame.K_RETURN)
    assert window.session.outcome is not None and window.session.outcome.winner == BLACK


def test_a_new_game_with_another_side_and_opponent(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "greedy"))
    window.click(button(window, Command.NEW_GAME))
    assert isinstance(window.app.dialog, NewGameDialog)
    window.key(pygame.K_RIGHT)  # Black
    window.key(pygame.K_TAB)
    window.key(pygame.K_DOWN)  # the player after "greedy" is "random"
    window.key(pygame.K_RETURN)
    assert window.session.players == ("random", HUMAN)
    assert window.app.controller.settings.flipped
    assert window.thinker.asked[-1].spec == "random"


def test_a_move_can_be_typed(open_window: OpenWindow) -> None:
    window = open_window()
    window.key(pygame.K_m)
    assert isinstance(window.app.dialog, TextDialog)
    window.type("炮二平")
    window.type("五")
    window.key(pygame.K_RETURN)
    assert moves(window) == ["h2e2"] and window.app.dialog is None


def test_copy_and_paste_of_a_position(open_window: OpenWindow) -> None:
    window = open_window()
    window.click("h2")
    window.click("e2")
    window.key(pygame.K_c, pygame.KMOD_CTRL)
    fen = window.session.shown_board.fen()
    assert pygame.scrap.get_text() == fen
    window.key(pygame.K_u)
    window.key(pygame.K_v, pygame.KMOD_CTRL)
    assert window.session.start_fen == fen and window.session.turn == BLACK


def test_every_key_is_listed(open_window: OpenWindow) -> None:
    window = open_window()
    window.key(pygame.K_SLASH, pygame.KMOD_SHIFT)
    assert isinstance(window.app.dialog, KeysDialog)
    window.click((2, 2))
    assert window.app.dialog is None


def test_a_click_on_a_line_of_the_keys_does_what_the_key_does(open_window: OpenWindow) -> None:
    window = open_window()
    for command in (Command.FLIP, Command.COPY_FEN, Command.SETTINGS):
        window.key(pygame.K_F1)
        dialog = window.app.dialog
        assert isinstance(dialog, KeysDialog)
        row = next(rect for rect, known in dialog._places if known is command)
        window.click(row.center)
        assert window.app.dialog is not dialog
    assert window.app.controller.settings.flipped, "the board was turned"
    assert isinstance(window.app.dialog, SettingsDialog)


def test_themes_and_faces_change_the_picture(open_window: OpenWindow) -> None:
    window = open_window()
    assert window.surface.get_at((2, 2))[:3] == DARK.window
    piece = window.tile("e0")
    window.key(pygame.K_t, pygame.KMOD_CTRL | pygame.KMOD_SHIFT)
    assert window.surface.get_at((2, 2))[:3] == LIGHT.window
    light = window.tile("e0")
    window.key(pygame.K_f, pygame.KMOD_CTRL | pygame.KMOD_SHIFT)
    assert len({piece, light, window.tile("e0")}) == 3


def test_arrows_show_the_ideas(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "gpt"))
    between = window.tile("f2", 0.3)
    window.key(pygame.K_v)
    policy = {Move.from_iccs("h2e2"): 0.9, Move.from_iccs("b0c2"): 0.1}
    window.answer(decided(asked(window.thinker, Think)[0], "h2e2", policy=policy, wdl=(0.5, 0.3, 0.2)))
    assert window.tile("f2", 0.3) != between
    window.key(pygame.K_v)
    assert window.tile("f2", 0.3) == between


def test_closing_the_window_ends_the_program(open_window: OpenWindow) -> None:
    window = open_window()
    window.event(pygame.QUIT)
    assert not window.app.is_running


def test_a_click_on_the_graph_goes_to_that_move(open_window: OpenWindow) -> None:
    window = open_window(("gpt", "gpt"))
    for iccs in ("h2e2", "h9g7", "h0g2", "i9h9"):
        window.answer(decided(window.thinker.asked[-1], iccs, wdl=(0.4, 0.3, 0.3)))
    assert len(moves(window)) == 4
    graph = window.app.screen.panel._graph._rect
    window.click((graph.x + graph.width // 2, graph.centery))
    assert window.session.shown == 2


# --- sizes


@pytest.mark.parametrize("size", [(800, 600), (1180, 860), (1920, 1080), (3840, 2160), (1000, 1400), (800, 1100)])
def test_everything_fits_into_every_size(open_window: OpenWindow, size: tuple[int, int]) -> None:
    window = open_window(size=size)
    layout, whole = Layout.of(size), window.surface.get_rect()
    assert whole.contains(layout.board.rect) and whole.contains(layout.panel)
    assert not layout.board.rect.colliderect(layout.panel)
    window.click("h2")
    window.click("e2")
    assert moves(window) == ["h2e2"]
    assert all(layout.panel.contains(b.rect) for b in window.app.screen.panel._buttons.values() if b.rect.width)


def test_on_a_small_screen_all_is_smaller(open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pygame.display, "get_desktop_sizes", lambda: [(640, 480)])
    window = open_window((HUMAN, "gpt,level=7"), size=(640, 480))
    whole = window.surface.get_rect()
    assert whole.size == (640, 480) and whole.contains(window.app.screen._layout.panel)
    for command in (Command.NEW_GAME, Command.SETTINGS, Command.KEYS, Command.MENU, Command.RATING):
        window.app.carry_out(command)
        window.app.draw()
        dialog = window.app.dialog
        assert dialog is not None and whole.contains(dialog.rect), command
        window.key(pygame.K_ESCAPE)


def test_nothing_is_drawn_while_nothing_happens(open_window: OpenWindow) -> None:
    window = open_window()
    window.wait(0)
    window.surface.fill((1, 2, 3))
    window.wait(3)
    assert window.surface.get_at((5, 5))[:3] == (1, 2, 3)
    assert window.session.turn == RED


# --- files


def test_the_game_is_saved_as_pgn(open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window((HUMAN, "greedy"), notation="chinese")
    window.click("h2")
    window.click("e2")
    window.key(pygame.K_s, pygame.KMOD_CTRL)
    dialog = window.app.dialog
    assert isinstance(dialog, SaveDialog)
    dialog.field.text = str(tmp_path / "game")
    window.key(pygame.K_RETURN)
    (game,) = read_pgn(tmp_path / "game.pgn")
    assert [str(move) for move in game.moves] == ["h2e2"]
    assert (game.tags["Red"], game.tags["Black"]) == ("You", "Greedy")
    assert "炮二平五" in (tmp_path / "game.pgn").read_text("utf-8")


def test_a_game_that_cannot_be_saved_says_why(open_window: OpenWindow, tmp_path: Path) -> None:
    window = open_window()
    window.click("h2")
    window.click("e2")
    window.app.carry_out(SaveGame(str(tmp_path / "no-folder" / "game.pgn")))
    assert "no such folder" in window.status and "no-folder" in window.status


def test_the_last_start_is_taken_up(open_window: OpenWindow) -> None:
    window = open_window((HUMAN, "greedy"))
    saved = GameSession((HUMAN, "random"))
    saved.play(Move.from_iccs("h2e2"))
    window.app.open_startup_dialogs(saved, False, "settings.damaged.json", None)
    assert "settings.damaged.json" in window.status
    assert isinstance(window.app.dialog, Question)
    window.key(pygame.K_RETURN)
    assert moves(window) == ["h2e2"] and window.thinker.asked[-1].spec == "random"
