"""What one sees on standard error while a command works."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from xiangqi_gpt.progress_bar import ProgressBar

from .output import say, warn

if TYPE_CHECKING:
    from xiangqi_gpt.arena import Standings
    from xiangqi_gpt.arena.ladder.ladder import LadderReport


class MatchBar:
    """Games done, score, Elo with its interval, speed and the time left, on standard error. Use it in a ``with``."""

    def __init__(self, games: int) -> None:
        self._bar = ProgressBar(total=games, unit="game")
        self._latest: Standings | None = None

    def show(self, standings: Standings) -> None:
        """Show where the match stands; games that were there before it began do not count as its speed."""
        if self._latest is None:
            self._bar.initial = self._bar.n = standings.games
        self._latest = standings
        parts = [standings.progress()] if standings.games else []
        if standings.seconds:
            parts.append(f"{standings.plies / standings.seconds:,.0f} plies/s")
        self._bar.set_postfix_str(", ".join(part for part in parts if part), refresh=False)
        self._bar.update(standings.games - self._bar.n)

    def say_interrupted(self, path: Path) -> None:
        """Print the score so far."""
        if self._latest is not None and self._latest.games:
            self._bar.write(f"interrupted: {self._latest.summary()}\n  games in {path}", file=sys.stderr)

    def __enter__(self) -> MatchBar:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the last line."""
        self._bar.close()


class LadderLine:
    """A line on standard error after every batch of a ladder."""

    def show(self, report: LadderReport) -> None:
        """Say the rating so far."""
        from xiangqi_gpt.arena.elo.signed import signed, signed_interval

        low, high = report.interval
        text = f"{report.player}: {len(report.results)} games, Elo {signed(report.elo)} ({signed_interval(low, high)})"
        say(text, file=sys.stderr, flush=True)

    def say_interrupted(self) -> None:
        """Say that nothing is lost."""
        warn("\ninterrupted; the same command goes on from the games that are finished")
