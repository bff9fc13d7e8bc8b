"""The products of a model's layers with its four matrices: own kernels where they work, else numpy's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from .kernel_check import kernels_work
from .products import COLUMNS, DEPTH, add_product, pack, side_by_side
from .weights import Weights

Floats = npt.NDArray[np.float32]
Panels = tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16]]
Matrix = Literal["qkv", "out", "up", "down"]
#: ``add(matrix, layer, a, out)`` adds to ``out`` (N, columns) what the rows ``a`` make with a matrix of a layer.
AddProduct = Callable[[Matrix, int, Floats, Floats], None]

MATRICES: Final[tuple[Matrix, ...]] = ("qkv", "out", "up", "down")
_PANELS: Final[WeakKeyDictionary[Weights, tuple[Panels, ...]]] = WeakKeyDictionary()


def layer_panels(weights: Weights) -> tuple[Panels, ...]:
    """Return the stacks of ``MATRICES``, packed for ``products.add_product``; made once for some weights."""
    if weights not in _PANELS:
        _PANELS[weights] = side_by_side([pack(getattr(weights, name)) for name in MATRICES])
    return _PANELS[weights]


def layer_products(weights: Weights, *, own_kernels: bool = True) -> AddProduct:
    """Return how to multiply with the matrices of some weights; safe to call from several threads.

    With the kernels a row's result is the same to the last bit whatever rows stand beside it. Without ``own_kernels``,
    where they do not work, or where the width is no multiple of 16, numpy multiplies, and it may round otherwise.
    """
    if not (own_kernels and weights.config.width % COLUMNS == 0 and kernels_work()):
        return _by_numpy(weights)
    panels = dict(zip(MATRICES, layer_panels(weights), strict=True))

    def add(matrix: Matrix, layer: int, a: Floats, out: Floats) -> None:
        upper, lower = panels[matrix]
        add_product(a, 0, len(a), upper[layer], lower[layer], out, np.empty((DEPTH, COLUMNS), np.float32))

    return add


def _by_numpy(weights: Weights) -> AddProduct:
    # Products of 2 to 32 rows take up to half less time where the matrices lie as they are used.
    stacks = {name: np.ascontiguousarray(getattr(weights, name).transpose(0, 2, 1)) for name in MATRICES}

    def add(matrix: Matrix, layer: int, a: Floats, out: Floats) -> None:
        out += np.matmul(a, stacks[matrix][layer])

    return add
