"""Random games for the tests of records."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from xiangqi_gpt.records import RESULTS, Game, Variation
from xiangqi_gpt.rules import START_FEN, Board

#: Starts with Black to move, and with stacked pawns, cannons and rooks, where notation is hardest.
FENS = (
    START_FEN,
    "3akab2/3c5/4b3c/p2PN3p/7r1/2RN2p2/P3P3n/4C4/4A4/2B1KAB2 b - - 0 1",
    "4k4/9/2P1P4/2P1P4/2P6/9/4p1p2/4p1p2/4p4/3K5 w - - 3 41",
    "1r2k4/1r7/4c4/4c4/9/4R4/4R4/C8/C8/3K5 b - - 0 7",
)
_WORD = st.text(string.ascii_letters + string.digits + "炮二平五馬紅 .,-\\\"'[]", min_size=1, max_size=20)
_TAG = _WORD.filter(lambda text: text.strip() not in ("", "?"))
_COMMENT = st.text(string.printable + "炮二平五（）", min_size=1, max_size=40).map(
    lambda text: text.replace("\r", "").strip()
)


def play(line: Variation, board: Board, choices: list[int]) -> None:
    """Add random legal moves to a line; the board comes back as it was."""
    for choice in choices:
        moves = list(board.legal_moves)
        if not moves:
            break
        line.moves.append(moves[choice % len(moves)])
        board.push(line.moves[-1])
    for _ in line.moves:
        board.pop()


@st.composite
def plain_games(draw: st.DrawFn, max_plies: int = 60) -> Game:
    """Games with a main line, result and tags."""
    game = Game(root=draw(st.sampled_from(FENS)), result=draw(st.sampled_from(RESULTS)))
    play(game, game.board(), draw(st.lists(st.integers(0, 10**6), max_size=max_plies)))
    game.tags = draw(st.dictionaries(st.sampled_from(("Event", "Red", "Black", "Kind", "Opening")), _TAG))
    return game


def _decorate(draw: st.DrawFn, line: Variation, board: Board, depth: int) -> None:
    plies = len(line.moves)
    places = draw(st.lists(st.integers(0, plies), max_size=3, unique=True))
    line.comments = {n: text for n in sorted(places) if (text := draw(_COMMENT))}
    if not plies:
        return
    line.nags = {n: [draw(st.integers(1, 139))] for n in draw(st.lists(st.integers(0, plies - 1), max_size=2))}
    if not depth:
        return
    for n in sorted(draw(st.lists(st.integers(0, plies - 1), max_size=2, unique=True))):
        for move in line.moves[:n]:
            board.push(move)
        variation = Variation()
        play(variation, board, draw(st.lists(st.integers(0, 10**6), min_size=1, max_size=5)))
        _decorate(draw, variation, board, depth - 1)
        for _ in line.moves[:n]:
            board.pop()
        line.variations[n] = [variation]


@st.composite
def annotated_games(draw: st.DrawFn) -> Game:
    """Games with comments, glyphs and nested variations as well."""
    game = draw(plain_games(max_plies=16))
    _decorate(draw, game, Board(game.root), 2)
    return game


def tree_of(line: Variation, place: int = 0) -> list[tuple[object, ...]]:
    """What can be played at a place of a line, as nested (move, comment, what follows): how tree formats see a game."""
    found: list[tuple[object, ...]] = []
    if place < len(line.moves):
        parts = [
            line.comments.get(0, "") if not place and not isinstance(line, Game) else "",
            line.comments.get(place + 1),
        ]
        found.append((str(line.moves[place]), "\n".join(filter(None, parts)), tree_of(line, place + 1)))
        for variation in line.variations.get(place, ()):
            found += tree_of(variation)
    return found


def shuffle(plies: int) -> str:
    """A legal game of any even length in coordinates: the horses go out and back."""
    return " ".join(("h0g2 h9g7 g2h0 g7h9 " * (plies // 4 + 1)).split()[:plies])
