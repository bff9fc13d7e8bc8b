"""What Analyse mode asks about a study: notes on the moves of the game, and all about the position shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from xiangqi_gpt.players.player import Decision
from xiangqi_gpt.records.game_node import GameNode

from ..state.move_notes import LiveNote
from ..state.study import Study
from ..worker.messages import (
    Annotate,
    Annotated,
    Answer,
    Decided,
    Failed,
    Look,
    Looked,
    Question,
    Think,
    Watched,
)
from .live_analysis import LiveAnalysis
from .mode_context import ModeContext


@dataclass(frozen=True)
class _Asked:
    """An open question about a position of the study."""

    number: int
    node: GameNode


class ReviewState(NamedTuple):
    """How far the review of a study is.

    ``annotated``: which moves have notes, for whom and by whom; of those that ``searched`` names so, a share was
    searched.
    """

    annotated: tuple[object, ...]
    searched: tuple[object, ...]
    share: float


class StudyQuestions:
    """Keeps the open questions fitting to the study, and puts the answers into it."""

    def __init__(self, context: ModeContext) -> None:
        self._context = context
        self._annotation: int | None = None
        self._annotated: tuple[object, ...] = ()  # which moves have notes, for whom and by whom
        self._share = 0.0
        self._searched: tuple[object, ...] = ()  # which moves, a share of them
        self._reviewed = 1.0
        self._thinking: _Asked | None = None
        self._looking: _Asked | None = None
        self._watch = LiveAnalysis(context)
        self._unthought: set[GameNode] = set()  # positions of which the model had nothing to say
        self._unseen: set[GameNode] = set()  # those of which nothing else could be found out
        self._lost_index: str | None = None  # the index that cannot be read any more
        self._broken: set[str] = set()  # analysts that failed
        self._given_up = False
        self.reply_to: GameNode | None = None  #: where the model's move is to be played as soon as it is known

    @property
    def is_annotating(self) -> bool:
        """Whether notes on the game's moves are still to come."""
        return self._annotation is not None

    def progress(self, study: Study) -> float | None:
        """Return the share of the pass through the game that is done; None when nothing is left to do."""
        return self._share if self._annotation is not None and study.main_moves else None

    @property
    def reviewed(self) -> float:
        """The share of the game's moves that were searched; 1 also where nothing is to be searched."""
        return self._reviewed

    @property
    def index(self) -> str:
        """The position index that counts games; empty: the one that ships, also where the chosen one has gone."""
        chosen = self._context.settings.index
        return "" if chosen == self._lost_index else chosen

    @property
    def review_state(self) -> ReviewState:
        """What ``go_back`` needs to know; a pass that is not done yet is begun again then, and its notes stay."""
        moves = self._annotated if self._annotation is None else self._annotated[:3]
        return ReviewState(moves, self._searched, self._reviewed)

    def go_back(self, state: ReviewState) -> None:
        """Take the notes of a study that was shown before as what they were."""
        self._annotated, self._searched, self._reviewed = state

    def begin(self) -> None:
        """Another study is shown."""
        self.reply_to, self._annotated, self._searched = None, (), ()
        self._forget_failures()

    def resume(self) -> None:
        """The person asks for something: ask again, also where nothing was answered before."""
        self._given_up = False

    def trust(self, spec: str) -> None:
        """Ask an analyst that failed once more: it has been chosen again."""
        self._broken.discard(spec)

    def trust_index(self) -> None:
        """Ask an index once more: it has been chosen again."""
        self._lost_index = None

    def _forget_failures(self) -> None:
        self._unthought.clear()
        self._unseen.clear()

    def stop_annotating(self) -> None:
        """Ask no more about the game's moves for now."""
        if self._annotation is not None:
            self._context.cancel(self._annotation)
            self._annotation = None

    def live(self, study: Study) -> LiveNote | None:
        """Return the best lines of the position on the board, as far as they are known and wanted."""
        return self._watch.found(study)

    def sync(self, study: Study, model: str, *, active: bool, hidden: bool, annotates: bool) -> None:
        """Make the open questions fit the study.

        ``active``: it is on the screen; ``hidden``: nothing may be told of the position; ``annotates``: the game's
        moves are wanted too. What is being annotated goes on when the study leaves the screen, but nothing new is
        asked for.
        """
        if self._given_up:
            return
        if active and annotates:
            self._sync_annotation(study, model)
        lacks_decision = study.decision is None and study.outcome is None and study.current not in self._unthought
        lacks_insight = study.insight is None and study.current not in self._unseen
        self._thinking = self._sync_one(
            *(self._thinking, study.current, active and lacks_decision),
            lambda number: Think(number, model, study.request()),
        )
        self._looking = self._sync_one(
            *(self._looking, study.current, active and lacks_insight),
            lambda number: Look(number, model, study.request(), self.index),
        )
        self._watch.sync(study, model, self._analyst, active=active and not hidden)

    @property
    def _analyst(self) -> str:
        analyst = self._context.settings.analyst
        return "" if analyst in self._broken else analyst

    def _sync_annotation(self, study: Study, model: str) -> None:
        analyst = self._analyst
        wanted = (study.start_fen, model, analyst, study.main_moves)
        if wanted == self._annotated:
            return
        self.stop_annotating()
        if wanted[:3] != self._annotated[:3]:
            study.forget_thoughts()
            self._forget_failures()
        self._annotated = wanted
        study.forget_notes(study.main_moves)
        if study.main_moves:
            request, self._share = study.game_request(), 0.0
            if wanted != self._searched:
                self._searched, self._reviewed = wanted, 0.0
            self._annotation = self._context.ask(lambda number: Annotate(number, model, request, analyst))

    def _sync_one(
        self, asked: _Asked | None, node: GameNode, wanted: bool, ask: Callable[[int], Question]
    ) -> _Asked | None:
        if asked is not None and not (wanted and asked.node is node):
            self._context.cancel(asked.number)
            asked = None
        if wanted and asked is None:
            return _Asked(self._context.ask(ask), node)
        return asked

    def answer(self, reply: Answer | Failed, study: Study, now: float) -> bool:
        """Take in an answer; False when it is to none of these questions."""
        number, thinking, looking = reply.number, self._thinking, self._looking
        if number is None:
            return False
        if number == self._annotation and isinstance(reply, Annotated):
            for note in reply.notes:
                study.take_note(note, reply.nodes)
            self._share = reply.share
            self._reviewed = max(self._reviewed, 1.0 if reply.done or reply.nodes else reply.share)
            if reply.done:
                self._annotation = None
        elif thinking is not None and number == thinking.number and isinstance(reply, Decided):
            self._thinking = None
            self._thought(study, thinking.node, reply.decision)
        elif looking is not None and number == looking.number and isinstance(reply, Looked):
            self._looking = None
            study.learn(looking.node, reply.insight)
        elif isinstance(reply, Watched):
            return self._watch.take(reply)
        elif isinstance(reply, Failed):
            return self._failed(reply, now)
        else:
            return False
        return True

    def _thought(self, study: Study, node: GameNode, decision: Decision) -> None:
        study.think_aloud(node, decision)
        wanted, self.reply_to = self.reply_to, None
        if wanted is node and node is study.current:
            study.play(decision.move)

    def _failed(self, reply: Failed, now: float) -> bool:
        if reply.number == self._annotation:
            self._annotation = None
            self._broken.add(self._context.settings.analyst)  # the model goes on alone
        elif self._thinking is not None and reply.number == self._thinking.number:
            self._unthought.add(self._thinking.node)
            self._thinking = None
        elif self._watch.failed(reply):
            self._broken.add(self._context.settings.analyst)  # the model goes on alone
        elif self._looking is not None and reply.number == self._looking.number:
            if reply.error.code == "position_index" and self.index:
                self._lost_index = self.index  # what ships is asked instead
            else:
                self._unseen.add(self._looking.node)
            self._looking = None
        else:
            return False
        self._context.show_error(reply, now)
        return True

    def forget(self) -> None:
        """The players' process is gone for good: nothing is answered, and nothing asked before the next intent."""
        self._annotation = self._thinking = self._looking = None
        self._watch.forget_question()
        self._annotated, self._given_up = (), True
