"""A small world for tests of scoring: real assumptions and products, made-up figures, fake posteriors."""

from datetime import date
from functools import cache

import numpy as np
import pandas as pd

from models.inference.fit import Fit
from models.inference.problem import build_problem, parameter_shapes
from tests.market import MARKET
from tests.places import DATA

NONE = float("nan")


@cache
def assumptions() -> pd.DataFrame:
    return pd.read_csv(DATA / "assumptions.csv", dtype={"known_since": str})


@cache
def products() -> pd.DataFrame:
    return pd.read_csv(DATA / "products.csv")


def figure(figure_id: str, value: float = NONE, **columns) -> dict:
    """Return one usable figure: HBM revenue of 2024 by default, in base units."""
    base = {
        "figure_id": figure_id,
        "origin_id": figure_id,
        "publisher": "House A",
        "quantity": "hbm_revenue_usd",
        "per_quantity": "",
        "aggregation": "sum",
        "scale": "log",
        "definition": "",
        "period": "2024",
        "fiscal_year_end_month": NONE,
        "value": value,
        "low": NONE,
        "high": NONE,
        "kind": "forecast",
        "published_on": "2024-02-15",
        "published_precision": "day",
        "unit_factor": 1.0,
    }
    return base | columns


def figures(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


def evidence_figures() -> pd.DataFrame:
    """Figures a fit has seen: one publisher with enough figures for a bias, one definition."""
    years = ("2022", "2023", "2024", "2025", "2026")
    seen = [figure(f"seen-{y}", 1e10 * 1.5**i, period=y) for i, y in enumerate(years)]
    servers = figure("seen-def", 18e6, quantity="server_shipments", definition="server_count_digitimes")
    return figures(*seen, servers)


def fake_fit(as_of: date, used: pd.DataFrame, draws: int, spread: float = 1.0, seed: int = 5) -> Fit:
    """Return a posterior that is the prior (spread 1) or a single point at the prior's middle (spread 0)."""
    problem = build_problem(used, products(), assumptions(), MARKET, as_of)
    rng = np.random.default_rng(seed)
    shapes = parameter_shapes(problem.operator, MARKET)
    raw = {name: spread * rng.standard_normal((2, draws // 2, *shape)) for name, shape in shapes.items()}
    return Fit(problem, raw, {})
