"""A game's tree with a place in it that is looked at: walking, trying moves and changing what is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xiangqi_gpt.records.board_marks import BoardMark, commented, marks_of, text_of
from xiangqi_gpt.records.game import Game
from xiangqi_gpt.records.game_node import GameNode
from xiangqi_gpt.rules import Board, IllegalMoveError, Move, Outcome, Refusal, why_illegal

from .displayed_moves import Ply, PositionRequest, captured_pieces, push_ply
from .folding import Folding
from .notation import check_sign, move_text

#: Tags that say nothing about a game.
_UNKNOWN: Final = ("", "?", "????.??.??")
#: Numeric glyphs in the order in which one follows another: none, !, ?, !!, ??, !?, ?!.
_GLYPHS: Final = (0, 1, 2, 3, 4, 5, 6)


class StudyTree:
    """A record to walk through and to try things in.

    ``line`` is the line that is looked at, from the start through ``current`` to its end; ``shown`` says how many of
    its plies are on the board.
    """

    def __init__(self, game: Game) -> None:
        """Make a study of a copy of a record. Raises ``FenError``."""
        self._game = game.copy()
        self._game.merge_repeated()
        self._start = Board(self._game.root, lenient=True)
        self._fen = self._start.fen()
        self.revision = 0
        self.edited = False
        self.folding = Folding()
        self._names: dict[tuple[GameNode, str], str] = {}
        self._nodes: list[GameNode] = []
        self._line: tuple[Ply, ...] = ()
        self._along: GameNode | None = None  # where a line ends that is stepped through, also where the game leaves it
        self._look_at(self._game)

    # --- the tree

    @property
    def tags(self) -> dict[str, str]:
        """The tags of the record."""
        return self._game.tags

    @property
    def result(self) -> str:
        """The result that the record names."""
        return self._game.result

    @property
    def root(self) -> GameNode:
        """The position the game began with."""
        return self._game

    def nodes(self) -> Iterator[GameNode]:
        """Return every position but the first, each before what follows it."""
        return self._game.descendants()

    @property
    def current(self) -> GameNode:
        """The position on the board."""
        return self._current

    @property
    def main_line(self) -> list[GameNode]:
        """The positions after each move of the game itself."""
        return list(self._game.mainline())

    @property
    def main_moves(self) -> tuple[Move, ...]:
        """The moves of the game itself."""
        return tuple(self._game.mainline_moves())

    @property
    def is_on_main_line(self) -> bool:
        """Whether the game itself leads to the position on the board."""
        return self._current.is_mainline()

    def go(self, node: GameNode) -> None:
        """Show a position of the tree."""
        self._look_at(node)

    def show(self, ply: int) -> None:
        """Show the position after a number of plies of the line that is looked at."""
        ply = max(0, min(ply, len(self._nodes)))
        self._look_at(self._nodes[ply - 1] if ply else self._game, self._along)

    def show_game(self, ply: int) -> None:
        """Show the position after a number of plies of the game itself."""
        nodes = self.main_line
        ply = max(0, min(ply, len(nodes)))
        self._look_at(nodes[ply - 1] if ply else self._game)

    def play(self, move: Move) -> bool:
        """Play a move on the board; one that is not in the tree yet starts, or goes on with, a variation.

        Returns whether it is a new move of a variation. Raises ``IllegalMoveError``.
        """
        if self._outcome is not None:
            raise IllegalMoveError(f"{move} cannot be played: the game is over")
        self._board.check_legal(move)
        known = self._current.find(move)
        new = known or self._current.add_variation(move)
        if known is None:
            self._changed()
        self._look_at(new)
        return known is None and not new.is_mainline()

    def play_line(self, ply: int, moves: tuple[Move, ...]) -> bool:
        """Add a line after a number of plies of the game, and show its first position; False where none is legal.

        The game itself never becomes longer by it.
        """
        self.show_game(ply)
        return self.try_line(moves, is_apart=True)

    def try_line(self, moves: tuple[Move, ...], *, is_apart: bool = False) -> bool:
        """Add a line to the position on the board, and show its first position; False where none is legal.

        ``is_apart``: it ends where the game would become longer by it.
        """
        board, node, first = self._board.copy(), self._current, None
        for move in moves:
            is_end = node.parent is not None and node.is_mainline() and node.is_end()
            if (is_apart and is_end) or not board.is_legal(move):
                break
            known = node.find(move)
            if known is None:
                self._changed()
            node = known or node.add_variation(move)
            first = first or node
            board.push(move)
        if first is not None:
            self._look_at(first, node)
        return first is not None

    def delete(self) -> bool:
        """Take the move that led here, and all after it, out of the tree; False at the start."""
        parent = self._current.parent
        if parent is None:
            return False
        self._changed()
        parent.remove_variation(self._current)
        self._look_at(parent)
        return True

    @property
    def moves_below(self) -> int:
        """How many moves ``delete`` would take out."""
        if self._current is self._game:
            return 0
        return 1 + sum(1 for _ in self._current.descendants())

    @property
    def moves_after(self) -> int:
        """How many moves ``cut`` would take out."""
        return sum(1 for _ in self._current.descendants())

    def cut(self) -> bool:
        """Take everything that follows the position on the board out of the tree; False where nothing does."""
        if self._current.is_end():
            return False
        self._changed()
        self._current.cut()
        self._look_at(self._current)
        return True

    def promote(self) -> bool:
        """Move the variation that is looked at one place up; False on the main line."""
        first = self.variation_start
        if first is None or first.parent is None:
            return False
        first.parent.promote(first)
        self._changed()
        self._look_at(self._current)
        return True

    @property
    def variation_start(self) -> GameNode | None:
        """The first node of the innermost variation that is looked at; None on the main line."""
        return next((node for node in reversed(self._current.path()) if node.starts_variation()), None)

    # --- what is written beside a move

    @property
    def comment(self) -> str:
        """What is written after the move that led here, without arrows and circles."""
        return text_of(self._current.comment)

    def write_comment(self, text: str) -> None:
        """Write something else; arrows and circles stay."""
        self._write(commented(text.strip(), self.marks))

    @property
    def marks(self) -> list[BoardMark]:
        """The arrows and circles of the position on the board."""
        return marks_of(self._current.comment)

    def mark(self, mark: BoardMark) -> None:
        """Add an arrow or a circle to the position; the same one again takes it away, another colour replaces it."""
        squares = (mark.source, mark.target)
        others = [other for other in self.marks if (other.source, other.target) != squares]
        kept = others if mark in self.marks else [*others, mark]
        self._write(commented(self.comment, kept))

    def _write(self, comment: str) -> None:
        if comment != self._current.comment:
            self._current.comment = comment
            self._changed()

    def change_glyph(self) -> bool:
        """Give the move that led here the next glyph (``!``, ``?``, ..., none); False at the start."""
        node = self._current
        if node.parent is None:
            return False
        known = next((nag for nag in node.nags if nag in _GLYPHS), 0)
        following = _GLYPHS[(_GLYPHS.index(known) + 1) % len(_GLYPHS)]
        node.nags = [*([following] if following else []), *(nag for nag in node.nags if nag not in _GLYPHS)]
        self._changed()
        return True

    def write_tags(self, tags: dict[str, str], result: str) -> None:
        """Write tags in place of those of the same names, and the result; an empty one is taken away."""
        new = {name: text for name, text in tags.items() if text != self.tag(name)}
        kept = {name: text for name, text in (self.tags | new).items() if text or name not in new}
        if (kept, result) != (self.tags, self.result):
            self._game.tags, self._game.result = kept, result
            self._changed()

    # --- folding

    def is_folded(self, first: GameNode, depth: int) -> bool:
        """Return whether a variation shows its first move only; ``depth`` 1 is one that leaves the game itself."""
        return self.folding.is_folded(first, depth, self._nodes[: self._shown])

    def fold(self, first: GameNode, *, is_folded: bool) -> None:
        """Fold or unfold a variation; what is looked at becomes its first move where it would be hidden."""
        if is_folded and first in self._nodes[: self._shown]:
            self._look_at(first)
        self.folding.choose(first, is_folded=is_folded)

    def fold_here(self) -> None:
        """Fold or unfold the variation looked at; on the main line all."""
        first = self.variation_start
        if first is None:
            self.folding.toggle_all()
        else:
            self.fold(first, is_folded=not self.is_folded(first, 2))

    def follow(self, request: PositionRequest) -> None:
        """Take over the moves of the game that is being played; whoever looks at its end goes on with it."""
        at_end = self._current.is_mainline() and self._current.is_end()
        node: GameNode = self._game
        changed = False
        for move in request.moves:
            following = node.next()
            if following is None or following.move != move:
                changed = True
                following = node.find(move) or node.add_variation(move)
                node.promote_to_main(following)
            node = following
        if changed:
            edited = self.edited
            self._changed()
            self.edited = edited
            self._look_at(node if at_end else self._current)

    def _changed(self) -> None:
        self.revision += 1
        self.edited = True

    def _look_at(self, node: GameNode, along: GameNode | None = None) -> None:
        self._current, self._along, end = node, along, along or node
        path = node.path()
        nodes = [*end.path(), *end.mainline()]
        if nodes != self._nodes:
            self._nodes, self._line = nodes, self._read_line(nodes)
        self._shown = len(path)
        self.folding.reveal(path)
        self._board = self._start.copy()
        for ply in self._line[: self._shown]:
            self._board.push(ply.move)
        self._outcome = self._board.outcome()

    def _read_line(self, nodes: list[GameNode]) -> tuple[Ply, ...]:
        board, plies = self._start.copy(), []
        for node in nodes:
            assert node.move is not None
            plies.append(push_ply(board, node.move))
        return tuple(plies)

    def start_board(self) -> Board:
        """Return a board with the position the game began with."""
        return self._start.copy()

    def name(self, node: GameNode, board: Board, notation: str) -> str:
        """Return a move of the tree in a notation; ``board`` holds the position before it. It is worked out once."""
        assert node.move is not None
        key = (node, notation)
        if key not in self._names:
            self._names[key] = move_text(board, node.move, notation) + check_sign(board, node.move)
        return self._names[key]

    # --- the position on the board, as the views ask for it

    @property
    def start_fen(self) -> str:
        """The position the game began with."""
        return self._fen

    @property
    def line(self) -> tuple[Ply, ...]:
        """The moves of the line that is looked at."""
        return self._line

    @property
    def ply_count(self) -> int:
        """How many moves the line has."""
        return len(self._line)

    @property
    def shown(self) -> int:
        """How many plies of the line are on the board."""
        return self._shown

    @property
    def is_live(self) -> bool:
        """Whether the line ends here."""
        return self._shown == len(self._line)

    @property
    def shown_board(self) -> Board:
        """The position on the board; read it only."""
        return self._board

    @property
    def last_move(self) -> Move | None:
        """The move that led to it."""
        return self._current.move

    @property
    def turn(self) -> int:
        """The side to move."""
        return self._board.turn

    @property
    def first_turn(self) -> int:
        """The side that makes the first move."""
        return self._start.turn

    @property
    def first_number(self) -> int:
        """The move number the record begins with."""
        return self._start.fullmove_number

    @property
    def outcome(self) -> Outcome | None:
        """What the rules say of the position, None where the game goes on."""
        return self._outcome

    @property
    def may_move(self) -> bool:
        """Whether a move can be tried."""
        return self._outcome is None

    def refusal(self, source: int, target: int) -> Refusal | None:
        """Why a move cannot be tried; None when it can."""
        return why_illegal(self._board, source, target)

    def captured_by(self, color: int) -> list[int]:
        """Codes of the pieces a side has captured in the line up to here."""
        return captured_pieces(self._line[: self._shown], color)

    def request(self) -> PositionRequest:
        """Return the position on the board for a player."""
        return PositionRequest(self._fen, tuple(ply.move for ply in self._line[: self._shown]))

    def game_request(self) -> PositionRequest:
        """Return the whole game for a player."""
        return PositionRequest(self._fen, self.main_moves)

    # --- as a record

    def tag(self, name: str) -> str:
        """Return a tag of the record, empty where it says nothing."""
        value = self.tags.get(name, "").strip()
        return "" if value in _UNKNOWN else value

    def to_game(self) -> Game:
        """Return the record with its variations and comments."""
        game = self._game.copy()
        game.root = self._fen
        return game
