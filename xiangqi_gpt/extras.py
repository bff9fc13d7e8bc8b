"""How what players do without is added to this installation: a checkout, a wheel or the single file."""

from __future__ import annotations

import json
import os
import shlex
import sys
from importlib import metadata
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

_CHECKOUT: Final = Path(__file__).parents[1]
#: What installs a program in an environment of its own, by the file that it leaves there.
_TOOLS: Final = {"pipx_metadata.json": "pipx install --force", "uv-receipt.toml": "uv tool install --force"}


def how_to_add(extra: str) -> str:
    """Return the command that adds an extra of ``pyproject.toml`` (``"train"``) here, or a sentence where none does."""
    if "XIANGQI_GPT_FILE" in os.environ or hasattr(sys, "frozen"):
        return "the single file has only what plays; install the wheel or a checkout for it"
    if (_CHECKOUT / "pyproject.toml").is_file():
        return f'.venv/bin/pip install -c constraints.txt -e ".[{extra}]"'
    tools = [tool for file, tool in _TOOLS.items() if Path(sys.prefix, file).is_file()]
    tool = tools[0] if tools else f"{shlex.quote(sys.executable)} -m pip install"
    return f"{tool} {shlex.quote(f'{_wheel()}[{extra}]')}"


def _wheel() -> str:
    """Where the wheel lay that this was installed from, else its name."""
    try:
        distribution = metadata.distribution("xiangqi-gpt")
        url = json.loads(distribution.read_text("direct_url.json") or "{}").get("url", "")
    except (metadata.PackageNotFoundError, ValueError, AttributeError):
        return "xiangqi-gpt.whl"
    if url.startswith("file:"):
        return url2pathname(urlsplit(url).path)
    return url or f"xiangqi_gpt-{distribution.version}-py3-none-any.whl"
