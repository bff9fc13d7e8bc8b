"""What a person is asked before something is done that cannot be taken back."""

from __future__ import annotations

from dataclasses import replace

from xiangqi_gpt.rules import Outcome

from .controller import Controller
from .dialogs import Question
from .intents import (
    ChooseGame,
    ConfirmDraw,
    ConfirmResign,
    Intent,
    OpenRecord,
    PlayFromHere,
    RemoveEngine,
    ResumeGame,
    ResumeStudy,
    SaveGame,
    TryMove,
)
from .saving import target_path
from .session import GameSession
from .study import Study
from .texts import Texts


def question_before(intent: Intent, controller: Controller, texts: Texts) -> Question | None:
    """What is asked first, where something would be lost; "yes" asks for the same, surely."""
    values: dict[str, str] = {}
    if isinstance(intent, OpenRecord | ChooseGame) and not intent.sure and controller.analysis.study.edited:
        subject = "unsaved"
    elif isinstance(intent, SaveGame) and not intent.sure and target_path(intent.path).exists():
        subject, values = "replace", {"path": target_path(intent.path).name}
    elif isinstance(intent, PlayFromHere) and not intent.sure and controller.session.is_unfinished:
        subject = "here"
    elif isinstance(intent, RemoveEngine) and not intent.sure:
        subject, values = "remove", {"name": texts.player(intent.spec)}
    else:
        return None
    title, question, yes = (texts(f"{subject}_{part}", **values) for part in ("title", "question", "button"))
    return Question(title, question, texts, yes, replace(intent, sure=True), danger=True)


def repetition_question(wish: TryMove, outcome: Outcome, session: GameSession, texts: Texts) -> Question:
    """The move would lose by repetition."""
    question = texts("repetition_question", side=texts.side(session.turn), reason=texts.termination(outcome))
    return Question(texts("repetition_title"), question, texts, texts("repetition_button"), wish, danger=True)


def draw_question(session: GameSession, texts: Texts) -> Question | None:
    """Whether to offer a draw, or to take one; None where neither can be done now."""
    side = session.resigning_side
    if side is None or not session.ply_count:
        return None
    accepts = session.draw_offered_by == 1 - side
    if session.plies_to_next_offer and not accepts:
        return None
    both = session.person is None
    question = texts("draw_accept_question" if accepts else "draw_question_both" if both else "draw_question")
    yes = texts("draw_agree_button" if accepts or both else "draw_button")
    return Question(texts("draw_accept_title" if accepts else "draw_title"), question, texts, yes, ConfirmDraw(side))


def resign_question(session: GameSession, texts: Texts) -> Question | None:
    """Whether to give up; None where nobody can."""
    side = session.resigning_side
    if side is None:
        return None
    question, wish = texts("resign_question", side=texts.side(side)), ConfirmResign(side)
    return Question(texts("resign_title"), question, texts, texts("resign_button"), wish, danger=True)


def resume_game_question(saved: GameSession, texts: Texts) -> Question:
    """Whether to go on with the game of the last start."""
    question, wish = texts("resume_question", count=saved.ply_count), ResumeGame(saved)
    return Question(texts("resume_title"), question, texts, texts("resume_button"), wish, no=texts("resume_not"))


def resume_study_question(saved: Study, texts: Texts) -> Question:
    """Whether to go on with the variations of the last start."""
    title, question = texts("resume_study_title"), texts("resume_study_question")
    return Question(title, question, texts, texts("resume_button"), ResumeStudy(saved), no=texts("resume_not"))
