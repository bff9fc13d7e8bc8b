"""The same work in this process or in several: every result arrives, and what goes wrong is told."""

import atexit
import multiprocessing
import os
import signal
import time
from functools import partial
from pathlib import Path

import pytest
from patience import PATIENCE, wait_until

from xiangqi_gpt import worker_processes
from xiangqi_gpt.arena.runtime.workers import run_tasks
from xiangqi_gpt.records import CorpusError
from xiangqi_gpt.worker_processes import WorkerError, ended_by_sigterm, share_out


class Unportable(Exception):
    """An error that another process cannot make anew."""

    def __init__(self, part, whole):
        super().__init__(f"{part} of {whole}")


class Unsendable(Exception):
    """An error that holds what cannot be sent."""


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
        if number == 3 and self.trouble == "unsendable":
            raise Unsendable("no room", lambda: number)
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
        pytest.param("unsendable", WorkerError, r"Unsendable: \('no room', <function", marks=pytest.mark.slow),
        ("death", WorkerError, r"a worker process died \(exit status 7\).*; the same command goes on where it stopped"),
    ],
)
def test_an_error_in_a_process_is_raised_here(trouble, kind, message):
    heard = []
    with pytest.raises(kind, match=message):
        run_tasks(partial(Squarer, trouble), range(4), heard.append, processes=2)
    assert 9 not in heard


def square_once(grave, tasks, emit, number):
    """Square numbers; the first process that is given 3 dies of it, and every one that is given 13."""
    for task in tasks:
        if task == 13 or (task == 3 and not grave.exists()):
            grave.touch()
            os._exit(9)
        emit((task, task * task, number))


@pytest.mark.slow
def test_what_a_dead_process_had_is_done_by_another(tmp_path):
    heard = []
    work = partial(square_once, tmp_path / "grave")
    share_out(work, range(6), heard.append, processes=2, finished=lambda result: result[0], most_deaths=2)
    assert sorted(heard)[3][:2] == (3, 9) and [task for task, _, _ in sorted(heard)] == list(range(6))
    assert (tmp_path / "grave").exists()


@pytest.mark.slow
def test_processes_that_die_again_and_again_are_given_up(tmp_path):
    heard = []
    work = partial(square_once, tmp_path / "grave")
    with pytest.raises(WorkerError, match="2 worker processes, one after another, died"):
        share_out(work, [13], heard.append, processes=2, finished=lambda result: result[0], most_deaths=2)
    assert not heard and not multiprocessing.active_children()


def wait_for_ever(tasks, emit, number):
    """Work that nobody waits for."""
    for _ in tasks:
        emit(os.getpid())
        time.sleep(PATIENCE)


def be_killed(pids):
    """Share work out, say who does it, and go."""

    def hear(pid):
        pids.send(pid)
        os.kill(os.getpid(), signal.SIGKILL)

    share_out(wait_for_ever, range(2), hear, processes=2)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_processes_end_with_their_parent_whatever_they_do():
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    parent = context.Process(target=be_killed, args=(theirs,))
    parent.start()
    child = ours.recv()
    parent.join()
    wait_until(lambda: not Path(f"/proc/{child}").exists())


def send_last_words(connection, number):
    connection.send(f"ends {number}")


def end_slowly(connection):
    """Work in the block, and last steps that are disturbed."""
    atexit.register(send_last_words, connection, 1)
    atexit.register(os.kill, os.getpid(), signal.SIGTERM)
    with ended_by_sigterm(7):
        connection.send("works")
        time.sleep(PATIENCE)


@pytest.mark.skipif(os.name == "nt", reason="needs SIGTERM")
def test_a_process_that_is_ending_is_not_disturbed(capfd):
    ours, theirs = multiprocessing.Pipe(duplex=False)
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=end_slowly, args=(theirs,))
    process.start()
    theirs.close()
    assert ours.recv() == "works"
    process.terminate()
    process.join()
    assert ours.recv() == "ends 1" and process.exitcode == 7 and not capfd.readouterr().err


class Lingering:
    """A process that never ends by itself; waiting for it moves the clock."""

    def __init__(self, clock):
        self.clock, self.killed_at = clock, None

    def terminate(self):
        pass

    def join(self, timeout=None):
        self.clock[0] += timeout or 0.0

    def kill(self):
        self.killed_at = self.clock[0]


def test_processes_that_do_not_end_are_killed_together(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(worker_processes.time, "monotonic", lambda: clock[0])
    team = worker_processes._Team(print, [], print, 0, None, 1)
    processes = [Lingering(clock) for _ in range(4)]
    team._processes = {multiprocessing.Pipe()[0]: process for process in processes}
    monkeypatch.setattr(worker_processes, "wait", lambda _: 1 / 0)  # an error while all are at work
    with pytest.raises(ZeroDivisionError):
        team.run()
    assert [process.killed_at for process in processes] == [100.0 + worker_processes._GRACE] * 4


@pytest.mark.slow
def test_tasks_that_cannot_be_had_are_an_error_of_their_own():
    def tasks():
        yield from range(3)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        run_tasks(Squarer, tasks(), print, processes=2)
    assert not multiprocessing.active_children()
