"""The languages of the window and the terminal: one file each in ``gui/locale``, found by its name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

#: Where the files are: ``en.toml``, ``zh.toml`` and whatever else is there.
LOCALE: Final = Path(__file__).parents[1] / "locale"
#: What takes the place of a sentence that a language lacks.
FALLBACK: Final = "en"
_FIRST: Final = ("zh", FALLBACK)

#: As the settings keep them, in the order in which they can be chosen.
LANGUAGES: Final = (*_FIRST, *sorted({path.stem for path in LOCALE.glob("*.toml")} - {*_FIRST}))

Section = Mapping[str, str]


@cache
def load_language(language: str) -> Mapping[str, Any]:
    """Return what a language's file holds: tables of sentences by their keys, and ``name``, its own name."""
    import tomllib

    return tomllib.loads((LOCALE / f"{language}.toml").read_text("utf-8"))


def section(language: str, name: str) -> Section:
    """Return a table of sentences; what the language lacks is there in English."""
    own: Section = load_language(language).get(name, {})
    return own if language == FALLBACK else {**section(FALLBACK, name), **own}


def language_name(language: str) -> str:
    """Return what a language calls itself."""
    return str(load_language(language)["name"])
