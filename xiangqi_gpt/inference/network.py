"""What evaluating a model takes, whoever computes it: numpy (``numpy_network``) or PyTorch (``model.torch_network``).

Letters in shapes: N plies, B games, C legal moves, L layers, D width, H heads, S = D / H.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from .config import GptConfig
from .encoding import PositionFeatures

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]


class Cache(Protocol):
    """Keys and values of games, a row a game."""

    def reserve(self, rows: int) -> None:
        """Have room for so many rows."""
        ...

    def copy(self, source: int, target: int, plies: int) -> None:
        """Let row ``target`` begin with the first ``plies`` plies of row ``source``."""
        ...

    def release(self, row: int) -> None:
        """Forget the game of a row."""
        ...

    def view(self, row: int, plies: int) -> Floats:
        """Return (L, 2, H, plies, S), the keys and values of a game's first plies; to be read only."""
        ...


@dataclass(frozen=True)
class Plies:
    """New plies of B games, one game after another: N in all.

    ``tokens`` (N,); game b lies in row ``rows[b]`` of the cache, keeps its first ``starts[b]`` plies there and goes
    on by ``lengths[b]``. ``features`` are the N positions after the plies, None for a moves-only model.
    """

    tokens: Integers
    rows: Integers
    starts: Integers
    lengths: Integers
    features: PositionFeatures | None


class Network(Protocol):
    """A model that can be evaluated. What it is given and returns is numpy's, float32 unless another type is named."""

    def __hash__(self) -> int: ...

    @property
    def config(self) -> GptConfig:
        """The shape of the model."""
        ...

    def new_cache(self) -> Cache:
        """Return an empty cache for this model's games."""
        ...

    def forward(self, plies: Plies, control: Integers, cache: Cache, layer: int | None = None) -> Floats:
        """Return the hidden states (N, D) of new plies, normalised; their keys and values go into the cache.

        ``control`` (2,) are the source and result tokens added to the first ply of a game. With ``layer`` the states
        are those after so many blocks (0 for what goes into the first), normalised too.
        """
        ...

    def forward_branches(
        self, tokens: Integers, features: PositionFeatures | None, cache: Cache, row: int, ends: Integers
    ) -> Floats:
        """Return the hidden states (A, D) of A plies that go on from one cached game, each for itself; nothing is kept.

        Ply a sees the first ``ends[a]`` plies (at least one) of the game and itself.
        """
        ...

    def legal_logits(self, hidden: Floats, candidates: Integers, feature_ids: Integers) -> Floats:
        """Return the logits (N, C) of legal moves, -inf where ``candidates`` (N, C) is -1.

        ``feature_ids`` (N, C, F) are the features of each, 0 for none; they count with features ``full`` only.
        """
        ...

    def unmasked_logits(self, hidden: Floats) -> Floats:
        """Return logits (N, 2086) for a choice among all moves that nothing but the model keeps legal.

        Features of legal moves are not in it; a legality head is, its log-odds lowered by ``legal_margin``.
        """
        ...

    def value_logits(self, hidden: Floats) -> Floats:
        """Return logits (N, 3) of win, draw and loss for the side to move."""
        ...


class CharacterNetwork(Network, Protocol):
    """A network that spells its moves: it is asked about whole games only."""

    def evaluate_characters(self, played: Sequence[int], moves: Sequence[int]) -> tuple[Floats, Floats]:
        """Return the log-probabilities (M,) of M moves after a game, and win, draw and loss (3,); moves as numbers."""
        ...

    def first_choice(self, played: Sequence[int]) -> int:
        """Return the move that the likeliest characters spell after a game; -1 for none."""
        ...


def softmax(logits: Floats) -> Floats:
    """Return the probabilities (..., K) of logits (..., K); zeros where all are -inf, as after the last move."""
    most = logits.max(axis=-1, keepdims=True, initial=-1e30)
    weights = np.exp(logits - most)
    # Added up one after the other: padding at the end, of which another batch has more, then changes no bit.
    total = weights.cumsum(axis=-1)[..., -1:]
    return np.asarray(weights / np.maximum(total, 1e-30), np.float32)
