"""Compares the rules with another implementation on ever new positions, in parts, and goes on where it was stopped.

    python tests/guards/compare_rules.py --positions 1e6 --state pyffish.json [--first-part 0] [--minutes 60]
    python tests/guards/compare_rules.py --positions 1e8 --state perft.json --engine fairy-stockfish

A part is 10,000 positions of random games from the start, and of random pieces on squares where they may stand, with
stacked pawns in some; it depends on its number alone, so that several machines can share the work by ``--first-part``.
pyffish is asked for the legal moves of every position, for check, and, where there is no move, for mate or stalemate:
some hundred positions a second. With ``--engine``, a UCI engine that knows ``go perft``, positions are the roots of
trees three plies deep and the numbers of moves are compared: ``--positions`` then counts the positions two plies on,
whose moves were counted, some hundred thousand a second. The state file counts what was compared and keeps every
difference; it holds for the rules it was begun with, and after a change of their code another one is needed. Prints a
line at most every ten seconds, and at the end the first twenty differences, squares as UCI writes them, with ranks from
1; exit status 1 if there is a difference.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "rules")]

import numpy as np
from random_games import random_game
from rules_helpers import random_placement, uci

from xiangqi_gpt.files import atomic_write
from xiangqi_gpt.machine import machine_line
from xiangqi_gpt.rules import MOVES, Board
from xiangqi_gpt.rules.perft import divide, perft

_VARIANT = "xiangqi"
_PART = 10_000
_DEPTH = 3
_UCI = [uci(move) for move in MOVES]
_EVERY = 10.0  # seconds between two lines
_MOST_SHOWN = 20
_RULES = TESTS.parent / "xiangqi_gpt" / "rules"


def rules_digest() -> str:
    """What tells the code of the rules from that of other versions."""
    texts = (path.read_bytes() for path in sorted(_RULES.glob("*.py")))
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:16]


def games(part: int) -> Iterator[Board]:
    """The games of a part, without end: every other one starts with random pieces, and is short."""
    chance, turn = np.random.default_rng([25, part]), 0
    while True:
        root = Board() if turn % 2 else random_placement(chance, pawns=bool(chance.integers(2)))
        yield random_game(chance, 160 if turn % 2 else 20, root)
        turn += 1


def line(game: Board) -> tuple[Board, list[Board]]:
    """The root of a game and all its positions."""
    moves, board = game.move_stack, game.copy()
    for _ in moves:
        board.pop()
    root = board.copy(stack=False)
    found = [root]
    for move in moves:
        board.push(move)
        found.append(board.copy(stack=False))
    return root, found


def compare_with_pyffish(part: int, differences: list[dict[str, str]]) -> int:
    """Compare the positions of a part, note what differs, and return how many they were."""
    import pyffish

    left = _PART
    for game in games(part):
        root, boards = line(game)
        texts = [_UCI[move.index] for move in game.move_stack]
        checks: list[bool | None] = [None] * len(boards)
        with contextlib.suppress(ValueError):  # a move of the game is illegal to it: one of these positions says which
            checks[1:] = [text.endswith(("+", "#")) for text in pyffish.get_san_moves(_VARIANT, root.fen(), texts)]
        for board, in_check in islice(zip(boards, checks, strict=True), left):
            fen = board.fen()
            ours = {_UCI[index] for index in board.legal_moves.indices.tolist()}
            theirs = set(pyffish.legal_moves(_VARIANT, fen, []))
            if in_check is None:
                in_check = pyffish.gives_check(_VARIANT, fen, [])
            wrong = ""
            if ours != theirs:
                wrong = f"moves: only ours {sorted(ours - theirs)}, only theirs {sorted(theirs - ours)}"
            elif board.is_check() != in_check:
                wrong = f"check: theirs {in_check}"
            elif not ours and board.is_stalemate() == in_check:
                wrong = f"without a move: stalemate is {board.is_stalemate()}, check theirs {in_check}"
            if wrong:
                differences.append({"fen": fen, "difference": wrong})
        left -= len(boards)
        if left <= 0:
            return _PART
    raise AssertionError("there is always another game")


class PerftEngine:
    """A UCI engine that counts the positions of a tree."""

    def __init__(self, program: str) -> None:
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._send(f"uci\nsetoption name UCI_Variant value {_VARIANT}\n")

    def _send(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(text)
        self._process.stdin.flush()

    def divide(self, fen: str, depth: int) -> dict[str, int]:
        """The number of positions below each move."""
        assert self._process.stdout is not None
        self._send(f"position fen {fen}\ngo perft {depth}\n")
        found = {}
        for text in self._process.stdout:
            move, _, count = text.strip().partition(": ")
            if move == "Nodes searched":
                return found
            if count.isdecimal():
                found[move] = int(count)
        raise SystemExit("the engine has ended")

    def close(self) -> None:
        """End it."""
        self._send("quit\n")
        self._process.wait()


def compare_with_engine(engine: PerftEngine, part: int, differences: list[dict[str, str]]) -> int:
    """Compare trees from some positions of a part; returns how many positions had their moves counted."""
    compared = 0
    for game in islice(games(part), 40):
        _, boards = line(game)
        for board in boards[:: max(1, len(boards) // 10)]:
            compared += perft(board, _DEPTH - 1)
            if found := first_difference(engine, board, _DEPTH):
                differences.append(found)
    return compared


def first_difference(engine: PerftEngine, board: Board, depth: int) -> dict[str, str] | None:
    """The first position of a tree whose legal moves differ; None where all numbers are equal."""
    theirs = engine.divide(board.fen(), depth)
    counts = divide(board, depth)
    ours = {_UCI[move.index]: count for move, count in counts.items()}
    if ours == theirs:
        return None
    if ours.keys() != theirs.keys():
        wrong = f"only ours {sorted(ours.keys() - theirs.keys())}, only theirs {sorted(theirs.keys() - ours.keys())}"
        return {"fen": board.fen(), "difference": f"moves: {wrong}"}
    move = next(move for move in counts if ours[_UCI[move.index]] != theirs[_UCI[move.index]])
    if depth > 1:
        after = board.copy(stack=False)
        after.push(move)
        if found := first_difference(engine, after, depth - 1):
            return found
    return {"fen": board.fen(), "difference": f"the number of positions after {_UCI[move.index]}"}


def main() -> int:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--positions",
        type=float,
        default=1e8,
        help="how many in all (default: 1e8), rounded up to whole parts: 10,000 for pyffish, some 500,000 by perft",
    )
    parser.add_argument(
        "--state", type=Path, default=Path("compare-rules.json"), help="its file (default: compare-rules.json, here)"
    )
    parser.add_argument("--engine", metavar="PROGRAM", help="compare perft with this engine, not moves with pyffish")
    parser.add_argument("--first-part", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so long")
    options = parser.parse_args()
    work: dict[str, Any] = {
        "first_part": options.first_part,
        "beside": options.engine or "pyffish",
        "rules": rules_digest(),
    }
    state = work | {"parts": 0, "positions": 0, "differences": []}
    if options.state.exists():
        state = json.loads(options.state.read_text(encoding="utf-8"))
        if state.get("rules") != work["rules"]:
            parser.error(f"{options.state} is of other rules: their code has changed; name a new file")
        if any(state[key] != value for key, value in work.items()):
            parser.error(f"{options.state} is of other work: {state['beside']}, --first-part {state['first_part']}")
        if state["positions"] >= options.positions:
            print(f"nothing compared: {options.state} has {state['positions']:,} positions already; raise --positions")
    compare: Callable[[int, list[dict[str, str]]], int] = compare_with_pyffish
    engine = PerftEngine(options.engine) if options.engine else None
    if engine:
        compare = partial(compare_with_engine, engine)
    print(machine_line())
    start, before, said = time.monotonic(), state["positions"], 0.0
    while state["positions"] < options.positions and time.monotonic() - start < 60 * options.minutes:
        state["positions"] += compare(options.first_part + state["parts"], state["differences"])
        state["parts"] += 1
        with atomic_write(options.state) as unfinished:
            unfinished.write_text(json.dumps(state, indent=1), encoding="utf-8")
        now = time.monotonic()
        if now - said > _EVERY or state["positions"] >= options.positions:
            said, speed = now, (state["positions"] - before) / (now - start)
            differences = len(state["differences"])
            print(f"{state['positions']:,} positions, {differences} differences, {speed:,.0f} a second", flush=True)
    if engine:
        engine.close()
    for found in state["differences"][:_MOST_SHOWN]:
        print(f"{found['fen']}: {found['difference']}")
    if (more := len(state["differences"]) - _MOST_SHOWN) > 0:
        print(f"{more:,} more in {options.state}")
    return min(1, len(state["differences"]))


if __name__ == "__main__":
    sys.exit(main())
