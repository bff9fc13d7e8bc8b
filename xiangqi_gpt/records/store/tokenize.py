"""A corpus to a training store in random order, however large it is: what ``records tokenize`` does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from xiangqi_gpt.files import final_target, make_folder, work_folder
from xiangqi_gpt.progress_bar import ProgressBar

from ..corpus.batch import GameBatch
from ..corpus.corpus_reader import Order, count_rows, read_corpus
from ..errors import RecordError
from .token_store import StoreError, TokenStore, build_store

_SORT_MEMORY: Final = 1 << 30  # with more a sort on disk is hardly faster


def tokenize(
    path: str | Path,
    out: str | Path,
    *,
    where: str | None = None,
    every_game: bool = False,
    seed: int = 0,
    memory: int = 2 << 30,
    problems: list[RecordError] | None = None,
    progress: bool = True,
) -> TokenStore:
    """Write the games of a Parquet corpus, shuffled, into a store in the folder ``out``, and open it.

    Games that are cut off or the beginning of another are left out unless ``every_game``; illegal ones always, into
    ``problems``. The same ``seed`` gives the same order. DuckDB shuffles below ``memory`` bytes, spilling to a folder
    beside ``out``. Raises ``CorpusError``, and ``StoreError`` when ``out`` exists or no game is left.
    """
    out = Path(out)
    problems = [] if problems is None else problems
    if out.exists():
        raise StoreError(f"{out} exists already")
    target = final_target(out)
    make_folder(target.parent)
    with work_folder(target, out) as folder:
        order = Order(seed, min(memory, _SORT_MEMORY), folder)
        batches = _counted(path, where, order, problems, progress)
        if not every_game:
            batches = (batch.select(~batch.truncated & ~batch.prefix_of_other) for batch in batches)
        broken = len(problems)
        try:
            return build_store(batches, out)
        except StoreError as error:
            cause = f": {problems[broken]}" if len(problems) > broken else ""
            raise StoreError(f"{error}{cause}") from None


def _counted(
    path: str | Path, where: str | None, order: Order, problems: list[RecordError] | None, progress: bool
) -> Iterator[GameBatch]:
    with ProgressBar(
        total=count_rows(path), unit=" games", desc="tokenizing", disable=not progress, leave=False
    ) as bar:
        for batch in read_corpus(path, where=where, on_illegal="drop", problems=problems, order=order):
            bar.update(len(batch))
            yield batch
