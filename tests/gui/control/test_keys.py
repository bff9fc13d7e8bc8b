"""The table of commands, and the keys made from it."""

from __future__ import annotations

from collections import Counter

import pygame
import pytest
from xiangqi_gpt.gui.control.keys import KEYS, command_of
from xiangqi_gpt.gui.state.commands import Command
from xiangqi_gpt.gui.state.languages import load_language
from xiangqi_gpt.gui.state.mode import Mode
from xiangqi_gpt.gui.widgets.icons import icon


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_command_has_its_words_in_both_languages(language: str) -> None:
    tables = load_language(language)
    assert set(tables["command"]) == {command.key for command in Command}
    assert set(tables["button"]) == {command.key for command in Command if command.value.has_word}
    assert all(tables["command"].values()) and all(tables["button"].values())


@pytest.mark.parametrize("mode", Mode)
def test_no_key_stands_twice_in_a_mode(mode: Mode) -> None:
    pressed = Counter((key.code, key.control, key.shift) for key in KEYS if mode in key.modes)
    assert len(pressed) > 20
    assert [key for key, times in pressed.items() if times > 1] == []


def test_every_command_has_a_key_and_every_picture_exists() -> None:
    assert {key.command for key in KEYS} == set(Command)
    for command in Command:
        if command.icon:
            assert icon(command.icon, 24, (0, 0, 0)).get_bounding_rect().size > (8, 2), command


def test_a_shortcut_is_the_key_that_it_names() -> None:
    def pressed(code: int, mod: int = 0, mode: Mode = Mode.PLAY) -> Command | None:
        return command_of(pygame.event.Event(pygame.KEYDOWN, key=code, mod=mod, unicode=""), mode)

    control, shift = pygame.KMOD_LCTRL, pygame.KMOD_LSHIFT
    assert pressed(pygame.K_n) is Command.NEW_GAME
    assert pressed(pygame.K_n, control | shift) is Command.REMATCH
    assert pressed(pygame.K_n, control) is None
    assert pressed(pygame.K_n, control, Mode.SETUP) is Command.START_POSITION
    assert pressed(pygame.K_n, pygame.KMOD_LALT) is None
    assert pressed(pygame.K_COMMA, control) is Command.SETTINGS
    assert pressed(pygame.K_COMMA, mode=Mode.ANALYSE) is Command.PREVIOUS_MISTAKE
    assert pressed(pygame.K_PAGEDOWN) is Command.FORWARD
    assert pressed(pygame.K_PAGEDOWN, mode=Mode.PUZZLE) is Command.NEXT_PUZZLE
    assert pressed(pygame.K_F1) is pressed(pygame.K_SLASH, shift) is Command.KEYS
    assert Command.KEYS.keys_in(Mode.PLAY) == "? / F1"
    assert Command.BACK.keys_in(Mode.ANALYSE) == "← / PgUp / [" and Command.BACK.keys_in(Mode.PLAY) == "PgUp / ["
    assert Command.UNDO.keys_in(Mode.ANALYSE) == ""
