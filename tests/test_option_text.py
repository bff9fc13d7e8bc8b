"""Texts of options are read to the last character, or refused."""

from __future__ import annotations

import doctest

import pytest

from xiangqi_gpt import option_text
from xiangqi_gpt.option_text import OptionTextError, read_number, read_options, read_range


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


@pytest.mark.parametrize(
    "text", ["", "club", "club=", "=2", "club=many", "club=inf", "club=nan", "club=1_0", "club=1e3"]
)
def test_a_name_wants_a_number(text: str) -> None:
    with pytest.raises(OptionTextError, match="expected NAME=NUMBER"):
        read_number(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("nodes", "expected NAME=LOW..HIGH"),
        ("=1..2", "expected NAME=LOW..HIGH"),
        ("nodes=...3", "expected NAME=LOW..HIGH"),
        ("nodes=1..3..5", "expected NAME=LOW..HIGH"),
        ("nodes=1..3,step=1", "expected NAME=LOW..HIGH"),
        ("nodes=3..3", "3 is not below 3"),
        ("nodes=2.5..-1", "2.5 is not below -1"),
    ],
)
def test_a_range_has_a_name_and_two_bounds(text: str, why: str) -> None:
    with pytest.raises(OptionTextError) as refused:
        read_range(text)
    assert why in str(refused.value)


def test_bounds_with_a_point_are_no_whole_numbers() -> None:
    assert not read_range("top_p=.1..1").is_whole and read_range("top_p=-3..+1").is_whole
