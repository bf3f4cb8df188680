"""Periods: every form is read, weights count the months, and nothing is seen before it exists."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.vocabulary import periods as p

GRID_YEARS = st.integers(2021, 2027)


@st.composite
def grid_periods(draw):
    """Any period that lies inside the grid, of any kind."""
    year = draw(st.integers(2022, 2026))
    form = draw(
        st.sampled_from(["{y}", "{y}H{h}", "{y}Q{q}", "{y}-{m:02d}", "FY{y}", "FY{y}H{h}", "FY{y}Q{q}"])
    )
    text = form.format(
        y=year, h=draw(st.integers(1, 2)), q=draw(st.integers(1, 4)), m=draw(st.integers(1, 12))
    )
    return p.parse_period(text, draw(st.integers(1, 24)))


@pytest.mark.parametrize(
    ("text", "end_month", "kind", "start", "end"),
    [
        ("2021", None, "year", 0, 11),
        ("2024H2", None, "half", 42, 47),
        ("1876", None, "year", -1740, -1729),  # outside the grid, yet no typing error: a founding year
        ("2024Q3", None, "quarter", 42, 44),
        ("2024-12", None, "month", 47, 47),
        ("FY2025", 1, "fiscal_year", 37, 48),
        ("FY2025Q1", 1, "fiscal_quarter", 37, 39),
        ("FY2025Q2", 8, "fiscal_quarter", 47, 49),
        ("FY2024", 15, "fiscal_year", 39, 50),
        ("FY2024H1", 15, "fiscal_half", 39, 44),
    ],
)
def test_each_form_is_read_as_its_months(text, end_month, kind, start, end):
    period = p.parse_period(text, end_month)
    assert (period.kind, period.start, period.end) == (kind, start, end)


@pytest.mark.parametrize(
    "text",
    ["", "24", "2024Q5", "2024-13", "2024-00", "Q32024", "2024Q3E", "H1 2024", "２０２４", "FY2024-03"],
)
def test_unreadable_text_is_named_with_the_accepted_forms(text):
    with pytest.raises(p.PeriodError, match="accepted forms") as caught:
        p.parse_period(text, 3)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize("end_month", [None, 0, 25, -1])
def test_fiscal_period_needs_a_possible_end_month(end_month):
    with pytest.raises(p.PeriodError, match="fiscal_year_end_month"):
        p.parse_period("FY2024", end_month)


@given(grid_periods())
def test_flow_weights_count_the_months(period):
    indices, weights = p.flow_weights(period)
    assert np.all(np.diff(indices) == 1)
    assert np.all((weights > 0) & (weights <= 1))
    assert weights.sum() * 3 == pytest.approx(period.n_months)
    assert p.level_index(period) == indices[-1]
    _, mean = p.mean_weights(period)
    assert mean.sum() == pytest.approx(1)


@given(GRID_YEARS)
def test_a_year_is_its_quarters_halves_and_months(year):
    def dense(text):
        out = np.zeros(p.N_ALL)
        indices, weights = p.flow_weights(p.parse_period(text))
        out[indices] = weights
        return out

    whole = dense(str(year))
    assert np.array_equal(whole, sum(dense(f"{year}Q{q}") for q in range(1, 5)))
    assert np.array_equal(whole, sum(dense(f"{year}H{h}") for h in (1, 2)))
    assert np.allclose(whole, sum(dense(f"{year}-{m:02d}") for m in range(1, 13)))
    assert [p.QUARTERS[i] for i in np.flatnonzero(whole)] == [f"{year}Q{q}" for q in range(1, 5)]


def test_a_january_year_end_is_split_by_months():
    indices, weights = p.flow_weights(p.parse_period("FY2025", 1))
    assert [p.QUARTERS[i] for i in indices] == ["2024Q1", "2024Q2", "2024Q3", "2024Q4", "2025Q1"]
    assert weights == pytest.approx([2 / 3, 1, 1, 1, 1 / 3])


def test_outside_the_grid_is_said_not_clipped():
    early = p.parse_period("FY2021", 8)
    assert p.is_outside_grid(early)
    assert not p.is_level_outside_grid(early)
    with pytest.raises(p.PeriodError, match="outside the grid"):
        p.flow_weights(early)
    with pytest.raises(p.PeriodError, match="outside the grid"):
        p.level_index(p.parse_period("2020"))
    assert p.is_outside_grid(p.parse_period("2028"))
    assert not p.is_outside_grid(p.parse_period("2028H1"))


@given(grid_periods())
def test_growth_bases(period):
    base = p.previous_period(period)
    assert (base.end - base.start, period.end - base.end) == (period.end - period.start, 12)
    before = p.preceding_period(period)
    assert before.end == period.start - 1
    assert before.n_months == period.n_months
