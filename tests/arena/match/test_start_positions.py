import pytest

from xiangqi_gpt.arena import OpeningError, draw_openings, read_openings, read_positions
from xiangqi_gpt.rules import START_FEN, Board

EARLY = "rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C2C4/9/RNBAKABNR b - - 1 1"
MATE = "3k5/3R5/3R5/9/9/9/9/9/9/4K4 b - - 0 1"


def test_random_openings_are_legal_distinct_and_fixed_by_the_seed():
    openings = draw_openings(50, seed=3, random_plies=6)
    for opening in openings:
        board = Board(opening.fen)
        for move in opening.moves:
            assert board.is_legal(move)
            board.push(move)
        assert opening.board() == board
        assert len(opening.moves) == 6
        assert board.outcome() is None
    assert len({opening.moves for opening in openings}) == 50
    assert openings == draw_openings(50, seed=3, random_plies=6)
    assert openings != draw_openings(50, seed=4, random_plies=6)


def test_positions_come_in_random_order_without_repeats_until_all_were_used():
    positions = [Board(EARLY).fen().replace(" 1 1", f" 1 {i}") for i in range(1, 21)]
    drawn = [opening.fen for opening in draw_openings(40, seed=1, positions=positions)]
    assert sorted(drawn[:20]) == sorted(drawn[20:]) == sorted(positions)
    assert drawn[:20] != positions


def test_no_opening_is_over_already():
    # Red mates or stalemates with many of its moves here.
    fen = "3k5/R8/1R7/9/9/9/9/9/9/4K4 w - - 0 1"
    assert all(
        opening.board().outcome() is None for opening in draw_openings(30, seed=1, positions=[fen], random_plies=1)
    )


def test_an_opening_that_cannot_be_made_is_an_error():
    fen = "3k5/9/9/9/9/9/9/9/9/R3K4 w - - 0 1"  # a game of two kings and a rook is drawn long before
    with pytest.raises(OpeningError, match="300 random moves from"):
        draw_openings(1, seed=1, positions=[fen], random_plies=300)


def test_reading_fen_and_epd(tmp_path):
    file = tmp_path / "book.epd"
    file.write_text(
        f"\ufeff# a comment\n{START_FEN}\n\n"
        'rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C2C4/9/RNBAKABNR b - - id "one"; c0 "x";\n'
        "rheakaehr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RHEAKAEHR r\n"
    )
    assert read_positions(file) == [START_FEN, EARLY.replace(" 1 1", " 0 1"), START_FEN]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f"{START_FEN}\nrnbakabnr/9 w\n", r"book\.epd:2: a board has 10 ranks"),
        (f"{START_FEN}\n{MATE}\n", r"book\.epd:2: the game is already over: red wins \(checkmate\)"),
        ("# nothing\n", r"book\.epd: no position in the file"),
    ],
)
def test_broken_files_name_the_line(tmp_path, content, message):
    (tmp_path / "book.epd").write_text(content)
    with pytest.raises(OpeningError, match=message):
        read_positions(tmp_path / "book.epd")


def test_a_file_that_is_no_text(tmp_path):
    (tmp_path / "book.epd").write_bytes(b"\xff\xfe\x80")
    with pytest.raises(OpeningError, match="not a text file"):
        read_positions(tmp_path / "book.epd")


def test_reading_a_real_book(shared):
    positions = read_positions(shared / "data" / "openings.epd")
    assert len(positions) == 10_151
    assert len(draw_openings(300, 1, positions=positions)) == 300


TWO_GAMES = """[Event "one"]
[Result "1-0"]

1. h2e2 h9g7 2. h0g2 i9h9 1-0

[Event "the same opening"]
[Result "*"]

1. h2e2 h9g7 2. b0c2 *
"""


def test_openings_from_games(tmp_path):
    (tmp_path / "book.pgn").write_text(TWO_GAMES)
    moves = [[move.iccs() for move in opening.moves] for opening in read_openings(tmp_path / "book.pgn")]
    assert moves == [["h2e2", "h9g7", "h0g2", "i9h9"], ["h2e2", "h9g7", "b0c2"]]
    (short,) = read_openings(tmp_path / "book.pgn", plies=2)
    assert [move.iccs() for move in short.moves] == ["h2e2", "h9g7"]
    (drawn,) = draw_openings(1, 1, positions=[short], random_plies=3)
    assert drawn.moves[:2] == short.moves
    assert len(drawn.moves) == 5


def test_a_game_that_is_over_is_no_opening(tmp_path):
    (tmp_path / "book.pgn").write_text('[FEN "3k5/4R4/9/9/9/9/9/9/1R7/4K4 w - - 0 1"]\n\n1. b1b9 1-0\n')
    with pytest.raises(OpeningError, match=r"book\.pgn, game 1: the game is already over"):
        read_openings(tmp_path / "book.pgn")


def test_more_openings_begin_with_the_same_ones(tmp_path):
    positions = [Board(EARLY).fen().replace(" 1 1", f" 1 {i}") for i in range(1, 21)]
    few = draw_openings(5, 3, positions=positions, random_plies=2)
    assert draw_openings(70, 3, positions=positions, random_plies=2)[:5] == few
