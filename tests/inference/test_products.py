"""Own kernels for products and exponentials: right for odd shapes, and nothing is written beside the result."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiangqi_gpt.inference import kernel_check, products
from xiangqi_gpt.inference.products import COLUMNS, DEPTH, add_page, add_product, exponentiate, pack


def _guarded(rows: int, columns: int, value: float) -> tuple[np.ndarray, np.ndarray]:
    """An array within a larger one that is full of a value, and the larger one."""
    whole = np.full((rows + 4) * columns, value, np.float32)
    return whole[2 * columns : (rows + 2) * columns].reshape(rows, columns), whole


@given(
    rows=st.integers(1, 19),
    n=st.integers(1, 150),
    half_k=st.integers(1, 300),
    first=st.integers(0, 3),
    is_bfloat16=st.booleans(),
    seed=st.integers(0, 99),
)
def test_a_product_is_that_of_numpy_and_its_surroundings_stay(rows, n, half_k, first, is_bfloat16, seed):
    random, k = np.random.default_rng(seed), 2 * half_k
    w = random.standard_normal((n, k)).astype(np.float32)
    if is_bfloat16:
        w = (w.view(np.uint32) & 0xFFFF0000).view(np.float32)
    a = random.standard_normal((rows, k)).astype(np.float32)
    upper, lower = pack(w)
    assert (lower.size == 0) == is_bfloat16
    out, whole = _guarded(rows, len(upper) * COLUMNS, 7.0)
    block, around = _guarded(DEPTH, COLUMNS, 5.0)
    first = min(first, rows)
    add_product(a, first, rows, upper, lower, out, block)
    expected = a.astype(np.float64) @ w.T.astype(np.float64)
    assert np.abs(out[first:, :n] - 7 - expected[first:]).max(initial=0) < 1e-4 * k**0.5
    assert (out[:first] == 7).all() and (out[:, n:] == 7).all()
    assert (whole[: 2 * out.shape[1]] == 7).all() and (whole[-2 * out.shape[1] :] == 7).all()
    assert (around[: 2 * COLUMNS] == 5).all() and (around[-2 * COLUMNS :] == 5).all()


@pytest.mark.parametrize("is_bfloat16", [False, True])
def test_a_row_is_the_same_in_a_batch_of_any_size(is_bfloat16):
    random = np.random.default_rng(1)
    a = random.standard_normal((31, 600)).astype(np.float32)
    w = random.standard_normal((144, 600)).astype(np.float32)
    if is_bfloat16:
        w = (w.view(np.uint32) & 0xFFFF0000).view(np.float32)
    upper, lower = pack(w)
    block = np.empty((DEPTH, COLUMNS), np.float32)
    together = np.zeros((31, 144), np.float32)
    add_product(a, 0, 31, upper, lower, together, block)
    for count in (1, 2, 3, 4, 5, 6, 7, 8, 13):
        alone = np.zeros((31, 144), np.float32)
        add_product(a, 17, min(17 + count, 31), upper, lower, alone, block)
        assert (alone[17 : 17 + count] == together[17 : 17 + count]).all()


def test_a_part_of_the_columns_is_multiplied_with_a_page():
    random = np.random.default_rng(2)
    a = random.standard_normal((9, 40)).astype(np.float32)
    page = random.standard_normal((6, COLUMNS)).astype(np.float32)
    out = np.zeros((9, 48), np.float32)
    add_page(a, 1, 8, page, 4, out, 16)
    assert np.abs(out[1:8, 16:32] - a[1:8, 4:10] @ page).max() < 1e-5
    out[1:8, 16:32] = 0
    assert not out.any()


def test_exponentials_are_right_in_the_whole_range_and_nothing_else_changes():
    x = np.linspace(-79, 79, 1003).astype(np.float32)
    found = np.concatenate((x, [3.0])).astype(np.float32)
    exponentiate(found, len(x), 1.0)
    assert np.abs(found[:-1] / np.exp(x.astype(np.float64)) - 1).max() < 1e-5
    assert found[-1] == 3.0
    small = np.linspace(-8, 8, 101).astype(np.float32)
    found = 4 * small
    exponentiate(found, len(small), 0.25)
    assert np.abs(found / np.exp(small.astype(np.float64)) - 1).max() < 1e-6


@pytest.mark.parametrize("fault", ["wrong", "fails"])
def test_kernels_that_do_not_work_are_told_in_one_line(monkeypatch, capsys, fault):
    def faulty(*arguments):
        if fault == "fails":
            raise RuntimeError("no such instruction\nand more")

    monkeypatch.setattr(products, "add_product", faulty)
    assert not kernel_check.kernels_work.__wrapped__()
    said = capsys.readouterr().err
    assert said.startswith("xiangqi-gpt: own kernels do not work here (") and said.count("\n") == 1
