"""What the status line says for a while instead of what is going on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..i18n.texts import Texts
from ..state.scene import Tone
from .mode_context import Wording

#: How long a notice stays, in seconds.
NOTICE: Final = 5.0


@dataclass(frozen=True)
class _Notice:
    wording: Wording
    tone: Tone
    until: float | None  # None: as long as the person does nothing


class Notices:
    """The latest notice; it is put into words when it is drawn, so that it follows a change of the language."""

    def __init__(self) -> None:
        self._latest: _Notice | None = None

    def say(self, wording: Wording, now: float, tone: Tone = Tone.PLAIN, *, lasting: bool = False) -> None:
        """Show a notice from ``now`` on, for a while or until the person does something."""
        self._latest = _Notice(wording, tone, None if lasting else now + NOTICE)

    def act(self) -> None:
        """The person does something: what went wrong before has been read."""
        if self._latest is not None and self._latest.until is None:
            self._latest = None

    def clear(self) -> None:
        """Take the notice back."""
        self._latest = None

    def line(self, texts: Texts) -> tuple[str, Tone] | None:
        """Return the notice and its tone; None where there is none."""
        return None if self._latest is None else (self._latest.wording(texts), self._latest.tone)

    def failure(self, texts: Texts) -> str:
        """Return what went wrong just now; empty where nothing did."""
        text, tone = self.line(texts) or ("", Tone.PLAIN)
        return text if tone is Tone.BAD else ""

    def tick(self, now: float) -> bool:
        """Take back a notice whose time is over; return whether there was one."""
        until = self.wake_at()
        is_over = until is not None and now >= until
        if is_over:
            self._latest = None
        return is_over

    def wake_at(self) -> float | None:
        """Return when the notice goes; None where there is none, or nobody knows."""
        return None if self._latest is None else self._latest.until
