"""What a game in the terminal says, in the languages of the window and from the same files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .terminal_record import ABORTED

if TYPE_CHECKING:
    from xiangqi_gpt.gui.i18n.texts import Texts
    from xiangqi_gpt.rules import Outcome


class TerminalWords:
    """What the terminal says in a language of ``gui/locale``."""

    def __init__(self, language: str = "en", *, letters: bool = False) -> None:
        """``letters``: for a terminal that can write nothing but Latin letters."""
        from xiangqi_gpt.gui.state.languages import section

        self.language, self.letters = language, letters
        self._sentences: dict[str, str] = {**section(language, "terminal")}

    def __call__(self, key: str, **values: object) -> str:
        """Return the sentence of a key with its blanks filled; for a ``count`` of 1 that of one thing, if there is."""
        from xiangqi_gpt.gui.state.languages import filled

        return str(filled(self._sentences, key, values))

    def quoted(self, text: str) -> str:
        """Return what was typed, in quotation marks."""
        return f"“{repr(text)[1:-1]}”" if self.language == "zh" else repr(text)

    def player(self, spec: str) -> str:
        """Return what a player is called, with its level."""
        name = str(self._texts().player(spec))
        return name.replace(" · ", ", ") if self.letters else name

    def player_and_what_it_does(self, spec: str) -> str:
        """Return what a player is called, and a few words about it where there are some."""
        about = self._texts().about_player(spec)
        if about == spec or f"{about}," in f"{spec.partition(':')[2]},":  # a name, no words
            return self.player(spec)
        return self(
            "player_about",
            name=self.player(spec),
            about=about if about[:2].isupper() else about[:1].lower() + about[1:],
        )

    def ending(self, outcome: Outcome) -> str:
        """Return how a game ended."""
        if outcome.detail == ABORTED:
            return self("aborted")
        if self.language == "en":
            return str(outcome)
        texts = self._texts()
        return self("ending", result=texts.result(outcome), reason=texts.termination(outcome))

    def reason(self, outcome: Outcome) -> str:
        """Return by which rule a game ended."""
        return str(self._texts().termination(outcome))

    def error(self, error: Exception) -> str:
        """Return what went wrong."""
        if self.language == "en":
            return str(getattr(error, "strerror", None) or error)
        from xiangqi_gpt.gui.state.error_report import report

        return str(self._texts().error(report(error)))

    def _texts(self) -> Texts:
        from xiangqi_gpt.gui.i18n.texts import Texts

        return Texts(self.language)
