"""What the guards over ``jobs`` share: their options, the folder they work in, and one printed line a job."""

from __future__ import annotations

import argparse
import random
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs import Job, clear, jobs, make_inputs

#: In a folder that a guard made: only such a folder is emptied.
_MARK = ".made-by-a-guard"


class Finding(Exception):
    """What should not have happened."""


#: What a guard does with a job, in a folder, by its options, at random moments: it returns what was tried.
Guard = Callable[[Job, Path, argparse.Namespace, random.Random], str]


def guard_main(
    about: str,
    guard: Guard,
    *,
    rounds: int,
    games: int,
    more: Callable[[argparse.ArgumentParser], object] = lambda parser: None,
) -> int:
    """Parse the options, guard each job that is wanted; return the exit status, 1 after a ``Finding``.

    ``more`` adds options of the guard's own.
    """
    names = [job.name for job in jobs(Path())]
    parser = argparse.ArgumentParser(
        description=about,
        epilog=textwrap.fill(f"jobs: {', '.join(names)}"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--jobs", default=",".join(names), help="names, separated by commas (default: all)")
    parser.add_argument("--rounds", type=int, default=rounds, help=f"of each job (default: {rounds})")
    parser.add_argument("--games", type=int, default=games, help=f"of the jobs that play (default: {games})")
    parser.add_argument("--seed", type=int, default=1, help="of the moments (default: 1)")
    parser.add_argument(
        "--keep",
        metavar="FOLDER",
        help="work here and leave everything, to look at a finding: new, empty or kept before",
    )
    more(parser)
    options = parser.parse_args()
    wanted = options.jobs.split(",")
    if unknown := sorted(set(wanted) - set(names)):
        parser.error(f"--jobs: no job {unknown[0]!r}; there are {', '.join(names)}")
    findings = 0
    with work_folder(parser, options.keep) as work:
        make_inputs(work / "in")
        for job in jobs(work / "in", options.games):
            if job.name in wanted:
                try:
                    result = guard(job, work / job.name, options, random.Random(f"{options.seed} {job.name}"))
                except Finding as finding:
                    findings += 1
                    result = f"FOUND: {finding}; again with --jobs {job.name} --seed {options.seed} --keep FOLDER"
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
