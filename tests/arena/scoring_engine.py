"""A UCI engine that answers from a table and logs what it is asked.

Arguments: a JSON file with ``{position: [move, score]}``, a log file, and a word in whose positions it dies, every time
or (with a fourth argument) only the first.
"""

import json
import sys
from pathlib import Path

TABLE = json.loads(Path(sys.argv[1]).read_text())
LOG = Path(sys.argv[2])
REPEATED = (["h2e2", "cp 0"], ["h7e7", "cp 0"])  # where the moves of a repetition are told
DEADLY = sys.argv[3] if len(sys.argv) > 3 else None
fen = moves = ""
for line in sys.stdin:
    command = line.strip()
    if command == "uci":
        print("uciok", flush=True)
    elif command == "isready":
        print("readyok", flush=True)
    elif command == "ucinewgame":
        with LOG.open("a") as log:
            log.write("new game\n")
    elif command.startswith("position fen "):
        fen, _, moves = command.removeprefix("position fen ").partition(" moves ")
        known = LOG.read_text() if LOG.exists() else ""
        with LOG.open("a") as log:
            log.write(command + "\n")
        if DEADLY and DEADLY in fen and (len(sys.argv) < 5 or fen not in known):
            sys.exit(1)
    elif command.startswith("go"):
        move, score = TABLE[" ".join(fen.split()[:2])] if not moves else REPEATED[len(moves.split()) % 2]
        print(f"info depth 1 score {score} nodes 7 pv {move}", flush=True)
        print(f"bestmove {move}", flush=True)
    elif command == "quit":
        break
