"""Choosing a game of a file that holds many."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final

import pygame

from ..i18n.texts import Texts
from ..state.intents import ChooseGame, Intent, OpenRecord
from ..state.record_files import RecordFault
from ..widgets.canvas import Canvas
from ..widgets.controls import Segments
from ..widgets.list_box import Item, ListBox
from ..widgets.text_field import TextField
from .dialogs import Control, Dialog

if TYPE_CHECKING:
    from xiangqi_gpt.records import Game

_FEW = 500
#: By what the games can be sorted, and the keys of its words.
_ORDERS: Final = ("file", "red", "black", "year", "result", "plies", "opening")
_SEARCHED = ("Red", "Black", "Event", "Date", "Opening", "ECCO", "Title", "RedTeam", "BlackTeam")


class GamesDialog(Dialog):
    """Lists the games of a file, those that fit what is typed; the first line is the game that is being played.

    Where ``only`` is given, the games of these numbers (from 0) alone. ``corpus`` names a corpus with more games than
    are listed: the first line then searches all of it for the words.
    """

    size = (720, 580)

    def __init__(
        self,
        texts: Texts,
        games: Sequence[Game],
        chosen: int | None,
        faults: Sequence[RecordFault] = (),
        corpus: str = "",
        only: Collection[int] | None = None,
    ) -> None:
        super().__init__(texts("games_title" if only is None else "games_here_title"), texts, texts("games_button"))
        self._faults, self._corpus, self._only = faults, corpus, only
        self.kinds = Segments([texts("games_list"), texts("faults_list", count=len(faults))])
        self._games = games
        openings = _openings(games, texts)
        self._items = [
            Item(_name(n, game, texts), _about(game, opening[0], texts))
            for n, (game, opening) in enumerate(zip(games, openings, strict=True))
        ]
        self._searched = [
            " ".join(
                [*(game.tags.get(tag, "") for tag in _SEARCHED), *opening, game.result, texts.score_of(game.result)]
            ).lower()
            for game, opening in zip(games, openings, strict=True)
        ]
        self._keys = [
            (
                n,
                *(_sorted_name(game, side) for side in ("Red", "Black")),
                _year(game),
                game.result.strip("*"),
                len(game.moves),
                opening[0],
            )
            for n, (game, opening) in enumerate(zip(games, openings, strict=True))
        ]
        self.order = Segments([texts(f"games_by_{order}") for order in _ORDERS])
        self.order.shares = [len(option.encode("gbk", "replace")) + 3 for option in self.order.options]
        self.field = TextField(focused=True)
        self.list = ListBox(empty=texts("games_none"))
        self._indices: list[int | None] = []
        self._filter("")
        place = self._indices.index(chosen) if chosen in self._indices else 0
        self.list.set_items(self.list.items, place)

    @property
    def controls(self) -> list[Control]:
        kinds: list[Control] = [self.kinds] if self._faults else []
        field: list[Control] = [] if self._shows_faults else [self.field]
        order: list[Control] = [] if self._shows_faults else [self.order]
        return [*field, *order, self.list, *kinds, *super().controls]

    @property
    def _shows_faults(self) -> bool:
        return self.kinds.chosen == 1

    def _show_faults(self) -> None:
        self.list.set_items([Item(self.texts.fault(fault)) for fault in self._faults])
        self.list.focused, self.field.focused = True, False

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        listed = range(len(self._games)) if self._only is None else sorted(self._only)
        fitting = [n for n in listed if all(word in self._searched[n] for word in words)]
        by = self.order.chosen
        fitting.sort(key=lambda n: (not self._keys[n][by] and by > 0, self._keys[n][by]))  # what is not known is last
        first: list[Item] = []
        chosen = 0
        if not words and self._only is None:
            first, chosen = [Item(self.texts("game_here"), icon="play")], min(1, max(len(fitting), 1) - 1)
        elif self._corpus:
            first, chosen = [Item(self.texts("games_search", words=text.strip()))], min(1, len(fitting))
        self._indices = [*([None] if first else []), *fitting]
        self.list.set_items([*first, *(self._items[n] for n in fitting)], chosen)

    def handle(self, event: pygame.Event) -> tuple[bool, Intent | None]:
        text = self.field.text
        if event.type == pygame.KEYDOWN and event.key in (pygame.K_UP, pygame.K_DOWN) and self.field.focused:
            self.list.focused = True
            self.list.handle(event)
            self.list.focused = False
            return False, None
        kind, order = self.kinds.chosen, self.order.chosen
        done, intent = super().handle(event)
        if self.kinds.chosen != kind:
            self._show_faults() if self._shows_faults else self._filter(self.field.text)
        if self.field.text != text or self.order.chosen != order:
            self._filter(self.field.text)
        if self.list.double_clicked:
            self.list.double_clicked = False
            return True, self.intent()
        return done, intent

    def intent(self) -> Intent | None:
        if self._shows_faults:
            fault = self._faults[self.list.chosen]
            return ChooseGame((fault.game or 1) - 1, ply=fault.ply and fault.ply - 1)
        index = self._indices[self.list.chosen] if self._indices else None
        if index is None and self.field.text.strip():
            return OpenRecord(self._corpus, words=self.field.text.strip()) if self._indices else None
        return ChooseGame(index) if self._indices else None

    def draw_body(self, canvas: Canvas, rect: pygame.Rect) -> None:
        px, texts = canvas.px, self.texts
        self.field.rect = pygame.Rect(rect.x, rect.y, rect.width, px(38))
        if self._faults:
            self.kinds.rect = pygame.Rect(rect.right - px(220), rect.y, px(220), px(38))
            self.field.rect.width -= px(228)
            self.kinds.draw(canvas)
        if not self._shows_faults:
            self.field.draw(canvas, 14.5)
        if not self.field.text and not self._shows_faults:
            inner = self.field.rect.inflate(-2 * px(14), 0)
            canvas.text(texts("games_filter"), inner, 14, canvas.theme.muted)
        below = pygame.Rect(rect.x, rect.bottom - px(20), rect.width, px(20))
        shown = len(self._indices) - (None in self._indices)
        count = texts("games_count", shown=f"{shown:,}", count=f"{len(self._games):,}")
        if not self._shows_faults:
            canvas.text(count, below, 12.5, canvas.theme.muted)
        top = self.field.rect.bottom + px(8)
        self.order.rect = pygame.Rect(0, 0, 0, 0)
        if not self._shows_faults:
            self.order.rect = pygame.Rect(rect.x, top, rect.width, px(30))
            self.order.draw(canvas, 12.5)
            top = self.order.rect.bottom + px(8)
        self.list.rect = pygame.Rect(rect.x, top, rect.width, below.y - px(8) - top)
        self.list.draw(canvas)


def _name(index: int, game: Game, texts: Texts) -> str:
    result = texts.score_of(game.result)
    red, black = (game.tags.get(side, "").strip() for side in ("Red", "Black"))
    title = game.tags.get("Title", "") or game.tags.get("Event", "")
    players = f"{red or '?'} – {black or '?'}" if red or black else title.strip("? ") or texts("untitled")
    return f"{index + 1}.  {players}" + (f"  {result}" if result else "")


def _sorted_name(game: Game, side: str) -> str:
    return game.tags.get(side, "").strip("? ").casefold()


def _year(game: Game) -> int:
    return game.year or 0


def _openings(games: Sequence[Game], texts: Texts) -> list[tuple[str, str]]:
    """The openings of games by the program's own classes: a name in the window's language, and all that is searched."""
    from xiangqi_gpt.records.openings.openings import CLASS_PLIES, OpeningsError, load_openings, opening_names

    try:
        known = load_openings()
        codes, names = known.codes_of(games) if games else [], opening_names()
        found = [names.get(code) for code in codes]
        if len(games) <= _FEW:  # those that could still become several openings are looked up one by one
            found = [
                exact or known.opening_of(game.board(min(len(game.moves), CLASS_PLIES)))
                for exact, game in zip(found, games, strict=True)
            ]
    except OpeningsError:
        return [("", "")] * len(games)
    return [
        (texts.opening(opening.name), f"{opening} {texts.opening(str(opening))}") if opening is not None else ("", "")
        for opening in found
    ]


def _about(game: Game, opening: str, texts: Texts) -> str:
    year = game.tags.get("Date", "").strip("?. ")[:4]
    parts = [year, texts("plies", count=len(game.moves)), opening or game.tags.get("Event", "")]  # the end may be cut
    return " · ".join(part for part in parts if part.strip("?. "))
