"""The dialog that begins a game: the person's side, the players, odds, and the clock."""

from __future__ import annotations

import random
from typing import Final

import pygame

from xiangqi_gpt.rules import BLACK, RED

from ..control.opponents import is_model, level_spec, offered
from ..i18n.texts import Texts
from ..state.commands import Command
from ..state.handicaps import HANDICAPS
from ..state.intents import Intent, RemoveEngine, StartGame
from ..state.rated import RatedProposal, level_to_beat, propose_rated
from ..state.session import HUMAN
from ..state.settings import PAIRINGS, Settings
from ..widgets.canvas import Canvas
from ..widgets.checkbox import Checkbox
from ..widgets.controls import Button, Segments
from ..widgets.list_box import Item, ListBox
from ..widgets.stepper import Stepper
from ..widgets.text_field import TextField
from .clock_controls import ClockControls
from .dialogs import CONFIRM_KEYS, Control, Dialog

_SIDES: Final = ("side_red", "side_black", "side_random", "side_both", "side_none")
_RANDOM, _BOTH, _WATCH = 2, 3, 4
_OWN, _EVEN, _FIND = range(len(PAIRINGS))
_NOTE: Final = 20  #: height of the sentence below that choice
_PAIRING: Final = 400  #: width of the choice how the opponent is found


class NewGameDialog(Dialog):
    """Proposes what was played last."""

    size = (620, 674)
    tallest = 1090  # all levels
    stays = True

    def __init__(
        self,
        texts: Texts,
        players: tuple[str, str],
        settings: Settings,
        chance: random.Random | None = None,
        rated: RatedProposal | None = None,
    ) -> None:
        """``chance`` chooses a side where the person leaves it open; ``rated``: what a rated game would be."""
        super().__init__(texts("new_game"), texts, texts("start_button"))
        self._specs = offered(settings, players)
        self._side = Segments([texts(side) for side in _SIDES], _side_of(players), focused=True)
        proposed = [player for player in players if player != HUMAN] or [self._specs[0]]
        self._brief = self._side.chosen == _WATCH  # two lists beside each other leave no room for explanations
        self._players = [ListBox(), ListBox()]
        for shown, spec in zip(self._players, (proposed[0], proposed[-1]), strict=True):
            shown.set_items(self._items(brief=self._brief), self._specs.index(spec))
        self._added, self._model_folder = settings.opponents, settings.model
        self._model, self._engine = Button(texts("model_button")), Button(texts("add_engine_button"))
        self._remove = Button(texts("remove_engine_button"))
        self._names = [TextField(name) for name in settings.names]
        self._chance = chance or random.Random()
        self._handicap = Stepper([texts(f"handicap_{handicap.name}") for handicap in HANDICAPS])
        self._giver = Segments([texts("odds_by_red"), texts("odds_by_black")])
        self._clock = ClockControls(texts, settings.clock)
        self._proposal = rated or propose_rated(())
        self._rated, self._rating = Checkbox(texts("rated_box")), Button(texts("rating_button"))
        self._pairing = Segments([texts(f"pair_{pairing}") for pairing in PAIRINGS], PAIRINGS.index(settings.pairing))
        self._rated.checked = self._proposal.follows
        #: The person's own choice, to be gone back to: the opponent, and whether the game is rated.
        self._own = (proposed[0], self._proposal.follows and self._pairing.chosen == _OWN)
        self._pair()
        if self._rated.checked:
            self._take_turn()

    def choose(self, spec: str) -> None:
        """Choose a player that is offered."""
        self._pairing.chosen = _OWN
        self._players[0].chosen = self._specs.index(spec)

    def _pair(self) -> None:
        """Choose the level that the own rating asks for; a level that is looked for is played for the rating."""
        if not self._can_pair:
            return
        if self._pairing.chosen == _OWN:
            return
        level = self._proposal.even if self._pairing.chosen == _EVEN else self._proposal.telling
        self._players[0].set_items(self._players[0].items, self._specs.index(level_spec(level)))
        self._rated.checked |= self._pairing.chosen == _FIND

    def _change_pairing(self, before: int) -> None:
        """Let the rating choose from now on, or the person again, with what they had chosen before."""
        if before == _OWN:
            self._own = (self._specs[self._players[0].chosen], self._rated.checked)
        opponent, is_rated = self._own
        self._rated.checked = is_rated
        if self._pairing.chosen == _OWN and opponent in self._specs:
            self._players[0].set_items(self._players[0].items, self._specs.index(opponent))
        self._pair()

    def _take_turn(self) -> None:
        """Choose the side whose turn it is in rated games."""
        if self._side.chosen in (RED, BLACK):
            self._side.chosen = self._proposal.side

    def follow(self, settings: Settings) -> None:
        """Offer whoever can be played by now: who has joined is chosen, who has left gives way to the first."""
        specs = [self._specs[players.chosen] for players in self._players]
        added = [spec for spec in settings.opponents if spec not in self._added]
        gone = [spec for spec in self._added if spec not in settings.opponents]
        if not added and not gone and settings.model == self._model_folder:
            return
        could_pair = self._can_pair
        kept = tuple(spec for spec in specs if spec not in gone and spec in self._specs)
        stay = tuple(spec for spec in kept if not is_model(spec))
        self._specs, self._added, self._model_folder = offered(settings, stay), settings.opponents, settings.model
        for players, before in zip(self._players, specs, strict=True):
            wanted = added[-1] if added and players is self._players[0] else before
            place = self._specs.index(wanted) if wanted in self._specs else 0
            players.set_items(self._items(brief=self._brief), place)
        if added:
            self._pairing.chosen = _OWN
        elif self._can_pair and not could_pair:
            self._pair()

    def _items(self, *, brief: bool) -> list[Item]:
        return [Item(self.texts.offered(spec), "" if brief else self.texts.about_player(spec)) for spec in self._specs]

    @property
    def controls(self) -> list[Control]:
        lists: list[Control] = [] if self._side.chosen == _BOTH else [self._players[0]]
        if self._side.chosen == _WATCH:
            lists.append(self._players[1])
        more: list[Control] = [*self._names] if self._side.chosen == _BOTH else [*self._buttons]
        giver = [self._giver] if self._handicap.chosen else []
        return [
            self._side,
            *lists,
            *more,
            self._handicap,
            *giver,
            *self._clock.controls,
            *self._rated_controls,
            *super().controls,
        ]

    @property
    def _rated_controls(self) -> list[Control]:
        pairing = [self._pairing] if self._can_pair else []
        return [*pairing, *([self._rated] if self._is_ratable else []), self._rating]

    @property
    def _is_even(self) -> bool:
        """Whether one person plays, without odds."""
        return self._side.chosen not in (_BOTH, _WATCH) and not self._handicap.chosen

    @property
    def _can_pair(self) -> bool:
        """Whether the rating can choose the opponent: a level of the shipped model, whose strength is known."""
        return self._is_even and not self._model_folder

    @property
    def _is_ratable(self) -> bool:
        """Whether what is chosen is a game of one person against a level of the shipped model, without odds."""
        return self._is_even and level_to_beat((HUMAN, self._specs[self._players[0].chosen])) is not None

    @property
    def _buttons(self) -> list[Button]:
        return [self._model, self._engine, *([self._remove] if self._removable is not None else [])]

    @property
    def _removable(self) -> str | None:
        """The chosen player that was added in the window and can be taken out again."""
        lists = self._players[: 2 if self._side.chosen == _WATCH else 1]
        chosen = [self._specs[players.chosen] for players in sorted(lists, key=lambda players: not players.focused)]
        return next((spec for spec in chosen if spec in self._added), None)

    def handle(self, event: pygame.Event) -> tuple[bool, Intent | None]:
        intent = self._pressed(event) if self._side.chosen != _BOTH else None
        if intent is None and self._asks_for_rating(event):
            intent = Command.RATING
        if intent is not None:
            return False, intent
        pairing, opponent, rated = self._pairing.chosen, self._players[0].chosen, self._rated.checked
        could_pair, side = self._can_pair, self._side.chosen
        done, intent = super().handle(event)
        if self._pairing.chosen != pairing:
            self._change_pairing(pairing)
        elif self._can_pair and not could_pair:
            self._pair()
        elif self._players[0].chosen != opponent or (rated and not self._rated.checked and pairing == _FIND):
            self._pairing.chosen = _OWN
        if self._rated.checked and not rated and self._side.chosen == side:
            self._take_turn()
        brief = self._side.chosen == _WATCH
        if brief != self._brief:
            self._brief = brief
            for players in self._players:
                players.set_items(self._items(brief=brief), players.chosen)
        if any(players.double_clicked for players in self._players) and not brief:
            return True, self.intent()
        return done, intent

    def _asks_for_rating(self, event: pygame.Event) -> bool:
        confirmed = event.type == pygame.KEYDOWN and event.key in CONFIRM_KEYS
        return (confirmed or event.type == pygame.MOUSEBUTTONUP) and self._rating.handle(event)

    def _pressed(self, event: pygame.Event) -> Intent | None:
        """What a button below the players asks for."""
        confirmed = event.type == pygame.KEYDOWN and event.key in CONFIRM_KEYS
        removable = self._removable
        if confirmed or event.type == pygame.MOUSEBUTTONUP:
            if self._model.handle(event):
                return Command.CHOOSE_MODEL
            if self._engine.handle(event):
                return Command.ADD_ENGINE
            if removable is not None and self._remove.handle(event):
                return RemoveEngine(removable)
        deleted = event.type == pygame.KEYDOWN and event.key == pygame.K_DELETE
        if deleted and removable is not None and any(players.focused for players in self._players):
            return RemoveEngine(removable)
        return None

    def intent(self) -> Intent | None:
        first, second = (self._specs[players.chosen] for players in self._players)
        side = self._chance.choice((RED, BLACK)) if self._side.chosen == _RANDOM else self._side.chosen
        specs = {RED: (HUMAN, first), BLACK: (first, HUMAN), _BOTH: (HUMAN, HUMAN), _WATCH: (first, second)}
        red, black = (field.text.strip() for field in self._names) if side == _BOTH else ("", "")
        return StartGame(
            specs[side],
            HANDICAPS[self._handicap.chosen].given_by(self._giver.chosen),
            self._clock.clock,
            names=(red, black),
            rated=self._rated.checked and self._is_ratable,
            pairing=PAIRINGS[self._pairing.chosen] if self._can_pair else "",
        )

    def draw_body(self, canvas: Canvas, rect: pygame.Rect) -> None:
        px, texts = canvas.px, self.texts

        def heading(key: str, x: int, y: int, width: int) -> None:
            canvas.text(texts(key), pygame.Rect(x, y, width, px(20)), 13, canvas.theme.muted, face="bold")

        heading("you_play", rect.x, rect.y, rect.width)
        self._side.rect = pygame.Rect(rect.x, rect.y + px(24), rect.width, px(38))
        self._side.draw(canvas, 15)
        below = pygame.Rect(rect.x, rect.bottom - px(34), rect.width, px(34))
        self._rating.rect = pygame.Rect(below.right - px(150), below.y, px(150), below.height)
        self._rating.draw(canvas)
        if self._is_ratable:
            self._rated.rect = pygame.Rect(below.x, below.y, below.width - px(162), below.height)
            self._rated.draw(canvas)
        foot = below.y - px(10) - px(104)
        top = self._side.rect.bottom + px(12)
        self._draw_players(canvas, pygame.Rect(rect.x, top, rect.width, foot - px(12) - top))
        left = (rect.width - px(16)) // 3
        heading("handicap", rect.x, foot, left)
        self._handicap.rect = pygame.Rect(rect.x, foot + px(24), left, px(36))
        self._handicap.draw(canvas)
        giving = pygame.Rect(rect.x, self._handicap.rect.bottom + px(8), left, px(34))
        if self._handicap.chosen:
            self._giver.rect = giving
            self._giver.draw(canvas, 13)
        right = rect.x + left + px(16)
        heading("clock", right, foot, rect.right - right)
        self._clock.draw(canvas, pygame.Rect(right, foot + px(24), rect.right - right, px(80)))

    def _draw_names(self, canvas: Canvas, rect: pygame.Rect) -> None:
        """Where two people can write their names."""
        px, gap = canvas.px, canvas.px(16)
        hint = pygame.Rect(rect.x, rect.y + px(16), rect.width, px(24))
        canvas.text(self.texts("both_hint"), hint, 15, canvas.theme.muted, align="center")
        width = (rect.width - 3 * gap) // 2
        for index, (key, field) in enumerate(zip(_NAME_KEYS, self._names, strict=True)):
            label = pygame.Rect(rect.x + gap + index * (width + gap), hint.bottom + px(20), width, px(20))
            canvas.text(self.texts(key), label, 13, canvas.theme.muted, face="bold")
            field.rect = pygame.Rect(label.x, label.bottom + px(4), width, px(38))
            field.draw(canvas)

    def _draw_players(self, canvas: Canvas, rect: pygame.Rect) -> None:
        px, texts = canvas.px, self.texts
        if self._side.chosen == _BOTH:
            canvas.box(rect, canvas.theme.sunken, canvas.theme.card_edge, 8)
            self._draw_names(canvas, rect)
            return
        both = self._side.chosen == _WATCH
        keys = ("red_player", "black_player") if both else ("opponent",)
        width = (rect.width - px(14) * (len(keys) - 1)) // len(keys)
        foot = rect.bottom - px(34)
        top = rect.y + px(24)
        if self._can_pair:
            self._pairing.rect = pygame.Rect(rect.right - px(_PAIRING), rect.y, px(_PAIRING), px(32))
            self._pairing.draw(canvas, 13)
            note = pygame.Rect(rect.x, self._pairing.rect.bottom + px(2), rect.width, px(_NOTE))
            hint = texts(f"pair_{PAIRINGS[self._pairing.chosen]}_hint")
            canvas.text(hint, note, 12.5, canvas.theme.muted, align="right")
            top = note.bottom + px(4)
        for index, (key, players) in enumerate(zip(keys, self._players, strict=False)):
            x = rect.x + index * (width + px(14))
            heading = pygame.Rect(x, rect.y, width, px(32 if self._can_pair else 20))
            canvas.text(texts(key), heading, 13, canvas.theme.muted, face="bold")
            players.rect = pygame.Rect(x, top, width, foot - px(8) - top)
            players.draw(canvas)
        buttons = self._buttons
        width = (rect.width - px(12) * (len(buttons) - 1)) // len(buttons)
        for index, button in enumerate(buttons):
            button.rect = pygame.Rect(rect.x + index * (width + px(12)), foot, width, px(34))
            button.draw(canvas)


_NAME_KEYS: Final = ("red_player", "black_player")


def _side_of(specs: tuple[str, str]) -> int:
    persons = [side for side in (RED, BLACK) if specs[side] == HUMAN]
    return persons[0] if len(persons) == 1 else _BOTH if persons else _WATCH
