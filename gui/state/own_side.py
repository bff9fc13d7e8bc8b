"""Whose mistakes are listed and tried again: those of both sides, or of the person's own alone."""

from __future__ import annotations

from typing import Final

from xiangqi_gpt.rules import BLACK, RED

from .study import Study

#: The sides where a record names nobody, and the tags that name who played them.
_SIDES: Final = (("red", "Red", RED), ("black", "Black", BLACK))


def own_side(study: Study, own: str) -> int | None:
    """Return the side of a game that ``own`` means: a player's name, ``red`` or ``black``; None: both sides."""
    if by_word := [side for word, _, side in _SIDES if word == own]:
        return by_word[0]
    named = [side for _, tag, side in _SIDES if own and own.casefold() == study.tag(tag).casefold()]
    return named[0] if len(named) == 1 else None


def own_name(study: Study, side: int | None) -> str:
    """Return what ``own_side`` finds a side by, in other games too where it is a player's name; "" for both."""
    if side is None:
        return ""
    word, name = next((word, study.tag(tag)) for word, tag, color in _SIDES if color == side)
    return name if name and own_side(study, name) == side else word
