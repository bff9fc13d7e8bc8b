"""One number for a player: games against reference opponents of known strength, those that say most at the time."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.players import Player, PlayerError, load_player
from xiangqi_gpt.players.spec import MASKED_OPTIONS, parse_spec
from xiangqi_gpt.rules import BLACK, RED

from ..elo.ratings import Ratings, fit_ratings
from ..elo.signed import signed, signed_interval
from ..elo.statistics import score_from_elo
from ..match.game_file import GameFile, match_record, read_result
from ..match.match import CONCURRENCY, GameRules, play_games
from ..match.result import GameResult, MatchGame, MatchReport
from ..match.schedule import Fixture
from ..match.start_positions import draw_openings
from ..tournament.match_job import match_fingerprint
from ..tournament.match_plan import player_revision
from .reference_opponents import ReferenceOpponent

#: Random moves at the start of each game, as when the reference opponents were rated.
_RANDOM_PLIES: Final = 6

#: While the 95 % interval is wider than this (Elo), batches are so few games only: the opponent may be far off.
_VAGUE: Final = 700.0
_FIRST_GAMES: Final = 8

#: Games against a reference opponent that halve its worth for the next batch: so two neighbours take turns, and no one
#: opponent decides.
_GAMES_THAT_TIRE: Final = 30

#: The tags that tell the games of a ladder apart.
_IDENTITY: Final = ("Round", "Red", "Black")


@dataclass(frozen=True)
class LadderSettings:
    """When a rating is good enough.

    Batches of ``batch`` games are played until the 95 % interval is at most ± ``precision`` Elo, or ``games`` were
    played, or ``seconds`` have passed; but at least ``least`` games.
    """

    precision: float = 35.0
    games: int = 800
    least: int = 96
    batch: int = 32
    seconds: float = float("inf")


#: A rating within ten minutes, the two judgements together.
QUICK: Final = LadderSettings(precision=75.0, games=200, least=72, batch=24, seconds=270.0)


@dataclass
class LadderReport:
    """A player's rating given those of the reference opponents, and the games it comes from.

    ``with_errors`` are the same ratings with the opponents' own errors in their intervals.
    """

    player: str
    opponents: Sequence[ReferenceOpponent]
    ratings: Ratings
    with_errors: Ratings
    results: list[GameResult] = field(default_factory=list)

    @property
    def elo(self) -> float:
        """The rating."""
        return float(self.ratings.elo[0])

    @property
    def interval(self) -> tuple[float, float]:
        """Ends of its 95 % interval, given the opponents' ratings."""
        return self.ratings.interval(0)

    @property
    def wide_interval(self) -> tuple[float, float]:
        """Ends of its 95 % interval with the opponents' own errors."""
        return self.with_errors.interval(0)

    @property
    def total(self) -> MatchReport:
        """All games in sum."""
        return MatchReport.of((self.player, "the reference opponents"), self.results)

    def by_opponent(self) -> list[tuple[ReferenceOpponent, MatchReport]]:
        """The games against each reference opponent that was met."""
        found = []
        for place, opponent in enumerate(self.opponents, 1):
            games = [game for game in self.results if game.fixture.players[1] == place]
            if games:
                found.append((opponent, MatchReport.of((self.player, opponent.name), games)))
        return found

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        (low, high), (lowest, highest) = self.interval, self.wide_interval
        total = self.total
        opponents = [
            {
                "rung": opponent.name,
                "rung_elo": opponent.elo,
                "rung_error": opponent.error,
                "games": report.games,
                "wins": report.wins,
                "draws": report.draws,
                "losses": report.losses,
                "score": round(report.estimate().score, 4),
            }
            for opponent, report in self.by_opponent()
        ]
        return {
            "player": self.player,
            "elo": round(self.elo, 1),
            "elo_low": round(low, 1),
            "elo_high": round(high, 1),
            "elo_low_with_rung_errors": round(lowest, 1),
            "elo_high_with_rung_errors": round(highest, 1),
            "games": len(self.results),
            "illegal_moves": total.illegal_moves[0],
            "failures": total.failures,
            "seconds_per_move": round(total.seconds_per_move[0], 5),
            "machine": machine_line(),
            "rungs": opponents,
        }

    def summary(self, *, reference_errors: bool = False) -> str:
        """Return the rating for people, several lines; with ``reference_errors`` the wide interval stands first."""
        narrow, wide = signed_interval(*self.interval), signed_interval(*self.wide_interval)
        lines = (
            [
                f"{self.player}: Elo {signed(self.elo)}, 95 % interval {wide}, the opponents' own errors included",
                f"  given the opponents' ratings: {narrow}",
            ]
            if reference_errors
            else [
                f"{self.player}: Elo {signed(self.elo)}, 95 % interval {narrow}, given the opponents' ratings",
                f"  those have errors of their own, which this leaves out; with them: {wide}",
            ]
        )
        for opponent, report in self.by_opponent():
            lines.append(
                f"  {opponent.name:30} {opponent.elo:+6.0f} ± {opponent.error:<4.0f} "
                f"{report.wins} won, {report.draws} drawn, {report.losses} lost"
            )
        lines.append(f"  {len(self.results)} games, {self.total.seconds_per_move[0]:.4f} s a move on {machine_line()}")
        return "\n".join([*lines, *(f"  {failure}" for failure in self.total.failures)])


class Ladder:
    """Rates one player. Use it in a ``with`` block; reference opponents are started when they are first met."""

    def __init__(self, spec: str, opponents: Sequence[ReferenceOpponent], *, seed: int = 0, name: str = "") -> None:
        """Raises ``PlayerError`` for a player that cannot be loaded or thinks by the clock, or without opponents."""
        if "movetime" in parse_spec(spec).options:
            raise PlayerError(
                f"player {spec!r}: a rating needs nodes or depth, a movetime is another one on each machine"
            )
        if not opponents:
            raise PlayerError("there is no reference opponent to play against")
        self.spec, self.opponents, self.name = spec, list(opponents), name or spec
        self._seed = seed
        self._stack = ExitStack()
        self._players: dict[int, Player] = {}
        self._player(0)

    @cached_property
    def match(self) -> str:
        """The words that tell this ladder's games from others'."""
        return match_fingerprint("ladder", self.spec, player_revision(self.spec), self._seed, self.opponents)

    def rate(
        self,
        settings: LadderSettings,
        file: GameFile,
        *,
        on_progress: Callable[[LadderReport], None] | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> LadderReport:
        """Play until the rating is good enough; the games that ``file`` holds of this ladder are not played again."""
        start = clock()
        # A ladder with other settings may have met another reference opponent in a round.
        finished = {tuple(record.tags.get(tag) for tag in _IDENTITY): record for record in file.games()}
        report = self._report([])
        while len(report.results) < settings.games:
            low, high = report.interval
            size = settings.batch if high - low < _VAGUE else _FIRST_GAMES
            fixtures = self._batch(report, min(size, settings.games - len(report.results)))
            results, missing = [], []
            for fixture in fixtures:
                record = finished.get((fixture.round, *self._sides(fixture)))
                if record is None:
                    missing.append(fixture)
                else:
                    results.append(read_result(record, fixture))
            self._play(missing, file, results.append)
            report = self._report(report.results + sorted(results, key=lambda result: result.fixture.number))
            if on_progress:
                on_progress(report)
            low, high = report.interval
            enough = len(report.results) >= settings.least and (high - low) / 2 <= settings.precision
            if enough or clock() - start > settings.seconds:
                break
        return report

    def _sides(self, fixture: Fixture) -> tuple[str, str]:
        """The names of Red and Black in a game."""
        opponent = self.opponents[fixture.players[1] - 1].name
        return (self.name, opponent) if fixture.first_color == RED else (opponent, self.name)

    def _report(self, results: list[GameResult]) -> LadderReport:
        anchors = {place: opponent.elo for place, opponent in enumerate(self.opponents, 1)}
        errors = {place: opponent.error for place, opponent in enumerate(self.opponents, 1)}
        players = len(self.opponents) + 1
        return LadderReport(
            self.name,
            self.opponents,
            fit_ratings(players, results, anchors),
            fit_ratings(players, results, anchors, anchor_errors=errors),
            results,
        )

    def _batch(self, report: LadderReport, games: int) -> list[Fixture]:
        """The next games: against the reference opponent that now says most about the player's rating."""
        played = {opponent.name: match.games for opponent, match in report.by_opponent()}

        def worth(opponent: ReferenceOpponent) -> float:
            expected = score_from_elo(report.elo - opponent.elo)
            return expected * (1 - expected) / (1 + played.get(opponent.name, 0) / _GAMES_THAT_TIRE)

        place = 1 + max(range(len(self.opponents)), key=lambda i: worth(self.opponents[i]))
        first = (len(report.results) + 1) // 2
        pairs = (games + 1) // 2
        openings = draw_openings(first + pairs, self._seed, random_plies=_RANDOM_PLIES)[first:]
        return [
            Fixture(2 * (first + i) + leg + 1, first + i, (0, place), (RED, BLACK)[leg], opening)
            for i, opening in enumerate(openings)
            for leg in range(2)
        ]

    def _play(self, fixtures: list[Fixture], file: GameFile, on_result: Callable[[GameResult], None]) -> None:
        if not fixtures:
            return
        place = fixtures[0].players[1]
        names = [self.name, *(opponent.name for opponent in self.opponents)]
        date = datetime.date.today().strftime("%Y.%m.%d")

        def finished(game: MatchGame) -> None:
            pair = (self.name, names[place])
            file.add(match_record(game, pair, event="xiangqi-gpt ladder", date=date, match=self.match))
            on_result(game.result())

        players = [self._player(0)] * len(names)  # those that are not asked in these games may be anyone
        players[place] = self._player(place)
        play_games(players, iter(fixtures), GameRules(), names=names, concurrency=CONCURRENCY, on_game=finished)

    def _player(self, place: int) -> Player:
        if place not in self._players:
            spec = self.opponents[place - 1].spec if place else self.spec
            player = self._stack.enter_context(closing(load_player(spec, seed=self._seed + place)))
            self._players[place] = player
        return self._players[place]

    def __enter__(self) -> Ladder:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()


def illegal_loses(spec: str) -> str | None:
    """The same player without the rules' mask on its moves, None for one that is the same with and without."""
    parsed = parse_spec(spec)
    settled = {"masked", "level", *MASKED_OPTIONS}
    bare = parsed.name in ("gpt", "default") and not settled & parsed.options.keys()
    return f"{spec},masked=no" if bare else None
