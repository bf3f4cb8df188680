"""A state folder with a little evidence in its warehouse, and a sampler that costs nothing."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from models.inference.fit import Fit
from models.inference.problem import Problem, parameter_shapes
from tests.market import MARKET, MARKET_TABLES
from tests.places import DATA
from warehouse.ingest import ingest

# What, for which period, how much, of which kind, published when, by whom.
STATEMENTS = (
    ("hbm_revenue", "2022", 2.7e9, "estimate", "2023-04-01", "Yolo"),
    ("hbm_revenue", "2023", 4.1e9, "estimate", "2024-03-01", "Yolo"),
    ("hbm_revenue", "2024", 5.0e9, "forecast", "2023-07-15", "Gart"),
    ("hbm_revenue", "2024", 14.0e9, "forecast", "2024-02-20", "Yolo"),
    ("hbm_revenue", "2024", 17.0e9, "estimate", "2025-02-20", "Yolo"),
    ("hbm_revenue", "2025", 20.0e9, "forecast", "2024-02-20", "Yolo"),
    ("hbm_revenue", "2025", 33.0e9, "estimate", "2026-02-20", "Yolo"),
    ("dram_revenue", "2022", 80.9e9, "actual", "2023-03-01", "Forcetrend"),
    ("dram_revenue", "2023", 51.9e9, "actual", "2024-03-01", "Forcetrend"),
    ("dram_revenue", "2024", 84.0e9, "forecast", "2023-09-10", "Forcetrend"),
    ("dram_revenue", "2024", 96.0e9, "actual", "2025-03-01", "Forcetrend"),
    ("server_shipments", "2023", 14.4e6, "forecast", "2023-05-10", "Forcetrend"),
    ("server_shipments", "2023", 13.4e6, "actual", "2024-02-10", "Forcetrend"),
    ("server_shipments", "2024", 13.9e6, "actual", "2025-02-10", "Forcetrend"),
)


def evidence(*more: tuple) -> dict[str, pd.DataFrame]:
    """Tables of a small evidence: the statements above and `more` of the same form."""
    rows, sources = [], []
    for i, (metric, period, value, kind, published_on, publisher) in enumerate([*STATEMENTS, *more], start=1):
        sources.append({"source_id": f"s{i}", "publisher": publisher, "published_on": published_on})
        row = {"figure_id": f"t-{i:04d}", "source_id": f"s{i}", "origin_id": f"t-{i:04d}", "metric": metric}
        unit = "units" if metric == "server_shipments" else "USD"
        rows.append(
            row
            | {
                "entity": "industry",
                "segment": "",
                "period": period,
                "value": value,
                "unit": unit,
                "kind": kind,
            }
        )
    blank = {
        "fiscal_year_end_month": None,
        "low": None,
        "high": None,
        "definition": "",
        "not_used_reason": "",
        "note": "",
    }
    named = {
        "relayed_by": "",
        "title": "t",
        "url": "http://x.example",
        "published_precision": "day",
        "accessed_on": "",
        "licence_note": "",
    }
    tables = {
        name: pd.read_csv(DATA / f"{name}.csv", dtype=str, keep_default_na=False)
        for name in (*MARKET_TABLES, "metrics", "products", "assumptions", "exchange_rates")
    }
    tables["products"]["source_id"] = "s1"
    return tables | {
        "figures": pd.DataFrame(rows).assign(**blank),
        "sources": pd.DataFrame(sources).assign(**named),
    }


def take_in(state: Path, *more: tuple) -> None:
    """Put the evidence into the warehouse of a state folder."""
    ingest(state, evidence(*more), None, "test", datetime.now(UTC))


class FakeSampler:
    """Stands for the compiled model: counts what it is asked for, gives draws of the prior."""

    def __init__(self) -> None:
        self.compiled = 0
        self.sampled: list = []
        self.fails_after = 10**6

    def compile_model(self, problem: Problem) -> str:
        self.compiled += 1
        return "compiled"

    def sample(
        self, compiled: str, problem: Problem, seed: int, draws: int, chains: int = 4, cores: int = 2
    ) -> Fit:
        assert compiled == "compiled"
        if len(self.sampled) >= self.fails_after:
            raise RuntimeError("the light went out")
        self.sampled.append(problem.as_of)
        rng = np.random.default_rng(seed)
        shapes = parameter_shapes(problem.operator, MARKET)
        raw = {name: rng.standard_normal((chains, draws, *shape)) for name, shape in shapes.items()}
        return Fit(problem, raw, {"diverging": np.zeros((chains, draws))})
