"""Openings in English: every class that ships has a name of its own."""

from __future__ import annotations

import re

import pytest
from xiangqi_gpt.gui.i18n.opening_names import english_opening

from xiangqi_gpt.records.openings.openings import load_openings, opening_names

NAMES = [str(opening) for opening in (*opening_names().values(), *load_openings().classes)]
FEWEST = 260  # classes of the encyclopaedia


def test_every_opening_that_ships_has_an_english_name() -> None:
    assert len(set(NAMES)) > FEWEST
    for name in NAMES:
        english = english_opening(name)
        assert english.isascii(), name
        assert re.match(r"([A-E]\d{0,2} )?[A-Z5][\w-]+ [A-Z]", english), english
        assert not re.search(r"^ | $|  |,[^ ]|, vs|vs,|[a-z][A-Z]", english), english
        assert english.count(" vs ") == sum(part.count("对") for part in re.split("对兵", name)), english


def test_different_openings_have_different_names() -> None:
    chinese: dict[str, set[str]] = {}
    for name in NAMES:
        chinese.setdefault(english_opening(name), set()).add(name.removesuffix("局"))
    assert not [names for names in chinese.values() if len(names) > 1]


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("中炮局", "Central Cannon Opening"),
        ("D04 顺炮横车对直车", "D04 Same Direction Cannons, Ranked Rook vs Filed Rook"),
        ("E07 仙人指路互进右马局", "E07 Pawn Opening, Mutual Right Horses"),
        (
            "C66 五七炮对屏风马进７卒 红左直车对黑右直车右炮过河",
            "C66 5-7 Cannons vs Screen Horses, 7th Pawn: "
            "Red Left Filed Rook vs Black Right Filed Rook, Right Cross-River Cannon",
        ),
        ("自创开局", "自创开局"),
        ("C64 自创对屏风马", "C64 自创对屏风马"),
        ("", ""),
    ],
)
def test_names_are_made_of_the_usual_terms(chinese: str, english: str) -> None:
    assert english_opening(chinese) == english
