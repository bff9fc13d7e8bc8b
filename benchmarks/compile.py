"""What compiling the kernels costs: functions and processor seconds of each stage, from an empty cache.

Run: python benchmarks/compile.py [--rounds N] [--against CHECKOUT], another checkout whose ``warm`` is timed in turn.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from xiangqi_gpt.machine import machine_line

ROOT = Path(__file__).resolve().parent.parent
STAGES = """
import json, time
from numba.core import event
from xiangqi_gpt.commands.kernel_stages import STAGES, stage
from xiangqi_gpt.rules.compile_kernels import make_ready
rows = {"imports": [0, 0, time.process_time()]}
for name in STAGES:
    start = time.process_time()
    with event.install_recorder("numba:compile") as recorder:
        kernels = make_ready(stage(name))
    functions = sum(moment.is_start for _, moment in recorder.buffer)
    rows[name] = [kernels, functions, time.process_time() - start]
print(json.dumps(rows))
"""
WHOLE = "import sys; from xiangqi_gpt.commands.main import main; sys.exit(main(['warm']))"


def run(code: str, checkout: Path) -> tuple[str, float]:
    """Output, and processor seconds with those of its children, of a process that finds an empty cache."""
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {"NUMBA_CACHE_DIR": cache, "PYTHONPATH": str(checkout)}
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stdout.decode(), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the table; of several rounds the one with the least processor time counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2, help="times that everything is compiled (default: 2)")
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="another checkout, compiled in turn")
    options = parser.parse_args()
    stages, others = [], []
    for _ in range(options.rounds):
        text, seconds = run(STAGES, ROOT)
        stages.append((seconds, json.loads(text)))
        if options.against:
            others.append(run(WHOLE, options.against.resolve())[1])
    total, rows = min(stages, key=lambda row: row[0])
    chosen = os.environ.get("NUMBA_CPU_NAME")
    print(machine_line() + (f", compiling for {chosen}" if chosen else ""))
    print(f"{'':12}{'kernels':>10}{'all functions':>16}{'processor seconds':>20}")
    for name, (kernels, functions, seconds) in rows.items():
        print(f"{name:12}{kernels:>10}{functions:>16}{seconds:>20.1f}")
    kernels, functions = (sum(row[i] for row in rows.values()) for i in (0, 1))
    print(f"{'together':12}{kernels:>10}{functions:>16}{total:>20.1f}   (the process from its start)")
    if others:
        print(f"{options.against}: {min(others):.1f} processor seconds, {min(others) / total:.2f} x")


if __name__ == "__main__":
    main()
