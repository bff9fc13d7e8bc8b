"""Which version this is, and which commit it was made from."""

from __future__ import annotations

import json
import subprocess
from importlib import metadata, resources
from pathlib import Path
from typing import Final

from xiangqi_gpt import __version__

#: Letters of a commit's name that are shown.
_SHOWN: Final = 9
_SECONDS: Final = 5.0  #: for git to answer


def version_line() -> str:
    """Return ``xiangqi-gpt 0.2.0 (commit)``; a checkout with changes of its own has ``+`` after the commit."""
    commit = _built_from() or _installed_from() or _checked_out()
    return f"xiangqi-gpt {__version__}" + (f" ({commit})" if commit else "")


def _built_from() -> str:
    """What a release was built from: it brings a file that says so."""
    file = resources.files("xiangqi_gpt").joinpath("commit.txt")
    return file.read_text("utf-8").strip() if file.is_file() else ""


def _installed_from() -> str:
    """What ``pip install git+https://...`` fetched."""
    try:
        text = metadata.distribution("xiangqi-gpt").read_text("direct_url.json")
        commit = json.loads(text or "{}").get("vcs_info", {}).get("commit_id", "")
    except (metadata.PackageNotFoundError, ValueError, AttributeError):
        return ""
    return str(commit)[:_SHOWN]


def _checked_out() -> str:
    """The commit of the checkout that this runs from."""
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return ""
    command = ["git", "-C", str(root), "describe", "--always", "--dirty=+", f"--abbrev={_SHOWN}", "--exclude=*"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.SubprocessError):  # no git
        return ""
    return said.stdout.strip() if said.returncode == 0 else ""
