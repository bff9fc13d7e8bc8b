"""Time controls as text: what is read is written the same, and what makes no sense is refused."""

import doctest

import pytest

from xiangqi_gpt.players import time_control
from xiangqi_gpt.players.time_control import TimeControl, TimeControlError


def test_the_examples_of_the_module_run():
    found = doctest.testmod(time_control)
    assert found.attempted == 2 and found.failed == 0


@pytest.mark.parametrize("text", ["600", "600+5", "60+0.6", "0.25", "1000000", "600+3x30", "0+5x20", "0+1x2.5"])
def test_a_time_control_is_written_as_it_is_read(text):
    assert str(TimeControl.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "-5",
        "0",
        "0+5",
        "0+0x30",
        "0+3x0",
        "600+",
        "600+3x",
        "600+0x30",
        "0.0000001",
        "1e9",
        "999999999",
        f"1+{'9' * 5000}x1",
    ],
)
def test_a_time_control_that_makes_no_sense_is_refused(text):
    with pytest.raises(TimeControlError, match="expected SECONDS"):
        TimeControl.parse(text)


def test_byo_yomi_is_read_where_it_can_be_played():
    assert TimeControl.parse("600+3x30") == TimeControl(600, periods=3, period=30)
    assert not TimeControl.parse("600+1x30").is_per_move and TimeControl.parse("0+1x30").is_per_move
    assert TimeControl.parse("300+2", byo_yomi=False) == TimeControl(300, 2)
    with pytest.raises(TimeControlError, match=r"0\.6\Z"):
        TimeControl.parse("600+3x30", byo_yomi=False)
