"""Move text both ways: Chinese (炮二平五), WXF (C2.5) and coordinates (h2e2).

Both traditional systems name a piece, the file it stands on and where it goes, files counted from each player's own
right. They share one parser: a text is reduced to four symbols (which piece, which of several on a file, direction,
number), and the symbols are looked up on the board.

Of two like pieces on one file the front one is 前 (WXF ``+``) and the rear one 后 (``-``); three pawns on a file are
前 中 后, four or five are 前 二 三 四 后. When two files hold two or more pawns each, the pawns are numbered 一 to 五
from the mover's right to the left and from front to rear (WXF: 1 to 5).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .errors import AmbiguousMoveError, IllegalMoveError, MoveTextError
from .moves import MOVE_INDEX, MOVES, Move
from .pieces import ADVISOR, BISHOP, FILES, KNIGHT, PAWN, RED, color_of, type_of
from .refusal import check_legal, explain_refusal, why_illegal

if TYPE_CHECKING:
    from .board import Board

_DIGITS: Final = "０１２３４５６７８９"
_NUMERALS: Final = "〇一二三四五六七八九"
_LETTERS: Final = " KABNRCP"
_WXF_LETTERS: Final = " KAEHRCP"
_RED_NAMES: Final = {False: " 帅仕相马车炮兵", True: " 帥仕相馬車炮兵"}
_BLACK_NAMES: Final = {False: " 将士象马车炮卒", True: " 將士象馬車砲卒"}

#: Every character that a reader may meet, reduced to the symbols the parser works on.
_SYMBOLS: Final[dict[int, str]] = str.maketrans(
    {
        **dict.fromkeys("帅帥将將KＫk", "K"),
        **dict.fromkeys("仕士AＡa", "A"),
        **dict.fromkeys("相象BＢEＥbe", "B"),
        **dict.fromkeys("马馬傌NＮHＨnh", "N"),
        **dict.fromkeys("车車俥伡RＲr", "R"),
        **dict.fromkeys("炮砲包CＣc", "C"),
        **dict.fromkeys("兵卒PＰp", "P"),
        **dict.fromkeys("进進+＋", "+"),
        **dict.fromkeys("退-－−", "-"),
        **dict.fromkeys("平.．=＝", "."),
        **dict.fromkeys("前", "f"),
        **dict.fromkeys("中", "m"),
        **dict.fromkeys("后後", "r"),
        **{numeral: str(i) for i, numeral in enumerate(_NUMERALS)},
        **{digit: str(i) for i, digit in enumerate(_DIGITS)},
    }
)
_ICCS: Final = re.compile(r"[A-Ia-i][0-9]-?[A-Ia-i][0-9]\Z")
_PLAIN: Final = re.compile(r"([KABNRCP])([1-9])([-+.])([1-9])\Z")
_TANDEM: Final = re.compile(r"([fmr1-5])([KABNRCP1-9])([-+.])([1-9])\Z")
_WXF_TANDEM: Final = re.compile(r"([KABNRCP])([-+.])([-+.])([1-9])\Z")
_WXF_WORD: Final = re.compile(r"([FRBM])([KABNRCP])([-+.])([1-9])\Z")
_WXF_BARE: Final = re.compile(r"([KABNRCP])([1-9])([1-9])\Z")
_WXF_SIGN_FIRST: Final = re.compile(r"([-+])([KABNRCP1-9])([-+.])([1-9])\Z")


# --- writing


def to_chinese(board: Board, move: Move, *, traditional: bool = False) -> str:
    """Chinese text of a legal move: Red's numbers in Chinese numerals, Black's in full-width digits.

    >>> from xiangqi_gpt.rules import Board
    >>> to_chinese(Board(), Move.from_iccs("h2e2"))
    '炮二平五'
    """
    color, kind, which, direction, number = _describe(board, move)
    names = (_RED_NAMES if color == RED else _BLACK_NAMES)[traditional]
    numbers = _NUMERALS if color == RED else _DIGITS
    words = {"+": "進" if traditional else "进", "-": "退", ".": "平"}
    ranks = {"f": "前", "m": "中", "r": "後" if traditional else "后"}
    head = names[kind] + numbers[which] if isinstance(which, int) else ranks.get(which, "") + names[kind]
    if isinstance(which, str) and which.isdigit():
        head = _NUMERALS[int(which)] + names[kind]
    return head + words[direction] + numbers[number]


def to_wxf(board: Board, move: Move) -> str:
    """WXF text of a legal move, like ``C2.5``, ``+R-3`` or, among several pawns, ``3P+1``.

    >>> from xiangqi_gpt.rules import Board
    >>> to_wxf(Board(), Move.from_iccs("h2e2"))
    'C2.5'
    """
    _, kind, which, direction, number = _describe(board, move)
    if isinstance(which, int):
        return f"{_WXF_LETTERS[kind]}{which}{direction}{number}"
    if which.isdigit():
        return f"{which}{_WXF_LETTERS[kind]}{direction}{number}"
    if which == "m":
        return f"2{_WXF_LETTERS[kind]}{direction}{number}"
    return f"{'+' if which == 'f' else '-'}{_WXF_LETTERS[kind]}{direction}{number}"


def _describe(board: Board, move: Move) -> tuple[int, int, int | str, str, int]:
    """(colour, piece type, file number or rank among like pieces, direction, last number) of a move."""
    piece = board.piece_at(move.from_square)
    if not piece:
        raise IllegalMoveError(explain_refusal(board, move.from_square, move.to_square))
    color, kind = color_of(piece), type_of(piece)
    forward = (move.to_square // FILES - move.from_square // FILES) * (1 if color == RED else -1)
    direction = "." if forward == 0 else "+" if forward > 0 else "-"
    target_file = _file_number(move.to_square, color)
    number = target_file if forward == 0 or kind in (ADVISOR, BISHOP, KNIGHT) else abs(forward)
    stack = _stack(board, piece, move.from_square % FILES)
    which: int | str = _file_number(move.from_square, color)
    # Two advisors or elephants on a file need no 前 or 后: only one of them can go each way.
    if len(stack) > 1 and kind not in (ADVISOR, BISHOP):
        which = _rank_in_stack(board, piece, stack, move.from_square)
    return color, kind, which, direction, number


def _rank_in_stack(board: Board, piece: int, stack: list[int], sq: int) -> str:
    place = stack.index(sq)
    if type_of(piece) == PAWN:
        tandem = _tandem_pawns(board, piece)
        if len(tandem) > len(stack):
            return str(tandem.index(sq) + 1)
        if 0 < place < len(stack) - 1:
            return "m" if len(stack) == 3 else str(place + 1)
    return "f" if place == 0 else "r"


# --- reading


def parse_move(board: Board, text: str) -> Move:
    """Read a move in coordinates, Chinese or WXF, and check that it is legal.

    >>> from xiangqi_gpt.rules import Board
    >>> [str(parse_move(Board(), text)) for text in ("h2e2", "H2-E2", "炮二平五", "C2.5")]
    ['h2e2', 'h2e2', 'h2e2', 'h2e2']

    Raises ``MoveTextError`` for unreadable text, ``AmbiguousMoveError`` when several pieces could be meant, and
    ``IllegalMoveError`` with the reason for a readable move that may not be played.
    """
    text = " ".join(text.split())
    compact = text.replace(" ", "")
    if _ICCS.match(compact):
        move = Move.from_iccs(compact)
        check_legal(board, move, text)
        return move
    candidates = _candidates(board, compact, text)
    legal = [move for move in candidates if board.is_legal(move)]
    if len(legal) == 1:
        return legal[0]
    if legal:
        names = " or ".join(str(move) for move in legal)
        raise AmbiguousMoveError(f"{text} could be {names}", move=text)
    reasons = {explain_refusal(board, move.from_square, move.to_square) for move in candidates}
    found = {reason.code for move in candidates if (reason := why_illegal(board, move.from_square, move.to_square))}
    code = found.pop() if len(found) == 1 else "refusal.not_its_move" if not found else None
    why = "; ".join(sorted(reasons)) or "no such piece can go there"
    raise IllegalMoveError(f"{text} is not legal: {why}", code=code, move=text)


def _candidates(board: Board, compact: str, text: str) -> list[Move]:
    """The geometrically possible moves that Chinese or WXF text could mean, legal or not."""
    symbols = compact.translate(_SYMBOLS)
    match = _PLAIN.match(symbols)
    if match is None and (bare := _WXF_BARE.match(symbols)):  # C25 leaves out the sign of a sideways move
        match = _PLAIN.match(f"{bare[1]}{bare[2]}.{bare[3]}")
    if match:
        letter, file_number, direction, number = match.groups()
        kind = _LETTERS.index(letter)
        sources = _stack(board, kind + 7 * board.turn, _file_of(int(file_number), board.turn))
        if not sources:
            why = f"{text} is not legal: no such piece on file {file_number}"
            raise IllegalMoveError(why, code="no_piece_on_file", move=text)
    elif match := _TANDEM.match(symbols) or _WXF_SIGN_FIRST.match(symbols):
        rank, letter, direction, number = match.groups()
        kind, sources = _tandem_sources(board, rank.replace("+", "f").replace("-", "r"), letter)
    elif match := _WXF_WORD.match(symbols):  # front, rear or back, middle
        word, letter, direction, number = match.groups()
        kind, sources = _tandem_sources(board, {"F": "f", "R": "r", "B": "r", "M": "m"}[word], letter)
    elif match := _WXF_TANDEM.match(symbols):
        letter, rank, direction, number = match.groups()
        kind, sources = _tandem_sources(board, {"+": "f", "-": "r", ".": "m"}[rank], letter)
    else:
        raise MoveTextError(f"not a move in any notation: {text!r}", move=text)
    if not sources:
        why = f"{text} is not legal: no two such pieces stand on one file"
        raise IllegalMoveError(why, code="no_tandem", move=text)
    return [move for sq in sources if (move := _target(sq, kind, board.turn, direction, int(number)))]


def _tandem_sources(board: Board, rank: str, letter: str) -> tuple[int, list[int]]:
    """Piece type and squares that 前車, 中兵, 三卒 or 前四 (the front pawn of file four) could mean."""
    kind = PAWN if letter.isdigit() else _LETTERS.index(letter)
    piece = kind + 7 * board.turn
    files = [_file_of(int(letter), board.turn)] if letter.isdigit() else range(FILES)
    stacks = [stack for file in files if len(stack := _stack(board, piece, file)) > 1]
    if rank.isdigit():
        tandem = [sq for stack in stacks for sq in stack]
        if len(stacks) > 1:
            tandem = _tandem_pawns(board, piece)
        return kind, tandem[int(rank) - 1 : int(rank)]
    place = {"f": 0, "m": 1, "r": -1}[rank]
    return kind, [stack[place] for stack in stacks if rank != "m" or len(stack) == 3]


def _target(sq: int, kind: int, color: int, direction: str, number: int) -> Move | None:
    """The move of a piece type from a square in a direction, None when it would leave the board or its ways."""
    forward = {"+": 1, "-": -1, ".": 0}[direction] * (1 if color == RED else -1)
    rank, file = sq // FILES, sq % FILES
    if direction == ".":
        target = rank * FILES + _file_of(number, color)
    elif kind in (ADVISOR, BISHOP, KNIGHT):
        to_file = _file_of(number, color)
        sideways = abs(to_file - file)
        ahead = {ADVISOR: 1 if sideways == 1 else 0, BISHOP: 2 if sideways == 2 else 0}.get(
            kind, 3 - sideways if sideways in (1, 2) else 0
        )
        target = (rank + forward * ahead) * FILES + to_file if ahead else -1
    else:
        target = sq + forward * FILES * number
    if not 0 <= target < 90 or MOVE_INDEX[sq, target] < 0:
        return None
    return MOVES[int(MOVE_INDEX[sq, target])]


# --- files and stacks


def _file_number(sq: int, color: int) -> int:
    """1..9 from the player's own right."""
    return FILES - sq % FILES if color == RED else sq % FILES + 1


def _file_of(number: int, color: int) -> int:
    return FILES - number if color == RED else number - 1


def _stack(board: Board, piece: int, file: int) -> list[int]:
    """Squares of the like pieces on a file, front first from their owner's view."""
    column = board.squares[file::FILES].tolist()
    squares = [rank * FILES + file for rank, other in enumerate(column) if other == piece]
    return squares[::-1] if color_of(piece) == RED else squares


def _tandem_pawns(board: Board, piece: int) -> list[int]:
    """Pawns that share their file with another, from the owner's right to the left, front to rear."""
    files = range(FILES - 1, -1, -1) if color_of(piece) == RED else range(FILES)
    return [sq for file in files if len(stack := _stack(board, piece, file)) > 1 for sq in stack]
