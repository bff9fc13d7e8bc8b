"""Whether the kernels of this package compute what they should on this processor."""

from __future__ import annotations

import functools
import sys

import numpy as np

from . import products


@functools.cache
def kernels_work() -> bool:
    """Multiply and exponentiate some numbers; where that goes wrong, say so in one line on stderr and return False."""
    try:
        found = _worst_error()
        reason = "" if found < 1e-4 else f"they are wrong by {found:.1g}"
    except Exception as error:  # whatever a compiler or a processor may come up with: there is another way
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
    if reason:
        print(f"xiangqi-gpt: own kernels do not work here ({reason}); using numpy's products", file=sys.stderr)
    return not reason


def _worst_error() -> float:
    """The largest error of products of odd shapes, and the largest relative one of exponentials."""
    random = np.random.default_rng(0)
    worst = 0.0
    for rows, n, k, has_lower in ((1, 16, 2, True), (15, 40, 258, True), (3, 90, 258, False)):
        a, w = (random.standard_normal(shape).astype(np.float32) for shape in ((rows, k), (n, k)))
        if not has_lower:  # as stored in bfloat16
            w = (w.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)
        upper, lower = products.pack(w)
        out = np.ones((rows, len(upper) * products.COLUMNS), np.float32)
        products.add_product(a, 0, rows, upper, lower, out, np.empty((products.DEPTH, products.COLUMNS), np.float32))
        worst = max(worst, float(np.abs(out[:, :n] - 1 - a @ w.T).max()))
    x = np.linspace(-9, 9, 37, dtype=np.float32)
    found = x.copy()
    products.exponentiate(found, len(found), 1.0)
    return max(worst, float(np.abs(found / np.exp(x) - 1).max()))
