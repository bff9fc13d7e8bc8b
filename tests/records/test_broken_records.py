"""Damaged files of every kind: only the project's own errors come out, and always at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xiangqi_gpt.records import RecordError, format_pgn, parse_pgn, read_corpus, read_pgn, write_corpus
from xiangqi_gpt.rules import XiangqiError

#: Pieces of PGN that bring a reader into every corner.
_WORDS = """
{ } ( ) ; $1 $999 1. 1... １． * 1-0 0-1 1/2 ! ?! \\ [" ]
h2e2 H2-E2 h9g7 a0a0 炮二平五 馬８進７ 前炮退一 C2.5 +R-3 5P+1 Che2 gxg4
"""
_LINES = ("\n", "\r", " ", '[Event "x"]\n', '[FEN "x"]\n', '[FEN "3ak4/9/9/9/9/9/9/9/4R4/4K4 b"]\n', '[Result "和棋"]')
_SNIPPETS = [*_WORDS.split(), *_LINES]


def _exercise(path: Path) -> None:
    for on_illegal in ("fail", "cut", "drop"):
        try:
            for game in read_pgn(path, on_illegal=on_illegal, problems=[]):  # type: ignore[arg-type]
                again = list(parse_pgn(format_pgn(game)))
                assert [other.moves for other in again] == [game.moves]
        except XiangqiError as error:
            assert "\n" not in str(error)


@given(st.lists(st.sampled_from(_SNIPPETS), max_size=60))
@settings(max_examples=300, deadline=2000)
def test_any_mixture_of_pgn_is_read_or_refused(parts: list[str]) -> None:
    for separator in ("", " "):
        problems: list[RecordError] = []
        try:
            games = list(parse_pgn(separator.join(parts), on_illegal="cut", problems=problems))
        except XiangqiError:
            continue
        for game in games:
            assert list(parse_pgn(format_pgn(game))) == [game]


def _damage(raw: bytes, random: np.random.Generator) -> bytes:
    data = bytearray(raw)
    for _ in range(int(random.integers(1, 8))):
        at = int(random.integers(0, len(data) + 1))
        kind = int(random.integers(5))
        if kind == 0:
            data[at : at + 1] = random.bytes(1)
        elif kind == 1:
            del data[at : at + int(random.integers(1, 60))]
        elif kind == 2:
            data[at:at] = random.bytes(int(random.integers(1, 30)))
        elif kind == 3:
            other = int(random.integers(0, len(data) + 1))
            data[at:at] = data[other : other + 80]
        else:
            del data[at + len(data) // 2 :]
    return bytes(data)


@pytest.mark.parametrize("seed", range(6))
def test_damaged_real_files_are_read_or_refused(samples: Path, tmp_path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    for sample in sorted(samples.glob("*.pgn")):
        for _ in range(8):
            path = tmp_path / sample.name
            path.write_bytes(_damage(sample.read_bytes(), random))
            _exercise(path)


def test_other_formats_and_random_bytes_are_refused(samples: Path, tmp_path: Path) -> None:
    random = np.random.default_rng(7)
    for sample in sorted(samples.iterdir()):
        if sample.suffix != ".pgn":
            (tmp_path / "x.pgn").write_bytes(sample.read_bytes())
            _exercise(tmp_path / "x.pgn")
    for size in (1, 10, 1000, 100_000):
        (tmp_path / "x.pgn").write_bytes(random.bytes(size))
        _exercise(tmp_path / "x.pgn")


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


@cache
def _corpus(folder: Path) -> bytes:
    write_corpus(parse_pgn("1. h2e2 h9g7 2. h0g2 *\n\n1. c3c4 1-0"), folder / "whole.parquet")
    return (folder / "whole.parquet").read_bytes()


@given(st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_corpus_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.parquet"
    raw = bytearray(_corpus(path.parent))
    for at in data.draw(st.lists(st.integers(0, len(raw) - 1), min_size=1, max_size=5)):
        raw[at] = data.draw(st.integers(0, 255))
    path.write_bytes(raw)
    try:
        for batch in read_corpus(path):
            assert batch.offsets[-1] == len(batch.moves)
    except XiangqiError as error:
        assert "\n" not in str(error)
