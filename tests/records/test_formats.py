"""Which reader a file gets, what damaged files of every format come to, and one format turned into another."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from ccbridge_files import LINES, OLD_LINES, cbf, cbl, cbr, old_library, old_record
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peer import read_by_peer
from record_games import annotated_games, tree_of

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.records import FORMATS, CorpusError, Game, RecordError, format_pgn, parse_pgn, read_games, write_corpus
from xiangqi_gpt.records.convert import WRITABLE, write_games
from xiangqi_gpt.records.dhtmlxq_writer import format_dhtmlxq, write_dhtmlxq
from xiangqi_gpt.records.xqf_writer import format_xqf
from xiangqi_gpt.rules import Board, XiangqiError

#: How many damaged files the fuzz test reads; set it higher to search for longer.
FUZZ_EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "400"))


def annotated() -> Game:
    (game,) = parse_pgn('[Red "甲"]\n\n{始} 1. h2e2 {中炮} h9g7 (b9c7 h0g2 (b0c2)) (h7e7 {顺炮}) 2. h0g2 i9h9 1-0')
    return game


FILES = {
    ".pgn": format_pgn(annotated(), notation="chinese").encode("gb18030"),
    ".txt": b"h2e2 h9g7 h0g2 i9h9\nfen 3k5/8r/9/9/9/9/9/9/R8/4K4 b - - 0 1 moves i8i0\n",
    ".ubb": ("a forum " + format_dhtmlxq(annotated()) * 2).encode(),
    ".xqf": format_xqf(annotated()),
    ".cbl": cbl(cbr(LINES), cbr(LINES), slots=2),
    ".cbr": cbr(LINES),
    ".cbf": cbf('<Move value="00-00"/><Move value="77-47">x</Move><Move value="70-62" end="1"/>').encode(),
    ".old": old_library(old_record(OLD_LINES), old_record(OLD_LINES)),
    ".raw": old_library(old_record(OLD_LINES), compression=0),
}


@pytest.mark.parametrize("ending", FILES)
@pytest.mark.parametrize("name", ["file.pgn", "file.xqf", "file.cbl", "file.txt", "file", "file.bak"])
def test_content_decides(tmp_path: Path, ending: str, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[ending])
    games = list(read_games(path))
    assert len(games) == (2 if ending in (".txt", ".ubb", ".cbl", ".old") else 1)
    assert str(games[0].moves[0]) == "h2e2"


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


# --- damaged files


@st.composite
def damaged_files(draw: st.DrawFn, files: list[bytes]) -> bytes:
    """A file with bytes changed, numbers made absurd, parts left out, repeated, moved or cut off."""
    data = bytearray(draw(st.sampled_from(files)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        kind = draw(st.sampled_from(("byte", "number", "cut", "insert", "copy", "end")))
        if kind == "byte":
            data[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
        elif kind == "number":
            data[at : at + 4] = draw(
                st.sampled_from((b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\1\0\0\0"))
            )
        elif kind == "cut":
            del data[at : at + draw(st.integers(1, 50))]
        elif kind == "insert":
            data[at:at] = draw(st.binary(min_size=1, max_size=20))
        elif kind == "copy":
            other = draw(st.integers(0, len(data)))
            data[at:at] = data[other : other + draw(st.integers(1, 80))]
        else:
            del data[at:]
    return bytes(data)


def _seeds() -> list[bytes]:
    """Real files where there are some, small ones of each format always."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "samples"
    real = [path.read_bytes() for path in sorted(folder.glob("*.*")) if path.stat().st_size < 10_000]
    library = folder / "tournament_35_games.cbl"
    if library.exists():  # its last two records, behind the start of its header
        raw = library.read_bytes()
        real.append(raw[:576] + raw[-8192:])
    return [*FILES.values(), *real]


@given(damaged_files(_seeds()), st.sampled_from(FORMATS), st.sampled_from(("fail", "cut", "drop")))
@settings(max_examples=FUZZ_EXAMPLES, suppress_health_check=list(HealthCheck))
def test_damaged_files_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, ending: str, on_illegal: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"damaged{ending}"
    path.write_bytes(raw)
    problems: list[RecordError] = []
    try:
        for game in read_games(path, on_illegal=on_illegal, problems=problems):  # type: ignore[arg-type]
            board = Board(game.root, lenient=True)
            for move in game.moves:
                board.check_legal(move)
                board.push(move)
            if sum(1 for _ in game.lines()) < 100:
                assert [again.moves for again in parse_pgn(format_pgn(game))] == [game.moves]
    except XiangqiError as error:
        assert "\n" not in str(error) and str(path) in str(error)


# --- from one format to another


@given(st.lists(annotated_games(), min_size=1, max_size=3))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_dhtmlxq_reads_back(tmp_path_factory: pytest.TempPathFactory, games: list[Game]) -> None:
    path = tmp_path_factory.getbasetemp() / "games.ubb"
    for game in games:
        for line in game.lines():
            line.comments = {n: text.replace("||", "|") for n, text in line.comments.items()}
        game.tags = {tag: " ".join(text.split()) for tag, text in game.tags.items() if tag in ("Event", "Red", "Black")}
    assert write_dhtmlxq(games, path) == len(games)
    for game, again in zip(games, read_games(path), strict=True):
        assert (again.comments, tree_of(again), again.result, again.tags) == (
            game.comments,
            tree_of(game),
            game.result,
            game.tags,
        )
        assert again.root.split()[0] == game.root.split()[0]
        assert not game.moves or again.board().turn == game.board().turn


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
    assert "XQF holds one game" in capsys.readouterr().err and not (tmp_path / "l.xqf").exists()
    assert main(["records", "convert", str(samples / "no_moves.xqf"), str(tmp_path / "n.pgn")]) == 2
    assert "no_moves.xqf holds no moves" in capsys.readouterr().err
