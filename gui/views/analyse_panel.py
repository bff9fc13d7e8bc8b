"""The panel beside the board in Analyse mode: the game, its value, its course, its moves, and what the model thinks."""

from __future__ import annotations

from typing import Final

import pygame

from xiangqi_gpt.rules import BLACK, RED

from ..i18n.texts import Texts
from ..state.commands import Command
from ..state.intents import ChooseView, Intent
from ..state.mode import View
from ..state.scene import Scene
from ..state.study import Study
from ..widgets.canvas import Canvas
from ..widgets.controls import Segments
from ..widgets.layout import columns
from .captured_view import PIECE, draw_captured
from .command_buttons import STATUS_HEIGHT, Controls, draw_status, rows_height
from .decoded_board_view import DecodedBoardView
from .evaluation_view import draw_evaluation
from .explorer_view import ExplorerView
from .insight_view import draw_insight
from .live_view import LiveView
from .mistakes_view import MistakesView
from .opening_line import short_opening_line
from .pieces import PieceArt
from .study_graph import StudyGraph
from .study_list import StudyList

_ACTIONS: Final = (
    (Command.OPEN, Command.SAVE, Command.FLIP, Command.HEAT),
    (Command.PREVIOUS_MISTAKE, Command.NEXT_MISTAKE, Command.GUESS, Command.REPLY),
)
_FILE: Final = (Command.PLAY_HERE, Command.GAMES, Command.COPY_FEN, Command.PASTE, Command.ANALYST)
_EDIT: Final = (Command.PROMOTE, Command.DELETE)
_WALK: Final = (Command.FIRST, Command.BACK, Command.FORWARD, Command.LAST)
_USUAL_VIEWS: Final = tuple(view for view in View if view is not View.DECODED_BOARD)
_GAP: Final = 8
_TAB: Final = 12.5
_TITLE: Final = 14.5  # size of the letters
#: Heights of the course of the game, and the height of the card from which it gets the larger one; in a lower card
#: it makes room for the believed board.
_GRAPH: Final = 104
_LOW_GRAPH: Final = 76
_ROOMY: Final = 530


class AnalysePanel:
    """Lays its parts out for the room there is."""

    def __init__(self, pieces: PieceArt) -> None:
        self.moves = StudyList()
        self.graph = StudyGraph()
        self.mistakes = MistakesView()
        self.live = LiveView(pieces)
        self.explorer = ExplorerView()
        self._views = _USUAL_VIEWS
        self.views = Segments([""] * len(self._views))
        self._pieces = pieces
        self._decoded_board = DecodedBoardView(pieces)
        self.controls = Controls((*_ACTIONS[0], *_ACTIONS[1], *_FILE, *_EDIT, *_WALK))

    def handle(self, event: pygame.Event) -> tuple[Intent | None, bool]:
        """(what the person wants, whether the panel looks different now)."""
        clicked, changed = self.controls.handle(event)
        if clicked is not None:
            return clicked, True
        hovered = self.views.hovered
        if self.views.handle(event):
            return ChooseView(self._views[self.views.chosen]), True
        changed = changed or hovered != self.views.hovered
        for part in (self.graph, self.moves, self.mistakes, self.explorer, self.live):
            intent, different = part.handle(event)
            if intent is not None:
                return intent, True
            changed = changed or different
        return None, changed

    def draw(self, canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
        """Draw everything."""
        self.controls.begin()
        self._prepare(scene)
        px, gap = canvas.px, canvas.px(_GAP)
        main, side = columns(rect, canvas.scale, gap)
        actions = pygame.Rect(side.x, 0, side.width, rows_height(canvas, len(_ACTIONS)))
        actions.bottom = rect.bottom
        status = pygame.Rect(side.x, actions.y - gap - px(STATUS_HEIGHT), side.width, px(STATUS_HEIGHT))
        card = pygame.Rect(main.x, main.y, main.width, (status.y - gap if main is side else main.bottom) - main.y)
        self._draw_card(canvas, card, scene)
        self.controls.rows(canvas, _ACTIONS, actions)
        draw_status(canvas, status, scene)

    def _prepare(self, scene: Scene) -> None:
        study, settings, buttons = scene.analysis.study, scene.settings, self.controls.buttons
        buttons[Command.HEAT].active = settings.heat
        buttons[Command.REPLY].active = settings.reply
        buttons[Command.GUESS].active = scene.analysis.guessing is not None
        buttons[Command.ANALYST].active = bool(settings.analyst)
        in_variation = not study.is_on_main_line
        self.controls.enable(
            SAVE=bool(study.main_line),
            GAMES=scene.analysis.games > 0,
            NEXT_MISTAKE=bool(study.main_line) or scene.analysis.is_drilling,
            PREVIOUS_MISTAKE=bool(study.main_line),
            GUESS=scene.analysis.guessing is not None or not study.is_live,
            PROMOTE=in_variation,
            DELETE=study.shown > 0,
            FIRST=study.shown > 0,
            BACK=study.shown > 0,
            FORWARD=not study.is_live,
            LAST=not study.is_live,
        )

    def _draw_card(self, canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
        px, study = canvas.px, scene.analysis.study
        canvas.box(rect, canvas.theme.card, canvas.theme.card_edge, 10)
        inner = rect.inflate(-2 * px(12), -2 * px(8))
        head = pygame.Rect(inner.x, inner.y, inner.width, px(42))
        self._draw_head(canvas, head, scene)
        y = head.bottom + px(4)
        value = pygame.Rect(inner.x, y, inner.width, px(22))
        draw_evaluation(canvas, value, study.evaluation())
        y = value.bottom + px(6)
        roomy = rect.height > px(_ROOMY)
        if roomy or scene.analysis.view is not View.DECODED_BOARD:
            taken = pygame.Rect(inner.x, value.bottom + px(4), inner.width, px(PIECE))
            self._draw_captured(canvas, taken, scene)
            y = taken.bottom + px(4)
            course = pygame.Rect(inner.x, y, inner.width, px(_GRAPH if roomy else _LOW_GRAPH))
            self.graph.draw(canvas, course, scene)
            y = course.bottom + px(8)
        else:
            self.graph.hide()
        tabs = pygame.Rect(inner.x, y, inner.width, px(30))
        self._draw_tabs(canvas, tabs, scene)
        walk = pygame.Rect(inner.x, inner.bottom - px(30), inner.width, px(30))
        self.controls.spread(canvas, _WALK, walk)
        content = pygame.Rect(inner.x, tabs.bottom + px(6), inner.width, walk.y - px(4) - tabs.bottom - px(6))
        self.moves.hide()
        self.mistakes.hide()
        self.explorer.hide()
        self.live.hide()
        if scene.analysis.view is View.MOVES:
            self.moves.draw(canvas, content, scene)
        elif scene.analysis.view is View.MISTAKES:
            self.mistakes.draw(canvas, content, scene)
        elif scene.analysis.view is View.EXPLORER:
            self.explorer.draw(canvas, content, scene)
        elif scene.analysis.view is View.IDEAS:
            end = self.live.draw(canvas, content, scene) + px(6)
            draw_insight(canvas, pygame.Rect(content.x, end, content.width, max(content.bottom - end, 0)), scene)
        else:
            self._decoded_board.draw(canvas, content, scene)

    def _draw_head(self, canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
        """Who played, and the opening; beside it the buttons of the record."""
        px, study, texts = canvas.px, scene.analysis.study, canvas.texts
        line = pygame.Rect(rect.x, rect.y, rect.width, px(24))
        right = self.controls.icons(canvas, _FILE, pygame.Rect(rect.x, rect.y - px(2), rect.width, px(26)))
        result = texts.score_of(study.result)
        room = canvas.text_width(result, _TITLE, "bold") + px(8) if result else 0
        title = pygame.Rect(line.x, line.y, right - line.x - px(6) - room, line.height)
        used = canvas.text(title_of(study, texts), title, _TITLE, face="bold")
        after = pygame.Rect(title.x + used + px(8), line.y, room, line.height)
        canvas.text(result, after, _TITLE, canvas.theme.accent, face="bold")
        below = pygame.Rect(rect.x, line.bottom, rect.width, rect.bottom - line.bottom)
        canvas.text(_about(canvas, study, below.width), below, 12.5, canvas.theme.muted)

    def _draw_captured(self, canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
        """What Red has captured on the left, what Black has on the right, as the sides stand in the bar above."""
        study, faces = scene.analysis.study, scene.settings.faces
        half = (rect.width - canvas.px(12)) // 2
        if not any(study.captured_by(side) for side in (RED, BLACK)):
            canvas.text(canvas.texts("no_captures"), rect, 12.5, canvas.theme.muted, align="center")
        for side, x, align in ((RED, rect.x, "left"), (BLACK, rect.right - half, "right")):
            box = pygame.Rect(x, rect.y, half, rect.height)
            draw_captured(canvas, box, study.captured_by(side), self._pieces, faces, align=align)

    def _draw_tabs(self, canvas: Canvas, rect: pygame.Rect, scene: Scene) -> None:
        right = self.controls.icons(canvas, _EDIT, rect)
        insight = scene.analysis.study.insight
        shows_belief = scene.analysis.view is View.DECODED_BOARD or (
            insight is not None and insight.decoded is not None
        )
        self._views = tuple(View) if shows_belief else _USUAL_VIEWS  # only a moves-only model's can be read off
        self.views.options = [canvas.texts(f"view_{view.value}") for view in self._views]
        self.views.chosen = self._views.index(scene.analysis.view)
        self.views.rect = pygame.Rect(rect.x, rect.y, right - rect.x - canvas.px(2), rect.height)
        self.views.shares = [
            canvas.text_width(option, _TAB, "bold") + 2 * canvas.px(7) for option in self.views.options
        ]
        self.views.draw(canvas, _TAB)


def title_of(study: Study, texts: Texts) -> str:
    """The players, or what else names the game."""
    red, black = study.tag("Red"), study.tag("Black")
    if red or black:
        return f"{red or '?'} – {black or '?'}"
    if study.follows_game:
        return texts("game_live")
    return study.tag("Title") or study.tag("Event") or texts("untitled")


def _about(canvas: Canvas, study: Study, width: int) -> str:
    """The opening and how many known games came here; before that is known, event and date.

    Where it does not fit it says less; all of it stands among the model's ideas.
    """
    event = " · ".join(filter(None, (study.tag("Event"), study.tag("Date"))))
    return event if study.insight is None else short_opening_line(canvas, study.insight, width, 12.5, event)
