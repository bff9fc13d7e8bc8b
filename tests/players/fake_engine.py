"""A UCI engine that behaves as its first argument says; with a second one it logs what it hears to that file."""

import os
import subprocess
import sys
import time
from pathlib import Path

BEHAVIOUR = sys.argv[1]
LOG = Path(sys.argv[2]) if len(sys.argv) > 2 else None


def log(text):
    if LOG:
        with LOG.open("a") as file:
            file.write(text + "\n")


def say(text):
    print(text, flush=True)


def go():
    if BEHAVIOUR == "mute":
        time.sleep(3600)
    elif BEHAVIOUR in ("thinks", "deaf"):
        return  # until it is told to stop
    elif BEHAVIOUR == "dies" or (BEHAVIOUR == "dies-once" and LOG.read_text().count("pid") == 1):
        sys.exit(3)
    elif BEHAVIOUR == "dies-in-a-line":
        sys.stdout.write("info depth 3 nodes 9 score cp 12 pv h2e2 h9")
        sys.stdout.flush()
        sys.exit(3)
    elif BEHAVIOUR == "late-once" and LOG.read_text().count("pid") == 1:
        time.sleep(3)
        say("bestmove b2e2")
    elif BEHAVIOUR == "dawdles":
        time.sleep(3)
        say("bestmove h2e2")
    elif BEHAVIOUR == "chatty":
        say("info depth 1 nodes 1 score cp 1 pv b2e2\n" * 20_000 + "bestmove h2e2\n" + "info string bye\n" * 20_000)
    elif BEHAVIOUR == "one-move":
        say("bestmove h2e2")
        sys.exit(0)
    elif BEHAVIOUR == "rubbish":
        say("bestmove ♞♞♞")
    elif BEHAVIOUR == "flood":
        while True:
            say("info string " + "x" * 1000)
    elif BEHAVIOUR == "endless-line":
        while True:
            sys.stdout.write("x" * 1000)
    elif BEHAVIOUR == "illegal":
        say("bestmove a0a9")
    elif BEHAVIOUR == "impossible":
        say("bestmove a0b9")
    elif BEHAVIOUR == "no-move":
        say("bestmove (none)")
    elif BEHAVIOUR == "one-based":
        say("info depth 2 nodes 77 score cp 5 pv h3e3 h10g8 zzz")
        say("bestmove h3e3 ponder h10g8")
    elif BEHAVIOUR == "says":
        say(os.environ["SAYS"].replace("|", "\n"))
        say("bestmove h2e2")
    elif BEHAVIOUR == "answers-twice":
        say("bestmove h2e2")
        say("bestmove b2e2")
    else:
        say("bestmove h2e2")


log(f"pid {os.getpid()}")
if BEHAVIOUR == "with-child":
    log(f"pid {subprocess.Popen(['sleep', '600']).pid}")
if BEHAVIOUR == "silent":
    time.sleep(3600)
for line in sys.stdin:
    command = line.strip()
    log(command)
    if command == "uci":
        if BEHAVIOUR == "one-based":
            say("option name UCI_Variant type combo default chess var chess var xiangqi")
        if BEHAVIOUR == "chess":
            say("option name UCI_Variant type combo default chess var chess var crazyhouse")
        say("option name Hash type spin default 16 min 1 max 64")
        say("uciok")
    elif command == "isready":
        say("readyok")
    elif command.startswith("go"):
        go()
    elif command == "stop" and BEHAVIOUR == "thinks":
        say("bestmove h2e2")
    elif command == "quit" and BEHAVIOUR not in ("stubborn", "with-child"):
        break
if BEHAVIOUR in ("stubborn", "with-child"):
    time.sleep(600)
