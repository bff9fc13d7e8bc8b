"""Plain lists of moves."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_games import plain_games

from xiangqi_gpt.records import CorpusError, Game, RecordError, read_games
from xiangqi_gpt.records.formats.movelist import read_move_list, write_move_list
from xiangqi_gpt.rules import START_FEN

ENDGAME = "3k5/8r/9/9/9/9/9/9/R8/4K4 b - - 0 1"


def moves_of(path: Path) -> list[list[str]]:
    return [list(map(str, game.moves)) for game in read_games(path)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("h2e2 h9g7 h0g2\nb2e2 b9c7 b0c2\n", ["h2e2 h9g7 h0g2", "b2e2 b9c7 b0c2"]),  # a game a line
        ("h2e2 h9g7\nh0g2 i9h9\n\nb2e2\nb9c7\n", ["h2e2 h9g7 h0g2 i9h9", "b2e2 b9c7"]),  # rounds and plies
        ("h2e2 h9g7 h0g2\ni9h9 i0h0 g6g5\nc3c4 c6c5 b0c2\n", ["h2e2 h9g7 h0g2 i9h9 i0h0 g6g5", "c3c4 c6c5 b0c2"]),
        ("H2-E2, H9-G7, H0-G2\r\rB2-E2; B9-C7; B0-C2", ["h2e2 h9g7 h0g2", "b2e2 b9c7 b0c2"]),
        ("# mine\nh2e2 h9g7 h0g2 1-0 # won\nb2e2 b9c7 b0c2 0-1\n", ["h2e2 h9g7 h0g2", "b2e2 b9c7 b0c2"]),
        (f"position fen {ENDGAME} moves i8i0\nstartpos moves h2e2\n{ENDGAME}\n", ["i8i0", "h2e2", ""]),
        ("\ufeffh2e2 h9g7 h0g2", ["h2e2 h9g7 h0g2"]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_what_lists_look_like(tmp_path: Path, content: str, expected: list[str], encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content.encode(encoding))
    assert moves_of(path) == [line.split() for line in expected]


def test_results_and_start_positions_are_kept(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"h2e2 h9g7 1-0\n\nfen {ENDGAME} moves i8i0 0-1\n")
    first, second = read_games(tmp_path / "a.txt")
    assert (first.result, second.result, first.root, second.root) == ("1-0", "0-1", START_FEN, ENDGAME)


@given(st.lists(plain_games(), min_size=1, max_size=5))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_written_reads_back(tmp_path_factory: pytest.TempPathFactory, games: list[Game]) -> None:
    path = tmp_path_factory.getbasetemp() / "games.txt"
    assert write_move_list(games, path) == len(games)
    again = list(read_games(path))
    assert [(game.root, game.moves, game.result) for game in again] == [
        (game.root, game.moves, game.result) for game in games
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("h2e2 h9g7 h2h3", "line 2, ply 3: h2h3 is not legal: there is no piece to move"),
        ("h2e2 h9g7 h2z9", "line 2, ply 3: 'h2z9' is not a move in any notation"),
        ("h2e2 a0a0 h2z9", "line 2, ply 2: no piece moves like a0a0"),
        ("fen 9/9/9/9/9/9/9/9/9/9 w moves h2e2", "line 2: "),
        ("h0g2 h9g7 g2h0 g7h9 " * 2501, "line 2, ply 10001: more than 10000 plies"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"b2e2 b9c7 b0c2\n{line}\nb2e2 b9c7 b0c2\n")
    with pytest.raises(RecordError) as caught:
        list(read_move_list(path))
    assert str(caught.value).startswith(f"{path}, game 2, {reason}")
    problems: list[RecordError] = []
    assert len(list(read_move_list(path, on_illegal="drop", problems=problems))) == 2
    assert len(problems) == 1


def test_a_file_without_moves_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("# nothing\n")
    with pytest.raises(CorpusError, match="holds no moves"):
        list(read_move_list(tmp_path / "a.txt"))
    with pytest.raises(CorpusError, match="no games"):
        write_move_list([], tmp_path / "b.txt")
