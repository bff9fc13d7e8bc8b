"""The examples in the docstrings run."""

import doctest
import importlib
import pkgutil

import pytest

import xiangqi_gpt.rules

MODULES = [f"xiangqi_gpt.rules.{module.name}" for module in pkgutil.iter_modules(xiangqi_gpt.rules.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_the_main_modules_have_examples() -> None:
    for name in ("board", "moves", "notation", "batch", "perft"):
        assert doctest.testmod(importlib.import_module(f"xiangqi_gpt.rules.{name}")).attempted > 0
