"""What a model says of a position: the policy over its legal moves, and win, draw and loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from xiangqi_gpt.rules import MOVES, Move, Wdl, kernels

from .encoding import PositionFeatures, to_perspective
from .network import Floats, Integers, Network, softmax


class Preferences(Protocol):
    """What a model would choose among all moves, computed when somebody asks."""

    def unmasked(self) -> Move | None:
        """Return its own choice, legal or not; None where what it says is no move at all."""
        ...

    def illegal(self) -> tuple[Move, float] | None:
        """Return the illegal move wanted most and the probability of all illegal ones; None where it sees the board."""
        ...


@dataclass(frozen=True)
class Evaluation:
    """What the model says of a position: each legal move's probability, likeliest first, and win/draw/loss.

    Equal games share one evaluation: it is not to be changed.
    """

    policy: dict[Move, float]
    wdl: Wdl
    preferences: Preferences | None = field(default=None, repr=False, compare=False)

    @property
    def unmasked(self) -> Move | None:
        """Its own choice among all moves, legal or not; None where what it would say is no move at all."""
        return self.preferences.unmasked() if self.preferences else None

    @property
    def illegal(self) -> tuple[Move, float] | None:
        """The illegal move wanted most and the probability of all illegal ones; None where it sees the board."""
        return self.preferences.illegal() if self.preferences else None


@dataclass(frozen=True)
class _MovePreferences:
    """Of a model with one token a move. ``legal`` are its legal moves in the model's perspective, with their logits."""

    logits: Callable[[], Floats]  #: (2086,) of all moves
    legal: Integers
    legal_logits: Floats
    side: int
    has_features: bool

    def unmasked(self) -> Move | None:
        """See ``Preferences``: legal moves count with what their features add to them."""
        scores = self.logits()
        if self.has_features:
            scores = scores.copy()
            scores[self.legal] = self.legal_logits
        choice = to_perspective(np.array([scores.argmax()]), np.array([self.side]), self.has_features)
        return MOVES[int(choice[0])]

    def illegal(self) -> tuple[Move, float] | None:
        """See ``Preferences``."""
        if self.has_features:
            return None
        chances = softmax(self.logits())
        chances[self.legal] = 0.0
        return MOVES[int(chances.argmax())], float(chances.sum())


def evaluations(
    network: Network,
    hidden: Floats,
    sides: npt.NDArray[np.int8],
    candidates: Integers,
    feature_ids: Integers,
    *,
    unmasked: bool = False,
) -> list[Evaluation]:
    """Return what a network says after its hidden states (N, D), with ``sides`` (N,) to move.

    ``candidates`` (N, C) are the legal moves and ``feature_ids`` (N, C, F) their features (``legal_moves``). With
    ``unmasked`` the preferences of all are computed at once, in one product, rather than when they are asked for.
    """
    has_features = network.config.features != "none"
    logits = network.legal_logits(hidden, candidates, feature_ids)
    chances = softmax(logits)
    values = softmax(network.value_logits(hidden)).tolist()
    counts = (candidates >= 0).sum(axis=1).tolist()
    absolute = to_perspective(
        np.maximum(candidates, 0), np.broadcast_to(sides[:, None], candidates.shape), has_features
    )
    order = np.argsort(-chances, axis=1, kind="stable")
    rows = np.arange(len(order))[:, None]
    moves, sorted_chances = absolute[rows, order].tolist(), chances[rows, order].tolist()
    every = network.unmasked_logits(hidden) if unmasked else None
    found = []
    for i, count in enumerate(counts):
        policy = dict(zip([MOVES[k] for k in moves[i][:count]], sorted_chances[i][:count], strict=True))
        row = _lazy_logits(network, hidden[i]) if every is None else _known_logits(every[i])
        preferences = _MovePreferences(row, candidates[i, :count], logits[i, :count], int(sides[i]), has_features)
        found.append(Evaluation(policy, Wdl(*values[i]), preferences))
    return found


def _lazy_logits(network: Network, hidden: Floats) -> Callable[[], Floats]:
    state = hidden[None].copy()  # not the states of all the others
    return lambda: network.unmasked_logits(state)[0]


def _known_logits(row: Floats) -> Callable[[], Floats]:
    return lambda: row


def legal_moves(
    boards: npt.NDArray[np.int8], sides: npt.NDArray[np.int8], features: PositionFeatures | None
) -> tuple[Integers, Integers]:
    """Return the legal moves (N, C), -1 as padding, of N positions, and the features (N, C, F) of each.

    ``features`` are those of the positions, None for a moves-only model, for which F is 0. Moves are in the model's
    perspective.
    """
    if features is not None:
        return features.candidates, features.feature_ids
    legal = np.full((len(sides), kernels.MAX_MOVES), -1, np.int16)
    counts = [kernels.legal_indices(boards[i], sides[i], legal[i]) for i in range(len(sides))]
    for row, count in zip(legal, counts, strict=True):
        row[count:] = -1
    candidates = legal[:, : max(counts, default=0)].astype(np.int64)
    return candidates, np.zeros((*candidates.shape, 0), np.int64)
