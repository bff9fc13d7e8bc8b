"""Archives of records: what is in them is read, and whatever is wrong in one is named, and stays in it."""

from __future__ import annotations

import io
import random
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest
from fuzzing import damaged, fuzz
from hypothesis import strategies as st
from record_games import shuffle

from xiangqi_gpt.records import Game, format_pgn
from xiangqi_gpt.records.archives import members
from xiangqi_gpt.records.source_games import Problem, games_under
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
    monkeypatch.setattr("xiangqi_gpt.records.archives.LARGEST_MEMBER", 1000)
    (tmp_path / "x.zip").write_bytes(zipped({"large.pgn": pgn(shuffle(400)), "small.pgn": pgn(A)}))
    games, wrong = read(tmp_path / "x.zip")
    assert (games, list(wrong)) == ([A], ["large.pgn"])
    assert wrong["large.pgn"].reason.startswith("is larger than")


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
