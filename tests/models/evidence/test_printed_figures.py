"""Rows of figures as people type them: cells read together, or refused by the sign found."""

from datetime import date

import pytest

from models.evidence.mapping import resolve
from models.evidence.validation import validate
from tests.models.evidence.test_validation import FIGURE, FIGURE_COLUMNS, METRIC, RATE, evidence, table

TODAY = date(2026, 7, 1)
OTHERS = (
    METRIC
    | {"metric": "hbm_share", "unit": "fraction", "quantity": "hbm_share_of_dram_revenue", "scale": "logit"}
    | {"aggregation": "mean", "lower": "0", "upper": "1"},
    METRIC
    | {"metric": "hbm_growth", "unit": "fraction", "aggregation": "growth", "lower": "-0.9", "upper": "5"},
    METRIC | {"metric": "price", "unit": "USD_per_GB", "quantity": "", "lower": "1", "upper": "100"},
    METRIC | {"metric": "servers", "unit": "units", "quantity": "server_shipments", "lower": "1e5"},
    METRIC
    | {"metric": "wafers", "unit": "wafers_per_month", "quantity": "", "lower": "1000", "upper": "1e6"},
)


def judged(**changes):
    rates = [
        RATE,
        RATE | {"currency": "TWD", "usd_per_unit": "0.031"},
        RATE | {"currency": "CNY", "usd_per_unit": "0.14"},
    ]
    raw = evidence(metrics=[METRIC, METRIC | {"entity": "industry"}, *OTHERS], exchange_rates=rates)
    # A file may have more columns than a figure has.
    raw["figures/hbm.csv"] = table(dict.fromkeys([*FIGURE_COLUMNS, *changes]), FIGURE | changes)
    return validate(raw, TODAY)


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ({"value": "170億", "unit": "美元"}, {"value": 1.7e10, "unit": "USD"}),
        ({"value": "170", "unit": "億 USD"}, {"value": 1.7e10, "unit": "USD"}),
        ({"value": "US$17bn", "unit": ""}, {"value": 1.7e10, "unit": "USD"}),
        ({"value": "22조 5,000억", "unit": "원"}, {"value": 2.25e13, "unit": "KRW"}),
        ({"value": "22,500,000", "unit": "백만원"}, {"value": 2.25e13, "unit": "KRW"}),
        ({"value": "NT$5,500億", "unit": "TWD"}, {"value": 5.5e11, "unit": "TWD"}),
        ({"value": "5,500億元", "unit": "TWD"}, {"value": 5.5e11, "unit": "TWD"}),
        ({"value": "22.5兆", "unit": "ウォン"}, {"value": 2.25e13, "unit": "KRW"}),
        ({"value": "170億ドル", "unit": ""}, {"value": 1.7e10, "unit": "USD"}),
        ({"value": "17,000", "unit": "百万ドル"}, {"value": 1.7e10, "unit": "USD"}),
        ({"value": "16-18bn"}, {"low": 1.6e10, "high": 1.8e10}),
        ({"value": ">16bn"}, {"low": 1.6e10}),
        ({"value": "31%", "unit": "fraction", "metric": "hbm_share"}, {"value": 0.31, "unit": "fraction"}),
        ({"value": "31", "unit": "percent", "metric": "hbm_share"}, {"value": 31, "unit": "percent"}),
        ({"value": "-50", "unit": "％", "metric": "hbm_growth"}, {"value": -50, "unit": "percent"}),
        ({"value": "21", "unit": "kwpm", "metric": "wafers"}, {"value": 21000, "unit": "wafers_per_month"}),
        ({"value": "21K wafers", "unit": "wafers/month", "metric": "wafers"}, {"value": 21000}),
        ({"value": "14.35 USD", "unit": "USD_per_GB", "metric": "price"}, {"value": 14.35}),
        ({"value": "31.5萬台", "unit": "台", "metric": "servers"}, {"value": 315000, "unit": "units"}),
        ({"value": "1,420", "unit": "wafers_per_month", "metric": "wafers"}, {"value": 1420}),
        ({"period": "2024年第3季", "entity": "ｉｎｄｕｓｔｒｙ"}, {"period": "2024Q3", "entity": "industry"}),
        ({"period": "FY25 Q2", "fiscal_year_end_month": "８"}, {"period": "FY2025Q2"}),
    ],
)
def test_a_row_is_read_as_what_it_says(printed, read):
    out = judged(**printed)
    assert out.rejected.empty, out.rejected.to_dict("records")
    figure = out.accepted["figures"].iloc[0]
    assert {column: figure[column] for column in read} == read
    assert resolve(out.accepted["figures"], out.accepted["metrics"])["mapped"].all() or figure["metric"] in (
        "price",
        "wafers",
    )
    # What is kept in another form than printed is told, cell by cell.
    told = {(row.field, row.printed) for row in out.read_as.itertuples()}
    changed = {
        (column, cell)
        for column, cell in printed.items()
        if cell and str(figure[column]) not in (cell, f"{cell}.0") and column != "fiscal_year_end_month"
    }
    assert changed <= told


@pytest.mark.parametrize(
    ("printed", "field", "problem", "remedy"),
    [
        (
            {"value": "170億", "unit": "億 USD"},
            "value",
            "has the scale '億', and so has the unit",
            "leave one",
        ),
        ({"value": "300K", "unit": "thousand_units", "metric": "servers"}, "value", "has the scale", "leave"),
        ({"value": "€17bn"}, "value", "is in EUR, the unit column says USD", "mend"),
        ({"value": "31%", "unit": "USD"}, "value", "is in percent", "mend"),
        ({"value": "170億元", "unit": ""}, "unit", "is in CNY or TWD", "write CNY or TWD into unit"),
        ({"currency": "JPY"}, "currency", "'currency' is not read, and says 'JPY'", "write it into unit"),
        ({"scale": "billion", "value": "17"}, "scale", "'scale' is not read", "'billion USD'"),
        ({"value": "17", "unit": "億元"}, "unit", "several currencies", "TWD or CNY"),
        ({"value": "17兆", "unit": "CNY"}, "value", "兆", "digits"),
        ({"value": "14m", "unit": "units", "metric": "servers"}, "value", "a unit or a scale", "million"),
        ({"value": "16-18bn", "low": "1.6e10"}, "value", "beside low and high", "leave value empty"),
        ({"value": "", "low": "16-18bn"}, "low", "is a range or a bound itself", "lower end into low"),
        ({"value": "17"}, "value", "outside the bounds", "'billion USD'"),
        (
            {"value": "31", "unit": "fraction", "metric": "hbm_share"},
            "value",
            "outside the bounds",
            "percent",
        ),
        (
            {"value": "14,350", "unit": "USD_per_GB", "metric": "price"},
            "value",
            "outside the bounds",
            "zeros",
        ),
        ({"value": "900,000", "unit": "wafers_per_month", "metric": "wafers"}, "value", "", ""),
        ({"unit": "million_USD", "value": "17000"}, "unit", "unknown unit", "'million USD'"),
        ({"period": "3Q24"}, "period", "company's own", "2024Q3 or FY2024Q3"),
        ({"period": "2024A", "kind": "forecast"}, "period", "says an actual", "2024"),
        ({"metric": "hbm revenu"}, "metric", "unknown metric", "did you mean 'hbm_revenue'"),
        ({"entity": "Industry"}, "entity", "is written 'industry' elsewhere", "write industry"),
        ({"kind": "Forecasts"}, "kind", "unknown kind", "did you mean 'forecast'"),
        ({"source_id": "S 1"}, "source_id", "unknown source", "did you mean 's1'"),
        ({"metric": "hbm_rеvenue"}, "metric", "only looks Latin", "Latin keyboard"),
        ({"entity": "indus\u200btry"}, "entity", "U+200B", "type the cell again"),
    ],
)
def test_a_row_that_may_say_two_things_is_put_aside_by_its_sign(printed, field, problem, remedy):
    out = judged(**printed)
    assert len(out.accepted["figures"]) + len(out.rejected[["file", "row"]].drop_duplicates()) == 1
    if not problem:
        # A lone comma is one of thousands here: a thousandth of it lies outside the bounds.
        assert out.rejected.empty
        return
    found = out.rejected[out.rejected["field"] == field].iloc[0]
    assert problem in found["problem"]
    assert remedy in found["remedy"]
    assert found["value"] == printed.get(field, FIGURE.get(field, ""))


def test_a_lone_comma_is_refused_where_both_readings_lie_within_the_bounds():
    wide = OTHERS[2] | {"upper": "1e6"}
    row = FIGURE | {"metric": "price", "unit": "USD_per_GB", "value": "14,350"}
    out = validate(evidence(figures=[row], metrics=[METRIC, wide]), TODAY)
    assert "one comma before three digits" in out.rejected.loc[0, "problem"]
    assert out.rejected.loc[0, "remedy"] == "write 14350 or 14.35"


def test_percent_is_held_against_the_scale_after_conversion():
    out = judged(value="31", unit="percent", metric="hbm_share")
    assert resolve(out.accepted["figures"], out.accepted["metrics"]).loc[0, "unmapped_reason"] == ""
    shrunk = judged(value="-50", unit="percent", metric="hbm_growth")
    assert resolve(shrunk.accepted["figures"], shrunk.accepted["metrics"]).loc[0, "unmapped_reason"] == ""
    gone = validate(
        evidence(
            figures=[FIGURE | {"metric": "hbm_growth", "value": "-100", "unit": "percent"}],
            metrics=[METRIC, OTHERS[1] | {"lower": "-2"}],
        ),
        TODAY,
    )
    reason = resolve(gone.accepted["figures"], gone.accepted["metrics"]).loc[0, "unmapped_reason"]
    assert "no place on a log scale" in reason


def test_a_column_that_repeats_the_unit_says_nothing_new():
    assert judged(currency="USD", scale="1").rejected.empty


@pytest.mark.parametrize(
    "printed", [{"value": "1兆", "unit": "人民币"}, {"value": "620億", "unit": "百万円"}]
)
def test_a_unit_that_was_read_is_not_said_to_be_unknown(printed):
    """Beside what is wrong with the number it would send a person to mend what is right."""
    assert not judged(**printed).rejected["problem"].str.contains("unknown unit").any()
