"""The languages of the window and the terminal: one file each in ``gui/locale``, found by its name."""

from __future__ import annotations

import contextlib
import locale
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

#: Where the files are: ``en.toml``, ``zh.toml`` and whatever else is there.
LOCALE: Final = Path(__file__).parents[1] / "locale"
#: What takes the place of a sentence that a language lacks.
FALLBACK: Final = "en"
_FIRST: Final = ("zh", FALLBACK)
_OF_ONE: Final = "_one"  #: ends the key of a sentence about one thing

#: As the settings keep them, in the order in which they can be chosen.
LANGUAGES: Final = (*_FIRST, *sorted({path.stem for path in LOCALE.glob("*.toml")} - {*_FIRST}))

Section = Mapping[str, str]


@cache
def load_language(language: str) -> Mapping[str, Any]:
    """Return what a language's file holds: tables of sentences by their keys, and ``name``, its own name."""
    import tomllib

    return tomllib.loads((LOCALE / f"{language}.toml").read_text("utf-8"))


def section(language: str, name: str) -> Section:
    """Return a table of sentences; what the language lacks is there in English.

    A language that has no sentence of its own for one thing says it with the usual one.
    """
    own: Section = load_language(language).get(name, {})
    if language == FALLBACK:
        return own
    english = section(FALLBACK, name).items()
    return {key: text for key, text in english if key.removesuffix(_OF_ONE) not in own} | {**own}


def filled(table: Section, key: str, values: Mapping[str, object]) -> str:
    """Return the sentence of a key with its blanks filled; for a ``count`` of 1 that of one thing, if there is."""
    single = key + _OF_ONE if values.get("count") in (1, "1") else key
    return table.get(single, table[key]).format(**values)


def language_name(language: str) -> str:
    """Return what a language calls itself."""
    return str(load_language(language)["name"])


def system_language() -> str:
    """Return ``zh`` where the system speaks Chinese, by the variables that say so in their order, else ``en``."""
    with contextlib.suppress(ValueError):
        said = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
        spoken = next(filter(None, said), None) or locale.getlocale()[0] or ""
        if spoken.lower().startswith(("zh", "chinese")):
            return "zh"
    return FALLBACK
