"""Opponents get the spread of their own past errors, learned from what was known on the day, and no more."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student_t

from models.scoring.dressing import (
    POOLED_TARGETS,
    PRIOR_SD,
    PRIOR_TARGETS,
    Views,
    dress_by_day,
    dressed,
    dressed_draws,
    dressed_scores,
    past_errors,
    shared_error,
)

LONG = "over six months"


def history(*rows):
    """Rows (as_of, period, value) of the latest figure on a quantity."""
    head = {"quantity": "q", "horizon_group": LONG, "opponent": "latest figure"}
    return pd.DataFrame([head | {"as_of": a, "period": p, "value": v} for a, p, v in rows])


def settled(*rows):
    return pd.DataFrame([{"quantity": "q", "period": p, "value": v, "known_on": k} for p, v, k in rows])


def errors(sizes, quantity="q", opponent="latest figure", group=LONG):
    """One past target a size, forecast once each."""
    head = {"as_of": date(2023, 1, 31), "quantity": quantity, "opponent": opponent, "horizon_group": group}
    rows = [head | {"period": f"{quantity}{i}", "error": e} for i, e in enumerate(sizes)]
    return pd.DataFrame(rows, columns=[*head, "period", "error"])


def one_point(quantity="q", opponent="latest figure", value=2.0, years=1.0):
    points = pd.DataFrame([{"quantity": quantity, "period": "2026", "opponent": opponent, "value": value}])
    return points, points[["quantity", "period"]].assign(horizon_years=years)


def test_only_points_made_before_the_first_print_are_errors():
    known = date(2025, 2, 10)
    made = history((date(2024, 1, 31), "2024", 1.0), (known, "2024", 1.5), (date(2024, 1, 31), "2025", 1.0))
    found = past_errors(made, settled(("2024", 2.0, known)))
    # The second was made when the outcome was out, the third has no outcome yet.
    assert found["error"].tolist() == pytest.approx([np.log(2.0)])
    assert found["as_of"].tolist() == [date(2024, 1, 31)]


def test_without_a_past_it_is_the_prior_with_the_prior_s_tails():
    for years, group in ((0.3, "up to six months"), (1.0, LONG)):
        found = dressed(*one_point(years=years), errors([])).iloc[0]
        assert found["log_scale"] == pytest.approx(PRIOR_SD[group])
        assert found["degrees"] == PRIOR_TARGETS
        assert found["n_errors"] == 0


def test_a_long_past_is_believed_and_each_target_counts_once():
    many = dressed(*one_point(), errors([0.1, -0.1] * 500)).iloc[0]
    assert many["log_scale"] == pytest.approx(0.1, rel=0.01)
    assert many["degrees"] == POOLED_TARGETS + 1000
    once = errors([0.1, -0.4])
    often = pd.concat([once, *[once.iloc[:1].assign(as_of=date(2023, m, 28)) for m in range(2, 12)]])
    pd.testing.assert_frame_equal(dressed(*one_point(), often), dressed(*one_point(), once))


def test_few_errors_of_a_quantity_lean_on_those_of_the_others():
    elsewhere = errors([0.8, -0.8] * 50, quantity="other")
    nothing = dressed(*one_point(), elsewhere).iloc[0]
    pooled = (PRIOR_TARGETS * PRIOR_SD[LONG] ** 2 + 100 * 0.64) / (PRIOR_TARGETS + 100)
    assert nothing["log_scale"] == pytest.approx(np.sqrt(pooled))
    few = dressed(*one_point(), pd.concat([elsewhere, errors([0.0] * 5)])).iloc[0]
    assert few["log_scale"] < nothing["log_scale"]
    # Another opponent's errors, and those of the other horizon, are not its own.
    others = [errors([2.0] * 9, opponent="no change"), errors([2.0] * 9, group="up to six months")]
    assert dressed(*one_point(), pd.concat(others)).iloc[0]["log_scale"] == pytest.approx(PRIOR_SD[LONG])


def test_a_biased_past_shows_as_spread():
    assert dressed(*one_point(), errors([0.5] * 500)).iloc[0]["log_scale"] == pytest.approx(0.5, rel=0.02)


def test_a_calibrated_dress_costs_what_the_theory_says_and_covers_as_it_says():
    rng = np.random.default_rng(3)
    outcome = 0.3 * rng.standard_normal(20_000)
    points = pd.DataFrame({"value": np.ones(20_000), "log_scale": 0.3, "degrees": 1e6})
    found = dressed_scores(points, outcome, (50, 80, 90))
    assert found["crps"].mean() / found["absolute_error"].mean() == pytest.approx(np.sqrt(0.5), abs=0.01)
    for level in (50, 80, 90):
        assert found[f"covered_{level}"].mean() == pytest.approx(level / 100, abs=0.01)
    assert found["pit"].mean() == pytest.approx(0.5, abs=0.01)


def test_log_score_and_crps_are_the_student_t_s_own():
    points = pd.DataFrame({"value": [2.0], "log_scale": [0.4], "degrees": [5.0]})
    y = np.log([3.0])
    found = dressed_scores(points, y, (80,))
    assert found["log_score"] == pytest.approx(-student_t.logpdf(y, 5, np.log(2.0), 0.4))
    q = (np.arange(200_000) + 0.5) / 200_000
    draws = student_t.ppf(q, 5, np.log(2.0), 0.4)
    sorted_spread = 2 * np.mean(draws * (2 * q - 1))
    assert found["crps"] == pytest.approx(np.mean(np.abs(draws - y)) - 0.5 * sorted_spread, rel=1e-3)


def test_errors_that_go_together_are_found_and_without_any_the_prior_stands():
    assert shared_error(errors([]), "latest figure") == pytest.approx(0.5)
    rng = np.random.default_rng(2)
    common, own = rng.standard_normal((60, 1)), rng.standard_normal((60, 12))

    def past(correlation):
        values = 0.2 * (np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own)
        head = {"quantity": "q", "opponent": "latest figure", "horizon_group": LONG}
        rows = [
            head | {"as_of": date(2018 + v // 12, v % 12 + 1, 28), "period": f"p{i}", "error": values[v, i]}
            for v in range(60)
            for i in range(12)
        ]
        return pd.DataFrame(rows)

    assert shared_error(past(0.9), "latest figure") == pytest.approx((5 + 66 * 0.9) / 76, abs=0.1)
    assert shared_error(past(0.0), "latest figure") == pytest.approx(5 / 76, abs=0.1)


def test_drawn_together_each_target_is_the_student_t_that_is_scored():
    points = pd.DataFrame({"value": [2.0, 3.0], "log_scale": [0.4, 0.1], "degrees": [5.0, 50.0]})
    drawn = dressed_draws(points, 0.8, 40_000, np.random.default_rng(1))
    for column, (value, scale, degrees) in enumerate(((2.0, 0.4, 5), (3.0, 0.1, 50))):
        wanted = student_t.ppf([0.1, 0.5, 0.9], degrees, np.log(value), scale)
        assert np.quantile(drawn[:, column], [0.1, 0.5, 0.9]) == pytest.approx(wanted, abs=0.02)
    assert np.corrcoef(drawn.T)[0, 1] == pytest.approx(0.8, abs=0.03)
    apart = dressed_draws(points, 0.0, 40_000, np.random.default_rng(1))
    assert np.corrcoef(apart.T)[0, 1] == pytest.approx(0.0, abs=0.03)


def test_a_day_is_dressed_by_what_was_known_on_it_and_not_by_what_came_later():
    def views(day, value, outcome=None):
        points, targets = one_point(value=value)
        known = (
            settled(("2026", outcome, date(2025, 2, 10)))
            if outcome
            else settled(("x", 1.0, date(2020, 1, 1)))
        )
        return Views(targets, points, known)

    days = [date(2024, 6, 30), date(2024, 12, 31), date(2025, 2, 28)]
    calm = dict(zip(days, [views(days[0], 2.0), views(days[1], 2.0), views(days[2], 2.0, 2.0)], strict=True))
    wild = calm | {days[2]: views(days[2], 2.0, 9.0)}
    found, other = (dress_by_day(v, ("latest figure", "no change")) for v in (calm, wild))
    for day in days[:2]:
        assert found[day].points["log_scale"].tolist() == other[day].points["log_scale"].tolist()
        assert found[day].points["log_scale"].tolist() == pytest.approx([PRIOR_SD[LONG]])
    assert found[days[2]].points["n_errors"].tolist() == [1]
    assert other[days[2]].points["log_scale"][0] > 1.3 * found[days[2]].points["log_scale"][0]
    assert set(found[days[2]].shared) == {"latest figure"}, "who said nothing is not drawn"
