"""Which records and positions are of another game than Xiangqi, and are refused by every reader."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Final

from xiangqi_gpt.rules import START_FEN, FenError, Move, Position, XiangqiError, parse_fen

#: Names of the game itself in the tag ``Variant``, in small letters without spaces and dashes.
_XIANGQI: Final = frozenset(("xiangqi", "chinesechess", "cchess", "象棋", "中国象棋", "中國象棋", "cotuong", "cờtướng"))
_OTHER_GAMES: Final = frozenset(
    (
        *("chess", "western chess", "international chess", "chess960", "国际象棋", "國際象棋", "janggi", "장기"),
        *("shogi", "将棋", "將棋", "jieqi", "揭棋", "banqi", "暗棋", "翻翻棋", "manchu", "go", "围棋", "圍棋"),
    )
)
#: Moves that only western chess has: castling, queens, promotion, bishops on files that no elephant reaches.
_CHESS_ONLY: Final = re.compile(
    r"(?<![\w-])(?:O-O(?:-O)?|Q[a-h]?[1-8]?x?[a-h][1-8]|[a-h](?:x[a-h])?[18]=[QRBN]|[♔-♟][a-h]?[1-8]?x?[a-h][1-8]|B[a-h]?[1-8]?x?[bdfh][1-8])(?!\w)"
)
#: Moves in short algebraic notation, and those that a chess board has room for and a chess set pieces.
_SAN: Final = re.compile(r"(?:(?<=\s)|(?<=[.)}])|\A)([A-Z]?[a-i]?(?:\d0?)?[x-]?[a-i]\d0?[+#]*)(?=[\s;{!?)]|\Z)")
_ON_CHESS_BOARD: Final = re.compile(r"[KQRBNDTLS]?[a-h]?[1-8]?x?[a-h][1-8][+#]*\Z")
#: Nothing but moves of pawns that both games have, with numbers, comments and a result.
_CHESS_PAWNS: Final = re.compile(
    r"(?:\s|\d{1,3}[ \t]*\.++|[a-h][1-8](?![\w-])[+#!?]*+|\{[^}]*+\}|;[^\n]*+|\$\d++|1-0|0-1|1/2-1/2|\*)++"
)
_ENOUGH: Final = 6  # of them, and no other, are a game of chess
_CHESS_OPENING: Final = re.compile(r"\s*1\.\s*(?:[a-h][34]|N[acfh]3)\s+(?:[a-h][56]|N[acfh]6)\s+2\.\s*N[cf]3(?!\w)")


class OtherGameError(XiangqiError):
    """A record or a position of another game than Xiangqi."""

    code = "other_game"


def check_tags(tags: Mapping[str, str]) -> None:
    """Raise ``OtherGameError`` where the tag ``Variant`` or ``Game`` names another game."""
    game = tags.get("Game", "").strip()
    if game.lower() in _OTHER_GAMES:
        raise OtherGameError(f"the tag Game says {game!r}, which is not Xiangqi")
    variant = tags.get("Variant", "").strip()
    if variant and _bare(variant) not in _XIANGQI:
        raise OtherGameError(f"the tag Variant says {variant[:40]!r}, which is not Xiangqi")


def check_moves(text: str, at: int, end: int) -> None:
    """Raise ``OtherGameError`` where the moves in ``text[at:end]``, which do not replay, are those of western chess."""
    match = _CHESS_ONLY.search(text, at, end) or _CHESS_OPENING.match(text, at, end)
    if match is None and len(moves := [found[1] for found in _SAN.finditer(text, at, end)]) >= _ENOUGH:
        match = next(_SAN.finditer(text, at, end)) if _are_of_chess(moves) else None
    if match:
        raise OtherGameError(f"a game of western chess, not of Xiangqi: {' '.join(match[0].split())!r}")


def _bare(name: str) -> str:
    """A name in small letters without spaces and dashes."""
    return re.sub(r"[\s_-]", "", name.lower())


def names_xiangqi(tags: Mapping[str, str]) -> bool:
    """Whether tags that are not those of another game say what game it is: ``Variant``, or ``Game``, as in most PGN."""
    return "Variant" in tags or _bare(tags.get("Game", "")) in _XIANGQI


def is_pawn_step(moves: Sequence[Move]) -> bool:
    """Whether a game from the usual start begins with a move of a pawn, as ``e4`` could mean."""
    return bool(moves) and moves[0].from_square // 9 == 3 and moves[0].to_square == moves[0].from_square + 9


def check_pawn_moves(text: str, at: int, end: int) -> None:
    """Raise ``OtherGameError`` where ``text[at:end]`` has none but moves like ``e4``, which western chess has too.

    A game of Xiangqi that is written so needs a tag that says so (``names_xiangqi``).
    """
    match = _CHESS_PAWNS.fullmatch(text, at, end)
    if match:
        moves = " ".join(match[0].split())[:20]
        raise OtherGameError(f"moves of western chess, not of Xiangqi unless the tag Game says so: {moves!r}")


def _are_of_chess(moves: Sequence[str]) -> bool:
    """Whether a chess board has room for all moves and a chess set the pieces, and not all are mere coordinates."""
    return all(map(_ON_CHESS_BOARD.match, moves)) and any(len(move.rstrip("+#")) < 4 for move in moves)


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
    try:
        return parse_fen(fen, lenient=True)
    except FenError as error:
        if error.code == OtherGameError.code:
            raise OtherGameError(str(error)) from None
        raise
