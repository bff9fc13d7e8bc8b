"""Progress that is read in a log: whole lines, few of them, none beside other lines; a terminal has tqdm's bar."""

from __future__ import annotations

import io
import re

import pytest
from tqdm import tqdm

from xiangqi_gpt import progress_bar
from xiangqi_gpt.progress_bar import ProgressBar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step is worth a line."""
    monkeypatch.setattr(progress_bar, "INTERVAL", 0.0)


def test_a_log_gets_whole_lines_without_a_bar(hurried: None) -> None:
    log = io.StringIO()
    with ProgressBar(total=3, desc="games", unit="game", file=log) as bar:
        for _ in range(3):
            bar.update()
    lines = log.getvalue().splitlines()
    assert "\r" not in log.getvalue() and "##" not in log.getvalue()
    assert lines and all(re.match(r"games:\s+\d+% \d/3 \[", line) for line in lines)
    assert "3/3" in lines[-1]


def test_what_is_soon_done_says_so_once_in_a_log_or_nothing() -> None:
    log = io.StringIO()
    with ProgressBar(range(1000), file=log) as bar:
        for _ in bar:
            pass
    assert re.fullmatch(r"100% 1000/1000 .*\n", log.getvalue())
    log = io.StringIO()
    with ProgressBar(total=None, unit="ply", file=log, leave=False) as bar:
        bar.update(5)
    assert log.getvalue() == ""


def test_a_line_beside_a_bar_comes_alone_in_a_log(hurried: None) -> None:
    log = io.StringIO()
    with ProgressBar(total=3, file=log, leave=False) as bar:
        bar.update()
        before = log.getvalue()
        for write in (ProgressBar.write, tqdm.write):
            write("held-out 2.0 nats", file=log)
        assert log.getvalue() == before + "held-out 2.0 nats\n" * 2
    assert "\r" not in log.getvalue()


def test_a_terminal_has_the_bar_of_tqdm() -> None:
    ours, theirs = Terminal(), Terminal()
    for kind, file in ((ProgressBar, ours), (tqdm, theirs)):
        with kind(total=2, file=file, ncols=60) as bar:
            bar.update(2)
    assert "\r" in ours.getvalue() and "|##" in ours.getvalue()
    assert ours.getvalue().count("\r") == theirs.getvalue().count("\r")


def test_a_bar_that_is_switched_off_is_silent(hurried: None) -> None:
    log = io.StringIO()
    with ProgressBar(total=3, file=log, disable=True) as bar:
        bar.update(3)
    assert log.getvalue() == ""
