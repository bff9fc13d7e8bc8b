"""Centipawns, mates and win/draw/loss are one scale."""

import doctest

import numpy as np
import pytest

from xiangqi_gpt.players import Score, score
from xiangqi_gpt.players.score import centipawns
from xiangqi_gpt.rules import Wdl
from xiangqi_gpt.training.data.score_scale import ScoreScale


def test_examples():
    assert doctest.testmod(score).attempted > 0
    assert doctest.testmod(score).failed == 0


def test_the_scale_is_the_one_of_training():
    points = np.arange(-2000, 2001, 50)
    for cp, wdl in zip(points.tolist(), ScoreScale().win_draw_loss(points).tolist(), strict=True):
        assert Score(cp=cp).wdl == pytest.approx(wdl)


@pytest.mark.parametrize("cp", [-1800, -35, 0, 1, 420, 1500])
def test_there_and_back(cp):
    assert centipawns(Score(cp=cp).wdl) == cp


@pytest.mark.parametrize("wdl", [Wdl(1.0, 0.0, 0.0), Wdl(0.0, 0.0, 1.0)])
def test_certainty_is_a_finite_score(wdl):
    assert abs(centipawns(wdl)) < 5000
    assert Score(mate=1 if wdl[0] else -1).wdl == wdl
