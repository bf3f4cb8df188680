"""What coverage a calibrated forecast would show by chance: closed forms, and a filter that is right."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, multivariate_normal, norm

from models.scoring.coverage_by_chance import (
    Spread,
    chance_of_all_lines,
    lines_of,
    shares_covered,
    simulate_coverage_of_calibrated_forecast,
    spread,
)
from models.scoring.scoreboard import scoreboard
from models.scoring.scores import covered, vintage_scores

FIRST = date(2024, 1, 31)
RNG = np.random.default_rng(5)


def made(vintage: int, log_sd: list[float], correlation: float = 0.0, own_error: float = 0.0) -> Spread:
    n = len(log_sd)
    targets = pd.DataFrame(
        {"quantity": "hbm_revenue_usd", "period": [f"{2024 + i}" for i in range(n)], "log_sd": own_error}
    )
    matrix = np.full((n, n), correlation) + (1.0 - correlation) * np.eye(n)
    return Spread(FIRST + timedelta(days=30 * vintage), targets, np.array(log_sd), matrix)


def test_a_target_whose_spread_stays_is_inside_always_or_never():
    inside = simulate_coverage_of_calibrated_forecast([made(v, [0.3]) for v in range(6)], seed=1).to_numpy()
    assert inside.shape == (6, 2000)
    assert set(inside.mean(axis=0)) == {0.0, 1.0}
    assert inside.mean() == pytest.approx(0.8, abs=0.03)


def test_two_vintages_are_inside_together_as_often_as_the_normal_says():
    # Variance 1, then 1/4: the errors' correlation is 0.5 / 1.
    inside = simulate_coverage_of_calibrated_forecast(
        [made(0, [1.0]), made(1, [0.5])], seed=2, simulations=40_000
    ).to_numpy()
    z = norm.ppf(0.9)
    both = multivariate_normal(cov=[[1.0, 0.5], [0.5, 1.0]])
    wanted = both.cdf([z, z], lower_limit=[-z, -z])
    assert inside.all(axis=0).mean() == pytest.approx(wanted, abs=0.01)


@pytest.mark.parametrize(("correlation", "widest"), [(0.0, 0.2), (1.0, 1.0)])
def test_correlated_targets_leave_more_to_chance(correlation, widest):
    inside = simulate_coverage_of_calibrated_forecast([made(0, [0.4] * 40, correlation)], seed=3).to_numpy()
    low, high = np.quantile(inside.mean(axis=0), [0.05, 0.95])
    assert high - low == pytest.approx(widest, abs=0.05)


def test_a_vintage_less_sure_than_the_one_before_is_calibrated_too():
    inside = simulate_coverage_of_calibrated_forecast(
        [made(0, [0.2]), made(1, [0.4]), made(2, [0.1])], seed=4
    ).to_numpy()
    assert inside.mean(axis=1) == pytest.approx([0.8] * 3, abs=0.03)


def test_the_outcomes_own_error_is_shared_by_all_its_forecasts():
    inside = simulate_coverage_of_calibrated_forecast(
        [made(v, [1e-6], own_error=0.2) for v in range(3)], seed=5
    ).to_numpy()
    assert (inside == inside[0]).all()
    assert inside.mean() == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize(
    ("spreads", "level", "words"),
    [([made(0, [0.1])], 85, "level 85"), ([made(1, [0.1]), made(0, [0.1])], 80, "by date")],
)
def test_what_cannot_be_simulated_is_refused(spreads, level, words):
    with pytest.raises(ValueError, match=words):
        simulate_coverage_of_calibrated_forecast(spreads, 1, level)


def filter_world(factor: float, seed: int) -> tuple[np.ndarray, np.ndarray, list[Spread], pd.DataFrame]:
    """Draws (vintage, draw, target) of a Gaussian filter of random walks, its deviations times a factor."""
    rng = np.random.default_rng(seed)
    truth = np.cumsum(rng.standard_normal((6, 40)) * 0.1, axis=0)
    outcome = truth[-1] + 0.1 * rng.standard_normal(40)
    targets = pd.DataFrame(
        {
            **{"quantity": "hbm_revenue_usd", "period": [f"p{i}" for i in range(40)], "figure_ids": "f"},
            **{"value": np.exp(outcome), "log_sd": 0.0, "horizon_years": 1},
        }
    )
    # What is still to come at vintage v: 5 - v steps, and what the last vintage left open.
    ahead = 0.1 * np.sqrt(6 - np.arange(6))[:, None, None]
    draws = truth[:, None, :] + factor * ahead * rng.standard_normal((6, 400, 40))
    days = [FIRST + timedelta(days=30 * v) for v in range(6)]
    return draws, outcome, [spread(*one) for one in zip(days, [targets] * 6, draws, strict=True)], targets


def test_filters_that_are_right_lie_within_chance_nine_times_in_ten():
    within, widths = [], []
    for seed in range(60):
        draws, outcome, spreads, _ = filter_world(1.0, seed)
        share = np.mean([covered(drawn, outcome, 80) for drawn in draws])
        by_chance = (
            simulate_coverage_of_calibrated_forecast(spreads, seed, simulations=500).to_numpy().mean(axis=0)
        )
        low, high = np.quantile(by_chance, [0.05, 0.95])
        within.append(low <= share <= high)
        widths.append(high - low)
    # 60 worlds: 0.9 give or take three standard deviations of 0.039.
    assert 0.78 <= np.mean(within) < 1.0
    assert np.mean(widths) < 0.25


def test_an_overconfident_filter_lies_below_chance_on_the_scoreboard():
    draws, _, spreads, targets = filter_world(0.5, seed=1)
    scored = [
        vintage_scores(s.as_of, targets, drawn, pd.DataFrame(), RNG)
        for s, drawn in zip(spreads, draws, strict=True)
    ]
    months = {"start": range(40), "end": range(40), "known_on": date(2025, 1, 1)}
    outcomes = targets.assign(**months, figure_ids=[f"f{i}" for i in range(40)])
    board = scoreboard(
        pd.concat(scored),
        outcomes,
        seed=6,
        calibrated=simulate_coverage_of_calibrated_forecast(spreads, seed=6),
    )
    row = board.set_index(["quantity", "horizon_group", "opponent", "outcome_dates"])
    row = row.loc[("all", "all", "none", "all")]
    assert row["coverage_80"] < row["coverage_80_calibrated_low"] < row["coverage_80_calibrated_high"]
    assert row["coverage_80_chance_of_less"] < 0.01


def of_quantities(correlation, quantities=("a", "b")):
    """One vintage with a target a quantity."""
    one = made(0, [0.3] * len(quantities), correlation)
    return one._replace(targets=one.targets.assign(quantity=list(quantities)))


def test_all_lines_at_once_are_met_as_often_as_the_normal_says():
    z = norm.ppf(0.9)
    for correlation, wanted in ((0.0, 0.64), (1.0, 0.8)):
        inside = simulate_coverage_of_calibrated_forecast(
            [of_quantities(correlation)], seed=1, simulations=40_000
        )
        lines = lines_of(inside, ["a", "b", "not there"])
        assert set(lines) == {"a", "b"}
        # A line of one target is all or nothing: both have to be inside.
        assert chance_of_all_lines(inside, lines, 0.9, 1.0) == pytest.approx(wanted, abs=0.01)
    rho = 0.6
    inside = simulate_coverage_of_calibrated_forecast([of_quantities(rho)], seed=1, simulations=40_000)
    both = multivariate_normal(cov=[[1.0, rho], [rho, 1.0]]).cdf([z, z], lower_limit=[-z, -z])
    assert chance_of_all_lines(inside, lines_of(inside, ["a", "b"]), 0.9, 1.0) == pytest.approx(
        both, abs=0.01
    )


def test_a_line_of_many_targets_is_met_as_often_as_the_binomial_says():
    inside = simulate_coverage_of_calibrated_forecast([made(0, [0.3] * 20)], seed=2, simulations=40_000)
    lines = lines_of(inside, ["all"])
    wanted = binom.cdf(18, 20, 0.8) - binom.cdf(13, 20, 0.8)
    assert chance_of_all_lines(inside, lines, 0.7, 0.9) == pytest.approx(wanted, abs=0.01)
    assert shares_covered(inside, lines).loc["all"].mean() == pytest.approx(0.8, abs=0.01)


def test_lines_that_were_not_simulated_are_refused():
    inside = simulate_coverage_of_calibrated_forecast([made(0, [0.3])], seed=1)
    other = pd.MultiIndex.from_tuples([(FIRST, "another", "2024")], names=inside.index.names)
    with pytest.raises(KeyError, match="not simulated"):
        chance_of_all_lines(inside, {"line": other}, 0.7, 0.9)
    with pytest.raises(KeyError, match="0 forecasts"):
        shares_covered(inside, {"line": other[:0]})


def test_draws_are_summed_up_with_their_correlation_and_a_constant_target_is_no_nan():
    one = RNG.standard_normal(5000)
    drawn = np.stack([0.2 * one, -0.1 * one, np.full(5000, 3.0)], axis=1)
    found = spread(FIRST, made(0, [1.0] * 3).targets, drawn)
    assert found.log_sd == pytest.approx([0.2, 0.1, 0.0], rel=0.05)
    assert found.correlation == pytest.approx(np.array([[1, -1, 0], [-1, 1, 0], [0, 0, 1]]), abs=1e-9)
