"""The games that ``benchmarks/review.py`` measures reviews by, and what a strong engine says of their moves.

Games are drawn from a corpus by a seed, and played by the model's levels 7 to 10 against themselves. The referee, an
engine at fixed nodes, judges every position from the last to the first, so that its memory knows how a game went on
when it is asked whether it had to go so. A file keeps all of it, a line of JSON a game; what is there is not asked
again.

Run: python benchmarks/review_games.py CORPUS.parquet KEPT.jsonl [--seed 1]     (an hour; it can be stopped)
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Container, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
from tqdm import tqdm

from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.players import Decision, ExternalPlayer, SearchLimit, load_player
from xiangqi_gpt.rules import Board, Move

REFEREE = "fairy-stockfish"
NODES = 100_000
MATE = 10_000  # centipawns of a mate
LEVELS = (7, 8, 9, 10)
MOST_PLIES = 160


@dataclass
class RefereedGame:
    """A game and the referee's word on each of its positions: its move, and centipawns for the side to move.

    ``best`` is empty where the game is over.
    """

    kind: str
    seed: int
    number: int
    moves: list[str]
    best: list[str]
    cp: list[int]


def drawn(corpus: str, kind: str, seed: int, count: int) -> list[list[str]]:
    """Moves of games of a kind, drawn by a seed among those of 30 plies and more."""
    rows = duckdb.sql(
        "select moves from read_parquet($path) where kind = $kind and plies between 30 and 200"
        " and not coalesce(truncated, false) and not coalesce(prefix_of_other, false) order by moves",
        params={"path": corpus, "kind": kind},
    ).fetchall()
    return [row[0].split() for row in random.Random(seed).sample(rows, count)]


def played(seed: int, number: int) -> list[str]:
    """Moves of a game of a level against itself."""
    board, level = Board(), LEVELS[number % len(LEVELS)]
    with closing(load_player(f"gpt,level={level}", seed=1000 * seed + number)) as player:
        while not board.outcome() and len(board.move_stack) < MOST_PLIES:
            board.push(player.choose(board).move)
    return [move.iccs() for move in board.move_stack]


def all_games(corpus: str, seed: int, count: int, known: Container[tuple[str, int, int]]) -> Iterator[RefereedGame]:
    """The games of a seed that are not known, not judged yet: ``count`` of each kind, the kinds by turns."""
    online, master = drawn(corpus, "online", seed, count), drawn(corpus, "master", seed, count)
    for number in range(count):
        for kind in ("online", "master", "levels"):
            if (kind, seed, number) not in known:
                moves = {"online": online, "master": master}[kind][number] if kind != "levels" else played(seed, number)
                yield RefereedGame(kind, seed, number, moves, [], [])


def centipawns(decision: Decision) -> int:
    """A score with mates as so many centipawns."""
    score = decision.score
    assert score is not None
    if score.mate is not None:
        return MATE - abs(score.mate) if score.mate > 0 else abs(score.mate) - MATE
    return score.cp or 0


def judge(referee: ExternalPlayer, moves: list[str]) -> tuple[list[str], list[int]]:
    """The referee's move and score in every position, the last one included."""
    board = Board()
    for text in moves:
        board.push(Move.from_uci(text))
    best, cp, fresh = [""] * (len(moves) + 1), [0] * (len(moves) + 1), True
    for ply in range(len(moves), -1, -1):
        if outcome := board.outcome():
            win, _, loss = outcome.wdl(board.turn)
            cp[ply] = round(MATE * (win - loss))
        else:
            decision = referee.choose(board, fresh=fresh)
            best[ply], cp[ply], fresh = decision.move.iccs(), centipawns(decision), False
        if ply:
            board.pop()
    return best, cp


def read(path: str | Path) -> list[RefereedGame]:
    """The games that a file keeps."""
    lines = Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []
    return [RefereedGame(**json.loads(line)) for line in lines]


def main() -> None:
    """Judge what is not judged yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("kept")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--games", type=int, default=30, help="of each kind")
    options = parser.parse_args()
    print(machine_line())
    known = {(game.kind, game.seed, game.number) for game in read(options.kept)}
    with closing(ExternalPlayer("uci", REFEREE, SearchLimit(nodes=NODES), timeout=3600, processes=1)) as referee:
        for game in tqdm(all_games(options.corpus, options.seed, options.games, known), unit="game"):
            game.best, game.cp = judge(referee, game.moves)
            with Path(options.kept).open("a", encoding="utf-8") as kept:
                kept.write(json.dumps(asdict(game)) + "\n")


if __name__ == "__main__":
    main()
