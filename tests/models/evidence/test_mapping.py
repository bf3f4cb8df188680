"""Mapping: the most specific rule wins, nothing is dropped, and the shared header is understood."""

import pandas as pd
import pytest

from models.evidence.mapping import resolve
from models.evidence.shared_header import (
    FIGURE_COLUMNS,
    SHARED_COLUMNS,
    SOURCE_COLUMNS,
    from_shared_header,
)

RULE = {
    **{
        "entity": "*",
        "segment": "*",
        "unit": "USD",
        "quantity": "q_any",
        "per_quantity": "",
        "aggregation": "sum",
    },
    **{"scale": "log", "lower": 0.0, "upper": 1e12, "definition": "", "description": "d"},
}
FIGURE = {
    **{"figure_id": "f1", "metric": "m", "entity": "industry", "segment": "", "period": "2024", "value": 5.0},
    **{"fiscal_year_end_month": None, "low": float("nan"), "high": float("nan"), "unit": "USD"},
    **{"definition": "", "not_used_reason": ""},
}


def rules(*changes):
    return pd.DataFrame([{"metric": "m", **RULE, **change} for change in changes])


def one(figure=None, *changes):
    return resolve(pd.DataFrame([{**FIGURE, **(figure or {})}]), rules(*(changes or ({},)))).iloc[0]


def test_the_most_specific_rule_wins_whatever_the_order():
    changes = [
        {"quantity": "q_any"},
        {"segment": "supply", "quantity": "q_segment"},
        {"segment": "sup*", "quantity": "q_segment_start"},
        {"entity": "NVIDIA", "quantity": "q_entity"},
        {"entity": "NVIDIA", "segment": "supply", "quantity": "q_both"},
    ]
    expected = {
        ("industry", ""): "q_any",
        ("industry", "supply"): "q_segment",
        ("industry", "supplied"): "q_segment_start",
        ("NVIDIA", ""): "q_entity",
        ("NVIDIA", "supply"): "q_both",
    }
    for order in (changes, changes[::-1]):
        for (entity, segment), quantity in expected.items():
            assert one({"entity": entity, "segment": segment}, *order)["quantity"] == quantity


def test_an_empty_segment_in_a_rule_means_the_empty_segment():
    row = one({"segment": "supply"}, {"segment": ""})
    assert not row["mapped"]
    assert "no rule" in row["unmapped_reason"]
    assert one({}, {"segment": ""})["mapped"]


def test_rules_of_one_metric_are_told_apart_by_unit():
    by_unit = [{"unit": "wafers", "quantity": "q_wafers"}, {"unit": "wafers_per_month", "quantity": "q_rate"}]
    assert one({"unit": "wafers"}, *by_unit)["quantity"] == "q_wafers"
    assert one({"unit": "wafers_per_month"}, *by_unit)["quantity"] == "q_rate"
    assert "can't be turned into" in one({"unit": "mm2"}, *by_unit)["unmapped_reason"]
    assert one({"unit": "KRW"}, {})["metric_unit"] == "USD"
    anything = one({"unit": "mm2"}, {"unit": "*", "quantity": "", "description": "later"})
    assert (anything["metric_unit"], anything["unmapped_reason"]) == ("", "later")


def test_the_figures_own_definition_and_verdict_outrank_the_rule():
    assert one({}, {"definition": "from_rule"})["definition"] == "from_rule"
    assert one({"definition": "own"}, {"definition": "from_rule"})["definition"] == "own"
    row = one({"not_used_reason": "superseded"})
    assert (row["mapped"], row["unmapped_reason"], row["quantity"]) == (False, "superseded", "q_any")


@pytest.mark.parametrize(
    ("figure", "rule", "reason"),
    [
        ({"metric": "other"}, {}, "not in metrics.csv"),
        ({}, {"quantity": "", "description": "kept for later"}, "kept for later"),
        ({"value": 0.0}, {}, "log scale"),
        ({"value": -1.0}, {"aggregation": "growth"}, "log scale"),
        ({"value": 1.0, "unit": "fraction"}, {"scale": "logit", "unit": "fraction"}, "logit scale"),
        ({"value": float("nan")}, {}, "no number"),
        ({"period": "2030"}, {}, "outside the model's quarters"),
        ({"period": "2021"}, {"aggregation": "growth"}, "grows from a year outside"),
        ({"period": "2021Q1"}, {"aggregation": "sequential_growth"}, "grows from a period outside"),
        ({"period": "FY2024"}, {}, "is fiscal but"),
    ],
)
def test_each_reason_for_not_using_a_figure(figure, rule, reason):
    row = one(figure, rule)
    assert not row["mapped"]
    assert reason in row["unmapped_reason"]


def test_what_is_usable_is_mapped():
    assert one({"value": -0.5}, {"aggregation": "growth"})["mapped"]
    assert one({"period": "2021Q2"}, {"aggregation": "sequential_growth"})["mapped"]
    assert one({"period": "FY2021", "fiscal_year_end_month": 1}, {"aggregation": "end"})["mapped"]


def test_no_row_is_dropped_and_the_index_stays():
    figures = pd.DataFrame([{**FIGURE, "metric": m} for m in ("m", "x", "m")], index=[7, 3, 9])
    out = resolve(figures, rules({}))
    assert out.index.tolist() == [7, 3, 9]
    assert out["mapped"].tolist() == [True, False, True]
    assert resolve(out, rules({})).equals(out)


def shared(**cells):
    return {**dict.fromkeys(SHARED_COLUMNS, ""), "period": "2024", "published_on": "2024-05", **cells}


def test_the_shared_header_becomes_figures_and_sources():
    frame = pd.DataFrame(
        [
            shared(metric="m", source_org="A", title="t", url="u", note="relayed by B; x", value="1"),
            shared(metric="n", source_org="A", title="t", url="u", segment="supply, previous"),
            shared(
                metric="n",
                source_org="C",
                title="t",
                url="u",
                published_on="2024",
                note="superseded by 2 in 2022",
            ),
        ]
    )
    figures, sources = from_shared_header(frame)
    assert tuple(figures.columns) == FIGURE_COLUMNS
    assert tuple(sources.columns) == SOURCE_COLUMNS
    assert figures["source_id"].tolist() == ["new-s001", "new-s001", "new-s002"]
    assert (
        figures["origin_id"].tolist() == figures["figure_id"].tolist() == ["new-0001", "new-0002", "new-0003"]
    )
    assert figures["not_used_reason"].astype(bool).tolist() == [False, True, False]
    assert sources["publisher"].tolist() == ["A", "C"]
    assert sources["relayed_by"].tolist() == ["B", ""]
    assert sources["published_precision"].tolist() == ["month", "year"]


@pytest.mark.parametrize(
    ("entity", "period", "note", "expected"),
    [
        ("NVIDIA", "FY2025Q1", "fiscal quarter 2024-01-29..2024-04-28; FY ends late January", "1"),
        ("Micron", "FY2025Q2", "fiscal quarter ended Feb 2025; over 1bn", "8"),
        ("Broadcom", "FY2023", "FY ends early November", "10"),
        ("DISCO", "FY2022", "year ended March 2023", "15"),
        ("Somebody", "FY2024", "fiscal year ends March of the next year", "15"),
        ("Somebody", "FY2025", "fiscal year ended 26 Oct 2025", "10"),
        ("Somebody", "FY2025", "year ended March 2031", ""),
        ("Somebody", "FY2025", "", ""),
        ("NVIDIA", "2025", "FY ends late January", ""),
    ],
)
def test_fiscal_year_ends_are_found(entity, period, note, expected):
    figures, _ = from_shared_header(pd.DataFrame([shared(entity=entity, period=period, note=note)]))
    assert figures.loc[0, "fiscal_year_end_month"] == expected


def test_a_missing_column_of_the_shared_header_is_named():
    frame = pd.DataFrame([shared()]).drop(columns=["kind"])
    with pytest.raises(ValueError, match="column kind missing"):
        from_shared_header(frame)
