"""A UCI engine that plays the first or the last legal move, as its argument says: the same position, the same move.

Its score in centipawns is the number of legal moves.
"""

import sys

from xiangqi_gpt.rules import Board, Move

WHICH = 0 if sys.argv[1] == "first" else -1
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
        legal = list(board.legal_moves)
        print(f"info depth 1 score cp {len(legal)} pv {legal[WHICH]}", flush=True)
        print(f"bestmove {legal[WHICH]}", flush=True)
    elif words[:1] == ["quit"]:
        break
