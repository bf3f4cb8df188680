"""A figure left out of draws: which way it pulled, and by how much where that is known exactly."""

import numpy as np
import pytest

from models.attribution.without_figure import without_figure
from models.draws.joint import collect
from models.draws.simulate import simulate
from models.inference.figure_residuals import figure_residuals
from tests.models.forecast_world import figure
from tests.models.small_problem import draws_of_prior, problem

N = 600


@pytest.fixture(scope="module")
def world():
    rows = [
        figure("high", 8.0e10, period="2025", kind="estimate"),
        figure("low", 2.0e9, period="2025", kind="estimate", publisher="House B"),
        figure("late", 4.0e9, period="2023", published_on="2026-02-01", publisher="House C"),
    ]
    made = problem(rows)
    raw = draws_of_prior(made, N, spread=0.3, dtype=np.float32)
    return made, raw, collect(simulate(made, raw, N, 1))


def left_out(world, figure_id):
    return without_figure(*world, figure_id, ("hbm_revenue_usd", "hbm_price_usd_per_gb"), ("2025", "2026"))


def test_a_figure_pulls_towards_what_it_says(world):
    for name, sign in (("high", 1), ("low", -1)):
        found = left_out(world, name)
        row = found.table.set_index(["quantity", "period"]).loc[("hbm_revenue_usd", "2025")]
        assert sign * row["moved_p50"] > 0
        assert row["moved_p50"] == pytest.approx(row["p50"] - row["without_p50"])
        assert row["error_p50"] > 0
        assert row["unit"] == "USD"


def test_the_forecast_beside_it_is_that_of_the_draws(world):
    table = left_out(world, "high").table
    assert len(table) == 4
    drawn = world[2]["hbm_revenue_usd"][:, 28 + 4]
    assert table["p50"][0] == pytest.approx(np.median(drawn), rel=1e-6)


def test_weights_are_one_over_the_likelihood_where_they_need_no_smoothing(world):
    made, raw, drawn = world
    row = np.flatnonzero(made.operator.figures["figure_id"] == "low")
    log_likelihood = figure_residuals(made, raw, row).log_likelihood[:, 0] * made.weight[row][0]
    weight = np.exp(-(log_likelihood - log_likelihood.min()))
    values = drawn["hbm_revenue_usd"][:, 28 + 4].astype(float)
    order = np.argsort(values)
    total = np.cumsum(weight[order])
    median = np.interp(0.5, (total - weight[order] / 2) / total[-1], values[order])
    found = left_out(world, "low")
    assert found.is_trusted == (found.pareto_k <= 0.7)
    assert found.table["without_p50"][0] == pytest.approx(median, rel=0.1)


@pytest.mark.parametrize("name", ["late", "no-such"])
def test_a_figure_without_weight_is_said(world, name):
    with pytest.raises(ValueError, match=f"{name} does not inform the chain"):
        left_out(world, name)
