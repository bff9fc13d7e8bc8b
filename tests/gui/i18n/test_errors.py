"""What went wrong, in Chinese: each sentence is tried with the error that the program itself raises."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
import xiangqi_gpt.gui
from patience import PATIENCE
from special_files import Pipe
from xiangqi_gpt.gui.i18n.texts import Texts
from xiangqi_gpt.gui.state.error_report import ErrorReport, report
from xiangqi_gpt.gui.state.languages import section
from xiangqi_gpt.gui.state.record_files import read_chunks
from xiangqi_gpt.gui.state.saving import save_game

import xiangqi_gpt
from xiangqi_gpt.inference.model_folder import CheckpointError, check_model
from xiangqi_gpt.players import load_player
from xiangqi_gpt.records import Game
from xiangqi_gpt.records.errors import Scope
from xiangqi_gpt.rules import Board, FenError, Move, Refusal, XiangqiError, parse_move
from xiangqi_gpt.user_store import UserStore

FAKE = Path(__file__).parents[2] / "players" / "fake_engine.py"


def said(does: Callable[[], object], about: str = "") -> tuple[str, str]:
    """What the window says of an error in Chinese, and the error's own text."""
    with pytest.raises((XiangqiError, OSError)) as caught:
        does()
    found = report(caught.value, about)
    return Texts("zh").error(found), found.text


def engine(behaviour: str, *, timeout: float = PATIENCE, option: str = "") -> object:
    options = f"nodes=1,timeout={timeout},processes=1,args={FAKE} {behaviour}{option}"
    player = load_player(f"uci:{sys.executable},{options}")
    try:
        return player.choose(Board())
    finally:
        player.close()


@pytest.mark.parametrize(
    ("does", "words"),
    [
        (lambda: engine("dies"), "引擎意外退出"),
        (lambda: engine("silent", timeout=0.3), "引擎没有回应"),
        (lambda: engine("chess"), "这个引擎不会下象棋"),
        (lambda: engine("rubbish"), "引擎走出了看不懂的着法"),
        (lambda: engine("illegal"), "引擎走出了违规着法"),
        (lambda: engine("no-move"), "引擎找不到可走的着法"),
        (lambda: engine("good", option=",option.Nonsense=1"), "引擎没有这个选项"),
        (lambda: load_player("uci:/no/such/engine,nodes=1"), "找不到引擎程序：/no/such/engine"),
        (lambda: load_player("nobody"), "没有这样的棋手：nobody"),
    ],
)
def test_engines(does: Callable[[], object], words: str) -> None:
    sentence, _ = said(does)
    assert sentence.startswith(words)
    without_names = sentence.replace(str(FAKE), "").replace(sys.executable, "").partition("：")[0]
    assert not re.search("[A-Za-z]{3}", without_names), "no English inside Chinese"


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        ("9/9/9", "棋盘应当有 10 行"),
        ("rnbakabnr/9/1c5c1/p1p1x1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR w", "第 6 行有不认识的棋子字母 x"),
        ("rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR z", "先走的一方应当写 w（红）或 b（黑）"),
        ("rnba1abnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR w", "缺少将或帅"),
    ],
)
def test_what_is_wrong_with_a_position_is_said_in_chinese(fen: str, words: str) -> None:
    with pytest.raises(FenError) as caught:
        Board(fen, lenient=True)
    assert Texts("zh").error(report(caught.value)) == words


def test_an_error_in_a_pasted_text_names_the_clipboard() -> None:
    def paste() -> None:
        list(read_chunks("", "this is no game of anything"))

    chinese, details = said(paste)
    assert details.startswith("the clipboard") and "/" not in details
    assert "剪贴板" in chinese and not re.search("[A-Za-z]{3}", chinese)


def test_models(tmp_path: Path) -> None:
    assert said(lambda: check_model(tmp_path / "none"))[0].startswith("找不到模型：")
    assert said(lambda: check_model(tmp_path))[0].startswith("找不到模型：")
    (tmp_path / "config.json").write_text("{", "utf-8")
    (tmp_path / "model.safetensors").write_bytes(b"x")
    assert said(lambda: check_model(tmp_path))[0].startswith("模型文件已损坏：")
    assert said(lambda: check_model(tmp_path / "config.json"))[0].startswith("请选择模型所在的文件夹：")


@pytest.mark.parametrize("ending", ["pgn", "txt", "xqf", "cbl", "cbr", "cbf", "ubb"])
def test_a_file_that_is_no_record(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"file.{ending}").write_bytes(bytes(range(128, 256)) * 20)
    assert said(lambda: list(read_chunks(str(tmp_path / f"file.{ending}"))), "file")[0].startswith("这个文件不是棋谱：")


def test_other_files(tmp_path: Path) -> None:
    assert said(lambda: list(read_chunks(str(tmp_path / "none.pgn"))), "file")[0].startswith("找不到棋谱文件：")
    assert said(lambda: list(read_chunks(str(tmp_path))))[0].startswith("这是文件夹，不是棋谱文件：")
    (tmp_path / "picture.jpg").write_bytes(b"x")
    assert said(lambda: list(read_chunks(str(tmp_path / "picture.jpg"))), "file")[0].startswith("不认识这种文件：")
    (tmp_path / "short.xqf").write_bytes(b"XQ\x0a")
    assert said(lambda: list(read_chunks(str(tmp_path / "short.xqf"))), "file")[0].startswith(
        "棋谱文件已损坏或不完整："
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "找不到棋谱文件："),
        (b"", "这不是 Parquet 文件，或已损坏："),
        (b"PAR1 and no more", "这不是 Parquet 文件，或已损坏："),
        ("select 1 as x", "这个 Parquet 文件里没有对局（缺少 moves 列）："),
        ("select 'h2e2' as moves limit 0", "棋谱库里没有对局："),
    ],
)
@pytest.mark.parametrize("typed", ["", "吕钦"])
def test_a_corpus_that_is_none(tmp_path: Path, content: bytes | str | None, words: str, typed: str) -> None:
    file = tmp_path / "corpus.parquet"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content:
        duckdb = pytest.importorskip("duckdb")
        duckdb.sql(content).write_parquet(str(file))
    chinese, english = said(lambda: list(read_chunks(str(file), "", typed)), str(file))
    assert chinese == f"{words}{file}"
    assert str(file) in english


def test_a_corpus_without_the_package_that_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    (tmp_path / "corpus.parquet").write_bytes(b"PAR1 x")
    sentence, _ = said(lambda: list(read_chunks(str(tmp_path / "corpus.parquet"))), "corpus.parquet")
    assert sentence == "读取棋谱库（Parquet）需要安装 DuckDB"


def test_own_data(tmp_path: Path) -> None:
    (tmp_path / "user.sqlite").write_bytes(b"no database" * 200)
    assert said(lambda: UserStore(tmp_path / "user.sqlite"))[0].startswith("自己的数据文件")


def test_saving(tmp_path: Path) -> None:
    game = Game(moves=[Move.from_iccs("h2e2")])
    assert said(lambda: save_game(game, tmp_path / "none" / "game.pgn", "iccs"))[0].startswith("没有这个文件夹：")
    (tmp_path / "folder.pgn").mkdir()
    assert said(lambda: save_game(game, tmp_path / "folder.pgn", "iccs"))[0].startswith("这是一个文件夹，")


@pytest.mark.skipif(sys.platform == "win32", reason="needs named pipes")
def test_saving_to_a_pipe_does_not_stop_the_window(tmp_path: Path) -> None:
    game, pipe = Game(moves=[Move.from_iccs("h2e2")]), Pipe(tmp_path / "pipe.pgn")
    assert said(lambda: save_game(game, pipe.path, "iccs"))[0].startswith("没有程序在读这个管道：")
    reader = os.open(pipe.path, os.O_RDONLY | os.O_NONBLOCK)
    save_game(game, pipe.path, "iccs")
    assert b"1. h2e2" in os.read(reader, 1000) and pipe.path.is_fifo()
    os.close(reader)


@pytest.mark.parametrize(
    ("text", "chinese", "english"),
    [
        ("b0d1", "蹩马腿", "The horse's leg is blocked"),
        ("马八进六", "蹩马腿", "The horse's leg is blocked"),
        ("c0e2 h2", "看不懂的着法：c0e2 h2", "Not a move: c0e2 h2"),
        ("h9g7", "那是对方的棋子", "That piece belongs to the other side"),
        ("炮一平五", "不能走 炮一平五：那一路没有这种棋子", "炮一平五 is not legal: no such piece stands on that file"),
        ("前炮平五", "不能走 前炮平五：没有两个这样的棋子在同一路", None),
    ],
)
def test_why_a_typed_move_is_illegal(text: str, chinese: str, english: str | None) -> None:
    with pytest.raises(XiangqiError) as caught:
        parse_move(Board(), text)
    found = report(caught.value)
    assert Texts("zh").error(found) == chinese
    assert english is None or Texts("en").error(found) == english


def test_what_nobody_foresaw_is_named_by_its_kind() -> None:
    assert Texts("zh").error(report(CheckpointError("odd"))) == "模型文件无法使用"
    assert Texts("zh").error(report(ZeroDivisionError("an odd thing"))) == "程序出错（ZeroDivisionError）"
    bug = Texts("en").error(report(ZeroDivisionError("odd"), "gpt"))
    assert bug == "Something went wrong: gpt: ZeroDivisionError: odd", "whoever mends it reads English"
    assert Texts("en").error(ErrorReport("engine_died", "uci:x: it died")).endswith("uci:x: it died")
    assert Texts("zh").error(ErrorReport("no_such_code", "odd")) == "出错了"


def test_every_code_of_the_source_has_a_sentence_and_every_sentence_a_code() -> None:
    package = Path(xiangqi_gpt.__file__).parent
    gui = Path(xiangqi_gpt.gui.__file__).parent
    codes: set[str] = set()
    for path in (*package.rglob("*.py"), *gui.rglob("*.py")):
        source = path.read_text("utf-8")
        if "XiangqiError" in source or "Error(" in source:
            codes |= set(re.findall(r'\bcode(?:: str)? ?= ?"([a-z_]+)"', source))
            codes |= set(re.findall(r'"(os_[a-z]+)"', source))
    codes |= {f"record_{scope}" for scope in get_args(Scope)} | {"record_move", "fen_many", "fen_no_king"}
    codes |= {"bug", "memory", "os"} | {code.replace("os", "save", 1) for code in codes if code.startswith("os_")}
    codes.discard("tree")
    assert len(codes) > 50
    assert codes == set(section("zh", "error")) == set(section("en", "error"))
    assert {reason.code for reason in Refusal} == {f"refusal.{key}" for key in section("zh", "refusal")}


def test_nothing_english_stands_in_a_chinese_error() -> None:
    english = "an English sentence"
    values = {"move": "炮二平五", "name": "/tmp/x.pgn", "kind": "KeyError", "square": "e2", "letter": "x"}
    for code, sentence in section("zh", "error").items():
        said = Texts("zh").error(ErrorReport(code, english, values))
        assert english not in said and not re.search("[A-Za-z]{2,} [A-Za-z]{2,}", said), (code, sentence)
        assert Texts("en").error(ErrorReport(code, english, values)), code


def test_an_engine_is_named_and_not_spelled_out() -> None:
    error = ErrorReport("engine_died", "it died", {"name": "uci:/opt/engines/mute,movetime=1000"})
    assert Texts("zh").error(error) == "引擎意外退出：mute"
