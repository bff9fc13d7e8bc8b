"""What a set of games consists of: results, kinds, lengths, years."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from .game import RESULTS, Game

_BAR: Final = 40  # characters of the longest bar in a histogram
_LENGTH_STEP: Final = 20


@dataclass
class Summary:
    """Counts over games; ``lengths`` by plies in steps of 20, ``decades`` by the first year of a decade."""

    games: int = 0
    plies: int = 0
    results: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    lengths: Counter[int] = field(default_factory=Counter)
    decades: Counter[int] = field(default_factory=Counter)
    openings: Counter[str] = field(default_factory=Counter)
    players: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    with_comments: int = 0
    with_variations: int = 0
    with_labels: int = 0
    other_starts: int = 0

    def as_dict(self, most: int = 10) -> dict[str, Any]:
        """Plain numbers for JSON; of openings and players the ``most`` frequent."""
        values: dict[str, Any] = dict(vars(self))
        for name in ("lengths", "decades"):
            values[name] = {str(key): count for key, count in sorted(values[name].items())}
        for name in ("openings", "players"):
            values[name] = dict(values[name].most_common(most))
        return values


def summarize(games: Iterable[Game]) -> Summary:
    """Count games; only the counts stay in memory."""
    summary = Summary()
    standard = Game().root
    for game in games:
        plies = len(game.moves)
        summary.games += 1
        summary.plies += plies
        summary.results[game.result if game.result in RESULTS else "*"] += 1
        summary.kinds[game.tags.get("Kind", "unknown")] += 1
        summary.lengths[plies // _LENGTH_STEP * _LENGTH_STEP] += 1
        if game.year is not None:
            summary.decades[game.year // 10 * 10] += 1
        if game.tags.get("ECCO"):
            summary.openings[game.tags["ECCO"]] += 1
        summary.players.update(game.tags[side] for side in ("Red", "Black") if game.tags.get(side))
        summary.flags.update(game.flags)
        summary.with_comments += bool(game.comments)
        summary.with_variations += bool(game.variations)
        summary.with_labels += game.labels is not None
        summary.other_starts += game.root != standard
    return summary


def format_summary(summary: Summary) -> str:
    """A table for people."""
    lines = [f"{summary.games:,} games, {summary.plies:,} plies"]
    lines.append("results    " + ", ".join(f"{text} {summary.results[text]:,}" for text in RESULTS))
    for name in ("kinds", "flags", "openings", "players"):
        common = getattr(summary, name).most_common(10)
        if common:
            lines.append(f"{name:<10} " + ", ".join(f"{text} {count:,}" for text, count in common))
    for name, count in (
        ("comments", summary.with_comments),
        ("variations", summary.with_variations),
        ("engine labels", summary.with_labels),
        ("another start position", summary.other_starts),
    ):
        if count:
            lines.append(f"with {name}: {count:,}")
    lines += _histogram("plies", {f"{key}-{key + _LENGTH_STEP - 1}": n for key, n in sorted(summary.lengths.items())})
    lines += _histogram("years", {f"{key}-{key + 9}": n for key, n in sorted(summary.decades.items())})
    return "\n".join(lines)


def _histogram(title: str, counts: dict[str, int]) -> list[str]:
    if not counts:
        return []
    most = max(counts.values())
    rows = [f"  {name:>9} {count:>9,} {'#' * round(_BAR * count / most)}" for name, count in counts.items()]
    return ["", title, *rows]
