"""A small world for systems that rest on process steps: draws of a growing chain, and the real CSVs."""

import numpy as np
import pandas as pd

from models.draws.joint import Draws
from models.evidence.evidence import Evidence
from tests.market import MARKET_TABLES
from tests.places import DATA

FIGURE = {
    "figure_id": "f-1",
    "origin_id": "f-1",
    "metric": "vendor_revenue",
    "entity": "Maker",
    "segment": "",
    "period": "2024",
    "fiscal_year_end_month": np.nan,
    "value": 1e9,
    "low": np.nan,
    "high": np.nan,
    "unit": "USD",
    "kind": "actual",
    "publisher": "Maker",
    "published_on": "2025-02-01",
    "published_precision": "day",
    "not_used_reason": "",
    "scale": "log",
}


def tables():
    names = ("process", "materials", "assumptions", "system_evidence")
    return MARKET_TABLES | {name: pd.read_csv(DATA / f"{name}.csv") for name in names}


def evidence(figures=(), rows=()):
    """The real catalogues with the given figures and evidence rows instead of the real ones."""
    columns = list(pd.read_csv(DATA / "system_evidence.csv", nrows=1).columns)
    told = pd.DataFrame([{**FIGURE, **f} for f in figures], columns=list(FIGURE))
    given = {"figures": told, "system_evidence": pd.DataFrame(rows, columns=columns)}
    return Evidence(**tables() | given)


def said(item="thinning", relation="observes", share=(0.9, 1.1), measure="usd", system="equipment"):
    keys = {"metric": "vendor_revenue", "entity": "Maker", "segment": "", "system": system, "item": item}
    told = {"measure": measure, "relation": relation, "share_p05": share[0], "share_p95": share[1]}
    return {**keys, **told, "basis": "judgement", "note": "made up"}


def joint_draws(n=300, seed=3, flat=False):
    """Capacity doubling every year (or flat), with a level of its own in each draw; years are not used."""
    rng = np.random.default_rng(seed)
    path = np.ones(28) if flat else 2.0 ** (np.arange(28) / 4)

    def rows(level, spread=0.1, values=path):
        quarters = level * values * np.exp(spread * rng.standard_normal((n, 1)))
        return np.concatenate([quarters, np.ones((n, 7))], axis=1).astype(np.float32)

    still = np.ones(28)
    bits = {f"hbm_bits_{g}_gb": rows(5e6) for g in ("hbm2e", "hbm3", "hbm3e", "hbm4")}
    by_quantity = {
        **bits,
        "hbm_tsv_capacity_wafers_per_month": rows(2e4),
        "hbm_gb_per_wafer": rows(900, values=still),
        "hbm_dies_per_wafer": rows(420, values=still),
        "cowos_capacity_wafers_per_month": rows(3e3),
        "packages_per_cowos_wafer": rows(20, values=still),
        "hbm_stacks_per_accelerator": rows(6, values=still),
        "cowos_wafers": rows(8e3),
        "cowos_packages": rows(1.5e5),
    }
    return Draws(by_quantity)


def by_key(series):
    return {(s.item, s.measure, s.part): s.values for s in series}  # noqa: PD011 (no pandas)
