"""The same seed gives the same posterior, bit for bit, whatever the number of cores."""

import numpy as np
import pytest

from models.inference.fit import sample
from tests.world.generate import make_world

pytestmark = pytest.mark.slow


def test_cores_do_not_change_the_posterior_and_the_seed_does(compiled):
    problem = make_world(10_001, echoes=False).problem
    one, again, other = (
        sample(compiled, problem, seed, 20, chains=2, cores=cores, tune=60)
        for seed, cores in ((5, 2), (5, 1), (6, 2))
    )
    for name, values in one.raw.items():
        np.testing.assert_array_equal(again.raw[name], values, err_msg=name)
    assert not np.array_equal(other.raw["driver_level"], one.raw["driver_level"])
