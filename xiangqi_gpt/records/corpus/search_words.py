"""Words that a person types to find games of a corpus, as a condition that DuckDB answers."""

from __future__ import annotations

from typing import Final

from .sql import quoted

#: Where the words are looked for.
_COLUMNS: Final = ("red", "black", "event", "date", "year", "result", "ecco")


def words_condition(text: str) -> str | None:
    """Return the condition that each word stands somewhere in a game's names, date, result or opening code.

    None where there is no word. Capital letters count as small ones.
    """
    where = f"lower(concat_ws(' ', {', '.join(_COLUMNS)}))"
    return " AND ".join(f"contains({where}, {quoted(word)})" for word in text.lower().split()) or None
