import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from patience import PATIENCE
from random_models import save_random_model

from xiangqi_gpt.players import ExternalPlayer, PlayerError, SearchLimit, load_player
from xiangqi_gpt.players.levels import LEVEL_SEARCH, LEVELS, LEVELS_OF_0_1, Level, from_version_0_1
from xiangqi_gpt.players.spec import parse_spec
from xiangqi_gpt.rules import Board, XiangqiError

FAKE = f"uci:{sys.executable},args={Path(__file__).parent / 'fake_engine.py'} good"


@pytest.mark.parametrize("name", ["random", "greedy", "greedy2"])
def test_baselines_by_name(name):
    player = load_player(name, seed=1)
    assert player.name == name
    assert player.choose(Board()).move == load_player(f" {name} ", seed=1).choose(Board()).move


def test_an_engine_by_spec():
    player = load_player(f"{FAKE},nodes=5,option.Hash=8,timeout=9.5,processes=2")
    try:
        assert isinstance(player, ExternalPlayer)
        assert str(player.choose(Board()).move) == "h2e2"
    finally:
        player.close()


@pytest.mark.parametrize(
    ("text", "name", "target", "options"),
    [
        ("gpt", "gpt", "", {}),
        ("gpt:a,b/c:d,temperature=0.5,top_p=0.9", "gpt", "a,b/c:d", {"temperature": "0.5", "top_p": "0.9"}),
        (r"gpt:C:\models\first", "gpt", r"C:\models\first", {}),
        ("uci:x,option.Skill Level=3,nodes=5", "uci", "x", {"option.Skill Level": "3", "nodes": "5"}),
        ("random", "random", "", {}),
    ],
)
def test_taking_a_spec_apart(text, name, target, options):
    spec = parse_spec(text)
    assert (spec.name, spec.target, spec.options) == (name, target, options)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("", "unknown player ''; possible are random, greedy"),
        ("minimax", "unknown player 'minimax'; possible are random, greedy"),
        ("Random", "unknown player 'Random'"),
        ("random:x", "random takes nothing after a colon"),
        ("random,speed=3", "unknown option 'speed'; it takes none"),
        ("default:x", "default takes nothing after a colon"),
        ("gpt,temprature=1", "unknown option 'temprature'; possible are temperature, source, top_p"),
        ("gpt,overlook=2", "overlook=2: expected a number from 0 to 1"),
        ("search,nodes=8,top_p=0", "top_p=0: expected a number above 0 and at most 1"),
        ("gpt,masked=no,overlook=0.5", "overlook cannot go with it"),
        ("gpt,temperature=hot", "temperature=hot: expected a number from 0 on"),
        ("gpt,temperature=-1", "temperature=-1: expected a number from 0 on"),
        ("gpt,temperature=nan", "temperature=nan: expected a number"),
        ("gpt,level=21", "level=21: expected a whole number from 1 to 20"),
        ("gpt,level=3,temperature=1", "unknown option 'temperature'; possible are level, threads"),
        ("gpt,masked=maybe", "masked=maybe: expected yes or no"),
        ("gpt,masked=no,temperature=1", "temperature cannot go with it"),
        ("gpt,top_p=0.9,opening=中炮,masked=no", "opening, top_p cannot go with it"),
        ("gpt,opening=王八", "opening=王八: possible are 中炮, 屏风马"),
        ("gpt,nodes=5", "unknown option 'nodes'; possible are temperature, source"),
        ("search,nodes=0", "nodes=0: expected a whole number above 0"),
        ("search,mate_plies=4", "mate_plies=4: expected 1, 3, 5, 7 or 9 plies, or off"),
        ("gpt,top_p=0", "top_p=0: expected a number above 0 and at most 1"),
        ("gpt,top_p=1,top_p=1", "top_p is given twice"),
        ("gpt,source=chess", "source=chess: possible are any, master"),
        ("uci", "which program?"),
        ("uci:", "which program?"),
        ("uci:no-such-engine,nodes=1", "no program 'no-such-engine' on PATH or in /usr/games"),
        ("uci:no-such-engine", "no program 'no-such-engine' on PATH or in /usr/games"),
        ("uci:sh", "one limit is needed"),
        ("uci:sh,nodes=1,depth=1", "one limit is needed"),
        ("uci:sh,nodes=0", "nodes=0: expected a whole number above 0"),
        ("uci:sh,nodes=1e3", "nodes=1e3: expected a whole number above 0"),
        ("uci:sh,depth=²", "depth=²: expected a whole number above 0"),
        ("uci:sh,elo=1500", "unknown option 'elo'; possible are nodes, depth, movetime"),
        ("uci:sh,depth=1,timeout=0", "timeout=0: expected a number of seconds above 0"),
        ("uci:sh,depth=1,timeout=1e300", "timeout=1e300: expected a number of seconds above 0, at most a million"),
        ("xboard:sh,nodes=1", "an xboard engine takes depth=N or movetime=MILLISECONDS, not nodes"),
        (f"{FAKE},nodes=5,option.Style=wild", "it has no option 'Style'; it offers Hash"),
    ],
)
def test_errors_name_the_spec_and_what_is_possible(spec, message):
    with pytest.raises(PlayerError) as caught:
        load_player(spec)
    assert message in str(caught.value)
    assert spec in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_without_gpt_before_it_is_explained(tmp_path):
    with pytest.raises(PlayerError, match=f"a model folder is written gpt:{tmp_path}"):
        load_player(str(tmp_path))


def test_a_missing_model_is_one_clear_line(tmp_path):
    with pytest.raises(XiangqiError) as caught:
        load_player(f"gpt:{tmp_path / 'nothing'}")
    assert "nothing" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_players_without_a_model_do_not_load_torch():
    code = (
        "import sys; from xiangqi_gpt.players import load_player; load_player('greedy'); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert done.stdout.strip() == "False"


def test_a_search_by_spec(tmp_path):
    save_random_model(tmp_path)
    spec = f"search:{tmp_path},nodes=9,movetime=60000,threads=2,megabytes=8,adaptive=yes,cpuct=2,mate_plies=off"
    with closing(load_player(spec, seed=1)) as player:
        assert player.limit == SearchLimit(nodes=9, movetime=60000)
        assert (player.adaptive, player.settings.cpuct, player.settings.mate_plies) == (True, 2.0, 0)
        assert player.choose(Board()).move in Board().legal_moves
    with closing(load_player(f"search:{tmp_path},movetime=20")) as player:
        assert player.limit == SearchLimit(movetime=20)  # a limit of time alone counts no nodes
    with closing(load_player(f"search:{tmp_path}")) as player:
        assert player.limit == SearchLimit(nodes=400)


def test_looking_ahead_a_little_with_chance_and_oversights(tmp_path, monkeypatch):
    save_random_model(tmp_path)
    wanted = {"temperature": 1.5, "top_p": 0.9, "overlook": 0.3}
    text = "".join(f",{name}={value}" for name, value in wanted.items())
    monkeypatch.setitem(LEVELS, 3, Level("sees little", nodes=16, source="online", **wanted))
    for spec in (f"search:{tmp_path},nodes=16,source=online{text}", f"gpt:{tmp_path},level=3"):
        with closing(load_player(spec, seed=1)) as player:
            assert player.limit == SearchLimit(nodes=16)
            assert {name: getattr(player, name) for name in wanted} == wanted
            assert player.choose(Board()).move in Board().legal_moves


def test_twenty_levels_by_spec(tmp_path):
    save_random_model(tmp_path)
    assert list(LEVELS) == list(range(1, 21))
    players = {number: load_player(f"gpt:{tmp_path},level={number}", seed=1) for number in LEVELS}
    for number, level in LEVELS.items():
        limit = players[number].limit
        assert limit == (SearchLimit(nodes=level.nodes) if level.nodes else None)
        if level.nodes:
            assert {name: getattr(players[number].settings, name) for name in LEVEL_SEARCH} == LEVEL_SEARCH
        assert (players[number].temperature, players[number].overlook) == (level.temperature, level.overlook)
        players[number].close()
    assert [level.nodes for level in LEVELS.values()] == sorted(level.nodes for level in LEVELS.values())
    assert len({level.name for level in LEVELS.values()}) == 20
    elos = [level.elo for level in LEVELS.values()]
    assert elos == sorted(set(elos)) and max(np.diff(elos)) <= 200


@pytest.mark.parametrize(
    ("old", "name"),
    [(1, "beginner"), (4, "casual player"), (8, "expert"), (10, "strongest")],
)
def test_the_ten_levels_of_version_0_1_keep_their_names_and_play(old, name):
    assert from_version_0_1(f"gpt,level={old}") == f"gpt,level={LEVELS_OF_0_1[old]}"
    assert LEVELS[LEVELS_OF_0_1[old]].name == name
