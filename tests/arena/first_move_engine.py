"""A UCI engine that plays the first or the last legal move, as its argument says: the same position, the same move.

Its score in centipawns is the number of legal moves. Given a folder too, the first of its processes to come there
is slow, and another one kills the process that started it: once, at its fourth move.
"""

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

from xiangqi_gpt.rules import Board, Move

WHICH = 0 if sys.argv[1] == "first" else -1
FOLDER = Path(sys.argv[2]) if len(sys.argv) > 2 else None


def is_first(what):
    """Whether no process did this before."""
    with contextlib.suppress(FileExistsError):
        (FOLDER / what).touch(exist_ok=False)
        return True
    return False


is_slow = FOLDER is not None and is_first("slow")
moves_made = 0
board = Board()
for line in sys.stdin:
    words = line.split()
    if words[:1] == ["uci"]:
        print("uciok", flush=True)
    elif words[:1] == ["isready"]:
        print("readyok", flush=True)
    elif words[:1] == ["position"]:
        fen, _, moves = line.partition(" fen ")[2].partition(" moves ")
        board = Board(fen.strip(), lenient=True)
        for move in moves.split():
            board.push(Move.from_iccs(move))
    elif words[:1] == ["go"]:
        moves_made += 1
        if is_slow:
            time.sleep(0.2)
        elif FOLDER is not None and moves_made == 4 and is_first("killed"):
            os.kill(os.getppid(), signal.SIGKILL)
        legal = list(board.legal_moves)
        print(f"info depth 1 score cp {len(legal)} pv {legal[WHICH]}", flush=True)
        print(f"bestmove {legal[WHICH]}", flush=True)
    elif words[:1] == ["quit"]:
        break
