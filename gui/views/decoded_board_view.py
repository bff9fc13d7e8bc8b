"""What the model believes: a small board decoded from its hidden state, with the squares that are wrong lit."""

from __future__ import annotations

from typing import Final

import pygame

from xiangqi_gpt.rules.pieces import EMPTY

from ..state.move_notes import Insight
from ..state.scene import Scene
from ..widgets import shapes
from ..widgets.canvas import Canvas
from ..widgets.layout import BoardGeometry
from .board_art import BoardPicture
from .pieces import PieceArt

_PIECE: Final = 0.9
_TEXT: Final = 20
_FAINTEST: Final = 70  # opacity (of 255) of a piece the model is quite unsure of


class DecodedBoardView:
    """Draws the believed board; a piece is the fainter the less sure the model is."""

    def __init__(self, pieces: PieceArt) -> None:
        self._pieces = pieces
        self._picture = BoardPicture()

    def draw(self, canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
        """Draw the board and what is to be said of it, or why there is none."""
        insight = scene.analysis.study.insight
        if insight is None or insight.decoded is None:
            key = "belief_wait" if insight is None else "belief_none"
            self._explain(canvas, rect, canvas.texts(key))
            return
        line = canvas.px(_TEXT)
        area = pygame.Rect(rect.x, rect.y, rect.width, rect.height - 2 * line - canvas.px(4))
        geometry = BoardGeometry.inside(area)
        text = pygame.Rect(rect.x, geometry.rect.bottom + canvas.px(4), rect.width, line)
        wrong = self._draw_board(canvas, geometry, scene, insight)
        theme, texts = canvas.theme, canvas.texts
        verdict = texts("belief_wrong", count=wrong) if wrong else texts("belief_true")
        canvas.text(verdict, text, 13.5, theme.danger if wrong else theme.accent, align="center", face="bold")
        about = texts("belief_about", share=f"{insight.accuracy:.1%}")
        canvas.text(about, text.move(0, line), 12.5, theme.muted, align="center")

    @staticmethod
    def _explain(canvas: Canvas, rect: pygame.Rect, text: str) -> None:
        lines = canvas.fonts.wrap(text, "regular", canvas.px(13.5), rect.width - canvas.px(20))
        line = canvas.px(22)
        y = rect.centery - line * len(lines) // 2
        for index, part in enumerate(lines):
            box = pygame.Rect(rect.x, y + index * line, rect.width, line)
            canvas.text(part, box, 13.5, canvas.theme.muted, align="center")

    def _draw_board(self, canvas: Canvas, geometry: BoardGeometry, scene: Scene, insight: Insight) -> int:
        """Draw it and return how many squares differ from the true board."""
        assert insight.decoded is not None
        theme, flipped, cell = canvas.theme, scene.settings.flipped, geometry.cell
        canvas.surface.blit(self._picture.get(canvas, geometry, scene.settings), geometry.rect)
        true = scene.analysis.study.shown_board.squares.tolist()
        diameter = round(cell * _PIECE)
        wrong = 0
        for square, (piece, real) in enumerate(zip(insight.decoded, true, strict=True)):
            centre = geometry.centre(square, flipped)
            if piece != real:
                wrong += 1
                light = shapes.glow(round(cell * 1.7), theme.mark_check, 0.9)
                canvas.surface.blit(light, light.get_rect(center=centre))
            if piece != EMPTY:
                picture = self._pieces.picture(piece, diameter, theme, scene.settings.faces).copy()  # that one is kept
                sure = insight.confidence[square] if insight.confidence else 1.0
                picture.set_alpha(round(_FAINTEST + (255 - _FAINTEST) * sure))
                canvas.surface.blit(picture, picture.get_rect(center=centre))
            if piece != real:
                ring = shapes.ring(cell * 0.98, max(2.0, cell * 0.08), theme.mark_check)
                canvas.surface.blit(ring, ring.get_rect(center=centre))
        return wrong
