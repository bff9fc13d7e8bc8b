"""Calls the same command twice at the same time: one does the work, the other is refused in a line or finds it done.

    python tests/guards/two_at_once.py [--jobs import,train] [--rounds 2] [--games 24] [--seed 1]

The second call comes a random moment of at most half the work's time after the first. Afterwards the output must be
that of a single call, nothing unfinished may lie beside it, and the refused call must have said so in one line with
status 2. Prints a line a job; exit status 1 after a finding.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from jobs import Job, clear, command, jobs, make_inputs
from kill import Finding, finish


def guard(job: Job, work: Path, rounds: int, chance: random.Random) -> str:
    """Run a job twice at once in every round; returns what was tried. Raises ``Finding``."""
    clear(work / "tmp")
    reference = clear(work / "reference")
    began = time.monotonic()
    finish(job, reference)
    seconds = time.monotonic() - began
    expected, names = job.content(reference), sorted(path.name for path in reference.iterdir())
    refused = 0
    for _ in range(rounds):
        folder = clear(work / "twice")
        calls = []
        for _ in range(2):
            pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
            calls.append(subprocess.Popen(command(job.command), cwd=folder, **pipes))
            time.sleep(chance.uniform(0, seconds / 2))
        ends = [(*call.communicate(), call.returncode) for call in calls]
        statuses = sorted(status for _, _, status in ends)
        if statuses not in ([0, 0], [0, 2]):
            raise Finding(f"exit status {statuses}: {[err[-500:] for _, err, _ in ends]}")
        for _, err, status in ends:
            if status == 2 and ("Traceback" in err or not err.splitlines()[-1].startswith("xiangqi-gpt")):
                raise Finding(f"refused with {err[-500:]!r}")
        refused += statuses == [0, 2]
        found = sorted(path.name for path in folder.iterdir())
        if found != names and not (job.name == "ladder" and statuses == [0, 0]):  # which then takes the next name
            raise Finding(f"they left {found}, a single call {names}")
        if job.content(folder) != expected:
            raise Finding("the output is not that of a single call")
    return f"{rounds} rounds, {refused} times the second was refused, {seconds:.1f} s alone"


def main() -> int:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", default="", help="names, separated by commas (default: all)")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--games", type=int, default=24, help="of the jobs that play")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    options = parser.parse_args()
    wanted = [name for name in options.jobs.split(",") if name]
    findings = 0
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        make_inputs(work / "in")
        for job in jobs(work / "in", options.games):
            if not wanted or job.name in wanted:
                try:
                    result = guard(job, work / job.name, options.rounds, random.Random(f"{options.seed} {job.name}"))
                except Finding as finding:
                    findings += 1
                    result = f"FOUND: {finding}"
                print(f"{job.name:10} {result}", flush=True)
    return min(1, findings)


if __name__ == "__main__":
    sys.exit(main())
