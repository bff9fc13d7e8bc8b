"""The panel beside the board: players, evaluation, record, status and buttons."""

from __future__ import annotations

from typing import Final

import pygame

from . import keys
from .canvas import Canvas
from .graph_view import GraphView
from .intents import Command, Intent
from .mind_view import draw_evaluation, draw_mind, mind_height
from .move_list import MoveList
from .notation import NOTATIONS
from .pieces import PieceArt
from .player_card import draw_player_card
from .scene import Scene, Tone
from .session import HUMAN
from .texts import Texts
from .widgets import Button

_ACTIONS: Final = (
    (Command.NEW_GAME, Command.UNDO, Command.REDO, Command.HINT),
    (Command.FLIP, Command.MIND, Command.RESIGN, Command.SAVE),
)
_ICONS: Final = {
    Command.NEW_GAME: "new",
    Command.UNDO: "undo",
    Command.REDO: "redo",
    Command.HINT: "hint",
    Command.FLIP: "flip",
    Command.MIND: "mind",
    Command.RESIGN: "resign",
    Command.PAUSE: "pause",
    Command.SAVE: "save",
    Command.THEME: "theme",
    Command.KEYS: "help",
    Command.COPY_FEN: "copy",
    Command.PASTE_FEN: "paste",
    Command.TYPE_MOVE: "keyboard",
    Command.FIRST: "first",
    Command.BACK: "back",
    Command.FORWARD: "forward",
    Command.LAST: "last",
}
_HEADER: Final = (Command.LANGUAGE, Command.THEME, Command.KEYS)
_RECORD: Final = (Command.TYPE_MOVE, Command.COPY_FEN, Command.PASTE_FEN)
_WALK: Final = (Command.FIRST, Command.BACK, Command.FORWARD, Command.LAST)
_GAP: Final = 8
#: Height of the graph, and how much room there must be for it beside the record.
_GRAPH: Final = 58
_GRAPH_ROOM: Final = 300


class Panel:
    """Lays its parts out for the room there is; knows which button the pointer is on."""

    def __init__(self, pieces: PieceArt) -> None:
        self._pieces = pieces
        self._moves = MoveList()
        self._graph = GraphView()
        commands = (*_HEADER, *_RECORD, *_WALK, *_ACTIONS[0], *_ACTIONS[1], Command.PAUSE, Command.NOTATION)
        self._buttons = {command: Button(icon=_ICONS.get(command, "")) for command in commands}
        self._shown: set[Command] = set()

    def handle(self, event: pygame.Event) -> tuple[Intent | None, bool]:
        """(what the person wants, whether the panel looks different now)."""
        before = self._hovered()
        pressed_before = any(button.pressed for button in self._buttons.values())
        clicked: Command | None = None
        for command, button in self._buttons.items():
            if button.handle(event) and command in self._shown:
                clicked = command
        if clicked is not None:
            return clicked, True
        pressed = any(button.pressed for button in self._buttons.values())
        intent, changed = self._moves.handle(event)
        intent = intent or self._graph.handle(event)
        return intent, changed or before != self._hovered() or pressed != pressed_before

    def _hovered(self) -> Command | None:
        return next((c for c, button in self._buttons.items() if button.hovered and c in self._shown), None)

    def draw(self, canvas: Canvas, rect: pygame.Rect, scene: Scene, dots: int) -> None:
        """Draw everything; ``dots`` is the beat of "thinking"."""
        self._prepare(scene, canvas.texts)
        px, gap = canvas.px, canvas.px(_GAP)
        header = pygame.Rect(rect.x, rect.y, rect.width, px(34))
        top = pygame.Rect(rect.x, header.bottom + gap, rect.width, px(60))
        button_height = px(54)
        actions = pygame.Rect(rect.x, 0, rect.width, 2 * button_height + px(6))
        actions.bottom = rect.bottom
        status = pygame.Rect(rect.x, actions.y - gap - px(36), rect.width, px(36))
        bottom = pygame.Rect(rect.x, status.y - gap - px(60), rect.width, px(60))
        middle = pygame.Rect(rect.x, top.bottom + gap, rect.width, bottom.y - top.bottom - 2 * gap)
        self._draw_header(canvas, header)
        draw_player_card(canvas, top, scene, 1 - scene.bottom, self._pieces, dots)
        self._draw_record(canvas, middle, scene)
        draw_player_card(canvas, bottom, scene, scene.bottom, self._pieces, dots)
        self._draw_status(canvas, status, scene)
        self._draw_actions(canvas, actions, button_height, scene)

    def _prepare(self, scene: Scene, texts: Texts) -> None:
        """Which buttons there are now, what they say, and which of them would do something."""
        session, buttons = scene.session, self._buttons
        self._shown = set(buttons)
        watching = HUMAN not in session.seats
        self._shown.discard(Command.RESIGN if watching else Command.PAUSE)
        for row in _ACTIONS:
            for command in row:
                buttons[command].label = texts.command(command)
        buttons[Command.PAUSE].label = texts.command(Command.PAUSE)
        buttons[Command.PAUSE].icon = "play" if session.paused else "pause"
        buttons[Command.LANGUAGE].label = "EN" if texts.language == "zh" else "中"
        buttons[Command.NOTATION].label = NOTATIONS[scene.settings.notation]
        buttons[Command.MIND].active = scene.settings.mind
        buttons[Command.PAUSE].enabled = session.outcome is None
        buttons[Command.UNDO].enabled = session.ply_count > 0
        buttons[Command.REDO].enabled = session.can_redo
        buttons[Command.HINT].enabled = session.may_move
        buttons[Command.RESIGN].enabled = session.resigning_side is not None
        buttons[Command.SAVE].enabled = session.ply_count > 0
        buttons[Command.TYPE_MOVE].enabled = session.may_move
        for command in (Command.FIRST, Command.BACK):
            buttons[command].enabled = session.shown > 0
        for command in (Command.FORWARD, Command.LAST):
            buttons[command].enabled = not session.is_live

    def _draw_header(self, canvas: Canvas, rect: pygame.Rect) -> None:
        canvas.text(canvas.texts("title"), rect.move(canvas.px(2), 0), 19, face="bold")
        size = rect.height
        right = rect.right
        for command in reversed(_HEADER):
            button = self._buttons[command]
            button.rect = pygame.Rect(right - size, rect.y, size, size)
            button.draw(canvas, flat=True)
            right -= size + canvas.px(2)

    def _draw_record(self, canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
        px = canvas.px
        canvas.box(rect, canvas.theme.card, canvas.theme.card_edge, 10)
        inner = rect.inflate(-2 * px(12), -2 * px(8))
        y = inner.y + px(2)
        evaluation = scene.session.evaluation_at(scene.session.shown)
        if evaluation is not None:
            draw_evaluation(canvas, pygame.Rect(inner.x, y, inner.width, px(22)), evaluation)
            y += px(22) + px(6)
        if scene.settings.mind:
            height = mind_height(canvas, rect.height)
            draw_mind(canvas, pygame.Rect(inner.x, y, inner.width, height), scene)
            y += height + px(4)
            canvas.surface.fill(canvas.theme.card_edge, (inner.x, y, inner.width, 1))
            y += px(5)
        title = pygame.Rect(inner.x, y, inner.width, px(28))
        self._draw_record_title(canvas, title)
        graph_height = px(_GRAPH)
        has_graph = inner.bottom - y > px(_GRAPH_ROOM) and self._graph.has_something(scene.session)
        if has_graph:
            graph = pygame.Rect(inner.x, inner.bottom - px(34) - graph_height, inner.width, graph_height)
            self._graph.draw(canvas, graph, scene)
        else:
            self._graph.hide()
        walk = pygame.Rect(inner.x, inner.bottom - px(30), inner.width, px(30))
        top = title.bottom + px(4)
        end = walk.y - px(4) - (graph_height + px(4) if has_graph else 0)
        self._moves.draw(canvas, pygame.Rect(inner.x, top, inner.width, end - top), scene)
        for index, command in enumerate(_WALK):
            button = self._buttons[command]
            left = walk.x + walk.width * index // len(_WALK)
            button.rect = pygame.Rect(left, walk.y, walk.width // len(_WALK), walk.height)
            button.draw(canvas, flat=True)

    def _draw_record_title(self, canvas: Canvas, rect: pygame.Rect) -> None:
        canvas.text(canvas.texts("moves"), rect, 13, canvas.theme.muted, face="bold")
        right = rect.right
        for command in reversed(_RECORD):
            button = self._buttons[command]
            button.rect = pygame.Rect(right - rect.height, rect.y, rect.height, rect.height)
            button.draw(canvas, flat=True)
            right -= rect.height + canvas.px(2)
        notation = self._buttons[Command.NOTATION]
        width = canvas.px(88)
        notation.rect = pygame.Rect(right - width - canvas.px(4), rect.y, width, rect.height)
        notation.draw(canvas)

    def _draw_status(self, canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
        """What is going on; while the pointer is on a button, what the button does."""
        theme = canvas.theme
        hovered = self._hovered()
        inks = {Tone.PLAIN: theme.text, Tone.GOOD: theme.accent, Tone.BAD: theme.danger, Tone.QUIET: theme.muted}
        ink = inks[scene.tone]
        text = scene.status
        if hovered is not None and scene.tone is not Tone.BAD:
            pressed = keys.labels(hovered)
            text = canvas.texts.explain(hovered) + (f"  ({pressed})" if pressed else "")
            ink = theme.muted
        canvas.box(rect, theme.sunken, theme.card_edge, 8)
        inner = rect.inflate(-2 * canvas.px(12), 0)
        if canvas.text_width(text, 14) <= inner.width:
            canvas.text(text, inner, 14, ink)
            return
        lines = canvas.fonts.wrap(text, "regular", canvas.px(12), inner.width)
        lines = [*lines[:1], " ".join(lines[1:])]
        for index, line in enumerate(lines):
            middle = rect.centery + round((index - 0.5) * canvas.px(15))
            canvas.text(line, pygame.Rect(inner.x, middle - canvas.px(8), inner.width, canvas.px(16)), 12, ink)

    def _draw_actions(self, canvas: Canvas, rect: pygame.Rect, height: int, scene: Scene) -> None:
        gap = canvas.px(6)
        for row, commands in enumerate(_ACTIONS):
            for column, action in enumerate(commands):
                watching = action is Command.RESIGN and Command.RESIGN not in self._shown
                button = self._buttons[Command.PAUSE if watching else action]
                left = rect.x + (rect.width + gap) * column // len(commands)
                right = rect.x + (rect.width + gap) * (column + 1) // len(commands) - gap
                button.rect = pygame.Rect(left, rect.y + row * (height + gap), right - left, height)
                button.draw(canvas)
