"""Units: conversions have the right size, and what doesn't convert says so."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.vocabulary import units as u

RATES = {("KRW", 2023): 0.00077, ("KRW", 2024): 0.00073, ("EUR", 2024): 1.08}


@pytest.mark.parametrize(
    ("unit", "target", "expected"),
    [
        ("Gb", "GB", 1 / 8),
        ("USD_per_Gb", "USD_per_GB", 8.0),
        ("KRW", "USD", 0.00073),
        ("EUR_per_unit", "USD_per_unit", 1.08),
        ("percent", "fraction", 0.01),
        ("wafers_per_month", "wafers_per_month", 1.0),
    ],
)
def test_factor(unit, target, expected):
    assert u.factor(unit, target, 2024, RATES) == pytest.approx(expected)


@given(st.sampled_from(["Gb", "GB", "TB", "KRW", "USD", "EUR", "USD_per_Gb", "KRW_per_GB"]), st.data())
def test_there_and_back_is_one(unit, data):
    same = [
        t
        for t in ("Gb", "GB", "TB", "KRW", "USD", "EUR", "USD_per_Gb", "KRW_per_GB")
        if u.is_convertible(unit, t)
    ]
    target = data.draw(st.sampled_from(same))
    there, back = u.factor(unit, target, 2024, RATES), u.factor(target, unit, 2024, RATES)
    assert there * back == pytest.approx(1)


@pytest.mark.parametrize(
    ("unit", "target", "message"),
    [
        ("furlongs", "GB", "unknown unit 'furlongs'"),
        ("GB_per_s_per_s", "GB_per_s", "unknown unit"),
        ("wafers", "wafers_per_month", "can't be turned into"),
        ("units", "USD", "can't be turned into"),
        ("TWD", "USD", "no exchange rate for TWD"),
    ],
)
def test_what_does_not_convert_says_so(unit, target, message):
    with pytest.raises(u.UnitError, match=message):
        u.factor(unit, target, 2024, RATES)


def test_rates_are_those_of_the_year_and_carried_forward_never_back():
    assert u.factor("KRW", "USD", 2023, RATES) == 0.00077
    assert u.factor("KRW", "USD", 2030, RATES) == 0.00073
    with pytest.raises(u.UnitError, match="no exchange rate for KRW by 2020"):
        u.factor("KRW", "USD", 2020, RATES)


def test_figures_are_converted_by_the_middle_of_their_period():
    figures = pd.DataFrame(
        {
            "figure_id": ["a", "b", "c"],
            "period": ["FY2024", "2024", "2024"],
            "fiscal_year_end_month": pd.array([3, None, None], dtype="Int64"),
            "value": [1000.0, 16.0, 7.0],
            "low": [float("nan"), 8.0, float("nan")],
            "high": [float("nan"), 24.0, float("nan")],
            "unit": ["KRW", "Gb", "t"],
            "metric_unit": ["USD", "GB", ""],
        }
    )
    rates = pd.DataFrame(
        [(*key, rate) for key, rate in RATES.items()], columns=["currency", "year", "usd_per_unit"]
    )
    out = u.to_metric_units(figures, rates)
    # FY2024 to March 2024: its middle lies in September 2023.
    assert out["value"].tolist() == pytest.approx([0.77, 2.0, 7.0])
    assert (out.loc[1, "low"], out.loc[1, "high"]) == (1.0, 3.0)
    assert out["unit"].tolist() == ["USD", "GB", "t"]
    assert out["published_unit"].tolist() == ["KRW", "Gb", "t"]
    assert figures["value"].tolist() == [1000.0, 16.0, 7.0]


def test_a_row_that_does_not_convert_is_named():
    figures = pd.DataFrame(
        {
            **{c: [1.0] for c in u.VALUE_COLUMNS},
            **{"figure_id": ["hbm-7"], "period": ["2024"], "fiscal_year_end_month": [None]},
            **{"unit": ["GB"], "metric_unit": ["USD"]},
        }
    )
    with pytest.raises(u.UnitError, match="hbm-7"):
        u.to_metric_units(figures, pd.DataFrame(columns=["currency", "year", "usd_per_unit"]))


def test_half_a_printed_unit_believes_two_digits_at_least():
    assert [u.half_unit(v) for v in (10e6, 12.5, 0.05, 14.3e6)] == [5e5, 0.05, 0.0005, 5e4]
    assert [u.half_unit(v) for v in (0.0, float("nan"), float("inf"))] == [0.0, 0.0, 0.0]
