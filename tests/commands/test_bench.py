"""The bench: thirty positions, a signature that threads do not change and another search does."""

import json

import pytest

from xiangqi_gpt.commands.bench import POSITIONS, bench_positions
from xiangqi_gpt.rules import Board


def test_the_positions_are_all_different_and_go_on():
    boards = bench_positions()
    assert len(boards) == len({board.fen() for board in boards}) == POSITIONS
    assert {board.turn for board in boards} == {0, 1}
    assert not any(board.outcome() for board in boards)


@pytest.mark.slow
def test_the_signature_is_that_of_what_was_searched(program, tmp_path):
    from random_models import save_random_model

    model = tmp_path / "model"
    model.mkdir()
    save_random_model(model)

    def found(*words):
        return json.loads(program("bench", str(model), "--json", *words).stdout)

    one, two, deeper = found("--nodes", "40"), found("--nodes", "40", "--threads", "2"), found("--nodes", "50")
    assert one["signature"] == two["signature"] != deeper["signature"]
    assert one["positions"] == two["positions"]
    assert 0 < one["leaves"] < one["nodes"] <= 40 * POSITIONS
    assert one["nodes"] == sum(position["nodes"] for position in one["positions"])
    assert (two["threads"], two["limit"]) == (2, 40) and two["machine"]
    for position in one["positions"]:
        board = Board(position["fen"])
        assert position["move"] in {str(move) for move in board.legal_moves}
        assert 0 <= position["lead"] <= 40
    table = program("bench", str(model), "--nodes", "8").stdout
    assert table.count("\n") == POSITIONS + 5 and "signature" in table
