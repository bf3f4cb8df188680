"""A small world for the systems of shares: smooth draws, figures made by hand, real catalogues."""

from datetime import date

import numpy as np
import pandas as pd

from models.draws.joint import Draws
from models.vocabulary.periods import N_QUARTERS
from tests.market import MARKET, MARKET_TABLES
from tests.places import DATA

AS_OF = date(2026, 6, 30)
LEVELS = {
    "hbm_bits_gb": 4e8,
    "hbm_revenue_usd": 6e9,
    "hbm_content_gb": 3e8,
    "hbm_stacks": 1.4e7,
    "hbm_tsv_capacity_wafers_per_month": 2e5,
    "accelerator_shipments": 2e6,
    "cowos_wafers": 1e5,
    "cowos_packages": 1.8e6,
    "cowos_capacity_tsmc_wafers_per_month": 3e4,
    "cowos_capacity_others_wafers_per_month": 6e3,
    "dram_price_usd_per_gb": 4.0,
    "hbm_price_usd_per_gb": 14.0,
    "hbm_gb_per_accelerator": 110.0,
    "accelerators_per_server": 8.0,
}


def drawn(n=400, seed=3):
    """Joint draws with the identities of the chain, (draw, 35)."""
    rng = np.random.default_rng(seed)
    time = np.arange(N_QUARTERS) / 4

    def path(level, growth=0.3):
        spread = rng.normal(0, 0.15, (n, 1)) + 0.05 * rng.standard_normal((n, N_QUARTERS))
        return level * np.exp(spread + growth * (time - 3.5))

    out = {
        name: path(level, 0.0 if "price" in name or "per_" in name else 0.4) for name, level in LEVELS.items()
    }
    for block, members, whole in (
        ("hbm_bits_{}_gb", MARKET.generation_names, "hbm_bits_gb"),
        ("accelerator_shipments_class_{}", MARKET.class_names, "accelerator_shipments"),
        ("cowos_wafers_{}", [c for c in MARKET.customers if c != "china"], "cowos_wafers"),
    ):
        weight = np.exp(rng.normal(0, 0.8, (n, len(members), 1)) + np.zeros((1, 1, N_QUARTERS)))
        weight /= weight.sum(axis=1, keepdims=True)
        for i, member in enumerate(members):
            out[block.format(member)] = out[whole] * weight[:, i]
    out["cowos_capacity_wafers_per_month"] = (
        out["cowos_capacity_tsmc_wafers_per_month"] + out["cowos_capacity_others_wafers_per_month"]
    )
    out["packages_per_cowos_wafer"] = out["cowos_packages"] / out["cowos_wafers"]
    return Draws({name: _with_years(name, values) for name, values in out.items()})


def _with_years(name, values):
    quarters = values.reshape(len(values), -1, 4)
    yearly = MARKET.by_name[name].yearly
    years = {"sum": quarters.sum(axis=2), "end": quarters[..., 3]}.get(yearly, quarters.mean(axis=2))
    return np.concatenate([values, years], axis=1).astype(np.float32)


def figures(*rows):
    """Resolved figures; a row overrides the defaults below."""
    default = {
        "figure_id": "",
        "origin_id": "",
        "metric": "hbm_supplier_share",
        "entity": "SK hynix",
        "segment": "",
        "period": "2024",
        "fiscal_year_end_month": np.nan,
        "value": np.nan,
        "low": np.nan,
        "high": np.nan,
        "kind": "estimate",
        "scale": "logit",
        "quantity": "",
        "not_used_reason": "",
        "publisher": "A",
        "published_on": "2025-03-01",
        "published_precision": "day",
    }
    table = pd.DataFrame([{**default, **row} for row in rows], columns=list(default))
    names = [f"figure-{i:04d}" for i in range(len(table))]
    table["figure_id"] = [f or n for f, n in zip(table["figure_id"], names, strict=True)]
    table["origin_id"] = [o or f for o, f in zip(table["origin_id"], table["figure_id"], strict=True)]
    return table


def tables(*rows):
    """Catalogues of the repository with hand-made figures."""
    names = ("assumptions", "products", "suppliers", "cowos_variants", "server_content", "system_evidence")
    read = {name: pd.read_csv(DATA / f"{name}.csv") for name in names}
    return {**MARKET_TABLES, **read, "figures": figures(*rows)}


def values(series, item, measure, part):
    """Values of the one series of that name."""
    found = [s for s in series if (s.item, s.measure, s.part) == (item, measure, part)]
    assert len(found) == 1, f"{len(found)} series {item} {measure} {part}"
    return found[0].values  # noqa: PD011 (no pandas)
