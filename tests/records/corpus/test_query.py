"""``records query`` and ``export``, and ``stats`` of a corpus."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.records import CorpusError, Game, read_games, write_corpus
from xiangqi_gpt.records.formats.convert import write_each
from xiangqi_gpt.records.importer.summary import summarize, summarize_corpus
from xiangqi_gpt.records.search_games import search_games
from xiangqi_gpt.rules import Move


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    games = [
        Game([Move.from_iccs("h2e2")], result="1-0", tags={"Red": "吕钦", "Date": "1999", "ECCO": "C64"}),
        Game([Move.from_iccs("c3c4"), Move.from_iccs("g6g5")], result="0-1", tags={"Red": "胡荣华", "Date": "2005"}),
        Game([Move.from_iccs("b2e2")], tags={"Kind": "online"}),
    ]
    path = tmp_path / "corpus.parquet"
    write_corpus(games, path)
    return path


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        *(("吕钦", [0]), ("c64 1-0", [0]), ("2005", [1]), ("吕钦 0-1", []), ("o'x", []), (" ", [0, 1, 2])),
        *(("红胜", [0]), ("黑胜 胡荣华", [1]), ("和棋", [])),
        *(("五七炮", [0]), ("五七炮 黑胜", [])),
    ],
)
def test_games_are_found_by_words(corpus: Path, words: str, expected: list[int]) -> None:
    games = list(read_games(corpus))
    found = [game.moves for chunk in search_games(corpus, words) for game in chunk]
    assert found == [games[n].moves for n in expected]


def test_games_that_nobody_classed_are_found_by_the_name_of_their_opening(tmp_path: Path) -> None:
    moves = [Move.from_iccs(move) for move in ["h2e2", "b9c7", "c3c4", "h7f7"]]
    write_corpus(
        [Game(moves, result="1-0"), Game(moves[:1], tags={"Event": "中炮杯"}), Game(moves[:1])], tmp_path / "c.parquet"
    )
    found = [len(game.moves) for chunk in search_games(tmp_path / "c.parquet", "中炮") for game in chunk]
    assert found == [4, 1]


def test_query_shows_the_games_that_meet_a_condition(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["records", "query", str(corpus), "--where", "year >= 2000"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and lines[0].split()[:3] == ["row", "year", "red"] and "胡荣华" in lines[2]
    assert main(["records", "query", str(corpus), "--columns", "red,plies", "--order", "plies DESC, row", "--csv"]) == 0
    assert capsys.readouterr().out.split() == ["red,plies", "胡荣华,2", "吕钦,1", ",1"]
    assert main(["records", "query", str(corpus), "--sql", "SELECT count(*) AS n FROM games", "--csv"]) == 0
    assert capsys.readouterr().out.split() == ["n", "3"]


@pytest.mark.parametrize(
    "wrong",
    [
        ["--where", "yea > 1"],
        ["--where", "1); DROP TABLE x; --"],
        ["--sql", "DROP VIEW games"],
        ["--sql", "SELECT 1; SELECT 2"],
        ["--sql", "COPY games TO 'stolen.csv'"],
        ["--columns", "none"],
    ],
)
def test_unusable_sql_is_one_line(
    corpus: Path, wrong: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(corpus.parent)
    assert main(["records", "query", str(corpus), *wrong]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert [path.name for path in corpus.parent.iterdir()] == ["corpus.parquet"]


def test_export(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "x.pgn"
    assert main(["records", "export", str(corpus), "--where", "red <> ''", "--out", str(out)]) == 0
    assert [game.tags["Red"] for game in read_games(out)] == ["吕钦", "胡荣华"]
    assert main(["records", "export", str(corpus), "--out", str(tmp_path / "each"), "--each", "xqf"]) == 0
    assert sorted(path.name for path in (tmp_path / "each").iterdir()) == ["00001.xqf", "00002.xqf", "00003.xqf"]
    assert capsys.readouterr().out.endswith(f"3 games in {tmp_path / 'each'}\n")
    none = ["records", "export", str(corpus), "--where", "year = 1", "--out", str(tmp_path / "none")]
    for words in ([*none[:-1], f"{none[-1]}.pgn"], [*none, "--each", "pgn"]):
        assert main(words) == 2
        assert "no games to write" in capsys.readouterr().err and not (tmp_path / "none").exists()


def test_a_folder_of_games_is_there_whole_or_not_at_all(corpus: Path, tmp_path: Path) -> None:
    def breaking() -> Iterator[Game]:
        yield from read_games(corpus)
        raise KeyboardInterrupt

    folder = tmp_path / "each"
    with pytest.raises(KeyboardInterrupt):
        write_each(breaking(), folder, "xqf")
    assert not folder.exists()
    folder.mkdir(0o700)
    (folder / "note.txt").touch()
    assert write_each(read_games(corpus), folder, "xqf") == 3  # beside what is there already
    with pytest.raises(CorpusError, match=r"each.00001\.xqf exists already"):
        write_each(read_games(corpus), folder, "xqf")
    assert len(list(folder.iterdir())) == 4 and folder.stat().st_mode & 0o777 == 0o700


def test_counting_by_columns_is_counting_game_by_game(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert summarize_corpus(corpus) == summarize(read_games(corpus))
    assert main(["records", "stats", str(corpus), str(corpus), "--where", "plies = 1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["games"], found["plies"], found["openings"]) == (4, 4, {"C64": 2})
    assert found["results"] == {"1-0": 2, "1/2-1/2": 0, "0-1": 0, "*": 2}


def test_counting_a_corpus_of_moves_alone(tmp_path: Path) -> None:
    import duckdb

    path = tmp_path / "moves.parquet"
    duckdb.sql(f"COPY (SELECT unnest(['h2e2 h9g7', 'c3c4', '']) AS moves) TO '{path}' (FORMAT parquet)")
    found = summarize_corpus(path)
    assert (found.games, found.plies, found.results["*"], found.kinds["unknown"]) == (3, 3, 3, 3)
