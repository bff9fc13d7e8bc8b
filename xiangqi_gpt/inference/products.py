"""Products of small matrices and exponentials for kernels: vectors of 16 floats, whatever the processor makes of them.

Everything is said to LLVM in vectors of 16 floats; it splits them into what the processor has (two registers with AVX2,
one with AVX-512, four with NEON). A row's sums are added up in the order of K whatever rows stand beside it, so that a
result does not depend on the size of a batch. Weights lie in *panels* of 16 columns: ``pack``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from xiangqi_gpt.rules.jit import FLOAT_TABLE, FLOATS, INT, jit, jit_part

from .kv_cache import lazy_zeros

Halves = npt.NDArray[np.uint16]

#: Columns of a panel.
COLUMNS: Final = 16
#: Rows of the sums that are kept in registers at once, and all that may be left at the end of a batch.
_ROWS: Final = (8, 7, 6, 5, 4, 3, 2, 1)
#: Rows of a panel that are made float32 at a time: 16 KB.
DEPTH: Final = 256
#: So few rows are multiplied with several panels at a time, what lies so many numbers ahead being asked for meanwhile.
_THIN: Final = 6
_ABREAST: Final = 4
_AHEAD: Final = 1024

UINT16_PANELS: Final = types.uint16[:, :, ::1]
FLOAT32: Final = types.float32

_FLOAT: Final = ir.FloatType()
_INT16: Final = ir.IntType(16)
_INT32: Final = ir.IntType(32)
_INT64: Final = ir.IntType(64)
_FLOATS16: Final = ir.VectorType(_FLOAT, COLUMNS)
_ALIGNED: Final = 4  # bytes: more is asked of no array


# --- vectors in LLVM's language


def _data(context: Any, builder: Any, array_type: Any, value: Any) -> tuple[Any, list[Any]]:
    """The address of an array's first number, and its shape."""
    array = context.make_array(array_type)(context, builder, value)
    return array.data, cgutils.unpack_tuple(builder, array.shape)


def _load_vector(builder: Any, pointer: Any, vector: ir.VectorType, align: int) -> Any:
    loaded = builder.load(builder.bitcast(pointer, vector.as_pointer()))
    loaded.align = align
    return loaded


def _store_vector(builder: Any, value: Any, pointer: Any) -> None:
    stored = builder.store(value, builder.bitcast(pointer, value.type.as_pointer()))
    stored.align = _ALIGNED


def _splat(builder: Any, scalar: Any) -> Any:
    undefined = ir.Constant(_FLOATS16, ir.Undefined)
    single = builder.insert_element(undefined, scalar, ir.Constant(_INT32, 0))
    return builder.shuffle_vector(single, undefined, ir.Constant(ir.VectorType(_INT32, COLUMNS), [0] * COLUMNS))


def _multiply_add(builder: Any, x: Any, y: Any, z: Any) -> Any:
    name, module = f"llvm.fmuladd.v{COLUMNS}f32", builder.module
    function = module.globals.get(name) or ir.Function(module, ir.FunctionType(_FLOATS16, [_FLOATS16] * 3), name=name)
    return builder.call(function, [x, y, z])


def _prefetch(builder: Any, pointer: Any) -> None:
    """Ask for the memory at an address, which need not be there, to be brought near."""
    name, byte_pointer = "llvm.prefetch.p0", ir.IntType(8).as_pointer()
    kinds = [byte_pointer, _INT32, _INT32, _INT32]
    function = builder.module.globals.get(name) or ir.Function(
        builder.module, ir.FunctionType(ir.VoidType(), kinds), name=name
    )
    for_reading, in_second_cache, of_data = (ir.Constant(_INT32, n) for n in (0, 2, 1))
    builder.call(function, [builder.bitcast(pointer, byte_pointer), for_reading, in_second_cache, of_data])


def _loop(builder: Any, count: Any, initial: list[Any], body: Any) -> list[Any]:
    """A loop over ``count`` > 0 steps: ``body(step, values)`` gives the values of the next step; returns the last."""
    before = builder.block
    head, after = builder.append_basic_block("vectors"), builder.append_basic_block("after")
    builder.branch(head)
    builder.position_at_end(head)
    step = builder.phi(_INT64)
    values = [builder.phi(value.type) for value in initial]
    new = body(step, values)
    following, end = builder.add(step, ir.Constant(_INT64, 1)), builder.block
    step.add_incoming(ir.Constant(_INT64, 0), before)
    step.add_incoming(following, end)
    for value, first, last in zip(values, initial, new, strict=True):
        value.add_incoming(first, before)
        value.add_incoming(last, end)
    builder.cbranch(builder.icmp_signed("<", following, count), head, after)
    builder.position_at_end(after)
    return list(new)


def _tile(rows: int) -> Any:
    """``out[r + i, c : c + 16] += a[r + i, k : k + count] @ panel[:count]`` for ``rows`` rows i; count is even."""

    @intrinsic
    def tile(typing: Any, a: Any, r: Any, k: Any, panel: Any, count: Any, out: Any, c: Any) -> Any:
        signature = types.void(a, types.int64, types.int64, panel, types.int64, out, types.int64)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            a, r, k, panel, count, out, c = arguments
            a_data, (_, a_width) = _data(context, builder, signature.args[0], a)
            panel_data, _ = _data(context, builder, signature.args[3], panel)
            out_data, (_, out_width) = _data(context, builder, signature.args[5], out)

            def place(data: Any, width: Any, i: int, column: Any) -> Any:
                row = builder.add(r, ir.Constant(_INT64, i))
                return builder.gep(data, [builder.add(builder.mul(row, width), column)])

            a_rows = [place(a_data, a_width, i, k) for i in range(rows)]
            out_rows = [place(out_data, out_width, i, c) for i in range(rows)]

            def body(step: Any, sums: list[Any]) -> list[Any]:
                for u in range(2):
                    at = builder.add(builder.mul(step, ir.Constant(_INT64, 2)), ir.Constant(_INT64, u))
                    start = builder.gep(panel_data, [builder.mul(at, ir.Constant(_INT64, COLUMNS))])
                    column = _load_vector(builder, start, _FLOATS16, _ALIGNED)
                    values = [_splat(builder, builder.load(builder.gep(row, [at]))) for row in a_rows]
                    sums = [
                        _multiply_add(builder, value, column, total) for value, total in zip(values, sums, strict=True)
                    ]
                return sums

            zeros = [ir.Constant(_FLOATS16, [0.0] * COLUMNS)] * rows
            sums = _loop(builder, builder.sdiv(count, ir.Constant(_INT64, 2)), zeros, body)
            for total, row in zip(sums, out_rows, strict=True):
                before = _load_vector(builder, row, _FLOATS16, _ALIGNED)
                _store_vector(builder, builder.fadd(before, total), row)
            return context.get_dummy_value()

        return signature, generate

    return tile


_tile8, _tile7, _tile6, _tile5, _tile4, _tile3, _tile2, _tile1 = (_tile(rows) for rows in _ROWS)


def _widen(*, is_lower: bool) -> Any:
    """``block[:count]`` = the numbers whose upper halves are ``panels[p, k : k + count]``; or add the lower halves.

    What follows in memory is asked for meanwhile: weights are larger than a core's caches, and a batch waits for them.
    """

    @intrinsic
    def widen(typing: Any, panels: Any, p: Any, k: Any, count: Any, block: Any) -> Any:
        signature = types.void(panels, types.int64, types.int64, types.int64, block)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            panels, p, k, count, block = arguments
            source, (_, depth, columns) = _data(context, builder, signature.args[0], panels)
            target, _ = _data(context, builder, signature.args[4], block)
            first = builder.gep(source, [builder.mul(builder.add(builder.mul(p, depth), k), columns)])
            ahead = builder.mul(count, columns)

            def body(step: Any, _: list[Any]) -> list[Any]:
                at = builder.mul(step, ir.Constant(_INT64, COLUMNS))
                halves = _load_vector(builder, builder.gep(first, [at]), ir.VectorType(_INT16, COLUMNS), 2)
                words = builder.zext(halves, ir.VectorType(_INT32, COLUMNS))
                place = builder.gep(target, [at])
                if is_lower:
                    upper = builder.bitcast(_load_vector(builder, place, _FLOATS16, _ALIGNED), words.type)
                    words = builder.or_(words, upper)
                else:
                    words = builder.shl(words, ir.Constant(words.type, [16] * COLUMNS))
                _store_vector(builder, builder.bitcast(words, _FLOATS16), place)
                if not is_lower:
                    _prefetch(builder, builder.gep(first, [builder.add(at, ahead)]))
                return []

            _loop(builder, count, [], body)
            return context.get_dummy_value()

        return signature, generate

    return widen


_widen_upper, _add_lower = _widen(is_lower=False), _widen(is_lower=True)


def _thin_tile(rows: int) -> Any:
    """Add to ``_ABREAST`` tiles side by side what ``rows`` rows make with as many panels, without widening them first.

    The sums of one or two rows follow each other slowly; those of several panels are independent. Each sum is added up
    as in ``_tile``.
    """

    @intrinsic
    def tile(typing: Any, a: Any, r: Any, k: Any, panels: Any, p: Any, count: Any, out: Any) -> Any:
        signature = types.void(a, types.int64, types.int64, panels, types.int64, types.int64, out)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            a, r, k, panels, p, count, out = arguments
            a_data, (_, a_width) = _data(context, builder, signature.args[0], a)
            source, (_, depth, columns) = _data(context, builder, signature.args[3], panels)
            out_data, (_, out_width) = _data(context, builder, signature.args[6], out)

            def place(data: Any, width: Any, i: int, column: Any) -> Any:
                row = builder.add(r, ir.Constant(_INT64, i))
                return builder.gep(data, [builder.add(builder.mul(row, width), column)])

            def beside(first: Any, j: int) -> Any:
                return builder.add(first, ir.Constant(_INT64, j))

            a_rows = [place(a_data, a_width, i, k) for i in range(rows)]
            firsts = [
                builder.gep(source, [builder.mul(builder.add(builder.mul(beside(p, j), depth), k), columns)])
                for j in range(_ABREAST)
            ]

            def body(step: Any, sums: list[Any]) -> list[Any]:
                for u in range(2):
                    at = builder.add(builder.mul(step, ir.Constant(_INT64, 2)), ir.Constant(_INT64, u))
                    values = [_splat(builder, builder.load(builder.gep(row, [at]))) for row in a_rows]
                    offset = builder.mul(at, ir.Constant(_INT64, COLUMNS))
                    new = []
                    for j, first in enumerate(firsts):
                        halves = _load_vector(builder, builder.gep(first, [offset]), ir.VectorType(_INT16, COLUMNS), 2)
                        words = builder.zext(halves, ir.VectorType(_INT32, COLUMNS))
                        words = builder.shl(words, ir.Constant(words.type, [16] * COLUMNS))
                        column = builder.bitcast(words, _FLOATS16)
                        new += [
                            _multiply_add(builder, value, column, sums[rows * j + i]) for i, value in enumerate(values)
                        ]
                        if u == 0:
                            _prefetch(builder, builder.gep(first, [builder.add(offset, ir.Constant(_INT64, _AHEAD))]))
                    sums = new
                return sums

            zeros = [ir.Constant(_FLOATS16, [0.0] * COLUMNS)] * (rows * _ABREAST)
            sums = _loop(builder, builder.sdiv(count, ir.Constant(_INT64, 2)), zeros, body)
            for j in range(_ABREAST):
                c = builder.mul(beside(p, j), ir.Constant(_INT64, COLUMNS))
                for i in range(rows):
                    row = place(out_data, out_width, i, c)
                    before = _load_vector(builder, row, _FLOATS16, _ALIGNED)
                    _store_vector(builder, builder.fadd(before, sums[rows * j + i]), row)
            return context.get_dummy_value()

        return signature, generate

    return tile


_thin_tile1, _thin_tile2 = _thin_tile(1), _thin_tile(2)


# --- products


@jit_part
def _add_block(a, first, last, k, panel, count, out, c):
    """Add to ``out[first:last, c:c+16]`` the product of ``a[first:last, k:k+count]`` and ``panel`` (count, 16)."""
    r = first
    while r + 8 <= last:
        _tile8(a, r, k, panel, count, out, c)
        r += 8
    left = last - r
    if left == 7:
        _tile7(a, r, k, panel, count, out, c)
    elif left == 6:
        _tile6(a, r, k, panel, count, out, c)
    elif left == 5:
        _tile5(a, r, k, panel, count, out, c)
    elif left == 4:
        _tile4(a, r, k, panel, count, out, c)
    elif left == 3:
        _tile3(a, r, k, panel, count, out, c)
    elif left == 2:
        _tile2(a, r, k, panel, count, out, c)
    elif left == 1:
        _tile1(a, r, k, panel, count, out, c)


@jit(FLOAT_TABLE, INT, INT, UINT16_PANELS, UINT16_PANELS, FLOAT_TABLE, FLOAT_TABLE)
def add_product(a, first, last, upper, lower, out, block):
    """Add ``a[first:last] @ W`` to the rows ``first:last`` of ``out``: W as ``pack`` made it of a matrix (N, K).

    ``a`` has K columns or more, ``out`` at least N rounded up to 16. ``block`` (256, 16) float32 is scratch.
    """
    panels, depth = upper.shape[0], upper.shape[1]
    start = 0
    if last - first <= _THIN and lower.shape[0] == 0:
        while start + _ABREAST <= panels:
            for k in range(0, depth, DEPTH):
                r, count = first, min(DEPTH, depth - k)
                while r + 2 <= last:
                    _thin_tile2(a, r, k, upper, start, count, out)
                    r += 2
                if r < last:
                    _thin_tile1(a, r, k, upper, start, count, out)
            start += _ABREAST
    for p in range(start, panels):
        for k in range(0, depth, DEPTH):
            count = min(DEPTH, depth - k)
            _widen_upper(upper, p, k, count, block)
            if lower.shape[0] > 0:
                _add_lower(lower, p, k, count, block)
            _add_block(a, first, last, k, block, count, out, p * COLUMNS)


@jit(FLOAT_TABLE, INT, INT, FLOAT_TABLE, INT, FLOAT_TABLE, INT)
def add_page(a, first, last, page, k, out, c):
    """Add ``a[first:last, k:k+K] @ page`` to ``out[first:last, c:c+16]``: ``page`` (K, 16), K even."""
    _add_block(a, first, last, k, page, page.shape[0], out, c)


# --- exponentials


@intrinsic
def _float_of_bits(typing: Any, bits: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], _FLOAT)

    return types.float32(types.int32), generate


@jit(FLOATS, INT, FLOAT32)
def exponentiate(x, count, scale):
    """Set the first ``count`` numbers of ``x`` to the exponentials of their products with ``scale``.

    Those products are between -80 and 80.

    2 to the power of a whole number, times a polynomial of degree 6 for the rest: to 2e-7 of the true value.
    """
    to_powers_of_two = np.float32(1.4426950408889634) * scale
    for i in range(count):
        t = x[i] * to_powers_of_two
        half = np.float32(0.5) if t >= np.float32(0) else np.float32(-0.5)
        whole = np.int32(t + half)
        f = t - np.float32(whole)
        y = np.float32(0.00015403530393381608)
        y = y * f + np.float32(0.0013333558146428443)
        y = y * f + np.float32(0.009618129107628477)
        y = y * f + np.float32(0.05550410866482158)
        y = y * f + np.float32(0.2402265069591007)
        y = y * f + np.float32(0.6931471805599453)
        y = y * f + np.float32(1.0)
        x[i] = y * _float_of_bits((whole + np.int32(127)) << np.int32(23))  # type: ignore[call-arg]


# --- weights


def pack(matrix: npt.NDArray[np.float32]) -> tuple[Halves, Halves]:
    """Return the upper and the lower 16 bits of a matrix (N, K), or of a stack of them, as panels (..., N/16, K, 16).

    N and K are filled up with zeros to whole panels and to an even number. The lower panels are empty, of shape
    (..., 0, 0, 0), where all their bits are zero: weights that were stored as bfloat16 take half the memory.
    """
    *stack, n, k = matrix.shape
    padded = np.zeros((*stack, -(-n // COLUMNS) * COLUMNS, k + k % 2), np.float32)
    padded[..., :n, :k] = matrix
    panels = padded.reshape(*stack, -1, COLUMNS, k + k % 2).swapaxes(-1, -2)
    bits = np.ascontiguousarray(panels).view(np.uint32)
    upper, lower = (bits >> 16).astype(np.uint16), bits.astype(np.uint16)
    if not lower.any():
        lower = np.zeros((*stack, 0, 0, 0), np.uint16)
    return upper, lower


def side_by_side(pairs: Sequence[tuple[Halves, Halves]]) -> tuple[tuple[Halves, Halves], ...]:
    """Return copies that lie side by side in huge pages, where the system has such: a product reads all of them."""
    arrays = [array for pair in pairs for array in pair]
    ends = np.cumsum([0, *(array.size for array in arrays)])
    memory = lazy_zeros([int(ends[-1]) // 2 + 1]).view(np.uint16)
    copies = [
        memory[first:end].reshape(array.shape) for array, first, end in zip(arrays, ends[:-1], ends[1:], strict=True)
    ]
    for copy, array in zip(copies, arrays, strict=True):
        copy[...] = array
    return tuple(zip(copies[::2], copies[1::2], strict=True))
