"""How what players do without is added to this installation: a checkout, a wheel or the single file."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

_CHECKOUT: Final = Path(__file__).parents[1]
#: What installs a program in an environment of its own, by the file that it leaves there.
_TOOLS: Final = {"pipx_metadata.json": "pipx install --force", "uv-receipt.toml": "uv tool install --force"}


def is_single_file() -> bool:
    """Return whether this runs from the single file, to which nothing can be added."""
    return "XIANGQI_GPT_FILE" in os.environ or hasattr(sys, "frozen")


def how_to_add(extra: str) -> str:
    """Return the command that adds an extra of ``pyproject.toml`` (``"train"``) here, or a sentence where none does."""
    if is_single_file():
        return "the single file has only what plays; install the wheel or a checkout for it"
    if (_CHECKOUT / "pyproject.toml").is_file():
        pip = r".venv\Scripts\pip" if os.name == "nt" else ".venv/bin/pip"
        return f'{pip} install -c constraints.txt -e ".[{extra}]"'
    tools = [tool for file, tool in _TOOLS.items() if Path(sys.prefix, file).is_file()]
    tool = tools[0] if tools else f"{_quoted(sys.executable)} -m pip install"
    source = _source()
    is_repository = "+" in source.partition("://")[0] and "://" in source
    return f"{tool} {_quoted(f'xiangqi-gpt[{extra}] @ {source}' if is_repository else f'{source}[{extra}]')}"


def _quoted(word: str) -> str:
    """Return a word as the shell of this system takes it for one."""
    return subprocess.list2cmdline([word]) if os.name == "nt" else shlex.quote(word)


def _source() -> str:
    """Return where the wheel or the repository is that this was installed from (PEP 610), else the wheel's name."""
    try:
        distribution = metadata.distribution("xiangqi-gpt")
        found = json.loads(distribution.read_text("direct_url.json") or "{}")
        url, repository = found.get("url", ""), found.get("vcs_info")
    except (metadata.PackageNotFoundError, ValueError, AttributeError):
        return "xiangqi-gpt.whl"
    if repository:
        revision = repository.get("requested_revision") or repository.get("commit_id", "")
        return f"{repository.get('vcs', 'git')}+{url}{'@' if revision else ''}{revision}"
    if url.startswith("file:"):
        path = unquote(urlsplit(url).path)
        return path[1:] if path[2:3] == ":" else path  # /C:/folder
    return url or f"xiangqi_gpt-{distribution.version}-py3-none-any.whl"
