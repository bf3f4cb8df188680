"""What forecasters misjudge together: by year forecast, by time of writing, by component of the chain."""

import numpy as np
import pytest

from models.inference.observation import systematic_error
from models.inference.problem import working_values
from tests.models.forecast_world import figure
from tests.models.small_problem import draws_of_prior, problem


def test_half_of_the_street_error_belongs_to_the_target_half_to_the_time():
    """Forecasts of one year made in different halves share half of the variance; at one time, all of it."""
    same = {"quantity": "server_shipments"}
    rows = [
        figure("a", 1e7, period="2026", published_on="2024-02-01", **same),
        figure("b", 1e7, period="2026", published_on="2024-03-01", publisher="B", **same),
        figure("c", 1e7, period="2026", published_on="2024-09-01", publisher="C", **same),
        figure("d", 1e7, period="2025", published_on="2024-02-01", publisher="D", **same),
    ]
    of = problem(rows)
    raw = draws_of_prior(of, 20_000, seed=3)
    kept = ("street_target", "street_time")
    raw = {k: v if k in kept else np.zeros_like(v) for k, v in raw.items()}
    errors = systematic_error(np, working_values(raw, of.data()), of.operator.arrays)
    correlation = np.corrcoef(errors.T)
    assert correlation[0, 1] == pytest.approx(1.0, abs=1e-9)
    assert correlation[0, 2] == pytest.approx(0.5, abs=0.03)
    assert correlation[0, 3] == pytest.approx(0.5, abs=0.03)
    assert correlation[2, 3] == pytest.approx(0.0, abs=0.03)


def test_the_error_of_revenue_is_that_of_bits_plus_that_of_price():
    """Street errors live on the chain's components, so the identity R = P x B holds for them too."""
    same = {"period": "2026", "published_on": "2024-07-10"}
    rows = [
        figure("bits", 4e9, quantity="hbm_bits_gb", **same),
        figure("price", 12.0, quantity="hbm_price_usd_per_gb", publisher="B", **same),
        figure("revenue", 5e10, quantity="hbm_revenue_usd", publisher="C", **same),
    ]
    of = problem(rows)
    raw = draws_of_prior(of, 500, seed=4)
    kept = ("street_target", "street_time")
    raw = {k: v if k in kept else np.zeros_like(v) for k, v in raw.items()}
    bits, price, revenue = systematic_error(np, working_values(raw, of.data()), of.operator.arrays).T
    assert np.corrcoef(revenue, bits + price)[0, 1] > 0.999
    np.testing.assert_allclose(revenue.std(), (bits + price).std(), rtol=0.05)
    assert abs(np.corrcoef(bits, price)[0, 1]) < 0.15
