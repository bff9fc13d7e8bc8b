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
    "user_store": {"files", "rules"},
    "records": {"files", "rules", "data", "pages"},
    "inference": {"files", "rules", "data"},
    "model": {"files", "rules", "data", "inference"},
    "training": {"files", "rules", "records", "model", "inference", "data"},
    "players": {"rules", "inference", "model"},
    "analysis": {"files", "rules", "records", "inference", "model", "players", "pages", "user_store"},
    "protocol": {"rules", "players"},
    "arena": {"files", "rules", "records", "players", "pages"},
    "gui": {"files", "rules", "records", "inference", "model", "players", "analysis", "data", "user_store"},
    "improvement": {
        *("files", "rules", "records", "inference", "model", "training"),
        *("players", "arena", "pages", "data"),
    },
    "commands": {
        "files",
        "rules",
        "records",
        "inference",
        "model",
        "training",
        "players",
        "analysis",
        "protocol",
        "arena",
        "improvement",
        "gui",
        "pages",
        "data",
        "user_store",
    },
}
#: Which of its siblings, sub-packages and modules beside them, a sub-package may import.
INSIDE = {
    "gui": {
        "state": set(),
        "i18n": {"state"},
        "worker": {"state"},
        "control": {"state", "i18n", "worker"},
        "widgets": {"state", "i18n"},
        "dialogs": {"state", "i18n", "control", "widgets"},
        "views": {"state", "i18n", "control", "widgets", "dialogs", "display"},
    },
    "records": {
        "corpus": {"errors", "files", "game", "results"},
        "formats": {"errors", "files", "game", "game_node", "results", "corpus"},
        "store": {"errors", "files", "corpus"},
        "openings": {"files", "game", "results", "plural", "corpus"},
        "importer": {
            *("errors", "files", "game", "results", "plural", "load_games", "compile_kernels"),
            *("formats", "corpus", "store", "openings"),
        },
    },
    "training": {
        "data": {"config", "errors"},
        "runtime": {"config", "errors"},
        "optim": {"config", "errors", "data"},
        "evaluation": {"config", "errors", "data", "optim"},
        "run": {"config", "errors", "data", "optim", "runtime", "evaluation"},
        "recipes": {"config", "errors", "data", "optim", "runtime", "evaluation", "run"},
    },
    "arena": {
        "elo": set(),
        "runtime": set(),
        "match": {"elo", "runtime"},
        "tournament": {"elo", "runtime", "match"},
        "ladder": {"elo", "match", "tournament"},
        "datagen": {"runtime", "match"},
        "report": {"elo", "match", "tournament"},
        "tuning": {"elo", "match", "runtime", "tournament"},
    },
}
FORBIDDEN_LIBRARIES = {
    "files": {"torch", "pygame", "duckdb", "tqdm", "numpy"},
    "rules": {"torch", "pygame", "duckdb", "tqdm"},
    "user_store": {"torch", "pygame", "duckdb", "tqdm", "numpy"},
    "records": {"torch", "pygame"},
    "inference": {"torch", "pygame", "duckdb", "tqdm"},
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


def _is_for_types(node: ast.AST) -> bool:
    """Whether this is ``if TYPE_CHECKING:``."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _imports(path: Path, package: str, *, skip_types: bool = False) -> set[str]:
    """Full names of everything a file imports, at any depth of the code; those for type checkers may be left out."""
    names = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {id(inner) for node in ast.walk(tree) if _is_for_types(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if skip_types and id(node) in for_types:
            continue
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


def _edges(room: str) -> set[tuple[str, str]]:
    """Which sub-package or module of a room imports which other one; what is only for type checkers is left out."""
    folder, name = _folder(room), f"xiangqi_gpt.{room}"
    edges = set()
    for path in sorted(folder.rglob("*.py")):
        inner = path.relative_to(folder).parts
        if inner == ("__init__.py",):
            continue
        here = inner[0].removesuffix(".py")
        for found in _imports(path, ".".join([name, *inner[:-1]]), skip_types=True):
            if found.startswith(f"{name}."):
                there = found.split(".")[2]
                if there != here and ((folder / there).is_dir() or (folder / f"{there}.py").is_file()):
                    edges.add((here, there))
    return edges


@pytest.mark.parametrize("room", sorted(INSIDE))
def test_a_sub_package_imports_only_what_it_may(room: str) -> None:
    assert {path.parent.name for path in _folder(room).glob("*/__init__.py")} == set(INSIDE[room])
    against = {
        (here, there) for here, there in _edges(room) if here in INSIDE[room] and there not in INSIDE[room][here]
    }
    assert not against


@pytest.mark.parametrize("room", sorted(INSIDE))
def test_imports_inside_a_room_run_one_way(room: str) -> None:
    edges = _edges(room)
    left = {name for edge in edges for name in edge}
    while last := {name for name in left if not any(here == name and there in left for here, there in edges)}:
        left -= last
    assert not left, "these import each other"


def test_every_room_is_listed() -> None:
    rooms = {path.parent.name for path in (ROOT / "xiangqi_gpt").glob("*/__init__.py")}
    assert rooms | {"gui", "data"} == set(ALLOWED)
