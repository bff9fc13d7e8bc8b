"""How moves are written to another program: ranks 0-9, or 1-10 once it has set ``UCI_Variant``."""

from __future__ import annotations

import re
from typing import Final

from xiangqi_gpt.rules import Move, MoveTextError

from .options import ProtocolError

_MOVE: Final = re.compile(r"([a-i])(10|[1-9])([a-i])(10|[1-9])\Z", re.ASCII)


def read_move(text: str, first_rank: int) -> Move:
    """Return the move that coordinates name, whose ranks count from ``first_rank``. Raises ``ProtocolError``."""
    try:
        if not first_rank:
            return Move.from_iccs(text)
        match = _MOVE.match(text)
        if match is None:
            raise MoveTextError(f"not a move in coordinates with ranks 1-10: {text!r}")
        return Move.from_iccs(f"{match[1]}{int(match[2]) - 1}{match[3]}{int(match[4]) - 1}")
    except MoveTextError as error:
        raise ProtocolError(str(error)) from None


def write_move(move: Move, first_rank: int) -> str:
    """Return a move in coordinates whose ranks count from ``first_rank``."""
    text = move.iccs()
    if not first_rank:
        return text
    return f"{text[0]}{int(text[1]) + 1}{text[2]}{int(text[3]) + 1}"
