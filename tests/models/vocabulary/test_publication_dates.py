"""Publications count as known from the latest day that their print allows; an impossible date is refused."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.vocabulary.periods import PeriodError
from models.vocabulary.publication_dates import date_precision, effective_date, horizon_years
from tests.models.vocabulary.test_periods import grid_periods


@pytest.mark.parametrize(
    ("text", "precision", "expected"),
    [
        ("2024-02-10", "day", date(2024, 2, 10)),
        ("2024-02", "month", date(2024, 2, 29)),
        ("2024", "year", date(2024, 12, 31)),
    ],
)
def test_effective_date_is_the_latest_the_print_allows(text, precision, expected):
    assert effective_date(text, precision) == expected
    assert date_precision(text) == precision


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("2024-02-30", "day"),
        ("2024-13", "month"),
        ("2024-02", "day"),
        ("2024", "decade"),
        ("", "year"),
        ("0000", "year"),
    ],
)
def test_impossible_dates_are_refused(text, precision):
    with pytest.raises(PeriodError):
        effective_date(text, precision)


@given(grid_periods(), st.integers(0, 4000))
def test_horizon_counts_down_to_zero_and_stays_there(period, days):
    published = period.end_date - timedelta(days=days)
    assert horizon_years(published, period) == pytest.approx(days / 365.25)
    assert horizon_years(period.end_date + timedelta(days=days), period) == 0
