"""The quick way through plain moves reads what the slow way reads, and leaves the rest to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from record_games import plain_games

from xiangqi_gpt.records import Game, format_pgn, parse_pgn
from xiangqi_gpt.records.formats import movetext
from xiangqi_gpt.records.formats.plain_moves import read_plain_moves
from xiangqi_gpt.rules import MOVES, START_FEN, Board, Position, parse_fen, to_chinese


def _slowly(text: str, at: int, root: Position, most: int) -> object:
    return read_plain_moves(text[:at], at, root, most)


@settings(max_examples=60)
@given(
    game=plain_games(),
    notation=st.sampled_from(("iccs", "chinese", "traditional", "wxf")),
    place=st.integers(0, 10**6),
    junk=st.sampled_from(
        ("", "{x}", "(", ")", "炮", "1", "h2e2", "h2e", "-", "1-0", "前", "!", "$1", "12.", "炮九进九", ";")
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
                patch.setattr(movetext, "read_plain_moves", _slowly)
            errors_here: list[Exception] = []
            found.append(list(parse_pgn(text, on_illegal="cut", problems=errors_here)))  # type: ignore[arg-type]
            errors += map(str, errors_here)
    assert found[0] == found[1]
    assert problems[0] == problems[1]


@given(choices=st.lists(st.integers(0, 10**6), max_size=120))
def test_chinese_is_read_to_the_end_where_no_three_pawns_stand_on_a_file(choices: list[int]) -> None:
    board, words = Board(), []
    for choice in choices:
        moves = list(board.legal_moves)
        if not moves:
            break
        move = moves[choice % len(moves)]
        words.append(to_chinese(board, move))
        board.push(move)
    plain = next((n for n, word in enumerate(words) if word[0] in "中一二三四五"), len(words))
    read, _, squares = read_plain_moves(" ".join(words), 0, parse_fen(START_FEN), 1000)
    assert [MOVES[index] for index in read[:plain].tolist()] == board.move_stack[:plain]
    if len(read) == len(words):
        assert (squares == board.squares).all()


def test_a_long_text_is_not_cut_in_the_middle_of_a_move() -> None:
    moves = "h0g2 h9g7 g2h0 g7h9 " * 4000
    read, end, _ = read_plain_moves(moves, 0, parse_fen(START_FEN), 100_000)
    assert len(read) == len(moves[:end].split()) and moves[end - 1 : end + 1].strip() == moves[end - 1 : end + 1][:1]
