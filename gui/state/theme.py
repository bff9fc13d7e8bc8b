"""The two looks of the window: every colour it uses has its name here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from xiangqi_gpt.rules.pieces import SIMPLIFIED, TRADITIONAL

Color = tuple[int, int, int]

#: What stands on the pieces, by piece code. Western letters are those of WXF.
FACES: Final = {
    "traditional": TRADITIONAL,
    "simplified": SIMPLIFIED,
    "western": ".KAEHRCPKAEHRCP",
}


@dataclass(frozen=True)
class Theme:
    """Colours as (red, green, blue), 0..255."""

    name: str

    window: Color
    card: Color  #: panels that lie on the window
    card_edge: Color
    sunken: Color  #: fields and lists that lie in a card
    text: Color
    muted: Color
    accent: Color
    on_accent: Color
    hover: Color
    danger: Color
    shadow_strength: float  #: opacity of shadows on the window

    wood_light: Color
    wood_dark: Color
    wood_edge: Color
    line: Color
    line_glow: Color  #: the light edge that makes a line look carved
    river: Color

    piece_light: Color
    piece_dark: Color
    piece_rim: Color
    red: Color
    black: Color

    mark_last: Color
    mark_select: Color
    mark_target: Color
    mark_check: Color
    arrow: Color
    arrow_hint: Color
    heat_from: Color  #: squares that likely moves start from
    heat_to: Color  #: squares that they go to

    bar_red: Color
    bar_draw: Color
    bar_black: Color
    on_draw: Color  #: text on the part of the bar that stands for a draw


DARK: Final = Theme(
    name="dark",
    window=(29, 28, 27),
    card=(40, 38, 36),
    card_edge=(58, 55, 51),
    sunken=(32, 31, 29),
    text=(236, 231, 222),
    muted=(157, 150, 139),
    accent=(214, 158, 84),
    on_accent=(36, 26, 12),
    hover=(55, 52, 48),
    danger=(232, 110, 92),
    shadow_strength=0.55,
    wood_light=(214, 167, 106),
    wood_dark=(188, 138, 80),
    wood_edge=(92, 60, 31),
    line=(74, 44, 20),
    line_glow=(238, 204, 152),
    river=(104, 66, 33),
    piece_light=(250, 233, 198),
    piece_dark=(220, 186, 134),
    piece_rim=(122, 82, 42),
    red=(176, 24, 18),
    black=(26, 27, 32),
    mark_last=(22, 92, 132),
    mark_select=(20, 116, 150),
    mark_target=(20, 104, 110),
    mark_check=(214, 30, 36),
    arrow=(36, 96, 178),
    arrow_hint=(30, 130, 84),
    heat_from=(36, 96, 178),
    heat_to=(206, 44, 20),
    bar_red=(190, 62, 50),
    bar_draw=(118, 113, 106),
    bar_black=(20, 20, 22),
    on_draw=(255, 255, 255),
)

LIGHT: Final = Theme(
    name="light",
    window=(240, 235, 226),
    card=(251, 248, 242),
    card_edge=(221, 212, 197),
    sunken=(244, 239, 230),
    text=(48, 40, 31),
    muted=(122, 110, 94),
    accent=(160, 92, 28),
    on_accent=(255, 250, 242),
    hover=(236, 228, 214),
    danger=(186, 42, 28),
    shadow_strength=0.22,
    wood_light=(240, 208, 152),
    wood_dark=(224, 186, 124),
    wood_edge=(166, 118, 66),
    line=(96, 60, 28),
    line_glow=(255, 236, 196),
    river=(130, 86, 44),
    piece_light=(255, 245, 220),
    piece_dark=(234, 206, 160),
    piece_rim=(142, 100, 56),
    red=(186, 22, 16),
    black=(30, 32, 38),
    mark_last=(22, 100, 150),
    mark_select=(18, 124, 164),
    mark_target=(18, 112, 118),
    mark_check=(220, 28, 34),
    arrow=(38, 100, 190),
    arrow_hint=(28, 136, 86),
    heat_from=(38, 100, 190),
    heat_to=(216, 52, 24),
    bar_red=(196, 66, 52),
    bar_draw=(176, 168, 155),
    bar_black=(52, 50, 50),
    on_draw=(48, 40, 31),
)

THEMES: Final = {theme.name: theme for theme in (DARK, LIGHT)}


def mix(a: Color, b: Color, share: float) -> Color:
    """Return the colour between two: ``a`` at share 0, ``b`` at share 1."""
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue
