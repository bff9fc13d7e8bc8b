"""Archives of records: what is in them is read, and whatever is wrong in one is named, and stays in it."""

from __future__ import annotations

import io
import random
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fuzzing import damaged, fuzz
from hypothesis import strategies as st
from record_games import shuffle

from xiangqi_gpt.records import Game, RecordError, format_pgn, read_games
from xiangqi_gpt.records.importer import source_games
from xiangqi_gpt.records.importer.archives import members
from xiangqi_gpt.records.importer.source_games import Problem, games_under
from xiangqi_gpt.rules import Move

A, B = "h2e2 h9g7 h0g2", "b2e2 b9c7"


def pgn(moves: str) -> bytes:
    return format_pgn(Game([Move.from_iccs(word) for word in moves.split()])).encode()


def read(path: Path) -> tuple[list[str], dict[str, Problem]]:
    """The moves of the games under a path, and what is wrong by the path below it."""
    problems: list[Problem] = []
    games = [" ".join(map(str, game.moves)) for game in games_under(path, "cut", problems)]
    return games, {problem.path.removeprefix(f"{path}/"): problem for problem in problems}


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return raw.getvalue()


def tarred(files: dict[str, bytes], kind: str = "", encoding: str = "utf-8", link: str | None = None) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode=f"w:{kind}", encoding=encoding) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        if link:
            info = tarfile.TarInfo(link)
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(info)
    return raw.getvalue()


def test_archives_in_archives_and_every_kind_of_tar(tmp_path: Path) -> None:
    inner = zipped({"a.pgn": pgn(A)})
    for number, (ending, kind) in enumerate((("tar", ""), ("tar.gz", "gz"), ("tgz", "gz"), ("tar.xz", "xz"))):
        raw = tarred({"x/inner.zip": inner, "x/b.pgn": pgn(B)}, kind)
        (tmp_path / f"{number}.{ending}").write_bytes(raw)
    assert read(tmp_path) == ([A, B] * 4, {})


def test_names_in_chinese_are_readable_in_either_encoding(tmp_path: Path) -> None:
    for encoding in ("utf-8", "gb18030"):
        (tmp_path / f"{encoding}.tar").write_bytes(tarred({"炮.pgn": b"1. h2e2 h2e2"}, encoding=encoding))
    games, wrong = read(tmp_path)
    assert games == ["h2e2"] * 2
    assert set(wrong) == {"utf-8.tar/炮.pgn", "gb18030.tar/炮.pgn"}


def test_tricks_are_refused_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = tmp_path / "in"
    folder.mkdir()
    paths = ("../up.pgn", "/root.pgn", "C:\\windows.pgn", "a/../../b.pgn")
    whole = zipped(dict.fromkeys(paths, pgn(B)) | {"good.pgn": pgn(A)})
    links = tarred({"../up.pgn": pgn(B)}, "gz", link="link.pgn")
    locked = bytearray(zipped({"a.pgn": pgn(B)}))
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    for name, content in {
        "paths.zip": whole,
        "links.tgz": links,
        "locked.zip": bytes(locked),
        "bomb.zip": zipped({"bomb.pgn": bytes(70 << 20)}),
        "cut.zip": whole[:-40],
        "cut.tgz": links[: len(links) // 2],
        "junk.tar": random.Random(1).randbytes(5000),
        "empty.zip": b"",
    }.items():
        (folder / name).write_bytes(content)
    before = sorted(tmp_path.rglob("*"))
    games, wrong = read(folder)
    assert games == [A]
    assert sorted(tmp_path.rglob("*")) == before
    assert {problem.outcome for problem in wrong.values()} == {"skipped"}
    said = {name: problem.reason for name, problem in wrong.items()}
    for name in (*(f"paths.zip/{path}" for path in ("../up.pgn", "/root.pgn", "a/../../b.pgn")), "links.tgz/../up.pgn"):
        assert said[name] == "its name leads out of the archive: refused"
    assert said["links.tgz/link.pgn"] == "is a link or a device, not a file"
    assert said["locked.zip/a.pgn"] == "is encrypted"
    assert said["bomb.zip"].startswith("would grow from") and said["bomb.zip"].endswith("refused")
    for name in ("cut.zip", "cut.tgz", "junk.tar", "empty.zip"):
        assert "damaged" in said[name]


def test_a_member_that_is_larger_than_allowed_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xiangqi_gpt.records.importer.archives.LARGEST_MEMBER", 1000)
    (tmp_path / "x.zip").write_bytes(zipped({"large.pgn": pgn(shuffle(400)), "small.pgn": pgn(A)}))
    games, wrong = read(tmp_path / "x.zip")
    assert (games, list(wrong)) == ([A], ["large.pgn"])
    assert wrong["large.pgn"].reason.startswith("is larger than")


def test_archives_too_deep_in_archives_are_named(tmp_path: Path) -> None:
    raw = pgn(A)
    for depth in (4, 3, 2, 1):
        raw = zipped({f"{depth}.zip" if depth < 4 else "a.pgn": raw, "b.pgn": pgn(B)})
    (tmp_path / "x.zip").write_bytes(raw)
    games, wrong = read(tmp_path / "x.zip")
    assert games == [B] * 3
    assert {name: problem.reason for name, problem in wrong.items()} == {
        "1.zip/2.zip/3.zip": "archives lie more than 3 deep"
    }


def test_what_small_archives_in_an_archive_unpack_to_is_limited_in_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xiangqi_gpt.records.importer.source_games._HARMLESS", 1 << 20)
    bomb = zipped({"zeros.pgn": bytes(1 << 20)})
    (tmp_path / "x.zip").write_bytes(zipped({"a.pgn": pgn(A), "1.zip": bomb, "2.zip": bomb, "b.pgn": pgn(B)}))
    games, wrong = read(tmp_path / "x.zip")
    assert games == [A]
    assert list(wrong) == ["1.zip", str(tmp_path / "x.zip")]
    assert all("grows too much when it is unpacked" in problem.reason for problem in wrong.values())


def test_a_list_of_members_that_would_fill_the_memory_is_not_read(tmp_path: Path) -> None:
    whole = zipped({"a.pgn": pgn(A)})
    end = whole.rindex(b"PK\5\6")
    short = bytearray(whole)
    short[end + 12 : end + 16] = (100 << 20).to_bytes(4, "little")
    long = bytearray(whole)
    long[end + 12 : end + 16] = b"\xff" * 4
    long[end:end] = b"PK\6\6" + bytes(36) + (1 << 40).to_bytes(8, "little")
    for content, size in ((short, "100"), (long, "1,048,576")):
        (tmp_path / "x.zip").write_bytes(content)
        games, wrong = read(tmp_path / "x.zip")
        (problem,) = wrong.values()
        assert (games, problem.outcome) == ([], "skipped")
        assert problem.reason == f"lists its members in {size} MiB, more than 64"


def test_a_tar_of_endless_members_or_a_huge_header_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xiangqi_gpt.records.importer.archives.MOST_MEMBERS", 2)
    (tmp_path / "many.tar").write_bytes(tarred({f"{number}.pgn": pgn(A) for number in range(4)}))
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 2 << 20
    (tmp_path / "name.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + b"a" * (2 << 20))
    games, wrong = read(tmp_path)
    assert games == [A, A]
    assert wrong["many.tar"].reason == "has more than 2 members"
    assert "a header of 2,097,152 bytes" in wrong["name.tar"].reason


def test_names_that_stand_for_nothing_are_passed_over(tmp_path: Path) -> None:
    """Folders, and files that other programs keep for themselves."""
    hidden = ("__MACOSX/._a.pgn", ".cache/b.pgn", "x/.c.pgn")
    (tmp_path / "x.zip").write_bytes(zipped({"folder.pgn/": b"", "a.pgn": pgn(A)} | dict.fromkeys(hidden, b"?")))
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        info = tarfile.TarInfo("folder.pgn")
        info.type = tarfile.DIRTYPE
        archive.addfile(info)
        info = tarfile.TarInfo("folder.pgn/a.pgn")
        info.size = len(pgn(A))
        archive.addfile(info, io.BytesIO(pgn(A)))
    (tmp_path / "x.tar").write_bytes(raw.getvalue())
    assert read(tmp_path) == ([A, A], {})


def test_an_archive_without_records_and_one_in_its_place_are_named(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(zipped({"readme.doc": b"x"}))
    games, wrong = read(tmp_path / "x.zip")
    (problem,) = wrong.values()
    assert (games, problem.reason) == ([], "holds no record files")


def test_names_a_program_wrote_in_the_pcs_own_code_page(tmp_path: Path) -> None:
    """Older programs for Windows wrote GBK and said nothing of it; some names are no GBK either."""
    raw = bytearray(zipped({"12.pgn": b"1. h2e2 h2e2", "34.pgn": b"1. h2e2 h2e2"}))
    for name, written in ((b"12", "炮".encode("gb18030")), (b"34", b"a\xff")):
        raw = raw.replace(name + b".pgn", written + b".pgn")
    (tmp_path / "x.zip").write_bytes(raw)
    _, wrong = read(tmp_path / "x.zip")
    assert set(wrong) == {"炮.pgn", bytes((0x61, 0xFF)).decode("cp437") + ".pgn"}


def test_a_strict_reader_names_the_member_with_the_illegal_move(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(zipped({"a.pgn": pgn(A), "b.pgn": pgn(B) + b"\n1. h2e2 h2e2"}))
    problems: list[Problem] = []
    games = games_under(tmp_path / "x.zip", "fail", problems)
    assert [str(move) for move in next(games).moves] == A.split()
    with pytest.raises(RecordError, match=r"x\.zip/b\.pgn, .*ply 2: h2e2 is not legal"):
        list(games)
    assert not problems


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (OSError(5, "Input/output error", "/scratch/member1.pgn"), "Input/output error"),
        (IndexError("list index out of range"), "cannot be read: IndexError: list index out of range"),
    ],
)
def test_a_file_that_fails_in_some_other_way_is_skipped_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception, reason: str
) -> None:
    def failing(path: Path, **how: Any) -> Iterator[Game]:
        games = list(read_games(path, **how))
        if len(games[0].moves) == 2:
            raise failure
        yield from games

    monkeypatch.setattr(source_games, "read_games", failing)
    (tmp_path / "x.zip").write_bytes(zipped({"a.pgn": pgn(A), "b.pgn": pgn(B), "c.pgn": pgn(A)}))
    games, wrong = read(tmp_path / "x.zip")
    assert games == [A, A]
    assert {name: (problem.reason, problem.outcome) for name, problem in wrong.items()} == {
        "b.pgn": (reason, "skipped")
    }


def test_a_full_disk_is_not_taken_for_damage(tmp_path: Path) -> None:
    for name, raw in (("x.zip", zipped({"a.pgn": pgn(A)})), ("x.tar", tarred({"a.pgn": pgn(A)}))):
        (tmp_path / name).write_bytes(raw)
        member = next(found := members(tmp_path / name))
        with pytest.raises(FileNotFoundError):  # as good as any error of the disk
            member.copy_to(tmp_path / "none" / "a.pgn")
        member.copy_to(tmp_path / "a.pgn")
        assert list(found) == []


#: Ending -> an archive of that kind.
KINDS = {
    ".zip": zipped({"a.pgn": pgn(A), "../b.pgn": pgn(B), "c/d.zip": zipped({"e.pgn": pgn(B)})}),
    ".bz2.zip": zipped({"a.pgn": pgn(A)}, zipfile.ZIP_BZIP2),
    ".xz.zip": zipped({"a.pgn": pgn(A)}, zipfile.ZIP_LZMA),
    **{
        f".tar{f'.{kind}' if kind else ''}": tarred(
            {"a.pgn": pgn(A), "../b.pgn": pgn(B), "炮" * 60 + ".pgn": pgn(B)}, kind
        )
        for kind in ("", "gz", "bz2", "xz")
    },
}


@pytest.mark.slow
def test_fuzz_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def check(archive: tuple[str, bytes]) -> None:
        path = folder / f"a{archive[0]}"
        path.write_bytes(archive[1])
        problems: list[Problem] = []
        assert all(game.moves for game in games_under(path, "drop", problems))
        assert sorted(tmp_path.rglob("*")) == [folder, path]
        assert all("cannot be read" not in problem.reason for problem in problems)
        path.unlink()

    kinds = st.sampled_from(sorted(KINDS))
    fuzz(check, kinds.flatmap(lambda ending: st.tuples(st.just(ending), damaged([KINDS[ending]]))))
