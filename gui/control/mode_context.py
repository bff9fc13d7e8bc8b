"""What the modes need of the program around them: the controller is it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from ..i18n.texts import Texts
from ..state.mode import Mode
from ..state.scene import Tone
from ..state.session import GameSession
from ..state.settings import Settings
from ..state.study import Study
from ..worker.messages import Failed, Question

Wording = Callable[[Texts], str]


class ModeContext(Protocol):
    """Where the modes ask players, change settings and say something to the person."""

    @property
    def session(self) -> GameSession:
        """The game being played."""
        ...

    @property
    def settings(self) -> Settings:
        """The person's choices."""
        ...

    @property
    def shows_ideas(self) -> bool:
        """Whether what the model thinks of the game is shown."""
        ...

    @property
    def mode(self) -> Mode:
        """What the board is used for."""
        ...

    def load(self, spec: str, *, again: bool = False) -> None:
        """Have a player made ready; ``again``: also one that was ready before."""
        ...

    def unload(self, spec: str, successor: str) -> None:
        """Let go of a player; where it plays, another one goes on in its place."""
        ...

    def is_ready(self, spec: str) -> bool:
        """Return whether a player can be asked without waiting for it to be loaded."""
        ...

    def ask(self, question: Callable[[int], Question]) -> int:
        """Send a question made from a fresh number, and return the number."""
        ...

    def cancel(self, number: int) -> None:
        """Forget a question."""
        ...

    def notify(self, wording: Wording, now: float, tone: Tone = Tone.PLAIN, *, lasting: bool = False) -> None:
        """Say something in the status line for a while, or until the person does something."""
        ...

    def clear_notice(self) -> None:
        """Take back what was said."""
        ...

    def show_error(self, failure: Failed, now: float) -> None:
        """Say what went wrong."""
        ...

    def change(self, **values: Any) -> None:
        """Change settings and keep them."""
        ...

    def keep_game(self, session: GameSession) -> None:
        """Keep the game being played, so that it can be gone on with after a crash."""
        ...

    def keep_study(self, study: Study) -> None:
        """Keep a study with variations that were not saved in the same way; one without is forgotten."""
        ...

    def show_study(self) -> None:
        """Bring Analyse mode to the screen."""
        ...
