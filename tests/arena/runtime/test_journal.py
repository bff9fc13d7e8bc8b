"""What lies beside an unfinished output: whole pieces only, and one clear line for a file that is something else."""

import sys

import pytest
from special_files import Pipe

from xiangqi_gpt.arena.runtime.journal import Journal, JournalError

WORK = {"engine": "one"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"engine": "one"}\n\x00\x00\x00\n', r"out\.unfinished: byte 18 is not JSON; delete the file to start anew"),
        ('{"engine": "one"}\n{"best": ""}\n', r"out\.unfinished: byte 18 is no finished piece; delete the file"),
        ('{"engine": "one"}\n5\n', r"out\.unfinished: byte 18 is no finished piece"),
        ('{"engine": "one"}\n{"number": -2}\n', r"out\.unfinished: byte 18 is no finished piece"),
        ('{"engine": "one"}\n{"number": 1000000000000}\n', r"out\.unfinished: byte 18 is no finished piece"),
        ('{"engine": "one"}\n' + "[" * 100_000 + "\n", r"out\.unfinished: byte 18 is not JSON"),
        ('{"engine": "two"}\n', r"is unfinished other work: engine was 'two' and is now 'one'; delete it first"),
        ('{"engine": "one", "more": 1}\n', "is unfinished other work: of another kind"),
        ("[1, 2]\n", "is unfinished other work: of another kind"),
        ("my shopping list\n", "byte 0 is not JSON"),
    ],
)
def test_a_file_that_is_no_journal_of_this_work_is_told_and_kept(tmp_path, content, message):
    path = tmp_path / "out.unfinished"
    path.write_text(content)
    with pytest.raises(JournalError, match=message):
        Journal(tmp_path / "out", WORK)
    assert path.read_text() == content


def test_a_piece_that_was_written_again_counts_once(tmp_path):
    with Journal(tmp_path / "out", WORK) as journal:
        journal.add(2, {"text": "old"})
        journal.add(2, {"text": "new"})
        assert (len(journal), journal.last) == (1, 2)
        assert [piece["text"] for piece in journal.pieces(range(5))] == ["new"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit of file size")
def test_a_disk_that_fills_up_keeps_the_whole_pieces(tmp_path):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Journal(tmp_path / "out", WORK) as journal:
        journal.add(0, {"text": "炮"})
        resource.setrlimit(resource.RLIMIT_FSIZE, (journal.path.stat().st_size + 100, hard))
        try:
            with pytest.raises(JournalError, match=r"out\.unfinished cannot be written: File too large"):
                journal.add(1, {"text": "x" * 1000})
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with Journal(tmp_path / "out", WORK) as journal:
        assert (len(journal), journal.last) == (1, 0)
        journal.add(1, {"text": "y"})
        assert [piece["text"] for piece in journal.pieces(range(2))] == ["炮", "y"]


def test_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(JournalError, match=r"out\.unfinished cannot be written: No such file"):
        Journal(tmp_path / "no" / "out", WORK)


def test_nothing_is_put_beside_a_special_file(tmp_path):
    pipe = Pipe(tmp_path / "pipe").path
    with Journal(pipe, {"engine": "one"}) as journal:
        journal.add(0, {"best": "h2e2"})
        assert list(journal.pieces(range(1))) == [{"number": 0, "best": "h2e2"}]
        assert journal.path.exists() and list(tmp_path.iterdir()) == [pipe]
    assert not journal.path.parent.exists()


def test_the_journal_of_a_link_lies_beside_its_target(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "link").symlink_to("deep/out")
    with Journal(tmp_path / "link", {"engine": "one"}) as journal:
        assert journal.path == tmp_path / "deep" / "out.unfinished"


def test_what_lies_in_the_journals_place_is_not_followed_emptied_or_removed(tmp_path):
    (tmp_path / "victim").write_text("")
    (tmp_path / "a.unfinished").symlink_to("victim")
    with pytest.raises(JournalError, match=r"a\.unfinished cannot be written: Too many levels"):
        Journal(tmp_path / "a", {})
    assert (tmp_path / "victim").read_text() == "" and (tmp_path / "a.unfinished").is_symlink()
    pipe = Pipe(tmp_path / "b.unfinished").path
    with pytest.raises(JournalError, match=r"b\.unfinished is in the way: it is not a regular file"):
        Journal(tmp_path / "b", {})
    assert pipe.is_fifo()
