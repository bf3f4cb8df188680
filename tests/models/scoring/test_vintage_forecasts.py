"""What a vintage forecast of the headline is kept for every period, in the units of the quantities."""

from datetime import date

import numpy as np
import pytest

from models.scoring.vintage_forecasts import COLUMNS, tracked_targets, vintage_forecasts
from models.vocabulary.quantities import TRACKED


def test_targets_are_all_quarters_and_years_of_the_headline():
    targets = tracked_targets()
    assert len(targets) == 35 * len(TRACKED)
    assert set(targets["quantity"]) == set(TRACKED)
    year = targets[(targets["period"] == "2025") & (targets["quantity"] == TRACKED[0])].iloc[0]
    assert (year["start"], year["end"]) == (48, 59)


def test_quantiles_are_those_of_the_draws():
    targets = tracked_targets().head(2)
    draws = np.log(np.column_stack([np.linspace(1.0, 101.0, 101), np.linspace(10.0, 1010.0, 101)]))
    rows = vintage_forecasts(date(2024, 5, 31), targets, draws)
    assert list(rows.columns) == list(COLUMNS)
    assert rows["p50"].tolist() == pytest.approx([51.0, 510.0])
    assert rows["p10"].tolist() == pytest.approx([11.0, 110.0])
    assert rows["p95"].tolist() == pytest.approx([96.0, 960.0])
    assert set(rows["as_of"]) == {date(2024, 5, 31)}
