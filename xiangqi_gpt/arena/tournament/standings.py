"""The sum of a match of two or many players: who beat whom, ratings, and whether a test is decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from ..elo.ratings import Ratings, fit_ratings
from ..elo.signed import signed, signed_interval
from ..elo.sprt import Sprt
from ..match.result import GameResult, MatchReport


class Standings:
    """Grows game by game.

    ``names`` are the players' by place, each its own. With a ``sprt`` (two players) the pairs are judged in the order
    of the schedule, not in that in which they end: games that end late say something else than those that end early,
    and so the decision does not depend on how many games are played at once. Games after the deciding pair do not
    count. ``plies`` and ``seconds`` are those of this run, without the games that it found finished.
    """

    def __init__(
        self, names: Sequence[str], *, sprt: Sprt | None = None, anchors: Mapping[int, float] | None = None
    ) -> None:
        self.names = list(names)
        self.sprt = sprt
        self.anchors = dict(anchors or {0: 0.0})
        self.results: dict[int, GameResult] = {}  # by number of the game
        self.plies = 0
        self.seconds = 0.0
        self._judged = [0] * 5  # the pairs that the test has seen
        self._pair_scores: dict[int, list[float]] = {}
        self._total = MatchReport((self.names[0], "the others" if len(names) > 2 else self.names[-1]))

    def add(self, result: GameResult) -> None:
        """Count a finished game; one that is there already is left as it is."""
        if result.fixture.number in self.results or (self.decision and result.fixture.pair >= sum(self._judged)):
            return
        self.results[result.fixture.number] = result
        if 0 in result.fixture.players:
            self._total.add(result)
        self.__dict__.pop("ratings", None)
        if self.sprt:
            self._judge(result)

    def _judge(self, result: GameResult) -> None:
        assert self.sprt is not None
        self._pair_scores.setdefault(result.fixture.pair, []).append(result.score)
        while len(scores := self._pair_scores.get(sum(self._judged), ())) == 2 and not self.decision:
            self._judged[round(2 * sum(scores))] += 1
        if self.decision:
            counted = [game for game in self.results.values() if game.fixture.pair < sum(self._judged)]
            self.results = {game.fixture.number: game for game in counted}
            self._total = MatchReport.of(self._total.players, counted)

    @property
    def decision(self) -> str:
        """What the test has accepted, ``"elo0"`` or ``"elo1"``; "" without a test or while it goes on."""
        return self.sprt.decision(self._judged) if self.sprt else ""

    @property
    def games(self) -> int:
        """Games that count."""
        return len(self.results)

    @property
    def total(self) -> MatchReport:
        """The first player's games against all others."""
        self._total.plies, self._total.seconds = self.plies, self.seconds
        return self._total

    def ordered(self) -> list[GameResult]:
        """The games in the order of the schedule."""
        return [self.results[number] for number in sorted(self.results)]

    def meetings(self) -> Iterator[tuple[tuple[int, int], MatchReport]]:
        """The places of each two players that met, and their games from the first one's view."""
        reports: dict[tuple[int, int], MatchReport] = {}
        for game in self.ordered():
            a, b = game.fixture.players
            reports.setdefault((a, b), MatchReport((self.names[a], self.names[b]))).add(game)
        yield from sorted(reports.items())

    @cached_property
    def ratings(self) -> Ratings:
        """Ratings of all players, the anchors fixed."""
        return fit_ratings(len(self.names), self.ordered(), self.anchors)

    def score_of(self, player: int) -> tuple[float, int]:
        """Points of a player and its games."""
        points, count = 0.0, 0
        for game in self.results.values():
            if player in game.fixture.players:
                points += game.score if game.fixture.players[0] == player else 1 - game.score
                count += 1
        return points, count

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON; the flat ones are the first player's, against all others together."""
        values = self.total.as_dict() | {"players": self.names}
        if self.sprt:
            low, high = self.sprt.bounds
            values["sprt"] = {
                "elo0": self.sprt.elo0,
                "elo1": self.sprt.elo1,
                "model": self.sprt.model,
                "llr": round(self.sprt.ratio(self._judged), 3),
                "low": round(low, 3),
                "high": round(high, 3),
                "accepted": self.decision or None,
            }
        if len(self.names) > 2:
            values |= self._many()
        return values

    def _many(self) -> dict[str, object]:
        ratings = self.ratings
        standings = []
        for player in self.order():
            points, games = self.score_of(player)
            low, high = ratings.interval(player)
            standings.append(
                {
                    "player": self.names[player],
                    "games": games,
                    "points": points,
                    "elo": round(float(ratings.elo[player]), 1),
                    "elo_low": round(low, 1),
                    "elo_high": round(high, 1),
                }
            )
        meetings = [report.as_dict() for _, report in self.meetings()]
        kept = ("players", "games", "wins", "draws", "losses", "score", "elo", "elo_low", "elo_high", "pairs")
        return {
            "all_games": self.games,
            "standings": standings,
            "first_move_advantage": round(ratings.advantage, 1),
            "draw_rate": round(ratings.draw_rate, 4),
            "covariance": [[round(float(value), 2) for value in row] for row in ratings.covariance],
            "meetings": [{key: meeting[key] for key in kept} for meeting in meetings],
            "failures": [f"game {g.fixture.number}: {g.failure}" for g in self.ordered() if g.failure],
        }

    def order(self) -> list[int]:
        """Places of the players, the strongest first."""
        return sorted(range(len(self.names)), key=lambda player: -float(self.ratings.elo[player]))

    def summary(self) -> str:
        """The standings for people, several lines."""
        lines = [self.total.summary()] if len(self.names) == 2 else self._table()
        if self.sprt:
            low, high = self.sprt.bounds
            verdict = f"accepts {self.decision}" if self.decision else "is not decided"
            name = "Elo" if self.sprt.model == "logistic" else "nElo"
            lines.append(
                f"  the test of {self.sprt.elo0:+g} against {self.sprt.elo1:+g} {name} {verdict}: "
                f"log-likelihood ratio {signed(self.sprt.ratio(self._judged), 2)} ({signed_interval(low, high, 2)})"
            )
        return "\n".join(lines)

    def _table(self) -> list[str]:
        width = max(len(name) for name in self.names)
        ratings = self.ratings
        lines = [f"{len(self.names)} players, {self.games} games", f"     {'':{width}}    Elo   95 % interval    score"]
        for rank, player in enumerate(self.order(), 1):
            points, games = self.score_of(player)
            low, high = ratings.interval(player)
            interval = "fixed" if player in self.anchors else f"{signed_interval(low, high)}"
            share = f"{points:g} of {games}" if games else "no games"
            lines.append(
                f"{rank:>4} {self.names[player]:{width}} {ratings.elo[player]:+6.0f}   {interval:>15}   {share}"
            )
        lines.append(
            f"  the first move is worth {signed(ratings.advantage)} Elo (± {1.96 * ratings.advantage_error:.0f}); "
            f"equals draw {ratings.draw_rate:.0%} of their games"
        )
        failures = [f"  game {g.fixture.number}: {g.failure}" for g in self.ordered() if g.failure]
        return [*lines, *failures]

    def progress(self) -> str:
        """The state in a few words, "" before the first game has ended."""
        return self.total.interval_text() if self.total.games else ""
