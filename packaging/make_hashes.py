"""Write ``packaging/hashes.txt``: python packaging/make_hashes.py.

What plays, pinned as in ``constraints.txt``, with the hashes of the wheels that pip chooses for each system and
version of Python below. ``docs/dependencies.md`` says how it is used. Asks PyPI, and downloads nothing but what pip
needs to know the dependencies.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PYTHONS: Final = ("3.11", "3.12", "3.13", "3.14")
#: Systems by the tags of their wheels, the newest first.
SYSTEMS: Final = {
    "Linux, x86-64": tuple(f"manylinux{version}_x86_64" for version in ("_2_28", "_2_27", "_2_17", "2014")),
    "macOS, Apple silicon": tuple(f"macosx_{version}_0_arm64" for version in (14, 13, 12, 11)),
}
HEADER: Final = """\
# What plays, with the hashes of its wheels, for Python {pythons} on {systems}.
# pip install --require-hashes -r packaging/hashes.txt && pip install --no-deps --no-build-isolation -e .
# Made by packaging/make_hashes.py from constraints.txt.
"""


def wanted() -> list[str]:
    """Return what ``pyproject.toml`` requires to play, and what builds the project."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return [*project["project"]["dependencies"], *project["build-system"]["requires"]]


def chosen(python: str, platforms: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    """Return the version and the SHA-256 of the wheel of each package, by name, as pip chooses them."""
    with tempfile.TemporaryDirectory() as target:
        command = [
            *(sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--dry-run"),
            *("--ignore-installed", "--report", "-", "--target", target, "--only-binary", ":all:"),
            *("--python-version", python, "-c", str(ROOT / "constraints.txt")),
            *(word for platform in platforms for word in ("--platform", platform)),
            *wanted(),
        ]
        # PyPI alone counts: a machine's own index or folder of wheels may hand out other files of the same version.
        kept = {key: value for key, value in os.environ.items() if key == "PIP_CERT" or not key.startswith("PIP_")}
        environment = {**kept, "PIP_CONFIG_FILE": os.devnull}
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
        report = json.loads(done.stdout)
    return {
        re.sub(r"[-_.]+", "-", item["metadata"]["name"]).lower(): (
            item["metadata"]["version"],
            item["download_info"]["archive_info"]["hashes"]["sha256"],
        )
        for item in report["install"]
    }


def main() -> None:
    """Ask pip for each system and version of Python, and write the file."""
    hashes: dict[str, set[str]] = defaultdict(set)
    for platforms in SYSTEMS.values():
        for python in PYTHONS:
            for name, (version, digest) in chosen(python, platforms).items():
                hashes[f"{name}=={version}"].add(digest)
    lines = [HEADER.format(pythons=f"{PYTHONS[0]} to {PYTHONS[-1]}", systems=" and ".join(SYSTEMS))]
    for pin in sorted(hashes):
        lines.append(" \\\n    ".join([pin, *(f"--hash=sha256:{digest}" for digest in sorted(hashes[pin]))]) + "\n")
    (ROOT / "packaging" / "hashes.txt").write_text("".join(lines), "utf-8")


if __name__ == "__main__":
    main()
