"""What a model says of the analysed position: the moves it considers, what it thought of the move, what it wanted."""

from __future__ import annotations

import pygame

from xiangqi_gpt.rules import BLACK, RED, Board, Move

from ..i18n.texts import Texts
from ..state.move_notes import GLYPHS, Insight, MoveNote
from ..state.notation import move_text
from ..state.scene import AnalysisScene, Scene
from ..state.study import Study
from ..state.theme import Color
from ..widgets.canvas import Canvas
from .evaluation_view import draw_policy
from .opening_line import opening_line

_LINE = 21
_MOST_MOVES = 6
_FEWEST_MOVES = 2  # with the lines after them
_SHORT_OF_ROOM = 3  # where those find no room anyway


def draw_insight(canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
    """Draw what is known, as far as there is room, the most telling first."""
    page = _Page(canvas, rect)
    study, notation = scene.analysis.study, scene.settings.notation
    if study.note is not None:
        _note(page, study, study.note, notation)
    decision = study.decision
    if scene.analysis.is_hidden:
        return
    if study.outcome is None:
        page.heading("ideas")
        if decision is None or not decision.policy:
            page.line(canvas.texts("ideas_wait" if decision is None else "ideas_empty"), canvas.theme.muted)
        else:
            page.policy(scene)
    if study.insight is not None:
        _illegal(page, study, study.insight, notation)
    _summary(page, study, scene.analysis, scene.settings.analyst)
    if study.insight is not None:
        _opening(page, study.insight)


class _Page:
    """Lines of text from the top of a box down; what no longer fits is left out."""

    def __init__(self, canvas: Canvas, rect: pygame.Rect) -> None:
        self.canvas, self.rect, self.y = canvas, rect, rect.y

    def line(
        self, text: str, color: Color | None = None, *, bold: bool = False, size: float = 13.5, about: str = ""
    ) -> None:
        """Write a text on as many lines as it takes; ``about`` explains it at the pointer."""
        pixels, px = self.canvas.px(size), self.canvas.px
        face = "bold" if bold else "regular"
        parts = self.canvas.fonts.wrap(text, face, pixels, self.rect.width)
        if not self.fits(len(parts)):
            self.y = self.rect.bottom  # nothing after it either
            return
        for part in parts:
            place = pygame.Rect(self.rect.x, self.y, self.rect.width, px(_LINE))
            self.canvas.text(part, place, size, color, face=face)
            if about:
                self.canvas.explain(place, about)
            self.y += px(_LINE)

    def fits(self, lines: int) -> bool:
        return self.y + lines * self.canvas.px(_LINE) <= self.rect.bottom

    def heading(self, key: str) -> None:
        self.gap()
        self.line(self.canvas.texts(key), self.canvas.theme.muted, bold=True, size=12.5)

    def gap(self) -> None:
        if self.y > self.rect.y:
            self.y += self.canvas.px(5)

    def policy(self, scene: Scene) -> None:
        decision, study = scene.analysis.study.decision, scene.analysis.study
        assert decision is not None
        row = self.canvas.px(24)
        # Where room is short, illegal wishes and what both sides did in the game come before unlikely moves.
        wishes = study.insight is not None and study.insight.illegal is not None
        after = (bool(study.notes) + wishes) * self.canvas.px(2 * _LINE + 5)
        room = self.rect.bottom - self.y
        height = room - after if room - after >= _FEWEST_MOVES * row else _SHORT_OF_ROOM * row
        height = min(height, _MOST_MOVES * row, room)
        rows = pygame.Rect(self.rect.x, self.y, self.rect.width, height)
        self.y = draw_policy(self.canvas, rows, study.shown_board, scene.settings.notation, decision)


def _note(page: _Page, study: Study, note: MoveNote, notation: str) -> None:
    texts, theme = page.canvas.texts, page.canvas.theme
    name = study.line[note.ply - 1].texts[notation]
    glyph = GLYPHS.get(note.judgement, "")
    page.line(texts("played", move=f"{name}{glyph}"), theme.danger if note.judgement else None, bold=True, size=14.5)
    if note.is_book:
        page.line(texts("book_move"), theme.accent)
    elif note.score:
        page.line(texts("score_change", before=note.best_score, after=note.score), about=texts("score_about_mover"))
    page.line(texts("played_as", rank=note.rank, choices=note.choices, share=_share(note.probability)))
    if note.judgement:
        before = study.shown_board.copy()
        before.pop()
        page.line(texts("better", move=_line(before, _continuation(note.best, note.variation), notation)), theme.accent)


def _continuation(best: Move, variation: tuple[Move, ...]) -> tuple[Move, ...]:
    """The better move and what would follow it, whether or not the variation begins with it; no move twice."""
    return variation if variation[:1] == (best,) else (best, *variation)


def _line(board: Board, moves: tuple[Move, ...], notation: str) -> str:
    """The moves of a continuation as far as they are legal."""
    names = []
    for move in moves[:4]:
        if not board.is_legal(move):
            break
        names.append(move_text(board, move, notation))
        board.push(move)
    return "  ".join(names)


def _illegal(page: _Page, study: Study, insight: Insight, notation: str) -> None:
    texts, theme = page.canvas.texts, page.canvas.theme
    if not insight.moves_only:
        return
    page.gap()
    if insight.illegal is not None:
        move, wasted = insight.illegal
        page.line(texts("illegal", move=move.iccs()), theme.danger)
        page.line(texts("wasted", share=_share(wasted)))


def _summary(page: _Page, study: Study, analysis: AnalysisScene, analyst: str) -> None:
    texts, theme = page.canvas.texts, page.canvas.theme
    if not study.notes:
        return
    page.gap()
    if not page.fits(2):
        return
    for side in (RED, BLACK):
        counts = study.judgements(side)
        parts = [f"{GLYPHS[name]} {counts[name]}" for name in GLYPHS if counts[name]] or [texts("no_mistakes_yet")]
        bits = study.surprise(side)
        if bits is not None:
            parts.append(texts("bits_a_move", bits=f"{bits:.1f}"))
        said = texts("per_side", side=texts.side(side), counts="  ".join(parts))
        page.line(said, theme.muted, size=12.5, about=texts("bits_about"))
    page.line(_who(texts, analysis.model, analyst), theme.muted, size=12.5)


def _opening(page: _Page, insight: Insight) -> None:
    """The opening's full name, for which the head of the panel may have no room."""
    if insight.opening:
        page.gap()
        page.line(opening_line(page.canvas.texts, insight), page.canvas.theme.muted, size=12.5)


def _who(texts: Texts, model: str, analyst: str) -> str:
    if analyst:
        return texts("analyst_both", analyst=texts.player(analyst), model=texts.player(model))
    return texts("analyst_none", model=texts.player(model))


def _share(share: float) -> str:
    """A probability: small ones keep a digit after the point."""
    return f"{share:.1%}" if share < 0.1 else f"{share:.0%}"
