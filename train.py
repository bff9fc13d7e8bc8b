"""The same as ``xiangqi-gpt train``: train a model, from a checkout."""

import importlib.util
import sys

if __name__ == "__main__":
    if importlib.util.find_spec("xiangqi_gpt.data") is None or importlib.util.find_spec("numpy") is None:
        print("train.py: not set up for this Python: see README.md; later .venv/bin/python train.py", file=sys.stderr)
        raise SystemExit(2)
    from xiangqi_gpt.commands.main import main

    raise SystemExit(main(["train", *sys.argv[1:]]))
