"""``xiangqi-gpt records`` as a user types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from patience import PATIENCE

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.records import FORMATS, read_games
from xiangqi_gpt.records.formats.convert import WRITABLE

GAMES = """[Event "a"]
[Date "1999.04.18"]
[Red "吕钦"]
[Black "B"]
[Result "1-0"]
[ECCO "C64"]

1. 炮二平五 马８进７ {好} 1-0

[Event "b"]
[Result "0-1"]

1. h2e2 h9g7 2. h0g2 0-1
"""
BROKEN = GAMES + '\n[Event "c"]\n\n1. h2e2 h2e2\n'


@pytest.fixture
def pgn(tmp_path: Path) -> Path:
    path = tmp_path / "games.pgn"
    path.write_text(GAMES, encoding="gb18030")
    return path


def test_stats_count_games(pgn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["records", "stats", str(pgn), str(pgn), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["games"], report["plies"], report["with_comments"]) == (4, 10, 2)
    assert report["results"] == {"1-0": 2, "0-1": 2}
    assert (report["openings"], report["decades"], report["lengths"]) == ({"C64": 2}, {"1990": 2}, {"0": 4})
    assert report["players"] == {"吕钦": 2, "B": 2}

    assert main(["records", "stats", str(pgn)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("2 games, 5 plies\n") and "1-0 1, 1/2-1/2 0, 0-1 1" in out and "1990-1999" in out


def test_convert_there_and_back(pgn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus, again = tmp_path / "games.parquet", tmp_path / "again.pgn"
    assert main(["records", "convert", str(pgn), str(corpus)]) == 0
    assert main(["records", "convert", str(corpus), str(again), "--where", "red = '吕钦'", "--notation", "wxf"]) == 0
    assert "C2.5 H8+7" in again.read_text(encoding="utf-8")
    (game,) = read_games(again)
    first, _ = read_games(pgn)
    assert (game.moves, game.result, game.tags["Red"]) == (first.moves, first.result, first.tags["Red"])
    assert capsys.readouterr().out == f"2 games in {corpus}\n1 game in {again}\n"


def test_an_existing_file_is_replaced_only_when_asked(pgn: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.pgn"
    target.write_text("mine")
    assert main(["records", "convert", str(pgn), str(target)]) == 2
    assert target.read_text() == "mine"
    assert main(["records", "convert", str(pgn), str(target), "--force"]) == 0
    assert len(list(read_games(target))) == 2


def test_broken_games_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, target = tmp_path / "broken.pgn", tmp_path / "out.pgn"
    path.write_text(BROKEN, encoding="utf-8")
    where = f"{path}, game 3, line 17, ply 2: h2e2 is not legal"

    assert main(["records", "check", str(path)]) == 1
    out = capsys.readouterr().out
    assert where in out and out.endswith("legal games: 2, broken games: 1, unreadable files: 0\n")

    assert main(["records", "convert", str(path), str(target)]) == 2
    assert where in capsys.readouterr().err
    assert sorted(file.name for file in tmp_path.iterdir()) == ["broken.pgn"]

    for choice, count in (("cut", 3), ("drop", 2)):
        assert main(["records", "convert", str(path), str(target), "--on-illegal", choice, "--force"]) == 0
        assert where in capsys.readouterr().err
        assert len(list(read_games(target))) == count


def test_folders_and_archives_are_counted_and_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, archive = tmp_path / "games", tmp_path / "games.zip"
    folder.mkdir()
    (folder / "a.pgn").write_text(BROKEN, encoding="utf-8")
    (folder / "junk.xqf").write_bytes(b"\0\1\2")
    (folder / "notes.doc").write_text("no record")
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.write(folder / "a.pgn", "b.pgn")

    assert main(["records", "check", str(folder), str(archive)]) == 2
    out = capsys.readouterr().out
    assert f"{folder / 'a.pgn'}, game 3, line 17, ply 2" in out and f"{archive}/b.pgn, game 3, line 17, ply 2" in out
    assert str(folder / "junk.xqf") in out and "notes.doc" not in out
    assert out.endswith("legal games: 4, broken games: 2, unreadable files: 1\n")

    assert main(["records", "stats", str(folder), str(archive), "--on-illegal", "drop"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("4 games, 10 plies\n") and "junk.xqf" in err
    assert main(["records", "stats", str(archive)]) == 2
    assert "b.pgn, game 3, line 17, ply 2" in capsys.readouterr().err
    (folder / "a.pgn").unlink()
    assert main(["records", "stats", str(folder)]) == 2
    assert f"no game in {folder}: {folder / 'junk.xqf'}" in capsys.readouterr().err


def test_help_names_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    for command, endings in (([], FORMATS), (["convert"], WRITABLE)):
        with pytest.raises(SystemExit):
            main(["records", *command, "--help"])
        out = capsys.readouterr().out
        assert [ending for ending in endings if ending not in out] == []


def test_unreadable_files_are_named(pgn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "junk.pgn").write_bytes(b"\0\1\2")
    (tmp_path / "junk.parquet").write_bytes(b"\0\1\2")
    (tmp_path / "junk.doc").write_bytes(b"\0\1\2")
    junk = [str(tmp_path / name) for name in ("junk.pgn", "junk.parquet", "none.pgn", "junk.doc")]
    assert main(["records", "check", str(pgn), *junk]) == 2
    out = capsys.readouterr().out
    assert all(name in out for name in junk) and "legal games: 2, broken games: 0, unreadable files: 4" in out
    for name in junk:
        assert main(["records", "stats", name]) == 2
        assert capsys.readouterr().err.startswith(f"xiangqi-gpt: {'no such file: ' if 'none' in name else ''}{name}")
    assert main(["records", "stats", str(pgn), "--where", "year > 1"]) == 2
    assert main(["records", "convert", str(pgn), str(tmp_path / "out.doc")]) == 2
    assert "known endings are .pgn, .parquet" in capsys.readouterr().err


@pytest.mark.parametrize("ending", ["pgn", "parquet"])
def test_a_target_that_cannot_be_written_is_named(
    pgn: Path, tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / f"folder.{ending}"
    folder.mkdir()
    before = sorted(tmp_path.iterdir())
    for target, words in ((folder, "Is a directory"), (tmp_path / "no" / f"x.{ending}", "No such file or directory")):
        assert main(["records", "convert", str(pgn), str(target), "--force"]) == 2
        assert capsys.readouterr().err == f"xiangqi-gpt: {words}: {target}\n"
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit of file size")
@pytest.mark.parametrize("ending", ["pgn", "parquet"])
def test_a_full_disk_is_one_line_and_leaves_no_file(
    pgn: Path, tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    import resource

    before = sorted(tmp_path.iterdir())
    target = tmp_path / f"x.{ending}"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        assert main(["records", "convert", str(pgn), str(target)]) == 2
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert capsys.readouterr().err == f"xiangqi-gpt: File too large: {target}\n"
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.slow
def test_a_terminal_without_chinese_shows_what_it_can(pgn: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "xiangqi_gpt", "records", "stats", str(pgn)],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert "2 games" in done.stdout
    assert "?? 1" in done.stdout  # a player's name
