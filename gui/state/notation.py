"""Moves as the person wants to read them."""

from __future__ import annotations

from typing import Final

from xiangqi_gpt.rules import Board, Move, to_chinese, to_wxf

#: Notation -> an example of it, which also names it on the screen.
NOTATIONS: Final = {"chinese": "炮二平五", "wxf": "C2.5", "iccs": "h2e2"}


def move_text(board: Board, move: Move, notation: str) -> str:
    """Return a legal move of a position in a notation of ``NOTATIONS``."""
    if notation == "chinese":
        return to_chinese(board, move)
    return to_wxf(board, move) if notation == "wxf" else move.iccs()


def usual_notation(language: str) -> str:
    """Return the notation that readers of a language know."""
    return "chinese" if language == "zh" else "wxf"


def check_sign(board: Board, move: Move) -> str:
    """Return ``#`` for a move that mates, ``+`` for one that gives check, else nothing."""
    after = board.copy()
    after.push(move)
    if not after.is_check():
        return ""
    return "+" if after.legal_moves else "#"
