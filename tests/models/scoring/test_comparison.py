"""Two backtests are compared on the forecasts both made, by the dates of the outcomes."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.scoring.comparison import common_forecasts, compare
from models.scoring.independence import grouped
from models.scoring.scoreboard import outcome_dates


def made(periods, crps, opponent="hbmcast"):
    head = {"as_of": date(2024, 1, 31), "quantity": "q", "opponent": opponent, "metric": "crps"}
    head |= {"outcome_value": 1.0}
    return pd.DataFrame([head | {"period": p, "value": v} for p, v in zip(periods, crps, strict=True)])


OUTCOMES = grouped(
    pd.DataFrame(
        {
            **{"quantity": "q", "period": list("abcdef"), "start": range(6), "end": range(6)},
            **{"figure_ids": list("uvwxyz"), "known_on": [date(2025, 1, 1)] * 3 + [date(2026, 1, 1)] * 3},
        }
    )
)


def test_only_common_forecasts_count_and_the_split_is_by_the_outcome():
    before = made("abcde", [0.5, 0.5, 0.5, 0.2, 0.2])
    after = made("abcdf", [0.3, 0.3, 0.3, 0.3, 9.9])
    table = compare(before, pd.concat([after, made("a", [7.0], "latest figure")]), OUTCOMES, seed=1)
    rows = table.set_index(["quantity", "outcome_dates", "metric"])
    whole, judged, confirmed = (rows.loc["all", dates, "crps"] for dates in ("all", *outcome_dates()))
    assert (whole["n"], judged["n"], confirmed["n"]) == (4, 3, 1)
    assert (judged["before"], judged["after"]) == pytest.approx((0.5, 0.3))
    assert confirmed["difference"] == pytest.approx(0.1)
    assert (judged["difference_low"], judged["difference_high"]) == pytest.approx((-0.2, -0.2))
    assert np.isnan(confirmed["difference_low"]), "one target says nothing of chance"


def test_quantities_of_systems_have_rows_of_their_own_and_are_not_in_all():
    outcomes = OUTCOMES.assign(quantity=["q", "q", "q", "equipment/x", "equipment/x", "equipment/x"])
    scores = made("abcdef", [0.1] * 6).assign(quantity=outcomes["quantity"])
    table = compare(scores, scores, outcomes, seed=1).set_index(["quantity", "outcome_dates"])
    assert table.loc[("all", "all"), "n"] == 3
    assert table.loc[("equipment/x", "all"), "n"] == 3


def test_forecasts_held_against_another_value_are_no_common_ones():
    before, after = made("abc", [0.5] * 3), made("abc", [0.3] * 3)
    after.loc[2, "outcome_value"] = 1.1
    kept = common_forecasts(before, after)
    assert [list(scores["period"]) for scores in kept] == [["a", "b"], ["a", "b"]]
    table = compare(before, after, OUTCOMES, seed=1)
    assert table.loc[table["outcome_dates"] == "all", "n"].tolist() == [2, 2]
