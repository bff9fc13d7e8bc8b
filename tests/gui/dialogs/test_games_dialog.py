"""The list of a file's games: sorted by a click, with what is not known at the end."""

from __future__ import annotations

import pygame
import pytest
from gui_helpers import Window, asked, games_read
from study_window import CONTROL, OpenWindow, studied
from xiangqi_gpt.gui.dialogs.games_dialog import GamesDialog
from xiangqi_gpt.gui.state.intents import ChooseGame, OpenRecord
from xiangqi_gpt.gui.worker.messages import Read

from xiangqi_gpt.records import Game
from xiangqi_gpt.rules import Move

GAMES = [
    Game(moves=[Move.from_iccs("h2e2")], tags={"Red": "Wang", "Black": "Li", "Date": "2001.01.01"}, result="1-0"),
    Game(moves=[], tags={"Red": "?", "Black": "Zhao"}, result="*"),
    Game(
        moves=[Move.from_iccs("c3c4"), Move.from_iccs("h9g7")],
        tags={"Red": "Chen", "Black": "Xu", "Date": "1988"},
        result="0-1",
    ),
]
BY_RED, BY_YEAR, BY_RESULT, BY_LENGTH = 1, 3, 4, 5


def listed(open_window: OpenWindow, **values: object) -> tuple[Window, GamesDialog]:
    window = studied(open_window, *GAMES, **values)
    if window.app.dialog is None:
        window.key(pygame.K_g, CONTROL)
    assert isinstance(window.app.dialog, GamesDialog)
    window.app.draw()
    return window, window.app.dialog


def order(dialog: GamesDialog) -> list[int]:
    return [index for index in dialog._indices if index is not None]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (0, [0, 1, 2]),
        (BY_RED, [2, 0, 1]),
        (BY_YEAR, [2, 0, 1]),
        (BY_RESULT, [2, 0, 1]),
        (BY_LENGTH, [0, 2, 1]),
    ],
)
def test_a_click_sorts_and_what_is_not_known_is_last(open_window: OpenWindow, by: int, expected: list[int]) -> None:
    window, dialog = listed(open_window)
    window.click(dialog.order._cells()[BY_LENGTH].center)
    window.click(dialog.order._cells()[by].center)
    assert order(dialog) == expected


@pytest.mark.parametrize(
    ("words", "expected"), [("1-0", [0]), ("0-1", [2]), ("1988", [2]), ("zhao", [1]), ("wang 0-1", [])]
)
def test_words_are_looked_for_in_names_years_and_results(
    open_window: OpenWindow, words: str, expected: list[int]
) -> None:
    _, dialog = listed(open_window)
    dialog.field.set_text("")
    dialog._filter(words)
    assert order(dialog) == expected


def test_a_corpus_that_is_not_all_listed_is_searched_for_the_words(open_window: OpenWindow) -> None:
    window, listing = listed(open_window)
    dialog = GamesDialog(listing.texts, GAMES, 0, corpus="all.parquet")
    dialog.field.set_text("Xu ")
    dialog._filter(dialog.field.text)
    assert order(dialog) == [2] and dialog.intent() == ChooseGame(2)
    dialog.list.chosen = 0
    assert dialog.intent() == OpenRecord("all.parquet", words="Xu")
    window.app.carry_out(OpenRecord("all.parquet", words="Xu"))
    read = asked(window.thinker, Read)[-1]
    assert (read.words, read.others) == ("Xu", "")
    window.app.carry_out(OpenRecord("all.parquet", words="Elephant Cup"))
    read = asked(window.thinker, Read)[-1]
    assert read.words == "Elephant Cup" and "Cup" in read.others and "Elephant" not in read.others


def test_words_that_no_game_has_are_said_and_the_games_stay(open_window: OpenWindow) -> None:
    window, _ = listed(open_window)
    file = window.app.controller.analysis.file
    games = list(file.games)
    window.app.carry_out(OpenRecord("all.parquet", words="nobody"))
    window.answer(games_read(asked(window.thinker, Read)[-1]))
    assert file.games == games and not file.is_reading and file.corpus == "all.parquet"
    assert "nobody" in window.status


def test_a_sorted_list_is_still_searched_and_opens_what_is_chosen(open_window: OpenWindow) -> None:
    window, dialog = listed(open_window)
    window.click(dialog.order._cells()[BY_RED].center)
    window.click(dialog.field.rect.center)
    window.type("xu")
    assert order(dialog) == [2]
    window.key(pygame.K_RETURN)
    assert window.app.controller.analysis.chosen == 2


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_cut_off(open_window: OpenWindow, cut_words: list[str], language: str) -> None:
    window, _ = listed(open_window, size=(800, 600), language=language)
    cut_words.clear()
    window.app.draw()
    assert not cut_words
