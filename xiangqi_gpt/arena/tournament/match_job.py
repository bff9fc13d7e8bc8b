"""A match as plain data, so that this process, another one or another machine can play games of it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from xiangqi_gpt.players import Player, load_player
from xiangqi_gpt.players.external import PROTOCOLS
from xiangqi_gpt.players.spec import parse_spec
from xiangqi_gpt.records import Game

from ..match.game_file import match_record
from ..match.match import CONCURRENCY, GameRules, play_games
from ..match.result import GameResult, MatchGame
from ..match.schedule import Fixture

if TYPE_CHECKING:
    from xiangqi_gpt.players.gpt import Evaluators


@dataclass(frozen=True)
class MatchJob:
    """Who plays how.

    ``specs`` and ``names`` of the players by place, ``referee`` the spec of the one whose scores adjudicate ("" for
    none), ``seed`` of the players' random choices, ``date`` for the records, ``match`` the words that tell this match
    from others, ``concurrency`` how many games are in play at once over all workers.
    """

    specs: tuple[str, ...]
    rules: GameRules
    referee: str = ""
    seed: int = 0
    date: str = "????.??.??"
    match: str = ""
    concurrency: int = CONCURRENCY

    @property
    def names(self) -> tuple[str, ...]:
        """The specs, with a number behind one that is there more than once."""
        seen: dict[str, int] = {}
        names = []
        for spec in self.specs:
            seen[spec] = seen.get(spec, 0) + 1
            names.append(spec if seen[spec] == 1 else f"{spec} ({seen[spec]})")
        return tuple(names)

    def play(
        self,
        fixtures: Iterator[Fixture],
        on_game: Callable[[Game, GameResult], None],
        on_round: Callable[[int], None] | None = None,
        *,
        worker: int = 0,
        workers: int = 1,
        done: int = 0,
    ) -> None:
        """Load the players and play; ``on_round`` as in ``play_games``.

        ``worker`` of ``workers`` and the number of games ``done`` before go into the seeds, so that a random player
        plays anew everywhere. Raises ``PlayerError`` when a player cannot be loaded.
        """
        names = self.names

        def finished(game: MatchGame) -> None:
            first, second = game.fixture.players
            record = match_record(
                game, (names[first], names[second]), event="xiangqi-gpt match", date=self.date, match=self.match
            )
            on_game(record, game.result())

        with ExitStack() as stack:
            specs = (*self.specs, self.referee) if self.referee else self.specs
            players: list[Player] = []
            readers: Evaluators = {}
            for place, spec in enumerate(specs):
                on_clock = self.rules.control is not None and place < len(names)
                seed = _seed(len(self.specs) * self.seed + place, worker, done)
                player = load_player(_shared(spec, workers), seed=seed, on_clock=on_clock, evaluators=readers)
                stack.enter_context(closing(player))
                player.name = (*names, spec)[place]
                players.append(player)
            play_games(
                players[: len(names)],
                fixtures,
                self.rules,
                names=names,
                referee=players[-1] if self.referee else None,
                concurrency=max(1, self.concurrency // workers),
                on_game=finished,
                on_round=on_round,
            )


def match_fingerprint(*parts: object) -> str:
    """A short word for all that decides how the games of a match go."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _seed(seed: int, worker: int, done: int) -> int:
    if not worker and not done:
        return seed
    return int(np.random.SeedSequence([seed, worker, done]).generate_state(1)[0])


def _shared(spec: str, workers: int) -> str:
    """An engine's spec with its share of the cores, unless it says how many processes it may have."""
    parsed = parse_spec(spec)
    if workers == 1 or parsed.name not in PROTOCOLS or "processes" in parsed.options:
        return spec
    return f"{spec},processes={max(1, (os.cpu_count() or 1) // workers)}"
