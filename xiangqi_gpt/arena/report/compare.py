"""Two reports side by side: what changed between two matches or two ladders, and whether that is more than chance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Any, Final

from xiangqi_gpt.files import parse_json
from xiangqi_gpt.rules import XiangqiError

from ..elo.signed import signed, signed_interval
from ..elo.statistics import Z95


class ReportError(XiangqiError):
    """A report that cannot be read, or two that have nothing in common."""


@dataclass(frozen=True)
class Change:
    """The rating of a player in both reports (Elo), its difference with the 95 % interval, and the chance it rose."""

    player: str
    before: float
    after: float
    low: float
    high: float
    likelihood: float

    @property
    def difference(self) -> float:
        """Elo gained."""
        return self.after - self.before

    def __str__(self) -> str:
        return (
            f"{self.player}: Elo {signed_interval(self.before, self.after)}, {signed(self.difference)} "
            f"(95 % interval {signed_interval(self.low, self.high)}), better with {self.likelihood:.1%}"
        )


def read_report(path: str | Path) -> dict[str, Any]:
    """What ``match --json`` or ``ladder --json`` printed into a file. Raises ``ReportError``."""
    try:
        report = parse_json(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ReportError(f"{path}: {error.strerror or error}") from None
    except ValueError as error:
        raise ReportError(f"{path} is no JSON: {error}") from None
    if not isinstance(report, dict) or not all(isinstance(report.get(key), int | float) for key in _NEEDED):
        raise ReportError(f"{path} is no report of a match or a ladder: it has no {', '.join(_NEEDED)}")
    return report


_NEEDED: Final = ("games", "elo", "elo_low", "elo_high")


def compare_reports(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """The changes of the players that both reports rate.

    Reports of many players are compared name by name, with the same anchor; others by the first player, whoever that
    is. The two are taken as independent. Raises ``ReportError`` when no player is in both.
    """
    if "standings" in before and "standings" in after:
        old = {row["player"]: row for row in before["standings"]}
        changes = [
            _change(row["player"], old[row["player"]], row) for row in after["standings"] if row["player"] in old
        ]
        if not changes:
            raise ReportError("no player is in both reports")
        return changes
    names = [report.get("player") or report.get("players", ["?"])[0] for report in (before, after)]
    return [_change(names[0] if names[0] == names[1] else " → ".join(names), before, after)]


def _change(name: str, before: dict[str, Any], after: dict[str, Any]) -> Change:
    errors = [(report["elo_high"] - report["elo_low"]) / 2 / Z95 for report in (before, after)]
    error = math.hypot(*errors)
    difference = after["elo"] - before["elo"]
    likelihood = NormalDist().cdf(difference / error) if error else 0.5
    half = Z95 * error
    return Change(name, before["elo"], after["elo"], difference - half, difference + half, likelihood)


def comparison_table(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Other numbers that both reports have: (name, before, after)."""
    return [(key, before[key], after[key]) for key in _OTHERS if None not in (before.get(key), after.get(key))]


_OTHERS: Final = ("games", "score", "elo_illegal_loses", "illegal_moves", "plies_per_second", "seconds_per_move")
