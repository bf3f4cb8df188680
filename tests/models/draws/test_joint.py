"""Joint draws: whatever is taken of them, the numbers of the draws stay together."""

import numpy as np
import pytest

from models.draws.joint import PERIODS, Draws, collect

NAMES = ("hbm_bits_gb", "hbm_revenue_usd")


def block(first: int, n: int) -> dict[str, np.ndarray]:
    """Each value says its quantity, draw and period."""
    number = 100 * np.arange(first, first + n)[:, None] + np.arange(len(PERIODS))
    return {name: (number + 10_000 * i).astype(np.float32) for i, name in enumerate(NAMES)}


def test_blocks_are_put_together_in_their_order():
    found = collect(iter([block(0, 3), block(3, 2)]))
    assert found.n_draws == 5
    for name, values in block(0, 5).items():
        np.testing.assert_array_equal(found[name], values)


@pytest.mark.parametrize("at", [slice(1, None, 2), np.array([4, 0, 0])])
def test_of_every_quantity_the_same_draws_are_taken(at):
    found = Draws(block(0, 5)).taken(at)
    for name, values in block(0, 5).items():
        np.testing.assert_array_equal(found[name], values[at])
    np.testing.assert_array_equal(found[NAMES[1]] - found[NAMES[0]], 10_000)


def test_quarters_leave_the_years_out_and_are_in_double_precision():
    found = Draws(block(0, 2)).quarters("hbm_bits_gb")
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, block(0, 2)["hbm_bits_gb"][:, :28])


def test_a_quantity_that_was_not_drawn_is_named():
    with pytest.raises(KeyError, match="'hbm_bits' is not among the draws"):
        Draws(block(0, 2))["hbm_bits"]
