"""What renames or removes lies in the package ``files``, or takes what the program itself made and named; and what
reads JSON that may come from anybody goes through it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = [path for name in ("xiangqi_gpt", "gui", "data") for path in sorted((ROOT / name).rglob("*.py"))]
METHODS = {"unlink", "rename", "rmdir", "rmtree"}
#: Of the modules ``os`` and ``shutil``; other objects have methods of these names.
FUNCTIONS = {"replace", "remove", "renames", "removedirs", "move"}
#: Each with the reason why no special file, and no link that a user made, can be lost.
ALLOWED = {
    "xiangqi_gpt/commands/desktop.py": {"unlink"},  # the menu entries that it made, by their names
    "xiangqi_gpt/arena/match/game_file.py": {"unlink"},  # the end of the links, a regular file in which no game is
    "xiangqi_gpt/arena/runtime/journal.py": {"unlink"},  # a regular file, never opened through a link
    "xiangqi_gpt/records/importer/run_import.py": {
        "rmtree",
        "unlink",
    },  # its own folder of parts; both follow no link
    "xiangqi_gpt/records/importer/merge.py": {"unlink"},  # in that folder
    "xiangqi_gpt/records/openings/position_index_writer.py": {"unlink"},  # in the folder that is being made
    "xiangqi_gpt/records/importer/relations.py": {"unlink"},  # the sorted runs that it wrote in that folder
    "xiangqi_gpt/records/importer/source_games.py": {"unlink"},  # in a temporary folder
    "xiangqi_gpt/rules/kernel_cache.py": {"rmtree"},  # compiled kernels
    "xiangqi_gpt/training/run/checkpoints.py": {"rmtree", "unlink"},  # older checkpoints of the run
    "xiangqi_gpt/training/run/train.py": {"rmdir", "rmtree"},  # the folder and the store, just made, of no run
    "xiangqi_gpt/training/run/trainer.py": {"rmtree"},  # the best model so far of the run
    "gui/state/settings.py": {"replace", "unlink"},  # the end of the links, no special file
}


def destroyers(source: str) -> set[str]:
    """Names of calls in a file that rename or remove; ``replace`` with one argument is that of a path."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name, owner = node.func.attr, node.func.value
            of_module = isinstance(owner, ast.Name) and owner.id in ("os", "shutil") and name in FUNCTIONS
            of_path = name == "replace" and len(node.args) == 1 and not node.keywords
            if of_module or of_path or name in METHODS:
                found.add(name)
    return found


def test_nothing_else_renames_or_removes() -> None:
    found = {path.relative_to(ROOT).as_posix(): destroyers(path.read_text(encoding="utf-8")) for path in FILES}
    elsewhere = {name: words for name, words in found.items() if words and not name.startswith("xiangqi_gpt/files/")}
    assert elsewhere == ALLOWED


@pytest.mark.parametrize("source", ["path.replace(aside)", "os.replace(a, b)", "shutil.rmtree(a)", "path.unlink()"])
def test_it_would_be_seen(source: str) -> None:
    assert destroyers(source)
    assert not destroyers("text.replace('a', 'b'); dataclasses.replace(config, seed=1)")


#: Their JSON comes with an installed package, or is read where nothing of this project is imported yet.
PARSE_THEMSELVES = {
    "xiangqi_gpt/files/json_text.py",
    "xiangqi_gpt/commands/version.py",
    "xiangqi_gpt/extras.py",
    "xiangqi_gpt/rules/repetition_cases.py",
    "gui/first_frame.py",
}


def parses_json(source: str) -> bool:
    """Whether a file parses JSON itself; a copy of values of its own is no file's."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    found = [ast.unparse(node) for node in calls if ast.unparse(node.func) in ("json.loads", "json.load")]
    return any(not call.startswith("json.loads(json.dumps(") for call in found)


def test_nothing_else_parses_json() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in FILES if parses_json(path.read_text(encoding="utf-8"))}
    assert found == PARSE_THEMSELVES
