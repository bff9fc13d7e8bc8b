"""Which reader a file gets, and one format turned into another."""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peer import read_by_peer
from record_files import FILES, annotated
from record_games import annotated_games, tree_of
from special_files import Pipe
from xiangqi_gpt.gui.state.record_files import READABLE
from xiangqi_gpt.gui.state.saving import SAVED_AS

from xiangqi_gpt.commands.desktop import _OUR_TYPES
from xiangqi_gpt.commands.main import main
from xiangqi_gpt.commands.records.format_option import add_format
from xiangqi_gpt.records import FORMATS, CorpusError, Game, RecordError, read_games, write_corpus
from xiangqi_gpt.records.formats.convert import WRITABLE, write_games
from xiangqi_gpt.records.formats.dhtmlxq_writer import write_dhtmlxq
from xiangqi_gpt.records.formats.movelist import read_move_list
from xiangqi_gpt.records.formats.pgn import read_pgn
from xiangqi_gpt.rules import XiangqiError


@pytest.mark.parametrize("ending", FILES)
@pytest.mark.parametrize("name", ["file.pgn", "file.xqf", "file.cbl", "file.txt", "file", "file.bak"])
def test_content_decides(tmp_path: Path, ending: str, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[ending])
    games = list(read_games(path))
    assert len(games) == (2 if ending in (".txt", ".ubb", ".cbl", ".old") else 1)
    assert str(games[0].moves[0]) == "h2e2"


def test_a_format_is_known_wherever_formats_are_listed() -> None:
    """Of the shared types of a desktop PGN is one and a plain text, so that ours need not have them."""
    files = set(FORMATS) - {".parquet"}
    assert set(READABLE) == set(FORMATS)
    assert {pattern.removeprefix("*") for _, pattern in _OUR_TYPES.values()} == files - {".pgn", ".txt"}
    parser = argparse.ArgumentParser()
    add_format(parser.add_argument)
    assert {f".{parser.parse_args(['--format', ending[1:]]).format}" for ending in WRITABLE} == set(WRITABLE)
    assert set(SAVED_AS) <= set(WRITABLE)


def test_a_corpus_of_another_name_is_found_out(tmp_path: Path) -> None:
    write_corpus([annotated()], tmp_path / "a.parquet")
    (tmp_path / "a.parquet").rename(tmp_path / "a.bin")
    (game,) = read_games(tmp_path / "a.bin", where="result = '1-0'")
    assert game.moves == annotated().moves


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize(
    "content", [b"", b"\0" * 5000, random.Random(5).randbytes(5000), b"\xff\xfe", "沒有棋譜".encode("big5")]
)
def test_files_without_games_are_refused(tmp_path: Path, ending: str, content: bytes) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(content)
    with pytest.raises(XiangqiError) as caught:
        list(read_games(path))
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


@pytest.mark.parametrize("comment", ["a|\nb", "a\n|b", "a\n|\n|b", "||", "a||b|||c", "|", "x\n\n|"])
def test_bars_in_a_comment_are_no_line_breaks_of_dhtmlxq(tmp_path: Path, comment: str) -> None:
    game = annotated()
    game.comment = comment
    write_dhtmlxq([game], tmp_path / "a.ubb")
    (again,) = read_games(tmp_path / "a.ubb")
    assert again.comments[0].count("\n") == comment.count("\n")
    assert again.comments[0].replace(" ", "") == comment


@pytest.mark.slow
@pytest.mark.parametrize("ending", [ending for ending in FORMATS if ending != ".parquet"])
def test_an_endless_file_is_read_in_little_memory(tmp_path: Path, ending: str) -> None:
    """The file is sparse: it takes no room on the disk."""
    resource = pytest.importorskip("resource")
    path = tmp_path / f"a{ending}"
    path.write_bytes(FILES[ending])
    with path.open("r+b") as file:
        file.truncate(100 << 20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    problems: list[RecordError] = []
    try:
        games = list(read_games(path, on_illegal="cut", problems=problems))
        assert games or problems
    except CorpusError as error:
        assert "is larger than 16 MiB" in str(error)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 << 10  # kilobytes


# --- from one format to another


def _without_spaces_at_bars(text: str) -> str:
    """DhtmlXQ's line break is ``||``: other bars beside one, or together, are written with a space between."""
    return re.sub(r" ?\| ?", "|", text)


def _without_marks(text: str) -> str:
    """What DhtmlXQ would take for its own marks is written with a space in it."""
    return re.sub(r"\[(/?)DhtmlXQ", r"[\1 DhtmlXQ", text)


@given(st.lists(annotated_games(), min_size=1, max_size=3))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_dhtmlxq_reads_back(tmp_path_factory: pytest.TempPathFactory, games: list[Game]) -> None:
    path = tmp_path_factory.getbasetemp() / "games.ubb"
    for game in games:
        for node in (game, *game.descendants()):
            node.comment = _without_marks(_without_spaces_at_bars(node.comment))
        tags = {tag: " ".join(text.split()) for tag, text in game.tags.items() if tag in ("Event", "Red", "Black")}
        game.tags = {tag: _without_marks(text) for tag, text in tags.items()}
    assert write_dhtmlxq(games, path) == len(games)
    for game, again in zip(games, read_games(path), strict=True):
        for node in (again, *again.descendants()):
            node.comment = _without_spaces_at_bars(node.comment)
        assert (again.comments, tree_of(again), again.result, again.tags) == (
            game.comments,
            tree_of(game),
            game.result,
            game.tags,
        )
        assert again.root.split()[0] == game.root.split()[0]
        assert not game.moves or again.end().turn() == game.end().turn()


@pytest.mark.parametrize("ending", [ending for ending in WRITABLE if ending != ".parquet"])
def test_every_writable_format_gives_the_game_back(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    assert write_games([annotated()], path) == 1
    (game,) = read_games(path)
    assert (game.moves, game.result, game.root) == (annotated().moves, "1-0", annotated().root)
    if ending != ".txt":
        assert (tree_of(game), game.comments, game.tags["Red"]) == (tree_of(annotated()), annotated().comments, "甲")


def test_real_files_change_format_and_come_back(samples: Path, tmp_path: Path) -> None:
    for name in ("xqf_01.xqf", "master_game_gb18030.xqf", "position.cbr", "dhtmlxq_game.ubb"):
        (game,) = read_games(samples / name)
        for step in ("a.pgn", "b.ubb", "c.xqf"):
            write_games([game], tmp_path / f"{name}-{step}")
            (again,) = read_games(tmp_path / f"{name}-{step}")
            assert (tree_of(again), again.root, again.result) == (tree_of(game), game.root, game.result)
            assert again.comments.get(0) == game.comments.get(0)


def test_the_command_converts_there_and_back(samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study, pgn, again = samples / "xqf_01.xqf", tmp_path / "b.pgn", tmp_path / "c.xqf"
    assert main(["records", "convert", str(study), str(pgn), "--notation", "chinese"]) == 0
    assert main(["records", "convert", str(pgn), str(again)]) == 0
    (peer,) = read_by_peer(again)
    assert (len(peer.moves), peer.lines) == (7, 7)
    library = samples / "tournament_35_games.cbl"
    assert main(["records", "convert", str(library), str(tmp_path / "l.pgn")]) == 0
    assert f"36 games in {tmp_path / 'l.pgn'}" in capsys.readouterr().out  # two of its 38 entries are headings
    assert list(read_games(tmp_path / "l.pgn")) == list(read_games(library))
    assert main(["records", "convert", str(library), str(tmp_path / "l.xqf")]) == 2
    said = capsys.readouterr().err
    assert "XQF holds one game" in said and not (tmp_path / "l.xqf").exists()
    words = said.partition(": xiangqi-gpt ")[2].partition(" writes")[0].split()
    assert main([{"FILE": str(library), "FOLDER": str(tmp_path / "each")}.get(word, word) for word in words]) == 0
    assert len(list((tmp_path / "each").glob("*.xqf"))) == 36
    assert main(["records", "convert", str(samples / "no_moves.xqf"), str(tmp_path / "n.pgn")]) == 2
    assert "no_moves.xqf holds no moves" in capsys.readouterr().err


@pytest.mark.parametrize("read", [read_games, read_pgn, read_move_list])
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path, read: Callable[..., Iterator[Game]]) -> None:
    pipe = Pipe(tmp_path / "pipe").path
    with pytest.raises(CorpusError, match="is a pipe or a device, not a file"):
        list(read(pipe))
