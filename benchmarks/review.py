"""How well reviews find mistakes, by a strong engine's word, the glance's figures beside the search's.

The games and the referee's word on them come from ``benchmarks/review_games.py``. Of the moves that lose 300 centipawns
and more, how many are called a mistake or a blunder; of those so called, how many lose less than 100. Book moves are
left out, and so are the move by which the rules ended a game that went on, and all after it; a score counts as 1,000
at most: who is that far ahead loses nothing that matters.

Games of even numbers of seed 1 are those by which constants were chosen; ``--half judging`` takes all others.

Run: python benchmarks/review.py KEPT.jsonl ... [--nodes 20] [--half tuning] [--games 30]     (about 10 s a game)
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from review_games import NODES, REFEREE, RefereedGame, read
from tqdm import tqdm

from xiangqi_gpt.analysis.glance import glance
from xiangqi_gpt.analysis.judges import make_judge
from xiangqi_gpt.analysis.move_analysis import MISTAKES, MoveAnalysis
from xiangqi_gpt.analysis.review import review_game
from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.players import load_player
from xiangqi_gpt.players.networks import load_network
from xiangqi_gpt.records import Game
from xiangqi_gpt.rules import Move

GRAVE, SLIGHT, DECIDED = 300, 100, 1_000


@dataclass
class Count:
    """Moves that were grave, those of them that were found, all that were marked, those of them that were slight."""

    grave: int = 0
    found: int = 0
    marked: int = 0
    slight: int = 0

    def take(self, game: RefereedGame, moves: Sequence[MoveAnalysis], *, capped: bool) -> None:
        """Count the moves of a game."""
        end = ended_by_rules(game)
        for move in moves:
            if move.is_book or move.ply >= end:
                continue
            lost, is_marked = loss(game, move.ply - 1, capped=capped), move.judgement in MISTAKES
            self.grave += lost >= GRAVE
            self.found += is_marked and lost >= GRAVE
            self.marked += is_marked
            self.slight += is_marked and lost < SLIGHT

    def row(self, name: str) -> str:
        """A line of the table."""
        return (
            f"{name:34}{self.found:>5} of {self.grave:<5}{_share(self.found, self.grave):>8}"
            f"{self.slight:>6} of {self.marked:<5}{_share(self.slight, self.marked):>8}"
        )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def ended_by_rules(game: RefereedGame) -> int:
    """The ply (from 1) after which the rules had ended a game that went on, else one beyond the last.

    From there on the referee says what the rules do of a position that is no game any more, so nothing is counted.
    """
    return next((ply for ply in range(1, len(game.moves)) if not game.best[ply]), len(game.moves) + 1)


def loss(game: RefereedGame, ply: int, *, capped: bool) -> int:
    """What the move of a ply lost by the referee's word, scores ``capped`` or as they are."""
    if game.moves[ply] == game.best[ply]:
        return 0
    before, after = game.cp[ply], -game.cp[ply + 1]
    if capped:
        before, after = (max(-DECIDED, min(DECIDED, score)) for score in (before, after))
    return max(0, before - after)


def is_tuning(game: RefereedGame) -> bool:
    """Whether constants were chosen by this game, so that it cannot judge them."""
    return game.seed == 1 and game.number % 2 == 0


def main() -> None:
    """Review the games and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kept", nargs="+")
    parser.add_argument("--nodes", type=int, default=20)
    parser.add_argument("--half", choices=("tuning", "judging", "all"), default="all")
    parser.add_argument("--games", type=int, default=30, help="of each kind")
    options = parser.parse_args()
    games = [game for kept in options.kept for game in read(kept) if game.number < options.games]
    if options.half != "all":
        games = [game for game in games if is_tuning(game) == (options.half == "tuning")]
    network = load_network("default")
    spec = f"search:default,threads={min(os.cpu_count() or 1, 4)},megabytes=512"
    counts = {(way, capped): Count() for way in ("glance", "search") for capped in (True, False)}
    seconds: dict[str, list[float]] = {"glance": [], "search": []}
    with closing(load_player(spec, seed=0)) as player:
        judge = make_judge(player)
        for game in tqdm(games, unit="game"):
            record = Game(moves=[Move.from_uci(text) for text in game.moves])
            start = time.process_time()
            found = {"glance": list(glance(network, record))}
            seconds["glance"].append(time.process_time() - start)
            start = time.process_time()
            found["search"] = review_game(network, record, judge, nodes=options.nodes).moves
            seconds["search"].append(80 * (time.process_time() - start) / len(game.moves))
            for (way, capped), count in counts.items():
                count.take(game, found[way], capped=capped)
    kinds = ", ".join(f"{sum(game.kind == kind for game in games)} {kind}" for kind in ("online", "master", "levels"))
    print(machine_line())
    print(f"{len(games)} games ({kinds}), half: {options.half}; referee {REFEREE}, {NODES:,} nodes a move")
    print(f"{'':34}{f'lost {GRAVE}+, marked':>22}{f'marked, lost under {SLIGHT}':>24}")
    for (way, capped), count in counts.items():
        print(count.row(f"{way}, scores {f'up to {DECIDED}' if capped else 'as they are'}"))
    print(
        f"processor seconds: glance {statistics.median(seconds['glance']):.2f} a game; "
        f"search of {options.nodes} nodes {statistics.median(seconds['search']):.1f} for 80 plies"
    )


if __name__ == "__main__":
    main()
