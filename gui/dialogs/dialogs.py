"""Dialogs: cards over the darkened window that ask one thing. Esc closes each, Enter says yes, Tab goes round."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final, Protocol

import pygame

from ..i18n.texts import Texts
from ..state.commands import Command
from ..state.intents import Intent
from ..state.mode import Mode
from ..state.theme import mix
from ..widgets.canvas import Canvas
from ..widgets.controls import Button
from ..widgets.text_field import TextField

#: Height of what a dialog says went wrong, in units.
_STRIP: Final = 44
#: Room that a tall dialog leaves above and below it, in units.
_MARGIN: Final = 24
CONFIRM_KEYS: Final = (pygame.K_RETURN, pygame.K_KP_ENTER)


class Control(Protocol):
    """Anything in a dialog that can have the keyboard's focus."""

    focused: bool

    def handle(self, event: pygame.Event) -> bool:
        """Return whether the event changed or triggered the control."""
        ...


class Dialog(ABC):
    """A card with a title, controls and two buttons at most. ``size`` is in units; it is higher, up to ``tallest``,
    where the window has room and there is more to show.

    One that ``stays`` is open until what it asks for has worked: meanwhile ``waits_for`` says what that is, ``busy``
    what is going on, and afterwards ``error`` what went wrong.
    """

    size: tuple[float, float] = (440, 240)
    tallest: float = 0
    stays = False

    def __init__(
        self, title: str, texts: Texts, yes: str, *, no: str = "", danger: bool = False, cancel: bool = True
    ) -> None:
        self.title = title
        self.texts = texts
        self.yes = Button(yes, primary=not danger, danger=danger)
        self.no = Button(no or texts("cancel"))
        self._cancel = cancel
        self.rect = pygame.Rect(0, 0, 0, 0)
        self.error = self.busy = ""
        self.waits_for: Intent | None = None

    def take(self, path: str) -> None:
        """A path was found for this dialog, which had asked for one by ``Browse``."""
        raise NotImplementedError

    @property
    def controls(self) -> list[Control]:
        """What Tab goes round."""
        return [*([self.no] if self._cancel else []), self.yes]

    def intent(self) -> Intent | None:
        """Return what "yes" asks for; None when it only closes the dialog."""
        return None

    def typing_place(self) -> pygame.Rect | None:
        """Return where text is being typed, for the window of an input method; None when it is not."""
        fields = [control for control in self.controls if isinstance(control, TextField) and control.focused]
        return fields[0].rect if fields else None

    def handle(self, event: pygame.Event) -> tuple[bool, Intent | None]:
        """(whether the dialog is done, what the person wants)."""
        if event.type == pygame.KEYDOWN:
            if event.key == pygame.K_ESCAPE:
                return True, None
            if event.key == pygame.K_TAB:
                self._next_focus(-1 if event.mod & pygame.KMOD_SHIFT else 1)
                return False, None
            if event.key in CONFIRM_KEYS and not self.no.focused and not self.busy:
                return True, self.intent()
        elif event.type == pygame.MOUSEBUTTONDOWN:
            if not self.rect.collidepoint(event.pos):
                return True, None
            for control in self.controls:
                control.focused = False
        for control in self.controls:
            triggered = control.handle(event)
            if triggered and control is self.yes and not self.busy:
                return True, self.intent()
            if triggered and control is self.no:
                return True, None
        return False, None

    def _next_focus(self, step: int) -> None:
        controls = self.controls
        now = next((i for i, control in enumerate(controls) if control.focused), -1 if step > 0 else 0)
        for control in controls:
            control.focused = False
        chosen = controls[(now + step) % len(controls)]
        chosen.focused = True
        if isinstance(chosen, TextField):
            chosen.select_all()

    def draw(self, canvas: Canvas) -> None:
        """Darken the window and draw the card in its middle."""
        veil = pygame.Surface(canvas.surface.get_size(), pygame.SRCALPHA)
        veil.fill((0, 0, 0, 120 if canvas.theme.name == "dark" else 70))
        canvas.surface.blit(veil, (0, 0))
        px = canvas.px
        said = self.error or self.busy
        strip = px(_STRIP) if said else 0
        room = canvas.surface.get_height() - 2 * px(_MARGIN)
        height = max(px(self.size[1]), min(px(self.tallest), room - strip))
        self.rect = pygame.Rect(0, 0, px(self.size[0]), height + strip)
        self.rect.center = canvas.surface.get_rect().center
        canvas.shadow(self.rect, 14, 26)
        canvas.box(self.rect, canvas.theme.card, canvas.theme.card_edge, 14)
        inner = self.rect.inflate(-2 * px(28), -2 * px(24))
        canvas.text(self.title, pygame.Rect(inner.x, inner.y, inner.width, px(28)), 20, face="bold")
        foot = pygame.Rect(inner.x, inner.bottom - px(40), inner.width, px(40))
        height = foot.y - px(16) - strip - inner.y - px(42)
        self.draw_body(canvas, pygame.Rect(inner.x, inner.y + px(42), inner.width, height))
        if said:
            self._say(canvas, said, pygame.Rect(inner.x, foot.y - px(10) - strip, inner.width, strip))
        width = max(px(112), canvas.text_width(self.yes.label, 15, "bold") + px(40))
        self.yes.rect = pygame.Rect(foot.right - width, foot.y, width, foot.height)
        self.yes.draw(canvas)
        if self._cancel:
            no_width = max(px(96), canvas.text_width(self.no.label, 15) + px(40))
            self.no.rect = pygame.Rect(self.yes.rect.x - px(12) - no_width, foot.y, no_width, foot.height)
            self.no.draw(canvas)

    def _say(self, canvas: Canvas, text: str, rect: pygame.Rect) -> None:
        """What went wrong, or what is going on, above the buttons."""
        size, line = 13, canvas.px(19)
        lines = canvas.fonts.wrap(text, "regular", canvas.px(size), rect.width)
        shown = [*lines[:1], " ".join(lines[1:])] if len(lines) > 1 else lines
        ink = canvas.theme.danger if self.error else canvas.theme.muted
        for index, words in enumerate(shown):
            canvas.text(words, pygame.Rect(rect.x, rect.y + index * line, rect.width, line), size, ink)

    @abstractmethod
    def draw_body(self, canvas: Canvas, rect: pygame.Rect) -> None:
        """Draw what lies between title and buttons."""


class Question(Dialog):
    """A yes-or-no question. ``refusal`` is what "no" asks for; closed otherwise, it stays unanswered."""

    size = (440, 210)
    must_be_answered = False  #: whether a button closes it, and nothing else

    def __init__(
        self,
        title: str,
        question: str,
        texts: Texts,
        yes: str,
        intent: Intent,
        *,
        no: str = "",
        danger: bool = False,
        refusal: Intent | None = None,
    ) -> None:
        super().__init__(title, texts, yes, no=no, danger=danger)
        self._question, self._intent, self._refusal = question, intent, refusal

    def handle(self, event: pygame.Event) -> tuple[bool, Intent | None]:
        escapes = event.type == pygame.KEYDOWN and event.key == pygame.K_ESCAPE
        beside = event.type == pygame.MOUSEBUTTONDOWN and not self.rect.collidepoint(event.pos)
        if escapes or beside:
            return not self.must_be_answered, None
        done, intent = super().handle(event)
        return done, self._refusal if done and intent is None else intent

    def intent(self) -> Intent | None:
        return self._intent

    def draw_body(self, canvas: Canvas, rect: pygame.Rect) -> None:
        line = canvas.px(24)
        for index, text in enumerate(canvas.fonts.wrap(self._question, "regular", canvas.px(15), rect.width)):
            canvas.text(text, pygame.Rect(rect.x, rect.y + index * line, rect.width, line), 15)


class UrgentQuestion(Question):
    """One that is closed by a button, and by nothing else."""

    must_be_answered = True


class TextDialog(Dialog):
    """Asks for one line of text; ``intent`` makes an intent of it."""

    size = (500, 216)
    stays = True

    def __init__(
        self,
        title: str,
        example: str,
        texts: Texts,
        yes: str,
        intent: Callable[[str], Intent],
        text: str = "",
        *,
        may_be_empty: bool = False,
    ) -> None:
        super().__init__(title, texts, yes)
        self._may_be_empty = may_be_empty
        self.field = TextField(text, focused=True)
        self._example, self._intent = example, intent

    @property
    def controls(self) -> list[Control]:
        return [self.field, *super().controls]

    def intent(self) -> Intent | None:
        text = self.field.text.strip()
        return self._intent(text) if text or self._may_be_empty else None

    def draw_body(self, canvas: Canvas, rect: pygame.Rect) -> None:
        self.field.rect = pygame.Rect(rect.x, rect.y, rect.width, canvas.px(42))
        self.field.draw(canvas)
        below = pygame.Rect(rect.x, self.field.rect.bottom + canvas.px(6), rect.width, canvas.px(22))
        canvas.text(self._example, below, 13, canvas.theme.muted)


class KeysDialog(Dialog):
    """Lists the keys of a mode in two columns; a click on a line does what its key does."""

    size = (800, 640)

    def __init__(self, texts: Texts, mode: Mode) -> None:
        title = texts("keys_title") + texts("keys_mode", mode=texts(f"mode_{mode.value}"))
        super().__init__(title, texts, texts("close"), cancel=False)
        self._rows: list[tuple[str, str, Command | None]] = []
        if mode is not Mode.ANALYSE:
            self._rows += [(pressed, text, None) for pressed, text in texts.board_keys()]
        for command in Command:
            pressed = command.keys_in(mode)
            if pressed:
                self._rows.append((pressed, texts.explain(command), command))
        self._places: list[tuple[pygame.Rect, Command]] = []
        self._pointed: Command | None = None

    def handle(self, event: pygame.Event) -> tuple[bool, Intent | None]:
        if event.type in (pygame.MOUSEMOTION, pygame.MOUSEBUTTONUP):
            places = (command for place, command in self._places if place.collidepoint(event.pos))
            self._pointed = next(places, None)
            if event.type == pygame.MOUSEBUTTONUP and event.button == 1 and self._pointed is not None:
                return True, self._pointed
        return super().handle(event)

    def draw_body(self, canvas: Canvas, rect: pygame.Rect) -> None:
        theme, px = canvas.theme, canvas.px
        half = (len(self._rows) + 1) // 2
        height = rect.height // half
        column = (rect.width - px(24)) // 2
        self._places = []
        for index, (key, text, command) in enumerate(self._rows):
            x = rect.x + (column + px(24)) * (index // half)
            row = pygame.Rect(x, rect.y + height * (index % half), column, height)
            if command is not None:
                self._places.append((row, command))
                if command is self._pointed:
                    canvas.box(row.inflate(px(8), 0), theme.hover, theme.hover, 5)
            cap_width = canvas.text_width(key, 12.5, "bold") + px(16)
            cap = pygame.Rect(row.x, 0, max(cap_width, px(30)), min(px(24), height - px(3)))
            cap.centery = row.centery
            canvas.box(cap, theme.sunken, mix(theme.card_edge, theme.muted, 0.35), 5)
            canvas.text(key, cap, 12.5, align="center", face="bold")
            left = row.x + max(cap.width, px(124)) + px(10)
            canvas.text(text, pygame.Rect(left, row.y, row.right - left, height), 14)
