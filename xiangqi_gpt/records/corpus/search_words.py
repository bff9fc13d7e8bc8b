"""Words that a person types to find games of a corpus, as a condition that DuckDB answers."""

from __future__ import annotations

from typing import Final

from .sql import quoted

#: Where the words are looked for.
_COLUMNS: Final = ("red", "black", "event", "date", "year", "result", "ecco")
#: Results as Chinese records say them.
RESULTS_IN_CHINESE: Final = {
    **dict.fromkeys(("红胜", "红先胜", "先胜"), "1-0"),
    **dict.fromkeys(("黑胜", "红先负", "先负"), "0-1"),
    **dict.fromkeys(("和", "和棋", "和局", "平局", "红先和", "先和"), "1/2-1/2"),
}


def words_condition(text: str) -> str | None:
    """Return the condition that each word stands somewhere in a game's names, date, result or opening code.

    None where there is no word. Capital letters count as small ones; results may be said in Chinese.
    """
    where = f"lower(concat_ws(' ', {', '.join(_COLUMNS)}))"
    conditions = []
    for word in text.lower().split():
        contained = f"contains({where}, {quoted(word)})"
        conditions.append(
            f"({contained} OR result = '{RESULTS_IN_CHINESE[word]}')" if word in RESULTS_IN_CHINESE else contained
        )
    return " AND ".join(conditions) or None
