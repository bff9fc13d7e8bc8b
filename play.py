"""The same as ``xiangqi-gpt play``: play against the model, from a checkout."""

import importlib.util
import sys

if __name__ == "__main__":
    if importlib.util.find_spec("xiangqi_gpt.gui") is None or importlib.util.find_spec("numpy") is None:
        print("play.py: not set up for this Python: see README.md; later .venv/bin/python play.py", file=sys.stderr)
        raise SystemExit(2)
    from xiangqi_gpt.commands.main import main

    raise SystemExit(main(["play", *sys.argv[1:]]))
