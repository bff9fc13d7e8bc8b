"""PGN out: what was written reads back the same, here and in an independent reader."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_games import annotated_games, plain_games

from xiangqi_gpt.records import CorpusError, Game, format_pgn, parse_pgn, read_pgn, write_pgn
from xiangqi_gpt.records.formats.pgn_writer import Notation
from xiangqi_gpt.rules import Board, Move

NOTATIONS: tuple[Notation, ...] = ("iccs", "chinese", "traditional", "wxf")


@given(plain_games(), st.sampled_from(NOTATIONS))
@settings(max_examples=80, deadline=None)
def test_games_survive_in_every_notation(game: Game, notation: Notation) -> None:
    assert list(parse_pgn(format_pgn(game, notation=notation))) == [game]


@given(annotated_games(), st.sampled_from(NOTATIONS))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_comments_and_variations_survive(game: Game, notation: Notation) -> None:
    text = format_pgn(game, notation=notation)
    assert list(parse_pgn(text)) == [game]


@given(st.lists(annotated_games(), min_size=2, max_size=4))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_games_in_one_file_stay_apart(games: list[Game]) -> None:
    assert list(parse_pgn("\n".join(map(format_pgn, games)))) == games


@pytest.mark.parametrize("notation", NOTATIONS)
def test_real_games_survive(samples: Path, tmp_path: Path, notation: Notation) -> None:
    games = [game for path in sorted(samples.glob("*.pgn")) for game in read_pgn(path)]
    assert len(games) == 8
    assert write_pgn(games, tmp_path / "out.pgn", notation=notation) == 8
    assert list(read_pgn(tmp_path / "out.pgn")) == games


def test_what_a_file_looks_like() -> None:
    board = Board()
    for text in ("h2e2", "h9g7", "h0g2"):
        board.push_text(text)
    game = Game.from_board(board, Red="甲", Event='the "best"')
    game.node(1).comment = "central cannon"
    game.node(1).nags.add(1)
    assert format_pgn(game, notation="chinese") == (
        '[Game "Chinese Chess"]\n'
        '[Event "the \\"best\\""]\n'
        '[Red "甲"]\n'
        '[Black "?"]\n'
        '[Result "*"]\n'
        '[Format "Chinese"]\n'
        "\n"
        "1. 炮二平五 $1 {central cannon} 1... 马８进７\n"
        "2. 马二进三\n"
        "*\n"
    )


@pytest.mark.parametrize("notation", ["iccs", "chinese"])
def test_an_independent_reader_finds_the_same_moves(tmp_path: Path, notation: Notation) -> None:
    cchess = pytest.importorskip("cchess")
    board = Board()
    for text in ("h2e2", "h9g7", "h0g2", "i9h9", "i0h0", "g6g5", "c3c4", "b9c7", "b0c2", "c9e7", "h0h6", "h9i9"):
        board.push_text(text)
    path = tmp_path / "game.pgn"
    write_pgn([Game.from_board(board)], path, notation=notation)
    with contextlib.redirect_stdout(io.StringIO()):
        (line,) = cchess.Game.read_from(str(path)).dump_iccs_moves()
    assert line == [str(move) for move in board.move_stack]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "games.pgn"
    write_pgn([Game(moves=[Move.from_iccs("h2e2")])], path)
    before = path.read_bytes()

    def broken() -> object:
        yield Game()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_pgn(broken(), path)  # type: ignore[arg-type]
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["games.pgn"]


def test_an_unknown_notation_is_refused() -> None:
    with pytest.raises(CorpusError, match="iccs, chinese, traditional, wxf"):
        format_pgn(Game(), notation="san")  # type: ignore[arg-type]
