"""The dialog that begins a game: which side the person plays, and against whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pygame

from xiangqi_gpt.rules import BLACK, RED

from .canvas import Canvas
from .dialogs import Control, Dialog
from .intents import Intent, StartGame
from .session import HUMAN
from .texts import PLAYERS, Texts
from .widgets import RadioList, Segments

_SIDES: Final = ("side_red", "side_black", "side_both", "side_none")
_BOTH, _WATCH = 2, 3
_ROW: Final = 56


class NewGameDialog(Dialog):
    """Proposes what was played last."""

    def __init__(self, texts: Texts, seats: tuple[str, str], more_players: Sequence[str] = ()) -> None:
        """``more_players``: specs offered besides those everyone has."""
        super().__init__(texts("new_game"), texts, texts("start_button"))
        self._specs = [*dict.fromkeys((*PLAYERS, *more_players, *(seat for seat in seats if seat != HUMAN)))]
        self.size = (540, 216 + _ROW * len(self._specs))
        self._side = Segments([texts(side) for side in _SIDES], _side_of(seats), focused=True)
        options = [(texts.player(spec), texts.about_player(spec)) for spec in self._specs]
        proposed = [seat for seat in seats if seat != HUMAN] or [self._specs[0]]
        self._players = [RadioList(options, self._specs.index(spec)) for spec in (proposed[0], proposed[-1])]

    @property
    def controls(self) -> list[Control]:
        lists: list[Control] = [] if self._side.chosen == _BOTH else [self._players[0]]
        if self._side.chosen == _WATCH:
            lists.append(self._players[1])
        return [self._side, *lists, *super().controls]

    def intent(self) -> Intent | None:
        first, second = (self._specs[players.chosen] for players in self._players)
        seats = {RED: (HUMAN, first), BLACK: (first, HUMAN), _BOTH: (HUMAN, HUMAN), _WATCH: (first, second)}
        return StartGame(seats[self._side.chosen])

    def draw_body(self, canvas: Canvas, rect: pygame.Rect) -> None:
        px, texts = canvas.px, self.texts

        def heading(key: str, box: pygame.Rect) -> None:
            canvas.text(texts(key), box, 13, canvas.theme.muted, face="bold")

        heading("you_play", pygame.Rect(rect.x, rect.y, rect.width, px(22)))
        self._side.rect = pygame.Rect(rect.x, rect.y + px(26), rect.width, px(42))
        self._side.draw(canvas, 15)
        y = self._side.rect.bottom + px(16)
        area = pygame.Rect(rect.x, y + px(24), rect.width, min(rect.bottom - y - px(24), px(_ROW) * len(self._specs)))
        for players in self._players:
            players.brief = self._side.chosen == _WATCH
        if self._side.chosen == _BOTH:
            canvas.text(texts("both_hint"), pygame.Rect(rect.x, y, rect.width, px(24)), 15, canvas.theme.muted)
        elif self._side.chosen == _WATCH:
            half = (rect.width - px(14)) // 2
            for index, (key, players) in enumerate(zip(("red_player", "black_player"), self._players, strict=True)):
                x = rect.x + index * (half + px(14))
                heading(key, pygame.Rect(x, y, half, px(22)))
                players.rect = pygame.Rect(x, area.y, half, area.height)
                players.draw(canvas)
        else:
            heading("opponent", pygame.Rect(rect.x, y, rect.width, px(22)))
            self._players[0].rect = area
            self._players[0].draw(canvas)


def _side_of(seats: tuple[str, str]) -> int:
    persons = [side for side in (RED, BLACK) if seats[side] == HUMAN]
    return persons[0] if len(persons) == 1 else _BOTH if persons else _WATCH
