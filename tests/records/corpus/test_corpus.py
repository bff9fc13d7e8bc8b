"""The Parquet corpus: what goes in comes out, and what is wrong is named by row and ply."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_games import plain_games, shuffle

from xiangqi_gpt.records import (
    NO_LABEL,
    NO_SCORE,
    CorpusError,
    Game,
    Labels,
    OnIllegal,
    RecordError,
    batch_from_games,
    parse_pgn,
    read_batches,
    read_corpus,
    read_corpus_games,
    read_games,
    write_corpus,
    write_pgn,
)
from xiangqi_gpt.rules import MOVES, START_FEN, Move


def write_rows(path: Path, types: str, rows: list[tuple[Any, ...]]) -> Path:
    """A Parquet file of any columns: ``types`` as in ``moves VARCHAR, year SMALLINT``."""
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t ({types})")
        for row in rows:
            connection.execute(f"INSERT INTO t VALUES ({', '.join('?' * len(row))})", list(row))
        connection.execute(f"COPY t TO '{path}' (FORMAT parquet)")
    return path


def words(batch: Any, game: int) -> list[str]:
    return [str(MOVES[i]) for i in batch.moves[batch.offsets[game] : batch.offsets[game + 1]]]


def labelled_game() -> Game:
    game = Game(moves=[Move.from_iccs(text) for text in shuffle(8).split()], result="1-0", tags={"Kind": "engine"})
    best = tuple(None if n == 1 else move for n, move in enumerate(game.moves[3:]))
    game.labels = Labels(3, best, (10, None, -7, 9999, 0), (2, 6))
    return game


def test_batches_hold_what_the_rows_say(tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "c.parquet",
        "moves VARCHAR, result VARCHAR, kind VARCHAR, source VARCHAR, init_fen VARCHAR, truncated BOOLEAN",
        [
            ("h2e2 h9g7", "1-0", "master", "a", "", True),
            ("C3-C4", "1/2-1/2", "online", "b", None, False),
            ("", None, None, None, START_FEN, None),
            ("e9d9", "0-1", "study", "d", "4k4/9/9/9/9/9/9/9/4A4/4K4 b", False),
        ],
    )
    first, second = read_corpus(path, batch_games=3)
    assert [words(first, g) for g in range(3)] == [["h2e2", "h9g7"], ["c3c4"], []]
    assert first.moves.dtype == np.uint16 and first.offsets.tolist() == [0, 2, 3, 3]
    assert (first.results.tolist(), first.kinds) == ([0, 1, 3], ["master", "online", "unknown"])
    assert (first.sources, first.truncated.tolist()) == (["a", "b", ""], [True, False, False])
    assert (first.best, first.cp, first.random_plies.tolist()) == (None, None, [False] * 3)
    assert (first.first_target_ply.tolist(), first.prefix_of_other.tolist()) == ([0, 0, 0], [False] * 3)
    assert second.start_fens == ["4k4/9/9/9/9/9/9/9/4A4/4K4 b"] and second.results.tolist() == [2]
    assert first.start_fens is None or first.start_fens == [START_FEN] * 3


def test_labels_stand_at_their_plies(tmp_path: Path) -> None:
    plain = Game(moves=[Move.from_iccs("h2e2")])
    write_corpus([plain, labelled_game()], tmp_path / "c.parquet")
    (batch,) = read_corpus(tmp_path / "c.parquet")
    assert batch.best is not None and batch.cp is not None
    assert batch.best[:4].tolist() == [NO_LABEL] * 4
    assert [i == NO_LABEL for i in batch.best[4:]] == [False, True, False, False, False]
    assert batch.cp.tolist() == [NO_SCORE] * 4 + [10, NO_SCORE, -7, 9999, 0]
    assert np.flatnonzero(batch.random_plies).tolist() == [3, 7]
    assert batch.first_target_ply.tolist() == [0, 3]
    same = batch_from_games([plain, labelled_game()])
    for name in ("moves", "offsets", "results", "best", "cp", "random_plies", "first_target_ply"):
        assert np.array_equal(getattr(batch, name), getattr(same, name)), name
    assert list(read_corpus_games(tmp_path / "c.parquet"))[1] == labelled_game()


@pytest.mark.slow
@given(st.lists(plain_games(max_plies=20), min_size=1, max_size=5))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_games_survive(tmp_path_factory: pytest.TempPathFactory, games: list[Game]) -> None:
    path = tmp_path_factory.mktemp("corpus") / "c.parquet"
    for game in games:
        game.tags.pop("Opening", None)  # the corpus has no column for it
        game.tags |= {"Kind": game.tags.get("Kind", "master"), "Date": "2001-02-03", "RedElo": "2500"}
    assert write_corpus(games, path) == len(games)
    assert list(read_corpus_games(path)) == games


def test_select_keeps_whole_games() -> None:
    batch = batch_from_games([*parse_pgn("1. h2e2 *\n\n1. c3c4 c6c5 *\n\n1. g3g4 *"), labelled_game()])
    chosen = batch.select(np.array([False, True, False, True]))
    assert [len(words(chosen, g)) for g in range(2)] == [2, 8]
    assert len(chosen) == 2 and words(chosen, 0) == ["c3c4", "c6c5"]
    assert chosen.best is not None and chosen.random_plies.tolist() == [False] * 4 + [True] + [False] * 3 + [
        True,
        False,
    ]


BROKEN = [
    ("h2e2 h9g7 h0h9", 3, "h0h9 is not legal"),
    ("h2e2 i9i8 i9i7", 3, "i9i7 is not legal"),
    ("h2e2 xx", 2, "'xx' is not a move"),
    ("h2e2 h9g7 a0h7", 3, "'a0h7' is not a move"),
    ("h2e2 炮二平五", 2, "'炮二平五' is not a move"),
    ("h2e2 -", 2, "'-' is not a move"),
]


@pytest.mark.parametrize(("moves", "ply", "reason"), BROKEN)
def test_broken_moves_are_named_dropped_or_cut(tmp_path: Path, moves: str, ply: int, reason: str) -> None:
    path = write_rows(tmp_path / "c.parquet", "moves VARCHAR", [("c3c4",), (moves,), ("g3g4",)])
    with pytest.raises(RecordError) as caught:
        list(read_corpus(path, on_illegal="fail"))
    assert (caught.value.game, caught.value.ply) == (2, ply)
    assert str(caught.value).startswith(f"{path}, game 2, ply {ply}: ") and reason in str(caught.value)

    problems: list[RecordError] = []
    (dropped,) = read_corpus(path, problems=problems)
    assert [words(dropped, g) for g in range(len(dropped))] == [["c3c4"], ["g3g4"]]
    assert [str(problem) for problem in problems] == [str(caught.value)]

    (cut,) = read_corpus(path, on_illegal="cut")
    assert words(cut, 1) == moves.split()[: ply - 1]
    assert cut.truncated.tolist() == [False, True, False]


def test_a_broken_start_position_is_named_and_cannot_be_cut(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "c.parquet", "moves VARCHAR, init_fen VARCHAR", [("c3c4", "9/9 w"), ("c3c4", "")])
    problems: list[RecordError] = []
    (batch,) = read_corpus(path, on_illegal="cut", problems=problems)
    assert len(batch) == 1
    assert str(problems[0]) == f"{path}, game 1: init_fen: a board has 10 ranks, this one 2: '9/9'"


@pytest.mark.parametrize(
    ("k", "best", "cp", "random_plies", "reason"),
    [
        (1, "h9g7 h0g2", [1, 2, 3], [], "best has 2 entries, expected 3"),
        (1, "h9g7 h0g2 i9h9", [1, 2], [], "cp has 2 entries, expected 3"),
        (1, "h9g7 h0g2 a0a9", [1, 2, 3], [], "a0a9 is not legal"),
        (1, "h9g7 oops i9h9", [1, 2, 3], [], "best: 'oops' is not a move"),
        (0, None, None, [4], "noise at ply 4, the game has 4 plies"),
        (-1, None, None, [], "k is -1"),
    ],
)
def test_labels_that_do_not_fit_are_named(
    tmp_path: Path, k: int, best: str | None, cp: list[int] | None, random_plies: list[int], reason: str
) -> None:
    path = write_rows(
        tmp_path / "c.parquet",
        "moves VARCHAR, k SMALLINT, best VARCHAR, cp SMALLINT[], noise SMALLINT[]",
        [("h2e2 h9g7 h0g2 i9h9", k, best, cp, random_plies), ("c3c4", None, None, None, None)],
    )
    with pytest.raises(RecordError, match=reason):
        list(read_corpus(path, on_illegal="fail"))
    (batch,) = read_corpus(path)
    assert [words(batch, g) for g in range(len(batch))] == [["c3c4"]]


def test_where_selects_and_says_what_is_wrong(tmp_path: Path) -> None:
    rows = [("c3c4", 1990, "1-0"), ("c3c4 c6c5", 2005, "0-1"), ("g3g4", 2010, "1-0")]
    path = write_rows(tmp_path / "c.parquet", "moves VARCHAR, year SMALLINT, result VARCHAR", rows)
    (batch,) = read_corpus(path, where="year >= 2000 and result = '1-0' -- recent")
    assert words(batch, 0) == ["g3g4"] and len(batch) == 1
    assert list(read_corpus(path, where="year > 3000")) == []
    for bad in ("nonsense = 1", "year >", "1 = 1); DROP TABLE t; SELECT (1", "moves > 5"):
        with pytest.raises(CorpusError, match="cannot select games where") as caught:
            list(read_corpus(path, where=bad))
        assert "\n" not in str(caught.value) and caught.value.code != "corpus_damaged"


def test_row_numbers_are_those_of_the_file(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "c.parquet", "moves VARCHAR, year SMALLINT", [("c3c4", 1990), ("c3c9", 2005)])
    with pytest.raises(RecordError, match="game 2, ply 1"):
        list(read_corpus(path, where="year > 2000", on_illegal="fail"))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no parquet at all", bytes(range(256)) * 20])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "c.parquet"
    path.write_bytes(content)
    with pytest.raises(CorpusError, match="is not a Parquet file") as caught:
        list(read_corpus(path))
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


def test_a_foreign_an_empty_and_a_missing_corpus_are_refused(tmp_path: Path) -> None:
    foreign = write_rows(tmp_path / "foreign.parquet", "name VARCHAR, price DOUBLE", [("x", 1.0)])
    with pytest.raises(CorpusError, match="no text column 'moves' among name, price"):
        list(read_corpus(foreign))
    empty = write_rows(tmp_path / "empty.parquet", "moves VARCHAR", [])
    with pytest.raises(CorpusError, match="holds no games"):
        list(read_corpus(empty))
    with pytest.raises(CorpusError, match="no such corpus"):
        list(read_corpus(tmp_path / "none.parquet"))


def test_a_truncated_corpus_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.parquet"
    write_corpus([labelled_game()] * 50, path)
    whole = path.read_bytes()
    for size in (4, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(CorpusError):
            list(read_corpus(path))


def test_file_names_that_look_like_patterns(tmp_path: Path) -> None:
    path = tmp_path / "a[1]*?.parquet"
    write_corpus([labelled_game()], path)
    write_corpus([labelled_game()] * 2, tmp_path / "a1bc.parquet")
    (batch,) = read_corpus(path)
    assert len(batch) == 1


def test_nothing_is_left_of_a_failed_write(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no games"):
        write_corpus([], tmp_path / "c.parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("on_illegal", ["fail", "drop"])
def test_pgn_and_corpus_give_the_same_batch(tmp_path: Path, on_illegal: OnIllegal) -> None:
    games = list(parse_pgn('[Source "s"]\n\n1. h2e2 h9g7 1-0\n\n[Source "s"]\n[Kind "master"]\n\n1. c3c4 *'))
    write_pgn(games, tmp_path / "g.pgn")
    write_corpus(games, tmp_path / "g.parquet")
    (a,) = read_batches(tmp_path / "g.pgn", on_illegal=on_illegal)
    (b,) = read_batches(tmp_path / "g.parquet", on_illegal=on_illegal)
    for name in ("moves", "offsets", "results", "kinds", "sources", "truncated", "random_plies"):
        assert np.array_equal(getattr(a, name), getattr(b, name)), name
    assert [game.moves for game in read_games(tmp_path / "g.pgn")] == [game.moves for game in games]
    assert [game.moves for game in read_games(tmp_path / "g.parquet")] == [game.moves for game in games]


def test_unknown_endings_and_conditions_on_text_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "g.pgn").write_text("1. h2e2")
    (tmp_path / "g.doc").write_text("nothing we know")
    with pytest.raises(CorpusError, match="needs a Parquet corpus"):
        list(read_batches(tmp_path / "g.pgn", where="year > 1"))
    with pytest.raises(CorpusError, match="unknown format"):
        read_games(tmp_path / "g.doc")
    with pytest.raises(CorpusError, match="no such file"):
        read_games(tmp_path / "no.doc")


@pytest.mark.slow
def test_the_real_corpus_is_read_whole(shared_data: Path) -> None:
    problems: list[RecordError] = []
    games = plies = 0
    for batch in read_corpus(shared_data / "games.parquet", problems=problems):
        games += len(batch)
        plies += len(batch.moves)
    assert (games, plies, problems) == (47_326, 3_819_973, [])


def test_the_real_labels_are_read_whole(shared_data: Path) -> None:
    games = labelled = 0
    for batch in read_corpus(shared_data / "engine_labels.parquet", on_illegal="fail"):
        games += len(batch)
        assert batch.best is not None and batch.cp is not None
        labelled += int((batch.best != NO_LABEL).sum())
        assert ((batch.best != NO_LABEL) == (batch.cp != NO_SCORE)).all()
        number = np.arange(len(batch.moves)) - np.repeat(batch.offsets[:-1], batch.lengths)
        assert ((batch.best != NO_LABEL) == (number >= np.repeat(batch.first_target_ply, batch.lengths))).all()
    assert (games, labelled) == (10_412, 899_501)
