"""Validation: every kind of bad input is named with its remedy, kept, and nothing else is lost."""

import json
from datetime import date

import pandas as pd
import pytest

from models.evidence.mapping import resolve
from models.evidence.shared_header import FIGURE_COLUMNS, SOURCE_COLUMNS
from models.evidence.tables.described import BY_NAME
from models.evidence.validation import TABLES, checked_figures, message, validate
from tests.market import MARKET, MARKET_TABLES

TODAY = date(2026, 7, 1)


def table(columns, *rows):
    return pd.DataFrame(
        [{**dict.fromkeys(columns, ""), **row} for row in rows], columns=list(columns), dtype=object
    )


SOURCE = {
    **{"source_id": "s1", "publisher": "TrendForce", "title": "t", "url": "u"},
    **{"published_on": "2024-05-06", "published_precision": "day"},
}
METRIC = {
    **{"metric": "hbm_revenue", "entity": "*", "segment": "*", "unit": "USD", "quantity": "hbm_revenue_usd"},
    **{"aggregation": "sum", "scale": "log", "lower": "1e8", "upper": "1e12", "description": "d"},
}
FIGURE = {
    **{"figure_id": "hbm-0001", "source_id": "s1", "origin_id": "hbm-0001", "metric": "hbm_revenue"},
    **{"entity": "industry", "period": "2024", "value": "1.7e10", "unit": "USD", "kind": "estimate"},
}
PRODUCT = {
    **{"vendor": "NVIDIA", "product": "H100", "class": "nvidia_hopper", "announced_on": "2022-03-22"},
    **{"launch_quarter": "2022Q4", "hbm_gb": "80", "hbm_generation": "hbm3", "note": "n", "source_id": "s1"},
}
ASSUMPTION = {
    **{
        "assumption": "definition_offset.demand",
        "p05": "-0.1",
        "p95": "0.1",
        "shape": "normal",
        "unit": "log",
    },
    **{"basis": "judgement", "source": "s", "known_since": "2021-01", "description": "d"},
}
PREMIUMS = [{**ASSUMPTION, "assumption": name} for name in MARKET.premiums]
RATE = {"currency": "KRW", "year": "2024", "usd_per_unit": "0.00073", "source": "s"}


def evidence(**changes):
    """Good evidence; a change replaces the rows of one file."""
    rows = {
        **{name: frame.to_dict("records") for name, frame in MARKET_TABLES.items()},
        "sources": [SOURCE],
        "metrics": [METRIC],
        "products": [PRODUCT],
        "assumptions": [ASSUMPTION, *PREMIUMS],
        "corrections": [],
        "exchange_rates": [RATE],
        "figures": [FIGURE],
        **changes,
    }
    raw = {f"{name}.csv": table(BY_NAME[name].column_names, *rows[name]) for name in TABLES}
    raw["figures/hbm.csv"] = table(FIGURE_COLUMNS, *rows["figures"])
    return raw


def only_problem(validated):
    assert len(validated.rejected) == 1, validated.rejected.to_dict("records")
    record = validated.rejected.iloc[0]
    assert record["remedy"]
    return record


def test_good_evidence_passes_whole_and_typed():
    out = validate(evidence(), TODAY)
    assert out.rejected.empty
    assert out.fatal == ()
    figure = out.accepted["figures"].iloc[0]
    assert figure["value"] == 1.7e10
    assert pd.isna(figure["low"])
    assert pd.isna(figure["fiscal_year_end_month"])
    assert out.accepted["sources"].loc[0, "known_on"] == date(2024, 5, 6)
    assert out.accepted["products"].loc[0, "hbm_gb"] == 80.0
    assert {name: len(frame) for name, frame in out.accepted.items()} == {
        **{name: len(frame) for name, frame in MARKET_TABLES.items()},
        **dict.fromkeys(("sources", "figures", "metrics", "products", "exchange_rates"), 1),
        "assumptions": 1 + len(PREMIUMS),
        "corrections": 0,
    }


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"metric": "hbm_revenu"}, "metric", "unknown metric 'hbm_revenu'"),
        ({"unit": "dollars"}, "unit", "unknown unit 'dollars'"),
        ({"unit": "wafers"}, "unit", "can't be turned into USD"),
        ({"unit": "TWD"}, "unit", "no exchange rate for TWD"),
        ({"value": "17"}, "value", "outside the bounds"),
        ({"value": "17 lorries"}, "value", "belongs to no number"),
        ({"value": "nan"}, "value", "stands for no number"),
        ({"value": ""}, "value", "all empty"),
        ({"low": "2e10", "high": "1e10", "value": ""}, "low", "low 2e+10 lies above high 1e+10"),
        ({"low": "1.8e10", "high": "1.9e10"}, "value", "outside its own interval"),
        ({"low": "1.8e10"}, "low", "low alone"),
        ({"period": "Q3 2024"}, "period", "doesn't say whether its year is the calendar's"),
        ({"period": "2024Q5"}, "period", "can't be read"),
        ({"period": "FY2024"}, "fiscal_year_end_month", "is fiscal but"),
        ({"fiscal_year_end_month": "0.5"}, "fiscal_year_end_month", "is not a whole number"),
        ({"kind": "guess"}, "kind", "unknown kind 'guess'"),
        ({"source_id": ""}, "source_id", "missing source"),
        ({"source_id": "s9"}, "source_id", "unknown source 's9'"),
        ({"origin_id": "hbm-9999"}, "origin_id", "is no figure"),
        ({"definition": "nonsense"}, "definition", "has no offset"),
    ],
)
def test_a_bad_figure_is_named_and_the_good_one_goes_on(change, field, problem):
    bad = {**FIGURE, "figure_id": "hbm-0002", "origin_id": "hbm-0002", **change}
    out = validate(evidence(figures=[FIGURE, bad]), TODAY)
    record = only_problem(out)
    assert (record["file"], record["row"], record["field"]) == ("figures/hbm.csv", 3, field)
    assert record["value"] == bad.get(field, "")
    assert problem in record["problem"]
    assert json.loads(record["raw"])["figure_id"] == "hbm-0002"
    assert out.accepted["figures"]["figure_id"].tolist() == ["hbm-0001"]
    assert all(str(record[part]) in message(record) for part in ("file", "row", "field", "problem", "remedy"))


def test_a_growing_value_in_won_is_judged_in_dollars():
    won = {**FIGURE, "figure_id": "w", "origin_id": "w", "unit": "KRW", "value": "2.3e13"}
    assert validate(evidence(figures=[won]), TODAY).rejected.empty
    too_much = {**won, "value": "2.3e15"}
    assert "1.679e+12 USD" in only_problem(validate(evidence(figures=[too_much]), TODAY))["problem"]


def test_a_second_row_with_the_same_id_is_put_aside_and_the_first_stays():
    out = validate(evidence(figures=[FIGURE, {**FIGURE, "value": "2e10"}, FIGURE]), TODAY)
    assert out.accepted["figures"]["value"].tolist() == [1.7e10]
    assert out.rejected["row"].tolist() == [3, 4]
    assert "with another value (value '1.7e10' there, '2e10' here)" in out.rejected.loc[0, "problem"]
    assert "word for word" in out.rejected.loc[1, "problem"]


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"publisher": ""}, "publisher", "unknown publisher"),
        ({"published_on": "2026-07-02"}, "published_on", "lies after today"),
        ({"published_on": "2026-08", "published_precision": "month"}, "published_on", "lies after today"),
        ({"published_on": "2027", "published_precision": "year"}, "published_on", "lies after today"),
        ({"published_on": "May 2024"}, "published_on", "is not a date of precision"),
        ({"published_precision": "week"}, "published_precision", "unknown published_precision"),
        ({"accessed_on": "last spring"}, "accessed_on", "last spring"),
    ],
)
def test_a_bad_source_takes_its_figures_with_it(change, field, problem):
    out = validate(evidence(sources=[{**SOURCE, **change}], products=[{**PRODUCT, "source_id": ""}]), TODAY)
    first, second = out.rejected.to_dict("records")
    assert (first["file"], first["field"]) == ("sources.csv", field)
    assert problem in first["problem"]
    assert (second["file"], second["field"]) == ("figures/hbm.csv", "source_id")
    # What is wrong stands in sources.csv: the figure says so, instead of calling its source unknown.
    assert f"is put aside (sources.csv row 2: {first['problem']})" in second["problem"]
    assert second["remedy"] == f"mend sources.csv row 2: {first['remedy']}"


@pytest.mark.parametrize(
    ("printed", "remedy"),
    [
        ("6 May 2024", "write 2024-05-06"),
        ("05/06/2024", "write 2024-05-06 or 2024-06-05"),
        ("May", "write YYYY"),
    ],
)
def test_a_date_in_another_form_comes_with_the_one_to_write(printed, remedy):
    out = validate(evidence(sources=[SOURCE | {"published_on": printed}], figures=[], products=[]), TODAY)
    assert only_problem(out)["remedy"].startswith(remedy)


def test_a_rule_without_a_metric_is_put_aside_whole():
    out = validate(evidence(metrics=[METRIC, METRIC | {"metric": ""}]), TODAY)
    assert only_problem(out)["field"] == "metric"
    assert out.accepted["metrics"]["metric"].tolist() == ["hbm_revenue"]


@pytest.mark.parametrize(("published_on", "precision"), [("2026-07", "month"), ("2026", "year")])
def test_the_running_month_and_year_are_no_future(published_on, precision):
    source = {**SOURCE, "published_on": published_on, "published_precision": precision}
    out = validate(evidence(sources=[source]), TODAY)
    assert out.rejected.empty
    assert out.accepted["sources"].loc[0, "known_on"] > TODAY


def test_a_source_is_known_from_the_day_it_was_read_where_its_date_is_vague():
    source = {**SOURCE, "published_on": "2026", "published_precision": "year", "accessed_on": "2026-05-04"}
    out = validate(evidence(sources=[source]), TODAY)
    assert out.rejected.empty
    assert out.accepted["sources"].loc[0, "known_on"] == date(2026, 5, 4)


@pytest.mark.parametrize(
    ("file", "row", "field", "problem"),
    [
        ("products", {**PRODUCT, "class": "nvidia_volta"}, "class", "unknown class 'nvidia_volta'"),
        ("products", {**PRODUCT, "launch_quarter": "2022"}, "launch_quarter", "is not a quarter"),
        ("products", {**PRODUCT, "hbm_gb": "-80"}, "hbm_gb", "not positive"),
        ("products", {**PRODUCT, "stack_height": "1e18"}, "stack_height", "larger than"),
        ("products", {**PRODUCT, "hbm_gb": "80-96"}, "hbm_gb", "is a range or a bound"),
        ("products", {**PRODUCT, "hbm_gb": "1,280"}, "hbm_gb", "has one comma"),
        ("products", {**PRODUCT, "hbm_gb": "80 GB"}, "hbm_gb", "brings the unit GB"),
        ("exchange_rates", {**RATE, "usd_per_unit": "0,00073"}, "usd_per_unit", "decimal comma"),
        ("products", {**PRODUCT, "announced_on": "2027-01-01"}, "announced_on", "lies after today"),
        ("products", {**PRODUCT, "hbm_generation": "ddr5"}, "hbm_generation", "unknown hbm_generation"),
        ("exchange_rates", {**RATE, "currency": "XXX"}, "currency", "unknown currency"),
        ("exchange_rates", {**RATE, "year": "24"}, "year", "is not a year"),
        ("exchange_rates", {**RATE, "usd_per_unit": "0"}, "usd_per_unit", "must be positive"),
        ("assumptions", {**ASSUMPTION, "p05": "0.2"}, "p05", "must lie below p95"),
        ("assumptions", {**ASSUMPTION, "shape": "pert"}, "shape", "is not one of"),
        ("assumptions", {**ASSUMPTION, "basis": "guesstimate"}, "basis", "unknown basis"),
        (
            "assumptions",
            {**ASSUMPTION, "known_since": "then"},
            "known_since",
            "known_since 'then' is not a date",
        ),
        ("corrections", {"figure_id": "hbm-9", "field": "value", "reason": "r"}, "figure_id", "no figure"),
        ("corrections", {"figure_id": "hbm-0001", "field": "vale", "reason": "r"}, "field", "no field"),
    ],
)
def test_bad_rows_of_the_small_tables(file, row, field, problem):
    record = only_problem(
        validate(evidence(**{file: [row, *(PREMIUMS if file == "assumptions" else ())]}), TODAY)
    )
    assert (record["file"], record["row"], record["field"]) == (f"{file}.csv", 2, field)
    assert problem in record["problem"]


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"quantity": "hbm_bitz"}, "quantity", "unknown quantity"),
        ({"quantity": "hbm_bits_gb + hbm_bitz"}, "quantity", "unknown quantity 'hbm_bitz'"),
        ({"per_quantity": "hbm_bits_gb +"}, "per_quantity", "unknown per_quantity ''"),
        ({"per_quantity": "hbm_bits_gb + hbm_revenue_usd"}, "per_quantity", "is no sum"),
        ({"aggregation": "median"}, "aggregation", "unknown aggregation"),
        ({"scale": "sqrt"}, "scale", "unknown scale"),
        ({"lower": "2", "upper": "1"}, "lower", "lies above upper"),
        ({"lower": "0"}, "lower", "lower 0 lets in 0"),
        ({"lower": "-5"}, "lower", "no place on a log scale"),
        (
            {"lower": "-1", "upper": "3", "unit": "fraction", "aggregation": "growth"},
            "lower",
            "lets in -1",
        ),
        ({"definition": "nonsense"}, "definition", "has no offset"),
        ({"unit": "bananas"}, "unit", "unknown unit"),
    ],
)
def test_bad_mapping_rules(change, field, problem):
    bad = {**METRIC, "metric": "other", **change}
    record = only_problem(validate(evidence(metrics=[METRIC, bad]), TODAY))
    assert (record["file"], record["row"], record["field"]) == ("metrics.csv", 3, field)
    assert problem in record["problem"]


def test_a_rule_that_maps_nothing_takes_no_logarithm():
    idle = {**METRIC, "metric": "other", "quantity": "", "lower": "0"}
    assert validate(evidence(metrics=[METRIC, idle]), TODAY).rejected.empty


def test_figures_of_a_rejected_rule_do_not_fall_through_to_a_broader_one():
    narrow = {**METRIC, "entity": "industry", "definition": "nonsense"}
    out = validate(evidence(metrics=[METRIC, narrow]), TODAY)
    assert out.rejected["file"].tolist() == ["metrics.csv"]
    (figure,) = resolve(out.accepted["figures"], out.accepted["metrics"]).to_dict("records")
    assert not figure["mapped"]
    assert "metrics.csv row 3 was rejected: definition 'nonsense'" in figure["unmapped_reason"]


def test_a_missing_column_puts_every_row_of_that_file_aside():
    raw = evidence(figures=[FIGURE, {**FIGURE, "figure_id": "hbm-0002", "origin_id": "hbm-0002"}])
    raw["figures/hbm.csv"] = raw["figures/hbm.csv"].drop(columns=["unit"])
    out = validate(raw, TODAY)
    assert out.rejected["row"].tolist() == [2, 3]
    assert set(out.rejected["problem"]) == {"figures/hbm.csv has no column unit"}
    assert out.accepted["figures"].empty
    assert not out.fatal


def test_a_missing_vocabulary_stops_the_run():
    raw = evidence()
    del raw["metrics.csv"]
    raw["sources.csv"] = raw["sources.csv"].drop(columns=["publisher"])
    fatal = validate(raw, TODAY).fatal
    assert any("metrics.csv is missing" in reason for reason in fatal)
    assert any("sources.csv has no column publisher" in reason for reason in fatal)


CORRECTION = {
    **{"figure_id": "hbm-0001", "field": "value", "expected_wrong_value": "17000000000"},
    **{"corrected_value": "1.8e10", "reason": "slip"},
}


def test_corrections_are_applied_before_the_checks():
    wrong = {**FIGURE, "value": "18"}
    fixed = validate(
        evidence(figures=[wrong], corrections=[{**CORRECTION, "expected_wrong_value": "18"}]), TODAY
    )
    assert fixed.rejected.empty
    assert fixed.accepted["figures"].loc[0, ["value", "corrected"]].tolist() == [1.8e10, "value"]


def test_a_correction_whose_wrong_value_has_gone_is_put_aside_with_its_figure():
    other = {**FIGURE, "figure_id": "hbm-0002", "origin_id": "hbm-0002"}
    stale = {**CORRECTION, "expected_wrong_value": "1.6e10"}
    out = validate(evidence(figures=[FIGURE, other], corrections=[stale]), TODAY)
    assert not out.fatal
    assert out.accepted["figures"]["figure_id"].tolist() == ["hbm-0002"]
    assert out.accepted["corrections"].empty
    said = out.rejected.set_index("file")
    assert said["field"].to_dict() == {"corrections.csv": "expected_wrong_value", "figures/hbm.csv": "value"}
    assert "hbm-0001" in said.loc["corrections.csv", "problem"]
    assert "'1.6e10'" in said.loc["figures/hbm.csv", "problem"]
    assert said["remedy"].str.contains("delete the correction").all()


def test_every_row_is_either_accepted_or_rejected():
    changes = ({}, {"value": "x", "period": "y"}, {"metric": "z"}, {"kind": ""}, {"value": "5"})
    rows = [
        {**FIGURE, "figure_id": f"f{i}", "origin_id": f"f{i}", **change} for i, change in enumerate(changes)
    ]
    out = validate(evidence(figures=rows), TODAY)
    accepted = set(out.accepted["figures"]["row"])
    rejected = set(out.rejected["row"])
    assert accepted | rejected == set(range(2, 7))
    assert not accepted & rejected
    assert SOURCE_COLUMNS[0] in out.accepted["sources"].columns


def test_figures_from_outside_pass_the_checks_of_those_within():
    bad = {**FIGURE, "figure_id": "hbm-0002", "origin_id": "hbm-0002", "value": "17"}
    frame = table(FIGURE_COLUMNS, FIGURE, bad)
    within = validate(evidence() | {"figures/hbm.csv": frame}, TODAY)
    accepted, rejected, read_as = checked_figures(
        frame,
        {"s1"},
        within.accepted["metrics"],
        {"demand"},
        within.accepted["exchange_rates"],
        TODAY,
        "figures/hbm.csv",
    )
    assert rejected["field"].tolist() == ["value"]
    assert read_as.empty
    pd.testing.assert_frame_equal(rejected, within.rejected)
    pd.testing.assert_frame_equal(accepted, within.accepted["figures"])


@pytest.mark.parametrize("column", ["figure_id", "value", "note"])
def test_half_a_sign_is_no_traceback(column):
    """JSON can escape what no file can hold."""
    out = validate(evidence(figures=[{**FIGURE, column: "a\ud800"}]), TODAY)
    assert len(out.accepted["figures"]) + out.rejected["row"].nunique() == 1
