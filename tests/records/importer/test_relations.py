"""Which records are of one game, and which are beginnings of others: the sort on disk beside comparing all with all."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xiangqi_gpt.records.importer import relations
from xiangqi_gpt.records.importer.relations import relate_records

RECORD = st.tuples(
    st.sampled_from(("", "4k4/9/9/9/9/9/9/9/9/4K4 w", "4k4/9/9/9/9/9/9/9/9/4K4 b")),
    st.text("\u0100\u07ff\u0800\u0926", min_size=1, max_size=4),  # letters of two bytes and of three
    st.integers(0, 300),
)
PARTS = st.lists(st.lists(RECORD, min_size=1, max_size=12), min_size=1, max_size=4)


@given(PARTS, st.sampled_from((1, 60, 1 << 20)))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_sort_finds_what_comparing_all_with_all_finds(
    parts: list[list[tuple[str, str, int]]], run_bytes: int
) -> None:
    with tempfile.TemporaryDirectory() as name, duckdb.connect() as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(relations, "_RUN_BYTES", run_bytes)
        paths = [Path(name, f"{number}.parquet") for number in range(len(parts))]
        for path, records in zip(paths, parts, strict=True):
            connection.execute("CREATE OR REPLACE TABLE t (start VARCHAR, line VARCHAR, worth SMALLINT)")
            connection.executemany("INSERT INTO t VALUES (?, ?, ?)", records)
            connection.execute(f"COPY t TO '{path}'")
        found = relate_records(connection, paths, Path(name))
        assert not list(Path(name).glob("*.run"))
    every = [record for records in parts for record in records]
    leaders = [
        min((-other[2], place) for place, other in enumerate(every) if other[:2] == record[:2])[1] for record in every
    ]
    assert found.leaders.tolist() == leaders
    assert found.several.tolist() == [sum(o[:2] == r[:2] for o in every) > 1 for r in every]
    assert found.beginnings.tolist() == [
        leaders[place] == place and any(o[0] == start and o[1] != line and o[1].startswith(line) for o in every)
        for place, (start, line, _) in enumerate(every)
    ]
    assert found.bases == [sum(map(len, parts[:number])) for number in range(len(parts) + 1)]
    assert found.duplicates == len(every) - len(set(leaders))
    assert found.groups.tolist() == sorted({leader for leader in leaders if leaders.count(leader) > 1})
