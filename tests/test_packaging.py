"""What an installed copy needs is in what gets installed."""

import re
import tomllib
from pathlib import Path

import pytest

import xiangqi_gpt

ROOT = Path(__file__).resolve().parent.parent
SETUP = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]


def _folder(package: str) -> Path:
    """Where a package lies: as ``package-dir`` says of it or of the package it is in."""
    if package in SETUP["package-dir"]:
        return ROOT / SETUP["package-dir"][package]
    parent, _, name = package.rpartition(".")
    return _folder(parent) / name if parent else ROOT / name


FOLDERS = {name: _folder(name) for name in SETUP["packages"]}


@pytest.mark.parametrize("package", FOLDERS)
def test_every_file_beside_the_code_is_installed(package: str) -> None:
    """Text for readers of the repository, such as ``data/README.md``, stays there."""
    folder, inner = FOLDERS[package], [other for name, other in FOLDERS.items() if name != package]
    here = {
        path
        for path in folder.rglob("*")
        if path.is_file()
        and path.suffix != ".py"
        and not any(part.startswith((".", "__")) for part in path.relative_to(folder).parts)
        and not any(other.is_relative_to(folder) and path.is_relative_to(other) for other in inner)
    }
    installed = {path for pattern in SETUP["package-data"].get(package, ()) for path in folder.glob(pattern)}
    assert not {path for path in here - installed if path.name != "README.md"}


def test_every_room_is_installed() -> None:
    rooms = {path.parent for top in ("xiangqi_gpt", "gui", "data") for path in (ROOT / top).rglob("__init__.py")}
    assert rooms == set(FOLDERS.values())


def test_every_folder_of_code_is_a_package() -> None:
    code = {path.parent for top in ("xiangqi_gpt", "gui", "data") for path in (ROOT / top).rglob("*.py")}
    assert code == set(FOLDERS.values())


def test_the_version_is_the_same_everywhere_and_its_changes_have_a_date() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+) \((\d{4}-\d\d-\d\d|unreleased)\)$", changes, re.M)
    assert newest is not None
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == xiangqi_gpt.__version__
    if newest[2] != "unreleased":  # else the version is raised with the release
        assert newest[1] == xiangqi_gpt.__version__
