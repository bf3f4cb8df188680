"""A state folder with a run that the report's loader can read whole."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

import tests.dashboards.synthetic_run as synthetic
from dashboards.frames import ReportFrames
from flows.runtime.artifacts import save_posterior
from models.inference.posterior import named
from tests.market import MARKET, MARKET_TABLES
from warehouse.builds import swap_in
from warehouse.carry_over import table_columns
from warehouse.frames import insert
from warehouse.ingest import ingest
from warehouse.layout import posterior_file
from warehouse.run_rows import own_rows
from warehouse.tables import stored

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
        **MARKET_TABLES,
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


def write_state(state: Path, frames: ReportFrames) -> Path:
    """Write an earlier run, the one served, and a failed attempt after it; and its posterior."""
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
            insert(connection, stored(name), frame, columns[stored(name)], [])
        own_rows(connection)

    swap_in(state, apply, scopes=())
    rng = np.random.default_rng(1)
    delays = rng.normal(size=(4, 100, len(MARKET.class_names)))
    statistics = {"energy": rng.normal(size=(4, 100)), "diverging": np.zeros((4, 100), dtype=bool)}
    save_posterior(posterior_file(state, "cafe01"), named({"class_launch_delay": delays}, statistics, MARKET))
    return state
