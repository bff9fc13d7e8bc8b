"""JSON of any kind is a value or a ``ValueError``."""

from __future__ import annotations

import pytest

from xiangqi_gpt.files import parse_json


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000, "", "{", b"\xff", "nonsense", "1" * 10_000])
def test_what_is_no_json_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"JSON|Expecting|Exceeds|decode"):
        parse_json(text)


def test_a_value_is_returned() -> None:
    text = '{"a": [1, "炮", null]}'
    assert parse_json(text) == parse_json(text.encode()) == {"a": [1, "炮", None]}
