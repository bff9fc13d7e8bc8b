"""Puzzle mode: a position, what is asked for in it, the most stubborn defence, hints and a streak."""

from __future__ import annotations

from enum import Enum
from pathlib import PurePath
from typing import Final

from xiangqi_gpt.rules import BLACK, Move

from ..i18n.texts import Texts
from ..state.commands import Command
from ..state.intents import ChooseBand, ChoosePuzzleKind, Intent, OpenPuzzles, TryMove
from ..state.scene import Arrow, PuzzleScene, Tone
from ..state.session import HUMAN, GameSession
from ..worker.messages import Failed, PuzzleEntry, PuzzlesRead, ReadPuzzles, Reply, Solve, Solved
from .mode_context import ModeContext

#: Bits of surprise up to which a puzzle is easy, and medium; the others are hard.
_EASY, _MEDIUM = 1.5, 5.0
#: Names of the difficulties, for the texts.
BANDS: Final = ("easy", "medium", "hard")
#: Kinds of puzzles, as ``records.puzzles`` names them.
KINDS: Final = ("mate", "material", "defence")
#: How long an answer, and a move of the solution, waits so that the one before can be seen, in seconds.
_PAUSE: Final = 0.5
_SOLUTION_PAUSE: Final = 0.9
#: How long the refutation of a wrong move stands on the board.
_REFUTED: Final = 2.2
_DEFENCE: Final = "defence"


class State(Enum):
    """Where the solver stands."""

    LOADING = "loading"
    TO_MOVE = "to_move"
    CHECKING = "checking"
    REFUTED = "refuted"  #: the reply to a wrong move is being shown
    WRONG = "wrong"
    SOLVED = "solved"
    SHOWN = "shown"  #: the solution is being shown, or was
    NONE = "none"  #: there is no puzzle of this kind and difficulty


def band_of(difficulty: float) -> int:
    """Return the place of a difficulty, in bits, in ``BANDS``."""
    return 0 if difficulty < _EASY else 1 if difficulty < _MEDIUM else 2


class PuzzleMode:
    """The puzzle on the board, and where it stands among the others of its kind and difficulty."""

    def __init__(self, context: ModeContext) -> None:
        self._context = context
        self._groups: list[list[PuzzleEntry]] = [[] for _ in KINDS for _ in BANDS]
        self.kind = self.band = 0
        self.file = ""  #: the name of the file that was opened; empty: what ships
        self._file_places = [0] * len(self._groups)
        self._wanted = ""
        self._reads: int | None = None
        self._unread: Failed | None = None  # why what ships is read instead of a file
        self.session = GameSession((_DEFENCE, _DEFENCE))
        self.state = State.LOADING
        self.left = 0  #: moves the solver has left
        self._helped = False
        self._hint: Move | None = None
        self._hints = 0
        self._asked: int | None = None
        self._wants_line: Command | None = None
        self._due: list[tuple[float, Move | None]] = []  #: what is played when; None: the last move is taken back

    # --- what is on the board

    @property
    def puzzles(self) -> list[PuzzleEntry]:
        """Those of the chosen kind and difficulty."""
        return self._groups[self._group]

    @property
    def _group(self) -> int:
        return self.kind * len(BANDS) + self.band

    @property
    def index(self) -> int:
        """Which of them is on the board."""
        places = self._file_places if self.file else self._context.settings.puzzles
        return places[self._group] % max(len(self.puzzles), 1)

    @property
    def puzzle(self) -> PuzzleEntry | None:
        """The puzzle; None until the puzzles have been read."""
        return self.puzzles[self.index] if self.puzzles else None

    def arrows(self) -> list[Arrow]:
        """Return the hinted move."""
        return [Arrow(self._hint)] if self._hint is not None and self._hints > 1 else []

    def enter(self) -> None:
        """The mode comes to the screen: read the puzzles if that has not been done."""
        if not any(self._groups) and self._reads is None:
            self.read("")
        elif self.puzzle is not None:
            self._context.change(flipped=self._solver == BLACK)

    def read(self, path: str) -> None:
        """Have the puzzles of a file read, "" for those that ship."""
        self._wanted = path
        self._reads = self._context.ask(lambda number: ReadPuzzles(number, path))

    @property
    def is_reading(self) -> bool:
        """Whether a file of puzzles is being read."""
        return self._reads is not None

    @property
    def _solver(self) -> int:
        return self.session.first_turn

    def _begin(self) -> None:
        """Put the puzzle on the board."""
        puzzle = self.puzzle
        self._forget_question()
        self._hint = None
        self._due, self._hints, self._helped = [], 0, False
        if puzzle is None:
            self.session = GameSession((_DEFENCE, _DEFENCE))
            self.state = State.NONE if any(self._groups) else State.LOADING
            self._context.clear_notice()
            return
        self.session = GameSession((_DEFENCE, _DEFENCE), puzzle.fen)
        self._set_solver(HUMAN)
        self.left, self.state = puzzle.moves, State.TO_MOVE
        self._context.clear_notice()
        self._context.change(flipped=self._solver == BLACK)

    def _set_solver(self, player: str) -> None:
        players = (player, _DEFENCE) if self._solver != BLACK else (_DEFENCE, player)
        self.session.set_players(players)

    # --- intents

    def apply(self, intent: Intent, now: float) -> bool:
        """Carry out an intent; False when it is none of this mode's."""
        if isinstance(intent, ChooseBand):
            self.band = intent.band
            self._begin()
        elif intent is Command.DIFFICULTY:
            self.band = (self.band + 1) % len(BANDS)
            self._begin()
        elif isinstance(intent, ChoosePuzzleKind):
            self.kind = intent.kind
            self._begin()
        elif intent is Command.PUZZLE_KIND:
            self.kind = (self.kind + 1) % len(KINDS)
            self._begin()
        elif isinstance(intent, OpenPuzzles):
            self.read(intent.path)
        elif intent is Command.SHIPPED_PUZZLES:
            if self.file:
                self.read("")
        elif intent in (Command.NEXT_PUZZLE, Command.PREVIOUS_PUZZLE):
            self._turn_to(self.index + (1 if intent is Command.NEXT_PUZZLE else -1))
        elif isinstance(intent, TryMove):
            self._try_move(intent, now)
        elif intent in (Command.HINT, Command.SOLUTION):
            self._help(Command.HINT if intent is Command.HINT else Command.SOLUTION, now)
        else:
            return False
        return True

    def _turn_to(self, index: int) -> None:
        places = self._file_places if self.file else list(self._context.settings.puzzles)
        places[self._group] = index % max(len(self.puzzles), 1)
        if not self.file:
            self._context.change(puzzles=tuple(places))
        self._begin()

    def _try_move(self, intent: TryMove, now: float) -> None:
        if not self.session.may_move or self.state is State.REFUTED:
            return
        reason = self.session.refusal(intent.source, intent.target)
        if reason is not None:
            self._context.notify(lambda t: t.refusal(reason), now, Tone.BAD)
            return
        move, fen = Move.of(intent.source, intent.target), self.session.shown_board.fen()
        self.session.play(move)
        self._context.clear_notice()
        self._forget_question()  # a hint for the position before
        self._hint, self._hints, self.state = None, 0, State.CHECKING
        self._ask_about(fen, move)

    def _help(self, intent: Command, now: float) -> None:
        """A hint or the solution, by the known solution as long as the solver keeps to it."""
        if self.state not in (State.TO_MOVE, State.WRONG):
            return
        puzzle, played = self.puzzle, tuple(ply.move for ply in self.session.line)
        known = puzzle.solution if puzzle is not None else ()
        if known[: len(played)] == played and len(known) > len(played):
            self._give(intent, known[len(played) :], now)
        else:
            fen = self.session.shown_board.fen()
            self._wants_line = intent
            self._ask_about(fen, None)
            self._context.notify(lambda t: t("hint_wait"), now, Tone.QUIET)

    def _forget_question(self) -> None:
        if self._asked is not None:
            self._context.cancel(self._asked)
        self._asked = self._wants_line = None

    def _ask_about(self, fen: str, move: Move | None) -> None:
        puzzle = self.puzzle
        if puzzle is not None:
            kind, goal = puzzle.kind, puzzle.goal
            self._asked = self._context.ask(lambda number: Solve(number, fen, self.left, move, kind, goal))

    def _give(self, intent: Command, line: tuple[Move, ...], now: float) -> None:
        self._helped = True
        if intent is Command.HINT:
            self._hint, self._hints = line[0], self._hints + 1
            board, settings = self.session.shown_board, self._context.settings
            if self._hints == 1:
                source, side = line[0].from_square, board.turn
                piece = board.piece_at(source)
                self._context.notify(
                    lambda t: t("puzzle_hint", piece=t.piece(piece), square=t.square(source, side, settings.notation)),
                    now,
                    Tone.GOOD,
                )
            else:
                self._context.notify(
                    lambda t: t("hint", move=t.moved(board, line[0], settings.notation)), now, Tone.GOOD
                )
            return
        self.state, self._hint = State.SHOWN, None
        self._set_solver(_DEFENCE)
        self._context.change(streak=0)
        self._due = [(now + _SOLUTION_PAUSE * (n + 0.5), move) for n, move in enumerate(line)]
        self._context.clear_notice()

    # --- what the proof says

    def answer(self, reply: Reply, now: float) -> bool:
        """Take in an answer; False when it is about something else."""
        if not isinstance(reply, PuzzlesRead | Solved | Failed) or reply.number is None:
            return False
        if reply.number == self._reads:
            self._reads = None
            if isinstance(reply, PuzzlesRead):
                self._take(reply.puzzles)
                if self._unread is not None:
                    self._context.show_error(self._unread, now)
                    self._unread = None
            elif isinstance(reply, Failed):
                self._context.show_error(reply, now)
                if self._wanted and not any(self._groups):
                    self.read("")
                    self._unread = reply
            return True
        if reply.number != self._asked or isinstance(reply, PuzzlesRead):
            return False
        self._asked = None
        if isinstance(reply, Failed):
            if self.state is State.CHECKING:
                self.session.undo()
                self.state = State.TO_MOVE
            self._context.show_error(reply, now)
        elif self._wants_line is not None:
            intent, self._wants_line = self._wants_line, None
            if reply.line:
                self._give(intent, reply.line, now)
        else:
            self._judge(reply, now)
        return True

    def _take(self, puzzles: tuple[PuzzleEntry, ...]) -> None:
        """Take in the puzzles of a file, in place of those before."""
        self._groups = [[] for _ in KINDS for _ in BANDS]
        for entry in puzzles:
            self._groups[KINDS.index(entry.kind) * len(BANDS) + band_of(entry.difficulty)].append(entry)
        self.file = PurePath(self._wanted).name
        self._file_places = [0] * len(self._groups)
        if not self.puzzles:
            self.kind, self.band = divmod(next(i for i, group in enumerate(self._groups) if group), len(BANDS))
        self._begin()

    def _judge(self, reply: Solved, now: float) -> None:
        settings = self._context.settings
        if reply.solved:
            self.state = State.SOLVED
            if not self._helped:
                streak = settings.streak + 1
                self._context.change(streak=streak, best_streak=max(streak, settings.best_streak))
        elif not reply.is_right:
            self._helped = True
            self._context.change(streak=0)
            self._refute(reply.reply, now)
        else:
            self.left -= 1
            if reply.reply is not None:
                self._due = [(now + _PAUSE, reply.reply)]

    def _refute(self, reply: Move | None, now: float) -> None:
        """Show why a move was wrong: the reply to it is played, and then both are taken back."""
        if reply is None:
            self.session.undo()
            self.state = State.WRONG
            return
        board, notation = self.session.shown_board, self._context.settings.notation
        self.state = State.REFUTED
        self._context.notify(lambda t: t("puzzle_refuted", move=t.moved(board, reply, notation)), now, Tone.BAD)
        self._due = [(now + _PAUSE, reply), (now + _REFUTED, None)]  # both plies are taken back at once

    def tick(self, now: float) -> bool:
        """Play what is due by now; True when something has changed."""
        if not self._due or now < self._due[0][0]:
            return False
        _, move = self._due.pop(0)
        if move is None:
            self.session.undo()
        else:
            self.session.play(move)
        if self.state is State.REFUTED and not self._due:
            self.state = State.WRONG
        if self.state is State.CHECKING:
            self.state = State.TO_MOVE
        return True

    def wake_at(self) -> float | None:
        """Return when ``tick`` has something to do."""
        return self._due[0][0] if self._due else None

    def scene(self) -> PuzzleScene:
        """Return what there is to draw."""
        puzzle = self.puzzle
        return PuzzleScene(
            self.session,
            self.kind,
            self.band,
            self.index,
            len(self.puzzles),
            0 if puzzle is None else puzzle.moves,
            self.state is State.LOADING,
            self.state in (State.TO_MOVE, State.WRONG),
            self.state in (State.SOLVED, State.SHOWN),
            self.file,
        )

    def status(self, texts: Texts) -> tuple[str, Tone]:
        """Return what the status line says when nothing special has happened."""
        tones = {State.SOLVED: Tone.GOOD, State.WRONG: Tone.BAD, State.REFUTED: Tone.BAD, State.TO_MOVE: Tone.PLAIN}
        tone = tones.get(self.state, Tone.QUIET)
        values = {"side": texts.side(self._solver), "count": self.left, "move": ""}
        kind = f"_{KINDS[self.kind]}" if self.state is State.TO_MOVE else ""
        return texts(f"puzzle_{self.state.value}{kind}", **values), tone
