"""Many games at once: all go on a ply at a time, so that a model sees hundreds of boards in one forward pass."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from xiangqi_gpt.players import Decision, Player
from xiangqi_gpt.players.time_control import TimeControl
from xiangqi_gpt.rules import MOVES, RED, Board, IllegalMoveError, Move, Termination, XiangqiError
from xiangqi_gpt.rules.refusal import explain_refusal

from .adjudication import MAX_PLIES, Adjudication, stands
from .clock import Clocks
from .result import MatchGame, MatchReport, MoveComment
from .schedule import Fixture, schedule
from .start_positions import Opening

#: Games in play at once. More gives a model larger batches and costs memory for its caches.
CONCURRENCY: Final = 256


@dataclass(frozen=True)
class GameRules:
    """How games are played besides the rules of Xiangqi.

    ``noise`` is the share of moves that are replaced by random legal ones, drawn from ``seed`` and the number of the
    game; with ``control`` each player has a clock. ``most_checks`` checks of each side count within the natural limit.
    With ``keeps_decisions`` a game keeps all that its movers saw, not only what a PGN shows.
    """

    adjudication: Adjudication = field(default_factory=Adjudication)
    control: TimeControl | None = None
    random_move_share: float = 0.0
    seed: int = 0
    most_checks: int | None = None
    keeps_decisions: bool = False


class OutOfTimeError(XiangqiError):
    """A player whose clock ran out."""


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

    ``paired=False`` plays each opening once, colours still taking turns. ``noise`` and ``seed`` as in ``GameRules``; a
    game of ``max_plies`` plies, those of the opening included, is a draw. ``on_game`` hears of every finished game,
    ``on_round`` of every ply of all games in play; ``names`` replace the players' own in the report.
    """
    report = MatchReport(names or (first.name, second.name))
    start = clock()

    def finished(game: MatchGame) -> None:
        report.add(game.result())
        if on_game:
            on_game(game, report)

    def played(plies: int) -> None:
        report.plies, report.seconds = report.plies + plies, clock() - start
        if on_round:
            on_round(report)

    play_games(
        (first, second),
        schedule(openings, games, paired=paired),
        GameRules(Adjudication(max_plies), random_move_share=noise, seed=seed),
        names=report.players,
        concurrency=concurrency,
        on_game=finished,
        on_round=played,
    )
    return report


def play_games(
    players: Sequence[Player],
    fixtures: Iterator[Fixture],
    rules: GameRules,
    *,
    names: Sequence[str],
    referee: Player | None = None,
    concurrency: int = CONCURRENCY,
    on_game: Callable[[MatchGame], None],
    on_round: Callable[[int], None] | None = None,
) -> None:
    """Play the games that ``fixtures`` yields, ``concurrency`` at once; a new one begins as soon as one has ended.

    A player that raises, does not answer with a move, moves illegally or oversteps its time loses that game, and the
    others go on. ``referee`` gives the scores that games are adjudicated by, in the players' stead. ``on_game`` hears
    of every finished game; ``on_round``, after every ply of all games, how many moves were chosen in it. With a time
    control, games are played one after another (``concurrency`` is 1), or they would wait on each other's clocks.
    """
    if rules.control:
        concurrency = 1
    in_play: list[MatchGame] = []
    while True:
        while len(in_play) < concurrency and (fixture := next(fixtures, None)) is not None:
            in_play.append(_begin(fixture, rules))
        if not in_play:
            break
        plies = 0
        for place, player in enumerate(players):
            waiting = [game for game in in_play if game.outcome is None and game.fixture.players[game.mover] == place]
            waiting = [game for game in waiting if not _play_random_move(game, rules)]
            answers = _ask_on_clock(player, waiting) if rules.control else ask(player, [g.board for g in waiting])
            for game, answer in zip(waiting, answers, strict=True):
                plies += _play(game, answer, names[place], rules)
            if referee is not None:
                _consult(referee, [game for game in waiting if game.outcome is None])
            for game in waiting:
                if game.outcome is None:
                    game.outcome = rules.adjudication.judge(game.plies, game.scores)
        if on_round:
            on_round(plies)
        for game in in_play:
            if game.outcome is not None:
                on_game(game)
        in_play = [game for game in in_play if game.outcome is None]


def _begin(fixture: Fixture, rules: GameRules) -> MatchGame:
    generator = np.random.default_rng([rules.seed, fixture.number - 1])
    clocks = Clocks(rules.control) if rules.control else None
    return MatchGame(fixture, fixture.opening.board(), len(fixture.opening.moves), generator, clocks)


def _play_random_move(game: MatchGame, rules: GameRules) -> bool:
    """With the probability of ``noise`` play any legal move in the player's stead; whether that happened."""
    if not rules.random_move_share or game.generator.random() >= rules.random_move_share:
        return False
    moves = game.board.legal_moves.indices
    game.noise.append(game.plies)
    _advance(game, MOVES[moves[game.generator.integers(len(moves))]], rules)
    if game.outcome is None:
        game.outcome = rules.adjudication.judge(game.plies, game.scores)
    return True


def ask(player: Player, boards: list[Board]) -> list[Decision | Exception]:
    """A decision a board, or what went wrong on it."""
    return player.try_many(boards) if boards else []


def _ask_on_clock(player: Player, games: list[MatchGame]) -> list[Decision | Exception]:
    """The same with clocks running; a game whose flag falls is over."""
    answers: list[Decision | Exception] = []
    for game in games:
        assert game.clocks is not None
        start = time.perf_counter()
        answer: Decision | Exception
        try:
            answer = player.choose(game.board, clock=game.clocks.show(game.first_color))
        except Exception as error:
            answer = error
        seconds = time.perf_counter() - start
        if isinstance(answer, Decision):
            answer = replace(answer, seconds=seconds)
        left = game.clocks.left[game.mover]
        if not game.clocks.spend(game.mover, seconds):
            answer = OutOfTimeError(f"{seconds:.2f} s for a move with {left:.2f} s left")
        answers.append(answer)
    return answers


def _play(game: MatchGame, answer: Decision | Exception, name: str, rules: GameRules) -> bool:
    """Play a player's answer and see whether the game has ended; whether the answer was a legal move."""
    board = game.board
    if isinstance(answer, Exception):
        game.lose(_termination(answer), _named(name, str(answer) or type(answer).__name__))
        return False
    move = getattr(answer, "move", None)
    if not isinstance(move, Move):
        game.lose(Termination.ADJUDICATION, f"{name}: answered {answer!r}, which has no move")
        return False
    if not board.is_legal(move):
        reason = explain_refusal(board, move.from_square, move.to_square)
        game.lose(Termination.ILLEGAL_MOVE, f"{name}: illegal move {move}: {reason}")
        return False
    score = stands(answer)
    game.scores.append(score if score is None or board.turn == RED else -score)
    game.notes[game.plies] = _note(answer)
    if rules.keeps_decisions:
        game.decisions[game.plies] = answer
    _advance(game, move, rules)
    return True


def _termination(error: Exception) -> Termination:
    if isinstance(error, OutOfTimeError):
        return Termination.TIME
    return Termination.ILLEGAL_MOVE if isinstance(error, IllegalMoveError) else Termination.ADJUDICATION


def _named(name: str, reason: str) -> str:
    reason = " ".join(reason.split())
    return reason if name in reason else f"{name}: {reason}"


def _note(decision: Decision) -> MoveComment:
    """A model without a score of its own gives the score it expects."""
    if decision.score is not None:
        return MoveComment(str(decision.score), decision.depth, decision.seconds)
    expected = "" if decision.wdl is None else f"{decision.wdl.expected:.1%}"
    return MoveComment(expected, decision.depth, decision.seconds)


def _consult(referee: Player, games: list[MatchGame]) -> None:
    """Put the referee's scores in the place of those of the last movers."""
    for game, answer in zip(games, ask(referee, [game.board for game in games]), strict=True):
        if isinstance(answer, Exception):
            raise answer  # without its referee the match cannot go on
        score = stands(answer)
        game.scores[-1] = score if score is None or game.board.turn == RED else -score


def _advance(game: MatchGame, move: Move, rules: GameRules) -> None:
    game.board.push(move)
    game.plies += 1
    game.outcome = game.board.outcome(most_checks=rules.most_checks)
