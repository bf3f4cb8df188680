"""Both ways of writing an array operation give the same numbers."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

from models.chain.array_api import (
    group_sums,
    joined_rows,
    length,
    matmul,
    matmul_transposed,
    quarters_ahead,
    rows,
    shifted,
    weighted_sums,
)

A = np.random.default_rng(1).normal(size=(6, 4))
B = np.random.default_rng(2).normal(size=(4, 5))

# Sums of four or six products of numbers near one, in any order; they may cancel.
TOLERANCE = {"rtol": 1e-12, "atol": 1e-14}


def in_pytensor(function, *arrays):
    """Evaluate on PyTensor constants of known shape."""
    found = function(pt, *(pt.constant(a) for a in arrays))
    found = found if isinstance(found, list) else [found]
    return pytensor.function([], found, mode="FAST_COMPILE")()


@pytest.mark.parametrize(
    ("function", "arrays", "wanted"),
    [
        (matmul, (A, B), A @ B),
        (matmul_transposed, (A, B.T.copy()), A @ B),
    ],
)
def test_products_are_matrix_products(function, arrays, wanted):
    np.testing.assert_allclose(function(np, *arrays), wanted, **TOLERANCE)
    np.testing.assert_allclose(in_pytensor(function, *arrays)[0], wanted, **TOLERANCE)


def test_rows_come_apart_in_order():
    for found in (rows(np, A), in_pytensor(rows, A)):
        assert len(found) == length(A, -2) == 6
        np.testing.assert_array_equal(np.stack(found), A)


def test_group_sums_add_neighbours():
    wanted = np.stack([A[:1].sum(axis=0), A[1:4].sum(axis=0), A[4:].sum(axis=0)])
    np.testing.assert_allclose(group_sums(np, A, [0, 1, 4]), wanted, **TOLERANCE)
    together = group_sums(np, np.stack([A, 2 * A]), [0, 1, 4])
    np.testing.assert_allclose(together[1], 2 * wanted, **TOLERANCE)
    found = in_pytensor(lambda xp, a: group_sums(xp, a, [0, 1, 4]), A)[0]
    np.testing.assert_allclose(found, wanted, **TOLERANCE)


def test_weighted_sums_leave_out_what_has_no_weight():
    weights = np.random.default_rng(3).uniform(size=(3, 6, 4))
    weights[0, 2:] = 0.0
    weights[1, 0, 1:] = 0.0
    weights[2] = 0.0
    wanted = np.einsum("rq,grq->gq", A, weights)
    np.testing.assert_allclose(weighted_sums(np, A, weights), wanted, **TOLERANCE)
    np.testing.assert_allclose(in_pytensor(weighted_sums, A, weights)[0], wanted, **TOLERANCE)


def test_quarters_ahead_are_shifted_paths():
    for n in (1, 3):
        wanted = [shifted(A, by) for by in range(n)]
        for found in (quarters_ahead(np, A, n), in_pytensor(lambda xp, a, n=n: quarters_ahead(xp, a, n), A)):
            np.testing.assert_array_equal(np.stack(found), np.stack(wanted))


@pytest.mark.parametrize(
    "function",
    [
        lambda a: matmul_transposed(np, a, B.T),
        lambda a: joined_rows(np, a, np.ascontiguousarray(a[..., :2, :])),
        lambda a: group_sums(np, a, [0, 1, 4]),
        lambda a: weighted_sums(np, a, np.ones((2, 6, 4))),
        lambda a: np.stack(quarters_ahead(np, a, 3)),
    ],
    ids=["matmul_transposed", "joined_rows", "group_sums", "weighted_sums", "quarters_ahead"],
)
def test_layout_in_memory_changes_no_number_and_is_kept(function):
    by_quarter = np.stack([A, 2 * A, 1 / A])
    by_draw = np.moveaxis(np.ascontiguousarray(np.moveaxis(by_quarter, 0, -1)), -1, 0)
    one, other = function(by_quarter), function(by_draw)
    np.testing.assert_allclose(other, one, **TOLERANCE)
    if one.ndim == 3:
        assert one.strides[-1] == other.strides[0] == one.itemsize
