"""Which commands would do something now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from ..state.commands import Command

if TYPE_CHECKING:
    from .controller import Controller


def _has_siblings(controller: Controller) -> bool:
    """Whether another move could be played in place of the last one on the board."""
    parent = controller.analysis.study.current.parent
    return parent is not None and len(parent.variations) > 1


#: When a command does something, of those that do not always.
_CONDITIONS: Final[Mapping[Command, Callable[[Controller], bool]]] = {
    Command.GAMES: lambda controller: bool(controller.analysis.file.games),
    Command.GAMES_HERE: lambda controller: bool(controller.analysis.file.games),
    Command.SHIPPED_PUZZLES: lambda controller: bool(controller.puzzles.file),
    Command.TYPE_MOVE: lambda controller: controller.shown.may_move,
    Command.SAVE: lambda controller: bool(controller.shown.line),
    Command.NEXT_VARIATION: _has_siblings,
    Command.PREVIOUS_VARIATION: _has_siblings,
}


def is_available(command: Command, controller: Controller) -> bool:
    """Return whether a command would do something now: it has something to work on, and no rated game forbids it."""
    condition = _CONDITIONS.get(command)
    return not controller.rated.refusal(command) and (condition is None or condition(controller))
