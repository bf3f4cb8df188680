"""Tables of a run: the numbers are ArviZ's and NumPy's, probabilities add up, every figure has its place."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from arviz_stats.base import array_stats

from models.draws.convergence import FIELDS, convergence, rank_r_hat
from models.draws.figure_fit import figure_fit
from models.draws.joint import PERIODS, Draws, collect
from models.draws.relief import relief_shares
from models.draws.simulate import simulate
from models.draws.summary import binding_frame, forecast_frames, posterior_drivers, publisher_bias
from models.inference.problem import parameter_shapes
from models.vocabulary.drivers import DRIVERS
from models.vocabulary.periods import N_QUARTERS
from models.vocabulary.quantities import STAGES
from tests.benchmarks.world import world
from tests.market import MARKET

N_CHAINS, N_DRAWS = 4, 100
AS_OF = date(2026, 11, 22)


@pytest.fixture(scope="module")
def problem():
    return world()


@pytest.fixture(scope="module")
def raw(problem):
    generator = np.random.default_rng(1)
    shapes = parameter_shapes(problem.operator, MARKET)
    return {k: 0.4 * generator.standard_normal((N_CHAINS * N_DRAWS, *s)) for k, s in shapes.items()}


@pytest.fixture(scope="module")
def drawn(problem, raw):
    return collect(simulate(problem, raw, N_CHAINS * N_DRAWS, 1))


def series_of_every_kind() -> np.ndarray:
    generator = np.random.default_rng(2)
    noise = generator.standard_normal((7, N_CHAINS, 501))
    series = noise.copy()
    for t in range(1, noise.shape[2]):
        series[0, :, t] = 0.9 * series[0, :, t - 1] + noise[0, :, t]
        series[1, :, t] = -0.5 * series[1, :, t - 1] + noise[1, :, t]
    series[2] = np.exp(2 * series[2])
    series[3] += np.arange(N_CHAINS)[:, None]  # chains apart
    series[4] = 3.0
    series[5] = series[5] > 1.5
    # A product that has not shipped in most futures: many zeros, the rest over many orders.
    series[6] = np.where(series[6] > 0, np.exp(20 * series[6]), 0.0)
    return series.astype(np.float32).astype(float)


def test_convergence_is_arvizs():
    series = series_of_every_kind()
    found = convergence(series)
    axes = {"chain_axis": -2, "draw_axis": -1}
    with np.errstate(invalid="ignore"):
        expected = {
            "ess_bulk": array_stats.ess(series, method="bulk", **axes),
            "ess_tail": array_stats.ess(series, method="tail", prob=0.05, **axes),
            "rhat": array_stats.rhat(series, **axes),
            "mcse_mean": array_stats.mcse(series, method="mean", **axes),
            **{
                f"mcse_p{p:02d}": array_stats.mcse(series, method="quantile", prob=p / 100, **axes)
                for p in (5, 50, 95)
            },
        }
    assert set(expected) == set(FIELDS)
    for name in FIELDS:
        np.testing.assert_allclose(found[name], expected[name], rtol=2e-5, err_msg=name)
    np.testing.assert_array_equal(rank_r_hat(series), found["rhat"])
    assert found["rhat"][3] > 1.1
    assert found["ess_bulk"][0] < 0.2 * series[0].size


def test_convergence_of_a_value_that_is_not_finite_is_unknown():
    series = series_of_every_kind()
    series[6, 0, 0] = np.inf
    found = convergence(series)
    assert all(np.isnan(found[name][6]) for name in FIELDS)
    assert np.isnan(rank_r_hat(series)[6])
    assert np.isfinite(found["ess_bulk"][:6]).all()
    with pytest.raises(ValueError, match="at least 8"):
        convergence(series[..., :7])


def test_forecast_rows_are_complete_and_right(drawn):
    forecast, mixing = forecast_frames(drawn, MARKET, N_CHAINS, N_CHAINS * N_DRAWS, "run", AS_OF)
    assert len(mixing) == len(MARKET.quantities) * len(PERIODS)
    whole = {quantity.name for quantity in MARKET.quantities if not quantity.denominator}
    assert forecast["quantity"].isin(whole).sum() == len(whole) * len(PERIODS)
    assert not forecast.duplicated(["quantity", "period"]).any()
    row = forecast.set_index(["quantity", "period"]).loc[("hbm_revenue_usd", "2025")]
    draws = drawn["hbm_revenue_usd"][:, PERIODS.index("2025")].astype(float)
    assert row["p05"] == pytest.approx(np.quantile(draws, 0.05))
    assert row["mean"] == pytest.approx(draws.mean())
    by_chain = draws.reshape(N_CHAINS, N_DRAWS)
    assert row["mcse_p95"] == pytest.approx(array_stats.mcse(by_chain, method="quantile", prob=0.95))
    bulk, tail = array_stats.ess(by_chain), array_stats.ess(by_chain, method="tail", prob=0.05)
    assert row["ess"] == pytest.approx(min(bulk, tail))
    assert (row["unit"], row["period_kind"], row["n_draws"]) == ("USD", "year", N_CHAINS * N_DRAWS)
    ordered = forecast[["p05", "p10", "p25", "p50", "p75", "p90", "p95"]].to_numpy()
    assert (np.diff(ordered, axis=1) >= 0).all()


def test_a_price_is_published_only_of_what_ships(problem, raw, drawn):
    price, bits = "hbm_price_hbm4_usd_per_gb", "hbm_bits_hbm4_gb"
    shipped = Draws({price: drawn[price], bits: drawn[bits].copy()})
    shipped[bits][:, : PERIODS.index("2025Q4")] = 1e-7
    shipped[bits][: N_CHAINS * N_DRAWS // 10, PERIODS.index("2025Q2")] = 5.0
    forecast, mixing = forecast_frames(shipped, MARKET, N_CHAINS, N_CHAINS * N_DRAWS, "run", AS_OF)
    priced = set(forecast.loc[forecast["quantity"] == price, "period"])
    assert priced & {"2024Q1", "2025Q1", "2025Q2", "2025Q3", "2025Q4"} == {"2025Q2", "2025Q4"}
    assert (forecast["quantity"] == bits).sum() == (mixing["quantity"] == price).sum() == len(PERIODS)


def test_errors_rest_on_the_first_pass_through_the_posterior(problem, raw):
    n = N_CHAINS * N_DRAWS
    name = "hbm_revenue_usd"
    once, thrice = (
        forecast_frames(
            Draws({name: collect(simulate(problem, raw, k * n, 1))[name]}), MARKET, N_CHAINS, n, "r", AS_OF
        )[0]
        for k in (1, 3)
    )
    np.testing.assert_allclose(once["mcse_p95"], thrice["mcse_p95"])
    assert thrice["n_draws"].eq(3 * n).all()


def test_binding_probabilities_add_up(drawn):
    frame = binding_frame(drawn, N_CHAINS, N_CHAINS * N_DRAWS, "run")
    table = frame.pivot_table(index="period", columns="stage", values="probability")
    assert set(table.index) == set(PERIODS)
    np.testing.assert_allclose(table.sum(axis=1), 1.0, atol=1e-12)
    share = relief_shares(drawn)[:, STAGES.index("cowos")].mean(axis=0)
    assert table.loc["2024Q2", "cowos"] == pytest.approx(share[13])
    assert table.loc["2024", "cowos"] == pytest.approx(share[12:16].mean())
    assert frame["mcse"].between(0, 0.2).all()


def test_drivers_narrow_from_prior_to_posterior(problem, raw):
    frame = posterior_drivers(problem, raw, "run", 1)
    assert len(frame) == len(DRIVERS) * N_QUARTERS * 2
    spread = np.log(frame["p95"] / frame["p05"]).groupby([frame["driver"], frame["source"]]).mean().unstack()  # noqa: PD010
    # The made-up posterior has 0.4 of the prior's standard deviation.
    assert (spread["posterior"] < 0.7 * spread["prior"]).all()


def test_publisher_bias_counts_used_figures(problem, raw):
    frame = publisher_bias(problem, raw, "run").set_index("publisher")
    used = problem.operator.figures[problem.weight > 0]
    assert list(frame.index) == problem.operator.publishers[1:]
    largest = frame["n"].idxmax()
    assert frame.loc[largest, "n"] == (used["biased_by"] == largest).sum() > 3
    assert (frame["p05"] < frame["p50"]).all()


def test_every_figure_has_one_row_and_unused_ones_a_reason(problem, raw):
    figures = problem.operator.figures
    resolved = pd.DataFrame(
        {
            "figure_id": [*figures["figure_id"], "other-1", "other-2"],
            "quantity": [*figures["quantity"], "", "hbm_bits_gb"],
            "period": [*figures["period"], "2024", "2025"],
            "per_quantity": [*figures["per_quantity"], "", ""],
            "aggregation": [*figures["aggregation"], "", "growth"],
            "unit": ["GB"] * len(figures) + ["USD", "fraction"],
            "mapped": [True] * len(figures) + [True, False],
            "unmapped_reason": [""] * (len(figures) + 1) + ["no metric rule"],
        }
    )
    frame = figure_fit(problem, raw, "run", 1, resolved).set_index("figure_id")
    assert frame.index.is_unique
    assert len(frame) == len(resolved)
    assert frame.loc[~frame["used"], "reason"].notna().all()
    assert frame.loc[frame["used"], "reason"].isna().all()
    assert frame.loc["other-2", "reason"] == "no metric rule"
    assert list(frame["unit"]) == list(resolved["unit"])
    growth = frame["measure"] == "growth"
    assert list(growth) == list(resolved["aggregation"].isin(["growth", "sequential_growth"]))
    is_ratio = (resolved["per_quantity"] != "") | (resolved["aggregation"] == "excess")
    assert list(frame["measure"] == "ratio") == list(is_ratio & ~growth.to_numpy())
    assert frame["measure"].isna().sum() == 1  # what informs no quantity measures none
    assert frame.loc["other-1", "reason"] == "informs no quantity of the chain"
    np.testing.assert_array_equal(frame["weight"].to_numpy()[: len(figures)], problem.weight)


def test_figures_are_compared_in_printed_units(problem, raw):
    frame = figure_fit(problem, raw, "run", 1)
    figures, y = problem.operator.figures, problem.operator.arrays["y"]
    # Growth, and an excess of supply over demand, are printed as a ratio less one.
    growth = figures["aggregation"].isin(["growth", "sequential_growth", "excess"]).to_numpy()
    assert (figures["aggregation"] == "excess").any()
    logit = problem.operator.arrays["is_logit"] > 0
    plain = ~growth & ~logit
    assert plain.any()
    assert growth.any()
    np.testing.assert_allclose(frame["published_value"][plain], np.exp(y[plain]))
    np.testing.assert_allclose(frame["published_value"][growth & ~logit], np.exp(y[growth & ~logit]) - 1)
    assert frame.loc[logit, "predicted_p95"].between(0, 1).all()
    two_sided = problem.operator.arrays["censored"] == 0
    inside = frame["published_value"].between(frame["predicted_p05"], frame["predicted_p95"])
    pit = frame["pit"]
    assert pit[~two_sided].isna().all()
    # The same draws say both: pit inside 5 to 95 % is inside the printed interval, but for what lies at its
    # edge, where a quantile falls between two draws.
    at_the_edge = np.minimum((pit - 0.05).abs(), (pit - 0.95).abs()) < 1.5 / len(raw["driver_level"])
    clear = two_sided & ~at_the_edge
    assert clear.sum() > 0.9 * two_sided.sum()
    assert (pit.between(0.05, 0.95) == inside)[clear].all()
