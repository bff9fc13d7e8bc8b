"""Calls the same command twice at the same time: one does the work, the other is refused in a line or finds it done.

    python tests/guards/two_at_once.py [--jobs import,train] [--rounds 2] [--games 24] [--seed 1] [--keep FOLDER]

The second call comes a random moment of at most half the work's time after the first; of a command that can go on, it
is the one that does so in every other round. Afterwards the output must be that of a single call, nothing unfinished
may lie beside it, and the refused call must have said so in one line with status 2. Prints a line a job, with the
reasons for which calls were refused; exit status 1 after a finding.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from guard_loop import Finding, guard_main
from jobs import Job, clear, command
from kill import finish
from patience import becomes


def guard(job: Job, work: Path, options: argparse.Namespace, chance: random.Random) -> str:
    """Run a job twice at once in every round; returns what was tried. Raises ``Finding``."""
    clear(work / "tmp")
    reference = clear(work / "reference")
    began = time.monotonic()
    finish(job, reference)
    seconds = time.monotonic() - began
    expected, names = job.content(reference), sorted(path.name for path in reference.iterdir())
    refused: Counter[str] = Counter()
    for number in range(options.rounds):
        folder = clear(work / "twice")
        calls = []
        for _ in range(2):
            goes_on = bool(calls and job.again and number % 2)
            if goes_on:
                becomes((folder / job.output).exists, seconds)
            pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
            calls.append(subprocess.Popen(command(job.again if goes_on else job.command), cwd=folder, **pipes))
            time.sleep(chance.uniform(0, seconds / 2))
        ends = [(*call.communicate(), call.returncode) for call in calls]
        statuses = sorted(status for _, _, status in ends)
        if statuses not in ([0, 0], [0, 2]):
            raise Finding(f"exit status {statuses}: {[err[-500:] for _, err, _ in ends]}")
        for _, err, status in ends:
            if status == 2 and ("Traceback" in err or not err.splitlines()[-1].startswith("xiangqi-gpt")):
                raise Finding(f"refused with {err[-500:]!r}")
            if status == 2:
                refused[err.splitlines()[-1].partition(": ")[2][:70]] += 1
        found = sorted(path.name for path in folder.iterdir())
        if found != names and not (job.name == "ladder" and statuses == [0, 0]):  # which then takes the next name
            raise Finding(f"they left {found}, a single call {names}")
        if job.content(folder) != expected:
            raise Finding("the output is not that of a single call")
    why = "".join(f"; {count} times: {text}" for text, count in refused.items())
    return f"{options.rounds} rounds, {seconds:.1f} s alone, {refused.total()} calls refused{why}"


if __name__ == "__main__":
    sys.exit(guard_main(str(__doc__), guard, rounds=2, games=24))
