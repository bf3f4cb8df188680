"""What can't be an actual yet, and segments in another spelling: put aside with what to write."""

import pytest

from models.evidence.validation import validate
from tests.models.evidence.test_validation import FIGURE, METRIC, SOURCE, TODAY, evidence

LEVEL = METRIC | {"metric": "hbm_tsv", "aggregation": "end"}
IDLE = METRIC | {"metric": "orders", "quantity": ""}


def refused(figure: dict, source: dict | None = None, **metric: str) -> list[str]:
    raw = evidence(
        figures=[FIGURE | figure],
        sources=[SOURCE | (source or {})],
        metrics=[METRIC | metric, LEVEL, IDLE],
    )
    found = validate(raw, TODAY)
    said = found.rejected[found.rejected["file"].str.startswith("figures")]
    assert len(found.accepted["figures"]) + said["row"].nunique() == 1
    return [f"{row['field']}: {row['problem']}; {row['remedy']}" for row in said.to_dict("records")]


@pytest.mark.parametrize(
    ("metric", "period", "published_on"),
    [
        ("hbm_revenue", "2025", "2024-05-06"),
        ("hbm_revenue", "2024", "2024-05-06"),
        ("hbm_revenue", "2024Q3", "2024-08-01"),
        ("hbm_revenue", "2024H2", "2024-11-29"),
        ("hbm_tsv", "2025", "2024-05-06"),
    ],
)
def test_an_actual_of_what_is_to_come_is_put_aside(metric: str, period: str, published_on: str):
    figure = {"metric": metric, "period": period, "kind": "actual"}
    (said,) = refused(figure, {"published_on": published_on})
    assert "kind is actual" in said
    assert "write estimate or forecast, or mend the period or the day" in said


@pytest.mark.parametrize(
    ("metric", "period", "published_on", "kind"),
    [
        ("hbm_revenue", "2023", "2024-05-06", "actual"),
        ("hbm_revenue", "2024Q2", "2024-06-20", "actual"),  # the last days of a quarter
        ("hbm_revenue", "2024", "2024-05-06", "estimate"),
        ("hbm_tsv", "2024", "2024-05-06", "actual"),  # a level of the year so far
        ("orders", "2025", "2024-05-06", "actual"),  # informs nothing
    ],
)
def test_what_may_be_counted_by_then_is_read(metric: str, period: str, published_on: str, kind: str):
    figure = {"metric": metric, "period": period, "kind": kind}
    assert refused(figure, {"published_on": published_on}) == []


@pytest.mark.parametrize("segment", ["Data Center", "data center", "DATA-CENTER", "datacenter"])
def test_a_segment_in_another_spelling_is_refused_with_that_of_the_rule(segment: str):
    (said,) = refused({"segment": segment}, segment="data_center")
    assert f"segment {segment!r} of hbm_revenue is written 'data_center' in metrics.csv" in said
    assert said.endswith("write data_center")


@pytest.mark.parametrize("segment", ["data_center", "", "gaming"])
def test_a_segment_of_a_rule_or_of_none_is_read(segment: str):
    assert refused({"segment": segment}, segment="data_center") == []
