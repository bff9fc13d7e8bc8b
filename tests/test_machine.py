"""The machine line: what a program may use, and what the environment hides from it."""

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import TypeGuard

import pytest

from xiangqi_gpt.machine import Machine, machine_line, this_machine, usable_cores

#: Of the files in ``benchmarks`` these are no programs, but what some of those share.
SHARED = {"window_frames"}
BENCHMARKS = sorted(path for path in (Path(__file__).parents[1] / "benchmarks").glob("*.py") if path.stem not in SHARED)


def test_the_line_names_processor_cores_and_the_highest_instruction_set() -> None:
    machine = Machine("Some CPU", ("SSE4.2", "AVX2", "AVX-512", "AMX bf16"), 2)
    assert str(machine) == "Some CPU, 2 cores, AVX-512 AMX bf16"
    assert machine.has_bf16_units
    laptop = Machine("Some CPU", ("SSE4.2", "AVX2"), 1, "ONEDNN_MAX_CPU_ISA=AVX2")
    assert str(laptop) == "Some CPU, 1 core, AVX2, emulated by ONEDNN_MAX_CPU_ISA=AVX2"
    assert not laptop.has_bf16_units


def test_this_machine_is_described() -> None:
    machine = this_machine()
    assert machine.processor
    assert 1 <= machine.cores == usable_cores() <= (os.cpu_count() or 1)
    assert machine_line() == str(machine)
    assert "\n" not in machine_line()


def test_a_lower_level_in_the_environment_hides_bf16_units() -> None:
    code = "from xiangqi_gpt.machine import this_machine as m; print(m().has_bf16_units, m().instruction_sets)"
    said = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "ONEDNN_MAX_CPU_ISA": "avx2"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.startswith("False")
    assert "AVX-512" not in said


@pytest.mark.parametrize("path", BENCHMARKS, ids=lambda path: path.stem)
def test_every_benchmark_names_its_machine(path: Path) -> None:
    body = ast.parse(path.read_text("utf-8")).body
    (main,) = (node for node in body if isinstance(node, ast.FunctionDef) and node.name == "main")
    printed = [ast.unparse(node.args[0]) for node in ast.walk(main) if _is_print(node)]
    assert any("machine_line(" in text for text in printed)


def _is_print(node: ast.AST) -> TypeGuard[ast.Call]:
    is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    return is_call and node.func.id == "print" and bool(node.args)  # type: ignore[attr-defined]
