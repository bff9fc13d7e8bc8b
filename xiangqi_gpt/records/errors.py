"""Errors of game records: each names the file and, as far as known, game, line and ply."""

from __future__ import annotations

from os import PathLike
from typing import Final, Literal, get_args

from xiangqi_gpt.rules import XiangqiError

#: What to do with a game that breaks the rules or cannot be read: ``fail`` raises, ``cut`` keeps the plies before the
#: break, ``drop`` leaves the whole game out.
OnIllegal = Literal["fail", "cut", "drop"]
_CHOICES: Final = get_args(OnIllegal)


class CorpusError(XiangqiError):
    """A whole file that cannot be used: missing, not of its format, without games, or asked for nonsense."""


class RecordError(XiangqiError):
    """A game that cannot be read or that breaks the rules.

    ``game`` and ``line`` count from 1, ``ply`` is the number (from 1) of the ply that cannot be played; each is None
    where it has no meaning.
    """

    def __init__(
        self,
        reason: str,
        *,
        path: str | PathLike[str] | None = None,
        game: int | None = None,
        line: int | None = None,
        ply: int | None = None,
    ) -> None:
        places = [str(path)] if path is not None else []
        places += [f"{name} {n}" for name, n in (("game", game), ("line", line), ("ply", ply)) if n is not None]
        super().__init__(f"{', '.join(places)}: {reason}" if places else reason)
        self.reason, self.path, self.game, self.line, self.ply = reason, path, game, line, ply


def check_on_illegal(choice: str) -> None:
    """Raise ``CorpusError`` unless ``choice`` is one of the three."""
    if choice not in _CHOICES:
        raise CorpusError(f"on_illegal is one of {', '.join(_CHOICES)}, not {choice!r}")
