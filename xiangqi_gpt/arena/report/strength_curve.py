"""Strength over training: the Elo of a run's checkpoints, kept in the run's card."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from xiangqi_gpt.files import atomic_write

from ..elo.signed import signed
from ..tournament.standings import Standings

_HEADING: Final = "## Strength over training"


def elo_by_step(standings: Standings, steps: list[int]) -> list[dict[str, float]]:
    """Rating of each checkpoint with its 95 % interval, the oldest first; ``steps`` are those of the first players."""
    rows = []
    for player, step in enumerate(steps):
        low, high = standings.ratings.interval(player)
        elo = float(standings.ratings.elo[player])
        rows.append({"step": step, "elo": round(elo, 1), "elo_low": round(low, 1), "elo_high": round(high, 1)})
    return rows


def write_curve(run: str | Path, standings: Standings, steps: list[int], command: str) -> Path:
    """Put the ratings into the run's ``card.md``, in place of older ones; ``command`` gives them again.

    Returns the file. Raises ``OSError`` when it cannot be written.
    """
    path = Path(run) / "card.md"
    card = path.read_text(encoding="utf-8") if path.is_file() else f"# {Path(run).name}\n"
    lines = [_HEADING, "", f"    {command}", "", "| Step | Elo | 95 % interval |", "|---:|---:|---|"]
    for row in elo_by_step(standings, steps):
        lines.append(
            f"| {row['step']:,} | {signed(row['elo'])} | {signed(row['elo_low'])} … {signed(row['elo_high'])} |"
        )
    lines += ["", f"{standings.games:,} games among them; the first one is the zero.", ""]
    section = "\n".join(lines)
    older = re.compile(rf"^{re.escape(_HEADING)}$.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    text = older.sub(lambda _: section, card) if older.search(card) else f"{card.rstrip()}\n\n{section}"
    with atomic_write(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
    return path
