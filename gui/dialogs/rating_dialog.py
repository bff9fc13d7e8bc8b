"""The person's own rating: the number with its interval, its course, and the last rated games."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pygame

from xiangqi_gpt.players.levels import SHOWN_ELO, nearest_level
from xiangqi_gpt.players.own_rating import rating_course
from xiangqi_gpt.user_store import RatedGame

from ..i18n.texts import Texts
from ..state.theme import mix
from ..widgets.canvas import Canvas
from ..widgets.list_box import Item, ListBox
from .dialogs import Control, Dialog

_SUPERSAMPLING: Final = 3
_LEAST_SPAN: Final = 200.0  # Elo that the course shows at least


class RatingDialog(Dialog):
    """Shows what the rated games say; nothing is asked."""

    size = (720, 560)
    _SMALL: Final = (560, 190)  # without a game there is nothing to draw

    def __init__(self, texts: Texts, games: Sequence[RatedGame], error: str = "") -> None:
        """``error``: why the games could not be read."""
        super().__init__(texts("rating_title"), texts, texts("close"), cancel=False)
        self._course = rating_course([(game.elo, game.score) for game in games])
        self._games = ListBox(self._items(games), focused=True)
        if not self._course:
            self.size = self._SMALL
        self.error = error

    def _items(self, games: Sequence[RatedGame]) -> list[Item]:
        """A line a game, the latest first: when, the side, how it ended, against whom, and the rating after it."""
        t = self.texts
        results = {1.0: t("rating_won"), 0.5: t("rating_drawn"), 0.0: t("rating_lost")}
        rows = zip(games[-len(self._course) :], self._course, strict=True) if self._course else ()
        items = [
            Item(
                f"{game.played.astimezone():%Y-%m-%d}  {t(game.side)}  {results[game.score]}{t('colon')}"
                f"{t.termination(game.outcome)}",
                t("rating_against", level=t.level_number(game.level), **rating.shown()),
            )
            for game, rating in rows
        ]
        return items[::-1]

    @property
    def controls(self) -> list[Control]:
        return [*([self._games] if self._course else []), *super().controls]

    @property
    def summary(self) -> str:
        """The rating in a sentence."""
        if not self._course:
            return self.texts("rating_none")
        rating = self._course[-1]
        level = self.texts.level(nearest_level(rating.elo))
        return self.texts("rating_summary", games=rating.games, level=level, **rating.shown())

    def draw_body(self, canvas: Canvas, rect: pygame.Rect) -> None:
        px = canvas.px
        line = pygame.Rect(rect.x, rect.y, rect.width, px(22))
        for words in canvas.fonts.wrap(self.summary, "regular", px(15), rect.width):
            canvas.text(words, line, 15)
            line = line.move(0, px(22))
        if not self._course:
            return
        graph = pygame.Rect(rect.x, line.y + px(8), rect.width, px(150))
        self._draw_course(canvas, graph)
        self._games.rect = pygame.Rect(rect.x, graph.bottom + px(12), rect.width, rect.bottom - graph.bottom - px(12))
        self._games.draw(canvas)

    def _draw_course(self, canvas: Canvas, rect: pygame.Rect) -> None:
        """The rating after each game as a line, with its interval as an area, between the Elo at both ends."""
        theme, px = canvas.theme, canvas.px
        canvas.box(rect, theme.sunken, theme.card_edge, 6)
        low, high = min(rating.low for rating in self._course), max(rating.high for rating in self._course)
        middle, span = (low + high) / 2, max(high - low, _LEAST_SPAN)
        low, high = middle - span / 2, middle + span / 2
        scale, inner = _SUPERSAMPLING, rect.inflate(-2 * px(6), -2 * px(6))
        big = pygame.Surface((inner.width * scale, inner.height * scale), pygame.SRCALPHA)
        big.fill((*theme.accent, 0))

        def place(game: int, elo: float) -> tuple[float, float]:
            share = game / max(len(self._course) - 1, 1)
            return share * (big.get_width() - 1), (high - elo) / (high - low) * (big.get_height() - 1)

        course = self._course if len(self._course) > 1 else self._course * 2  # one game is a level line
        top = [place(game, rating.high) for game, rating in enumerate(course)]
        bottom = [place(game, rating.low) for game, rating in enumerate(course)]
        pygame.draw.polygon(big, (*theme.accent, 60), [*top, *bottom[::-1]])
        points = [place(game, rating.elo) for game, rating in enumerate(course)]
        pygame.draw.lines(big, mix(theme.accent, theme.text, 0.2), False, points, 2 * scale)
        canvas.surface.blit(pygame.transform.smoothscale(big, inner.size), inner)
        label = pygame.Rect(inner.x + px(4), inner.y, inner.width, px(18))
        canvas.text(f"{round(high + SHOWN_ELO)}", label, 12, theme.muted)
        label.bottom = inner.bottom
        canvas.text(f"{round(low + SHOWN_ELO)}", label, 12, theme.muted)
