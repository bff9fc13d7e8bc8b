"""An input that failed is kept, and tried first from then on."""

from __future__ import annotations

import json
from pathlib import Path

import fuzzing
import pytest
from hypothesis import strategies as st


def test_what_failed_is_made_small_kept_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzzing, "CORPUS", tmp_path)
    monkeypatch.setattr(fuzzing, "SECONDS", 0.0)
    tried = []

    def check(raw: bytes, words: list[str]) -> None:
        tried.append((raw, words))
        assert len(raw) < 3

    with pytest.raises(AssertionError):
        fuzzing.fuzz(check, st.binary(), st.lists(st.text()))
    (kept,) = tmp_path.rglob("*.json")
    assert json.loads(kept.read_text()) == [{"hex": "000000"}, []]
    tried.clear()
    with pytest.raises(AssertionError):
        fuzzing.fuzz(check, st.binary(max_size=1), st.lists(st.text()))
    assert tried == [(b"\0\0\0", [])], "it comes first"


def test_what_is_no_plain_value_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzzing, "CORPUS", tmp_path)
    fuzzing.keep("name", [object()])
    assert not list(tmp_path.rglob("*.json"))
