"""The quick way through plain moves reads what the slow way reads, and leaves the rest to it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from record_games import annotated_games, plain_games

from xiangqi_gpt.records import Game, format_pgn, parse_pgn
from xiangqi_gpt.records.formats.plain_moves import PlainMoves, PlainText
from xiangqi_gpt.rules import START_FEN, Board, Move, parse_fen, to_chinese, to_wxf


def _slowly(self: PlainText, at: int, squares: object, turn: int, most: int, *, first: bool = True) -> PlainMoves:
    return PlainMoves([], at, 0)


def _read(text: str, most: int = 10_000) -> tuple[PlainMoves, np.ndarray]:
    squares = parse_fen(START_FEN).squares.copy()
    return PlainText(text).read(0, squares, 0, most), squares


@settings(max_examples=60)
@given(
    game=st.one_of(plain_games(), annotated_games()),
    notation=st.sampled_from(("iccs", "chinese", "traditional", "wxf")),
    place=st.integers(0, 10**6),
    junk=st.sampled_from(
        (
            *("", "{x}", "(", ")", "炮", "1", "h2e2", "h2e", "-", "1-0", "前", "!", "$1", "12.", "炮九进九", ";", ","),
            *("，", "+", "#", "+-", "C2.5", "C2.", "+R", "-C.5", "(h2e2)", "(1. C2.5)", "\n1. h2e2", "1... ", "R1+1"),
        )
    ),
)
def test_both_ways_read_the_same(game: Game, notation: str, place: int, junk: str) -> None:
    text = format_pgn(game, notation=notation)  # type: ignore[arg-type]
    at = text.rindex("]") + 1
    at += place % (len(text) - at)
    text = text[:at] + junk + text[at:]
    problems: list[list[str]] = [[], []]
    found = []
    for slowly, errors in zip((False, True), problems, strict=True):
        with pytest.MonkeyPatch.context() as patch:
            if slowly:
                patch.setattr(PlainText, "read", _slowly)
            errors_here: list[Exception] = []
            found.append(list(parse_pgn(text, on_illegal="cut", problems=errors_here)))  # type: ignore[arg-type]
            errors += map(str, errors_here)
    assert found[0] == found[1]
    assert problems[0] == problems[1]


@given(choices=st.lists(st.integers(0, 10**6), max_size=120), write=st.sampled_from((to_chinese, to_wxf)))
def test_moves_are_read_to_the_end_where_no_three_pawns_stand_on_a_file(
    choices: list[int], write: Callable[[Board, Move], str]
) -> None:
    board, words = Board(), []
    for choice in choices:
        moves = list(board.legal_moves)
        if not moves:
            break
        move = moves[choice % len(moves)]
        words.append(write(board, move))
        board.push(move)
    plain = next((n for n, word in enumerate(words) if word[0] in "中一二三四五12345"), len(words))
    (read, _, captured), squares = _read(" ".join(words))
    assert read[:plain] == board.move_stack[:plain]
    if words and len(read) == len(words):
        assert (squares == board.squares).all()
        last = board.pop()
        assert captured == board.squares[last.to_square]


def test_a_long_text_is_not_cut_in_the_middle_of_a_move() -> None:
    moves = "h0g2 h9g7 g2h0 g7h9 " * 4000
    for beginning in range(20):
        spaces, squares = " " * beginning, parse_fen(START_FEN).squares.copy()
        text, at, read = PlainText(spaces + moves), 0, 0
        while (found := text.read(at, squares, read % 2, 10_000)).moves:
            read, at = read + len(found.moves), found.end
        assert read == len(moves.split()) and not text.text[at:].strip()
