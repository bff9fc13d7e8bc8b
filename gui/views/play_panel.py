"""The panel beside the board in Play mode: players, evaluation, record, status and buttons."""

from __future__ import annotations

from typing import Final

import pygame

from ..state.commands import Command
from ..state.intents import Intent
from ..state.notation import NOTATIONS
from ..state.scene import Scene
from ..state.session import HUMAN, GameSession
from ..widgets.canvas import Canvas
from ..widgets.layout import columns
from .command_buttons import STATUS_HEIGHT, Controls, draw_status, rows_height
from .evaluation_view import analysis_height, draw_analysis, draw_evaluation
from .graph_view import GraphView
from .move_list import MoveList
from .pieces import PieceArt
from .player_card import draw_player_card

_ACTIONS: Final = (
    (Command.NEW_GAME, Command.UNDO, Command.REDO, Command.HINT),
    (Command.FLIP, Command.IDEAS, Command.DRAW, Command.RESIGN, Command.SAVE),
)
_RECORD: Final = (Command.TYPE_MOVE, Command.OPEN, Command.COPY_FEN, Command.PASTE)
_WALK: Final = (Command.FIRST, Command.BACK, Command.FORWARD, Command.LAST)
_GAP: Final = 8
#: Heights of the graph, and how much room there must be for it, the moves and the buttons below them.
_GRAPH: Final = 58
_LOW_GRAPH: Final = 40
_GRAPH_ROOM: Final = 230
_LOW_GRAPH_ROOM: Final = 170


class Panel:
    """Lays its parts out for the room there is."""

    def __init__(self, pieces: PieceArt) -> None:
        self._pieces = pieces
        self._moves = MoveList()
        self._graph = GraphView()
        commands = (*_RECORD, *_WALK, *_ACTIONS[0], *_ACTIONS[1], Command.PAUSE, Command.NOTATION)
        self.controls = Controls(commands)
        self._buttons = self.controls.buttons

    def handle(self, event: pygame.Event) -> tuple[Intent | None, bool]:
        """(what the person wants, whether the panel looks different now)."""
        clicked, looks_different = self.controls.handle(event)
        if clicked is not None:
            return clicked, True
        intent, changed = self._moves.handle(event)
        return intent or self._graph.handle(event), changed or looks_different

    def draw(self, canvas: Canvas, rect: pygame.Rect, scene: Scene, dots: int) -> None:
        """Draw everything; ``dots`` is the beat of "thinking"."""
        self.controls.begin()
        self._prepare(scene)
        px, gap = canvas.px, canvas.px(_GAP)
        main, side = columns(rect, canvas.scale, gap)
        top = pygame.Rect(side.x, side.y, side.width, px(60))
        actions = pygame.Rect(side.x, 0, side.width, rows_height(canvas, len(_ACTIONS)))
        actions.bottom = rect.bottom
        status = pygame.Rect(side.x, actions.y - gap - px(STATUS_HEIGHT), side.width, px(STATUS_HEIGHT))
        bottom = pygame.Rect(side.x, status.y - gap - px(60), side.width, px(60))
        middle = main
        if main is side:
            middle = pygame.Rect(rect.x, top.bottom + gap, rect.width, bottom.y - top.bottom - 2 * gap)
        else:
            bottom.y = top.bottom + gap
        draw_player_card(canvas, top, scene, 1 - scene.bottom, self._pieces, dots)
        self._draw_record(canvas, middle, scene)
        draw_player_card(canvas, bottom, scene, scene.bottom, self._pieces, dots)
        watching = HUMAN not in scene.session.players
        swap = {Command.RESIGN: Command.PAUSE} if watching else {}
        rows = [[swap.get(command, command) for command in row] for row in _ACTIONS]
        if scene.clocks is not None and not watching:
            rows[0].append(Command.PAUSE)
        words = {Command.PAUSE: canvas.texts("resume_button")} if scene.session.paused else {}
        self.controls.rows(canvas, rows, actions, words)
        draw_status(canvas, status, scene)

    def _prepare(self, scene: Scene) -> None:
        """What the buttons say, and which of them would do something."""
        session, buttons = scene.session, self._buttons
        buttons[Command.PAUSE].icon = "play" if session.paused else "pause"
        buttons[Command.NOTATION].label = NOTATIONS[scene.settings.notation]
        buttons[Command.IDEAS].active = scene.settings.show_ideas
        self.controls.enable(
            PAUSE=session.outcome is None,
            UNDO=session.ply_count > 0 and not session.is_rated,
            REDO=session.can_redo and not session.is_rated,
            HINT=session.may_move and not session.is_rated,
            IDEAS=not session.is_secret,
            RESIGN=session.resigning_side is not None,
            DRAW=session.resigning_side is not None and session.ply_count > 0,
            SAVE=session.ply_count > 0,
            TYPE_MOVE=session.may_move,
            FIRST=session.shown > 0,
            BACK=session.shown > 0,
            FORWARD=not session.is_live,
            LAST=not session.is_live,
        )

    def _draw_record(self, canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
        px = canvas.px
        canvas.box(rect, canvas.theme.card, canvas.theme.card_edge, 10)
        inner = rect.inflate(-2 * px(12), -2 * px(8))
        y = inner.y + px(2)
        if scene.has_bar:
            self._draw_bar(canvas, pygame.Rect(inner.x, y, inner.width, px(22)), scene.session)
            y += px(22) + px(6)
        if scene.settings.show_ideas:
            height = analysis_height(canvas, rect.height)
            draw_analysis(canvas, pygame.Rect(inner.x, y, inner.width, height), scene)
            y += height + px(4)
            canvas.surface.fill(canvas.theme.card_edge, (inner.x, y, inner.width, 1))
            y += px(5)
        title = pygame.Rect(inner.x, y, inner.width, px(28))
        self._draw_record_title(canvas, title, is_rated=scene.session.is_rated)
        room = inner.bottom - y
        graph_height = px(_GRAPH if room > px(_GRAPH_ROOM) else _LOW_GRAPH)
        has_graph = room > px(_LOW_GRAPH_ROOM) and self._graph.has_something(scene.session)
        has_graph = has_graph and not scene.session.is_secret
        if has_graph:
            graph = pygame.Rect(inner.x, inner.bottom - px(34) - graph_height, inner.width, graph_height)
            self._graph.draw(canvas, graph, scene)
        else:
            self._graph.hide()
        walk = pygame.Rect(inner.x, inner.bottom - px(30), inner.width, px(30))
        top = title.bottom + px(4)
        end = walk.y - px(4) - (graph_height + px(6) if has_graph else 0)
        self._moves.draw(canvas, pygame.Rect(inner.x, top, inner.width, end - top), scene)
        self.controls.spread(canvas, _WALK, walk)

    def _draw_bar(self, canvas: Canvas, rect: pygame.Rect, session: GameSession) -> None:
        """The chances in the shown position; those of the one before, pale, as long as nobody has judged it."""
        evaluation = session.evaluation_at(session.shown)
        earlier = session.evaluation_before(session.shown) if evaluation is None else None
        draw_evaluation(canvas, rect, evaluation or earlier, pale=evaluation is None)

    def _draw_record_title(self, canvas: Canvas, rect: pygame.Rect, *, is_rated: bool) -> None:
        """What the list is of: the moves, of a game that counts for the person's rating."""
        right = self.controls.icons(canvas, _RECORD, rect)
        width = canvas.px(88)
        notation = pygame.Rect(right - width - canvas.px(4), rect.y, width, rect.height)
        self.controls.draw(canvas, Command.NOTATION, notation)
        title = pygame.Rect(rect.x, rect.y, notation.x - canvas.px(4) - rect.x, rect.height)
        word, ink = ("rated_mark", canvas.theme.accent) if is_rated else ("moves", canvas.theme.muted)
        canvas.text(canvas.texts(word), title, 13, ink, face="bold")
