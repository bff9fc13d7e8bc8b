"""The guards (``tests/guards``) empty no folder that they did not make."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

import pytest

GUARDS = Path(__file__).parent / "guards"


def test_a_folder_that_is_kept_is_emptied_only_if_a_guard_made_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(GUARDS))
    from guard_loop import work_folder

    parser, kept = argparse.ArgumentParser(), tmp_path / "kept"
    for _ in range(2):  # the second time it holds what the first one left
        with work_folder(parser, str(kept)) as folder:
            assert [path.name for path in folder.iterdir() if not path.name.startswith(".")] == []
            (folder / "left").write_text("of a guard")
    (tmp_path / "mine").write_text("not of a guard")
    for refused in (tmp_path, tmp_path / "mine"):
        with pytest.raises(SystemExit), work_folder(parser, str(refused)):
            pass
    assert (tmp_path / "mine").exists() and (kept / "left").exists()
    assert "not from a guard" in capsys.readouterr().err


@pytest.mark.parametrize("guard", ["kill", "two_at_once"])
def test_guards_name_the_jobs_that_there_are(
    guard: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(GUARDS))
    main = importlib.import_module("guard_loop").guard_main
    for words, status in (["--help"], 0), (["--jobs", "train,nosuch"], 2):
        monkeypatch.setattr(sys, "argv", [guard, *words])
        with pytest.raises(SystemExit) as ended:
            main("", importlib.import_module(guard).guard, rounds=1, games=1)
        said = "".join(capsys.readouterr())
        assert ended.value.code == status and "improve" in said and ("nosuch" in said) == bool(status)
