"""What a user can do wrong with a model that is whole."""

from __future__ import annotations

from xiangqi_gpt.rules.errors import XiangqiError


class UnsupportedGameError(XiangqiError):
    """A game that a model cannot follow: too long, or from a start position that it is not shown."""

    code = "game_unsupported"
