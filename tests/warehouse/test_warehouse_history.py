"""What earlier runs said, how publishers changed their minds, and joint draws for the page."""

from datetime import date

import pandas as pd
import pytest

import tests.warehouse.synthetic_warehouse as synthetic
from warehouse import history
from warehouse.query import query


def test_forecasts_of_runs_come_in_their_order(two_nights):
    rows = history.forecasts_of_runs(two_nights, ["hbm_revenue_usd"])
    assert list(rows["run_id"].unique()) == ["night-1", "night-2"]
    assert set(rows["quantity"]) == {"hbm_revenue_usd"}
    assert len(rows) == 2 * len(synthetic.PERIODS)


def test_draws_are_whole_now_and_then_and_all_of_the_periods_asked_for(two_nights, draws):
    rows = history.draws_of_quantities(two_nights, "night-2", ["hbm_revenue_usd"], ["2026"], 50)
    counts = rows.groupby("period")["draw"].nunique()
    assert counts["2026"] == synthetic.N_DRAWS
    assert set(counts.drop("2026")) == {3}
    assert set(counts.index) == set(synthetic.PERIODS)
    row = rows[(rows["draw"] == 50) & (rows["period"] == "2025Q3")].iloc[0]
    truth = draws["hbm_revenue_usd"][50, synthetic.PERIODS.index("2025Q3")]
    assert row["value"] == pytest.approx(truth, rel=1e-6)
    assert history.draws_of_quantities(two_nights, "gone", ["hbm_revenue_usd"], ["2026"], 50).empty


def test_revision_chains_follow_one_publisher_on_one_target(tmp_path):
    given = synthetic.evidence()
    sources = pd.concat(
        [
            given["sources"],
            given["sources"]
            .iloc[[0, 0, 0]]
            .assign(source_id=["s4", "s5", "s6"], published_on=["2024-09-01", "2025-02-01", "2024-11-01"]),
        ]
    )
    first = given["figures"].iloc[[0]]
    figures = pd.concat(
        [
            given["figures"],
            first.assign(
                figure_id="hbm-0011", origin_id="hbm-0011", source_id="s4", value=None, low=18.0, high=22.0
            ),
            first.assign(figure_id="hbm-0012", origin_id="hbm-0012", source_id="s5", value=24.0),
            # An echo, a bound and another publisher are no steps of the chain.
            first.assign(figure_id="hbm-0013", origin_id="hbm-0001", source_id="s6"),
            first.assign(
                figure_id="hbm-0014",
                origin_id="hbm-0014",
                source_id="s5",
                value=None,
                low=30.0,
                period="2025",
            ),
            first.assign(figure_id="hbm-0015", origin_id="hbm-0015", source_id="s2", value=99.0),
        ]
    )
    evidence = given | {"sources": sources, "figures": figures}
    synthetic.ingest(tmp_path, evidence, synthetic.rejected(), "night-0", synthetic.INGESTED_AT)
    chains = history.revision_chains(tmp_path, date(2026, 1, 1))
    assert chains["figure_id"].tolist() == ["hbm-0001", "hbm-0011", "hbm-0012"]
    assert chains["step"].tolist() == [1, 2, 3]
    assert set(chains["n_steps"]) == {3}
    assert chains["value"].tolist() == [16.0, 20.0, 24.0]
    assert chains["change"].tolist()[1:] == pytest.approx([0.25, 0.2])
    assert chains["change_since_first"].tolist() == pytest.approx([0.0, 0.25, 0.5])
    early = history.revision_chains(tmp_path, date(2024, 12, 31))
    assert early["figure_id"].tolist() == ["hbm-0001", "hbm-0011"]


def test_every_column_of_revision_chains_has_its_comment(two_nights):
    sql = "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'revision_chains'"
    rows = query(two_nights, sql).to_pylist()
    assert len(rows) == 17
    assert all(row["comment"] for row in rows)


def test_without_a_backtest_there_are_no_vintages_and_no_outcomes(two_nights):
    assert history.vintage_forecasts(two_nights).empty
    assert history.outcomes(two_nights).empty
