"""Random games for the tests of records."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from xiangqi_gpt.records import RESULTS, Game, GameNode
from xiangqi_gpt.rules import START_FEN, Board, Move

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


def play(node: GameNode, board: Board, choices: list[int]) -> None:
    """Add random legal moves to a node; the board comes back as it was."""
    played: list[Move] = []
    for choice in choices:
        moves = list(board.legal_moves)
        if not moves:
            break
        played.append(moves[choice % len(moves)])
        board.push(played[-1])
    for _ in played:
        board.pop()
    node.add_line(played)


@st.composite
def plain_games(draw: st.DrawFn, max_plies: int = 60) -> Game:
    """Games with a main line, result and tags."""
    game = Game(root=draw(st.sampled_from(FENS)), result=draw(st.sampled_from(RESULTS)))
    play(game, game.board(), draw(st.lists(st.integers(0, 10**6), max_size=max_plies)))
    game.tags = draw(st.dictionaries(st.sampled_from(("Event", "Red", "Black", "Kind", "Opening")), _TAG))
    return game


def _decorate(draw: st.DrawFn, nodes: list[GameNode], board: Board, depth: int) -> None:
    """Write beside the moves of a line, which ``nodes`` are behind, and add lines inside it."""
    for node in draw(st.lists(st.sampled_from(nodes), max_size=3, unique=True)) if nodes else ():
        node.comment = draw(_COMMENT)
    for node in draw(st.lists(st.sampled_from(nodes), max_size=2)) if nodes else ():
        node.nags = [draw(st.integers(1, 139))]
    places = draw(st.lists(st.integers(0, len(nodes) - 1), max_size=2, unique=True)) if nodes and depth else []
    for place in sorted(places):
        before = nodes[place].parent
        assert before is not None
        for node in nodes[:place]:
            assert node.move is not None
            board.push(node.move)
        count = len(before.variations)
        play(before, board, draw(st.lists(st.integers(0, 10**6), min_size=1, max_size=5)))
        for first in before.variations[count:]:
            first.starting_comment = draw(st.sampled_from(["", "before"]))
            _decorate(draw, [first, *first.mainline()], board, depth - 1)
        for _ in nodes[:place]:
            board.pop()


@st.composite
def annotated_games(draw: st.DrawFn) -> Game:
    """Games with comments, glyphs and nested variations as well."""
    game = draw(plain_games(max_plies=16))
    game.comment = draw(st.one_of(st.just(""), _COMMENT))
    _decorate(draw, list(game.mainline()), Board(game.root), 2)
    return game


def tree_of(node: GameNode) -> list[tuple[object, ...]]:
    """What can be played at a node, as nested (move, comment, what follows): how tree formats see a game."""
    return [
        (str(each.move), "\n".join(filter(None, [each.starting_comment, each.comment])), tree_of(each))
        for each in node.variations
    ]


def lines_of(game: Game) -> list[list[str]]:
    """The main line and every variation, as the moves of each."""
    starts = [game, *(node for node in game.descendants() if node.starts_variation())]
    return [[str(move) for move in (node.move, *node.mainline_moves()) if move is not None] for node in starts]


def shuffle(plies: int) -> str:
    """A legal game of any even length in coordinates: the horses go out and back."""
    return " ".join(("h0g2 h9g7 g2h0 g7h9 " * (plies // 4 + 1)).split()[:plies])
