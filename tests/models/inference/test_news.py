"""What is news to a forecaster, against simulated paths; each distinct row of it is kept once."""

from datetime import date

import numpy as np
import pytest

from models.chain.drivers import bases
from models.chain.paths import GROWTH_AUTOCORRELATION, years_from_reference
from models.inference.news import NEWS, distinct_news, mix_size, surprise
from models.inference.observation import news, trend
from models.inference.operator import build_operator
from models.inference.problem import working_values
from models.vocabulary.drivers import DRIVERS, FINE_DRIVERS
from models.vocabulary.periods import N_ALL, QUARTERS, quarter_of_day
from tests.market import MARKET
from tests.models.forecast_world import figure, figures
from tests.models.small_problem import draws_of_prior, every_kind_of_figure, problem


def rows_of(of, figure_id) -> int:
    obs = of.operator.arrays
    (at,) = np.flatnonzero(of.operator.figures["figure_id"] == figure_id)
    return int(obs["news_of"][at])


def test_figures_about_one_thing_said_in_one_quarter_share_a_row():
    of = problem(
        [
            figure("a", 1e10, period="2025", published_on="2024-07-02"),
            figure("b", 3e10, period="2025", published_on="2024-09-20", publisher="B", kind="guidance"),
            figure("c", 2e10, period="2025", published_on="2024-10-02", publisher="C"),
            figure("d", 2e10, period="2026", published_on="2024-07-02", publisher="D"),
            figure("over", 1e10, period="2023", published_on="2024-07-02", publisher="E"),
            figure("actual", 1e10, period="2024", kind="actual", published_on="2025-02-02", publisher="F"),
        ]
    )
    rows = {name: rows_of(of, name) for name in of.operator.figures["figure_id"]}
    assert rows["a"] == rows["b"] > 0
    assert len({rows["a"], rows["c"], rows["d"]}) == 3
    assert rows["over"] == rows["actual"] == 0
    obs = of.operator.arrays
    for name in NEWS:
        assert len(obs[name]) == 4, "three kinds of news, and none"
        np.testing.assert_array_equal(obs[name][0], 0.0)


def test_rows_kept_once_give_back_every_figure():
    generator = np.random.default_rng(2)
    of = np.array([3, 0, 1, 3, 2, 0, 4, 1, 3])
    widths = dict(zip(NEWS, (12, 3, 4, 4, 12, 3, 4, 1), strict=True))
    kinds = {name: generator.standard_normal((5, width)) for name, width in widths.items()}
    for values in kinds.values():
        values[0] = 0.0
    whole = {name: values[of] for name, values in kinds.items()} | {"mix_size": np.arange(9.0)}
    said = np.column_stack([of, of % 2])
    found = distinct_news(whole, said, of == 0)
    assert len(found["news_smooth"]) == 5
    for name in NEWS:
        np.testing.assert_array_equal(found[name][found["news_of"]], whole[name])
        np.testing.assert_array_equal(found[name][0], 0.0)
    np.testing.assert_array_equal(found["news_of"] == 0, of == 0)
    np.testing.assert_array_equal(found["mix_size"], whole["mix_size"])


def test_rows_are_as_many_whatever_a_vintage_makes_of_them():
    """Two things that a vintage moves alike, and one that it does not move, are three rows all the same."""
    of = np.array([0, 1, 2, 3])
    whole = {name: np.ones((4, 2)) for name in NEWS} | {"mix_size": np.zeros(4)}
    for name in NEWS:
        whole[name][[0, 3]] = 0.0
    found = distinct_news(whole, of[:, None], of == 0)
    assert len(found["news_smooth"]) == 4
    np.testing.assert_array_equal(found["news_of"], of)


def test_without_anything_ahead_there_is_the_row_of_zeros_alone():
    of = problem([figure("over", 1e10, period="2023", published_on="2024-07-02")])
    obs = of.operator.arrays
    assert {len(obs[name]) for name in NEWS} == {1}
    np.testing.assert_array_equal(obs["news_of"], [0])


def test_news_of_draws_is_the_same_with_a_row_a_figure():
    of = problem(every_kind_of_figure())
    obs = of.operator.arrays
    theta = working_values(draws_of_prior(of, 50, seed=6), of.data())
    of_rows = (*NEWS, "news_drift_expected", "news_drift_size")
    full = {name: obs[name][obs["news_of"]] for name in of_rows} | {"news_of": np.arange(len(obs["y"]))}
    shared = news(np, theta, obs)
    np.testing.assert_allclose(shared, news(np, theta, obs | full), rtol=1e-12, atol=1e-15)
    over = obs["horizon"] == 0
    np.testing.assert_array_equal(shared[:, over], 0.0)
    assert (np.abs(shared[:, ~over]).max(axis=0) > 0).all()


@pytest.mark.parametrize(("published_on", "period"), [("2024-05-10", "2025Q4"), ("2023-11-02", "2026Q2")])
def test_news_of_servers_is_what_their_path_did_beyond_its_momentum(published_on, period):
    """Servers are their own driver: elasticity one, and the news of a quarter is that of its path."""
    row = figure("x", 1e6, quantity="server_shipments", period=period, published_on=published_on)
    of = problem([row])
    raw = draws_of_prior(of, 200, seed=9)
    theta, server = working_values(raw, of.data()), DRIVERS.index("server_shipments")
    path = np.exp(theta["driver_log_volatility"][:, server, None]) * (
        raw["shock_smooth"][:, server] @ bases()["basis_smooth"].T
    )
    # What its drift is beyond its prior's middle is not expected either.
    beyond = theta["driver_drift"][:, server] - of.loc["driver_drift"][server]
    path = path + beyond[:, None] * years_from_reference()
    last, quarter = quarter_of_day(date.fromisoformat(published_on)) - 1, QUARTERS.index(period)
    growth, expected = path[:, last] - path[:, last - 1], path[:, last].copy()
    for ahead in range(1, quarter - last + 1):
        expected += growth * GROWTH_AUTOCORRELATION**ahead
    found = news(np, theta, of.operator.arrays)[:, 0]
    np.testing.assert_allclose(found, path[:, quarter] - expected, rtol=1e-5, atol=1e-6)
    # What was expected beyond the last quarter's level; the drift that was thought of is no momentum.
    drifting = of.loc["driver_drift"][server] * (quarter - last) / 4
    went_on = trend(np, theta, of.operator.arrays)[:, 0]
    np.testing.assert_allclose(went_on, expected - path[:, last] + drifting, rtol=1e-5, atol=1e-6)
    # And its size is the standard deviation of that.
    size = abs(of.operator.arrays["news_size"][of.operator.arrays["news_of"][0], server])
    unexpected = surprise(GROWTH_AUTOCORRELATION, last)[quarter] @ bases()["basis_smooth"]
    assert size == pytest.approx(np.linalg.norm(unexpected), rel=1e-5)


def test_quarters_that_are_over_are_no_news():
    for last in (0, 1, 13, N_ALL - 1):
        news_of_path = surprise(0.8, last)
        np.testing.assert_array_equal(news_of_path[: last + 1], 0.0)
        # A level is expected to stay, a shift of the whole path is no news.
        np.testing.assert_allclose(news_of_path.sum(axis=1), 0.0, atol=1e-12)
    assert len(FINE_DRIVERS) == 1


def test_a_share_of_a_sum_moves_with_its_part():
    parts = "accelerator_shipments_nvidia + accelerator_shipments_amd"
    of_sum = {"quantity": "accelerator_shipments_amd", "per_quantity": parts, "scale": "logit"}
    rows = [
        figure("alone", 3e5, quantity="accelerator_shipments_amd", period="2026"),
        figure("share", 0.1, period="2026", **of_sum),
        figure("whole", 3e6, quantity=parts, period="2026"),
        figure("total", 3e6, quantity="accelerator_shipments", period="2026"),
    ]
    alone, share, whole, total = mix_size(build_operator(figures(*rows), MARKET).arrays)
    assert alone == share == whole > total == 0.0
