"""A player's rating by both judgements: kept legal by the rules, and losing the game by an illegal move."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xiangqi_gpt.players.spec import check_player

from .game_file import GameFile
from .ladder import Ladder, LadderReport, LadderSettings, illegal_loses
from .rungs import RUNGS, Rung, installed


@dataclass
class Rating:
    """``masked`` is what the rules keep legal; ``unmasked`` loses by an illegal move, None where both are the same.

    ``missing`` are the rungs that are not on this machine.
    """

    masked: LadderReport
    unmasked: LadderReport | None
    missing: list[Rung]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON: flat keys, and the rungs."""
        other = self.unmasked or self.masked
        low, high = other.interval
        values = self.masked.as_dict()
        rungs = values.pop("rungs")
        return values | {
            "elo_illegal_loses": round(other.elo, 1),
            "elo_illegal_loses_low": round(low, 1),
            "elo_illegal_loses_high": round(high, 1),
            "games_illegal_loses": len(other.results),
            "illegal_moves": other.total.illegal_moves[0],
            "rungs": rungs,
            "missing": [{"rung": rung.name, "package": rung.package} for rung in self.missing],
        }

    def summary(self) -> str:
        """The rating for people, several lines."""
        lines = [self.masked.summary()]
        if self.unmasked:
            low, high = self.unmasked.interval
            lost = self.unmasked.total.illegal_moves[0]
            lines.append(
                f"  where an illegal move loses: Elo {self.unmasked.elo:+.0f} ({low:+.0f} to {high:+.0f}), "
                f"{lost} of {len(self.unmasked.results)} games lost by one"
            )
        lines += [f"  not on this machine: {rung.name} (Debian package {rung.package})" for rung in self.missing]
        return "\n".join(lines)


def rate_player(
    spec: str,
    settings: LadderSettings,
    *,
    pgn: str | Path = "ladder.pgn",
    seed: int = 0,
    force: bool = False,
    rungs: Sequence[Rung] = RUNGS,
    on_progress: Callable[[LadderReport], None] | None = None,
) -> Rating:
    """Rate a player on the rungs of this machine; the games go to ``pgn``, those without the rules' mask beside it.

    Raises ``PlayerError`` and what ``GameFile`` raises.
    """
    check_player(spec)
    here, missing = installed(rungs)
    unmasked = illegal_loses(spec)

    def climb(player: str, path: Path, name: str) -> LadderReport:
        with (
            Ladder(player, here, seed=seed, name=name) as ladder,
            GameFile.find(path, ladder.match, force=force) as file,
        ):
            try:
                return ladder.rate(settings, file, on_progress=on_progress)
            finally:
                file.discard_if_empty()

    path = Path(pgn)
    masked = climb(spec, path, spec)
    other = climb(unmasked, path.with_stem(f"{path.stem}-unmasked"), f"{spec} unmasked") if unmasked else None
    return Rating(masked, other, missing)
