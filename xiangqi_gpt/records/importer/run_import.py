"""Any number of record files, in folders and archives, to one clean corpus: what ``records import`` does.

The work is cut into tasks, which processes read into parts, in a folder beside the output. An interrupted import finds
the finished parts there and goes on. Then the parts are merged (``merge``) into the corpus, which appears whole.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from xiangqi_gpt.files import atomic_write, final_target, is_special, one_writer, scratch_folder, would_replace
from xiangqi_gpt.progress_bar import ProgressBar
from xiangqi_gpt.worker_processes import share_out

from ..compile_kernels import compile_kernels
from ..corpus.duckdb_package import import_duckdb, import_opencc
from ..errors import CorpusError, OnIllegal, check_on_illegal
from .import_report import ImportReport
from .import_task import is_done, part_path, read_report, run_task
from .merge import merge_parts
from .source_games import Problem
from .sources import Plan, Task, plan_import

_VERSION = 3  # of the parts: those of another version are not used


def import_records(
    paths: Sequence[str | Path],
    out: str | Path,
    *,
    on_illegal: OnIllegal = "cut",
    workers: int | None = None,
    memory: int = 2 << 30,
    replace: bool = False,
    progress: bool = True,
) -> ImportReport:
    """Read every record under ``paths`` into the Parquet corpus ``out`` and return the report.

    ``on_illegal`` as in ``read_games``; ``workers`` processes read (one a core by default); merging keeps below
    ``memory`` bytes. Whatever is wrong in a file is in the report, except that ``on_illegal="fail"`` raises its
    ``RecordError``. Raises ``CorpusError`` when a path, every game, DuckDB or OpenCC is missing, or ``out`` exists.
    """
    check_on_illegal(on_illegal)
    out = Path(out)
    if out.suffix.lower() != ".parquet":
        raise CorpusError(f"{out}: a corpus is written as .parquet")
    import_duckdb()  # both are needed later, in other processes too
    import_opencc()
    if would_replace(out) and not replace:
        raise CorpusError(f"{out} exists already: choose another name, or replace it with --force")
    plan = plan_import(paths, final_target(out))
    if not plan.tasks and not plan.unusable:
        raise CorpusError(f"no record files in {', '.join(map(str, paths))}")
    with _work_folder(out) as folder, one_writer(folder):
        read_parts(plan, folder, on_illegal=on_illegal, workers=workers, progress=progress)
        report = ImportReport(plan.files, dict(plan.other_files))
        report.add_problems(Problem(str(error.path), error.reason, "skipped") for error in plan.unusable)
        parts, labelled = [], False
        for number in range(len(plan.tasks)):
            if (part := read_report(folder, number)) is None:
                continue
            report.add_problems(part.problems)
            report.unlisted.update(part.unlisted)
            labelled |= part.labelled
            parts += [part_path(folder, number)] if part.games else []
        if not parts:
            shutil.rmtree(folder)
            raise CorpusError(f"no game in {', '.join(map(str, paths))}: {report.first_problem()}")
        with atomic_write(out) as unfinished:
            merged = merge_parts(parts, unfinished, folder, labelled=labelled, memory=memory, progress=progress)
            report.add_corpus(unfinished, merged)
        shutil.rmtree(folder)
    return report


@contextmanager
def _work_folder(out: Path) -> Iterator[Path]:
    """The folder of the parts: beside the corpus, where the next call finds it; a temporary one for a special file."""
    if is_special(out):
        with scratch_folder() as scratch:
            yield scratch / "import"
    else:
        target = final_target(out)
        yield target.with_name(f".{target.name}.import")


def read_parts(plan: Plan, folder: Path, *, on_illegal: OnIllegal, workers: int | None, progress: bool) -> None:
    """Do the tasks that are not done yet; the parts and their reports lie in ``folder``."""
    _prepare(folder, plan, on_illegal)
    waiting = [number for number in range(len(plan.tasks)) if not is_done(folder, number)]
    size = sum(task.size for task in plan.tasks)
    finished = size - sum(plan.tasks[number].size for number in waiting)
    with ProgressBar(
        total=size, initial=finished, unit="B", unit_scale=True, desc="reading", disable=not progress, leave=False
    ) as bar:

        def take(number: int) -> None:
            bar.update(plan.tasks[number].size)

        tasks = ((number, plan.tasks[number]) for number in waiting)
        processes = min(workers or os.cpu_count() or 1, len(waiting))
        if processes > 1:
            compile_kernels()  # once here rather than in every process
            share_out(partial(_read, folder, on_illegal), tasks, take, processes=processes)
        else:
            _read(folder, on_illegal, tasks, take)


def _prepare(folder: Path, plan: Plan, on_illegal: OnIllegal) -> None:
    """Empty the folder of the parts unless they are of the same import."""
    described = json.dumps({"version": _VERSION, "on_illegal": on_illegal, **plan.as_dict()})
    mark = folder / "import.json"
    try:
        if mark.read_text(encoding="utf-8") == described:
            return
    except (OSError, UnicodeDecodeError):
        pass
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()
    with atomic_write(mark) as unfinished:
        unfinished.write_text(described, encoding="utf-8")


def _read(
    folder: Path, on_illegal: OnIllegal, tasks: Iterator[tuple[int, Task]], emit: Callable[[int], None], _: int = 0
) -> None:
    """Do tasks; emits the number of each when it is done."""
    for number, task in tasks:
        run_task(number, task, folder, on_illegal)
        emit(number)
