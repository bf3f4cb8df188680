"""Exact quantiles against NumPy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models.draws.quantiles import LEVELS, exact_quantiles

LARGEST = float(np.float32(1e30))
FLOATS = st.floats(-LARGEST, LARGEST, width=32, allow_subnormal=False)
SERIES = hnp.arrays(np.float32, st.integers(1, 400), elements=FLOATS)


@settings(max_examples=60)
@given(SERIES)
def test_exact_quantiles_are_numpys(values):
    expected = np.quantile(values.astype(float), np.array(LEVELS) / 1000)
    # Between two values of opposite sign a quantile may be near zero: it is as exact as they are large.
    largest = float(np.abs(values).max())
    assert exact_quantiles(values) == pytest.approx(expected, rel=1e-12, abs=2e-15 * largest)


def test_not_a_number_is_not_hidden():
    values = np.ones((100, 2), np.float32)
    values[50, 1] = np.nan
    exact = exact_quantiles(values)
    assert np.isfinite(exact[:, 0]).all()
    assert np.isnan(exact[:, 1]).all()


def test_no_draws_is_an_error():
    with pytest.raises(ValueError, match="no draws"):
        exact_quantiles(np.empty((0, 3)))
