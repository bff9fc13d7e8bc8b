"""Kills commands at random moments, lets them go on, and compares what comes out with an uninterrupted run.

    python tests/guards/kill.py [--jobs import,train] [--rounds 3] [--kills 5] [--share 1] [--games 60]

Each round calls a command and kills it (SIGKILL) at a random moment of the time it takes, ``--kills`` times, each time
with the same command or its ``--resume`` after it; then it may finish. One that ends before its moment is looked at and
begins again. The output must be that of a run that nobody killed, no process may outlive the killed one, and nothing
unfinished may lie beside the output. Prints a line a job; exit status 1 after a finding.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from guard_loop import Finding, guard_main
from jobs import Job, clear, command
from patience import becomes

_MARK = "XIANGQI_GPT_GUARD"
#: Seconds in which what a killed command started ends: on a busy machine a process may still be importing.
_END_SECONDS = 60.0
#: Calls in which a kill is made at the latest: some end before their moment has come.
_CALLS_FOR_A_KILL = 3


def start(words: Sequence[str], folder: Path, mark: str, output: int | IO[str]) -> subprocess.Popen[str]:
    """Start a command; whatever it starts has the mark in its environment."""
    environment = os.environ | {_MARK: mark, "TMPDIR": str(folder.parent / "tmp")}
    return subprocess.Popen(
        command(words), cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT, text=True
    )


def processes(mark: str) -> list[str]:
    """The command lines of the living processes with a mark."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdecimal():
            try:
                if f"{_MARK}={mark}".encode() in (process / "environ").read_bytes():
                    found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
            except OSError:
                continue  # it has ended, or is another user's
    return found


def finish(job: Job, folder: Path) -> None:
    """Run a job to its end, going on with what is there."""
    mark = uuid.uuid4().hex
    told = []
    for words in (job.again, job.command) if job.again and (folder / job.output).exists() else (job.command,):
        process = start(words, folder, mark, subprocess.PIPE)
        said, _ = process.communicate()
        told.append(said[-1000:])
        if process.returncode == 0:
            break
        if "exists already" in said:
            break  # it was done when it was killed
        if "delete it" in said:  # it was killed before it had anything to go on from, and says so
            shutil.rmtree(folder / job.output)
            finish(job, folder)
            return
        if process.returncode != 2:
            raise Finding(f"exit status {process.returncode}: {said[-1000:]}")
    else:
        raise Finding(f"it does not go on: {told}")
    if not becomes(lambda: not processes(mark), _END_SECONDS):
        raise Finding(f"processes are left: {processes(mark)}")


def interrupt(job: Job, folder: Path, seconds: float) -> bool:
    """Run a job for some seconds and kill it; whether it had to be killed."""
    mark = uuid.uuid4().hex
    words = job.again if job.again and (folder / job.output).exists() else job.command
    with (folder.parent / "output.txt").open("w") as output:
        process = start(words, folder, mark, output)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            if not becomes(lambda: not processes(mark), _END_SECONDS):
                raise Finding(f"processes outlive the killed one: {processes(mark)}") from None
            return True
    if process.returncode not in (0, 2):
        raise Finding(f"exit status {process.returncode}: {(folder.parent / 'output.txt').read_text()[-1000:]}")
    return False


def guard(job: Job, work: Path, options: argparse.Namespace, chance: random.Random) -> str:
    """Kill a job in every round; returns what was tried. Raises ``Finding``."""
    clear(work / "tmp")
    reference = clear(work / "reference")
    began = time.monotonic()
    finish(job, reference)
    seconds = time.monotonic() - began
    expected, names = job.content(reference), sorted(path.name for path in reference.iterdir())
    if names != sorted(job.outputs):
        raise Finding(f"an uninterrupted run leaves {names}, not {sorted(job.outputs)}")
    kept = {path.name for path in (work / "tmp").iterdir()}  # such as PyTorch's own cache
    killed = 0

    def compare(folder: Path) -> None:
        found = sorted(path.name for path in folder.iterdir())
        if found != names:
            raise Finding(f"it left {found}, an uninterrupted run {names}")
        if left := sorted({path.name for path in (work / "tmp").iterdir()} - kept):
            raise Finding(f"it left {left} in the folder for temporary files")
        if job.content(folder) != expected:
            raise Finding("its output is not that of an uninterrupted run")

    for _ in range(options.rounds):
        folder = clear(work / "killed")
        left = options.kills
        for _ in range(_CALLS_FOR_A_KILL * options.kills):
            if left and interrupt(job, folder, chance.uniform(0.1, 1.0) * options.share * seconds):
                left -= 1
            elif left:  # what was left to do took less than that: begin again, so that every kill is made
                finish(job, folder)
                compare(folder)
                clear(folder)
        killed += options.kills - left
        finish(job, folder)
        compare(folder)
    return f"{options.rounds} rounds, {killed} kills, {seconds:.1f} s uninterrupted"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how often and how late it is killed."""
    parser.add_argument("--kills", type=int, default=5, help="in each round (default: 5)")
    parser.add_argument("--share", type=float, default=1.0, help="of its time, before which it is killed (default: 1)")


if __name__ == "__main__":
    sys.exit(guard_main(str(__doc__), guard, rounds=3, games=60, more=add_options))
