"""``xiangqi-gpt records``: one file for each of its commands; ``command`` finds it."""

from .command import main

__all__ = ["main"]
