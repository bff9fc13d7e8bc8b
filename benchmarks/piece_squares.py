"""Fit what pieces are worth, by their squares and by what else is there, to an engine's scores, for reviews.

Positions are quiet ones of labelled games: nobody is in check and the engine's move captures nothing. A position's
worth is the sum over its pieces, less the opponent's, seen from the side to move and folded along the middle file,
and what horses, rooks, cannons and pawns are worth more for each advisor and elephant that the opponent has lost, for
each piece on the board and for being two. It is fitted to the scores after both went through one logistic, by
Gauss-Newton steps with a small ridge towards what the piece is worth anywhere.

Run: python benchmarks/piece_squares.py LABELS.parquet [--every 12]     (a minute)
Prints the tables of xiangqi_gpt/analysis/piece_square.py.
"""

from __future__ import annotations

import argparse

import duckdb
import numpy as np
import numpy.typing as npt

from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.rules import Board, Move

#: A side's pieces in the order of their codes.
NAMES = ("king", "advisor", "elephant", "horse", "rook", "cannon", "pawn")
KINDS = len(NAMES)
SQUARES = 50  # ten ranks, five files
SCALE = 100.0  # of the logistic, in the units of the labels: ElephantEye calls a rook some 230
RIDGE = 2.0
ROOK = 230  # what ElephantEye calls a rook; 900 here
MOVING = range(3, 7)  # horse, rook, cannon and pawn among the kinds
COMPANY = 4 * len(MOVING)
Floats = npt.NDArray[np.float64]


def features(board: Board) -> npt.NDArray[np.int8]:
    """(KINDS * SQUARES,): pieces of the side to move on its squares, less the opponent's on theirs."""
    found = np.zeros(KINDS * SQUARES, np.int8)
    for square in np.flatnonzero(board.squares):
        code = int(board.squares[square])
        color, kind = divmod(code - 1, 7)
        rank, file = divmod(int(square), 9)
        rank = 9 - rank if color else rank
        found[kind * SQUARES + 5 * rank + min(file, 8 - file)] += 1 if color == board.turn else -1
    return found


def company(board: Board) -> npt.NDArray[np.int16]:
    """(COMPANY,): the same for what else there is, in the order in which ``main`` prints it."""
    counts = np.bincount(board.squares, minlength=15)[1:].reshape(2, KINDS)
    found = np.zeros((4, len(MOVING)), np.int16)
    for color, own in enumerate(counts):
        sign = 1 if color == board.turn else -1
        advisors, elephants = 2 - counts[1 - color, 1:3]
        moving = own[list(MOVING)]
        found[0] += sign * advisors * moving
        found[1] += sign * elephants * moving
        found[2] += sign * counts[:, 3:6].sum() * moving
        found[3, :3] += sign * (moving[:3] >= 2)
    return found.ravel()


def positions(labels: str, every: int) -> tuple[npt.NDArray[np.int16], Floats]:
    """Features, ``company`` last, and scores of every so-many-th quiet position."""
    rows = duckdb.sql(
        "select moves, cp, noise, k from read_parquet($path) order by moves", params={"path": labels}
    ).fetchall()
    found, scores, count = [], [], 0
    for text, cp, noise, first in rows:
        board, random = Board(), set(noise or ())
        for ply, move in enumerate(map(Move.from_uci, text.split())):
            count += 1
            is_wanted = ply >= max(first, 8) and ply - first < len(cp) and ply not in random and count % every == 0
            is_quiet = is_wanted and not board.squares[move.to_square] and not board.is_check()
            if is_quiet and abs(cp[ply - first]) < 3000:
                found.append(np.concatenate([features(board), company(board)]))
                scores.append(cp[ply - first])
            board.push(move)
    return np.array(found), np.array(scores, float)


def logistic(x: Floats) -> Floats:
    """Of centipawns."""
    return 1 / (1 + np.exp(-x / SCALE))


def fit(x: npt.NDArray[np.int16], scores: Floats, steps: int = 8) -> Floats:
    """Worth of each piece on each square, by its company, and last that of being to move."""
    start = np.repeat(np.array([0, 35, 35, 120, 300, 130, 40], float), SQUARES)
    worth = np.append(start, np.zeros(COMPANY + 1))
    columns = np.hstack([x, np.ones((len(x), 1), np.int16)]).astype(np.float32)
    for _ in range(steps):
        guess = logistic(columns @ worth)
        slope = (guess * (1 - guess) / SCALE).astype(np.float32)
        weighed = columns * slope[:, None]
        kinds = np.zeros(len(worth))
        kinds[: KINDS * SQUARES] = np.repeat(worth[: KINDS * SQUARES].reshape(KINDS, SQUARES).mean(1), SQUARES)
        kinds[-1] = worth[-1]
        ridge = RIDGE / SCALE**2
        normal = (weighed.T @ weighed).astype(float) + ridge * np.eye(len(worth))
        pull = weighed.T @ (logistic(scores) - guess) + ridge * (kinds - worth)
        worth = worth + np.linalg.solve(normal, pull)
        print(f"error {np.sqrt(np.mean((logistic(scores) - logistic(columns @ worth)) ** 2)):.4f}")
    return worth


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels")
    parser.add_argument("--every", type=int, default=12)
    options = parser.parse_args()
    print(machine_line())
    x, scores = positions(options.labels, options.every)
    print(f"{len(x):,} positions")
    worth = fit(x, scores)
    counts = np.abs(x[:, : KINDS * SQUARES]).sum(0, dtype=np.int64).reshape(KINDS, 10, 5)
    table = worth[: KINDS * SQUARES].reshape(KINDS, 10, 5)
    scale = 900 / ROOK
    for name, ranks, seen in zip(NAMES, table, counts, strict=True):
        print(f"    (  # {name}, from its own back rank on, from the edge to the middle file")
        for row, here in zip(ranks, seen, strict=True):
            print(
                f"        ({', '.join(str(round(scale * v)) if n else '0' for v, n in zip(row, here, strict=True))}),"
            )
        print("    ),")
    by_company = scale * worth[KINDS * SQUARES : -1].reshape(4, len(MOVING))
    for name, row in zip(("BY_LOST_ADVISOR", "BY_LOST_ELEPHANT", "BY_PIECES", "FOR_TWO"), by_company, strict=True):
        print(f"{name}: horse, rook, cannon, pawn {', '.join(str(round(v)) for v in row)}")


if __name__ == "__main__":
    main()
