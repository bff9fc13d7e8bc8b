"""JSON that may come from anybody."""

from __future__ import annotations

import json
from typing import Any


def parse_json(text: str | bytes) -> Any:
    """Return the value of JSON text. Raises ``ValueError`` for anything else, great depth included.

    The parser of the standard library raises ``RecursionError`` there, which no reader expects.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("JSON of too great a depth") from None
