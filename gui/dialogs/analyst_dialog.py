"""Who judges the moves of analysed games besides the model: nobody, an added engine, our search, or a program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pygame

from xiangqi_gpt.players.engine_process import EngineError, find_program

from ..i18n.texts import Texts
from ..state.intents import Browse, Browsed, Intent, SetAnalyst
from ..state.settings import Settings
from ..widgets.canvas import Canvas
from ..widgets.controls import Button
from ..widgets.list_box import Item, ListBox
from ..widgets.text_field import TextField
from .dialogs import CONFIRM_KEYS, Control, Dialog
from .engine_dialog import PROTOCOLS, engine_specs

_SEARCH: Final = "search:default,nodes=400"
#: Engines that are looked for by name, and how they analyse.
_KNOWN: Final = {
    "fairy-stockfish": "uci:fairy-stockfish,nodes=50000",
    "pikafish": "uci:pikafish,nodes=50000",
    "eleeye": "ucci:eleeye,depth=8",
    "sjaakii": "uci:sjaakii,depth=7",
    "hoixiangqi": "xboard:hoixiangqi,depth=6",
}
#: What a spec that is no program begins with.
_PLAYERS: Final = (*PROTOCOLS, "search", "gpt", "default", "greedy", "random")


def installed_engines(kept: Sequence[str]) -> list[str]:
    """The engines that are known by name and lie on PATH, those that are ``kept`` already left out; none is started."""
    named = {spec.partition(":")[2].partition(",")[0] for spec in kept}
    return [spec for name, spec in _KNOWN.items() if name not in named and _is_installed(name)]


def _is_installed(name: str) -> bool:
    try:
        find_program(name)
    except EngineError:
        return False
    return True


class AnalystDialog(Dialog):
    """A list of what is known already, and a line for another program or player; the line counts where it is filled."""

    size = (560, 430)
    stays = True

    def __init__(self, texts: Texts, settings: Settings) -> None:
        super().__init__(texts("analyst_title"), texts, texts("ok"))
        kept = (*settings.opponents, *([settings.analyst] if settings.analyst else []))
        known = dict.fromkeys((_SEARCH, *kept, *installed_engines(kept)))
        self._specs = ["", *known]
        self.list = ListBox(focused=True)
        items = [Item(texts("analyst_alone"))]
        items += [Item(texts.player(spec), texts.about_player(spec)) for spec in self._specs[1:]]
        self.list.set_items(items, self._specs.index(settings.analyst))
        self.field = TextField()
        self.browse = Button(texts("browse_button"))

    @property
    def controls(self) -> list[Control]:
        return [self.list, self.field, self.browse, *super().controls]

    def handle(self, event: pygame.Event) -> tuple[bool, Intent | None]:
        pressed = event.type == pygame.MOUSEBUTTONUP or (event.type == pygame.KEYDOWN and event.key in CONFIRM_KEYS)
        if pressed and self.browse.handle(event):
            return False, Browse(Browsed.PROGRAM, self.field.text.strip())
        done, intent = super().handle(event)
        if self.list.double_clicked:
            self.list.double_clicked = False
            return True, self.intent()
        return done, intent

    def take(self, path: str) -> None:
        self.field.set_text(path)

    def intent(self) -> Intent | None:
        typed = self.field.text.strip()
        if not typed:
            return SetAnalyst(self._specs[self.list.chosen])
        if typed.partition(",")[0].partition(":")[0] in _PLAYERS:
            return SetAnalyst(typed)
        specs = engine_specs(typed)
        return SetAnalyst(specs[0], specs[1:])

    def draw_body(self, canvas: Canvas, rect: pygame.Rect) -> None:
        px, gap, width = canvas.px, canvas.px(8), canvas.px(110)
        example = pygame.Rect(rect.x, rect.bottom - px(22), rect.width, px(22))
        canvas.text(self.texts("analyst_example"), example, 13, canvas.theme.muted)
        line = pygame.Rect(rect.x, example.y - px(42), rect.width - width - gap, px(38))
        self.field.rect = line
        self.field.draw(canvas)
        self.browse.rect = pygame.Rect(line.right + gap, line.y, width, line.height)
        self.browse.draw(canvas)
        label = pygame.Rect(rect.x, line.y - px(24), rect.width, px(20))
        canvas.text(self.texts("analyst_other"), label, 13, canvas.theme.muted, face="bold")
        self.list.rect = pygame.Rect(rect.x, rect.y, rect.width, label.y - px(8) - rect.y)
        self.list.draw(canvas)
