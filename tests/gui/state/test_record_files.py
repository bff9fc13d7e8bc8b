"""What the window takes from the clipboard: a position and no more, a game, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from xiangqi_gpt.gui.state.record_files import ClipboardKind, clipboard_kind, pasted_fen, read_chunks

from xiangqi_gpt.records import Game, write_corpus
from xiangqi_gpt.rules import START_FEN, Board, Move, XiangqiError

FEN = "3k5/4a4/6R2/9/9/9/9/9/9/4K4 w - - 0 1"


@pytest.mark.parametrize(
    "text",
    [
        FEN,
        f"  fen {FEN}\n",
        f'"{FEN}"',
        f"position fen {FEN}",
        "3k5/4a4/6R2/9/9/9/9/9/9/4K4[] w - - 0 1",
        "3k5/4a4/6R2/9/9/9/9/9/9/4K4/ red",
        "3k5／4a4／6R2／9／9／9／9／9／9／4K4 w",
        "https://www.pychess.org/analysis/xiangqi?fen=3k5/4a4/6R2/9/9/9/9/9/9/4K4[]_w_-_-_0_1",
        "https://example.org/?fen=3k5/4a4/6R2/9/9/9/9/9/9/4K4%20w%20-%20-%200%201&side=red",
        "残局：3k5/4a4/6R2/9/9/9/9/9/9/4K4 w",
    ],
)
def test_a_position_is_taken_however_it_is_pasted(text: str) -> None:
    assert clipboard_kind(text) is ClipboardKind.FEN
    assert Board(pasted_fen(text)).fen() == FEN


@pytest.mark.parametrize(
    ("text", "plies"),
    [
        (f"position fen {START_FEN} moves h2e2 h9g7", 2),
        (f"https://www.chessdb.cn/query/?{START_FEN.replace(' ', '_')}_moves_h2e2", 1),
        (f"{START_FEN}\n炮二平五 马8进7", 2),
        ("红方：甲\n黑方：乙\n1、炮二平五 马8进7（红胜）", 2),
        ("[Event 'x']\n\n1. h3e3 h10g8 *", 2),
        ("FORMAT WXF\nRED a\nSTART{\n1. C2.5 h8+7 }END", 2),
    ],
)
def test_a_game_is_read_from_the_clipboard_as_from_a_file(text: str, plies: int) -> None:
    assert clipboard_kind(text) is ClipboardKind.RECORD
    games = [game for chunk, faults in read_chunks("", text) for game in chunk if not faults]
    assert [len(game.moves) for game in games] == [plies]


def test_what_is_neither_is_said_in_one_line() -> None:
    assert clipboard_kind(" \n") is ClipboardKind.NOTHING
    with pytest.raises(XiangqiError, match="the clipboard holds no game") as caught:
        list(read_chunks("", "12345"))
    assert "\n" not in str(caught.value)


def test_a_corpus_is_searched_for_what_was_typed_and_for_the_chinese_term(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cup, opening = (Game(moves=[Move.from_iccs(move)], tags={"Event": move}) for move in ("h2e2", "c0e2"))
    found = {"elephant cup": [cup, opening], "飞相 cup": [opening]}
    monkeypatch.setattr(
        "xiangqi_gpt.records.search_games.search_games", lambda path, text, **more: iter([found[text], []])
    )
    chunks = list(read_chunks(str(tmp_path / "all.parquet"), words="elephant cup", others="飞相 cup"))
    assert [game for games, _ in chunks for game in games] == [cup, opening], "each once"


def test_a_search_by_two_texts_gives_each_game_once_and_no_other_less(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    move, end = Move.from_iccs("e0e1"), "5k3/9/9/9/9/9/9/9/9/4K4 w - - 0 1"
    games = [
        Game([move], root="3k5/9/9/9/9/9/9/9/9/4K4 w - - 0 1", tags={"Event": "cup one"}),
        Game([move], root=end, result="1-0", tags={"Event": "cup one"}),
        Game([move], root=end, result="1/2-1/2", tags={"Event": "cup one"}),
    ]
    write_corpus(games, tmp_path / "c.parquet")
    for texts in (("cup", ""), ("cup", "one")):
        chunks = read_chunks(str(tmp_path / "c.parquet"), words=texts[0], others=texts[1])
        assert sorted(game.result for found, _ in chunks for game in found) == ["*", "1-0", "1/2-1/2"]
