"""The page of the Python interface is true, and what it calls public is there."""

import doctest
import subprocess
import sys
from pathlib import Path

import pytest

import xiangqi_gpt

PAGE = Path(__file__).resolve().parent.parent / "docs" / "api.md"


def test_every_example_runs() -> None:
    found = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert found.failed == 0
    assert found.attempted > 35


@pytest.mark.parametrize("name", xiangqi_gpt.__all__)
def test_public_names_are_there(name: str) -> None:
    assert getattr(xiangqi_gpt, name) is not None
    assert name in dir(xiangqi_gpt)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Bord'"):
        xiangqi_gpt.Bord  # noqa: B018


def test_importing_the_package_imports_nothing_else() -> None:
    code = "import sys, xiangqi_gpt; print([name for name in sys.modules if name.startswith('xiangqi_gpt.')])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


@pytest.mark.parametrize("text", ["gtp:default", "no-such-folder", "search:default,nods=50"])
def test_a_player_that_is_not_there_is_named(text: str) -> None:
    with pytest.raises(xiangqi_gpt.XiangqiError, match=r"gtp|no-such-folder|nods"):
        xiangqi_gpt.load(text)
