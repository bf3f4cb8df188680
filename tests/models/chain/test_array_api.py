"""Both ways of writing an array operation give the same numbers."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

from models.chain.array_api import group_sums, length, matmul, matmul_transposed, rows

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
