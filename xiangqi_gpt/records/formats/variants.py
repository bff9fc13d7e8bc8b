"""Which records and positions are of another game than Xiangqi, and are refused by every reader."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Final

from xiangqi_gpt.rules import START_FEN, Position, XiangqiError, parse_fen

#: Names of the game itself in the tag ``Variant``, in small letters without spaces and dashes.
_XIANGQI: Final = frozenset(("xiangqi", "chinesechess", "cchess", "象棋", "中国象棋", "中國象棋", "cotuong", "cờtướng"))
_OTHER_GAMES: Final = frozenset(("chess", "western chess", "international chess", "国际象棋", "janggi", "shogi"))
#: Moves that only western chess has: castling, queens, promotion, bishops on files that no elephant reaches.
_CHESS_ONLY: Final = re.compile(
    r"(?<![\w-])(?:O-O(?:-O)?|Q[a-h]?[1-8]?x?[a-h][1-8]|[a-h](?:x[a-h])?[18]=[QRBN]|B[a-h]?[1-8]?x?[bdfh][1-8])(?!\w)"
)
_CHESS_OPENING: Final = re.compile(r"\s*1\.\s*(?:[a-h][34]|N[acfh]3)\s+(?:[a-h][56]|N[acfh]6)\s+2\.\s*N[cf]3(?!\w)")
_JANGGI_BOARD: Final = "4k4/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/4K4"
_JANGGI_BACK_RANK: Final = re.compile(r"r[nb]{2}a1a[nb]{2}r\Z", re.IGNORECASE)


class OtherGameError(XiangqiError):
    """A record or a position of another game than Xiangqi."""

    code = "other_game"


def check_tags(tags: Mapping[str, str]) -> None:
    """Raise ``OtherGameError`` where the tag ``Variant`` or ``Game`` names another game."""
    game = tags.get("Game", "").strip()
    if game.lower() in _OTHER_GAMES:
        raise OtherGameError(f"the tag Game says {game!r}, which is not Xiangqi")
    variant = tags.get("Variant", "").strip()
    if variant and re.sub(r"[\s_-]", "", variant.lower()) not in _XIANGQI:
        raise OtherGameError(f"the tag Variant says {variant[:40]!r}, which is not Xiangqi")


def check_moves(text: str, at: int, end: int) -> None:
    """Raise ``OtherGameError`` where the moves in ``text[at:end]``, which do not replay, are those of western chess."""
    match = _CHESS_ONLY.search(text, at, end) or _CHESS_OPENING.match(text, at, end)
    if match:
        raise OtherGameError(f"a game of western chess, not of Xiangqi: {' '.join(match[0].split())!r}")


@functools.cache
def start_position() -> Position:
    """Return the usual start, checked by the rules when it is first asked for: an import compiles nothing."""
    return parse_fen(START_FEN)


def read_root(fen: str) -> Position:
    """Return the position that a record starts from, however the FEN is written.

    Raises ``FenError``, and ``OtherGameError`` for the start of Janggi.
    """
    if fen == START_FEN:
        return start_position()
    ranks = fen.split(" ")[0].split("/")
    is_janggi = len(ranks) == 10 and "/".join(ranks[1:9]) == _JANGGI_BOARD
    if is_janggi and all(_JANGGI_BACK_RANK.match(rank) for rank in (ranks[0], ranks[9])):
        raise OtherGameError("the start position of Janggi, not of Xiangqi")
    return parse_fen(fen, lenient=True)
