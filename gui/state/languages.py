"""The languages of the window."""

from __future__ import annotations

from typing import Final

#: As the settings keep them, in the order of the columns of ``i18n``.
LANGUAGES: Final = ("zh", "en")
