"""Games made by players for others to learn from, with the moves marked that nobody should imitate."""

from __future__ import annotations

from xiangqi_gpt.records import Game, Labels

from .game_file import match_record
from .result import MatchGame


def generated_record(game: MatchGame, players: tuple[str, str], *, date: str) -> Game:
    """A finished game as a record to learn from: ``labels`` tell the opening and the random plies from the rest.

    A PGN, which has no place for labels, carries the same marks as comments. ``Kind`` is ``self-play`` when both
    players are the same, else ``engine``.
    """
    record = match_record(game, players, event="xiangqi-gpt generate", date=date)
    record.tags["Round"] = str(game.number)  # no pairs here: each opening is played once
    record.labels = Labels(len(game.opening.moves), noise=tuple(game.noise))
    record.tags["Kind"] = "self-play" if players[0] == players[1] else "engine"
    for ply in game.noise:
        before = record.comments.get(ply + 1)
        record.comments[ply + 1] = f"random; {before}" if before else "random"
    return record
