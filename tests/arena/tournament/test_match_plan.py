"""A match from options as text: what is played, where its games go, and what is wrong with wrong options."""

from __future__ import annotations

from pathlib import Path

import pytest

from xiangqi_gpt.arena.tournament.match_plan import checkpoint_specs, plan_match, player_revision
from xiangqi_gpt.players import PlayerError
from xiangqi_gpt.records import read_pgn
from xiangqi_gpt.rules import XiangqiError


def test_a_planned_match_is_played_into_a_file_of_its_own_and_gone_on_with(tmp_path: Path) -> None:
    def play(games: int) -> tuple[str, int, int]:
        plan = plan_match(["greedy", "random"], games=games, seed=3, max_plies=20, anchor="random=-100")
        with plan.open(str(tmp_path / "match.pgn")) as file:
            standings = plan.play(file)
        return file.path.name, standings.games, len(list(read_pgn(file.path)))

    assert play(2) == ("match.pgn", 2, 2)
    before = (tmp_path / "match.pgn").read_bytes()
    assert play(4) == ("match.pgn", 4, 4)
    assert (tmp_path / "match.pgn").read_bytes().startswith(before), "the first games are not played again"


def test_another_match_finds_another_name_and_an_empty_file_does_not_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for seed, name in ((1, "match.pgn"), (2, "match-2.pgn"), (1, "match.pgn")):
        plan = plan_match(["random", "random"], games=2, seed=seed, max_plies=10)
        with plan.open(None) as file:
            assert file.path == Path(name)
            plan.play(file)
    with plan_match(["random", "random"], games=2, seed=3).open(None) as file:
        assert file.path.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["match-2.pgn", "match.pgn"]


def test_what_a_report_tells_of_it(tmp_path: Path, nano_model: Path) -> None:
    for step in (1000, 200):
        (tmp_path / f"step-{step}").symlink_to(nano_model)
    win, draw = "score=400", "score=20,after=60"
    plan = plan_match(["random"], checkpoints=str(tmp_path), games=6, control="60+1", win=win, draw=draw, seed=5)
    told = plan.settings
    assert (told["steps"], told["tc"], told["win"], told["draw"], told["seed"]) == ([200, 1000], "60+1", win, draw, 5)
    assert plan.job.specs == (f"gpt:{tmp_path}/step-200", f"gpt:{tmp_path}/step-1000", "random")
    assert len(plan.fixtures) == 3 * 6
    assert {name for name, _, _ in player_revision(plan.job.specs[0])} >= {"config.json", "model.safetensors"}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"anchor": "greedy"}, "expected one of the players and its rating, as in greedy=0"),
        ({"anchor": "nobody=5"}, "expected one of the players"),
        ({"control": "fast"}, "fast"),
        ({"win": "much"}, "much"),
        ({"sprt": "5"}, "5"),
        ({"openings": "none.epd"}, "none.epd"),
        ({"referee": "nobody"}, "unknown player 'nobody'"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, str], reason: str) -> None:
    with pytest.raises((XiangqiError, OSError), match=reason):
        plan_match(["greedy", "random"], **options)  # type: ignore[arg-type]


def test_one_checkpoint_is_no_match(tmp_path: Path) -> None:
    (tmp_path / "step-10").mkdir()
    (tmp_path / "step-last").mkdir()
    with pytest.raises(PlayerError, match=r"two or more checkpoints \(folders step-N\), found 1"):
        checkpoint_specs(str(tmp_path))
