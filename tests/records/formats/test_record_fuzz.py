"""Damaged files of every format, each given to its own reader: games come out, or one of the project's errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzzing import damaged, fuzz
from hypothesis import strategies as st
from record_files import FILES, real_files

from xiangqi_gpt.records import RecordError, format_pgn, parse_pgn, read_corpus, read_pgn, write_corpus
from xiangqi_gpt.records.formats.cbf import read_cbf
from xiangqi_gpt.records.formats.cbl import read_cbl
from xiangqi_gpt.records.formats.cbl_old import read_old_cbl
from xiangqi_gpt.records.formats.cbr import read_cbr
from xiangqi_gpt.records.formats.detection import FORMATS, Reader
from xiangqi_gpt.records.formats.dhtmlxq import read_dhtmlxq
from xiangqi_gpt.records.formats.movelist import read_move_list
from xiangqi_gpt.records.formats.wxf import read_wxf
from xiangqi_gpt.records.formats.xqf import read_xqf
from xiangqi_gpt.records.load_games import read_games
from xiangqi_gpt.rules import Board, XiangqiError

READERS = {
    ".pgn": read_pgn,
    ".txt": read_move_list,
    ".wxf": read_wxf,
    ".ubb": read_dhtmlxq,
    ".xqf": read_xqf,
    ".cbl": read_cbl,
    ".cbr": read_cbr,
    ".cbf": read_cbf,
    ".old": read_old_cbl,
    ".raw": read_old_cbl,
}
ON_ILLEGAL = st.sampled_from(("fail", "cut", "drop"))

#: Pieces of PGN that bring a reader into every corner.
_WORDS = """
{ } ( ) ; $1 $999 1. 1... １． * 1-0 0-1 1/2 ! ?! \\ [" ]
－－ -- 红胜 黑方认负 （红优） ① 第1回合 １－０ ½–½ &nbsp; <br> ± 红方 马二近三 Ｃ２．５ h10g8 Rih10 P2-5
h2e2 H2-E2 h9g7 a0a0 炮二平五 马８進７ 前炮退一 C2.5 +R-3 5P+1 Che2 gxg4
"""
_LINES = ("\n", "\r", " ", '[Event "x"]\n', '[FEN "x"]\n', '[FEN "3ak4/9/9/9/9/9/9/9/4R4/4K4 b"]\n', '[Result "和棋"]')
SNIPPETS = [*_WORDS.split(), *_LINES]


def read_or_refuse(reader: Reader, path: Path, on_illegal: str) -> None:
    """Every move that comes out is legal, and the game can be written and read again."""
    try:
        for game in reader(path, on_illegal=on_illegal, problems=[]):
            board = Board(game.root, lenient=True)
            for move in game.moves:
                board.check_legal(move)
                board.push(move)
            if sum(1 for _ in game.lines()) < 100:
                assert [again.moves for again in parse_pgn(format_pgn(game))] == [game.moves]
    except XiangqiError as error:
        assert "\n" not in str(error) and str(path) in str(error)


def test_every_small_file_has_its_reader() -> None:
    assert set(READERS) == set(FILES)
    assert set(FORMATS) <= {*READERS, ".parquet"}


@pytest.mark.parametrize("reader", dict.fromkeys(READERS.values()), ids=lambda reader: reader.__name__)
def test_fuzz_reader(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "damaged"
    endings = [ending for ending, its_reader in READERS.items() if its_reader is reader]

    def check(raw: bytes, on_illegal: str) -> None:
        path.write_bytes(raw)
        read_or_refuse(reader, path, on_illegal)

    files = [raw for ending in endings for raw in (FILES[ending], *real_files(ending))]
    fuzz(check, damaged(files), ON_ILLEGAL)


def test_fuzz_choice_of_the_reader(tmp_path: Path) -> None:
    """A file under any name: its content, as far as it is left, says who reads it."""

    def check(raw: bytes, ending: str, on_illegal: str) -> None:
        path = tmp_path / f"damaged{ending}"
        path.write_bytes(raw)
        read_or_refuse(read_games, path, on_illegal)

    fuzz(check, damaged(list(FILES.values())), st.sampled_from(FORMATS), ON_ILLEGAL)


def test_fuzz_pgn_text() -> None:
    def check(parts: list[str], separator: str) -> None:
        problems: list[RecordError] = []
        try:
            games = list(parse_pgn(separator.join(parts), on_illegal="cut", problems=problems))
        except XiangqiError as error:
            assert "\n" not in str(error)
            return
        for game in games:
            assert list(parse_pgn(format_pgn(game))) == [game]

    fuzz(check, st.lists(st.sampled_from(SNIPPETS), max_size=60), st.sampled_from(("", " ")))


def test_fuzz_corpus(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_corpus(parse_pgn("1. h2e2 h9g7 2. h0g2 *\n\n1. c3c4 1-0"), path)

    def check(raw: bytes) -> None:
        path.write_bytes(raw)
        try:
            for batch in read_corpus(path):
                assert batch.offsets[-1] == len(batch.moves)
        except XiangqiError as error:
            assert "\n" not in str(error)

    fuzz(check, damaged([path.read_bytes()]))
