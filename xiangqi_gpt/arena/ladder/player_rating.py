"""A player's rating by both judgements: kept legal by the rules, and losing the game by an illegal move."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xiangqi_gpt.files import is_special
from xiangqi_gpt.players.spec import check_player, has_position_features

from ..elo.signed import signed, signed_interval
from ..match.game_file import GameFile
from .ladder import Ladder, LadderReport, LadderSettings, illegal_loses
from .reference_opponents import REFERENCE_OPPONENTS, ReferenceOpponent, installed


@dataclass
class Rating:
    """``masked`` is what the rules keep legal; ``unmasked`` loses by an illegal move: the same where none is ever made.

    A model with input features was trained on legal moves only and its word on others means nothing: ``unmasked`` is
    None.
    ``missing`` are the reference opponents that are not on this machine.
    """

    masked: LadderReport
    unmasked: LadderReport | None
    missing: list[ReferenceOpponent]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON: flat keys, and the reference opponents."""
        values = self.masked.as_dict()
        opponents = values.pop("rungs")
        other = self.unmasked and self.unmasked.as_dict()
        return values | {
            "elo_illegal_loses": other and other["elo"],
            "elo_illegal_loses_low": other and other["elo_low"],
            "elo_illegal_loses_high": other and other["elo_high"],
            "games_illegal_loses": other and other["games"],
            "illegal_moves": (other or values)["illegal_moves"],
            "rungs": opponents,
            "missing": [{"rung": opponent.name, "package": opponent.package} for opponent in self.missing],
        }

    def summary(self, *, reference_errors: bool = False) -> str:
        """Return the rating for people, several lines; ``reference_errors`` as in ``LadderReport``."""
        lines = [self.masked.summary(reference_errors=reference_errors)]
        if self.unmasked is not None and self.unmasked is not self.masked:
            low, high = self.unmasked.wide_interval if reference_errors else self.unmasked.interval
            lost = self.unmasked.total.illegal_moves[0]
            lines.append(
                f"  where an illegal move loses: Elo {signed(self.unmasked.elo)} ({signed_interval(low, high)}), "
                f"{lost} of {len(self.unmasked.results)} games lost by one"
            )
        lines += [
            f"  not on this machine: {opponent.name} (Debian package {opponent.package})" for opponent in self.missing
        ]
        return "\n".join(lines)


def rate_player(
    spec: str,
    settings: LadderSettings,
    *,
    pgn: str | Path = "ladder.pgn",
    seed: int = 0,
    force: bool = False,
    opponents: Sequence[ReferenceOpponent] = REFERENCE_OPPONENTS,
    on_progress: Callable[[LadderReport], None] | None = None,
) -> Rating:
    """Rate a player by the opponents on this machine; the games go to ``pgn``, those without the rules' mask beside it.

    A special file (device, pipe, socket) gets all games.

    Raises ``PlayerError`` and what ``GameFile`` raises.
    """
    check_player(spec)
    here, missing = installed(opponents)
    bare = illegal_loses(spec)

    def climb(player: str, path: Path, name: str, shared: GameFile | None) -> LadderReport:
        with (
            Ladder(player, here, seed=seed, name=name) as ladder,
            nullcontext(shared) if shared else GameFile.find(path, ladder.match, force=force) as file,
        ):
            try:
                return ladder.rate(settings, file, on_progress=on_progress)
            finally:
                file.discard_if_empty()

    path = Path(pgn)
    with GameFile(path) if is_special(path) else nullcontext() as shared:  # opened once: a pipe ends when it is closed
        masked = climb(spec, path, spec, shared)
        unmasked: LadderReport | None = masked
        if bare is not None:
            beside, name = path.with_stem(f"{path.stem}-unmasked"), f"{spec} unmasked"
            unmasked = None if has_position_features(spec) else climb(bare, beside, name, shared)
    return Rating(masked, unmasked, missing)
