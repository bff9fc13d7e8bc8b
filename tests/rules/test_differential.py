"""The rules against an independent implementation: legal moves, check, mate, stalemate, notation, repetition."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from random_games import random_game
from repetition_sequences import sequences
from rules_helpers import random_placement, uci

from xiangqi_gpt.rules import Board, Move, Outcome, Termination, parse_move

pyffish = pytest.importorskip("pyffish")

VARIANT = "xq60"  # Xiangqi drawn after 60 moves of each side without a capture


@pytest.fixture(scope="module", autouse=True)
def variant() -> None:
    pyffish.load_variant_config(f"[{VARIANT}:xiangqi]\nnMoveRule = 60\n")


def agree_on_position(board: Board) -> None:
    """Same legal moves; where there are none, the same side has lost."""
    fen = board.fen()
    legal = {uci(move) for move in board.legal_moves}
    assert legal == set(pyffish.legal_moves(VARIANT, fen, [])), fen
    if not legal:
        assert pyffish.game_result(VARIANT, fen, []) == -pyffish.VALUE_MATE
        assert board.outcome().winner == 1 - board.turn
        assert board.is_checkmate() == pyffish.gives_check(VARIANT, fen, []), fen
        assert board.is_stalemate() != board.is_checkmate()


def agree_on_game(root: Board, moves: list[Move]) -> list[Board]:
    """Same checks after every move of a game, and the judge's WXF text of every move is read; the positions."""
    fen, texts = root.fen(), [uci(move) for move in moves]
    plain = pyffish.get_san_moves(VARIANT, fen, texts)
    wxf = pyffish.get_san_moves(VARIANT, fen, texts, False, pyffish.NOTATION_XIANGQI_WXF)
    board, positions = root.copy(stack=False), []
    for move, text, wxf_text in zip(moves, plain, wxf, strict=True):
        positions.append(board.copy(stack=False))
        assert parse_move(board, wxf_text) == move, (board.fen(), wxf_text)
        board.push(move)
        assert board.is_check() == text.endswith(("+", "#")), (board.fen(), text)
    return [*positions, board.copy(stack=False)]


@pytest.mark.slow
def test_random_play() -> None:
    rng = np.random.default_rng(20)
    positions = []
    while len(positions) < 8500:
        root = Board() if len(positions) % 2 else random_placement(rng, pawns=bool(rng.integers(2)))
        game = random_game(rng, 90, root.copy(stack=False))
        positions += agree_on_game(root, game.move_stack)
    for board in positions[:8500]:
        agree_on_position(board)


@pytest.mark.slow
def test_records(shared: Path) -> None:
    import duckdb

    rows = duckdb.sql(
        f"select moves from read_parquet('{shared / 'data' / 'games.parquet'}') order by hash(moves) limit 150"
    ).fetchall()
    positions = []
    for (text,) in rows:
        positions += agree_on_game(Board(), [Move.from_iccs(move) for move in text.split()])
    assert len(positions) >= 8500
    for board in positions[:8500]:
        agree_on_position(board)


@pytest.mark.slow
def test_random_placements() -> None:
    rng = np.random.default_rng(21)
    decided = 0
    for i in range(3000):
        board = random_placement(rng, pawns=i % 2 == 0)
        agree_on_position(board)
        assert board.is_check() == pyffish.gives_check(VARIANT, board.fen(), []), board.fen()
        decided += not board.legal_moves
    assert decided > 0


def test_the_limit_without_a_capture() -> None:
    for plies in (0, 60, 118, 119, 120, 121):
        board = Board(f"3ak4/9/4b4/9/9/9/P8/4B4/9/3K1A3 w - - {plies} 90")
        ended, value = pyffish.is_optional_game_end(VARIANT, board.fen(), [])
        outcome = board.outcome()
        assert ended == (outcome is not None)
        assert not ended or (value == 0 and outcome.termination is Termination.NO_CAPTURE)


# --- repetition

KEPT = Path(__file__).parent / "data" / "repetition_differences.jsonl"


def kept_differences() -> list[dict[str, str]]:
    """Sequences where the rule's text and pyffish differ, with both verdicts for the side to move and the reason."""
    return [json.loads(line) for line in KEPT.read_text(encoding="utf-8").splitlines()]


def play(fen: str, moves: list[Move]) -> Board:
    board = Board(fen)
    for move in moves:
        board.push(move)
    return board


def for_side_to_move(board: Board, outcome: Outcome) -> str:
    return "draw" if outcome.winner is None else "win" if outcome.winner == board.turn else "loss"


def judged_by_pyffish(fen: str, moves: list[Move]) -> str:
    ended, value = pyffish.is_optional_game_end("xiangqi", fen, [uci(move) for move in moves])
    assert ended
    return "draw" if value == 0 else "win" if value > 0 else "loss"


@pytest.mark.parametrize("case", kept_differences(), ids=lambda case: case["fen"].split()[0])
def test_kept_differences_are_decided_by_the_rules(case: dict[str, str]) -> None:
    assert case["reason"]
    assert case["ours"] != case["pyffish"]
    board = play(case["fen"], [Move.from_iccs(text) for text in case["moves"].split()])
    assert for_side_to_move(board, board.outcome()) == case["ours"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("directed", "count", "seed", "least_agreement", "least_decided"),
    [(False, 1000, 1, 0.99, 20), (True, 1200, 2, 0.94, 600)],
    ids=["random", "directed"],
)
def test_repetition(directed: bool, count: int, seed: int, least_agreement: float, least_decided: int) -> None:
    kept = {(case["fen"], case["moves"]): case for case in kept_differences()}
    agreed = decided = 0
    for fen, moves in itertools.islice(sequences(np.random.default_rng(seed), directed=directed), count):
        board = play(fen, moves)
        ours, theirs = for_side_to_move(board, board.outcome()), judged_by_pyffish(fen, moves)
        agreed += ours == theirs
        decided += ours != "draw"
        case = kept.get((fen, " ".join(map(str, moves))))
        assert ours == theirs or (case and (ours, theirs) == (case["ours"], case["pyffish"])), (fen, moves)
    assert agreed >= least_agreement * count
    assert decided >= least_decided
