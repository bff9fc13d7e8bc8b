import pytest
from simulated_games import tournament

from xiangqi_gpt.arena import Standings
from xiangqi_gpt.arena.report.strength_curve import elo_by_step, write_curve
from xiangqi_gpt.arena.tournament.match_plan import checkpoint_specs
from xiangqi_gpt.players import PlayerError


@pytest.fixture
def standings():
    standings = Standings(["gpt:run/step-100", "gpt:run/step-200", "gpt:run/step-1000"])
    for result in tournament([0.0, 100.0, 180.0], 200):
        standings.add(result)
    return standings


def test_the_curve_is_that_of_the_ratings(standings):
    rows = elo_by_step(standings, [100, 200, 1000])
    assert [row["step"] for row in rows] == [100, 200, 1000]
    assert rows[0]["elo"] == 0
    assert 0 < rows[1]["elo_low"] < rows[1]["elo"] < rows[2]["elo"]


def test_the_card_keeps_all_else_and_an_older_curve_is_replaced(standings, tmp_path):
    (tmp_path / "card.md").write_text("# My run\n\n## Data\n\nmany games\n")
    write_curve(tmp_path, standings, [100, 200, 1000], "the first command")
    write_curve(tmp_path, standings, [100, 200, 1000], "the second command")
    card = (tmp_path / "card.md").read_text()
    assert card.startswith("# My run\n\n## Data\n\nmany games\n\n## Strength over training\n")
    assert card.count("## Strength over training") == 1
    assert "the second command" in card
    assert "the first command" not in card
    assert "| 1,000 | +1" in card


def test_checkpoints_come_in_the_order_of_their_steps(tmp_path):
    for step in ("step-1000", "step-200", "step-0000050", "best"):
        (tmp_path / step).mkdir()
    names = [spec.rpartition("/")[2] for spec in checkpoint_specs(str(tmp_path))]
    assert names == ["step-0000050", "step-200", "step-1000"]
    with pytest.raises(PlayerError, match="two or more checkpoints"):
        checkpoint_specs(str(tmp_path / "best"))
