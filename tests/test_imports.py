"""Imports run one way: each room may use only the rooms below it."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

ALLOWED = {
    "files": set(),
    "data": set(),
    "pages": set(),
    "rules": set(),
    "records": {"files", "rules", "data", "pages"},
    "model": {"files", "rules", "data"},
    "training": {"files", "rules", "records", "model", "data"},
    "players": {"rules", "model"},
    "analysis": {"files", "rules", "records", "model", "players", "pages"},
    "protocol": {"rules", "players"},
    "arena": {"files", "rules", "records", "players", "pages"},
    "gui": {"files", "rules", "records", "model", "players", "analysis", "data"},
    "commands": {
        "files",
        "rules",
        "records",
        "model",
        "training",
        "players",
        "analysis",
        "protocol",
        "arena",
        "gui",
        "pages",
        "data",
    },
}
FORBIDDEN_LIBRARIES = {
    "files": {"torch", "pygame", "duckdb", "tqdm", "numpy"},
    "rules": {"torch", "pygame", "duckdb", "tqdm"},
    "records": {"torch", "pygame"},
    "model": {"pygame", "duckdb"},
    "training": {"pygame"},
    "players": {"pygame", "duckdb"},
    "analysis": {"pygame"},
    "protocol": {"pygame", "duckdb"},
    "arena": {"pygame"},
    "gui": {"torch"},
}


def _folder(room: str) -> Path:
    return ROOT / room if room in ("gui", "data") else ROOT / "xiangqi_gpt" / room


def _imports(path: Path, package: str) -> set[str]:
    """Full names of everything a file imports, at any depth of the code."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            names |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("room", sorted(ALLOWED))
def test_a_room_imports_only_what_it_may(room: str) -> None:
    files = sorted(_folder(room).rglob("*.py"))
    assert files
    for path in files:
        inner = path.relative_to(_folder(room)).parent.parts
        for name in _imports(path, ".".join(["xiangqi_gpt", room, *inner])):
            parts = name.split(".")
            assert parts[0] not in FORBIDDEN_LIBRARIES.get(room, ()), f"{path} imports {name}"
            if parts[0] == "xiangqi_gpt" and len(parts) > 1 and parts[1] in ALLOWED and parts[1] != room:
                assert parts[1] in ALLOWED[room], f"{path} imports {name}"


def test_every_room_is_listed() -> None:
    rooms = {path.parent.name for path in (ROOT / "xiangqi_gpt").glob("*/__init__.py")}
    assert rooms | {"gui", "data"} == set(ALLOWED)
