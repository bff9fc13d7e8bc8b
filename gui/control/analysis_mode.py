"""Analyse mode: walks through a study, has its games annotated, and asks the model about every position shown."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from xiangqi_gpt.players.levels import at_its_best
from xiangqi_gpt.rules import BLACK, Move

from ..state.commands import Command
from ..state.error_report import report
from ..state.guess import Guessing
from ..state.intents import (
    ChooseGame,
    ChooseView,
    GoTo,
    Intent,
    OpenRecord,
    PlayLine,
    SetAnalyst,
    ShowGamePly,
    ShowPly,
    TryLine,
    UseIndex,
)
from ..state.mode import View
from ..state.move_notes import LiveNote
from ..state.scene import AnalysisScene, Arrow, Tone, likely_arrows
from ..state.session import GameSession
from ..state.study import Study
from ..worker.messages import Answer, Failed, GamesRead, TryChecked
from .drilling import BeforeDrill, Drilling, begin_drill
from .guess_judging import judge_guess
from .mode_context import ModeContext
from .opened_file import OpenedFile
from .study_questions import StudyQuestions
from .tree_editing import edit_tree

_MOST_ARROWS: Final = 4
_MODELS: Final = ("gpt", "default")


class AnalysisMode:
    """The study and everything that is known about it."""

    def __init__(self, context: ModeContext) -> None:
        self._context = context
        self.study = Study(follows_game=True)
        self.view = View.MOVES
        self.guessing: Guessing | None = None
        self.file = OpenedFile(context)
        self.chosen: int | None = None
        self._offers_games = False
        self._questions = StudyQuestions(context)
        self.drilling: Drilling | None = None
        self._before_drill: BeforeDrill | None = None
        self._kept: tuple[Study, int, bool] | None = None

    @property
    def progress(self) -> float | None:
        """The share of the pass through the game that is done; None when nothing is left to do."""
        return self._questions.progress(self.study)

    @property
    def reviewed(self) -> float:
        """The share of the game's moves that were searched by now; 1 also where none is to be."""
        return self._questions.reviewed

    @property
    def own_study(self) -> Study:
        """The study whose variations are kept: during a drill the one that is gone back to."""
        is_drill, before = self.drilling is not None, self._before_drill
        return before.study if is_drill and before is not None else self.study

    @property
    def model(self) -> str:
        """The model whose eyes the game is seen with: the one that is played against, if there is one."""
        players = [
            player for player in self._context.session.players if player.partition(":")[0].partition(",")[0] in _MODELS
        ]
        return at_its_best(players[0]) if players else "gpt"

    # --- intents

    def apply(self, intent: Intent, now: float) -> bool:
        """Carry out an intent; False when it is none of this mode's."""
        self._questions.resume()
        study = self.study
        if isinstance(intent, ShowPly):
            study.show(intent.ply)
        elif isinstance(intent, ShowGamePly):
            study.show_game(intent.ply)
        elif isinstance(intent, TryLine):
            study.try_line(intent.moves)
        elif isinstance(intent, PlayLine):
            study.play_line(intent.ply, intent.moves)
            self.view = View.MOVES
        elif isinstance(intent, GoTo):
            study.go(intent.node)
        elif isinstance(intent, ChooseView):
            self.view = intent.view
        elif isinstance(intent, ChooseGame):
            self._choose(intent.index)
            if intent.ply is not None:
                self.study.show_game(intent.ply)
        elif isinstance(intent, OpenRecord):
            self.file.read(intent.path, words=intent.words)
            self._context.notify(lambda t: t("reading"), now, Tone.QUIET)
        elif isinstance(intent, UseIndex):
            self._use_index(intent.folder.strip(), now)
        elif isinstance(intent, SetAnalyst):
            self._context.change(analyst=intent.spec)  # notes by another one are forgotten when the game is judged anew
        elif not (isinstance(intent, Command) and self._command(intent, now)):
            return edit_tree(intent, study, self._context, now)
        return True

    def _use_index(self, folder: str, now: float) -> None:
        """Show an own position index from now on; one that cannot be read is not kept."""
        if folder:
            from xiangqi_gpt.records.openings.position_index import PositionIndex, PositionIndexError

            folder = str(Path(folder).expanduser().absolute())
            try:
                PositionIndex(folder)
            except (PositionIndexError, OSError) as error:
                self._context.show_error(Failed("", None, report(error)), now)
                return
        self._questions.trust_index()
        self._context.change(index=folder)
        self.study.forget_insights()

    def _command(self, command: Command, now: float) -> bool:
        study, settings = self.study, self._context.settings
        if command in (Command.FIRST, Command.BACK, Command.FORWARD, Command.LAST):
            steps = {Command.FIRST: -study.shown, Command.BACK: -1, Command.FORWARD: 1}
            study.show(study.shown + steps.get(command, study.ply_count))
        elif command in (Command.NEXT_VARIATION, Command.PREVIOUS_VARIATION):
            self._step_aside(1 if command is Command.NEXT_VARIATION else -1)
        elif command is Command.DRILL:
            self._drill_or_stop(now)
        elif command is Command.NEXT_MISTAKE and self.drilling is not None:
            self._drill_on(self.drilling, now)
        elif command in (Command.NEXT_MISTAKE, Command.PREVIOUS_MISTAKE):
            ply = study.mistake(1 if command is Command.NEXT_MISTAKE else -1)
            if ply is None:
                waiting = self._questions.is_annotating
                self._context.notify(lambda t: t("mistakes_wait" if waiting else "no_mistake"), now, Tone.QUIET)
            else:
                study.show_game(ply)
        elif command is Command.GUESS:
            self._guess_or_stop(now)
        elif command is Command.HEAT:
            self._context.change(heat=not settings.heat)
        elif command is Command.REPLY:
            self._context.change(reply=not settings.reply)
        elif command is Command.VIEW:
            has_probe = study.insight is not None and study.insight.decoded is not None
            views = [view for view in View if has_probe or view is not View.DECODED_BOARD]
            self.view = views[(views.index(self.view) + 1) % len(views)] if self.view in views else views[0]
        else:
            return False
        return True

    def _step_aside(self, step: int) -> None:
        node = self.study.current
        if node.parent is not None and len(node.parent.variations) > 1:
            siblings = node.parent.variations
            self.study.go(siblings[(siblings.index(node) + step) % len(siblings)])

    def play(self, move: Move, now: float) -> None:
        """A move made on the board: a guess, a step along the game, or a variation. Raises ``IllegalMoveError``."""
        study = self.study
        if self.drilling is not None and study is self.drilling.study:
            self.drilling.try_move(self.model, move)
            return
        if self.guessing is not None and study.turn == self.guessing.side and not study.is_live:
            self._judge(self.guessing, move, now)
            return
        is_variation = study.play(move)
        self._questions.reply_to = study.current if is_variation and self._context.settings.reply else None

    # --- guessing

    def _guess_or_stop(self, now: float) -> None:
        if self.guessing is not None:
            score, self.guessing = self.guessing, None
            if score.guesses:
                self._context.notify(lambda t: t.score("guess_over", score), now, Tone.GOOD)
        elif self.study.is_live:
            self._context.notify(lambda t: t("nothing_to_guess"), now, Tone.QUIET)
        else:
            side = self.study.turn
            self.guessing, self.view = Guessing(side), View.MOVES
            self._context.notify(lambda t: t("guess_begins", side=t.side(side)), now)

    def _judge(self, guessing: Guessing, move: Move, now: float) -> None:
        if judge_guess(self._context, self.study, guessing, move, now):
            self.study.show(self.study.shown + 2)
            if self.study.is_live:
                self._guess_or_stop(now)

    # --- drilling one's own mistakes

    def _drill_or_stop(self, now: float) -> None:
        """Try again the mistakes that are due, those of the game on the board among them; or go back to the game."""
        if self.drilling is not None:
            self._end_drill(now)
        elif (drilling := begin_drill(self._context, self.study, now)) is not None:
            flipped = self._context.settings.flipped
            self._before_drill = BeforeDrill(self.study, self.chosen, flipped, self._questions.review_state)
            self._show_drill(drilling)

    def _show_drill(self, drilling: Drilling) -> None:
        self._questions.stop_annotating()  # it is about the game, which is gone on with afterwards
        self.open(drilling.study)
        self.drilling, self.view = drilling, View.MOVES
        self._context.change(flipped=drilling.study.turn == BLACK)

    def _drill_on(self, drilling: Drilling, now: float) -> None:
        """Show the answer, or put the next position."""
        self._context.clear_notice()
        if not drilling.show_or_go_on(now):
            self._end_drill(now)
        elif drilling.study is not self.study:
            self._show_drill(drilling)

    def _end_drill(self, now: float) -> None:
        """Go back to the game."""
        drilling, before = self.drilling, self._before_drill
        assert drilling is not None and before is not None
        self.open(before.study)
        self._questions.go_back(before.review)
        self.chosen, self.view = before.chosen, View.MISTAKES
        self._context.change(flipped=before.flipped)
        drilling.say_result(now)

    def tick(self, now: float) -> bool:
        """Do what is due in a drill; True when something has changed."""
        return self.drilling is not None and self.drilling.tick(now)

    def wake_at(self) -> float | None:
        """Return when ``tick`` has something to do, None where nothing is due."""
        return self.drilling.wake_at() if self.drilling is not None else None

    # --- records

    def _take(self, reply: GamesRead, now: float) -> None:
        """Games of the opened file; its first becomes the study as soon as it is there."""
        if self.file.take(reply):
            self._choose(0)
            self._context.show_study()
        self.file.finish(reply, now)
        self._offers_games = reply.done and len(self.file.games) > 1

    def offers_games(self) -> bool:
        """Whether a file of several games has just been read, so that one of them is to be chosen; said once."""
        offers, self._offers_games = self._offers_games, False
        return offers

    def _choose(self, index: int | None) -> None:
        self.chosen = index
        self.open(Study(follows_game=True) if index is None else Study(self.file.games[index]))

    def open(self, study: Study) -> None:
        """Analyse something else."""
        if self.drilling is not None and study is not self.drilling.study:
            self.drilling.stop()
            self.drilling = self._before_drill = None
        self.study, self.guessing = study, None
        self._questions.begin()

    def trust(self, spec: str) -> None:
        """Ask an analyst that failed once more: it has been chosen again."""
        self._questions.trust(spec)

    @property
    def index(self) -> str:
        """The position index that counts games; empty: the one that ships, also where the chosen one has gone."""
        return self._questions.index

    def resume(self, study: Study) -> None:
        """Go on with a study of the last start, which follows the game again if that is the one being played."""
        self.file.stop()
        session, moves = self._context.session, study.main_moves
        same = (session.start_fen, session.request().moves[: len(moves)]) == (study.start_fen, moves)
        study.follows_game = study.follows_game and same
        self.chosen = None
        self.open(study)

    def saved(self) -> None:
        """The study has been written to a file."""
        self.study.edited = False
        self._keep()

    def analyse_position(self, fen: str) -> None:
        """Analyse a position without a history. Raises ``FenError``."""
        self.chosen = None
        self.open(Study(fen=fen))

    # --- asking

    def sync_requests(self, active: bool) -> None:
        """Make the open questions fit the study; ``active``: it is on the screen.

        What is being annotated goes on when it leaves the screen, but nothing new is asked for.
        """
        if active and self.study.follows_game:
            self._follow(self._context.session)
        self._keep()
        self._questions.sync(
            self.study, self.model, active=active, hidden=self.is_hidden, annotates=self.drilling is None
        )

    def _keep(self) -> None:
        """Keep variations that were not saved; forget those that have been, or were discarded."""
        if self.drilling is not None:
            self.drilling.study.edited = False  # nothing of a drill is kept
        study, kept = self.own_study, self._kept
        state = (study, study.revision, study.edited)
        if state != kept and (study.edited or (kept is not None and kept[2])):
            self._context.keep_study(study)
        self._kept = state

    def _follow(self, session: GameSession) -> None:
        if self.study.start_fen != session.start_fen:
            self.open(Study(fen=session.start_fen, follows_game=True))
        self.study.follow(session.request())

    def answer(self, reply: Answer | Failed, now: float) -> bool:
        """Take in an answer; False when it is to none of this mode's questions."""
        if reply.number is None:
            return False
        if isinstance(reply, TryChecked | Failed) and self.drilling is not None and self.drilling.answer(reply, now):
            return True
        if self.file.awaits(reply.number) and isinstance(reply, GamesRead):
            self._take(reply, now)
            return True
        if self.file.awaits(reply.number) and isinstance(reply, Failed):
            self.file.forget_question()
            self._context.show_error(reply, now)
            return True
        return self._questions.answer(reply, self.study, now)

    def forget_questions(self) -> None:
        """The players' process is gone for good: nothing is answered, and nothing asked before the next intent."""
        self.file.forget_question()
        self._questions.forget()

    # --- what to draw

    def scene(self) -> AnalysisScene:
        """What there is to draw."""
        sources, targets = self.heat()
        return AnalysisScene(
            self.study,
            self.view,
            self.guessing,
            self.progress,
            self.model,
            len(self.file.games),
            self.chosen,
            sources,
            targets,
            self.live,
            self.drilling is not None,
            self.is_hidden,
            self.index,
        )

    @property
    def is_hidden(self) -> bool:
        """Whether nothing may be said of the position on the board: a move of it is to be found."""
        return self.guessing is not None or (self.drilling is not None and self.drilling.is_hidden)

    @property
    def live(self) -> LiveNote | None:
        """The best lines of the position on the board, as far as they are known and wanted."""
        return self._questions.live(self.study)

    def arrows(self) -> list[Arrow]:
        """The likeliest moves, or the best of a live analysis, unless they are to be guessed or shown as heat."""
        decision = self.study.decision
        hidden = self.is_hidden or self._context.settings.heat
        if self.live is not None and self.live.lines and not hidden:
            return [Arrow(moves[0], 0.8 / (1 + n)) for n, (moves, _) in enumerate(self.live.lines[:_MOST_ARROWS])]
        return likely_arrows(decision) if decision is not None and not hidden else []

    def heat(self) -> tuple[dict[int, float], dict[int, float]]:
        """How likely a move starts from, and goes to, each square; empty unless it is to be shown."""
        sources: dict[int, float] = {}
        targets: dict[int, float] = {}
        decision = self.study.decision
        if decision is not None and not self.is_hidden and self._context.settings.heat:
            for move, share in decision.policy.items():
                sources[move.from_square] = sources.get(move.from_square, 0.0) + share
                targets[move.to_square] = targets.get(move.to_square, 0.0) + share
        return sources, targets
