"""A command that lacks a package says what brings it here, be it a checkout, a wheel or the single file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from xiangqi_gpt import extras
from xiangqi_gpt.extras import how_to_add


@pytest.fixture
def wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Installed from a wheel, in an environment of its own."""
    source = tmp_path / "my files" / "象棋.whl"
    monkeypatch.setattr(extras, "_CHECKOUT", tmp_path)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    text = json.dumps({"url": source.as_uri()})
    installed = SimpleNamespace(version="0.2.0", read_text=lambda name: text)
    monkeypatch.setattr(extras.metadata, "distribution", lambda name: installed)
    return source


def test_a_checkout_names_its_own_environment() -> None:
    assert how_to_add("train") == '.venv/bin/pip install -c constraints.txt -e ".[train]"'


def test_a_wheel_is_installed_again_with_what_installed_it(wheel: Path, tmp_path: Path) -> None:
    assert how_to_add("train") == f"{sys.executable} -m pip install '{wheel}[train]'"
    (tmp_path / "uv-receipt.toml").touch()
    assert how_to_add("corpus") == f"uv tool install --force '{wheel}[corpus]'"
    (tmp_path / "pipx_metadata.json").touch()
    assert how_to_add("corpus") == f"pipx install --force '{wheel}[corpus]'"


@pytest.mark.parametrize("text", [None, "{", "[]", "{}"])
def test_a_wheel_of_unknown_place_is_named(text: str | None, wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = SimpleNamespace(version="0.2.0", read_text=lambda name: text)
    monkeypatch.setattr(extras.metadata, "distribution", lambda name: installed)
    assert how_to_add("train").endswith((" 'xiangqi_gpt-0.2.0-py3-none-any.whl[train]'", " 'xiangqi-gpt.whl[train]'"))


@pytest.mark.parametrize(("asked", "revision"), [({}, "4f5e"), ({"requested_revision": "v0.2"}, "v0.2")])
def test_a_repository_is_installed_from_again(
    asked: dict[str, str], revision: str, wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {"url": "https://example.org/x.git", "vcs_info": {"vcs": "git", "commit_id": "4f5e", **asked}}
    installed = SimpleNamespace(version="0.2.0", read_text=lambda name: json.dumps(found))
    monkeypatch.setattr(extras.metadata, "distribution", lambda name: installed)
    assert how_to_add("train").endswith(f" 'xiangqi-gpt[train] @ git+https://example.org/x.git@{revision}'")


def test_windows_has_its_own_words(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system = SimpleNamespace(name="nt", environ={})
    monkeypatch.setattr(extras, "os", system)
    assert how_to_add("train").endswith(f' -m pip install "{wheel}[train]"')
    monkeypatch.setattr(extras, "_CHECKOUT", Path(__file__).parents[1])
    assert how_to_add("train").startswith(r".venv\Scripts\pip install -c constraints.txt")


def test_the_single_file_says_that_nothing_can_be_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANGQI_GPT_FILE", "/home/player/xiangqi-gpt.run")
    assert "single file" in how_to_add("train") and "pip" not in how_to_add("train")


def test_a_windows_folder_has_no_slash_before_its_drive(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = json.dumps({"url": "file:///C:/my%20files/x.whl"})
    installed = SimpleNamespace(version="0.2.0", read_text=lambda name: found)
    monkeypatch.setattr(extras.metadata, "distribution", lambda name: installed)
    assert how_to_add("train").endswith(" 'C:/my files/x.whl[train]'")
