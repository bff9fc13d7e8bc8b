"""Errors of game records: each names the file and, as far as known, game, line and ply."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Final, Literal, get_args

from xiangqi_gpt.rules import XiangqiError

#: What to do with a game that breaks the rules or cannot be read: ``fail`` raises, ``cut`` keeps the plies before the
#: break, ``drop`` leaves the whole game out.
OnIllegal = Literal["fail", "cut", "drop"]
_CHOICES: Final = get_args(OnIllegal)

#: What an error costs: the ``game`` (its main line ends there), a ``part`` beside the main line (a side line, a
#: comment, a tag), or nothing: a ``note`` says how the game was read.
Scope = Literal["game", "part", "note"]


class CorpusError(XiangqiError):
    """A whole file that cannot be used: missing, not of its format, without games, or asked for nonsense."""

    code = "record_file"


class RecordError(XiangqiError):
    """A game that cannot be read or that breaks the rules, or a part of one; or a note on how it was read (``scope``).

    ``reason`` is a text, or the error that it was found by, whose code it keeps.

    ``game`` and ``line`` count from 1, ``ply`` is the number (from 1) of the ply that cannot be played, ``after`` the
    moves before it where it stands in a side line; each is None or empty where it has no meaning.
    """

    def __init__(
        self,
        reason: str | XiangqiError,
        *,
        path: str | PathLike[str] | None = None,
        game: int | None = None,
        line: int | None = None,
        ply: int | None = None,
        scope: Scope = "game",
        after: str = "",
        code: str | None = None,
    ) -> None:
        places = [str(path)] if path is not None else []
        places += [f"{name} {n}" for name, n in (("game", game), ("line", line), ("ply", ply)) if n is not None]
        places += [f"after {after}"] if after else []
        text = str(reason)
        if isinstance(reason, XiangqiError):
            self.code, self.values = reason.code, reason.values
        else:
            self.code = code or ("record_move" if ply is not None else f"record_{scope}")
        super().__init__(f"{', '.join(places)}: {text}" if places else text)
        self.reason, self.path, self.game, self.line, self.ply = text, path, game, line, ply
        self.scope, self.after = scope, after

    def placed(self, path: str | PathLike[str] | None, game: int | None) -> RecordError:
        """Return the same error with its file and the number of its game."""
        placed = RecordError(
            self.reason, path=path, game=game, line=self.line, ply=self.ply, scope=self.scope, after=self.after
        )
        placed.code, placed.values = self.code, self.values
        return placed


_SHOWN_MOVES: Final = 40  # moves of a line that an error names


def moves_before(moves: Sequence[object]) -> str:
    """Return the moves that lead to an error in a side line, of a long line the last ones."""
    return f"{'... ' * (len(moves) > _SHOWN_MOVES)}{' '.join(map(str, moves[-_SHOWN_MOVES:]))}"


def check_on_illegal(choice: str) -> None:
    """Raise ``CorpusError`` unless ``choice`` is one of the three."""
    if choice not in _CHOICES:
        raise CorpusError(f"on_illegal is one of {', '.join(_CHOICES)}, not {choice!r}")
