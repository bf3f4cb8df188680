# ruff: noqa: E501 - rows are easier to read uncut
"""Systems of the small warehouse: series that follow from the known draws, and the rows they rest on."""

from datetime import date

import numpy as np
import pandas as pd

from models.quantities import BY_NAME
from models.scenarios import paired_differences
from models.systems.series import Series, lineage, summarise

N_QUARTERS = 28
SHOCK = 0.8


def series(draws: dict[str, np.ndarray]) -> list[Series]:
    """One or more series of every system; money, tools and shares of known size."""
    revenue, bits, wafers = (
        draws[q][:, :N_QUARTERS] for q in ("hbm_revenue_usd", "hbm_bits_gb", "cowos_wafers")
    )
    tcb, first = 0.02 * revenue, 0.6 * np.ones_like(bits)
    known = {"inputs": ("hbm_bits_gb", "stack_yield"), "figure_ids": ("hbm-0001",), "n_figures": 1}
    bare = {"inputs": ("cowos_wafers", "stack_yield")}

    def share(
        system: str, item: str, measure: str, value: np.ndarray, of: np.ndarray, part: str = "total"
    ) -> Series:
        return Series(
            system,
            item,
            measure,
            part,
            "fraction",
            "ratio",
            value,
            numerator=value * of,
            denominator=of,
            **bare,
        )

    found = [
        Series("equipment", "tcb", "usd", "total", "USD", "sum", tcb, **known),
        Series("equipment", "tcb", "usd", "hbm", "USD", "sum", 0.75 * tcb, **known),
        Series("equipment", "tcb", "usd", "cowos", "USD", "sum", 0.25 * tcb, **known),
        Series("equipment", "tcb", "usd", "bottom_up", "USD", "sum", 1.5 * tcb, **known),
        Series("equipment", "tcb", "usd", "top_down", "USD", "sum", tcb, **known),
        Series("equipment", "tcb", "tools", "total", "tools", "sum", tcb / 1.5e6, **known),
        Series("equipment", "plating", "usd", "total", "USD", "sum", 2_000.0 * wafers, **bare),
        Series("materials", "emc", "usd", "total", "USD", "sum", 0.01 * revenue, **known),
        Series("packaging", "hbm_packaging", "usd", "total", "USD", "sum", 0.1 * revenue, **bare),
        Series("server_content", "ai_training", "hbm_gb", "total", "GB", "mean", 640.0 + 0 * bits, **bare),
        share("supplier", "sk_hynix", "share", first, bits, "bits"),
        share("supplier", "samsung", "share", 1 - first, bits, "bits"),
        share("roadmap", "hbm4", "share", 0.1 * first, bits),
        share("cowos_variant", "cowos_l", "share", 0.5 * first, wafers),
        Series("substitution", "equipment", "share", "total", "fraction", "mean", 0.2 + 0 * bits, trust="assumed", **bare),
    ]  # fmt: skip
    return [Series(**{**vars(s), "values": s.values.astype(np.float32)}) for s in found]  # noqa: PD011


def frames(
    draws: dict[str, np.ndarray], run_id: str, as_of: date = date(2026, 1, 2)
) -> dict[str, pd.DataFrame]:
    """Tables of the systems of one run."""
    every = series(draws)
    shocked = [
        paired_differences("cowos_delay", q, BY_NAME[q].unit, draws[q], SHOCK * draws[q])
        for q in ("hbm_revenue_usd", "cowos_wafers")
    ]
    return {
        "system_forecast": summarise(every, run_id, as_of),
        "system_lineage": lineage(every, run_id, list(BY_NAME)),
        "scenarios": pd.concat(shocked, ignore_index=True).assign(run_id=run_id, as_of=as_of),
        "sensitivities": sensitivities(run_id, as_of),
        "learning": pd.DataFrame(
            [
                ("stack_yield", "assumption", "", 0.98, 0.1, "assumed"),
                ("other", "assumption", "", 0.3, 1.0, "learned"),
            ],
            columns=["name", "kind", "period", "sd_ratio", "shift", "state"],
        ).assign(run_id=run_id, as_of=as_of),
        "power_scalings": pd.DataFrame(
            [
                {
                    "target": "hbm_revenue_usd",
                    "period": "2026",
                    "component": c,
                    "part": "all",
                    "sensitivity": s,
                    "by_chance": 0.01,
                    "notable": s > 0.05,
                    "shift_per_doubling_sd": s,
                    "shift_mcse_sd": 0.01,
                    "pareto_k": 0.2,
                    "n_draws": 1000,
                }
                for c, s in (("prior", 0.03), ("likelihood", 0.2))
            ]
        ).assign(run_id=run_id, as_of=as_of),
    }


def sensitivities(run_id: str, as_of: date) -> pd.DataFrame:
    rows = [
        ("hbm_base_price_usd_per_gb", 0.5),
        ("hbm_server_penetration", 0.3),
        ("server_shipments", 0.15),
        ("rest", 0.05),
    ]
    every = [
        {"run_id": run_id, "as_of": as_of, "target": "hbm_revenue_usd", "period": "2026", "driver": driver, "share": share,
         "correlation": share**0.5, "noise_floor": 0.002, "log_sd": 0.3, "n_features": 2, "n_draws": 1000}
        for driver, share in rows
    ]  # fmt: skip
    return pd.DataFrame(every)


def evidence() -> dict[str, pd.DataFrame]:
    """Catalogues of the systems as their CSVs give them."""
    company = {"company": "", "country": "China", "segment": "equipment", "process_step": "bonding", "product": "bonder",
               "status": "validation", "as_of": "2023-11", "known_since": "2024-01", "source_id": "s1", "note": ""}  # fmt: skip
    shock = {"title": "CoWoS capacity late", "operation": "multiply", "p05": "0.7", "p95": "0.9", "from_quarter": "as_of+1",
             "to_quarter": "2027Q4", "ramp_quarters": "2", "basis": "judgement", "source": "own", "description": "d"}  # fmt: skip
    return {
        "supply_chain": pd.DataFrame(
            [
                {**company, "company_en": "Bond Works", "system_item": "equipment/tcb;chain/cowos_wafers"},
                {**company, "company_en": "Far Bond", "country": "Austria", "system_item": "equipment/tcb"},
                {**company, "company_en": "No Item", "system_item": ""},
                {
                    **company,
                    "company_en": "Later",
                    "known_since": "2026-02-01",
                    "system_item": "equipment/tcb",
                },
            ]
        ),
        "scenarios": pd.DataFrame(
            [
                {**shock, "scenario": "cowos_delay", "driver": f"cowos_capacity_{who}_wafers_per_month"}
                for who in ("tsmc", "others")
            ]
        ),
    }
