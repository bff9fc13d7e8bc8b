"""The card over the board that says who won and by which rule."""

from __future__ import annotations

import pygame

from xiangqi_gpt.rules import BLACK, Outcome

from ..state.commands import Command
from ..state.intents import Intent, SwitchMode
from ..state.mode import Mode
from ..state.scene import Scene
from ..widgets.canvas import Canvas
from ..widgets.controls import Button


class ResultBanner:
    """Appears once a game; "Analyse" puts it away and goes through the game, Esc or its cross leaves the board."""

    def __init__(self) -> None:
        self._again = Button(primary=True)
        self.rematch = Button()
        self._review = Button()
        self.cross = Button(icon="close")
        self._rect = pygame.Rect(0, 0, 0, 0)
        self._dismissed: Outcome | None = None

    def is_open(self, scene: Scene) -> bool:
        """Return whether the banner covers the board now."""
        outcome = scene.session.outcome
        return (
            scene.mode is Mode.PLAY and outcome is not None and outcome is not self._dismissed and scene.session.is_live
        )

    def dismiss(self, scene: Scene) -> None:
        """Put the banner away."""
        self._dismissed = scene.session.outcome

    def handle(self, event: pygame.Event, scene: Scene) -> tuple[Intent | None, bool]:
        """(what the person wants, whether the banner took the event for itself)."""
        if self._again.handle(event):
            self.dismiss(scene)
            return Command.NEW_GAME, True
        if self.rematch.handle(event):
            self.dismiss(scene)
            return Command.REMATCH, True
        if self._review.handle(event):
            self.dismiss(scene)
            return SwitchMode(Mode.ANALYSE), True
        if self.cross.handle(event):
            self.dismiss(scene)
            return None, True
        if event.type == pygame.KEYDOWN and event.key in (pygame.K_ESCAPE, pygame.K_RETURN, pygame.K_KP_ENTER):
            self.dismiss(scene)
            return (None if event.key == pygame.K_ESCAPE else Command.NEW_GAME), True
        inside = event.type == pygame.MOUSEBUTTONDOWN and self._rect.collidepoint(event.pos)
        return None, inside or event.type == pygame.MOUSEMOTION

    def draw(self, canvas: Canvas, board: pygame.Rect, scene: Scene) -> None:
        """Draw the card in the middle of the board."""
        outcome = scene.session.outcome
        if outcome is None:
            return
        px, theme, texts = canvas.px, canvas.theme, canvas.texts
        self._rect = pygame.Rect(0, 0, min(px(420), board.width - px(24)), px(212))
        self._rect.center = board.center
        canvas.shadow(self._rect, 16, 30)
        canvas.box(self._rect, theme.card, theme.card_edge, 16)
        inner = self._rect.inflate(-2 * px(26), -2 * px(22))
        colors = {None: theme.muted, BLACK: theme.text}
        ink = colors.get(outcome.winner, theme.danger)
        title = pygame.Rect(inner.x, inner.y, inner.width, px(56))
        canvas.text(texts.result(outcome), title, 34, ink, align="center", face="bold")
        reason = pygame.Rect(inner.x, title.bottom + px(4), inner.width, px(24))
        canvas.text(texts.termination(outcome), reason, 16, align="center")
        person = scene.session.person
        if person is not None and outcome.winner is not None:
            verdict = texts("you_win" if outcome.winner == person else "you_lose")
            line = pygame.Rect(inner.x, reason.bottom, inner.width, px(22))
            canvas.text(verdict, line, 13.5, theme.muted, align="center")
        buttons, gap = (self._review, self.rematch, self._again), px(10)
        width = (inner.width - 2 * gap) // 3
        words = (texts("review"), texts.command(Command.REMATCH), texts("new_game"))
        for index, (button, word) in enumerate(zip(buttons, words, strict=True)):
            button.label = word
            button.rect = pygame.Rect(inner.x + index * (width + gap), inner.bottom - px(42), width, px(42))
            button.draw(canvas)
        side = px(30)
        self.cross.rect = pygame.Rect(self._rect.right - side - px(8), self._rect.y + px(8), side, side)
        self.cross.draw(canvas, flat=True)
