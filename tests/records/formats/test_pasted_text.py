"""Games as people paste them and sites write them: the moves are found, what stands around them harms nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from record_games import lines_of

from xiangqi_gpt.records import CorpusError, Game, RecordError, parse_pgn, read_games
from xiangqi_gpt.records.formats.move_tokens import Scanner
from xiangqi_gpt.rules import START_FEN

OPENING = ["h2e2", "h9g7", "h0g2", "i9h9"]
ENDGAME = "3k5/8r/9/9/9/9/9/9/R8/4K4 b - - 0 1"
#: Cases whose expectation the rules forbid, and what is found instead: a pass is no move; the moved advisor leaves its
#: king in check to the cannon on e6; Black is to move where Black's pawn gives check already.
AGAINST_THE_RULES = {
    "41_null_move.pgn": {"games": 1, "plies": 1, "lines": 1},
    "49_iccs_check_mate_sign.pgn": {"games": 1, "plies": 3, "lines": 1},
    "61_fen_black_dots.pgn": {"games": 0},
}


def moves(game: Game) -> list[str]:
    return [str(move) for move in game.moves]


def read_text(tmp_path: Path, text: str, name: str = "pasted.txt") -> tuple[list[Game], list[RecordError]]:
    """The games of a file, and what was found in it."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    problems: list[RecordError] = []
    return list(read_games(path, problems=problems)), problems


@pytest.mark.parametrize("folder", ["pgn", "text"])
def test_shared_cases(shared: Path, folder: str) -> None:
    cases = shared / "cases" / folder
    if not cases.is_dir():
        pytest.skip("no cases here")
    wrong = {}
    for name, expected in json.loads((cases / "expected.json").read_text(encoding="utf-8")).items():
        against_the_rules = name in AGAINST_THE_RULES
        expected = AGAINST_THE_RULES.get(name, expected)
        try:
            games = list(read_games(cases / name, on_illegal="cut" if against_the_rules else "fail", problems=[]))
        except CorpusError:
            games = []
        found = {"games": len(games)}
        if games:
            lines = len(lines_of(games[0]))
            found |= {"plies": len(games[0].moves), "lines": lines, "result": games[0].result}  # type: ignore[dict-item]
        asked = {key: value for key, value in expected.items() if key != "note" and value is not None}
        if asked != {key: found.get(key) for key in asked}:
            wrong[name] = found
    assert not wrong


@pytest.mark.parametrize(
    "text",
    [
        "乙队 丙 先胜 丁\n1. 炮二平五 马8进7\n2. 马二进三 车9平8",
        "①炮二平五 马8进7 ②马二进三 车9平8",
        "(1)炮二平五 马8进7\n(2)马二进三 车9平8",
        "[1] 炮二平五 马8进7 [2] 马二进三 车9平8",
        "1) C2.5 h8+7 2) H2+3 r9.8",
        "第1回合 炮二平五 马8进7 第2回合 马二进三 车9平8",
        "第一回合：炮二平五 马8进7；第二回合：马二进三 车9平8",
        "一局旧谱\n着法（红先胜）：\n1. 炮二平五，马8进7；2. 马二进三，车9平8。",
        "红方炮二平五 黑方马8进7 红方马二进三 黑方车9平8",
        "1. Ｃ２．５ Ｈ８＋７ 2. Ｈ２＋３ Ｒ９．８",
        "１．Ｈ２－Ｅ２ Ｈ９－Ｇ７ ２．Ｈ０－Ｇ２ Ｉ９－Ｈ９",
        "<p>1. 炮二平五&nbsp;马8进7<br/>2. 马二进三&nbsp;车9平8</p>",
        "1. 炮二平五 马8进7 — 第1页 — 2. 马二进三 车9平8",
        "1. 炮二平五（当头炮！） 马8进7（屏风马） 2. 马二进三 车9平8",
        "1. h2e2 ± h9g7 ∓ 2. h0g2 += i9h9 ⩲",
        "% made by hand\n1. h2e2 h9g7\n2. h0g2 i9h9",
        "1. h2e2 {one {two} three} h9g7 2. h0g2 i9h9",
        "1. h2e2 … 1… h9g7 2. h0g2 2…… i9h9",
        "1. P2-5 M8.7 2. M2.3 X9-8",
        "1. h3e3 h10g8 2. h1g3 i10h10",
        "1. Che3 Nhg8 2. Nhg3 Rih10",
        "1. h7e7 h0g2 2. h9g7 i0h0",
        "1. C25 h8+7 2. H2+3 R98",
        "RNBAKABNR is not a position\n1. 炮二平五 马8进7 2. 马二进三 车9平8",
        "position startpos moves h2e2 h9g7 h0g2 i9h9",
        "h2e2 h9g7 h0g2 i9h9\n\n\n谢谢观赏 2020",
        f"FEN: {START_FEN}\n炮二平五 马8进7 马二进三 车9平8",
        f"{START_FEN}\n1. C2.5 H8+7 2. H2+3 R9.8",
        f"https://www.chessdb.cn/query/?{START_FEN.replace(' ', '_')}_moves_h2e2_h9g7_h0g2_i9h9",
        f"position fen {START_FEN} moves h3e3 h10g8 h1g3 i10h10",
        "<table>\n<tr><td>1</td>\n<td>炮二平五</td><td>马8进7</td></tr><tr><td>2</td><td>马二进三</td><td>车9平8</td></tr>",
        "| 回合 | 红 | 黑 |\n|---|---|---|\n| 1 | 炮二平五 | 马8进7 |\n| 2 | 马二进三 | 车9平8 |",
        "**1.** 炮二平五 马8进7 **2.** 马二进三 车9平8",
        "[b]1. 炮二平五[/b] 马8进7 [color=red]2. 马二进三[/color] 车9平8",
        "🔴炮二平五 ⚫马8进7 🔴马二进三 ⚫车9平8",
        "一、炮二平五 马8进7 二、马二进三 车9平8",
        "红方：炮二平五\n黑方：马8进7\n红方：马二进三\n黑方：车9平8",
        "1炮二平五马8进7 2马二进三车9平8",
        "炮二平五/马8进7/马二进三/车9平8",
        "炮2=5 马8+7 马2+3 车9.8",
        "['h2e2', 'h9g7', 'h0g2', 'i9h9']",
        f'{{"fen": "{START_FEN}", "moves": ["h2e2", "h9g7", "h0g2", "i9h9"]}}',
        "h2e2h9g7h0g2i9h9",
        "https://example.org/?moves=h2e2%20h9g7%20h0g2%20i9h9",
        f"({START_FEN}) 炮二平五 马8进7 马二进三 车9平8",
        f"{START_FEN.replace(' ', '[] ', 1)} h2e2 h9g7 h0g2 i9h9",
        "position startpos moves h2e2 h9g7 h0g2 i9h9\ninfo depth 3 pv c3c4\nbestmove c3c4",
        "一局\n----------\n1. 炮二平五 马8进7 2. 马二进三 车9平8\n----\n",
        "1. 炮 二 平 五 马 8 进 7 2. 马 二 进 三 车 9 平 8",
        "炮 二 平 五，马 ８ 进 ７\n马　二　进　三，车 ９ 平 ８",
        "红：炮 二 平 五 黑：马 8 进 7 红：马 二 进 三 黑：车 9 平 8",
        "1.炮二 平五 马8 进7 2.马二 进三 车9 平8",
        "1. C 2 = 5 H 8 + 7 2. H 2 + 3 R 9 = 8",
        "1. Ｃ ２ ＝ ５ Ｈ ８ ＋ ７ 2. H2 + 3 R9 . 8 {C 2 = 5}",
        "1. h2->e2 h9->g7 2. h0 -> g2 i9→h9",
        "h2 e2 h9 g7 h0 g2 i9 h9",
        "1. h3 - e3 h10 - g8 2. h1 - g3 i10 - h10",
    ],
)
def test_moves_are_found_whatever_stands_around_them(tmp_path: Path, text: str) -> None:
    (game,), problems = read_text(tmp_path, text)
    assert (moves(game), game.root, game.flags) == (OPENING, START_FEN, frozenset())
    assert {problem.scope for problem in problems} <= {"note"}


@pytest.mark.parametrize(
    ("end", "result"),
    [
        *(
            (end, "1-0")
            for end in ("1-0", "1–0", "１－０", "1:0", "1 - 0", "2-0", "红胜", "（红胜）", "黑方认负", "黑棋投子")
        ),
        *(
            (end, "1-0")
            for end in (
                "Black resigns",
                "Red wins",
                "Red wins by mate",
                "先手勝ち",
                "Winner: Red",
                "结果：红胜",
                "紅先勝",
                "đỏ thắng",
                "\n\n    红方胜。\n",
            )
        ),
        *(
            (end, "0-1")
            for end in (
                "0-1",
                "0—1",
                "黑胜",
                "红方认负",
                "红先负",
                "white resigns",
                "紅負",
                "Black wins on time",
                "Schwarz gewinnt",
            )
        ),
        *(
            (end, "1/2-1/2")
            for end in (
                "1/2-1/2",
                "½–½",
                "1/2",
                "0.5-0.5",
                "和局",
                "双方和棋",
                "draw",
                "hòa",
                "1-1",
                "draw by agreement",
                "引き分け",
            )
        ),
        *((end, "*") for end in ("*", "（红优）", "红方胜势", "to be continued")),
    ],
)
@pytest.mark.parametrize("head", ['[Event "x"]\n\n', ""])
def test_results_in_any_words(head: str, end: str, result: str) -> None:
    (game,) = parse_pgn(f"{head}1. 炮二平五 马8进7 2. 马二进三 车9平8 {end}")
    assert (moves(game), game.result, game.flags) == (OPENING, result, frozenset())
    (tagged,) = parse_pgn(f'[Event "x"]\n[Result "{end.strip()}"]\n\n1. 炮二平五 马8进7')
    assert tagged.result == (result if end != "to be continued" else "*")


def test_names_above_the_moves_become_tags(tmp_path: Path) -> None:
    text = "标题：一局\n赛事: 杯赛\n红方：甲\n黑方： 乙\n日期：2001-02-03\n结果：黑胜\n\n1. 炮二平五 马8进7\n"
    (game,), _ = read_text(tmp_path, text)
    assert game.tags == {"Title": "一局", "Event": "杯赛", "Red": "甲", "Black": "乙", "Date": "2001-02-03"}
    assert game.result == "0-1"
    (game,), _ = read_text(tmp_path, "红：甲 黑：乙 结果：红胜\n炮二平五\n马8进7\n")
    assert (game.tags, game.result) == ({"Red": "甲", "Black": "乙"}, "1-0")
    (game,), _ = read_text(tmp_path, "丙 先和 丁\n炮二平五\n马8进7\n")
    assert (game.tags["Red"], game.tags["Black"], game.result, len(game.moves)) == ("丙", "丁", "1/2-1/2", 2)


def test_what_was_skipped_is_listed(tmp_path: Path) -> None:
    (game,), (note,) = read_text(tmp_path, "1. h2e2 hello h9g7 2. world h0g2 i9h9 1-0\n")
    assert (moves(game), game.result, note.scope) == (OPENING, "1-0", "note")
    assert "skipped 'hello', 'world'" in str(note)


@pytest.mark.parametrize(
    ("text", "plies"),
    [
        ("1. 炮二平五 马八近七 2. 马二进三 车9平8", 1),  # the mistyped move may not be skipped over
        ("1. h2e2 gibberish 2. h0g2 i9h9", 1),  # the number says that a move is missing
        ("1. 炮二平五 马8进7 2. 马二进三 车9评8", 3),
        ("h2e2 h9g7 h0g2 h9z8 i0h0", 3),
        ("1. 炮二评五 马8进7 2. 马二进三 车9平8", 0),
    ],
)
def test_moves_after_one_that_cannot_be_read_are_not_trusted(text: str, plies: int) -> None:
    problems: list[RecordError] = []
    games = list(parse_pgn(f'[Result "1-0"]\n\n{text} 0-1', on_illegal="cut", problems=problems))
    assert problems[0].ply == plies + 1 and problems[0].scope == "game"
    assert [len(game.moves) for game in games] == [plies] * bool(plies)
    assert all(game.flags == {"truncated", "result_conflict"} for game in games)


@pytest.mark.parametrize(
    "text",
    ["1. 炮二评五 马8进7\n2. 马二进三 车9平8", "炮二评五 马8进7\n马二进三 车9平8", "一局\n炮二评五\n马8进7\n马二进三"],
)
def test_a_game_does_not_begin_behind_a_first_move_that_cannot_be_read(text: str) -> None:
    problems: list[RecordError] = []
    assert not list(parse_pgn(text, on_illegal="cut", problems=problems))
    assert (problems[0].ply, problems[0].reason) == (1, "'炮二评五' is not a move in any notation")


@pytest.mark.parametrize("word", ["--", "Z0", "0000"])
def test_a_pass_ends_its_line_and_the_result_stands(word: str) -> None:
    problems: list[RecordError] = []
    text = f"1. 炮二平五 马8进7 (1... {word} 2. 炮五进四) (1... 炮8平5 2. {word} 炮5进4) 2. 马二进三 {word} 3. 车一进一"
    (game,) = parse_pgn(f'[Result "1-0"]\n\n{text} 1-0', problems=problems)
    assert (moves(game), game.result, game.flags) == (OPENING[:3], "1-0", {"truncated"})
    assert lines_of(game)[1:] == [["h7e7"]]
    assert [problem.scope for problem in problems] == ["note"] * 2 and "passes" in str(problems[1])


def test_the_result_outlives_a_broken_main_line() -> None:
    text = "1. h2e2 h9g7 2. h0h5 i9h9 3. a0a1 0-1\n\n1. c3c4 *"
    first, second = parse_pgn(text, on_illegal="cut", problems=[])
    assert (len(first.moves), first.result, moves(second)) == (2, "0-1", ["c3c4"])


def test_games_one_after_another_without_tags_or_results(tmp_path: Path) -> None:
    text = "第一局 甲 先胜 乙\n1. 炮二平五 马8进7\n2. 马二进三 车9平8\n\n第二局\n1. 兵七进一 卒7进1\n2. 马八进七\n"
    (first, second), _ = read_text(tmp_path, text)
    assert (moves(first), moves(second)) == (OPENING, ["c3c4", "g6g5", "b0c2"])


# --- dialects


#: Two rooks on a file, one above the other: a5b5 is a move of the upper one, or, with ranks from 1, of the lower.
TWO_WAYS = "3k5/9/9/9/R8/R8/9/9/9/5K3 w - - 0 1"


def test_two_readings_that_both_replay_are_told_apart_or_reported(tmp_path: Path) -> None:
    tags = f'[FEN "{TWO_WAYS}"]\n'
    problems: list[RecordError] = []
    (game,) = parse_pgn(f"{tags}\n1. a5b5 *", problems=problems)
    assert moves(game) == ["a5b5"]
    assert "ranks 0-9 from Red's side and with ranks 1-10" in str(problems[0]) and problems[0].scope == "note"
    problems.clear()
    (game,) = parse_pgn(f'{tags}[Variant "Xiangqi"]\n\n1. a5b5 *', problems=problems)
    assert moves(game) == ["a4b4"] and "read with ranks 1-10" in str(problems[0])
    problems.clear()
    (game,) = parse_pgn(f"{tags}\n1. a5b5 d10d9 *", problems=problems)
    assert moves(game) == ["a4b4", "d9d8"] and "read with ranks 1-10" in str(problems[0])
    problems.clear()
    (game,) = parse_pgn(f"{tags}\n1. a5b5 d9d8 2. f0f1 *", problems=problems)
    assert moves(game) == ["a5b5", "d9d8", "f0f1"] and not problems


def test_variations_are_in_the_dialect_of_the_game() -> None:
    (game,) = parse_pgn("1. h3e3 (1. b3e3 h10g8) 1... h10g8 2. Nhg3 *", problems=[])
    assert moves(game) == ["h2e2", "h9g7", "h0g2"]
    assert lines_of(game)[1] == ["b2e2", "h9g7"]


# --- what is no game of Xiangqi


@pytest.mark.parametrize(
    "text",
    [
        '[Variant "Standard"]\n\n1. e4 e5 2. Nf3 Nc6 *',
        '[Variant "Janggi"]\n\n1. a4b4 a7b7 *',
        '[Game "Chess"]\n\n1. e4 e5 *',
        '[Game "揭棋"]\n\n1. 炮二平五 *',
        "Variant: Janggi\n1. h2e2 h9g7",
        "1. c4 c5 2. g3 g6 3. Bg2 Bg7 *",
        "1. e4 e5 2. ♘f3 ♞c6 3. ♗b5",
        '[White "a"]\n[Black "b"]\n\n1. e4 e5 2. Nf3 Nc6 3. Bb5 a6 4. Ba4 Nf6 5. O-O 1-0',
        "1. e4 e5 2. Qh5 Nc6 3. Bc4 Nf6 4. Qxf7# 1-0",
        '[FEN "rnba1abnr/4k4/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/4K4/RNBA1ABNR w - - 0 1"]\n\n1. a3a4 *',
        "fen rnba1abnr/4k4/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/4K4/RNBA1ABNR w - - 0 1 moves a3a4",
        '[FEN "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1"]\n\n1. e4 *',
    ],
)
def test_other_games_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.pgn"
    path.write_text(text, encoding="utf-8")
    problems: list[RecordError] = []
    assert not list(read_games(path, on_illegal="cut", problems=problems))
    assert len(problems) == 1 and "\n" not in str(problems[0])


@pytest.mark.parametrize(
    "text", ["12345\n", "1. \n2. \n", "hello world\n", "1. 79졸78 41병42\n", "1-0\n", "= = =\n", "<html></html>"]
)
def test_what_is_no_record_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(CorpusError, match=r"pasted\.txt.*no game") as caught:
        read_text(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_a_text_that_begins_like_xqf_is_a_text(tmp_path: Path) -> None:
    (game,), _ = read_text(tmp_path, "XQ收藏\n1. 炮二平五 马8进7 2. 马二进三 车9平8", name="a.xqf")
    assert moves(game) == OPENING


# --- damage


def test_a_tag_that_cannot_be_read_costs_no_game() -> None:
    problems: list[RecordError] = []
    text = '[FEN "nonsense"]\n[Red "甲]\n\n1. h2e2 h9g7 2. h0g2 i9h9 1-0'
    (game,) = parse_pgn(text, problems=problems)
    assert (moves(game), game.root, game.tags["Red"], game.flags) == (OPENING, START_FEN, "甲", frozenset())
    assert [problem.scope for problem in problems] == ["part"] and "usual start" in str(problems[0])


def test_tags_without_quotation_marks_are_tags() -> None:
    first = '[Event a]\n[Red 甲"]\n[Black "乙]\n[Result 1-0]\n\n1. h2e2 h9g7 2. h0g2 i9h9'
    one, two = parse_pgn(f'{first}\n\n[Red 丙]\n[Result "Black"]\n\n1. c3c4 {{[%clk 1:00]}} *')
    assert (one.tags, one.result, moves(one)) == ({"Event": "a", "Red": "甲", "Black": "乙"}, "1-0", OPENING)
    assert (two.tags, two.result, moves(two)) == ({"Red": "丙"}, "0-1", ["c3c4"])


@pytest.mark.parametrize(
    ("between", "end", "result"),
    [
        ("\n", "\n[Black resigns]\n", "1-0"),
        ("\n[Round 2]\n", "\n\n[Red wins]\n\n", "1-0"),
        (" {see\n[Black to move]\n\n[Red to move]\nok}\n", " 0-1", "0-1"),
    ],
)
def test_words_in_brackets_behind_moves_cut_no_game(between: str, end: str, result: str) -> None:
    for tag in ("", '[Event "x"]\n\n'):
        (game,) = parse_pgn(f"{tag}1. h2e2 h9g7{between}2. h0g2 i9h9{end}")
        assert (moves(game), game.result) == (OPENING, result)


def test_words_that_look_like_moves_hide_no_game() -> None:
    problems: list[RecordError] = []
    (game,) = parse_pgn("1. -- \n1-0\n1. c3c4 *\nand more", problems=problems)
    assert moves(game) == ["c3c4"] and "'and more'" in str(*problems)


@pytest.mark.parametrize(
    ("between", "skipped"),
    [
        (" info: theory ", ["info", "theory"]),
        (" go on ", ["go", "on"]),
        ("\ninfo: go depth\n", ["info", "go", "depth"]),
        ("\ninfo depth 3 pv c3c4\ngo\n", ["info depth 3 pv c3c", "go"]),
    ],
)
def test_what_an_engine_says_is_told_from_words(between: str, skipped: list[str]) -> None:
    problems: list[RecordError] = []
    (game,) = parse_pgn(f"1. h2e2 h9g7{between}2. h0g2 i9h9", problems=problems)
    assert (moves(game), game.flags) == (OPENING, frozenset())
    assert all(repr(word)[:-1] in str(*problems) for word in skipped)


def test_a_result_in_unknown_words_is_said() -> None:
    problems: list[RecordError] = []
    (game,) = parse_pgn('[Result "good"]\n\n1. h2e2 *', problems=problems)
    assert game.result == "*" and [(problem.scope, "'good'" in str(problem)) for problem in problems] == [
        ("note", True)
    ]
    for unknown in ("Unknown", "?-?"):
        list(parse_pgn(f'[Result "{unknown}"]\n\n1. h2e2 *', problems=problems))
    assert len(problems) == 1


def book(nodes: int) -> str:
    """A main line with side lines after every move, every third of them illegal, and nested ones."""
    cycle = ["h2h4", "h7h5", "h4h2", "h5h7"]
    sides = {"h2h4": "b2b4 b7b5 a3a4", "h7h5": "b7b5 b2b4 a6a5", "h4h2": "a3a4 a6a5 b0c2", "h5h7": "a6a5 a3a4 b9c7"}
    parts, count, ply = ['[Event "book"]\n\n'], 0, 0
    while count < nodes:
        move = cycle[ply % 4]
        parts.append(f"{ply // 2 + 1}. {move}" if ply % 2 == 0 else move)
        for n in range(60):
            first, second, third = sides[move].split()
            parts.append(f"({first} {second} {third})" if n % 3 else f"({first} e0e5 {second} (a0a9) x)")
            count += 3
        count += 1
        ply += 1
    return "\n".join(parts) + " 1-0\n"


@pytest.mark.slow
def test_a_book_of_30_000_nodes_with_illegal_side_lines_keeps_its_main_line(tmp_path: Path) -> None:
    path = tmp_path / "book.pgn"
    path.write_text(book(30_000))
    problems: list[RecordError] = []
    (game,) = read_games(path, problems=problems)
    assert sum(1 for _ in game.descendants()) > 20_000
    cycle = ["h2h4", "h7h5", "h4h2", "h5h7"]
    assert moves(game) == [cycle[n % 4] for n in range(len(game.moves))] and len(game.moves) > 150
    assert (game.result, game.flags) == ("1-0", frozenset())
    broken = [problem for problem in problems if problem.scope == "part"]
    assert len(broken) == 20 * len(game.moves) and all(problem.after for problem in broken)


def test_a_text_is_folded_once_however_many_words_it_has() -> None:
    class Counting(str):
        folds = 0

        def translate(self, table: object) -> str:
            Counting.folds += 1
            return super().translate(table)  # type: ignore[arg-type]

    scanner = Scanner(Counting("one two three"))
    assert [scanner.unusual(place)[1] for place in (0, 4, 8)] == [3, 7, 13] and Counting.folds == 1


def test_comments_keep_their_blanks_where_moves_are_closed_up() -> None:
    (game,) = parse_pgn("1. 炮 二 平 五 {马 8 进 7 h9 -> g7} 马 8 进 7 (1... 炮 8 平 5) 2. 马 二 进 三 *")
    assert moves(game) == OPENING[:3] and game.comments == {1: "马 8 进 7 h9 -> g7"}
    assert [str(node.move) for node in game.variations[0].variations] == ["h9g7", "h7e7"]


@pytest.mark.parametrize("text", ["1. c3 c4 *", "1. C 2 = 5 H 8 + 7 2. R 1 + 5 *", "W 2 - 3 R 4 + 5", "a1 b2 c3 d4 e5"])
def test_blanks_do_not_make_a_game_of_what_is_none(text: str) -> None:
    problems: list[RecordError] = []
    try:
        games = list(parse_pgn(text, on_illegal="cut", problems=problems))
    except CorpusError:
        return
    assert all(len(game.moves) <= 2 for game in games) and any(problem.scope == "game" for problem in problems)


CHESS = [
    "e4 e5",
    "1. e4 e5 *",
    "1. e4 *",
    "1. e4 c5 {Sicilian} *",
    "1. d4 d5 1-0",
    "1. e4 e6 2. d4 d5 3. e5 *",
    "1.c4 e5",
]


@pytest.mark.parametrize("text", [*CHESS, '[Event "x"]\n\n1. e4 e5 *', "1. e4 e5 2. Nf3 *"])
def test_western_chess_stays_out_however_short(text: str) -> None:
    with pytest.raises(RecordError, match="western chess"):
        list(parse_pgn(text))


@pytest.mark.parametrize(
    "text",
    [
        '[Variant "xiangqi"]\n\n1. e4 e5 *',
        '[Game "Chinese Chess"]\n\n1. g4 c5 *',
        "1. a4 a5 2. i4 i5 *",
        "1. g4 g5 2. Hg2 *",
        "1. g3g4 g6g5 *",
        "1. P7+1 P7+1 *",
    ],
)
def test_moves_of_pawns_that_are_of_xiangqi_are_read(text: str) -> None:
    (game,) = parse_pgn(text)
    assert len(game.moves) >= 2
