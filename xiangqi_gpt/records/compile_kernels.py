"""Compile the kernels of the records now rather than at their first use."""

from __future__ import annotations

from xiangqi_gpt.rules import kernels
from xiangqi_gpt.rules.compile_kernels import kernels_of, make_ready

from .corpus import coordinates
from .formats import plain_moves
from .openings import position_keys
from .store import opening_hashes

_MODULES = (coordinates, opening_hashes, plain_moves, position_keys)


def compile_kernels() -> int:
    """Make the kernels ready that reading and checking records needs; returns how many had to be compiled."""
    wanted = [kernels.in_check, kernels.legal_indices, kernels.replay, kernels.replay_batch]
    return make_ready(wanted + [kernel for module in _MODULES for kernel in kernels_of(module.__name__)])
