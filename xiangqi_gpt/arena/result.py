"""What comes out of a match: its games and their sum."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from xiangqi_gpt.rules import BLACK, RED, Board, Outcome, Termination

from .openings import Opening
from .statistics import Estimate, estimate


@dataclass
class MatchGame:
    """One game of a match, in play until ``outcome`` is set.

    ``number`` counts from 1; ``pair`` is shared by the two games from one opening; ``first_color`` is the side of the
    first player; ``plies`` includes the opening's; ``noise`` lists the plies, counted from 0, that were played at
    random in a player's stead; ``failure`` says what the loser did against the rules, else "".
    """

    number: int
    pair: int
    opening: Opening
    first_color: int
    board: Board
    plies: int
    generator: np.random.Generator
    noise: list[int] = field(default_factory=list)
    outcome: Outcome | None = None
    failure: str = ""

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


@dataclass
class MatchReport:
    """The sum of a match from the first player's view; it grows game by game.

    ``pairs`` counts finished pairs by score 0, ½, 1, 1½, 2; ``illegal_moves`` those of the first and the second
    player; ``failures`` has a line for every game lost by a break-down or an illegal move; ``plies`` counts the moves
    that players chose, ``seconds`` the time since the match began.
    """

    players: tuple[str, str]
    wins: int = 0
    draws: int = 0
    losses: int = 0
    pairs: list[int] = field(default_factory=lambda: [0] * 5)
    terminations: Counter[str] = field(default_factory=Counter)
    illegal_moves: list[int] = field(default_factory=lambda: [0, 0])
    failures: list[str] = field(default_factory=list)
    plies: int = 0
    seconds: float = 0.0
    _halves: dict[int, float] = field(default_factory=dict)  # pair -> score of its only finished game

    def add(self, game: MatchGame) -> None:
        """Count a finished game."""
        assert game.outcome is not None
        self.wins += game.score == 1
        self.draws += game.score == 0.5
        self.losses += game.score == 0
        if game.pair in self._halves:
            self.pairs[round(2 * (self._halves.pop(game.pair) + game.score))] += 1
        else:
            self._halves[game.pair] = game.score
        self.terminations[str(game.outcome.termination)] += 1
        if game.failure:
            self.failures.append(f"game {game.number}: {game.failure}")
            self.illegal_moves[game.mover] += game.outcome.termination is Termination.ILLEGAL_MOVE

    @property
    def games(self) -> int:
        """Games finished."""
        return self.wins + self.draws + self.losses

    @property
    def plies_per_second(self) -> float:
        """Chosen moves a second, both players together."""
        return self.plies / self.seconds if self.seconds else 0.0

    def estimate(self) -> Estimate:
        """Score and Elo with their interval. At least one game must be finished."""
        return estimate(self.pairs, list(self._halves.values()))

    def as_dict(self) -> dict[str, object]:
        """The report as plain values for JSON; ``illegal_moves`` is the sum of both players."""
        result = self.estimate()
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
            "pairs": self.pairs,
            "illegal_moves": sum(self.illegal_moves),
            "illegal_moves_by_player": self.illegal_moves,
            "terminations": dict(self.terminations.most_common()),
            "failures": self.failures,
            "plies": self.plies,
            "seconds": round(self.seconds, 3),
            "plies_per_second": round(self.plies_per_second, 1),
        }

    def summary(self) -> str:
        """The report for people, several lines."""
        result = self.estimate()
        lines = [
            f"{self.players[0]} against {self.players[1]}: {self.games} games, {sum(self.pairs)} openings played twice",
            f"  {self.wins} won, {self.draws} drawn, {self.losses} lost: score {result.score:.1%}",
            f"  Elo {result.elo:+.0f}, 95 % interval {result.elo_low:+.0f} to {result.elo_high:+.0f}",
            "  ended by " + ", ".join(f"{reason} {count}" for reason, count in self.terminations.most_common()),
            f"  {sum(self.illegal_moves)} illegal moves, {self.plies} plies in {self.seconds:.1f} s "
            f"({self.plies_per_second:,.0f} a second)",
        ]
        return "\n".join([*lines, *(f"  {failure}" for failure in self.failures)])
