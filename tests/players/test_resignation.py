"""Resigning, offering a draw and taking one."""

from xiangqi_gpt.players.resignation import accepts_draw, offers_draw, resigns
from xiangqi_gpt.rules import Wdl

LOST, EVEN, DRAWN, BETTER = Wdl(0.01, 0.02, 0.97), Wdl(0.3, 0.4, 0.3), Wdl(0.05, 0.9, 0.05), Wdl(0.5, 0.4, 0.1)


def test_a_lost_game_is_resigned_only_when_it_stays_lost():
    assert resigns([EVEN, LOST, LOST, LOST, LOST])
    assert not resigns([LOST, LOST, LOST])
    assert not resigns([LOST, LOST, EVEN, LOST, LOST])


def test_a_draw_is_offered_late_and_only_when_little_else_can_happen():
    assert offers_draw([DRAWN] * 6, ply=90)
    assert not offers_draw([DRAWN] * 6, ply=40)
    assert not offers_draw([DRAWN] * 5 + [EVEN], ply=90)
    assert not offers_draw([DRAWN] * 5, ply=90)


def test_a_draw_is_taken_unless_there_is_more_to_win():
    assert accepts_draw([BETTER, EVEN])
    assert not accepts_draw([EVEN, BETTER])
    assert not accepts_draw([])
