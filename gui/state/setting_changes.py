"""How the window looks and sounds: what a command, or a choice in the settings, changes of it."""

from __future__ import annotations

from typing import Any

from .commands import Command
from .languages import LANGUAGES
from .notation import NOTATIONS
from .settings import Settings, in_language
from .theme import FACES, THEMES


def changes(settings: Settings, command: Command) -> dict[str, Any]:
    """Return the settings that a command changes, with their new values; empty when it is about something else."""
    if command is Command.FLIP:
        return {"flipped": not settings.flipped}
    if command is Command.ANIMATION:
        return {"animation": not settings.animation}
    if command is Command.SOUND:
        return {"sound": not settings.sound}
    if command is Command.NOTATION:
        return {"notation": _next(tuple(NOTATIONS), settings.notation)}
    if command is Command.FACES:
        return {"faces": _next(tuple(FACES), settings.faces)}
    if command is Command.THEME:
        return {"theme": _next(tuple(THEMES), settings.theme)}
    if command is Command.LANGUAGE:
        return chosen(settings, "language", _next(LANGUAGES, settings.language))
    return {}


def chosen(settings: Settings, name: str, value: object) -> dict[str, Any]:
    """Return the settings that change when one of them is given a value: a language brings its notation."""
    if name == "language":
        return {name: value, "notation": in_language(settings, str(value)).notation}
    return {name: value}


def _next(options: tuple[str, ...], now: str) -> str:
    return options[(options.index(now) + 1) % len(options)]
