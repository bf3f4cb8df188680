"""A second look: slips inside the bounds, a sale under two periods, unsaid echoes, growth beside levels."""

from datetime import date

import pandas as pd
import pytest

from models.evidence.mapping import resolve
from models.evidence.second_look import second_look
from models.evidence.validation import validate
from tests.models.evidence.test_validation import FIGURE, METRIC, RATE, SOURCE, evidence

TODAY = date(2026, 7, 1)
SHARE = (
    METRIC
    | {"metric": "share", "unit": "fraction", "quantity": "hbm_share_of_dram_revenue", "scale": "logit"}
    | {"aggregation": "mean", "lower": "0", "upper": "1"}
)
GROWTH = (
    METRIC
    | {"metric": "hbm_revenue_growth", "unit": "fraction", "aggregation": "growth"}
    | {"lower": "-0.9", "upper": "5"}
)
SOURCES = [
    SOURCE | {"source_id": f"s{i}", "publisher": name, "published_on": day}
    for i, (name, day) in enumerate(
        [
            ("TrendForce", "2024-05-06"),
            ("Yole", "2024-05-20"),
            ("SEMI", "2024-12-01"),
            ("Broker", "2024-06-01"),
            ("TrendForce", "2024-09-06"),
        ],
        1,
    )
]


def looked(*figures, ids=None):
    rows = [
        FIGURE | {"figure_id": f"f{i}", "origin_id": f"f{i}"} | figure
        for i, figure in enumerate(figures, start=1)
    ]
    out = validate(
        evidence(figures=rows, metrics=[METRIC, SHARE, GROWTH], sources=SOURCES, exchange_rates=[RATE]), TODAY
    )
    assert out.rejected.empty, out.rejected.to_dict("records")
    mapped = resolve(out.accepted["figures"], out.accepted["metrics"])
    found = second_look(mapped, out.accepted["exchange_rates"], out.accepted["sources"], ids)
    return found.set_index("figure_id")["finding"].to_dict(), found


def shares(*values, **last):
    rows = [
        {"metric": "share", "unit": "percent", "value": str(v), "source_id": f"s{i % 4 + 1}"}
        for i, v in enumerate(values)
    ]
    rows[-1] |= last
    return rows


def test_a_hundredth_of_what_others_say_is_told_inside_the_bounds():
    findings, found = looked(*shares(34, 35, 36, 33, 0.35))
    assert list(findings) == ["f5"]
    assert "percent for fraction?" in findings["f5"]
    assert found.loc[0, "beside"] == "f1 f2 f3"


@pytest.mark.parametrize("value", [20, 45, 60])
def test_those_who_merely_disagree_are_left_alone(value):
    assert looked(*shares(34, 35, 36, 33, value))[0] == {}


def test_two_others_are_too_few_to_judge_by_and_a_person_may_confirm():
    assert looked(*shares(34, 35, 0.35))[0] == {}
    assert looked(*shares(34, 35, 36, 33, 0.35, note="Confirmed: the page says so"))[0] == {}


@pytest.mark.parametrize(
    ("value", "slip"),
    [("0.8", "percent for fraction?"), ("175", "an index"), ("400", "times above"), ("20", ""), ("140", "")],
)
def test_a_growth_far_from_other_growths_is_told(value, slip):
    rows = [
        {"metric": "hbm_revenue_growth", "unit": "percent", "value": v, "source_id": f"s{i % 4 + 1}"}
        for i, v in enumerate(("80", "85", "90", "75", value))
    ]
    findings, _ = looked(*rows)
    assert list(findings) == (["f5"] if slip else [])
    assert slip in findings.get("f5", "")


def test_one_sale_under_two_periods_is_told():
    actual = {"kind": "actual", "value": "1.7e9", "fiscal_year_end_month": ""}
    findings, _ = looked(
        actual | {"period": "FY2024Q1", "fiscal_year_end_month": "1"}, actual | {"period": "2023Q2"}
    )
    assert findings == {"f2": "the same number is given for another period"}
    assert looked(actual | {"period": "2023Q2"}, actual | {"period": "2023Q3", "value": "1.8e9"})[0] == {}


def test_the_same_number_from_somebody_else_days_later_is_told_unless_it_says_whose_it_is():
    first, second = {"source_id": "s1"}, {"source_id": "s2"}
    findings, found = looked(first, second)
    assert list(findings) == ["f2"]
    assert "origin_id" in found.loc[0, "remedy"]
    assert looked(first, second | {"origin_id": "f1"})[0] == {}
    assert looked(first, {"source_id": "s3"})[0] == {}
    assert looked(first, second | {"value": "1.71e10"})[0] == {}


@pytest.mark.parametrize(("value", "told"), [("1.7e10", ""), ("3e10", ""), ("3.5e10", "2.06 times above")])
def test_a_revision_beyond_what_publishers_do_is_told(value, told):
    sources = [{"source_id": "s1"}, {"source_id": "s5", "value": value}]
    findings, found = looked(*sources)
    assert told in findings.get("f2", "")
    assert list(findings) == (["f2"] if told else [])
    assert not told or found.loc[0, "beside"] == "f1"
    assert looked(sources[0], {**sources[1], "period": "2025"})[0] == {}


def test_only_the_figures_asked_for_are_named():
    rows = shares(34, 35, 36, 33, 0.35)
    assert list(looked(*rows, ids=["f5"])[0]) == ["f5"]
    assert looked(*rows, ids=["f1"])[0] == {}


def test_a_growth_beside_both_its_levels_is_one_statement():
    levels = [{"value": "1e10", "period": "2023"}, {"value": "1.8e10", "period": "2024"}]
    growth = {"metric": "hbm_revenue_growth", "value": "80", "unit": "percent"}
    assert list(looked(*levels, growth)[0]) == ["f3"]
    assert looked(levels[1], growth)[0] == {}
    assert looked(*levels, growth | {"source_id": "s2"})[0] == {}


def test_nothing_mapped_is_nothing_to_look_at():
    assert isinstance(looked({"not_used_reason": "a test"})[1], pd.DataFrame)
