"""Scores against closed forms, skill on worlds whose truth is known, and what may be scored at all."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest, norm

from models.scoring import scores as scoring
from models.scoring.dressing import dressed
from models.scoring.horizons import horizon_group
from models.scoring.scores import (
    covered,
    draw_scores,
    open_targets,
    pit_values,
    vintage_scores,
)
from tests.models.scoring.made_scores import NO_ERRORS, make_outcomes

RNG = np.random.default_rng(1)


def crps_normal(mean, sd, y):
    z = (y - mean) / sd
    return sd * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))


@pytest.mark.parametrize(("mean", "sd", "y"), [(0.0, 1.0, 0.0), (1.0, 0.3, 2.0), (23.0, 0.5, 22.1)])
def test_crps_and_log_score_are_the_normal_s_own(mean, sd, y):
    # Quantiles in place of random draws: what is left is the error of 4000 points, not luck.
    draws = mean + sd * norm.ppf((np.arange(4000) + 0.5) / 4000)
    scores = draw_scores(draws[:, None], np.array([y]), np.array([0.0]), RNG)
    assert scores["crps"][0] == pytest.approx(crps_normal(mean, sd, y), rel=5e-3)
    # The kernel estimate widens the density a little, which shows in the tails.
    assert scores["log_score"][0] == pytest.approx(-norm.logpdf(y, mean, sd), abs=0.03, rel=0.05)
    assert scores["pit"][0] == pytest.approx(norm.cdf(y, mean, sd), abs=1e-3)
    assert scores["absolute_error"][0] == pytest.approx(abs(y - mean), abs=1e-3)


def test_crps_relative_is_the_lognormal_s_own_in_units_of_the_outcome():
    mean, sd, y = 0.4, 0.5, 1.3
    draws = mean + sd * norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    found = draw_scores(draws[:, None], np.log([y]), np.array([0.0]), RNG)["crps_relative"][0]
    w = (np.log(y) - mean) / sd
    expected = y * (2 * norm.cdf(w) - 1) - 2 * np.exp(mean + sd**2 / 2) * (
        norm.cdf(w - sd) + norm.cdf(sd / np.sqrt(2)) - 1
    )
    assert found == pytest.approx(expected / y, rel=5e-3)


def test_scores_of_a_measured_outcome_are_those_of_the_wider_normal():
    draws = 0.3 * norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    found = draw_scores(draws[:, None], np.array([0.7]), np.array([0.4]), np.random.default_rng(8))
    assert found["crps"][0] == pytest.approx(crps_normal(0, 0.3, 0.7), rel=5e-3)
    assert found["crps_with_outcome_error"][0] == pytest.approx(crps_normal(0, 0.5, 0.7), rel=0.02)
    assert found["log_score_with_outcome_error"][0] == pytest.approx(-norm.logpdf(0.7, 0, 0.5), abs=0.05)


def test_pit_is_uniform_and_intervals_cover_as_they_say_where_the_forecast_is_true():
    truth = RNG.standard_normal(3000)
    draws = RNG.standard_normal((400, 3000))
    assert kstest(pit_values(draws, truth), "uniform").pvalue > 0.01
    for level in scoring.COVERAGE_LEVELS:
        assert covered(draws, truth, level).mean() == pytest.approx(level / 100, abs=0.03)


def test_an_uncertain_outcome_is_covered_once_its_own_error_is_counted():
    n, sd = 3000, 0.5
    truth = RNG.standard_normal(n)
    measured = truth + sd * RNG.standard_normal(n)
    scores = draw_scores(RNG.standard_normal((400, n)), measured, np.full(n, sd), RNG)
    assert scores["covered_80"].mean() < 0.77
    assert scores["covered_80_with_outcome_error"].mean() == pytest.approx(0.8, abs=0.03)


def test_pit_never_is_zero_or_one_and_ties_count_half():
    draws = np.zeros((9, 3))
    assert pit_values(draws, np.array([-1.0, 0.0, 1.0])) == pytest.approx([0.05, 0.5, 0.95])


def test_only_what_was_not_yet_visible_is_scored():
    table = make_outcomes()
    assert len(open_targets(table, date(2025, 1, 30))) == 1
    assert open_targets(table, date(2025, 1, 31)).empty
    late = make_outcomes(known_on=date(2026, 6, 30))
    assert len(open_targets(late, date(2025, 3, 1))) == 1
    assert open_targets(late, date(2025, 9, 1)).empty, "a period long over is no forecast"


def test_horizon_groups_meet_at_half_a_year():
    assert open_targets(make_outcomes(), date(2024, 6, 30))["horizon_years"][0] == pytest.approx(184 / 365.25)
    assert horizon_group(0.5) == "up to six months"
    assert horizon_group(0.51) == "over six months"
    assert horizon_group(-0.2) == "up to six months"


def test_where_an_opponent_falls_in_our_draws():
    targets = open_targets(
        pd.concat([make_outcomes(period=period) for period in ("t0", "t1")]), date(2024, 1, 31)
    )
    head = {"quantity": "hbm_revenue_usd", "opponent": "latest figure", "n_figures": 1}
    points = pd.DataFrame([head | {"period": "t1", "value": 3.5}, head | {"period": "t0", "value": 1.5}])
    draws = np.log(np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0], [4.0, 4.0]]))
    points = dressed(points, targets, NO_ERRORS)
    found = vintage_scores(date(2024, 1, 31), targets, draws, points, RNG)
    above = found[found["metric"] == "probability_above"].set_index("period")
    assert above["value"].to_dict() == {"t0": 0.75, "t1": 0.25}
    assert set(above["opponent"]) == {"latest figure"}
