"""What is no PGN at all, and PGN made to take for ever: refused, and always at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from xiangqi_gpt.records import format_pgn, parse_pgn, read_pgn
from xiangqi_gpt.rules import XiangqiError


def _exercise(path: Path) -> None:
    for on_illegal in ("fail", "cut", "drop"):
        try:
            for game in read_pgn(path, on_illegal=on_illegal, problems=[]):  # type: ignore[arg-type]
                again = list(parse_pgn(format_pgn(game)))
                assert [other.moves for other in again] == [game.moves]
        except XiangqiError as error:
            assert "\n" not in str(error)


def test_other_formats_and_random_bytes_are_refused(samples: Path, tmp_path: Path) -> None:
    random = np.random.default_rng(7)
    for sample in sorted(samples.iterdir()):
        if sample.suffix != ".pgn":
            (tmp_path / "x.pgn").write_bytes(sample.read_bytes())
            _exercise(tmp_path / "x.pgn")
    for size in (1, 10, 1000, 100_000):
        (tmp_path / "x.pgn").write_bytes(random.bytes(size))
        _exercise(tmp_path / "x.pgn")


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [
        lambda: "{" * 300_000,
        lambda: "(" * 300_000,
        lambda: "1. h2e2 " + "* " * 300_000,
        lambda: "[" * 300_000,
        lambda: '[A "' * 100_000,
        lambda: "\n" * 1_000_000 + "1. h2e2",
        lambda: "1. h2e2 *" + " " * 1_000_000 + "x",
        lambda: "1. h2e2 " + "(b2e2) " * 30_000,
        lambda: "h0g2 (h2e2) h9g7 (b9c7) g2h0 (g2f4) g7h9 (g7f5) " * 2500,
    ],
)
@pytest.mark.timeout(60)
def test_hostile_texts_take_no_time(make: Callable[[], str]) -> None:
    text = make()
    try:
        list(parse_pgn(text, on_illegal="cut", problems=[]))
    except XiangqiError as error:
        assert len(str(error)) < 500
