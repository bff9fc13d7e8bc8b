"""What a person is asked before something is done that cannot be taken back."""

from __future__ import annotations

from dataclasses import replace

from xiangqi_gpt.files import would_replace
from xiangqi_gpt.rules import Board, FenError, Outcome

from ..control.controller import Controller
from ..control.tree_editing import touches_game
from ..i18n.texts import Texts
from ..state.commands import Command
from ..state.intents import (
    ChooseGame,
    ConfirmDraw,
    ConfirmResign,
    CutMoves,
    DeleteMoves,
    GiveUpGame,
    GiveUpStudy,
    Intent,
    OpenRecord,
    Paste,
    PlayFromHere,
    RemoveEngine,
    ResumeGame,
    ResumeStudy,
    SaveGame,
    StartGame,
    SwitchMode,
    TryMove,
)
from ..state.mode import Mode
from ..state.rated import would_lose
from ..state.record_files import ClipboardKind, clipboard_kind, pasted_fen
from ..state.saving import target_path
from ..state.session import HUMAN, GameSession
from ..state.study import Study
from .dialogs import Question, UrgentQuestion

#: Intents by which something may be lost.
_Doubtful = OpenRecord | ChooseGame | Paste | SwitchMode | StartGame | PlayFromHere | SaveGame | RemoveEngine


def question_before(intent: Intent, controller: Controller, texts: Texts) -> Question | None:
    """Return what is asked first, where something would be lost; "yes" asks for the same, surely."""
    values: dict[str, str] = {}
    if intent is Command.SWITCH_MODE and controller.mode is Mode.SETUP:
        intent = SwitchMode(Mode.ANALYSE)
    if intent in (Command.DELETE, Command.CUT) and controller.mode is Mode.ANALYSE:
        if touches_game(intent, controller.analysis.study, controller.session):
            return None  # it is refused
        return _delete_question(controller.analysis.study, texts, is_cut=intent is Command.CUT)
    if intent is Command.REMATCH and controller.mode is Mode.PLAY:
        intent = controller.rematch
    if not isinstance(intent, _Doubtful) or intent.sure:
        return None
    if would_lose(controller.session) and _replaces_game(intent, controller):
        subject = "forfeit"
    elif isinstance(intent, SaveGame) and _replaces_file(intent):
        subject, values = "replace", {"path": target_path(intent.path).name}
    elif isinstance(intent, RemoveEngine):
        subject, values = "remove", {"name": texts.player(intent.spec)}
    elif _is_worth_keeping(controller.session) and _replaces_game(intent, controller):
        subject = "new" if isinstance(intent, StartGame) else "here"
    elif controller.analysis.own_study.edited and _replaces_study(intent, controller):
        subject = "unsaved"
    else:
        return None
    title, question, yes = (texts(f"{subject}_{part}", **values) for part in ("title", "question", "button"))
    if subject in ("here", "new") and controller.analysis.own_study.edited and _replaces_study(intent, controller):
        question = f"{question} {texts('unsaved_too')}"
    return Question(title, question, texts, yes, replace(intent, sure=True), danger=True)


def _is_worth_keeping(session: GameSession) -> bool:
    """Whether a game goes on in which people have made more than a first move."""
    sides = ((session.first_turn + ply) % 2 for ply in range(session.ply_count))
    return session.is_unfinished and [session.players[side] for side in sides].count(HUMAN) > 1


def _delete_question(study: Study, texts: Texts, *, is_cut: bool) -> Question | None:
    """Before more than the last move of a line is deleted."""
    count = study.moves_after if is_cut else study.moves_below
    if count < 2:
        return None
    question = texts("cut_question" if is_cut else "delete_question", count=count)
    intent = CutMoves() if is_cut else DeleteMoves()
    return Question(texts("delete_title"), question, texts, texts("delete_button"), intent, danger=True)


def _replaces_file(intent: SaveGame) -> bool:
    """Whether a file is written over; a folder cannot be, which saving says."""
    target = target_path(intent.path)
    return would_replace(target) and not target.is_dir()


def _replaces_game(intent: Intent, controller: Controller) -> bool:
    """Whether another game becomes the one being played."""
    pasted = isinstance(intent, Paste) and controller.mode is Mode.PLAY and _is_position(intent.text)
    return isinstance(intent, StartGame | PlayFromHere) or pasted


def _replaces_study(intent: Intent, controller: Controller) -> bool:
    """Whether what is analysed gives way to something else."""
    mode = controller.mode
    if isinstance(intent, OpenRecord | ChooseGame):
        return True
    if isinstance(intent, SwitchMode):
        setup = controller.setup
        leaves = mode is Mode.SETUP and intent.mode is Mode.ANALYSE
        return leaves and setup.is_changed and not setup.editor.faults()
    if isinstance(intent, Paste) and clipboard_kind(intent.text) is ClipboardKind.RECORD:
        return True
    if isinstance(intent, Paste) and mode in (Mode.ANALYSE, Mode.PUZZLE):
        return _is_position(intent.text)
    # A new game begins a new study where the old one was of the game; one that goes on from here keeps it.
    begins = _replaces_game(intent, controller) and not (isinstance(intent, PlayFromHere) and mode is Mode.ANALYSE)
    return begins and controller.analysis.own_study.follows_game


def _is_position(text: str) -> bool:
    if clipboard_kind(text) is not ClipboardKind.FEN:
        return False
    try:
        Board(pasted_fen(text), lenient=True)
    except FenError:
        return False
    return True


def repetition_question(intent: TryMove, outcome: Outcome, session: GameSession, texts: Texts) -> Question:
    """Return the question before a move that would lose by repetition."""
    question = texts("repetition_question", side=texts.side(session.turn), reason=texts.termination(outcome))
    return Question(texts("repetition_title"), question, texts, texts("repetition_button"), intent, danger=True)


def draw_question(session: GameSession, texts: Texts) -> Question | None:
    """Return the question whether to offer a draw, or to take one; None where neither can be done now."""
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
    """Return the question whether to give up; None where nobody can."""
    side = session.resigning_side
    if side is None:
        return None
    is_aborted = session.is_secret and not would_lose(session)
    title, question, yes = (
        texts(f"{'abort' if is_aborted else 'resign'}_{part}", side=texts.side(side))
        for part in ("title", "question", "button")
    )
    return Question(title, question, texts, yes, ConfirmResign(side), danger=True)


def resume_game_question(saved: GameSession, texts: Texts) -> Question:
    """Return the question whether to go on with the game of the last start."""
    question, intent = texts("resume_question", count=saved.ply_count), ResumeGame(saved)
    title, yes = texts("resume_title"), texts("resume_button")
    if would_lose(saved):
        question, no = f"{question} {texts('resume_rated')}", texts("forfeit_button")
        return UrgentQuestion(title, question, texts, yes, intent, no=no, refusal=GiveUpGame(saved))
    return Question(title, question, texts, yes, intent, no=texts("resume_not"), refusal=GiveUpGame(saved))


def resume_study_question(saved: Study, texts: Texts) -> Question:
    """Return the question whether to go on with the variations of the last start."""
    title, question = texts("resume_study_title"), texts("resume_study_question")
    intent, no = ResumeStudy(saved), texts("resume_not")
    return Question(title, question, texts, texts("resume_button"), intent, no=no, refusal=GiveUpStudy())
