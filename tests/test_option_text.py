"""Texts of options are read to the last character, or refused."""

from __future__ import annotations

import doctest

import pytest

from xiangqi_gpt import option_text
from xiangqi_gpt.option_text import OptionTextError, read_options


def test_the_examples_of_the_module_run() -> None:
    found = doctest.testmod(option_text)
    assert found.attempted > 1 and found.failed == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "'' is no option"),
        ("often", "'often' is no option"),
        ("moves=1,,score=2", "'moves=1,' is no option"),
        ("moves=1,moves=2", "moves is given twice"),
        ("moves=x", "moves=x: "),
        ("when=3", "unknown option 'when'; possible are moves, score"),
    ],
)
def test_what_is_no_option_is_named(text: str, why: str) -> None:
    with pytest.raises(OptionTextError) as refused:
        read_options(text, {"moves": int, "score": int})
    assert why in str(refused.value)
