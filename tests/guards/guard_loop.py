"""What the guards over ``jobs`` share: their options, the folder they work in, and one printed line a job."""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs import Job, clear, jobs, make_inputs

#: In a folder that a guard made: only such a folder is emptied.
_MARK = ".made-by-a-guard"


class Finding(Exception):
    """What should not have happened."""


def guard_parser(about: str, *, rounds: int, games: int) -> argparse.ArgumentParser:
    """Return a parser of the options that every guard over jobs has."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", default="", help="names, separated by commas (default: all)")
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--games", type=int, default=games, help="of the jobs that play")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    parser.add_argument(
        "--keep",
        metavar="FOLDER",
        help="work here and leave everything, to look at a finding: new, empty or kept before",
    )
    return parser


def guard_jobs(
    parser: argparse.ArgumentParser,
    options: argparse.Namespace,
    guard: Callable[[Job, Path, random.Random], str],
) -> int:
    """Guard each job that is wanted, in a folder of its own; returns the exit status, 1 after a ``Finding``."""
    findings = 0
    with work_folder(parser, options.keep) as work:
        make_inputs(work / "in")
        everything = jobs(work / "in", options.games)
        wanted = options.jobs.split(",") if options.jobs else [job.name for job in everything]
        if unknown := sorted(set(wanted) - {job.name for job in everything}):
            parser.error(f"--jobs: no job {unknown[0]!r}; there are {', '.join(job.name for job in everything)}")
        for job in everything:
            if job.name in wanted:
                try:
                    result = guard(job, work / job.name, random.Random(f"{options.seed} {job.name}"))
                except Finding as finding:
                    findings += 1
                    result = f"FOUND: {finding}"
                print(f"{job.name:10} {result}", flush=True)
    return min(1, findings)


@contextmanager
def work_folder(parser: argparse.ArgumentParser, keep: str | None) -> Iterator[Path]:
    """An empty folder: ``keep``, which stays, or a temporary one. Refuses one that holds what no guard wrote."""
    if keep is None:
        with tempfile.TemporaryDirectory() as scratch:
            yield Path(scratch).resolve()
        return
    folder = Path(keep).resolve()
    if folder.exists() and not folder.is_dir():
        parser.error(f"--keep {keep}: not a folder")
    if folder.exists() and any(folder.iterdir()) and not (folder / _MARK).is_file():
        parser.error(f"--keep {keep}: it is not empty, and not from a guard; name another folder")
    clear(folder)
    (folder / _MARK).touch()
    yield folder
