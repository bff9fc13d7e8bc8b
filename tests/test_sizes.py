"""Files stay under 400 lines and functions under nine parameters; each that does not is named here with a reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES = 400
MOST_PARAMETERS = 8

LONG_FILES = {
    "xiangqi_gpt/records/game_node.py": "one class with the reading and changing of a tree, as chess.pgn has it",
    "xiangqi_gpt/analysis/material_kernels.py": "one search, whose kernels call each other and compile together",
}
#: Those that are a command's options or a player's, all by keyword: an object of them would repeat the names only.
MANY_PARAMETERS = {
    "xiangqi_gpt/arena/datagen/label.py label_corpus": "the options of records label",
    "xiangqi_gpt/arena/match/match.py play_match": "what a match may be given, of which most callers give two",
    "xiangqi_gpt/arena/tournament/match_plan.py plan_match": "the options of match, as text",
    "xiangqi_gpt/training/evaluation/evaluate_model.py evaluate_model": "the options of evaluate",
    "xiangqi_gpt/players/gpt.py __init__": "the options of a gpt spec",
    "xiangqi_gpt/players/search.py __init__": "the options of a search spec",
}


def sources() -> Iterator[tuple[str, str]]:
    """The name and the text of every file of the package."""
    for base in ("xiangqi_gpt", "gui", "data"):
        for path in sorted((ROOT / base).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many it has, without the object it belongs to; 0 for a kernel, which numba gives no objects."""
    if any("jit" in ast.unparse(decorator) for decorator in function.decorator_list):
        return 0
    names = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return sum(name.arg not in ("self", "cls") for name in names)


def test_files_are_short_or_named() -> None:
    long = {name for name, text in sources() if text.count("\n") > MOST_LINES}
    assert long == LONG_FILES.keys()


def test_functions_have_few_parameters_or_are_named() -> None:
    many = {
        f"{name} {node.name}"
        for name, text in sources()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and parameters(node) > MOST_PARAMETERS
    }
    assert many == MANY_PARAMETERS.keys()
