"""The same work in this process or in several: every result arrives, and what goes wrong is told."""

import os
from functools import partial

import pytest

from xiangqi_gpt.arena.runtime.workers import WorkerError, run_tasks
from xiangqi_gpt.records import CorpusError


class Unportable(Exception):
    """An error that another process cannot make anew."""

    def __init__(self, part, whole):
        super().__init__(f"{part} of {whole}")


class Squarer:
    """Emits a number and its square; ``trouble`` is what happens at 3."""

    def __init__(self, trouble=None, graves=None):
        self.trouble, self.graves = trouble, graves

    def __call__(self, number, emit):
        emit(number)
        if number == 3 and self.trouble == "ours":
            raise CorpusError("three.pgn: no games")
        if number == 3 and self.trouble == "unportable":
            raise Unportable(1, 3)
        if number == 3 and self.trouble == "death":
            os._exit(7)
        emit(number * number)

    def close(self):
        if self.graves is not None:
            self.graves.append("closed")


def results(processes, count):
    heard = []
    run_tasks(Squarer, range(count), heard.append, processes=processes)
    return heard


def test_every_result_arrives():
    assert results(1, count=4) == [0, 0, 1, 1, 2, 4, 3, 9]


@pytest.mark.slow
def test_idle_processes_end():
    assert results(2, count=1) == [0, 0]  # there are more processes than tasks


def test_an_error_here_frees_what_the_worker_holds():
    graves = []
    with pytest.raises(CorpusError, match=r"three\.pgn"):
        run_tasks(partial(Squarer, "ours", graves), [3], print)
    assert graves == ["closed"]


@pytest.mark.parametrize(
    ("trouble", "kind", "message"),
    [
        pytest.param("ours", CorpusError, r"three\.pgn: no games", marks=pytest.mark.slow),
        pytest.param("unportable", WorkerError, "Unportable: 1 of 3", marks=pytest.mark.slow),
        ("death", WorkerError, "a worker process died; the same command goes on where it stopped"),
    ],
)
def test_an_error_in_a_process_is_raised_here(trouble, kind, message):
    heard = []
    with pytest.raises(kind, match=message):
        run_tasks(partial(Squarer, trouble), range(4), heard.append, processes=2)
    assert 9 not in heard
