"""Set-up mode: changes the position that is being set up, and says whether a game can go on from it."""

from __future__ import annotations

from ..state.commands import Command
from ..state.intents import Intent, MovePiece, Place, SetTurn
from ..state.position_editor import PositionEditor
from ..state.scene import Tone
from .mode_context import ModeContext


class SetupMode:
    """The editor and the intents that change it."""

    def __init__(self, context: ModeContext) -> None:
        self._context = context
        self.editor = PositionEditor()
        self._source = ""
        self._loaded = self.editor.fen()

    def enter(self, fen: str) -> None:
        """Begin with a position; one that was begun with before goes on as it was left. Raises ``FenError``."""
        if fen != self._source:
            was_changed = self.is_changed
            self.editor.load(fen)
            if not was_changed:  # there is nothing of the person's to go back to
                self.editor.forget_changes()
            self._source, self._loaded = fen, self.editor.fen()

    @property
    def is_changed(self) -> bool:
        """Whether the position is another one than at the beginning."""
        return self.editor.fen() != self._loaded

    def is_playable(self, now: float) -> bool:
        """Return whether a game can go on from here; says why where it cannot."""
        faults = self.editor.faults()
        if faults:
            notation = self._context.settings.notation
            self._context.notify(lambda t: t.position_fault(faults[0], notation), now, Tone.BAD)
        return not faults

    def apply(self, intent: Intent, now: float) -> bool:
        """Carry out an intent; False when it is none of this mode's."""
        editor = self.editor
        if isinstance(intent, Place):
            editor.place(intent.square, intent.piece)
        elif isinstance(intent, MovePiece):
            editor.move(intent.source, intent.target)
        elif isinstance(intent, SetTurn):
            editor.set_turn(intent.side)
        elif intent is Command.SIDE_TO_MOVE:
            editor.set_turn(1 - editor.turn)
        elif intent is Command.UNDO_CHANGE:
            editor.undo()
        elif intent is Command.START_POSITION:
            editor.start()
        elif intent is Command.CLEAR_BOARD:
            editor.clear()
        elif intent is Command.MIRROR:
            editor.mirror()
        elif intent is Command.SWAP_COLORS:
            editor.swap_colors()
        else:
            return False
        return True
