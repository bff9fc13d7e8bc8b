"""A game under analysis: its tree of moves, the position looked at, and what a model said of it. Nothing here draws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from xiangqi_gpt.players.player import Decision
from xiangqi_gpt.rules import RED, START_FEN, Board, IllegalMoveError, Move, Outcome, Refusal, why_illegal

from .displayed_moves import Ply, PositionRequest, captured_pieces, push_ply
from .move_notes import Insight, MoveNote, Wdl, for_red
from .notation import move_text
from .variation_tree import Node, VariationTree

if TYPE_CHECKING:
    from xiangqi_gpt.records import Game

#: Tags that say nothing about a game.
_UNKNOWN: Final = ("", "?", "????.??.??")


class Study:
    """A record to walk through and to try things in.

    ``line`` is the line that is looked at, from the start through ``current`` to its end; ``shown`` says how many of
    its plies are on the board. ``follows_game`` is true for the game that is being played, which may go on.
    """

    def __init__(
        self,
        game: Game | None = None,
        *,
        fen: str = START_FEN,
        tree: VariationTree | None = None,
        follows_game: bool = False,
    ) -> None:
        """A record, or the moves of a tree (none, if it is left out) from a position. Raises ``FenError``."""
        self.follows_game = follows_game
        self.tags: dict[str, str] = dict(game.tags) if game is not None else {}
        self.result = game.result if game is not None else "*"
        self._start = Board(game.root if game is not None else fen, lenient=True)
        self._fen = self._start.fen()
        self._tree = VariationTree.from_game(game) if game is not None else tree or VariationTree()
        self.revision = 0
        self.edited = False
        self.notes: dict[int, MoveNote] = {}
        self._noted: tuple[Move, ...] = ()
        self._decisions: dict[Node, Decision] = {}
        self._insights: dict[Node, Insight] = {}
        self._names: dict[tuple[Node, str], str] = {}
        self._nodes: list[Node] = []
        self._line: tuple[Ply, ...] = ()
        self._look_at(self._tree.root)

    # --- the tree

    @property
    def root(self) -> Node:
        """The position the game began with."""
        return self._tree.root

    def nodes(self) -> Iterator[Node]:
        """Return every position but the first, each before what follows it."""
        return self._tree.nodes()

    @property
    def current(self) -> Node:
        """The position on the board."""
        return self._current

    @property
    def main_line(self) -> list[Node]:
        """The positions after each move of the game itself."""
        return self._tree.main_line

    @property
    def main_moves(self) -> tuple[Move, ...]:
        """The moves of the game itself."""
        return tuple(node.move for node in self._tree.main_line if node.move is not None)

    @property
    def is_on_main_line(self) -> bool:
        """Whether the game itself leads to the position on the board."""
        return self._current.is_main

    def go(self, node: Node) -> None:
        """Show a position of the tree."""
        self._look_at(node)

    def show(self, ply: int) -> None:
        """Show the position after a number of plies of the line that is looked at."""
        ply = max(0, min(ply, len(self._nodes)))
        self._look_at(self._nodes[ply - 1] if ply else self._tree.root)

    def show_game(self, ply: int) -> None:
        """Show the position after a number of plies of the game itself."""
        nodes = self.main_line
        ply = max(0, min(ply, len(nodes)))
        self._look_at(nodes[ply - 1] if ply else self._tree.root)

    def play(self, move: Move) -> bool:
        """Play a move on the board; one that is not in the tree yet starts, or goes on with, a variation.

        Returns whether it is a new move of a variation. Raises ``IllegalMoveError``.
        """
        if self._outcome is not None:
            raise IllegalMoveError(f"{move} cannot be played: the game is over")
        self._board.check_legal(move)
        known = self._current.child(move)
        new = known or self._tree.add(self._current, move)
        if known is None:
            self._changed()
        self._look_at(new)
        return known is None and not new.is_main

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
            is_end = node.parent is not None and node.is_main and not node.children
            if (is_apart and is_end) or not board.is_legal(move):
                break
            if node.child(move) is None:
                self._changed()
            node = self._tree.add(node, move)
            first = first or node
            board.push(move)
        if first is not None:
            self._look_at(first)
        return first is not None

    def mistakes(self) -> list[MoveNote]:
        """Return the mistakes and blunders of the game, those that gave most away first."""
        bad = [note for note in self.notes.values() if note.judgement in ("mistake", "blunder")]
        return sorted(bad, key=lambda note: (-note.loss, note.ply))

    def accuracy(self, color: int) -> float | None:
        """Return how well a side played, 0 to 100, over its moves outside the book; None where there are none."""
        found = [note.accuracy for note in self.notes.values() if note.turn == color and not note.is_book]
        return sum(found) / len(found) if found else None

    def delete(self) -> bool:
        """Take the move that led here, and all after it, out of the tree; False at the start."""
        if self._current is self._tree.root:
            return False
        self._changed()
        self._look_at(self._tree.delete(self._current))
        return True

    @property
    def moves_below(self) -> int:
        """How many moves ``delete`` would take out."""
        if self._current is self._tree.root:
            return 0
        waiting, count = [self._current], 0
        while waiting:
            waiting += waiting.pop().children
            count += 1
        return count

    def promote(self) -> bool:
        """Move the variation that is looked at one place up; False on the main line."""
        if not self._tree.promote(self._current):
            return False
        self._changed()
        self._look_at(self._current)
        return True

    def follow(self, request: PositionRequest) -> None:
        """Take over the moves of the game that is being played; whoever looks at its end goes on with it."""
        at_end = self._current.is_main and not self._current.children
        node, changed = self._tree.root, False
        for move in request.moves:
            changed = changed or not node.children or node.children[0].move != move
            node = self._tree.add(node, move, main=True)
        if changed:
            edited = self.edited
            self._changed()
            self.edited = edited
            self._look_at(node if at_end else self._current)

    def _changed(self) -> None:
        self.revision += 1
        self.edited = True

    def _look_at(self, node: Node) -> None:
        self._current = node
        path = node.path()
        nodes = [*path, *node.onwards()]
        if nodes != self._nodes:
            self._nodes, self._line = nodes, self._read_line(nodes)
        self._shown = len(path)
        self._board = self._start.copy()
        for ply in self._line[: self._shown]:
            self._board.push(ply.move)
        self._outcome = self._board.outcome()

    def _read_line(self, nodes: list[Node]) -> tuple[Ply, ...]:
        board, plies = self._start.copy(), []
        for node in nodes:
            assert node.move is not None
            plies.append(push_ply(board, node.move))
        return tuple(plies)

    def start_board(self) -> Board:
        """Return a board with the position the game began with."""
        return self._start.copy()

    def name(self, node: Node, board: Board, notation: str) -> str:
        """Return a move of the tree in a notation; ``board`` holds the position before it. It is worked out once."""
        assert node.move is not None
        key = (node, notation)
        if key not in self._names:
            self._names[key] = move_text(board, node.move, notation) + _check_sign(board, node.move)
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

    # --- what the model said

    def think_aloud(self, node: Node, decision: Decision) -> None:
        """Keep what a player saw in a position."""
        self._decisions[node] = decision

    @property
    def decision(self) -> Decision | None:
        """What a player saw in the position on the board."""
        return self._decisions.get(self._current)

    def learn(self, node: Node, insight: Insight) -> None:
        """Keep what else is known of a position."""
        self._insights[node] = insight

    @property
    def insight(self) -> Insight | None:
        """What else is known of the position on the board."""
        return self._insights.get(self._current)

    def forget_thoughts(self) -> None:
        """Forget what was said: another model is asked from now on."""
        self._decisions.clear()
        self._insights.clear()
        self.forget_notes(())

    def forget_notes(self, moves: tuple[Move, ...]) -> None:
        """Notes are about these moves of the game from now on; those about moves that stay are kept for the while."""
        same = next((i for i, (a, b) in enumerate(zip(self._noted, moves, strict=False)) if a != b), None)
        kept = min(len(self._noted), len(moves)) if same is None else same
        self.notes = {ply: note for ply, note in self.notes.items() if ply <= kept}
        self._noted = moves

    def take_note(self, note: MoveNote) -> None:
        """Keep what was said about a move of the game."""
        self.notes[note.ply] = note

    @property
    def note(self) -> MoveNote | None:
        """What was said about the move that led here, when it is one of the game."""
        return self.notes.get(self._shown) if self._current.is_main else None

    def evaluation(self) -> Wdl | None:
        """Probabilities (Red wins, draw, Black wins) of the position on the board; None while nobody has said."""
        if self._outcome is not None:
            return self._outcome.wdl(RED)
        decision = self._decisions.get(self._current)
        if self.note is not None:
            return self.note.red_after
        if decision is not None and decision.wdl is not None:
            return for_red(decision.wdl, self._board.turn)
        first = self.notes.get(1)
        return for_red(first.before, first.turn) if first is not None and not self._shown else None

    def evaluations(self) -> list[tuple[int, float]]:
        """(ply, Red's expected score 0..1) of the game's positions, in order."""
        scores = []
        first = self.notes.get(1)
        if first is not None:
            scores.append((0, _score(for_red(first.before, first.turn))))
        return scores + [(ply, _score(self.notes[ply].red_after)) for ply in sorted(self.notes)]

    def mistake(self, step: int) -> int | None:
        """The ply of the next mistake (``step`` 1) or the one before (-1) in the game; None where there is none."""
        here = self.game_ply
        bad = [ply for ply, note in self.notes.items() if note.judgement in ("mistake", "blunder")]
        ahead = [ply for ply in bad if (ply - here) * step > 0]
        return min(ahead, key=lambda ply: abs(ply - here), default=None)

    @property
    def game_ply(self) -> int:
        """How many plies of the game lead to the position on the board, or to where it left the game."""
        node = self._current
        while not node.is_main:
            assert node.parent is not None
            node = node.parent
        return node.depth

    def judgements(self, color: int) -> Counter[str]:
        """Return how many moves of a side were judged as what."""
        return Counter(note.judgement for note in self.notes.values() if note.turn == color and note.judgement)

    def surprise(self, color: int) -> float | None:
        """Mean bits a move of a side; None before there are notes."""
        bits = [note.surprise for note in self.notes.values() if note.turn == color]
        return sum(bits) / len(bits) if bits else None

    # --- as a record

    def tag(self, name: str) -> str:
        """Return a tag of the record, empty where it says nothing."""
        value = self.tags.get(name, "").strip()
        return "" if value in _UNKNOWN else value

    def to_game(self) -> Game:
        """Return the record with its variations and comments."""
        from xiangqi_gpt.records import Game  # reads and writes files: not needed to show the window

        game = Game(root=self._fen, result=self.result, tags=dict(self.tags))
        self.fill(game)
        return game

    def fill(self, game: Game) -> None:
        """Put the moves, variations and comments into a record, in place of its own."""
        game.moves, game.variations, game.nags = [], {}, {}
        self._tree.fill(game)


def _check_sign(board: Board, move: Move) -> str:
    """``#`` after a move that mates, ``+`` after one that gives check."""
    after = board.copy()
    after.push(move)
    if not after.is_check():
        return ""
    return "+" if after.legal_moves else "#"


def _score(red: Wdl) -> float:
    return red[0] + red[1] / 2
