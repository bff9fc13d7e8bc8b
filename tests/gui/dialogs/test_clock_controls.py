"""The controls of a clock propose the time control that they are given, and keep it where nothing is changed."""

import pytest
from xiangqi_gpt.gui.dialogs.clock_controls import ClockControls
from xiangqi_gpt.gui.i18n.texts import Texts

from xiangqi_gpt.players.time_control import TimeControl


@pytest.mark.parametrize("clock", ["", "600+5", "30", "90.5+3x2.5", "600+0.5", "0+1x0.5", "0+3x20"])
def test_what_is_not_changed_is_kept_to_the_second(clock: str) -> None:
    assert ClockControls(Texts("en"), clock).clock == clock


@pytest.mark.parametrize("clock", ["30", "0.25", "90.5+3x2.5", "0+1x0.5"])
def test_whatever_is_chosen_can_be_played(clock: str) -> None:
    controls = ClockControls(Texts("en"), clock)
    for kind, numbers in controls._numbers.items():
        controls._kind.chosen = kind
        for stepper, count in [(number.stepper, len(number.values)) for number in numbers]:
            first = stepper.chosen
            for place in range(count):
                stepper.chosen = place
                assert TimeControl.parse(controls.clock)
            stepper.chosen = first
