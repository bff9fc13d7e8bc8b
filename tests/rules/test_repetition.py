"""Verdicts on repeated positions."""

import json
from pathlib import Path

import pytest

from xiangqi_gpt.rules import BLACK, RED, Board, Move, Termination, repetition
from xiangqi_gpt.rules.chase import threat_list
from xiangqi_gpt.rules.pieces import square_name


def repeated(fen: str, cycle: str, times: int = 2) -> Board:
    board = Board(fen)
    for text in cycle.split() * times:
        move = Move.from_iccs(text)
        assert board.is_legal(move), text
        board.push(move)
    return board


DRAW, SAME = Termination.REPETITION, "the same position for the third time"
CHECK, CHASE = Termination.PERPETUAL_CHECK, Termination.PERPETUAL_CHASE

# (position, cycle of moves): winner, reason, sentence
VERDICTS = {
    # checks
    ("4k4/9/9/9/9/9/9/9/3R5/5K3 w - - 0 1", "d1e1 e9d9 e1d1 d9e9"): (
        (BLACK, CHECK, "Red checked on every move of the cycle")
    ),
    ("9/4c4/3k5/3r5/9/9/4C4/9/4K4/3R5 w - - 0 1", "e3d3 d6e6 d3e3 e6d6"): (
        (None, DRAW, "both sides checked on every move of the cycle")
    ),
    # a mix of checks and chases is allowed
    ("9/5k3/6r1R/5r3/C8/9/9/3K5/9/9 w - - 0 1", "i7i8 f8f7 i8i7 f7f8"): (None, DRAW, SAME),
    # one unprotected piece chased by one piece, or by two
    ("2r6/9/4k4/9/9/9/9/N8/9/3K5 b - - 0 1", "c9a9 a2c1 a9c9 c1a2"): (RED, CHASE, "Black's rook chased the horse"),
    ("1R7/4k4/9/1c7/9/9/9/9/5K3/9 b - - 0 1", "b6h6 b9h9 h6b6 h9b9"): (BLACK, CHASE, "Red's rook chased the cannon"),
    ("9/3C5/3k5/9/9/9/9/4K4/4p4/9 w - - 0 1", "d8e8 e1d1 e8d8 d1e1"): (BLACK, CHASE, "Red's cannon chased the pawn"),
    ("8n/5k3/3a5/4R4/9/9/9/9/9/4K4 w - - 0 1", "e6d6 d7e8 d6e6 e8d7"): (
        (BLACK, CHASE, "Red's rook chased the advisor")
    ),
    ("5k3/9/9/9/C8/2R2n3/9/3K5/9/9 b - - 0 1", "f4h5 c4c5 h5f4 c5c4"): (
        (BLACK, CHASE, "Red's rook and cannon chased the horse")
    ),
    # a protected piece may be chased, even if only one of its squares is protected; a rook not, by cannon or horse
    ("1R7/4k4/3n5/1c7/9/9/9/9/5K3/9 b - - 0 1", "b6h6 b9h9 h6b6 h9b9"): (None, DRAW, SAME),
    ("3k5/9/9/9/9/9/9/3N5/1R3K2c/5p3 w - - 0 1", "b1b0 i1i0 b0b1 i0i1"): (
        (RED, CHASE, "Black's cannon chased the rook")
    ),
    # kings and pawns may chase
    ("3k5/9/9/9/9/9/9/9/4c4/5K3 w - - 0 1", "f0e0 e1f1 e0f0 f1e1"): (None, DRAW, SAME),
    ("5k3/9/3c5/2P6/9/9/9/9/9/4K4 w - - 0 1", "c6d6 d7c7 d6c6 c7d7"): (None, DRAW, SAME),
    # two pieces in turn
    ("9/9/3k5/6R2/9/4N4/9/r2p5/9/4K4 w - - 0 1", "e4c3 a2a1 c3e4 a1a2"): (None, DRAW, SAME),
    # rooks that could take each other offer an exchange
    ("4k2r1/9/9/9/9/9/9/9/9/3K4R w - - 0 1", "i0h0 h9i9 h0i0 i9h9"): (None, DRAW, SAME),
    # an attack that was there before the move is not created by it
    ("3k2b2/4P4/4b4/9/8p/6Bc1/6P1P/3AB4/4pp3/1p1K3R1 w - - 0 1", "h0h1 h4h3 h1h0 h3h4"): (None, DRAW, SAME),
    # a threat that nobody answers is no chase: Black's rooks take turns, Red plays elsewhere
    ("1N1r5/8P/2rk5/7n1/9/9/p8/9/5K3/4n4 b - - 0 1", "c7c9 i8h8 c9c7 h8i8"): (None, DRAW, SAME),
}


@pytest.mark.parametrize(("fen", "cycle"), VERDICTS)
def test_verdict(fen: str, cycle: str) -> None:
    outcome = repeated(fen, cycle).outcome()
    assert (outcome.winner, outcome.termination, outcome.detail) == VERDICTS[fen, cycle]


@pytest.mark.parametrize(("fen", "cycle"), VERDICTS)
def test_verdict_in_the_mirror_and_with_colours_exchanged(fen: str, cycle: str) -> None:
    winner, termination, _ = VERDICTS[fen, cycle]
    mirrored = repeated(fen, cycle).mirror().outcome()
    assert (mirrored.winner, mirrored.termination) == (winner, termination)
    rows, side = fen.split()[:2]
    exchanged = f"{rows[::-1].swapcase()} {'b' if side == 'w' else 'w'} - - 0 1"
    turned = " ".join(
        "".join("ihgfedcba"["abcdefghi".index(c)] if c.isalpha() else str(9 - int(c)) for c in text)
        for text in cycle.split()
    )
    outcome = repeated(exchanged, turned).outcome()
    assert (outcome.winner, outcome.termination) == (None if winner is None else 1 - winner, termination)


def test_both_sides_chase() -> None:
    board = Board("4k4/7n1/9/4pR3/9/9/4P4/9/9/4K4 w - - 0 1")
    cycle = ["h8f7", "h6h7", "f7g5", "h7g7", "g5i6", "g7g6", "i6h8", "g6h6"]
    for text in ["f6h6", *cycle, *cycle]:
        board.push(Move.from_iccs(text))
    outcome = board.outcome()
    assert (outcome.winner, outcome.detail) == (None, "both sides chased on every move of the cycle")


def test_every_move_between_the_first_and_the_third_occurrence_counts() -> None:
    fen, checks, idle = "4k4/9/9/9/9/9/9/9/3R5/5K3 w - - 0 1", "d1e1 e9d9 e1d1 d9e9", "d1d2 e9e8 d2d1 e8e9"
    for cycle in (f"{checks} {idle}", f"{idle} {checks}"):
        assert repeated(fen, cycle, times=1).outcome().detail == SAME
    assert repeated(fen, f"{checks} {checks}", times=1).outcome().winner == BLACK


def test_the_game_goes_on_until_the_third_occurrence() -> None:
    fen, cycle = "4k4/9/9/9/9/9/9/9/3R5/5K3 w - - 0 1", "d1e1 e9d9 e1d1 d9e9"
    assert repeated(fen, cycle, times=1).outcome() is None
    assert repetition.judge(repeated(fen, cycle, times=1)).winner == BLACK  # what a third time would bring
    fourth = repeated(fen, "d1d2 e9e8 d2d1 e8e9", times=3).outcome()
    assert fourth.detail == "the same position for the 4th time"


def test_a_position_seen_once_has_no_verdict() -> None:
    with pytest.raises(ValueError, match="has not occurred before"):
        repetition.judge(Board())


def test_the_board_is_left_alone() -> None:
    board = repeated("2r6/9/4k4/9/9/9/9/N8/9/3K5 b - - 0 1", "c9a9 a2c1 a9c9 c1a2")
    before = (board.fen(), board.move_stack, board.zobrist)
    board.outcome()
    assert (board.fen(), board.move_stack, board.zobrist) == before


# --- threats


def threats(fen: str, side: int) -> list[str]:
    return [square_name(a) + square_name(v) for a, v, legal in threat_list(Board(fen).squares, side) if legal]


THREATS = {
    # pawns are threatened once they have crossed the river
    ("3k5/9/9/p7R/9/9/9/9/9/4K4 w - - 0 1", RED): [],
    ("3k5/9/9/9/9/p7R/9/9/9/4K4 w - - 0 1", RED): ["i4a4"],
    # protected by its king, by a pinned piece, by a cannon whose screen the capture takes away
    ("4k4/4a3R/9/9/9/9/9/9/9/3K5 w - - 0 1", RED): [],
    ("4k4/4a4/3n5/9/3RR4/9/9/9/9/3K5 w - - 0 1", RED): ["d5d7"],
    ("5k3/9/9/9/9/1C7/1r7/9/1C7/4K4 b - - 0 1", BLACK): ["b3b1", "b3b4"],
    # a capture that would leave the own king in check is none
    ("3k5/9/9/4r4/9/9/9/4N4/2p6/4K4 w - - 0 1", RED): [],
    # kings and pawns do not threaten
    ("3k5/9/9/2rP5/9/9/9/9/4c4/4K4 w - - 0 1", RED): [],
    # a protected rook by a knight; knights that block each other's legs by one side only
    ("3k5/9/2r6/r8/1N7/9/9/9/9/4K4 w - - 0 1", RED): ["b5c7"],
    ("3k5/9/9/3n5/3P5/2N6/9/9/9/4K4 w - - 0 1", RED): ["c4d6"],
    ("3k5/9/9/3n5/9/2N6/9/9/9/4K4 w - - 0 1", RED): [],
}


@pytest.mark.parametrize(("fen", "side"), THREATS)
def test_threats(fen: str, side: int) -> None:
    assert threats(fen, side) == THREATS[fen, side]


# --- cases with verdicts of others


def test_the_shared_cases(shared: Path) -> None:
    lines = (shared / "data" / "repetition.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 20
    for line in lines:
        case = json.loads(line)
        board = repeated(case["fen"], " ".join(case["moves"]), times=1)
        outcome = board.outcome()
        assert (outcome is not None) == case["game_end"], case["note"]
        result = "draw" if outcome.winner is None else "win" if outcome.winner == board.turn else "loss"
        assert case["side_to_move_result"] in (result, None), case["note"]
