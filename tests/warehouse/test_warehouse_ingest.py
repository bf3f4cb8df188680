# ruff: noqa: E501 - rows and queries are easier to read uncut
"""Ingestion: idempotent, append-only, versions, vintages, errors."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

import tests.warehouse.synthetic_warehouse as synthetic
from tests.market import MARKET
from warehouse.errors import CheckFailed, IngestError
from warehouse.ingest import ingest
from warehouse.query import query
from warehouse.read import evidence
from warehouse.versions import Counts

LATER = datetime(2026, 2, 1, tzinfo=UTC)


def rows(state: Path, sql: str) -> list[tuple]:
    table = query(state, sql)
    return [tuple(row.values()) for row in table.to_pylist()]


N_ROWS = 25
"""All rows of the made-up evidence: four figures, fourteen products, and seven of the rest."""


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """State after the first ingestion; not to be changed by a test."""
    state = tmp_path_factory.mktemp("first")
    synthetic.take_in(state)
    return state


@pytest.fixture
def taken(first: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(first, tmp_path / "state"))


def test_first_ingestion_counts_every_row(tmp_path):
    report = synthetic.take_in(tmp_path)
    assert report.tables["figures"] == Counts(new=4)
    assert (report.new, report.changed, report.unchanged, report.withdrawn) == (N_ROWS, 0, 0, 0)
    assert (report.rejected, report.rejected_new) == (1, 1)


def test_same_evidence_twice_adds_nothing(taken):
    published = taken / "warehouse.duckdb"
    before, inode = published.read_bytes(), published.stat().st_ino
    report = ingest(taken, synthetic.evidence(), synthetic.rejected(), "night-1", LATER)
    assert (
        report.new,
        report.changed,
        report.unchanged,
        report.withdrawn,
        report.rejected,
        report.rejected_new,
    ) == (0, 0, N_ROWS, 0, 1, 0)
    assert (published.read_bytes(), published.stat().st_ino) == (before, inode)


def test_what_changed_nothing_last_night_is_not_taken_apart_again(taken, monkeypatch):
    def again(state=taken, unfit=(), **changed):
        brought = {name: changed.get(name, frame) for name, frame in synthetic.evidence().items()}
        return ingest(state, brought, synthetic.rejected(), "night-2", LATER, unfit)

    def build(*_args, **_keywords):
        raise AssertionError("a file was built")

    first = again()
    moved = synthetic.evidence()["figures"].assign(file="elsewhere.csv", row=1)
    revised = synthetic.evidence()["figures"].assign(value=17.0)
    with monkeypatch.context() as patch:
        patch.setattr("warehouse.ingest.swap_in", build)
        assert again() == again(figures=moved) == first
        for more in ({"figures": revised}, {"unfit": ["hbm-0001"]}):
            with pytest.raises(AssertionError, match="was built"):
                again(**more)
    # The same rows are news again where something else is in force.
    assert again(figures=revised).changed
    assert again().changed
    assert again() == first


def test_order_of_rows_and_place_in_file_are_not_content(taken):
    again = synthetic.evidence()
    again["figures"] = again["figures"].iloc[::-1].assign(file="figures/hbm.csv", row=range(4), corrected="")
    assert ingest(taken, again, synthetic.rejected(), "night-1", LATER).changed == 0


def test_changed_value_makes_a_new_version_and_keeps_the_old(taken):
    changed = synthetic.evidence()
    changed["figures"].loc[0, "value"] = 17.0
    changed["assumptions"].loc[0, "p95"] = "0.95"
    report = ingest(taken, changed, synthetic.rejected(), "night-1", LATER)
    assert report.tables["figures"] == Counts(changed=1, unchanged=3)
    assert report.tables["assumptions"] == Counts(changed=1)
    found = rows(
        taken,
        "SELECT version, value, ingest_run_id, ingested_at FROM figures WHERE figure_id = 'hbm-0001' ORDER BY version",
    )
    assert found == [
        (1, 16.0, "night-0", datetime(2026, 1, 2, 3, 4, 5)),
        (2, 17.0, "night-1", datetime(2026, 2, 1)),
    ]
    assert rows(taken, "SELECT value FROM figures_current WHERE figure_id = 'hbm-0001'") == [(17.0,)]
    assert rows(taken, "SELECT count(DISTINCT content_hash) FROM figures WHERE figure_id = 'hbm-0001'") == [
        (2,)
    ]


def test_value_that_becomes_empty_is_a_change(taken):
    changed = synthetic.evidence()
    changed["figures"]["low"] = [15.0, "", "", ""]
    changed["figures"]["value"] = [None, 90.0, 30.0, 110_000.0]
    assert ingest(taken, changed, synthetic.rejected(), "night-1", LATER).changed == 1
    assert rows(taken, "SELECT value, low FROM figures_current WHERE figure_id = 'hbm-0001'") == [
        (None, 15.0)
    ]


def test_missing_row_is_withdrawn_and_can_come_back(taken):
    less = synthetic.evidence()
    less["figures"] = less["figures"].iloc[:3]
    assert ingest(taken, less, synthetic.rejected(), "night-1", LATER).tables["figures"] == Counts(
        unchanged=3, withdrawn=1
    )
    assert "cowos-0001" not in set(evidence(taken, date(2026, 6, 1))["figures"]["figure_id"])
    assert rows(
        taken, "SELECT version, withdrawn FROM figures WHERE figure_id = 'cowos-0001' ORDER BY version"
    ) == [(1, False), (2, True)]
    assert ingest(taken, less, synthetic.rejected(), "night-2", LATER).withdrawn == 0
    assert (
        ingest(taken, synthetic.evidence(), synthetic.rejected(), "night-3", LATER).tables["figures"].changed
        == 1
    )
    assert "cowos-0001" in set(evidence(taken, date(2026, 6, 1))["figures"]["figure_id"])


@pytest.mark.parametrize(
    ("file", "raw"),
    [
        ("figures/cowos.csv", '{"figure_id": "cowos-0001"}'),
        ("figures/cowos.csv", ""),
        ("https://example.org/feed", ""),
    ],
)
def test_figure_that_is_only_unreadable_tonight_stays_in_force(taken, file, raw):
    less = synthetic.evidence()
    less["figures"] = less["figures"].iloc[:3]
    refused = synthetic.rejected().assign(file=file, raw=raw)
    assert ingest(taken, less, refused, "night-1", LATER).tables["figures"].withdrawn == 0
    assert "cowos-0001" in set(evidence(taken, date(2026, 6, 1))["figures"]["figure_id"])


def test_figure_that_no_longer_passes_is_withdrawn_although_its_row_is_only_unreadable(taken):
    less = synthetic.evidence()
    less["figures"] = less["figures"].iloc[:3]
    refused = synthetic.rejected().assign(file="figures/cowos.csv", raw='{"figure_id": "cowos-0001"}')
    done = ingest(taken, less, refused, "night-1", LATER, unfit=["cowos-0001"])
    assert done.tables["figures"].withdrawn == 1
    assert "cowos-0001" not in set(evidence(taken, date(2026, 6, 1))["figures"]["figure_id"])


def test_many_figures_gone_at_once_stay_until_a_person_says_so(taken):
    less = synthetic.evidence()
    less["figures"] = less["figures"].iloc[:1]
    done = ingest(taken, less, None, "night-1", LATER)
    assert (done.tables["figures"].withdrawn, done.withheld) == (0, 3)
    assert len(evidence(taken, date(2026, 6, 1))["figures"]) == 4
    # One that no longer passes goes all the same.
    done = ingest(taken, less, None, "night-2", LATER, unfit=["cowos-0001"])
    assert (done.tables["figures"].withdrawn, done.withheld) == (1, 2)
    done = ingest(taken, less, None, "night-3", LATER, withdraw_many=True)
    assert (done.tables["figures"].withdrawn, done.withheld) == (2, 0)
    assert len(evidence(taken, date(2026, 6, 1))["figures"]) == 1


def test_refused_row_that_is_mended_is_no_longer_current(taken):
    assert rows(taken, "SELECT figure_id, reason FROM rejected_current") == [
        ("hbm-0009", "value 'abc' is not a number")
    ]
    report = ingest(taken, synthetic.evidence(), None, "night-1", LATER)
    assert (report.rejected, report.changed) == (0, 0)
    assert rows(taken, "FROM rejected_current") == []
    assert rows(taken, "SELECT count(*) FROM rejected_figures") == [(2,)]


@pytest.mark.parametrize(
    ("as_of", "figures", "products"),
    [
        (date(2024, 5, 5), set(), {"H100"}),
        (date(2024, 5, 6), {"hbm-0001"}, {"H100"}),
        (date(2024, 6, 29), {"hbm-0001"}, {"H100"}),
        (date(2024, 6, 30), {"hbm-0001"}, {"H100", "Rubin"}),
        (date(2025, 6, 29), {"hbm-0001"}, {"H100", "Rubin"}),
        (date(2025, 6, 30), {"hbm-0001", "hbm-0002", "hbm-0003"}, {"H100", "Rubin"}),
        (date(2025, 12, 30), {"hbm-0001", "hbm-0002", "hbm-0003"}, {"H100", "Rubin"}),
        (date(2025, 12, 31), {"hbm-0001", "hbm-0002", "hbm-0003", "cowos-0001"}, {"H100", "Rubin"}),
    ],
)
def test_a_vintage_knows_nothing_of_later(first, as_of, figures, products):
    known = evidence(first, as_of)
    assert set(known["figures"]["figure_id"]) == figures
    assert set(known["products"]["product"]) - set(MARKET.class_names) == products
    assert set(known["sources"]["source_id"]) <= {"s1", "s2", "s3"}
    assert (known["figures"]["effective_published_on"].dt.date <= as_of).all()


def test_assumption_may_be_known_better_later(taken):
    more = synthetic.evidence()
    later = more["assumptions"].assign(p05="0.7", known_since="2025-03-01")
    more["assumptions"] = pd.concat([more["assumptions"], later], ignore_index=True)
    report = ingest(taken, more, synthetic.rejected(), "night-1", LATER)
    assert report.tables["assumptions"] == Counts(new=1, unchanged=1)
    known = {
        day: list(evidence(taken, day)["assumptions"]["p05"]) for day in (date(2025, 2, 28), date(2025, 3, 1))
    }
    assert known == {date(2025, 2, 28): [0.6], date(2025, 3, 1): [0.6, 0.7]}


def test_assumption_known_only_to_the_year_counts_from_its_end(taken):
    assert evidence(taken, date(2021, 12, 30))["assumptions"].empty
    assert len(evidence(taken, date(2021, 12, 31))["assumptions"]) == 1


def test_evidence_comes_back_as_it_was(taken):
    known = evidence(taken, date(2026, 1, 1))
    figure = known["figures"].set_index("figure_id").loc["hbm-0001"]
    assert (figure["value"], figure["unit"], figure["publisher"], figure["not_used_reason"]) == (
        16.0,
        "billion_USD",
        "TrendForce",
        "",
    )
    assert known["metrics"].set_index("metric").loc["hbm_revenue", "per_quantity"] == ""
    assert list(known["exchange_rates"].columns) == ["currency", "year", "usd_per_unit", "source", "note"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda e: e["figures"].insert(0, "colour", "red"), "colour"),
        (lambda e: e.update(figures=e["figures"].drop(columns="figure_id")), "figure_id"),
        (lambda e: e["figures"].loc.__setitem__((0, "figure_id"), "hbm-0002"), "hbm-0002"),
        (lambda e: e["figures"].loc.__setitem__((0, "fiscal_year_end_month"), "May"), "May"),
        (lambda e: e["figures"].loc.__setitem__((0, "period"), ""), "period"),
        (lambda e: e.__setitem__("figurs", e["figures"]), "figurs"),
    ],
)
def test_frame_that_does_not_fit_is_refused_whole(taken, change, says):
    before = (taken / "warehouse.duckdb").read_bytes()
    bad = synthetic.evidence()
    change(bad)
    with pytest.raises(IngestError, match=says):
        ingest(taken, bad, synthetic.rejected(), "night-1", LATER)
    assert (taken / "warehouse.duckdb").read_bytes() == before


def test_figure_without_source_is_refused_whole(taken):
    bad = synthetic.evidence()
    bad["figures"].loc[0, "source_id"] = "nowhere"
    with pytest.raises(CheckFailed, match="nowhere"):
        ingest(taken, bad, synthetic.rejected(), "night-1", LATER)
    assert rows(taken, "SELECT count(*) FROM figures") == [(4,)]


def test_a_source_stays_while_a_figure_that_stays_stands_in_it(taken):
    """Many figures gone at once wait for a person; their few sources, gone with them, wait too."""
    gone = synthetic.evidence()
    gone["figures"] = gone["figures"].iloc[:1]
    gone["sources"] = gone["sources"][gone["sources"]["source_id"] == gone["figures"]["source_id"].iloc[0]]
    done = ingest(taken, gone, None, "night-1", LATER)
    assert done.tables["figures"].withdrawn == done.tables["sources"].withdrawn == 0
