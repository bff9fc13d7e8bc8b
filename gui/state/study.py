"""A game under analysis: its tree of moves, the position looked at, and what a model said of it. Nothing here draws."""

from __future__ import annotations

from collections import Counter

from xiangqi_gpt.players.player import Decision
from xiangqi_gpt.records.game import Game
from xiangqi_gpt.records.game_node import GameNode
from xiangqi_gpt.rules import RED, START_FEN, Move

from .move_notes import Insight, MoveNote, Wdl, for_red
from .study_tree import StudyTree


class Study(StudyTree):
    """A record and what a model said of its moves and positions.

    ``follows_game`` is true for the game that is being played, which may go on.
    """

    def __init__(self, game: Game | None = None, *, fen: str = START_FEN, follows_game: bool = False) -> None:
        """Make a study of a copy of a record, or of no moves from a position. Raises ``FenError``."""
        super().__init__(game if game is not None else Game(root=fen))
        self.follows_game = follows_game
        self.notes: dict[int, MoveNote] = {}
        self._noted: tuple[Move, ...] = ()
        self._depths: dict[int, int] = {}  # nodes before the pass that each note comes from, and 1; 0: a glance
        self._decisions: dict[GameNode, Decision] = {}
        self._insights: dict[GameNode, Insight] = {}

    def think_aloud(self, node: GameNode, decision: Decision) -> None:
        """Keep what a player saw in a position."""
        self._decisions[node] = decision

    @property
    def decision(self) -> Decision | None:
        """What a player saw in the position on the board."""
        return self._decisions.get(self._current)

    def learn(self, node: GameNode, insight: Insight) -> None:
        """Keep what else is known of a position."""
        self._insights[node] = insight

    @property
    def insight(self) -> Insight | None:
        """What else is known of the position on the board."""
        return self._insights.get(self._current)

    def forget_insights(self) -> None:
        """Forget what else is known of positions: another index counts games from now on."""
        self._insights.clear()

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

    def take_note(self, note: MoveNote, before: int = 0) -> None:
        """Keep what was said about a move of the game, unless what is known of it comes from a later pass.

        ``before``: nodes that each position had been searched for before this pass. A review that was interrupted
        begins anew with a glance and a quick search.
        """
        known = self.notes.get(note.ply)
        depth = before + 1 if note.nodes or before else 0
        if known is None or known.move != note.move or depth >= self._depths.get(note.ply, 0):
            self.notes[note.ply], self._depths[note.ply] = note, depth

    @property
    def note(self) -> MoveNote | None:
        """What was said about the move that led here, when it is one of the game."""
        return self.notes.get(self._shown) if self._current.is_mainline() else None

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
        while not node.is_mainline():
            assert node.parent is not None
            node = node.parent
        return node.ply()

    def judgements(self, color: int) -> Counter[str]:
        """Return how many moves of a side were judged as what."""
        return Counter(note.judgement for note in self.notes.values() if note.turn == color and note.judgement)

    def surprise(self, color: int) -> float | None:
        """Mean bits a move of a side; None before there are notes."""
        bits = [note.surprise for note in self.notes.values() if note.turn == color]
        return sum(bits) / len(bits) if bits else None

    def mistakes(self, side: int | None = None) -> list[MoveNote]:
        """Return the mistakes and blunders of the game, or of one side, those that gave most away first."""
        notes = [note for note in self.notes.values() if side in (None, note.turn)]
        bad = [note for note in notes if note.judgement in ("mistake", "blunder")]
        return sorted(bad, key=lambda note: (-note.loss, note.ply))

    def accuracy(self, color: int) -> float | None:
        """Return how well a side played, 0 to 100, over its moves outside the book; None where there are none."""
        found = [note.accuracy for note in self.notes.values() if note.turn == color and not note.is_book]
        return sum(found) / len(found) if found else None


def _score(red: Wdl) -> float:
    return red[0] + red[1] / 2
