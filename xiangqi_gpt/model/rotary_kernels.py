"""Kernels that normalise queries and keys and turn them by their rotary angles, for training on a processor.

Shapes: N tokens, H heads, S numbers a head; ``cos`` and ``sin`` (N, S / 2). The norm takes the mean out, without gain.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from xiangqi_gpt.rules.jit import FLOAT_TABLE, FLOATS_3D, FLOATS_4D, INT, jit_sums

_EPSILON: Final = np.float32(1e-5)  # of a norm, as in PyTorch


@jit_sums(FLOATS_4D, FLOAT_TABLE, FLOAT_TABLE, FLOATS_4D, FLOATS_3D, INT, INT)
def normalize_and_rotate(qkv, cos, sin, turned, scale, first, end):
    """Write queries and keys of the tokens from ``first`` to ``end``, out of ``qkv`` (N, 3, H, S).

    ``turned`` (2, H, N, S) receives them, ``scale`` (N, 2, H) what each was multiplied with.
    """
    heads, size = qkv.shape[2], qkv.shape[3]
    half = size // 2
    count = np.float32(size)
    for n in range(first, end):
        for part in range(2):
            for h in range(heads):
                x, y = qkv[n, part, h], turned[part, h, n]
                total = np.float32(0)
                for i in range(size):
                    total += x[i]
                mean = total / count
                square = np.float32(0)
                for i in range(size):
                    square += (x[i] - mean) * (x[i] - mean)
                factor = np.float32(1) / np.sqrt(square / count + _EPSILON)
                scale[n, part, h] = factor
                for i in range(half):
                    a, b = (x[i] - mean) * factor, (x[i + half] - mean) * factor
                    y[i] = a * cos[n, i] - b * sin[n, i]
                    y[i + half] = b * cos[n, i] + a * sin[n, i]


@jit_sums(FLOATS_4D, FLOATS_4D, FLOATS_3D, FLOAT_TABLE, FLOAT_TABLE, FLOATS_4D, INT, INT)
def normalize_and_rotate_backward(turned, dturned, scale, cos, sin, dqkv, first, end):
    """Write the gradient of queries and keys into ``dqkv`` (N, 3, H, S), from that of ``turned`` (2, H, N, S)."""
    heads, size = turned.shape[1], turned.shape[3]
    half = size // 2
    count = np.float32(size)
    normed, dnormed = np.empty(size, np.float32), np.empty(size, np.float32)
    for n in range(first, end):
        for part in range(2):
            for h in range(heads):
                y, dy, dx = turned[part, h, n], dturned[part, h, n], dqkv[n, part, h]
                for i in range(half):
                    c, s = cos[n, i], sin[n, i]
                    normed[i], normed[i + half] = y[i] * c + y[i + half] * s, y[i + half] * c - y[i] * s
                    dnormed[i], dnormed[i + half] = dy[i] * c + dy[i + half] * s, dy[i + half] * c - dy[i] * s
                total = np.float32(0)
                product = np.float32(0)
                for i in range(size):
                    total += dnormed[i]
                    product += dnormed[i] * normed[i]
                mean, along = total / count, product / count
                factor = scale[n, part, h]
                for i in range(size):
                    dx[i] = (dnormed[i] - mean - normed[i] * along) * factor
