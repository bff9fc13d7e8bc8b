"""The settings of making a model smaller, beside those of its training. Each field's text is its option's help."""

from __future__ import annotations

from dataclasses import dataclass

from ..config import option


@dataclass(frozen=True)
class Compression:
    """What to compress, and how."""

    teacher: str = option("default", "the model to make smaller: a folder, or the name of a shipped model")
    method: str = option(
        "distil", "learn the teacher's distributions, or replace its blocks one by one", choices=("distil", "theseus")
    )
    layers: int = option(0, "blocks of a student with its teacher's width (default: the shape of --preset)")
    soft: float = option(0.7, "distil: weight of what the teacher says; the rest is that of the games")
