"""The one loop over a posterior's draws: nothing of what it gives hangs on threads or blocks."""

import numpy as np
import pytest

from models.inference import figure_residuals
from models.inference.figure_residuals import by_blocks
from models.inference.problem import parameter_shapes, quantity_rows, working_values
from tests.market import MARKET
from tests.models.small_problem import problem

N = 23


@pytest.fixture(scope="module")
def of():
    return problem()


@pytest.fixture(scope="module")
def flat(of):
    rng = np.random.default_rng(3)
    shapes = parameter_shapes(of.operator, MARKET)
    return {name: rng.standard_normal((N, *shape)) for name, shape in shapes.items()}


@pytest.mark.parametrize("workers", [1, 3])
def test_blocks_keep_the_order_of_the_draws(of, flat, workers, monkeypatch):
    monkeypatch.setattr(figure_residuals, "BLOCK_DRAWS", 5)
    found = by_blocks(of, flat, lambda rows, theta: (rows, theta["constant"]), workers)
    assert [len(rows) for rows, _ in found] == [5, 5, 5, 5, 3]
    theta = working_values(flat, of.data())
    np.testing.assert_array_equal(np.concatenate([constant for _, constant in found]), theta["constant"])
    np.testing.assert_allclose(
        np.concatenate([rows for rows, _ in found]), quantity_rows(theta, of), rtol=1e-12
    )


def test_what_a_block_raises_is_raised(of, flat):
    def refuse(rows, theta):
        raise ValueError("no such figure")

    with pytest.raises(ValueError, match="no such figure"):
        by_blocks(of, flat, refuse)
