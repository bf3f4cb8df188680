"""Figures from outside: what ingestion refuses is refused, for the same reason and with the same remedy."""

from datetime import date

import pandas as pd
import pytest

from models.evidence.checks.reference import definition_keys
from models.evidence.shared_header import FIGURE_COLUMNS, SOURCE_COLUMNS
from models.evidence.validation import validate
from models.scoring.external_figures import to_contract, usable_newcomers
from tests.market import MARKET_TABLES
from tests.places import DATA

TODAY = date(2026, 7, 1)
TABLES = {
    f"{name}.csv": pd.read_csv(DATA / f"{name}.csv", dtype=str, keep_default_na=False)
    for name in (*MARKET_TABLES, "metrics", "assumptions", "exchange_rates")
}
SOURCE = dict.fromkeys(SOURCE_COLUMNS, "") | {
    "source_id": "new",
    "publisher": "Somebody New",
    "title": "t",
    "published_on": "2026-05-04",
    "published_precision": "day",
}
FIGURE = dict.fromkeys(FIGURE_COLUMNS, "") | {
    "figure_id": "new-1",
    "source_id": "new",
    "origin_id": "new-1",
    "metric": "hbm_revenue",
    "entity": "industry",
    "period": "2026",
    "value": "50e9",
    "unit": "USD",
    "kind": "forecast",
}
SHARE = {"metric": "hbm_share_of_dram_revenue", "value": "0.35", "unit": "fraction"}


@pytest.fixture(scope="module")
def accepted():
    return validate(TABLES | {"sources.csv": pd.DataFrame([SOURCE])}, TODAY).accepted


def at_ingestion(figure: dict, source: dict) -> pd.DataFrame:
    """Problems that ingestion has with the row and its publication."""
    frames = {"sources.csv": pd.DataFrame([source]), "figures/new.csv": pd.DataFrame([figure])}
    rejected = validate(TABLES | frames, TODAY).rejected
    return rejected[rejected["file"].isin(list(frames))]


def at_score(accepted: dict, figure: dict, source: dict) -> tuple[pd.DataFrame, list[dict]]:
    figures, _ = to_contract(pd.DataFrame([figure]))
    definitions = definition_keys(accepted["assumptions"].to_dict("records"))
    return usable_newcomers(
        figures, pd.DataFrame([source]), accepted["metrics"], accepted["exchange_rates"], definitions, TODAY
    )[:2]


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        ({}, 50e9),
        (SHARE, 0.35),
        ({"metric": "hbm_revenue_growth", "value": "50", "unit": "percent"}, 0.5),
        ({"value": "", "low": "40e9", "high": "60e9"}, None),
    ],
)
def test_what_ingestion_accepts_is_scored(accepted, figure, value):
    assert at_ingestion(FIGURE | figure, SOURCE).empty
    usable, unmapped = at_score(accepted, FIGURE | figure, SOURCE)
    assert unmapped == []
    assert usable["publisher"].tolist() == ["Somebody New"]
    assert usable["value"].dropna().tolist() == ([value] if value else [])


@pytest.mark.parametrize(
    ("figure", "word"),
    [
        ({"value": "2_350_00"}, "value '2_350_00' is not a number"),
        ({"value": "14,35"}, "value '14,35' has a decimal comma"),
        ({"value": "nan"}, "stands for no number"),
        ({"value": "inf"}, "is not a number"),
        ({"value": ""}, "all empty"),
        ({"value": "", "low": "60e9", "high": "40e9"}, "lies above high"),
        ({"value": "50e9", "low": "51e9", "high": "60e9"}, "outside its own interval"),
        ({"value": "50"}, "outside the bounds"),
        ({"value": "", "low": "50", "high": "60e9"}, "outside the bounds"),
        (SHARE | {"value": "35"}, "outside the bounds"),
        ({"period": "2026Q5"}, "can't be read"),
        ({"period": "FY2026"}, "is fiscal but"),
        ({"period": "FY2026", "fiscal_year_end_month": "August"}, "is not a number"),
        ({"unit": "furlongs"}, "unknown unit"),
        ({"unit": "GB"}, "can't be turned into"),
        ({"kind": "rumour"}, "unknown kind"),
        ({"entity": ""}, "entity is empty"),
        ({"metric": "moon_cheese"}, "unknown metric"),
        ({"definition": "with_cheese"}, "has no offset"),
        ({"kind": "rumour", "value": "2_350_00"}, "unknown kind"),
    ],
)
def test_what_ingestion_refuses_is_refused_for_the_same_reason(accepted, figure, word):
    expected = at_ingestion(FIGURE | figure, SOURCE)
    usable, (listed,) = at_score(accepted, FIGURE | figure, SOURCE)
    assert usable.empty
    assert word in listed["reason"]
    assert listed["reason"] == "; ".join(expected["problem"])
    assert listed["remedy"] == "; ".join(expected["remedy"])
    assert (listed["row"], listed["figure_id"]) == (2, "new-1")


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ({"published_on": "2026-07-02"}, "lies after today"),
        ({"published_on": "2026-05"}, "is not a date of precision 'day'"),
        ({"published_on": "2026-02-30"}, "is not a calendar date"),
        ({"publisher": ""}, "unknown publisher"),
    ],
)
def test_so_is_a_publication_that_ingestion_refuses(accepted, source, word):
    expected = at_ingestion(FIGURE, SOURCE | source)
    expected = expected[expected["file"] == "sources.csv"]
    usable, (listed,) = at_score(accepted, FIGURE, SOURCE | source)
    assert usable.empty
    assert word in listed["reason"]
    assert listed["reason"] == "; ".join(expected["problem"])
    assert listed["remedy"] == "; ".join(expected["remedy"])


def test_a_figure_of_an_unknown_publication_is_refused_like_at_ingestion(accepted):
    elsewhere = FIGURE | {"source_id": "elsewhere"}
    expected = at_ingestion(elsewhere, SOURCE)
    _, (listed,) = at_score(accepted, elsewhere, SOURCE)
    assert (listed["reason"], listed["remedy"]) == (expected["problem"].item(), expected["remedy"].item())


def test_a_row_without_a_date_but_with_a_publisher_says_that_the_date_is_missing(accepted):
    _, (listed,) = at_score(
        accepted, FIGURE | {"source_id": ""}, SOURCE | {"source_id": ""} | {"published_on": ""}
    )
    assert listed["reason"] == "no publication date"
    assert "published_on" in listed["remedy"]


@pytest.mark.parametrize(
    ("figure", "remedy"),
    [
        ({"period": "2030"}, "2021Q1 to 2028Q2: give a figure about a period inside"),
        ({"metric": "hbm_revenue_growth", "value": "0.6", "unit": "fraction", "period": "2021"}, "inside"),
        ({"entity": "industri"}, "did you mean 'industry'"),
    ],
)
def test_what_informs_nothing_is_listed_with_what_would_be_scored(accepted, figure, remedy):
    metrics = accepted["metrics"]
    metrics = metrics[(metrics["entity"] != "*") | (metrics["metric"] != "hbm_revenue")]
    _, (listed,) = at_score(accepted | {"metrics": metrics}, FIGURE | figure, SOURCE)
    assert remedy in f"{listed['reason']}: {listed['remedy']}"


def test_each_row_stands_for_itself_whatever_its_id(accepted):
    figures, _ = to_contract(pd.DataFrame([FIGURE, FIGURE | {"period": "2027"}, FIGURE | {"kind": "rumour"}]))
    usable, unmapped, _ = usable_newcomers(
        figures, pd.DataFrame([SOURCE]), accepted["metrics"], accepted["exchange_rates"], set(), TODAY
    )
    assert usable["given_id"].tolist() == ["new-1", "new-1"]
    assert usable["origin_id"].tolist() == ["row-2", "row-3"]
    assert [row["row"] for row in unmapped] == [4]
