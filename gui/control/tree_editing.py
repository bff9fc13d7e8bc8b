"""What a person changes in the tree of an analysed game: its variations, and what is written beside the moves."""

from __future__ import annotations

from ..state.commands import Command
from ..state.intents import CutMoves, DeleteMoves, FoldVariation, Intent, MarkBoard, WriteComment, WriteTags
from ..state.scene import Tone
from ..state.session import GameSession
from ..state.study import Study
from .mode_context import ModeContext

#: How a comment of several lines is written in one.
LINE_BREAK = "¶"


def touches_game(intent: Intent, study: Study, session: GameSession) -> bool:
    """Return whether an intent would take away or displace moves of the game that is being played."""
    node, played = study.current, session.ply_count
    if not study.follows_game:
        return False
    if isinstance(intent, DeleteMoves) or intent is Command.DELETE:
        return node.is_mainline() and 0 < node.ply() <= played
    if isinstance(intent, CutMoves) or intent is Command.CUT:
        return node.is_mainline() and node.ply() < played
    first = study.variation_start if intent is Command.PROMOTE else None
    if first is None or first.parent is None:
        return False
    return first.parent.is_mainline() and first.parent.ply() < played and first is first.parent.variations[1]


def edit_tree(intent: Intent, study: Study, context: ModeContext, now: float) -> bool:
    """Carry out an intent that changes the tree; False when it is none."""
    failed = ""
    if touches_game(intent, study, context.session):
        failed = "game_stays"
    elif isinstance(intent, DeleteMoves) or intent is Command.DELETE:
        failed = "" if study.delete() else "nothing_to_delete"
    elif isinstance(intent, CutMoves) or intent is Command.CUT:
        failed = "" if study.cut() else "nothing_to_cut"
    elif intent is Command.PROMOTE:
        failed = "" if study.promote() else "not_in_variation"
    elif intent is Command.GLYPH:
        failed = "" if study.change_glyph() else "no_move_here"
    elif intent is Command.FOLD:
        study.fold_here()
    elif isinstance(intent, FoldVariation):
        study.fold(intent.first, is_folded=intent.is_folded)
    elif isinstance(intent, WriteComment):
        study.write_comment("\n".join(line.strip() for line in intent.text.split(LINE_BREAK)))
    elif isinstance(intent, WriteTags):
        study.write_tags(dict(intent.tags), intent.result)
    elif isinstance(intent, MarkBoard):
        study.mark(intent.mark)
    else:
        return False
    if failed:
        context.notify(lambda t: t(failed), now, Tone.QUIET)
    return True
