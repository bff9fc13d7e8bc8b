"""Stand-ins for the thinking process and the clock, and the hands of a person at a window that draws into memory."""

from __future__ import annotations

import os
from typing import Any

os.environ["SDL_VIDEODRIVER"] = "dummy"
os.environ["SDL_AUDIODRIVER"] = "dummy"
os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"

import pygame
from xiangqi_gpt.gui.app import App, post_reply
from xiangqi_gpt.gui.state.move_notes import MoveNote
from xiangqi_gpt.gui.state.record_files import RecordFault
from xiangqi_gpt.gui.state.session import GameSession
from xiangqi_gpt.gui.widgets.layout import BoardGeometry, Layout
from xiangqi_gpt.gui.worker.messages import Annotate, Annotated, Decided, GamesRead, Question, Read, Reply, Think

from xiangqi_gpt.players.player import Decision
from xiangqi_gpt.records import Game
from xiangqi_gpt.rules import Move, Wdl


class FakeThinker:
    """Keeps what it is asked; the test answers."""

    def __init__(self) -> None:
        self.loaded: list[str] = []
        self.unloaded: list[str] = []
        self.asked: list[Any] = []
        self.cancelled: list[int] = []

    def start(self) -> None: ...

    def close(self) -> None: ...

    def load(self, spec: str, *, again: bool = False) -> None:
        self.loaded.append(spec)

    def unload(self, spec: str) -> bool:
        self.unloaded.append(spec)
        return False

    def ask(self, request: Question) -> None:
        self.asked.append(request)

    def cancel(self, number: int) -> None:
        self.cancelled.append(number)

    @property
    def open(self) -> list[Any]:
        return [request for request in self.asked if request.number not in self.cancelled]


class FakeClock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def decided(request: Think, iccs: str, **seen: object) -> Decided:
    """An answer to a request; ``wdl`` may be a bare tuple."""
    if "wdl" in seen:
        seen["wdl"] = Wdl(*seen["wdl"])  # type: ignore[misc]
    return Decided(request.number, Decision(Move.from_iccs(iccs), **seen))  # type: ignore[arg-type]


def annotated(request: Annotate, **seen: object) -> Annotated:
    """Notes on every move of a request; values in ``seen`` (``loss``, ``judgement``, ...) are for the last one."""
    notes = []
    for ply, move in enumerate(request.position.moves, 1):
        values: dict[str, object] = {"loss": 0.0, "judgement": "", "best": move, "probability": 0.5}
        if ply == len(request.position.moves):
            values |= seen
        even = Wdl(0.4, 0.2, 0.4)
        fixed = {"rank": 1, "choices": 40, "before": even, "after": even, "best_after": even, "variation": ()}
        notes.append(MoveNote(ply, (ply - 1) % 2, move, **(fixed | values)))  # type: ignore[arg-type]
    return Annotated(request.number, tuple(notes), True)


def games_read(request: Read, *games: Game, faults: tuple[RecordFault, ...] = ()) -> GamesRead:
    """The games of a file, all at once."""
    return GamesRead(request.number, 0, games, faults, True)


def asked(thinker: FakeThinker, kind: type) -> list[Any]:
    """The open questions of a kind."""
    return [request for request in thinker.open if isinstance(request, kind)]


class Window:
    """An ``App`` and the hands of a person."""

    def __init__(self, app: App, thinker: FakeThinker, clock: FakeClock) -> None:
        self.app, self.thinker, self.clock = app, thinker, clock

    @property
    def session(self) -> GameSession:
        return self.app.controller.session

    @property
    def surface(self) -> pygame.Surface:
        return self.app.screen.window.get_surface()

    @property
    def geometry(self) -> BoardGeometry:
        return Layout.of(self.surface.get_size()).board

    def at(self, name: str) -> tuple[int, int]:
        square = "abcdefghi".index(name[0]) + 9 * int(name[1])
        return self.geometry.centre(square, self.app.controller.settings.flipped)

    def event(self, kind: int, **values: object) -> None:
        self.app.handle(pygame.Event(kind, values))
        self.app.step()

    def press(self, position: tuple[int, int], button: int = 1) -> None:
        self.event(pygame.MOUSEBUTTONDOWN, pos=position, button=button)

    def release(self, position: tuple[int, int]) -> None:
        self.event(pygame.MOUSEBUTTONUP, pos=position, button=1)

    def move_to(self, position: tuple[int, int]) -> None:
        self.event(pygame.MOUSEMOTION, pos=position, rel=(0, 0), buttons=(0, 0, 0))

    def click(self, where: str | tuple[int, int]) -> None:
        position = self.at(where) if isinstance(where, str) else where
        self.move_to(position)
        self.press(position)
        self.release(position)

    def drag(self, source: str, target: str) -> None:
        self.press(self.at(source))
        self.move_to(self.at(target))
        self.release(self.at(target))

    def key(self, code: int, mod: int = 0, text: str = "") -> None:
        self.event(pygame.KEYDOWN, key=code, mod=mod, unicode=text)
        self.event(pygame.KEYUP, key=code, mod=mod)

    def hold(self, code: int, times: int, mod: int = 0) -> None:
        """A key that repeats while it is held."""
        for _ in range(times):
            self.event(pygame.KEYDOWN, key=code, mod=mod, unicode="")
        self.event(pygame.KEYUP, key=code, mod=mod)

    def type(self, text: str) -> None:
        self.event(pygame.TEXTINPUT, text=text)

    def wait(self, seconds: float) -> None:
        self.clock.now += seconds
        self.app.step()

    def answer(self, reply: Reply) -> None:
        pygame.event.clear()
        post_reply(reply)
        for event in pygame.event.get():
            self.app.handle(event)
        self.wait(1.0)

    @property
    def status(self) -> str:
        return self.app.controller.scene(self.app.screen.texts, self.clock.now).status

    def tile(self, name: str, size: float = 1.0) -> bytes:
        """The pixels around a square."""
        side = round(self.geometry.cell * size)
        rect = pygame.Rect(0, 0, side, side)
        rect.center = self.at(name)
        return pygame.image.tobytes(self.surface.subsurface(rect), "RGB")

    def colors(self, name: str) -> set[tuple[int, int, int]]:
        """The colours around a square."""
        data = self.tile(name)
        return {(data[i], data[i + 1], data[i + 2]) for i in range(0, len(data), 3)}
