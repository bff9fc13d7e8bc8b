"""``records import``: every legal game of a mixed folder comes out once, and everything else is named."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import pytest
from patience import PATIENCE, wait_until
from record_games import shuffle

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.records import CorpusError, Game, Labels, RecordError, format_pgn, read_games, write_corpus, write_pgn
from xiangqi_gpt.records.corpus.batch import batch_from_games
from xiangqi_gpt.records.formats import pgn_parts
from xiangqi_gpt.records.importer import run_import, sources
from xiangqi_gpt.records.importer.import_report import ImportReport, format_report, write_report
from xiangqi_gpt.records.importer.run_import import import_records
from xiangqi_gpt.records.importer.source_games import Problem
from xiangqi_gpt.records.store.token_store import SPLITS, assign_splits
from xiangqi_gpt.rules import MIRROR, MOVES, Move


def run(*paths: Path, out: Path, **options: object) -> ImportReport:
    return import_records(paths, out, workers=1, progress=False, **options)  # type: ignore[arg-type]


def rows(corpus: Path, columns: str = "*", rest: str = "") -> list[tuple[object, ...]]:
    return duckdb.sql(f"SELECT {columns} FROM '{corpus}' {rest}").fetchall()


def game(moves: str, result: str = "*", **tags: str) -> Game:
    return Game(moves=[Move.from_iccs(word) for word in moves.split()], result=result, tags=tags)


def pgn(*games: Game) -> str:
    return "\n".join(map(format_pgn, games))


A, B, C = "h2e2 h9g7 h0g2", "b2e2 b9c7", "c3c4 g6g5 b0c2"


def test_a_mixed_folder(tmp_path: Path) -> None:
    folder = tmp_path / "games"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.PGN").write_text(pgn(game(A, "1-0", Red="吕钦", Date="1999.04.18"), game(B)), encoding="gb18030")
    write_corpus([game(C, Kind="master", ECCO="E41")], folder / "deep" / "c.parquet")
    (folder / "broken.pgn").write_text('[Event "x"]\n\n1. h2e2 h2e2\n', encoding="utf-8")
    (folder / "empty.pgn").write_bytes(b"")
    (folder / "noise.pgn").write_bytes(bytes(range(256)) * 50)
    (folder / "readme.doc").write_text("not a record")
    (folder / ".hidden.pgn").write_text(pgn(game("a0a1")))
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        archive.writestr("炮.pgn", pgn(game("g3g4")))
        archive.writestr("notes.doc", "nothing")
    out = tmp_path / "corpus.parquet"
    report = run(folder, out=out)

    found = rows(out, "moves, result, red, year, kind, source, truncated, opening")
    assert found == [
        (A, "1-0", "吕钦", 1999, "unknown", "games", False, ""),
        (B, "*", "", None, "unknown", "games", False, ""),
        ("h2e2", "*", "", None, "unknown", "games", True, ""),
        ("g3g4", "*", "", None, "unknown", "games", False, ""),
        (C, "*", "", None, "master", "games", False, "E41"),
    ]
    problems = {Path(problem.path).name: problem for problem in report.problems}
    assert (problems["broken.pgn"].outcome, problems["broken.pgn"].ply, problems["broken.pgn"].line) == ("cut", 2, 3)
    assert problems["empty.pgn"].outcome == problems["noise.pgn"].outcome == "skipped"
    assert set(problems) == {"broken.pgn", "empty.pgn", "noise.pgn"}
    assert report.other_files == {".doc": 1}
    assert report.headline() == {
        "record files": 6,
        "files skipped": 2,
        "games read": 5,
        "games cut": 1,
        "games dropped": 0,
        "broken beside main lines": 0,
        "duplicates merged": 0,
        "beginnings of other games": 1,
        "games in the corpus": 5,
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus.parquet", "games"]


def test_what_becomes_of_a_broken_game(tmp_path: Path) -> None:
    source, out = tmp_path / "x.pgn", tmp_path / "out.parquet"
    source.write_text(pgn(game(A)) + '\n[Event "x"]\n\n1. h2e2 h9g7 2. h0h5\n', encoding="utf-8")
    run(source, out=out)
    assert rows(out, "moves") == [(A,), ("h2e2 h9g7",)]
    report = run(source, out=out, on_illegal="drop", replace=True)
    assert rows(out, "moves") == [(A,)]
    (problem,) = report.problems
    assert str(problem) == f"{source}, game 2, line 13, ply 3: h0h5 is not legal: this piece does not move like that"
    with pytest.raises(RecordError, match="game 2, line 13, ply 3"):
        run(source, out=out, on_illegal="fail", replace=True)
    assert rows(out, "moves") == [(A,)]  # what was there stays


def test_duplicates_become_one_game_that_knows_what_any_of_them_knew(tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    first, second = tmp_path / "1.pgn", tmp_path / "2.pgn"
    first.write_text(pgn(game(A, "1-0", Red="許銀川", Date="2001"), game(B, "0-1")), encoding="utf-8")
    second.write_text(pgn(game(B, "1-0"), game(A, Black="呂欽", ECCO="C06", Event="全國賽")), encoding="utf-8")
    report = run(first, second, out=out)
    assert rows(out, "moves, result, red, black, ecco, event, year, result_conflict") == [
        (A, "1-0", "许银川", "吕钦", "C06", "全国赛", 2001, False),
        (B, "0-1", "", "", "", "", None, True),
    ]
    assert report.headline()["duplicates merged"] == 2


def test_games_from_another_start_are_other_games(tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    end = "3k5/9/9/9/9/9/9/9/4R4/5K3 w - - 0 1"
    games = [game("e1e5"), game("e1e5"), game("e1e5 d9d8")]
    for number, each in enumerate(games):
        each.root = end if number else end.replace("5K3", "4K4")
    write_pgn(games, tmp_path / "x.pgn")
    run(tmp_path / "x.pgn", out=out)
    assert rows(out, "moves, prefix_of_other") == [("e1e5", False), ("e1e5", True), ("e1e5 d9d8", False)]


def test_beginnings_are_marked_and_near_copies_share_a_split(tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    long = shuffle(60)
    mirrored = " ".join(str(MOVES[MIRROR[Move.from_iccs(word).index]]) for word in long.split())
    games = [game(long), game(long[: 5 * 40 - 1]), game(mirrored), game(A), game(A + " a9a8")]
    write_corpus(games, tmp_path / "in.parquet")
    run(tmp_path / "in.parquet", out=out)
    found = rows(out, "prefix_of_other, split")
    assert [flag for flag, _ in found] == [False, True, False, True, False]
    assert found[0][1] == found[1][1] == found[2][1]
    batch = batch_from_games(games)
    names = {code: name for name, code in SPLITS.items()}
    assert [split for _, split in found] == [names[s] for s in assign_splits(batch.moves, batch.offsets).tolist()]


def test_labels_come_through(tmp_path: Path) -> None:
    source, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    duckdb.sql(
        f"""COPY (SELECT '{A}' AS moves, 1::SMALLINT AS k, 'h9g7 -' AS best, [12, NULL]::SMALLINT[] AS cp,
        [2]::SMALLINT[] AS noise, 'engine' AS kind) TO '{source}' (FORMAT parquet)"""
    )
    plain = tmp_path / "plain.pgn"
    plain.write_text(pgn(game(A, "1-0", Red="A", Black="B", Date="2001", ECCO="C06")), encoding="utf-8")
    run(plain, source, out=out)
    assert rows(out, "k, best, cp, noise, kind, red") == [(1, "h9g7 -", [12, None], [2], "engine", "A")]
    (again,) = read_games(out)
    assert again.labels is not None and again.labels.random_plies == (2,)


def test_the_labels_of_a_game_are_those_of_one_record(tmp_path: Path) -> None:
    moves = [Move.from_iccs(word) for word in A.split()]
    scored = Game(moves, labels=Labels(1, (moves[1], None), (12, None)))
    searched = Game(moves, labels=Labels(2, (moves[2],), (7,), (), (((moves[2], 1000),),)))
    write_corpus([scored], tmp_path / "scored.parquet")
    write_corpus([searched], tmp_path / "searched.parquet")
    write_corpus([Game(moves, tags={"Red": "A"})], tmp_path / "plain.parquet")
    for name, order in (("a", ("scored", "searched", "plain")), ("b", ("plain", "searched", "scored"))):
        out = tmp_path / f"{name}.parquet"
        run(*(tmp_path / f"{source}.parquet" for source in order), out=out)
        (merged,) = read_games(out)
        assert merged.moves == moves and merged.labels in (scored.labels, searched.labels)


@pytest.mark.slow
def test_a_large_file_is_cut_between_games_and_lines_stay_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "_LARGE_PGN", 1000)
    monkeypatch.setattr(sources, "pgn_parts", lambda path: pgn_parts.pgn_parts(path, 700))
    games = [game(shuffle(4 * n)) for n in range(1, 30)]
    text = pgn(*games) + '\n[Event "last"]\n\n1. h2e2 h2e2\n'
    path, out = tmp_path / "big.pgn", tmp_path / "out.parquet"
    path.write_text(text, encoding="utf-8")
    assert len(pgn_parts.pgn_parts(path, 700)) > 3
    report = run(path, out=out)
    assert rows(out, "moves") == [(shuffle(4 * n),) for n in range(1, 30)] + [("h2e2",)]
    (problem,) = report.problems
    assert problem.line == text.count("\n")


def test_an_interrupted_import_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_TASK_FILES", 1)
    folder, out = tmp_path / "in", tmp_path / "out.parquet"
    folder.mkdir()
    for name, moves in (("1", A), ("2", B), ("3", C)):
        (folder / f"{name}.pgn").write_text(pgn(game(moves)), encoding="utf-8")
    done: list[int] = []
    real = run_import.run_task

    def failing(number: int, *rest: object) -> int:
        if number == 2:
            raise KeyboardInterrupt
        done.append(number)
        return real(number, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(run_import, "run_task", failing)
    with pytest.raises(KeyboardInterrupt):
        run(folder, out=out)
    assert not out.exists() and done == [0, 1]

    def counting(number: int, *rest: object) -> int:
        done.append(number)
        return real(number, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(run_import, "run_task", counting)
    run(folder, out=out)
    assert done == [0, 1, 2]
    assert rows(out, "moves") == [(A,), (B,), (C,)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out.parquet"]


def test_parts_of_another_import_are_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, out = tmp_path / "x.pgn", tmp_path / "out.parquet"
    path.write_text(pgn(game(A)), encoding="utf-8")

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run_import, "merge_parts", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(path, out=out)
    path.write_text(pgn(game(B)), encoding="utf-8")
    run(path, out=out)
    assert rows(out, "moves") == [(B,)]


@pytest.mark.slow
def test_several_processes_give_the_same_corpus(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for n in range(1, 5):
        (folder / f"{n}.pgn").write_text(pgn(game(shuffle(4 * n)), game(A, Red=str(n))), encoding="utf-8")
    (folder / "x.zip").write_bytes(b"junk")
    alone, together = tmp_path / "1.parquet", tmp_path / "2.parquet"
    run(folder, out=alone)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "_TASK_FILES", 1)
        report = import_records([folder], together, workers=2, progress=False)
    assert rows(together) == rows(alone)
    assert report.merged.duplicates == 3


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_stops_all_processes_and_the_command_goes_on_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out = tmp_path / "in", tmp_path / "out.parquet"
    folder.mkdir()
    text = pgn(*(game(shuffle(100 + 4 * n)) for n in range(100)))
    for n in range(12):
        (folder / f"{n:02}.pgn").write_text(text, encoding="utf-8")
    monkeypatch.setattr(sources, "_TASK_BYTES", 1)
    command = "import sys; from xiangqi_gpt.records.importer import sources; sources._TASK_BYTES = 1; "
    command += "from xiangqi_gpt.commands.main import main; sys.exit(main(sys.argv[1:]))"
    arguments = ["records", "import", str(folder), "--out", str(out), "--workers=2"]
    process = subprocess.Popen(
        [sys.executable, "-c", command, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
    )
    work = tmp_path / ".out.parquet.import"
    wait_until(lambda: list(work.glob("0*.json")) or process.poll() is not None)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130 and b"Traceback" not in said
    assert not out.exists() and list(work.glob("0*.json"))
    run(folder, out=out)
    assert rows(out, "count(*)") == [(100,)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out.parquet"]


def test_a_file_of_nothing_but_broken_games_is_counted_but_not_listed_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xiangqi_gpt.records.importer.import_task._LISTED", 5)
    broken = '[Event "x"]\n\n1. h0h5\n\n' * 30
    (tmp_path / "x.pgn").write_text(broken + pgn(game(A)), encoding="utf-8")
    report = run(tmp_path / "x.pgn", out=tmp_path / "out.parquet")
    assert len(report.problems) == 5 and report.headline()["games dropped"] == 30
    assert rows(tmp_path / "out.parquet", "moves") == [(A,)]


def test_many_problems_are_counted_and_some_of_them_kept_those_that_cost_a_game_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("xiangqi_gpt.records.importer.import_report._LISTED", 5)
    monkeypatch.setattr("xiangqi_gpt.records.importer.import_report._SHOWN", 4)
    report = ImportReport(3, {})
    for number in range(4):
        note = Problem("a.pgn", f"'x{number}' is no comment", "damaged")
        report.add_problems([note, note, Problem("a.pgn", "no moves", "dropped", game=number)])
    assert [problem.outcome for problem in report.problems] == ["dropped"] * 4 + ["damaged"]
    assert report.reasons() == [("damaged", "… is no comment", 8), ("dropped", "no moves", 4)]
    assert report.headline()["games dropped"] == 4
    assert "and 8 more" in format_report(report)


def test_the_reports(tmp_path: Path) -> None:
    (tmp_path / "x.pgn").write_text(
        pgn(game(A, "1-0", Red="<b>吕钦", ECCO="C06", Date="1999")) + '\n[Event "x"]\n\n1. h0h5\n', encoding="utf-8"
    )
    report = run(tmp_path / "x.pgn", out=tmp_path / "out.parquet")
    text = format_report(report)
    assert "games dropped                         1" in text and "ply 1: h0h5 is not legal" in text
    assert "C06 中炮左边马对屏风马" in text
    write_report(report, tmp_path / "report.html", "Import")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;吕钦" in page and "<b>吕钦" not in page
    assert "h0h5 is not legal" in page and "中炮左边马对屏风马" in page
    assert "http" not in page.replace("http://www.w3.org", "")  # needs nothing from elsewhere


def test_of_many_problems_the_terminal_names_the_first_and_says_how_many_more(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for n in range(30):
        (folder / f"{n:02}.pgn").write_text(f'[Event "x"]\n\n1. {"h2e2 " * (n % 2)}a0a9\n', encoding="utf-8")
    (folder / "notes.doc").touch()
    text = format_report(run(folder, out=tmp_path / "out.parquet"))
    assert "other files left alone: .doc 1" in text
    assert "  dropped        15  … is not legal: " in text and "  cut            15  … is not legal: " in text
    assert text.count("a0a9 is not legal") == 20
    assert "  ... and 10 more: --report FILE.html lists them" in text


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.pgn").write_text(pgn(game(A)), encoding="utf-8")
    out = str(tmp_path / "out.parquet")
    arguments = ["records", "import", "--workers", "1", str(tmp_path / "x.pgn")]
    assert main([*arguments, "--out", out, "--report", str(tmp_path / "r.html")]) == 0
    assert "1 game, 3 plies" in capsys.readouterr().out and (tmp_path / "r.html").exists()
    for words, wrong in (
        ("exists already: choose another name, or replace it with --force", ["--out", out]),
        ("written as .parquet", ["--out", str(tmp_path / "x.csv")]),
        ("not a memory limit", ["--out", out, "--force", "--memory-limit", "lots"]),
        ("no such file or folder", [str(tmp_path / "none"), "--out", out, "--force"]),
    ):
        assert main([*arguments, *wrong]) == 2
        assert words in capsys.readouterr().err


def test_a_part_of_an_archive_may_hold_no_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_TASK_FILES", 1)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.doc", "no record")
        archive.writestr("b.pgn", pgn(game(A)))
    report = run(tmp_path / "x.zip", out=tmp_path / "out.parquet")
    assert rows(tmp_path / "out.parquet", "moves") == [(A,)] and not report.problems


def test_a_file_named_twice_is_read_once_and_what_was_written_before_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "x.pgn").write_text(pgn(game(A)), encoding="utf-8")
    write_corpus([game(B)], tmp_path / "out.parquet")
    report = run(
        tmp_path, tmp_path / "x.pgn", tmp_path / ".." / tmp_path.name, out=tmp_path / "out.parquet", replace=True
    )
    assert (report.files, report.headline()["games read"]) == (1, 1)
    assert rows(tmp_path / "out.parquet", "moves") == [(A,)]


def test_a_damaged_corpus_among_others_is_skipped_and_named(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write_corpus([game(A)], folder / "good.parquet")
    whole = (folder / "good.parquet").read_bytes()
    (folder / "junk.parquet").write_bytes(b"PAR1 nothing of the kind PAR1")
    (folder / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    report = run(folder, out=tmp_path / "out.parquet")
    assert rows(tmp_path / "out.parquet", "moves") == [(A,)]
    wrong = {Path(problem.path).name: problem for problem in report.problems}
    assert set(wrong) == {"junk.parquet", "cut.parquet"}
    for problem in wrong.values():
        assert problem.outcome == "skipped" and problem.reason.startswith("is not a Parquet file")


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text there")
def test_names_of_files_that_are_no_text(tmp_path: Path) -> None:
    folder, out = tmp_path / os.fsdecode("炮".encode("gb18030")), tmp_path / "out.parquet"
    folder.mkdir()
    (folder / os.fsdecode("馬.pgn".encode("big5"))).write_text("1. h2e2 h2e2")
    report = run(folder, out=out)
    write_report(report, tmp_path / "report.html", "Import")
    assert rows(out, "moves, source") == [("h2e2", "??")]
    assert "h2e2 is not legal" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_nothing_to_import_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no record files"):
        run(tmp_path, out=tmp_path / "out.parquet")
    for content, reason in (("", "holds no game"), ('[Event "x"]\n\n*\n', "no moves")):
        (tmp_path / "x.pgn").write_text(content, encoding="utf-8")
        with pytest.raises(CorpusError, match=f"^no game in {tmp_path}: .*{reason}"):
            run(tmp_path, out=tmp_path / "out.parquet")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.pgn"]


def test_the_real_samples(shared: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    report = run(shared / "samples", out=out)
    (empty,) = [problem for problem in report.problems if problem.path.endswith("no_moves.xqf")]
    assert "no moves" in empty.reason
    assert all(problem.ply for problem in report.problems if problem.costs_a_game and problem.outcome != "skipped")
    alone = sum(1 for path in (shared / "samples").glob("*.*") for _ in _legal(path))
    assert report.merged.read == alone
    assert rows(out, "count(DISTINCT (init_fen, moves)), count(*)") == [(alone - report.merged.duplicates,) * 2]


def _legal(path: Path) -> list[Game]:
    try:
        return list(read_games(path, on_illegal="cut"))
    except CorpusError:
        return []


def test_real_games_come_back_from_pgn(shared: Path, tmp_path: Path) -> None:
    games = list(read_games(shared / "data" / "games.parquet", where="file_row_number % 500 = 0"))
    folder = tmp_path / "in"
    folder.mkdir()
    for number, each in enumerate(games):
        write_pgn([each], folder / f"{number:03}.pgn", notation=("iccs", "chinese", "wxf")[number % 3])
    out = tmp_path / "out.parquet"
    report = run(folder, out=out)
    assert not report.problems
    again = list(read_games(out))
    assert [each.moves for each in again] == [each.moves for each in games]
    assert [each.result for each in again] == [each.result for each in games]
    assert [each.year for each in again] == [each.year for each in games]
