"""PGN in: notations, encodings, layouts, and errors that name the place."""

from __future__ import annotations

from pathlib import Path

import pytest
from record_games import lines_of

from xiangqi_gpt.records import CorpusError, Game, RecordError, format_pgn, parse_pgn, read_pgn
from xiangqi_gpt.rules import START_FEN

HEADER = '[Game "Chinese Chess"]\n[Event "测试"]\n[Red "甲"]\n[Black "乙"]\n[Result "1-0"]\n\n'
OPENING = ["h2e2", "h9g7", "h0g2", "i9h9"]


def moves(game: Game) -> list[str]:
    return [str(move) for move in game.moves]


def only(text: str) -> Game:
    (game,) = parse_pgn(text)
    return game


@pytest.mark.parametrize(
    ("name", "plies"),
    [
        ("ccgc_01_gbk.pgn", [26]),
        ("jzm_1_01.pgn", [25]),
        ("endgame.pgn", [25]),
        ("xqbase_iccs.pgn", [97]),
        ("master_big5.pgn", [81]),
        ("midgame_fen_big5.pgn", [61]),
        ("engine_match_3.pgn", [64, 72]),
    ],
)
def test_real_files_are_read_to_the_last_move(samples: Path, name: str, plies: list[int]) -> None:
    assert [len(game.moves) for game in read_pgn(samples / name)] == plies


def test_names_in_real_files_are_readable(samples: Path) -> None:
    (big5,) = read_pgn(samples / "midgame_fen_big5.pgn")
    assert (big5.tags["Red"], big5.result, big5.board(0).turn) == ("胡榮華", "0-1", 1)
    (gbk,) = read_pgn(samples / "xqbase_iccs.pgn")
    assert (gbk.tags["Black"], gbk.tags["Opening"]) == ("文静", "中炮巡河炮对反宫马")
    engine, _ = read_pgn(samples / "engine_match_3.pgn")
    assert (engine.tags["Red"], "White" in engine.tags, engine.result) == ("XQ Spirit 2010.5.13", False, "1-0")
    assert engine.comments[64] == "Xboard adjudication: perpetual chasing"
    (annotated,) = read_pgn(samples / "jzm_1_01.pgn")
    assert annotated.comments[1].startswith("（一本）")


@pytest.mark.parametrize(
    "text",
    [
        "1. h2e2 h9g7 2. h0g2 i9h9",
        "1. H2-E2 H9-G7 2. H0-G2 I9-H9",
        "h2e2 h9g7 h0g2 i9h9",
        "1.炮二平五 马８进７ 2.马二进三 车９平８",
        "1. 炮二平五 馬8進7\n2. 馬二進三 車9平8",
        "１．砲二平五\n馬８進７\n２．傌二進三\n俥９平８\n",
        "1.炮二平五马８进７ 2.马二进三车９平８",
        "1. C2.5 h8+7 2. H2+3 r9.8",
        "1. C2=5 N8+7 2. N2+3 R9=8",
        "1. Che2 Hg7 2. Hg2 Rh9",
        "1. Ch2-e2 Nh9-g7 2. Hg2! Rh9?!",
        "1. h2e2 {a} 1... h9g7 ; rest of the line (is) a comment }\n2. h0g2 $1 (2. g3g4 g6g5) i9h9",
        "炮二平五 {one ply a line}\n马８进７\n马二进三\n车９平８",
    ],
)
def test_every_notation_and_layout_reads_the_same_moves(text: str) -> None:
    assert moves(only(f"{HEADER}{text} 1-0\n==========\nvisit our site 1. ok\n")) == OPENING


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "big5", "utf-16"])
def test_encodings_are_detected(tmp_path: Path, encoding: str) -> None:
    text = '[Event "全國象棋賽"]\n[Red "廣東呂欽"]\n\n1. 炮二平五 馬８進７\n2. 馬二進三 車９平８\n'
    path = tmp_path / "game.pgn"
    path.write_bytes(text.encode(encoding))
    (game,) = read_pgn(path)
    assert moves(game) == OPENING
    assert game.tags == {"Event": "全國象棋賽", "Red": "廣東呂欽"}


def test_an_encoding_found_once_holds_for_the_file(tmp_path: Path) -> None:
    games = '[Event "全國象棋賽"]\n\n1. 炮二平五 馬８進７ *\n\n[Event "銀荔"]\n\n1. h2e2 *\n'
    path = tmp_path / "game.pgn"
    path.write_bytes(games.encode("big5"))
    assert [game.tags["Event"] for game in read_pgn(path)] == ["全國象棋賽", "銀荔"]


def test_a_fen_with_black_to_move_and_missing_fields() -> None:
    game = only('[FEN "4k4/9/9/9/9/9/9/9/4A4/4K4 b"]\n\n1... e9d9 2. e1f0 d9d8 *')
    assert moves(game) == ["e9d9", "e1f0", "d9d8"]
    assert game.root == "4k4/9/9/9/9/9/9/9/4A4/4K4 b - - 0 1"


def test_several_games_with_and_without_tags() -> None:
    games = list(parse_pgn("1. h2e2 h9g7 1-0\n\n1. b2e2 *\n\n" + HEADER + "1. c3c4 1-0\n" + HEADER + "1. g3g4"))
    assert [moves(game) for game in games] == [["h2e2", "h9g7"], ["b2e2"], ["c3c4"], ["g3g4"]]
    assert [game.result for game in games] == ["1-0", "*", "1-0", "1-0"]


def test_a_game_without_moves_is_a_game() -> None:
    first, second = parse_pgn('[Event "a"]\n[Red "x"]\n\n[Event "b"]\n[Red "y"]\n\n1. h2e2 *')
    assert (first.tags["Red"], len(first.moves), second.tags["Red"], len(second.moves)) == ("x", 0, "y", 1)


def test_results_in_words_in_the_text_and_in_conflict() -> None:
    assert only('[Result "红胜"]\n\n1. h2e2').result == "1-0"
    assert only('[Result "*"]\n\n1. h2e2 0-1').result == "0-1"
    assert only('[Result "1-0"]\n\n1. h2e2 *').flags == frozenset()
    conflict = only('[Result "1-0"]\n\n1. h2e2 0-1')
    assert (conflict.result, conflict.flags) == ("1-0", {"result_conflict"})


def test_variations_comments_and_glyphs_stand_where_they_belong() -> None:
    game = only("{start} 1. h2e2 $3 {good} (1. b2e2 {left} b9c7 (1... h9g7)) 1... h9g7! *")
    assert game.comments == {0: "start", 1: "good"}
    assert [node.nags for node in game.mainline()] == [[3], [1]]
    assert lines_of(game)[1:] == [["b2e2", "b9c7"], ["h9g7"]]
    variation = game.variations[1]
    assert (variation.comment, str(variation.variations[1].move)) == ("left", "h9g7")


# --- what is wrong in a file


def test_an_illegal_move_is_named_with_file_game_line_and_ply(tmp_path: Path) -> None:
    path = tmp_path / "bad.pgn"
    path.write_text(HEADER + "1. h2e2 *\n\n" + HEADER + "1. h2e2 h9g7\n2. h0h5 i9h9\n", encoding="utf-8")
    games = read_pgn(path)
    assert moves(next(games)) == ["h2e2"]
    with pytest.raises(RecordError) as caught:
        next(games)
    error = caught.value
    assert (error.game, error.line, error.ply) == (2, 16, 3)
    assert str(error).startswith(f"{path}, game 2, line 16, ply 3: h0h5 is not legal")


@pytest.mark.parametrize(
    ("text", "line", "ply", "reason"),
    [
        ("1. h2e2 h9g7\n2. 马二近三 i9h9", 8, 3, "'马二近三' is not a move"),
        ("1. h2e2 h2e2", 7, 2, "h2e2 is not legal"),
        ("1. 炮二平五 马８进７\n2. 马二进五", 8, 3, "马二进五 is not legal"),
        ("1. 车二平五", 7, 1, "no such piece on file 2"),
        ("1. Hg2 {ok} Hxe5", 7, 2, "no such piece can go to e5"),
        ("1. a0h7", 7, 1, "no piece moves like a0h7"),
    ],
)
def test_errors_name_line_and_ply(text: str, line: int, ply: int, reason: str) -> None:
    with pytest.raises(RecordError) as caught:
        list(parse_pgn(HEADER + text))
    assert (caught.value.game, caught.value.line, caught.value.ply) == (1, line, ply)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "ply", "reason"),
    [
        ("1. h2e2 {never closed\n1... h9g7", 2, "a comment is never closed"),
        ("1. h2e2 h9g7 (1... b9c7 2. h0g2", 2, "a variation is never closed"),
        ("1. h2e2 ) h9g7", 2, "a variation is closed that was never opened"),
        ("(1. h2e2) 1. h2e2 h9g7", 1, "a variation stands before the first move"),
        ("1. h2e2 (1. b2e2 b2e2) h9g7", 2, "ply 2, after b2e2: b2e2 is not legal"),
    ],
)
def test_damage_beside_the_main_line_is_listed_and_costs_nothing_else(text: str, ply: int, reason: str) -> None:
    problems: list[RecordError] = []
    (game,) = parse_pgn(HEADER + text, problems=problems)
    assert (moves(game), game.flags, game.result) == (["h2e2", "h9g7"], frozenset(), "1-0")
    (problem,) = problems
    assert (problem.game, problem.line, problem.ply, problem.scope) == (1, 7, ply, "part")
    assert reason in str(problem)


def test_a_broken_game_can_be_cut_or_dropped() -> None:
    text = HEADER + "1. h2e2 h9g7 2. h0h5 i9h9\n" + HEADER + "1. c3c4 1-0"
    problems: list[RecordError] = []
    cut = list(parse_pgn(text, on_illegal="cut", problems=problems))
    assert [moves(game) for game in cut] == [["h2e2", "h9g7"], ["c3c4"]]
    assert [game.flags for game in cut] == [{"truncated"}, frozenset()]
    assert [(problem.game, problem.ply) for problem in problems] == [(1, 3)]
    problems.clear()
    assert [moves(game) for game in parse_pgn(text, on_illegal="drop", problems=problems)] == [["c3c4"]]
    assert len(problems) == 1


def test_a_broken_variation_does_not_cut_the_main_line() -> None:
    problems: list[RecordError] = []
    text = "1. h2e2 (1. b2e2 junk b9c7) (1. c3c4 c3c4) 1... h9g7 2. h0g2"
    (game,) = parse_pgn(text, on_illegal="cut", problems=problems)
    assert moves(game) == ["h2e2", "h9g7", "h0g2"]
    assert lines_of(game)[1:] == [["b2e2", "b9c7"], ["c3c4"]]
    assert [(problem.ply, problem.scope) for problem in problems] == [(2, "part"), (None, "note")]
    assert "skipped 'junk'" in str(problems[1])


def test_an_unclosed_comment_does_not_swallow_the_next_game() -> None:
    problems: list[RecordError] = []
    games = list(
        parse_pgn(HEADER + "1. h2e2 {oops\n\n" + HEADER + "1. c3c4 {fine} *", on_illegal="cut", problems=problems)
    )
    assert [moves(game) for game in games] == [["h2e2"], ["c3c4"]]
    assert "never closed" in str(problems[0])


def test_a_broken_fen_is_named() -> None:
    with pytest.raises(RecordError, match="game 1, line 2: rank 8 has more than 9 squares"):
        list(parse_pgn('[Event "a"]\n[FEN "rnbakabnr/91/9/9/9/9/9/9/9/4K4 w"]\n\n1. e0e1 *'))


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe", b"nothing here", bytes(range(256)) * 8, b"\0" * 1000])
def test_a_file_without_games_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "empty.pgn"
    path.write_bytes(content)
    with pytest.raises((CorpusError, RecordError), match=r"empty\.pgn"):
        list(read_pgn(path))


def test_a_missing_file_and_an_unknown_choice_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such file"):
        list(read_pgn(tmp_path / "none.pgn"))
    with pytest.raises(CorpusError, match="fail, cut, drop"):
        list(parse_pgn("1. h2e2", on_illegal="ignore"))  # type: ignore[arg-type]


def test_absurd_files_are_bounded() -> None:
    deep = "1. h2e2 " + "(1. b2e2 " * 5000
    (game,) = parse_pgn(deep, on_illegal="cut", problems=[])
    assert moves(game) == ["h2e2"]
    with pytest.raises(RecordError, match="more than 10000 plies"):
        list(parse_pgn("h0g2 h9g7 g2h0 g7h9 " * 2501))
    (long,) = parse_pgn("h0g2 h9g7 g2h0 g7h9 " * 2500)
    assert len(long.moves) == 10_000


def test_a_standard_start_is_recognised_however_it_is_written() -> None:
    game = only('[FEN "rheakaehr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RHEAKAEHR r"]\n\n1. h2e2 *')
    assert game.root == START_FEN


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_lines_may_end_in_a_carriage_return_alone(tmp_path: Path, encoding: str) -> None:
    text = '[Red "甲"]\r\r1. 炮二平五 马８进７\r{好}\r1-0\r\r[Red "乙"]\r\r1. h2e2 h2e2\r'
    (tmp_path / "a.pgn").write_bytes(text.encode(encoding))
    problems: list[RecordError] = []
    first, second = read_pgn(tmp_path / "a.pgn", on_illegal="cut", problems=problems)
    assert (first.tags["Red"], len(first.moves), first.comments, first.result) == ("甲", 2, {2: "好"}, "1-0")
    assert (second.tags["Red"], len(second.moves), problems[0].line, problems[0].ply) == ("乙", 1, 9, 2)


@pytest.mark.parametrize("behind", ["1-0", "(h7e7) 1-0", "} 1-0", "{a comment} 1-0"])
def test_a_result_in_a_broken_variation_that_is_never_closed_is_that_of_the_game(behind: str) -> None:
    (game,) = parse_pgn(f"1. 炮二平五 (h9g7 {behind}", on_illegal="cut")
    assert (game.result, len(game.moves)) == ("1-0", 1)


def test_a_variation_that_breaks_after_an_illegal_move_is_cut_before_that_move() -> None:
    problems: list[RecordError] = []
    (game,) = parse_pgn("炮二平五 (h9g7 }) *", on_illegal="cut", problems=problems)
    assert not game.has_variations()
    assert [(problem.ply, "it is red's move" in problem.reason) for problem in problems] == [(1, True)]
    assert list(parse_pgn(format_pgn(game))) == [game]


def test_two_stars_are_no_result_at_whatever_pace_the_moves_are_read() -> None:
    problems: list[RecordError] = []
    (game,) = parse_pgn("1. 炮二平五** 马８进７ 1-0", problems=problems)
    assert len(game.moves) == 2 and game.result == "1-0"
