"""The catalogue: no vintage knows tomorrow's product, and every number in it says where it comes from."""

import csv
import re
from datetime import date

import pandas as pd
import pytest

from models.chain.product_classes import build_catalogue
from models.evidence.assumptions import read_priors
from models.evidence.known import first_of_each, known_by, known_figures, known_products, newest_of_each
from models.vocabulary.periods import PeriodError
from tests.market import MARKET
from tests.places import DATA

PRODUCT_NUMBERS = ("hbm_gb", "hbm_stacks", "stack_height", "interposer_area_mm2", "packages_per_cowos_wafer")


@pytest.fixture(scope="module")
def products():
    return pd.read_csv(DATA / "products.csv", dtype=str, keep_default_na=False)


def row_of(products, product, as_of):
    found = known_products(products, as_of)
    return found[found["product"] == product].to_dict("records")


def test_a_product_is_unknown_before_it_is_announced(products):
    assert row_of(products, "B200", date(2024, 3, 17)) == []
    assert len(row_of(products, "B200", date(2024, 3, 18))) == 1


def test_each_date_sees_one_row_as_last_described_by_then(products):
    (early,) = row_of(products, "Rubin Ultra", date(2025, 3, 17))
    (late,) = row_of(products, "Rubin Ultra", date(2025, 3, 18))
    assert (early["hbm_stacks"], early["hbm_gb"]) == ("12", "")
    assert (late["hbm_stacks"], late["hbm_gb"]) == ("16", "1000")


def test_month_and_year_dates_count_from_their_end():
    table = pd.DataFrame(
        {"vendor": "v", "product": ["a", "b"], "announced_on": ["2024-05", "2024"]}, index=pd.Index([5, 2])
    )
    assert known_products(table, date(2024, 5, 30)).empty
    assert known_products(table, date(2024, 5, 31))["product"].tolist() == ["a"]
    assert known_products(table, date(2024, 12, 31)).index.tolist() == [2, 5]


def rows_since(*texts):
    return pd.DataFrame(
        {"name": ["a", "b", "a", "a"], "known_since": list(texts), "n": range(4)}, index=[7, 5, 3, 1]
    )


def test_rows_known_by_a_day_stay_in_their_order():
    rows = rows_since("2024", "2024-05-31", "2024-06", "2024-05")
    assert known_by(rows, date(2024, 5, 31)).index.tolist() == [5, 1]
    assert known_by(rows, date(2024, 12, 31)).index.tolist() == [7, 5, 3, 1]
    assert known_by(rows.iloc[:0], date(2024, 12, 31)).empty
    days = rows.assign(known_on=[date(2024, 1, 2), date(2024, 1, 1), date(2024, 1, 3), date(2024, 1, 1)])
    assert known_by(days, date(2024, 1, 1), "known_on").index.tolist() == [5, 1]
    with pytest.raises(PeriodError, match="soonish"):
        known_by(rows_since("soonish", "2024", "2024", "2024"), date(2024, 5, 31))


def test_a_page_of_this_year_that_was_read_this_year_is_known_this_year():
    read = pd.DataFrame(
        {
            "figure_id": ["read", "later", "unsaid", "day"],
            "published_on": ["2026", "2026", "2026", "2026-07-16"],
            "published_precision": ["year", "year", "year", "day"],
            "accessed_on": ["2026-07-15", "2027-01-10", "", "2026-07-01"],
        }
    )
    assert known_figures(read, date(2026, 7, 14)).empty
    assert list(known_figures(read, date(2026, 7, 15))["figure_id"]) == ["read"]
    assert list(known_figures(read, date(2026, 7, 16))["figure_id"]) == ["read", "day"]
    assert len(known_figures(read, date(2026, 12, 31))) == 4
    without = read.drop(columns="accessed_on")
    assert list(known_figures(without, date(2026, 7, 16))["figure_id"]) == ["day"]


def test_of_rows_about_one_thing_the_newest_counts_and_of_one_day_the_last():
    rows = rows_since("2024-06-30", "2020", "2024-06", "2023")
    assert newest_of_each(rows, ["name"]).index.tolist() == [3, 5]
    assert first_of_each(rows, ["name"]).index.tolist() == [1, 5]


@pytest.mark.parametrize("as_of", pd.date_range("2022-06-30", "2026-11-30", freq="QE").date)
def test_every_vintage_makes_a_catalogue(products, as_of):
    assumptions = pd.read_csv(DATA / "assumptions.csv", dtype={"known_since": str})
    arrays = build_catalogue(
        known_products(products, as_of), read_priors(assumptions, as_of), MARKET, as_of
    ).arrays
    assert (arrays["class_hbm_gb"] > 0).all()
    assert arrays["generation_of_class"].sum(axis=0) == pytest.approx(1)


def test_every_number_says_where_it_comes_from(products):
    """The note names the column, then a figure, or says derived or assumption."""
    ids = {
        row["figure_id"]
        for name in ("accelerators", "packaging", "hbm", "report_2024_01")
        for row in csv.DictReader((DATA / "figures" / f"{name}.csv").open(encoding="utf-8"))
    }
    for row in products.to_dict("records"):
        parts = row["note"].split("; ")
        for column in (*PRODUCT_NUMBERS, "launch_quarter"):
            about = [part for part in parts if re.match(rf"[^:]*\b{column}\b[^:]*:", part)]
            assert about, f"{row['product']}: note says nothing about {column}"
            cited = re.findall(r"\b(?:accelerators|packaging|hbm|report)-\d{4}\b", " ".join(about))
            assert set(cited) <= ids, f"{row['product']}: {set(cited) - ids} is no figure"
            if row[column] == "":
                assert re.search("not in the embedded figures|not yet published|empty", about[0])
            elif column != "launch_quarter":
                words = r"\b(?:accelerators|packaging|hbm|report)-\d{4}\b|assumption|\bas [A-Z]|same"
                assert re.search(words, " ".join(about)), f"{row['product']}: {column} has no source"


def test_every_product_points_to_a_source(products):
    sources = pd.read_csv(DATA / "sources.csv", dtype=str, keep_default_na=False)
    assert set(products["source_id"]) <= set(sources["source_id"])


def test_exchange_rates_cover_every_currency_and_year():
    rates = pd.read_csv(DATA / "exchange_rates.csv")
    assert len(rates) == 6 * 8
    assert (
        rates.groupby("currency")["year"]
        .apply(list)
        .map(lambda years: years == list(range(2019, 2027)))
        .all()
    )
    # Year to year no rate moves by a fifth: a slipped decimal or an inverted rate would.
    change = rates.groupby("currency")["usd_per_unit"].pct_change().dropna().abs()
    assert change.max() < 0.2
