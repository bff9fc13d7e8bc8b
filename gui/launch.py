"""Starting the program: what it was asked for on the command line, and what was left unfinished the last time."""

from __future__ import annotations

from dataclasses import replace

import pygame

from xiangqi_gpt.rules import BLACK, RED, START_FEN, Board

from .app import App, post_reply
from .display import check_display
from .state.rated import would_lose
from .state.record_files import opened_by
from .state.session import HUMAN, GameSession
from .state.settings import Store, in_language
from .worker.player_process import PlayerProcess


def run(
    player: str = "gpt",
    side: int = RED,
    *,
    fen: str | None = None,
    record: str | None = None,
    seed: int | None = None,
    language: str | None = None,
    chosen: bool = False,
    window: pygame.Window | None = None,
) -> int:
    """Show the window and play until it is closed; returns the exit status.

    ``side`` is the person's; ``chosen`` says that the arguments were asked for, so that neither the last game nor its
    players are proposed instead. ``record`` is a file of games to analyse; ``window`` one that is open already. Raises
    ``FenError`` and ``DisplayError``.
    """
    if fen is not None:
        Board(fen, lenient=True)
    check_display()
    store = Store()
    first_start = store.is_first_start
    settings, damaged_settings = store.load_settings()
    settings = in_language(settings, language or settings.language)
    players = ((HUMAN, player), (player, HUMAN))[side] if chosen or fen else settings.players
    saved, damaged_game = store.load_game()
    session = GameSession(players, fen or START_FEN)
    settings = replace(settings, flipped=session.person == BLACK)
    app = App(session, settings, store, PlayerProcess(post_reply, seed), window=window)
    asked_for = chosen or fen is not None or record is not None
    game = saved if saved is not None and (not asked_for or would_lose(saved)) else None
    app.open_startup_dialogs(game, first_start and not asked_for, damaged_settings, damaged_game, *store.load_study())
    if record is not None:
        app.carry_out(opened_by(record))
    app.run()
    pygame.quit()
    return 0
