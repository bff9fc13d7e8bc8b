"""Every kind of thing that the path of an output may lead to: written as it should be, and still there."""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
import threading
from pathlib import Path

import pytest
from patience import wait_until
from special_files import FULL, Pipe, SocketServer, is_device, make_device

from xiangqi_gpt.files import (
    atomic_mkdir,
    atomic_write,
    final_target,
    is_special,
    make_folder,
    refusing_to_wait,
    would_replace,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs the files of a Unix system")


def write(path: Path, text: str = "new") -> None:
    with atomic_write(path) as unfinished:
        assert stat.S_ISREG(unfinished.lstat().st_mode), "writers may seek in it"
        unfinished.write_text(text)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- files and links


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444])
def test_a_file_keeps_its_permissions(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    path.chmod(mode)
    with atomic_write(path) as unfinished:
        assert stat.S_IMODE(unfinished.stat().st_mode) == 0o600, "nobody else reads it meanwhile"
        unfinished.write_text("new")
    assert path.read_text() == "new" and stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.parametrize("older", [None, 0o644])
def test_a_private_file_is_for_its_owner_alone(tmp_path: Path, older: int | None) -> None:
    path = tmp_path / "a.txt"
    if older:
        path.write_text("old")
        path.chmod(older)
    with atomic_write(path, private=True) as unfinished:
        unfinished.write_text("new")
    assert path.read_text() == "new" and stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_new_file_is_readable_by_whom_the_umask_allows(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write(tmp_path / "a.txt")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o640


def test_the_ending_is_kept_and_long_names_are_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / ("棋" * 80 + ".parquet")
    with atomic_write(path) as unfinished:
        assert unfinished.suffix == ".parquet"
    assert names(tmp_path) == [path.name]


@pytest.mark.parametrize("is_there", [True, False], ids=["to a file", "dangling"])
@pytest.mark.parametrize("links", [1, 3], ids=["link", "chain"])
def test_a_link_is_followed_and_stays(tmp_path: Path, links: int, is_there: bool) -> None:
    (tmp_path / "deep").mkdir()
    target, path = tmp_path / "deep" / "target.txt", tmp_path / "link0.txt"
    if is_there:
        target.write_text("old")
    for number in range(links):
        last = number == links - 1
        (tmp_path / f"link{number}.txt").symlink_to("deep/target.txt" if last else f"link{number + 1}.txt")
    assert final_target(path) == target and would_replace(path) == is_there and not is_special(path)
    write(path)
    assert path.is_symlink() and not target.is_symlink() and target.read_text() == "new"
    assert names(target.parent) == ["target.txt"] and len(names(tmp_path)) == links + 1


def test_a_loop_of_links_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    for use in (write, make_folder, lambda path: atomic_mkdir(path).__enter__()):
        with pytest.raises(OSError, match="symbolic links") as caught:
            use(tmp_path / "a")
        assert caught.value.filename == str(tmp_path / "a")
    assert names(tmp_path) == ["a", "b"]


# --- special files


def test_a_device_is_written_through(tmp_path: Path) -> None:
    device = make_device(tmp_path / "null")
    assert is_special(device) and not would_replace(device)
    write(device)
    (tmp_path / "link").symlink_to("null")
    write(tmp_path / "link")
    assert is_device(device) and names(tmp_path) == ["link", "null"]


def test_a_device_that_takes_nothing_is_named(tmp_path: Path) -> None:
    device = make_device(tmp_path / "full", FULL)
    with pytest.raises(OSError, match="No space left") as caught:
        write(device)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(device))
    assert is_device(device, FULL) and names(tmp_path) == ["full"]


def test_a_disk_needs_force_and_one_without_a_driver_refuses_before_the_work(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    try:
        os.mknod(disk, stat.S_IFBLK | 0o666, os.makedev(240, 0))  # a number for local experiments
    except OSError as error:
        pytest.skip(f"device nodes cannot be made here: {error}")
    assert is_special(disk) and would_replace(disk)
    with pytest.raises(OSError) as caught, atomic_write(disk):
        pytest.fail("the work was begun")
    assert caught.value.filename == str(disk)
    assert stat.S_ISBLK(disk.lstat().st_mode) and names(tmp_path) == ["disk"]


def test_a_terminal_is_written_through() -> None:
    master, slave = os.openpty()
    try:
        path = Path(os.ttyname(slave))
        assert is_special(path) and not would_replace(path)
        write(path, "a game\n")
        assert os.read(master, 100) == b"a game\r\n"
        assert stat.S_ISCHR(path.lstat().st_mode)
    finally:
        os.close(master)
        os.close(slave)


def test_a_pipe_gets_all_when_the_work_went_well(tmp_path: Path) -> None:
    pipe = Pipe(tmp_path / "pipe").start()
    text = "a game\n" * 100_000  # more than a pipe holds
    write(pipe.path, text)
    assert pipe.read().decode() == text and names(tmp_path) == ["pipe"]


def test_a_pipe_gets_nothing_when_the_work_failed(tmp_path: Path) -> None:
    pipe = Pipe(tmp_path / "pipe").start()
    with pytest.raises(RuntimeError), atomic_write(pipe.path) as unfinished:
        unfinished.write_text("half")
        raise RuntimeError
    assert pipe.read() == b"" and names(tmp_path) == ["pipe"]


def test_a_pipe_without_a_reader_is_waited_for_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = io.StringIO()  # reading what pytest captures while another thread writes can lose it
    monkeypatch.setattr(sys, "stderr", said)
    pipe = Pipe(tmp_path / "pipe")
    writer = threading.Thread(target=write, args=(pipe.path,), daemon=True)
    writer.start()
    wait_until(lambda: said.getvalue().endswith("\n"))
    assert said.getvalue() == f"waiting for a program that reads {pipe.path}\n"
    assert pipe.start().read() == b"new"
    writer.join(60)


def test_who_cannot_wait_hears_that_nobody_reads(tmp_path: Path) -> None:
    pipe = Pipe(tmp_path / "pipe")
    with pytest.raises(OSError, match="no program reads this pipe") as caught, refusing_to_wait(pipe.path):
        pytest.fail("it would wait for ever")
    assert caught.value.filename == str(pipe.path)
    reader = os.open(pipe.path, os.O_RDONLY | os.O_NONBLOCK)
    with refusing_to_wait(pipe.path):
        write(pipe.path)
    assert os.read(reader, 100) == b"new"
    os.close(reader)
    with refusing_to_wait(tmp_path / "file"):
        write(tmp_path / "file")


def test_a_reader_that_leaves_early_is_an_error_that_names_the_pipe(tmp_path: Path) -> None:
    pipe = Pipe(tmp_path / "pipe")
    reader = os.open(pipe.path, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(BrokenPipeError) as caught, atomic_write(pipe.path) as unfinished:
        unfinished.write_text("new")
        os.close(reader)
    assert caught.value.filename == str(pipe.path) and names(tmp_path) == ["pipe"]


def test_a_socket_is_connected_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = SocketServer(tmp_path / "socket", monkeypatch).start()
    assert is_special(server.path) and not would_replace(server.path)
    write(server.path, "a game\n" * 100_000)
    assert server.read() == b"a game\n" * 100_000 and names(tmp_path) == ["socket"]
    server.close()


def test_a_socket_that_nobody_listens_at_refuses_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = SocketServer(tmp_path / "socket", monkeypatch)
    with pytest.raises(ConnectionRefusedError) as caught, atomic_write(server.path):
        pytest.fail("the work was begun")
    assert caught.value.filename == "socket" and stat.S_ISSOCK(server.path.lstat().st_mode)
    server.close()


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs /dev/fd")
def test_an_open_descriptor_is_written_to_where_it_stands(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    write(Path(f"/dev/fd/{writer}"))  # as in --pgn >(gzip > games.pgn.gz)
    assert os.read(reader, 100) == b"new"
    os.close(reader)
    os.close(writer)
    path = tmp_path / "opened by the shell"
    with path.open("wb", buffering=0) as file:
        file.write(b"before\n")
        node, named = path.stat().st_ino, Path(f"/dev/fd/{file.fileno()}")
        assert is_special(named) and not would_replace(named)
        write(named)
        file.write(b"\nafter")
    assert path.read_text() == "before\nnew\nafter" and path.stat().st_ino == node and len(names(tmp_path)) == 1


# --- folders


def test_a_link_to_a_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    (tmp_path / "dangling").symlink_to("later/deep")
    assert make_folder(tmp_path / "link") == tmp_path / "there"
    with atomic_mkdir(tmp_path / "dangling") as unfinished:
        (unfinished / "a.txt").write_text("new")
    assert (tmp_path / "later" / "deep" / "a.txt").read_text() == "new"
    make_folder(tmp_path / "dangling" / "deeper")
    assert names(tmp_path) == ["dangling", "later", "link", "there"]
    assert names(tmp_path / "later") == ["deep"] and (tmp_path / "dangling").is_symlink()


def test_what_is_no_folder_is_never_made_one(tmp_path: Path) -> None:
    pipe = Pipe(tmp_path / "pipe").path
    with pytest.raises(NotADirectoryError) as caught:
        make_folder(pipe)
    assert caught.value.filename == str(pipe)
    with pytest.raises(FileExistsError) as caught_too, atomic_mkdir(pipe):
        pytest.fail("the work was begun")
    assert caught_too.value.filename == str(pipe)
    assert stat.S_ISFIFO(pipe.lstat().st_mode) and names(tmp_path) == ["pipe"]


def test_a_folder_that_came_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    with pytest.raises(OSError, match="not empty") as caught, atomic_mkdir(path):
        path.mkdir()
        (path / "a.txt").write_text("another's")
    assert caught.value.filename == str(path) and names(tmp_path) == ["folder"]
