"""What is frozen of a night, and that it is scored on what its day had not seen."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.draws.simulate import PERIODS
from models.scoring.prospective import (
    chosen_draws,
    frozen_log_draws,
    frozen_periods,
    frozen_quantiles,
    frozen_scores,
    pending_targets,
)
from tests.market import MARKET

AS_OF = date(2026, 2, 10)
NEVER = pd.DataFrame({n: [] for n in ("quantity", "period", "outcome_figure_id", "outcome_value")})


def draws(n=50, **values):
    """Draws of quantities: a number a period, times a factor of the draw."""
    factor = np.exp(0.2 * np.random.default_rng(3).standard_normal(n))
    rows = [
        pd.DataFrame({"draw": range(n), "quantity": q, "period": p, "value": v * factor})
        for q, of_periods in values.items()
        for p, v in of_periods.items()
    ]
    return pd.concat(rows, ignore_index=True)


def outcome(quantity, period, start, end, value, known_on=date(2027, 2, 10), figure="a"):
    head = {"quantity": quantity, "period": period, "start": start, "end": end, "value": value}
    return head | {"log_sd": 0.1, "figure_ids": figure, "known_on": known_on}


def test_draws_are_chosen_by_lot_each_once_and_the_same_for_the_same_night():
    chosen = chosen_draws(18_000, seed=1)
    assert len(chosen) == len(set(chosen)) == 200
    assert chosen == chosen_draws(18_000, seed=1) != chosen_draws(18_000, seed=2)
    # Evenly spaced draws could all rest on a few of the posterior's.
    assert len(set(np.array(chosen) % 2_000)) > 150
    assert chosen_draws(30, seed=1) == list(range(30))


def test_periods_to_come_and_those_of_the_year_before_are_kept():
    kept = frozen_periods(PERIODS, AS_OF)
    assert {"2026", "2025", "2027", "2025Q1", "2027Q4"} <= set(kept)
    assert not {"2024", "2024Q4"} & set(kept)


def test_quantiles_are_those_of_the_forecast():
    levels = {f"p{level:02d}": float(level) for level in (5, 10, 25, 50, 75, 90, 95)}
    head = {"quantity": "hbm_revenue_usd"}
    forecast = pd.DataFrame([head | {"period": p} | levels for p in ("2026", "2021")])
    kept = frozen_quantiles(forecast, AS_OF)
    assert set(kept["period"]) == {"2026"}
    assert set(kept["quantity"]) == {"hbm_revenue_usd"}
    assert dict(zip(kept["level_per_mille"], kept["value"], strict=True)) == {
        50: 5.0, 100: 10.0, 250: 25.0, 500: 50.0, 750: 75.0, 900: 90.0, 950: 95.0,
    }  # fmt: skip


def test_a_fiscal_quarter_is_made_of_calendar_quarters_and_what_is_not_there_is_said_to_be_so():
    held = draws(dram_revenue_usd={"2026Q1": 30.0, "2026Q2": 60.0}, hbm_price_usd_per_gb={"2026Q1": 10.0})
    targets = pd.DataFrame(
        [
            outcome("dram_revenue_usd", "2026Q1", 60, 62, 1.0),
            # February to April: two months of the first quarter, one of the second.
            outcome("dram_revenue_usd", "FY2027Q1", 61, 63, 1.0),
            outcome("dram_revenue_usd", "2026", 60, 71, 1.0),
            outcome("hbm_price_usd_per_gb", "FY2027Q1", 61, 63, 1.0),
        ]
    )
    found = frozen_log_draws(held, targets, MARKET)
    ratio = np.exp(found[:, 1] - found[:, 0])
    assert ratio == pytest.approx(np.full(50, (2 / 3 * 30 + 1 / 3 * 60) / 30))
    assert np.isnan(found[:, 2:]).all(), "a year wants its four quarters, and prices do not add up"


def test_only_outcomes_that_the_day_had_not_seen_are_scored():
    held = draws(hbm_revenue_usd={"2025": 35.0, "2026": 50.0})
    outcomes = pd.DataFrame(
        [
            outcome("hbm_revenue_usd", "2025", 48, 59, 35.0, known_on=AS_OF),
            outcome("hbm_revenue_usd", "2026", 60, 71, 80.0),
            outcome("hbm_revenue_usd", "2027", 72, 83, 90.0),
        ]
    )
    targets = pending_targets(outcomes, AS_OF, NEVER)
    assert targets["period"].tolist() == ["2026", "2027"]
    scores = frozen_scores("night", AS_OF, held, targets, MARKET, seed=1)
    assert scores["period"].tolist() == ["2026"]
    row = scores.iloc[0]
    assert row["frozen_run_id"] == "night"
    assert row["horizon_group"] == "over six months"
    assert row["absolute_error"] == pytest.approx(np.log(80.0) - np.log(row["p50"]))
    assert row["pit_with_outcome_error"] > 0.9
    assert row["covered_50_with_outcome_error"] == 0.0


def test_a_forecast_is_scored_again_only_when_its_outcome_is_another():
    held = draws(hbm_revenue_usd={"2026": 50.0})
    first = pd.DataFrame([outcome("hbm_revenue_usd", "2026", 60, 71, 80.0)])
    before = frozen_scores("night", AS_OF, held, pending_targets(first, AS_OF, NEVER), MARKET, 1)
    assert len(before) == 1
    assert pending_targets(first, AS_OF, before).empty
    # Its own error is learned anew every night.
    assert pending_targets(first.assign(log_sd=0.2), AS_OF, before).empty
    assert len(pending_targets(first.assign(value=70.0), AS_OF, before)) == 1
    assert len(pending_targets(first.assign(figure_ids="a b"), AS_OF, before)) == 1


def test_a_forecast_that_holds_no_target_has_no_scores():
    targets = pending_targets(pd.DataFrame([outcome("server_shipments", "2026", 60, 71, 1e6)]), AS_OF, NEVER)
    assert frozen_scores("night", AS_OF, draws(hbm_revenue_usd={"2026": 50.0}), targets, MARKET, 1).empty
