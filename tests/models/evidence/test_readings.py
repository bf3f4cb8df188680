"""The one reader of a figure: dates, horizon, working value, width and side."""

import math
from datetime import date

import pytest

from models.evidence.readings import FigureError, read_figure
from models.vocabulary.periods import PeriodError

FIGURE = {
    "period": "2025",
    "value": 20.0,
    "low": math.nan,
    "high": None,
    "kind": "forecast",
    "published_on": "2024-06",
    "published_precision": "month",
    "quantity": "hbm_revenue_usd",
}


def reading(**columns):
    return read_figure(FIGURE | columns)


def test_a_date_is_a_span_known_from_its_end_and_written_in_its_middle():
    month = reading()
    assert (month.first_on, month.known_on) == (date(2024, 6, 1), date(2024, 6, 30))
    assert month.middle_on == date(2024, 6, 15)
    assert month.horizon == pytest.approx((date(2025, 12, 31) - date(2024, 6, 15)).days / 365.25)
    year = reading(published_on="2024", published_precision="year")
    assert (year.first_on, year.middle_on, year.known_on) == (
        date(2024, 1, 1),
        date(2024, 7, 1),
        date(2024, 12, 31),
    )
    day = reading(published_on="2024-06-07", published_precision="day")
    assert day.first_on == day.middle_on == day.known_on == date(2024, 6, 7)
    assert reading(kind="actual").horizon == 0.0
    assert reading(period="2023").horizon == 0.0


@pytest.mark.parametrize(
    ("numbers", "y", "half_width", "censored"),
    [
        ((20.0, None, None), math.log(20), 0.0, 0),
        ((20.0, 10.0, 40.0), math.log(20), math.log(2), 0),
        ((None, 10.0, 40.0), math.log(20), math.log(2), 0),
        ((None, 10.0, math.nan), math.log(10), 0.0, 1),
        ((None, None, 40.0), math.log(40), 0.0, -1),
        ((20.0, 10.0, None), math.log(20), 0.0, 0),
    ],
)
def test_value_range_and_bound(numbers, y, half_width, censored):
    found = reading(**dict(zip(("value", "low", "high"), numbers, strict=True)))
    assert found.y == pytest.approx(y)
    assert found.half_width == pytest.approx(half_width)
    assert found.censored == censored
    if censored:
        assert math.isnan(found.log_value)
    else:
        assert (found.log_value, found.log_half_width) == pytest.approx((y, half_width))


def test_a_share_has_a_logit_and_a_log():
    found = reading(value=None, low=0.2, high=0.8, scale="logit")
    assert found.is_logit
    assert found.y == pytest.approx(0.0)
    assert found.half_width == pytest.approx(math.log(4))
    assert found.log_value == pytest.approx(math.log(0.4)), "geometric middle of 0.2 and 0.8"
    assert found.log_half_width == pytest.approx(math.log(4) / 2)


@pytest.mark.parametrize("aggregation", ["growth", "sequential_growth"])
def test_growth_is_the_log_of_one_and_it(aggregation):
    found = reading(value=-0.2, aggregation=aggregation)
    assert found.is_growth
    assert found.y == found.log_value == pytest.approx(math.log(0.8))


def test_an_excess_is_the_log_of_the_ratio_it_is_over():
    """A sufficiency ratio of -20 % says: supply is 0.8 of demand. It is no growth: it has no base."""
    short = {"aggregation": "excess", "quantity": "hbm_sufficiency"}
    found = reading(value=-0.2, **short)
    assert found.y == found.log_value == pytest.approx(math.log(0.8))
    assert not found.is_growth
    span = reading(value=None, low=-0.2, high=0.25, **short)
    assert span.y == pytest.approx(math.log(0.8 * 1.25) / 2)
    assert span.half_width == pytest.approx(math.log(1.25 / 0.8) / 2)
    at_most = reading(value=None, low=None, high=-0.05, **short)
    assert (at_most.y, at_most.censored) == (pytest.approx(math.log(0.95)), -1)
    with pytest.raises(FigureError, match="value -1 can't be taken to the log scale"):
        reading(value=-1.0, **short)


@pytest.mark.parametrize(
    ("accessed", "middle", "known"),
    [
        # Read within the printed year: known on that day, and written by then at the latest.
        ("2024-07-15", date(2024, 7, 1), date(2024, 7, 15)),
        ("2024-03-01", date(2024, 3, 1), date(2024, 3, 1)),
        ("2024-03", date(2024, 3, 31), date(2024, 3, 31)),
        # Read later: it was known from the end of the year.
        ("2026-11-20", date(2024, 7, 1), date(2024, 12, 31)),
        ("", date(2024, 7, 1), date(2024, 12, 31)),
        (math.nan, date(2024, 7, 1), date(2024, 12, 31)),
        # Nobody reads what is not out: never before the first day it may have appeared.
        ("2023-12-01", date(2024, 1, 1), date(2024, 1, 1)),
    ],
)
def test_what_was_read_before_its_printed_year_was_over_is_known_from_then(accessed, middle, known):
    found = reading(published_on="2024", published_precision="year", accessed_on=accessed)
    assert (found.first_on, found.middle_on, found.known_on) == (date(2024, 1, 1), middle, known)
    assert found.horizon == pytest.approx((date(2025, 12, 31) - middle).days / 365.25)


@pytest.mark.parametrize(
    ("period", "quantity", "undated"),
    [
        ("2025", "hbm_tsv_capacity_wafers_per_month", True),
        ("2025H1", "hbm_tsv_capacity_wafers_per_month", True),
        ("2025Q4", "hbm_tsv_capacity_wafers_per_month", False),
        ("2025-12", "hbm_tsv_capacity_wafers_per_month", False),
        ("2025", "hbm_revenue_usd", False),
        ("2025", "", False),
    ],
)
def test_a_level_printed_for_a_long_span_is_undated(period, quantity, undated):
    assert reading(period=period, quantity=quantity).is_undated == undated


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"value": 0.0}, "value 0 can't be taken to the log scale"),
        ({"value": 1.0, "scale": "logit"}, "value 1 can't be taken to the logit scale"),
        ({"value": -1.0, "aggregation": "growth"}, "value -1 can't be taken to the log scale"),
        ({"value": 20.0, "low": 0.0, "high": 30.0}, "value 0 can't be taken"),
        ({"value": None}, "neither value, low nor high"),
    ],
)
def test_what_has_no_place_on_its_scale_is_said_as_printed(columns, words):
    with pytest.raises(FigureError, match=words):
        reading(**columns)


@pytest.mark.parametrize("cell", [15, 15.0, "15", "15.0", " 15 "])
def test_the_month_of_a_fiscal_year_s_end_is_read_from_any_cell(cell):
    period = reading(period="FY2024", fiscal_year_end_month=cell).period
    assert period.end_date == date(2025, 3, 31)


@pytest.mark.parametrize("cell", [None, math.nan, "", " "])
def test_an_empty_month_is_none(cell):
    with pytest.raises(PeriodError, match="fiscal_year_end_month is empty"):
        reading(period="FY2024", fiscal_year_end_month=cell)
    assert reading(period="2024", fiscal_year_end_month=cell).period.text == "2024"


def test_a_month_that_is_no_number_is_refused_by_name():
    with pytest.raises(PeriodError, match="fiscal_year_end_month 'August' is no month"):
        reading(period="FY2024", fiscal_year_end_month="August")
