"""One moment of the program put together for the views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..i18n.texts import Texts
from ..state.mode import Mode
from ..state.scene import Arrow, Scene, Tone
from .status import analysis_status, setup_status, status_line

if TYPE_CHECKING:
    from .controller import Controller


def compose_scene(controller: Controller, texts: Texts, now: float) -> Scene:
    """Return everything the views need; ``now`` in seconds of the window's clock."""
    session, play = controller.session, controller.play
    status, tone = controller.notices.line(texts) or _status(controller, texts)
    return Scene(
        session,
        replace(controller.settings, show_ideas=controller.shows_ideas),
        status,
        tone,
        session.turn if session.awaits_player else None,
        play.is_loading,
        _arrows(controller),
        play.advice.decision,
        controller.mode,
        controller.analysis.scene(),
        controller.setup.editor,
        session.clock_faces(now),
        controller.puzzles.scene(),
        play.insight.shown,
    )


def _status(controller: Controller, texts: Texts) -> tuple[str, Tone]:
    """Return what is going on in the mode, and its tone."""
    file, mode = controller.analysis.file, controller.mode
    if file.is_reading:
        return texts("reading_file", name=file.name or texts("clipboard"), count=len(file.games)), Tone.QUIET
    if mode is Mode.ANALYSE:
        return analysis_status(controller.analysis, texts)
    if mode is Mode.PUZZLE:
        return controller.puzzles.status(texts)
    if mode is Mode.SETUP:
        return setup_status(controller.setup.editor, texts, controller.settings.notation)
    return status_line(controller.session, texts, controller.play.is_loading)


def _arrows(controller: Controller) -> Sequence[Arrow]:
    if controller.mode is Mode.ANALYSE:
        return controller.analysis.arrows()
    return controller.puzzles.arrows() if controller.mode is Mode.PUZZLE else controller.play.advice.arrows()
