"""From a state folder to the file: what is read, what is refused, and that only the report is written."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

import tests.dashboards.synthetic_run as synthetic
from dashboards.load import load, load_posterior
from dashboards.report import write_report
from dashboards.sections.sampler import mixing_table
from flows.runtime.artifacts import save_posterior
from models.inference.posterior import named
from tests.market import MARKET
from warehouse.builds import swap_in, table_columns
from warehouse.errors import WarehouseError
from warehouse.frames import insert
from warehouse.ingest import ingest
from warehouse.layout import posterior_file

EARLIER = "2025-05-05T0200-000000"
FAILED = "2026-11-21T0200-aaaa00"


def evidence_tables() -> dict[str, pd.DataFrame]:
    source = {
        "publisher": "TrendForce",
        "relayed_by": "",
        "title": "t",
        "url": "https://example.org/hbm",
        "published_precision": "day",
        "accessed_on": "2026-11-01",
        "licence_note": "",
    }
    figure = {
        "metric": "hbm_revenue",
        "entity": "industry",
        "segment": "",
        "period": "2025",
        "fiscal_year_end_month": None,
        "value": 30e9,
        "low": None,
        "high": None,
        "unit": "USD",
        "kind": "estimate",
        "definition": "",
        "not_used_reason": "",
        "note": "",
    }
    metric = {
        "metric": "hbm_revenue",
        "entity": "*",
        "segment": "*",
        "unit": "USD",
        "quantity": "hbm_revenue_usd",
        "per_quantity": "",
        "aggregation": "sum",
        "scale": "log",
        "lower": 1e8,
        "upper": 1e12,
        "definition": "",
        "description": "HBM revenue",
    }
    assumption = {
        "assumption": "driver.server_shipments.level",
        "p05": 3e6,
        "p95": 4e6,
        "shape": "lognormal",
        "unit": "units/quarter",
        "basis": "judgement",
        "source": "s",
        "known_since": "2021-01",
        "description": "d",
    }
    return {
        "sources": pd.DataFrame(
            [
                source | {"source_id": "s1", "published_on": "2026-02-01"},
                source | {"source_id": "s2", "published_on": "2026-12-01"},
            ]
        ),
        "figures": pd.DataFrame(
            [
                figure | {"figure_id": "hbm-0001", "origin_id": "hbm-0001", "source_id": "s1"},
                figure | {"figure_id": "hbm-0002", "origin_id": "hbm-0002", "source_id": "s2"},
            ]
        ),
        "metrics": pd.DataFrame([metric]),
        "assumptions": pd.DataFrame([assumption]),
        "exchange_rates": pd.DataFrame(
            {"currency": ["KRW"], "year": [2024], "usd_per_unit": [0.00073], "source": "s"}
        ),
    }


def fit_row() -> pd.DataFrame:
    row = {
        "run_id": synthetic.RUN_ID,
        "figure_id": "hbm-0001",
        "quantity": "hbm_revenue_usd",
        "period": "2025",
        "published_value": 30e9,
        "predicted_p05": 20e9,
        "predicted_p50": 27e9,
        "predicted_p95": 36e9,
        "pit": 0.7,
        "weight": 1.0,
        "used": True,
        "reason": "",
    }
    return pd.DataFrame([row])


@pytest.fixture(scope="module")
def state(tmp_path_factory, frames):
    state = tmp_path_factory.mktemp("state")
    ingest(state, evidence_tables(), None, "ingest", datetime(2026, 11, 20, tzinfo=UTC))
    runs = pd.DataFrame(
        [
            (
                EARLIER,
                1,
                "2025-05-05",
                "2025-05-05 02:00:01",
                "2025-05-05 02:03:00",
                "published",
                None,
                "cafe00",
            ),
            (
                synthetic.RUN_ID,
                2,
                synthetic.AS_OF,
                "2026-11-20 02:00",
                "2026-11-20 02:03",
                "published",
                None,
                "cafe01",
            ),
            (
                FAILED,
                3,
                "2026-11-21",
                "2026-11-21 02:00:00",
                "2026-11-21 02:03:00",
                "failed",
                "fit: R-hat 1.2",
                None,
            ),
        ],
        columns=[
            "run_id",
            "run_number",
            "as_of",
            "started_at",
            "finished_at",
            "status",
            "reason",
            "content_hash",
        ],
    )
    published = frames.forecast.drop(columns="yearly")
    quantities = pd.DataFrame(
        [(q.name, q.topic, q.unit, q.yearly, q.headline, q.description) for q in MARKET.quantities]
    )
    quantities.columns = ["quantity", "topic", "unit", "yearly", "headline", "description"]
    brought = {
        "runs": runs,
        "quantities": quantities,
        "forecast": pd.concat([published, published.assign(run_id=EARLIER, as_of="2025-05-05")]),
        "binding": frames.binding,
        "diagnostics": frames.diagnostics,
        "posterior_drivers": frames.drivers.drop(columns="unit"),
        "publisher_bias": frames.publisher_bias,
        "figure_fit": fit_row(),
    }

    def apply(connection):
        columns = table_columns(connection)
        for name, frame in brought.items():
            insert(connection, name, frame, columns[name], [])

    swap_in(state, apply, scopes=())
    rng = np.random.default_rng(1)
    delays = rng.normal(size=(4, 100, len(MARKET.class_names)))
    statistics = {"energy": rng.normal(size=(4, 100)), "diverging": np.zeros((4, 100), dtype=bool)}
    save_posterior(posterior_file(state, "cafe01"), named({"class_launch_delay": delays}, statistics, MARKET))
    return state


def test_load_reads_the_run_served(state):
    loaded = load(state)
    assert loaded.provenance.run_id == synthetic.RUN_ID
    assert str(loaded.provenance.as_of) == synthetic.AS_OF
    assert set(loaded.forecast["run_id"]) == {synthetic.RUN_ID}
    assert len(loaded.runs) == 3
    posterior = loaded.posterior()
    assert posterior["posterior"].sizes["draw"] == 100
    assert "launch delay, NVIDIA rubin" in set(mixing_table(posterior)["parameter"])
    units = loaded.drivers.drop_duplicates("driver").set_index("driver")["unit"]
    assert units["server_shipments"] == "units/quarter"
    assert units["hbm_server_penetration"] == ""


def test_load_shows_no_figure_from_after_the_as_of_date(state):
    evidence = load(state).evidence
    assert list(evidence["figure_id"]) == ["hbm-0001"]
    row = evidence.iloc[0]
    assert (row["used"], row["publisher"], row["value"]) == (True, "TrendForce", 30e9)
    assert load(state, EARLIER).evidence.empty


def test_figures_of_the_fit_get_their_metric_and_unit(state):
    row = load(state).figure_fit.iloc[0]
    assert (row["metric"], row["unit"], row["pit"]) == ("hbm_revenue", "USD", 0.7)


def test_report_is_written_whole_and_only_there(state):
    before = {p for p in state.rglob("*") if p.is_file()}
    path = write_report(state)
    assert path == state / "reports" / f"{synthetic.RUN_ID}.html"
    charts = state / "cache" / "charts"
    written = {p for p in state.rglob("*") if p.is_file()} - before
    assert {p for p in written if p.parent != charts} == {path}
    assert {p.suffix for p in written if p.parent == charts} == {".json"}
    page = path.read_text(encoding="utf-8")
    assert page.rstrip().endswith("</html>")
    assert f"Stale: the last attempt (run {FAILED}" in page
    assert "fit: R-hat 1.2" in page
    assert "HBM revenue: 1 figures, 1 used" in page
    assert "https://example.org/hbm" in page


def test_report_of_an_earlier_run_without_posterior(state):
    page = write_report(state, EARLIER).read_text(encoding="utf-8")
    assert f"run <strong>{EARLIER}</strong>" in page
    assert "no posterior of this run in the state folder" in page


def test_an_unknown_run_is_named(state):
    with pytest.raises(WarehouseError, match="there is no run nobody"):
        write_report(state, "nobody")


def test_nothing_published_yet(tmp_path):
    with pytest.raises(WarehouseError):
        write_report(tmp_path)
    assert not (tmp_path / "reports").exists()


def test_a_damaged_posterior_is_as_good_as_none(tmp_path):
    path = tmp_path / "x.nc"
    path.write_bytes(b"PK\x03\x04 cut off")
    assert load_posterior(path) is None
    assert load_posterior(tmp_path / "absent.nc") is None
