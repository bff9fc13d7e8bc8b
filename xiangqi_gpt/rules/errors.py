"""Errors a user can cause. The command line prints one as a single line and exits with status 2."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


class XiangqiError(ValueError):
    """Base of every error this package raises for bad input; its text is one complete line.

    ``code`` names what went wrong, for a program that says it in other words, and ``values`` what it went wrong with
    (a path, a name, a number). A class has a code for all its errors; one that a person meets in the window or in a
    game in the terminal may have its own. ``gui/locale`` has a sentence for each in every language.
    """

    code: str = "error"
    values: Mapping[str, object] = MappingProxyType({})

    def __init__(self, text: str = "", *, code: str | None = None, **values: object) -> None:
        super().__init__(text)
        if code is not None:
            self.code = code
        if values:
            self.values = values


class FenError(XiangqiError):
    """A FEN that cannot be read or that describes a position the rules do not allow."""

    code = "fen"


class MoveError(XiangqiError):
    """A move, or the text of a move, that cannot be played."""

    code = "move"


class MoveTextError(MoveError):
    """Text that is not a move in any notation we read."""

    code = "move_text"


class AmbiguousMoveError(MoveError):
    """Move text that more than one piece on the board could mean."""

    code = "move_ambiguous"


class IllegalMoveError(MoveError):
    """A readable move that the rules forbid in this position; the text says why.

    Where the rules of the pieces forbid it, ``code`` is that of the ``Refusal``.
    """

    code = "move_illegal"
