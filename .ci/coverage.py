"""Prints the share of branches that the tests reach, by room, from the JSON report of coverage; fails below the goal.

usage: coverage.py REPORT.json; --files names the files below the goal too
"""

import json
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

GOAL = 0.90
ROOMS = ("rules", "records", "players", "arena")


def main() -> int:
    files = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["files"]
    below = 0
    for room in ROOMS:
        total: Counter[str] = Counter()
        shares = {}
        for name, report in files.items():
            parts = Path(name).parts
            if ("xiangqi_gpt", room) in pairwise(parts):
                counts = {key: report["summary"][key] for key in ("covered_branches", "num_branches")}
                total.update(counts)
                if counts["num_branches"]:
                    shares["/".join(parts[parts.index("xiangqi_gpt") + 2 :])] = (
                        counts["covered_branches"] / counts["num_branches"]
                    )
        share = total["covered_branches"] / max(total["num_branches"], 1)
        below += share < GOAL
        print(f"{room:8} {share:6.1%} of {total['num_branches']} branches")
        for name, part in sorted(shares.items(), key=lambda item: item[1]):
            if "--files" in sys.argv and part < GOAL:
                print(f"  {part:6.1%} {name}")
    return int(below > 0)


if __name__ == "__main__":
    sys.exit(main())
