"""The report's own calculation: from its figures, case by case, and judged by draws of its time."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.draws.drawn_run import DrawnRun
from models.draws.joint import PERIODS, Draws
from models.evidence.evidence import Evidence
from models.scoring.benchmarks import report_january_2024 as opponent
from models.systems.report_2024 import tables
from models.systems.report_2024.replica import (
    DERIVED,
    MISSING,
    REPORT_YEARS,
    STATED,
    STATED_FIGURES,
    conclusion_probability,
    report_inputs,
    report_january_2024,
    stated_values,
)
from models.systems.report_2024.tables import QUANTITY, point_calculation
from models.vocabulary.results.described import CALLED
from tests.market import MARKET
from tests.places import DATA

FIGURES = DATA / "figures" / "report_2024_01.csv"
# The reconstruction's two ends of each year: training servers (k), stacks (m), HBM (m GB), revenue (bn USD).
RECONSTRUCTION = {
    "2022": [(143, 6.9, 92, 1.37), (143, 6.9, 92, 1.83)],
    "2023": [(138, 6.6, 89, 1.33), (277, 13.3, 177, 3.54)],
    "2024": [(613, 29.4, 393, 5.89), (613, 29.4, 491, 9.82)],
}


@pytest.fixture(scope="module")
def figures():
    return pd.read_csv(FIGURES)


def test_the_copy_of_the_stated_numbers_is_what_the_figures_say(figures):
    assert stated_values(figures) == stated_values()
    resolved = figures.assign(unit_factor=1000.0)
    for column in ("value", "low", "high"):
        resolved[column] *= 1000.0
    found = stated_values(resolved)
    assert all(np.allclose(found[k], v) for k, v in stated_values().items())


def test_every_input_says_whether_it_is_stated_derived_or_missing(figures):
    inputs = report_inputs(figures)
    assert set(inputs["status"]) == {STATED, DERIVED, MISSING}
    per_year = inputs.groupby("period")["input"].nunique()
    assert (per_year.loc[["2022", "2023", "2024", "2025"]] >= 6).all()
    missing = inputs[inputs["status"] == MISSING]
    assert set(zip(missing["input"], missing["period"], strict=True)) == {
        *(("share", "2025"), ("gb_per_accelerator", "2025"), ("price_usd_per_gb", "2025")),
    }
    assert missing["low"].isna().all()
    assert (missing["figure_ids"] == "").all()
    have = inputs[inputs["status"] != MISSING]
    assert (have["low"] <= have["high"]).all()
    named = {i for ids in have["figure_ids"] for i in ids.split(";")}
    assert named == set(STATED_FIGURES)
    stated = inputs[(inputs["status"] == STATED) & (inputs["input"] == "hbm_revenue_usd")]
    assert stated["low"].tolist() == [10e9]


def test_the_calculation_stands_once(figures):
    assert opponent is report_january_2024
    assert report_january_2024(figures) == report_january_2024()
    changed = figures.copy()
    changed.loc[changed["figure_id"] == "report-0010", "value"] = 0.08
    assert report_january_2024(changed)["accelerator_shipments", "2024"] == pytest.approx(
        2 * report_january_2024()["accelerator_shipments", "2024"]
    )


def test_conclusion_as_a_probability_with_and_without_hindsight():
    draws = np.array([8e9, 9e9, 11e9, 12e9])
    found = conclusion_probability(draws, date(2024, 1, 31))
    expected = {"period": "2024", "threshold_usd": 10e9, "probability": 0.5, "mcse": 0.25, "n_draws": 4}
    assert found == expected | {"hindsight": False}
    assert conclusion_probability(draws, date(2024, 2, 1))["hindsight"]
    with pytest.raises(ValueError, match="finite draws"):
        conclusion_probability(np.array([np.nan]), date(2024, 1, 31))


def test_a_missing_figure_is_named(figures):
    with pytest.raises(KeyError, match="report-0086"):
        report_inputs(figures[figures["figure_id"] != "report-0086"])


def test_the_calculation_as_a_table_is_the_reconstruction_s_end_by_end(figures):
    points = point_calculation(figures).set_index(["item", "period"])
    assert set(points.index) == {(item, year) for item in QUANTITY for year in REPORT_YEARS}
    assert set(points["quantity"]) <= set(MARKET.by_name)
    for item, quantity in QUANTITY.items():
        assert (points.loc[item, "unit"] == MARKET.by_name[quantity].unit).all(), item
    for year, ends in RECONSTRUCTION.items():
        for end, (servers, stacks, gb, usd) in zip(("derived_low", "derived_high"), ends, strict=True):
            found = points.xs(year, level="period")[end].astype(float)
            assert round(found["training_servers"] / 1e3) == servers
            assert round(found["hbm_stacks"] / 1e6, 1) == stacks
            assert round(found["hbm_gb"] / 1e6) == gb
            assert round(found["hbm_revenue_usd"] / 1e9, 2) == usd
            assert found["accelerators"] == pytest.approx(8 * found["training_servers"], rel=1e-12)
    # Its one stated product is a bound from below, and lies above all that its inputs give.
    conclusion = points.loc["hbm_revenue_usd", "2024"]
    assert (conclusion["status"], conclusion["stated_low"]) == (STATED, 10e9)
    assert np.isnan(conclusion["stated_high"])
    assert conclusion["derived_high"] < 10e9


def test_what_is_missing_is_carried_over_and_says_so(figures):
    points = point_calculation(figures).set_index(["item", "period"])
    missing = points[points["status"] == MISSING]
    assert set(missing.index.get_level_values("period")) == {"2025"}
    assert {"share", "gb_per_accelerator", "price_usd_per_gb", "hbm_revenue_usd", "hbm_gb"} <= set(
        missing.index.get_level_values("item")
    )
    assert points.loc[("servers", "2025"), "status"] == STATED
    assert "as in 2024" in points.loc[("share", "2025"), "how"]
    assert points.loc[("share", "2025"), "input_figure_ids"] == "report-0010"
    ids = {i for cell in points["input_figure_ids"] for i in cell.split(";")}
    assert ids == set(STATED_FIGURES)
    stated = points["status"] == STATED
    assert points.loc[stated, "stated_low"].notna().all()
    assert points.loc[~stated, ["derived_low", "derived_high"]].notna().all(axis=None)


def tables_of_report(figures, findings, as_of):
    """The three tables of a run with 12 bn USD in every future, by name; without those that say nothing."""
    drawn = Draws({"hbm_revenue_usd": np.full((8, len(PERIODS)), 12e9)})
    known = Evidence(figures=figures, report_findings=findings)
    run = DrawnRun(as_of, 1, known, pd.DataFrame(), None, {}, drawn)
    called = [table.name for table in CALLED if table.made_by == tables.__name__]
    assert len(called) == 3
    made = {name: getattr(tables, name)(run) for name in called}
    return {name: frame for name, frame in made.items() if frame is not None}


def test_tables_of_a_run_know_what_the_day_knows(figures):
    findings = pd.read_csv(FIGURES.parents[1] / "report_findings.csv", dtype=str, keep_default_na=False)
    every = pd.concat([pd.read_csv(path) for path in sorted(FIGURES.parent.glob("*.csv"))], ignore_index=True)
    found = tables_of_report(every, findings, date(2024, 1, 31))
    assert {name: len(frame) for name, frame in found.items()} == {
        "report_points": 44, "report_conclusions": 1, "report_recomputed": 60,
    }  # fmt: skip
    assert found["report_recomputed"]["stands"].all()
    assert found["report_conclusions"]["probability"].tolist() == [1.0]
    # Before the report there is nothing to say; without another's figure, all but the finding about it.
    before = every[~every["figure_id"].str.startswith("report")]
    assert tables_of_report(before, findings, date(2023, 1, 1)) == {}
    assert tables_of_report(every, pd.DataFrame(), date(2024, 1, 31)) == {}, (
        "a warehouse of before the findings"
    )
    without = tables_of_report(every[every["figure_id"] != "servers-0075"], findings, date(2024, 1, 31))
    assert set(found["report_recomputed"]["finding_id"]) - set(
        without["report_recomputed"]["finding_id"]
    ) == {"finding-02"}
    with pytest.raises(KeyError, match="report-0086"):
        tables_of_report(every[every["figure_id"] != "report-0086"], findings, date(2024, 1, 31))
