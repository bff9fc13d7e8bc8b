"""Damaged files of every format, each given to its own reader: games come out, or one of the project's errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzzing import damaged, damaged_text, fuzz
from hypothesis import strategies as st
from record_files import FILES, real_files
from record_games import lines_of
from xiangqi_gpt.gui.state.record_files import ClipboardKind, clipboard_kind, pasted_fen

from xiangqi_gpt.records import Game, RecordError, format_pgn, parse_pgn, read_corpus, read_pgn, write_corpus
from xiangqi_gpt.records.formats.cbf import read_cbf
from xiangqi_gpt.records.formats.cbl import read_cbl
from xiangqi_gpt.records.formats.cbl_old import read_old_cbl
from xiangqi_gpt.records.formats.cbr import read_cbr
from xiangqi_gpt.records.formats.detection import FORMATS, Reader
from xiangqi_gpt.records.formats.dhtmlxq import read_dhtmlxq
from xiangqi_gpt.records.formats.movelist import read_move_list
from xiangqi_gpt.records.formats.plain_moves import PlainMoves, PlainText
from xiangqi_gpt.records.formats.wxf import read_wxf
from xiangqi_gpt.records.formats.xqf import read_xqf
from xiangqi_gpt.records.load_games import read_games
from xiangqi_gpt.rules import Board, XiangqiError
from xiangqi_gpt.rules.pasted_fen import find_fen, tidy_fen

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
h2e2 H2-E2 h9g7 a0a0 炮二平五 马８進７ 前炮退一 C2.5 +R-3 5P+1 Che2 gxg4 , ， ； + # 0000 Z0
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
            if len(lines_of(game)) < 100:
                assert [again.moves for again in parse_pgn(format_pgn(game))] == [game.moves]
    except XiangqiError as error:
        assert "\n" not in str(error) and str(path) in str(error)


def test_every_small_file_has_its_reader() -> None:
    assert set(READERS) == set(FILES)
    assert set(FORMATS) <= {*READERS, ".parquet"}


@pytest.mark.slow
@pytest.mark.parametrize("reader", dict.fromkeys(READERS.values()), ids=lambda reader: reader.__name__)
def test_fuzz_reader(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "damaged"
    endings = [ending for ending, its_reader in READERS.items() if its_reader is reader]

    def check(raw: bytes, on_illegal: str) -> None:
        path.write_bytes(raw)
        read_or_refuse(reader, path, on_illegal)

    files = [raw for ending in endings for raw in (FILES[ending], *real_files(ending))]
    fuzz(check, damaged(files), ON_ILLEGAL)


@pytest.mark.slow
def test_fuzz_choice_of_the_reader(tmp_path: Path) -> None:
    """A file under any name: its content, as far as it is left, says who reads it."""

    def check(raw: bytes, ending: str, on_illegal: str) -> None:
        path = tmp_path / f"damaged{ending}"
        path.write_bytes(raw)
        read_or_refuse(read_games, path, on_illegal)

    fuzz(check, damaged(list(FILES.values())), st.sampled_from(FORMATS), ON_ILLEGAL)


@pytest.mark.slow
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


#: What people copy from sites and programs, one of each kind.
PASTED = (
    "FORMAT  WXF\nRED     a ; 1500 ;;\nBLACK   b ; 1400 ;;\nRESULT  0-1\nSTART{\n 1. C2.5 h8+7   2. H2+3 r9.8 }END\n",
    "标题: 一局\n红方: 甲\n黑方: 乙\n结果: 红胜\n-----\n  1. 炮二平五  马８进７    2. 马二进三  卒７进１\n-----\n"
    "由XQStudio生成\n",
    "https://www.chessdb.cn/query/?rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR_w_moves_h2e2_h9g7",
    "https://www.pychess.org/analysis/xiangqi?fen=3k5/4a4/6R2/9/9/9/9/9/9/4K4[]_w_-_-_0_1",
    "position fen 3ak4/9/9/9/9/9/9/9/4R4/4K4%20b moves d9e8 e1e8",
    "position startpos moves h3e3 h10g8 h1g3",
    '"3k5/9/9/9/9/9/9/9/9/4K4/[] red - - 0 1"\n帅五进一 将4退1',
    "乙 先胜 丁\n第1回合：炮二平五，马8进7；②马二进三（好棋！） 车9平8 -- 3. Z0 红方认负",
    "[DhtmlXQ]\n[DhtmlXQ_title]x|y[/DhtmlXQ_title]\n[DhtmlXQ_movelist]7747[/DhtmlXQ_movelist]\n[/DhtmlXQ]",
    "1. 炮 二 平 五 {马 8} 马 8 进 7 2. h0 -> g2 (2. h0->i2) R 9 = 8\n\n1. e4 e5 *",
    "1. P2-5 M8.7 2. M2.3 X9-8\n\n1. Che3 Nhg8 (1... 0000) 2. Nhg3 Rih10 ½–½",
)


@pytest.mark.slow
def test_fuzz_pasted_text(tmp_path: Path) -> None:
    path = tmp_path / "pasted.txt"

    def check(text: str, snippet: str, place: int, on_illegal: str) -> None:
        at = place % (len(text) + 1)
        text = text[:at] + snippet + text[at:]
        path.write_text(text, encoding="utf-8", errors="replace", newline="")
        read_or_refuse(read_games, path, on_illegal)
        assert isinstance(clipboard_kind(text), ClipboardKind)
        if found := find_fen(text):
            assert tidy_fen(found.fen) == found.fen and tidy_fen(pasted_fen(text)) == found.fen

    snippets = st.sampled_from([*SNIPPETS, *"[]_%/", "%20", "[] w", "moves", "fen ", "}END", "START{"])
    fuzz(check, damaged_text(PASTED), snippets, st.integers(0, 10**6), ON_ILLEGAL)


@pytest.mark.slow
def test_fuzz_quick_and_slow_way() -> None:
    """The kernel reads what one token after the other gives."""

    def check(parts: list[str], separator: str) -> None:
        found: list[tuple[list[Game], list[str]]] = []
        for slowly in (False, True):
            with pytest.MonkeyPatch.context() as patch:
                if slowly:
                    patch.setattr(PlainText, "read", lambda self, at, *_, **__: PlainMoves([], at, 0))
                problems: list[RecordError] = []
                try:
                    games = list(parse_pgn(separator.join(parts), on_illegal="cut", problems=problems))
                except XiangqiError as error:
                    games, problems = [], [str(error)]  # type: ignore[list-item]
                found.append((games, list(map(str, problems))))
        assert found[0] == found[1]

    text = "1. 炮二平五 马８进７ 2. H2+3 R9.8 3. i0h0 h7h3 4. R2+6 h3g3 5. 兵七进一 b9c7 6. c3c4 7. P7+1"
    line = text.split()
    parts = st.integers(0, 15).flatmap(
        lambda n: st.lists(st.sampled_from(SNIPPETS + line), max_size=12).map(lambda rest: line[:n] + rest)
    )
    fuzz(check, parts, st.sampled_from((" ", "", "\n")))


@pytest.mark.slow
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
