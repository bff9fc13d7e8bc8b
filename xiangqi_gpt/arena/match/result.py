"""What comes out of two players' games: each game in short, and their sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.players import Decision
from xiangqi_gpt.records.plural import counted
from xiangqi_gpt.rules import BLACK, RED, Board, Outcome, Termination

from ..elo.signed import signed, signed_interval
from ..elo.statistics import Estimate, estimate, normalized_elo
from .clock import Clocks
from .schedule import Fixture
from .start_positions import Opening

#: Seconds too short to be noted.
_NO_TIME: Final = 0.00005


@dataclass(frozen=True)
class MoveComment:
    """What the mover said about a move of its own: ``score`` as a PGN shows it ("" for none), plies deep, seconds."""

    score: str
    depth: int
    seconds: float

    def __str__(self) -> str:
        """As in a PGN: ``+0.35/12 0.5120s``; "" for a move of which there is nothing to say."""
        if not self.score and self.seconds < _NO_TIME:
            return ""
        score = f"{self.score}/{self.depth}" if self.score and self.depth else self.score
        return f"{score} {self.seconds:.4f}s".lstrip()


@dataclass(frozen=True)
class GameResult:
    """A finished game in short; pairs of values are those of the first and the second player.

    ``score`` is the first player's: 1, ½ or 0; ``failure`` says what the loser did against the rules, else "";
    ``moves`` counts the moves that each player chose and ``seconds`` the time they took.
    """

    fixture: Fixture
    score: float
    termination: str
    failure: str = ""
    moves: tuple[int, int] = (0, 0)
    seconds: tuple[float, float] = (0.0, 0.0)

    @property
    def red_score(self) -> float:
        """Red's score: 1, ½ or 0."""
        return self.score if self.fixture.first_color == RED else 1 - self.score

    @property
    def is_illegal(self) -> bool:
        """Whether the loser moved illegally."""
        return self.termination == Termination.ILLEGAL_MOVE


@dataclass
class MatchGame:
    """One game of a match, in play until ``outcome`` is set.

    ``plies`` includes the opening's; ``noise`` lists the plies, counted from 0, that were played at random in a
    player's stead; ``failure`` says what the loser did against the rules, else ""; ``notes`` what the movers said, by
    ply, and ``decisions`` all that they saw, where it is kept; ``scores`` Red's centipawns after each chosen move, None
    where nobody said; ``clocks`` is None without a time control.
    """

    fixture: Fixture
    board: Board
    plies: int
    generator: np.random.Generator
    clocks: Clocks | None = None
    noise: list[int] = field(default_factory=list)
    notes: dict[int, MoveComment] = field(default_factory=dict)
    decisions: dict[int, Decision] = field(default_factory=dict)
    scores: list[int | None] = field(default_factory=list)
    outcome: Outcome | None = None
    failure: str = ""

    @property
    def number(self) -> int:
        """Number of the game, from 1."""
        return self.fixture.number

    @property
    def pair(self) -> int:
        """Shared by the two games from one opening."""
        return self.fixture.pair

    @property
    def opening(self) -> Opening:
        """Where the players took over."""
        return self.fixture.opening

    @property
    def first_color(self) -> int:
        """The first player's side."""
        return self.fixture.first_color

    @property
    def mover(self) -> int:
        """Which player is to move: 0 for the first, 1 for the second."""
        return int(self.board.turn != self.first_color)

    @property
    def score(self) -> float:
        """The first player's score of the finished game: 1, ½ or 0."""
        assert self.outcome is not None
        return 0.5 if self.outcome.winner is None else float(self.outcome.winner == self.first_color)

    def lose(self, termination: Termination, failure: str) -> None:
        """End the game: the player to move loses it."""
        self.failure = failure
        self.outcome = Outcome(BLACK if self.board.turn == RED else RED, termination, failure)

    def result(self) -> GameResult:
        """The finished game in short."""
        assert self.outcome is not None
        moves, seconds = [0, 0], [0.0, 0.0]
        root = self.board.root.turn
        for ply, note in self.notes.items():
            mover = int((root + ply) % 2 != self.first_color)
            moves[mover] += 1
            seconds[mover] += note.seconds
        return GameResult(
            self.fixture,
            self.score,
            str(self.outcome.termination),
            self.failure,
            (moves[0], moves[1]),
            (seconds[0], seconds[1]),
        )


@dataclass
class MatchReport:
    """The sum of a match from the first player's view; it grows game by game.

    ``pairs`` counts finished pairs by score 0, ½, 1, 1½, 2; ``illegal_moves`` those of the first and the second
    player; ``failures`` has a line for every game lost by a break-down or an illegal move; ``moves`` and
    ``move_seconds`` are what each player chose and the time that took; ``plies`` counts the moves chosen since this
    run began, ``seconds`` is the time since then.
    """

    players: tuple[str, str]
    wins: int = 0
    draws: int = 0
    losses: int = 0
    pairs: list[int] = field(default_factory=lambda: [0] * 5)
    terminations: Counter[str] = field(default_factory=Counter)
    illegal_moves: list[int] = field(default_factory=lambda: [0, 0])
    failures: list[str] = field(default_factory=list)
    moves: list[int] = field(default_factory=lambda: [0, 0])
    move_seconds: list[float] = field(default_factory=lambda: [0.0, 0.0])
    plies: int = 0
    seconds: float = 0.0
    _halves: dict[int, float] = field(default_factory=dict)  # pair -> score of its only finished game

    @classmethod
    def of(cls, players: tuple[str, str], results: Iterable[GameResult]) -> MatchReport:
        """The report of some games."""
        report = cls(players)
        for result in results:
            report.add(result)
        return report

    def add(self, game: GameResult) -> None:
        """Count a finished game."""
        self.wins += game.score == 1
        self.draws += game.score == 0.5
        self.losses += game.score == 0
        pair = game.fixture.pair
        if pair in self._halves:
            self.pairs[round(2 * (self._halves.pop(pair) + game.score))] += 1
        else:
            self._halves[pair] = game.score
        self.terminations[game.termination] += 1
        if game.failure:
            self.failures.append(f"game {game.fixture.number}: {game.failure}")
            self.illegal_moves[int(game.score)] += game.is_illegal
        for player in range(2):
            self.moves[player] += game.moves[player]
            self.move_seconds[player] += game.seconds[player]

    @property
    def games(self) -> int:
        """Games finished."""
        return self.wins + self.draws + self.losses

    @property
    def plies_per_second(self) -> float:
        """Chosen moves a second, both players together."""
        return self.plies / self.seconds if self.seconds else 0.0

    @property
    def seconds_per_move(self) -> list[float]:
        """Mean seconds a move of each player."""
        return [spent / moves if moves else 0.0 for spent, moves in zip(self.move_seconds, self.moves, strict=True)]

    def estimate(self) -> Estimate:
        """Score and Elo with their interval. At least one game must be finished."""
        return estimate(self.pairs, list(self._halves.values()))

    def interval_text(self) -> str:
        """``score 55.0%, Elo +35 (-12 to +82)``."""
        result = self.estimate()
        return (
            f"score {result.score:.1%}, Elo {signed(result.elo)} ({signed_interval(result.elo_low, result.elo_high)})"
        )

    def as_dict(self) -> dict[str, object]:
        """The report as plain values for JSON; ``illegal_moves`` is the sum of both players."""
        result, normalized = self.estimate(), normalized_elo(self.pairs)
        return {
            "players": list(self.players),
            "games": self.games,
            "wins": self.wins,
            "draws": self.draws,
            "losses": self.losses,
            "score": round(result.score, 4),
            "elo": round(result.elo, 1),
            "elo_low": round(result.elo_low, 1),
            "elo_high": round(result.elo_high, 1),
            "nelo": normalized and round(normalized.elo, 2),
            "nelo_error": normalized and round(normalized.error, 2),
            "los": round(result.superiority, 4),
            "pairs": self.pairs,
            "illegal_moves": sum(self.illegal_moves),
            "illegal_moves_by_player": self.illegal_moves,
            "terminations": dict(self.terminations.most_common()),
            "failures": self.failures,
            "plies": self.plies,
            "seconds": round(self.seconds, 3),
            "plies_per_second": round(self.plies_per_second, 1),
            "seconds_per_move": [round(seconds, 5) for seconds in self.seconds_per_move],
            "machine": machine_line(),
        }

    def summary(self) -> str:
        """The report for people, several lines."""
        result, normalized = self.estimate(), normalized_elo(self.pairs)
        spread = f"nElo {signed(normalized.elo, 2)} ± {normalized.error:.2f}, " if normalized else ""
        lines = [
            f"{self.players[0]} against {self.players[1]}: {counted(self.games, 'game')}, "
            f"{counted(sum(self.pairs), 'opening')} played twice",
            f"  {self.wins} won, {self.draws} drawn, {self.losses} lost: score {result.score:.1%}",
            f"  Elo {signed(result.elo)}, 95 % interval {signed_interval(result.elo_low, result.elo_high)}, "
            f"likelihood of superiority {result.superiority:.1%}",
            f"  {spread}pairs by points 0, ½, 1, 1½, 2: {', '.join(map(str, self.pairs))}",
            "  ended by " + ", ".join(f"{reason} {count}" for reason, count in self.terminations.most_common()),
            f"  {sum(self.illegal_moves)} illegal moves, {self.plies} plies in {self.seconds:.1f} s "
            f"({self.plies_per_second:,.0f} a second)",
            f"  on {machine_line()}",
        ]
        return "\n".join([*lines, *(f"  {failure}" for failure in self.failures)])
