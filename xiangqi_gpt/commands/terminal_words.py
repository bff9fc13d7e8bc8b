"""What a game in the terminal says, in the languages of the window and from the same files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xiangqi_gpt.gui.i18n.texts import Texts
    from xiangqi_gpt.rules import Outcome


class TerminalWords:
    """What the terminal says in a language of ``gui/locale``."""

    def __init__(self, language: str = "en") -> None:
        from xiangqi_gpt.gui.state.languages import section

        self.language = language
        self._sentences: dict[str, str] = {**section(language, "terminal")}

    def __call__(self, key: str, **values: object) -> str:
        """Return the sentence of a key with its blanks filled; for a ``count`` of 1 that of one thing, if there is."""
        from xiangqi_gpt.gui.state.languages import filled

        return filled(self._sentences, key, values)

    def quoted(self, text: str) -> str:
        """Return what was typed, in quotation marks."""
        return f"“{repr(text)[1:-1]}”" if self.language == "zh" else repr(text)

    def player(self, name: str) -> str:
        """Return what a player is called; ``name`` is the player's own."""
        return name if self.language == "en" else self._texts().player(name)

    def ending(self, outcome: Outcome) -> str:
        """Return how a game ended."""
        if self.language == "en":
            return str(outcome)
        texts = self._texts()
        return self("ending", result=texts.result(outcome), reason=texts.termination(outcome))

    def reason(self, outcome: Outcome) -> str:
        """Return by which rule a game ended."""
        return self._texts().termination(outcome)

    def error(self, error: Exception) -> str:
        """Return what went wrong."""
        if self.language == "en":
            return str(getattr(error, "strerror", None) or error)
        from xiangqi_gpt.gui.state.error_report import report

        return str(self._texts().error(report(error)))

    def _texts(self) -> Texts:
        from xiangqi_gpt.gui.i18n.texts import Texts

        return Texts(self.language)
