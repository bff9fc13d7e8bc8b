"""The constants of the search: each does what its formula says, and switched off nothing."""

import math
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from random_games import random_game
from random_models import random_network

from xiangqi_gpt.players import tree_kernels as kernels
from xiangqi_gpt.players.player import SearchLimit
from xiangqi_gpt.players.search import SearchPlayer
from xiangqi_gpt.players.spec import PlayerError, check_player
from xiangqi_gpt.players.tree import TreeSettings

#: What the defaults stand for.
OFF = TreeSettings(root_cpuct=1.5, cpuct_growth=0.0, visit_exponent=0.5, in_flight="visit", quiescence="checks")
CHANGES = {
    "growth": {"cpuct_growth": 0.8, "cpuct_base": 50.0},
    "root": {"root_cpuct": 3.0},
    "exponent": {"visit_exponent": 0.65},
    "flight": {"in_flight": "loss"},
    "contempt": {"contempt": 0.4},
    "quiescence": {"quiescence": "captures"},
}


def found(settings, boards=(3, 9)):
    limit = SearchLimit(nodes=260)
    with closing(SearchPlayer(random_network(), limit=limit, settings=settings, megabytes=8)) as player:
        decisions = [player.choose(random_game(seed, 16), replace(player.limit, lines=128)) for seed in boards]
    return [(decision.move, decision.policy, decision.wdl) for decision in decisions]


@pytest.fixture(scope="module")
def usual():
    return found(TreeSettings())


def test_switched_off_the_tree_is_the_usual_one(usual):
    assert found(OFF) == usual


@pytest.mark.parametrize("name", CHANGES)
def test_switched_on_the_tree_is_another_one(usual, name):
    assert found(TreeSettings(**CHANGES[name])) != usual


def puct(nodes, edges, n, depth, settings):
    """The score of each edge of a node, after the formulas in ``docs/search.md``."""
    node = nodes[n]
    total = max(1, int(node["visits"] + node["pending"]))
    constant = settings.cpuct
    if n == 0 and settings.root_cpuct is not None:
        constant = settings.root_cpuct
    constant += settings.cpuct_growth * math.log((1 + total + settings.cpuct_base) / settings.cpuct_base)
    drawn = settings.contempt if depth % 2 else -settings.contempt
    untried = (node["value"] + drawn * node["draws"]) / node["visits"] - settings.fpu * math.sqrt(node["mass"])
    scores = []
    for edge in edges[node["first"] : node["first"] + node["count"]]:
        visits = pending = 0
        q = untried
        if edge["child"] >= 0:
            child = nodes[edge["child"]]
            visits, pending = int(child["visits"]), int(child["pending"])
            if child["proven"] == 1:
                scores.append(-10 + 0.001 * child["mate"])
                continue
            if settings.in_flight == "loss":
                q = (drawn * child["draws"] - child["value"] - settings.virtual_loss * pending) / max(
                    visits + pending, 1
                )
            elif visits:
                q = (drawn * child["draws"] - child["value"]) / visits
        scores.append(q + constant * total**settings.visit_exponent * edge["prior"] / (1 + visits + pending))
    return np.array(scores)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["off", "growth", "root", "exponent", "flight", "contempt"])
def test_the_walk_goes_where_the_formula_is_largest(name):
    settings = TreeSettings(**CHANGES.get(name, {}))
    limit = SearchLimit(nodes=300)
    with closing(SearchPlayer(random_network(), limit=limit, settings=settings, megabytes=8)) as player:
        player.choose(random_game(5, 20))
        (tree,) = player._trees.values()
        nodes, edges = tree._nodes, tree._edges
        opened = np.flatnonzero((nodes["state"] == kernels.OPEN) & (nodes["count"] > 0))
        opened = opened[opened < tree._counts[0]]
        best_edge = kernels._best_edge.py_func
        rows = nodes.view(np.recarray)
        in_flight = np.random.default_rng(1).integers(0, 4, len(nodes))  # as if some batches were under way
        for pending in (np.zeros_like(in_flight), in_flight):
            nodes["pending"] = pending
            for n in opened.tolist():
                depth, at = 0, n
                while nodes[at]["parent"] >= 0:
                    depth, at = depth + 1, int(nodes[at]["parent"])
                scores = puct(nodes, edges, n, depth, settings)
                e = best_edge(rows, edges.view(np.recarray), n, depth, settings.array()) - nodes[n]["first"]
                assert scores[e] == pytest.approx(scores.max(), abs=1e-5)
        assert len(opened) > 100


WRONG = "root_cpuct=-1 cpuct_growth=x cpuct_base=0 visit_exponent=0 visit_exponent=1.5 in_flight=win quiescence=all"


@pytest.mark.parametrize("option", [*WRONG.split(), "contempt=2"])
def test_a_setting_that_makes_no_sense_is_refused(option):
    with pytest.raises(PlayerError, match=option.partition("=")[0]):
        check_player(f"search:default,{option}")
