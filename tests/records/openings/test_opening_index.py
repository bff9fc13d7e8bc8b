"""Openings by position, and how many games reached one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from xiangqi_gpt.commands.main import main
from xiangqi_gpt.records import Game, read_games, write_corpus
from xiangqi_gpt.records.openings.openings import (
    EccoOpening,
    OpeningsError,
    count_openings,
    known_games,
    load_openings,
    opening_names,
    opening_of,
)
from xiangqi_gpt.records.openings.openings_writer import build_openings
from xiangqi_gpt.records.openings.position_index import PositionIndex, PositionIndexError, Results
from xiangqi_gpt.records.openings.position_index_writer import build_index
from xiangqi_gpt.records.openings.position_keys import position_key
from xiangqi_gpt.rules import MIRROR, MOVES, Board, Move


def game(moves: str, result: str = "*", **tags: str) -> Game:
    return Game([Move.from_iccs(word) for word in moves.split()], result=result, tags=tags)


def after(moves: str) -> Board:
    board = Board()
    for text in moves.split():
        board.push_text(text)
    return board


def mirrored(each: Game) -> Game:
    return Game([MOVES[int(MIRROR[move.index])] for move in each.moves], result=each.result, tags=each.tags)


def random_games(count: int, plies: int = 12) -> list[Game]:
    random = np.random.default_rng(3)
    games = []
    for _ in range(count):
        board = Board()
        for _ in range(plies):
            moves = list(board.legal_moves)[:4]
            board.push(moves[int(random.integers(len(moves)))])
        games.append(Game.from_board(board, result=("1-0", "0-1", "1/2-1/2", "*")[int(random.integers(4))]))
    return games


def test_a_position_and_its_mirror_image_have_one_key_and_others_have_others() -> None:
    board = after("h2e2 h9g7 h0g2 b9c7")
    assert position_key(board)[0] == position_key(board.mirror())[0]
    assert position_key(board)[1] != position_key(board.mirror())[1]
    assert position_key(board)[0] == position_key(after("h2e2 b9c7 h0g2 h9g7"))[0]  # by another way
    assert len({position_key(after(moves))[0] for moves in ("", "h2e2", "h2e2 h9g7", "g3g4", "i0i1")}) == 5


def test_an_index_counts_what_counting_by_hand_counts(tmp_path: Path) -> None:
    games = random_games(60)
    index = build_index(iter(games), tmp_path / "index", plies=8)
    visits: Counter[str] = Counter()
    for each in games:
        board, seen = Board(), set()
        for move in [*each.moves[:8], None]:
            here = board.board_fen() if board.board_fen() <= board.mirror().board_fen() else board.mirror().board_fen()
            if here not in seen:
                visits[here] += 1
                seen.add(here)
            if move:
                board.push(move)
    assert len(index) == len(visits)
    for each in games[:10]:
        for ply in range(9):
            board = each.board(ply)
            here = min(board.board_fen(), board.mirror().board_fen())
            found = index.look(board)
            assert found.games == visits[here]
            if ply < 8:
                assert each.moves[ply] in [move for move, _ in found.moves] or board == board.mirror()
    assert index.look(after("g3g4 i6i5 g4g5")).games == 0


def test_results_moves_and_years(tmp_path: Path) -> None:
    games = [
        game("h2e2 h9g7", "1-0", Date="1999"),
        mirrored(game("h2e2 h9g7", "0-1", Date="1999")),
        game("h2e2 h7e7", "1/2-1/2", Date="2005"),
        game("h2e2", "*"),
    ]
    games.append(game("h2e2 b7e7", "1-0"))
    games[-1].add_flag("result_conflict")
    index = build_index(games, tmp_path / "index")
    found = index.look(after("h2e2"))
    assert found.results == Results(red=1, drawn=1, black=1, unknown=2)
    assert [(str(move), results.games) for move, results in found.moves] == [("h9g7", 2), ("b7e7", 1), ("h7e7", 1)]
    assert found.years == {1999: 2, 2005: 1}
    other = index.look(after("b2e2"))  # the mirror image: the same games, the moves turned
    assert [(str(move), results.games) for move, results in other.moves] == [("b9c7", 2), ("b7e7", 1), ("h7e7", 1)]
    (start,) = index.look(Board()).moves  # a symmetric position: one of each pair of moves
    assert str(start[0]) == "h2e2" and start[1].games == 5
    assert len(build_index(games, tmp_path / "few", min_games=2)) == 3


def test_a_position_that_comes_again_counts_once(tmp_path: Path) -> None:
    index = build_index([game("h0g2 h9g7 g2h0 g7h9 h0g2")], tmp_path / "index")
    assert index.look(Board()).games == 1 and index.look(after("h0g2")).games == 1


def test_an_index_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(PositionIndexError, match="no position index"):
        PositionIndex(tmp_path / "none")
    with pytest.raises(PositionIndexError, match="no game"):
        build_index([], tmp_path / "none")
    build_index([game("h2e2")], tmp_path / "index")
    with pytest.raises(PositionIndexError, match="exists already"):
        build_index([game("h2e2")], tmp_path / "index")
    keys = tmp_path / "index" / "keys.bin"
    keys.write_bytes(keys.read_bytes()[:-1])
    with pytest.raises(PositionIndexError, match=r"keys\.bin has 15 bytes, expected 16"):
        PositionIndex(tmp_path / "index")
    (tmp_path / "index" / "index.json").write_text("{}")
    with pytest.raises(PositionIndexError, match="damaged"):
        PositionIndex(tmp_path / "index")
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


@pytest.mark.parametrize(
    ("moves", "name"),
    [
        ("炮二平五", "中炮局"),
        ("相三进五", "飞相局"),
        ("炮八平五 炮２平５", "顺炮"),
        ("炮二平五 马８进７ 马二进三 车９平８ 车一平二 马２进３", "中炮对屏风马"),
        ("相三进五 炮２平４", "飞相对左士角炮"),
        ("仕四进五", "上仕局"),
        ("炮二平五 马８进７ 马二进三 车９平８ 车一平二 马２进３ 马八进七 卒３进１", "中炮对屏风马"),
        ("兵七进一 马８进７ 炮二平五", "仙人指路对进右马"),
    ],
)
def test_well_known_openings_have_their_names(moves: str, name: str) -> None:
    found = opening_of(after(moves))
    assert found is not None
    assert found.name.startswith(name[:2]) and (found.name == name or not found.code[2:])


def test_an_opening_stays_when_the_game_leaves_what_is_known() -> None:
    board = after("h2e2 h7e7 h0g2 h9g7 i0h0")
    found = opening_of(board)
    for text in ("a6a5", "a3a4", "a9a8"):
        board.push_text(text)
    assert found and opening_of(board) == found
    assert opening_of(Board()) is None
    assert opening_of(Board("3k5/9/9/9/9/9/9/9/4R4/5K3 w - - 0 1")) is None


def test_known_games_of_the_start() -> None:
    found = known_games(Board())
    assert found.games > 40_000
    best, second = found.moves[:2]
    assert str(best[0]) == "h2e2" and best[1].games > 20_000 > second[1].games
    assert sum(results.games for _, results in found.moves) <= found.games, "no game counts twice"
    assert known_games(after("a0a2 a9a7 a2a1 a7a8 a1a2 a8a7")).games == 0


def test_openings_are_learned_from_tagged_games(tmp_path: Path) -> None:
    names = {
        "A01": EccoOpening("A01", "甲局"),
        "C10": EccoOpening("C10", "乙炮局"),
        "C20": EccoOpening("C20", "乙炮对马"),
    }
    games = [game("h2e2 h9g7", ECCO="C10")] * 4 + [game("h2e2 h7e7", ECCO="C20")] * 4 + [game("d0e1", ECCO="A01")] * 4
    path = tmp_path / "positions.npz"
    assert build_openings([*games, game("i0i1")], names, path) == 5
    known = load_openings(tmp_path)
    assert known.opening_of(after("b2e2 b9c7 i0i1")) == names["C10"]  # the mirror image
    assert known.opening_of(after("h2e2")) == EccoOpening("C", "乙炮")
    assert known.opening_of(after("d0e1 d9e8")) == names["A01"]
    unknown, tagged = game("a0a1"), game("a0a1", ECCO="X")
    assert known.codes_of([game("h2e2 h7e7"), game("h2e2"), unknown, tagged]) == ["C20", "", "", "X"]
    with pytest.raises(OpeningsError, match="no position"):
        build_openings([game("h2e2")], names, path)
    path.write_bytes(b"no archive")
    load_openings.cache_clear()
    with pytest.raises(OpeningsError, match="damaged"):
        load_openings(tmp_path)


def test_a_class_is_by_the_first_move_and_not_by_what_the_game_transposes_to(tmp_path: Path) -> None:
    names = {code: EccoOpening(code, name) for code, name in (("A44", "起马转中炮"), ("C10", "中炮对马"))}
    games = [game("h0g2 h9g7 b2e2", ECCO="A44")] * 9 + [game("b2e2 h9g7 h0g2", ECCO="C10")] * 4
    build_openings(games, names, tmp_path / "positions.npz")
    known = load_openings(tmp_path)
    assert known.opening_of(after("b2e2 h9g7 h0g2")) == names["C10"]
    assert known.opening_of(after("h0g2 h9g7 b2e2")) == known.opening_of(after("b0c2 b9c7 h2e2")) == names["A44"]
    assert known.opening_of(after("c3c4 h9g7 h0g2")) is None
    in_between = Board(after("b2e2 h9g7 h0g2").fen())
    in_between.push_text("a9a8")
    assert known.opening_of(in_between) == names["A44"], "of a start of its own nothing but the position is known"


def test_tagged_games_left_out_are_named_as_tagged(shared: Path, tmp_path: Path) -> None:
    games = list(read_games(shared / "data" / "games.parquet", where="ecco <> '' AND file_row_number % 3 = 0"))
    build_openings([each for n, each in enumerate(games) if n % 10], opening_names(), tmp_path / "positions.npz")
    held_out = games[::10]
    tags = [each.tags.pop("ECCO") for each in held_out]
    found = load_openings(tmp_path).codes_of(held_out)
    right = [tag == code for tag, code in zip(tags, found, strict=True) if code]
    assert len(right) > 0.85 * len(tags) and sum(right) > 0.75 * len(right)


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus, index = tmp_path / "c.parquet", tmp_path / "index"
    write_corpus([game("h2e2 h9g7", "1-0", Date="1999", ECCO="C64"), game("b2e2", "0-1")], corpus)
    assert main(["records", "index", "build", str(corpus), "--out", str(index)]) == 0
    assert capsys.readouterr().out == f"3 positions of 2 games in {index}\n"
    assert main(["records", "index", "look", "--index", str(index), "--moves", "炮二平五"]) == 0
    out = capsys.readouterr().out
    assert "2 games, Red scored 50.0 % in 2" in out and "h9g7 马８进７  1 game, Red scored 100.0 % in 1" in out
    assert "played from 1999 to 1999, most in 1999" in out
    assert main(["records", "index", "look", "--moves", "h2e2"]) == 0
    assert "中炮局" in capsys.readouterr().out
    assert main(["records", "index", "look", "--index", str(tmp_path / "none")]) == 2
    assert main(["records", "index", "look", "--moves", "h2h8"]) == 2
    assert main(["records", "openings", str(corpus)]) == 0
    assert "C64 五七炮对屏风马" in capsys.readouterr().out
    (tmp_path / "b.pgn").write_text("1. h2e2 1-0\n\n1. h2e2 h2e2")
    assert main(["records", "openings", str(tmp_path / "b.pgn")]) == 0
    assert "b.pgn, game 2, line 3, ply 2" in capsys.readouterr().err
    assert main(["records", "index", "build", str(tmp_path / "b.pgn"), "--out", str(tmp_path / "other")]) == 0
    assert "b.pgn, game 2, line 3, ply 2" in capsys.readouterr().err


def test_openings_are_counted() -> None:
    counts = dict(count_openings([game("h2e2", "1-0", ECCO="C64"), game("h2e2", "0-1", ECCO="C64"), game("a0a1")]))
    assert counts[opening_names()["C64"]] == Results(1, 0, 1, 0)
    assert counts[EccoOpening("", "unknown")] == Results(0, 0, 0, 1)
