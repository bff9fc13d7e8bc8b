"""Two players, many games: all go on a ply at a time, so that a model sees hundreds of boards in one forward pass."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from xiangqi_gpt.players import Decision, ExternalPlayer, Player
from xiangqi_gpt.rules import BLACK, MOVES, RED, Board, IllegalMoveError, Move, Outcome, Termination
from xiangqi_gpt.rules.refusal import explain_refusal

from .openings import Opening
from .result import MatchGame, MatchReport

#: Games in play at once. More gives a model larger batches and costs memory for its caches.
CONCURRENCY: Final = 256

#: Plies after which a game is called a draw: hardly any real game is longer than 315.
MAX_PLIES: Final = 400


def play_match(
    first: Player,
    second: Player,
    openings: Sequence[Opening],
    *,
    games: int,
    paired: bool = True,
    noise: float = 0.0,
    seed: int = 0,
    names: tuple[str, str] | None = None,
    max_plies: int = MAX_PLIES,
    concurrency: int = CONCURRENCY,
    on_game: Callable[[MatchGame, MatchReport], None] | None = None,
    on_round: Callable[[MatchReport], None] | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> MatchReport:
    """Play ``games`` games, each opening twice with colours exchanged (openings start over when they run out).

    ``paired=False`` plays each opening once, colours still taking turns. ``noise`` is the share of moves that are
    replaced by random legal ones, drawn from ``seed`` and the number of the game.

    A player that raises, does not answer with a move, or moves illegally loses that game and the match goes on; a
    game of ``max_plies`` plies, those of the opening included, is a draw. ``on_game`` hears of every finished game,
    ``on_round`` of every ply of all games in play; ``names`` replace the players' own in the report.
    """
    report = MatchReport(names or (first.name, second.name))
    start = clock()
    schedule = _schedule(openings, games, paired, seed)
    in_play: list[MatchGame] = []
    while True:
        while len(in_play) < concurrency and (game := next(schedule, None)) is not None:
            in_play.append(game)
        if not in_play:
            break
        for side, player in enumerate((first, second)):
            waiting = [game for game in in_play if game.outcome is None and game.mover == side]
            waiting = [game for game in waiting if not _play_noise(game, noise, max_plies)]
            for game, answer in zip(waiting, _ask(player, [game.board for game in waiting]), strict=True):
                report.plies += _play(game, answer, report.players[side], max_plies)
        report.seconds = clock() - start
        for game in in_play:
            if game.outcome is not None:
                report.add(game)
                if on_game:
                    on_game(game, report)
        in_play = [game for game in in_play if game.outcome is None]
        if on_round:
            on_round(report)
    return report


def _schedule(openings: Sequence[Opening], games: int, paired: bool, seed: int) -> Iterator[MatchGame]:
    for i in range(games):
        pair = i // 2 if paired else i
        opening = openings[pair % len(openings)]
        generator = np.random.default_rng([seed, i])
        yield MatchGame(i + 1, pair, opening, BLACK if i % 2 else RED, opening.board(), len(opening.moves), generator)


def _play_noise(game: MatchGame, share: float, max_plies: int) -> bool:
    """With a probability of ``share`` play any legal move in the player's stead; whether that happened."""
    if not share or game.generator.random() >= share:
        return False
    moves = game.board.legal_moves.indices
    game.noise.append(game.plies)
    _advance(game, MOVES[moves[game.generator.integers(len(moves))]], max_plies)
    return True


def _ask(player: Player, boards: list[Board]) -> list[Decision | Exception]:
    """A decision a board, or what went wrong on it."""
    if not boards:
        return []
    if isinstance(player, ExternalPlayer):
        return list(player.try_many(boards))
    with contextlib.suppress(Exception):  # below they are asked one by one, so that only the guilty game is lost
        decisions = player.choose_many(boards)
        if len(decisions) == len(boards):
            return list(decisions)
    return [_ask_one(player, board) for board in boards]


def _ask_one(player: Player, board: Board) -> Decision | Exception:
    try:
        return player.choose(board)
    except Exception as error:
        return error


def _play(game: MatchGame, answer: Decision | Exception, name: str, max_plies: int) -> bool:
    """Play a player's answer and see whether the game has ended; whether the answer was a legal move."""
    board = game.board
    if isinstance(answer, Exception):
        reason = str(answer) or type(answer).__name__
        illegal = isinstance(answer, IllegalMoveError)
        game.lose(
            Termination.ILLEGAL_MOVE if illegal else Termination.ADJUDICATION,
            reason if name in reason else f"{name}: {reason}",
        )
        return False
    move = getattr(answer, "move", None)
    if not isinstance(move, Move):
        game.lose(Termination.ADJUDICATION, f"{name}: answered {answer!r}, which has no move")
        return False
    if not board.is_legal(move):
        reason = explain_refusal(board, move.from_square, move.to_square)
        game.lose(Termination.ILLEGAL_MOVE, f"{name}: illegal move {move}: {reason}")
        return False
    _advance(game, move, max_plies)
    return True


def _advance(game: MatchGame, move: Move, max_plies: int) -> None:
    game.board.push(move)
    game.plies += 1
    game.outcome = game.board.outcome()
    if game.outcome is None and game.plies >= max_plies:
        game.outcome = Outcome(None, Termination.ADJUDICATION, f"{max_plies} plies played")
