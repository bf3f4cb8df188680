# ruff: noqa: E501 - rows are easier to read uncut
"""Systems of the small warehouse: series that follow from the known draws, and the rows they rest on."""

from datetime import date

import numpy as np
import pandas as pd

from models.draws.joint import PERIODS
from models.scenarios.run import paired_differences
from models.systems.output_tables import kept_years, lineage, summarise
from models.systems.report_2024.replica import conclusion_probability
from models.systems.report_2024.tables import point_calculation
from models.systems.series import Series
from tests.market import MARKET

N_QUARTERS = 28
SHOCK = 0.8
STEP = 2


def series(draws: dict[str, np.ndarray]) -> list[Series]:
    """One or more series of every system, on every second draw; money, tools and shares of known size."""
    revenue, bits, wafers = (
        draws[q][::STEP, :N_QUARTERS] for q in ("hbm_revenue_usd", "hbm_bits_gb", "cowos_wafers")
    )
    tcb, first = 0.02 * revenue, 0.6 * np.ones_like(bits)
    lead = np.where(np.arange(len(bits))[:, None] < len(bits) // 4, 0.3, 0.7) * np.ones_like(bits)
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
        Series("equipment", "tcb", "usd_per_tool", "total", "USD", "ratio", 1.5e6 + 0 * tcb, numerator=tcb, denominator=tcb / 1.5e6, **known),
        Series("equipment", "plating", "usd", "total", "USD", "sum", 2_000.0 * wafers, **bare),
        Series("equipment", "plating", "usd", "cowos", "USD", "sum", 2_000.0 * wafers, **bare),
        Series("equipment", "all_categories", "usd", "total", "USD", "sum", tcb + 2_000.0 * wafers, **known),
        Series("equipment", "all_categories", "usd", "hbm", "USD", "sum", 0.75 * tcb, **known),
        Series("equipment", "all_categories", "usd", "cowos", "USD", "sum", 0.25 * tcb + 2_000.0 * wafers, **known),
        *(
            Series("materials", item, "usd", part, "USD", "sum", 0.01 * revenue, **known)
            for item in ("emc", "all_materials")
            for part in ("total", "hbm")
        ),
        Series("packaging", "hbm_packaging", "usd", "total", "USD", "sum", 0.1 * revenue, **bare),
        Series("server_content", "ai_training", "hbm_gb", "total", "GB", "mean", 640.0 + 0 * bits, **bare),
        share("supplier", "sk_hynix", "share", first, bits, "bits"),
        share("supplier", "samsung", "share", 1 - first, bits, "bits"),
        # Revenue differs from year to year in who leads.
        share("supplier", "sk_hynix", "share", lead, revenue, "revenue"),
        share("supplier", "samsung", "share", 1 - lead, revenue, "revenue"),
        Series("supplier", "sk_hynix", "usd", "total", "USD", "sum", lead * revenue, **bare),
        Series("supplier", "samsung", "usd", "total", "USD", "sum", (1 - lead) * revenue, **bare),
        Series("supplier", "sk_hynix", "wafers_per_month", "total", "wafers_per_month", "end", 1e-4 * bits, **bare),
        Series("supplier", "samsung", "wafers_per_month", "total", "wafers_per_month", "end", 2e-4 * bits, **bare),
        share("roadmap", "hbm4", "share", 0.1 * first, bits),
        share("cowos_variant", "cowos_l", "share", 0.5 * first, wafers),
        Series("substitution", "equipment", "share", "total", "fraction", "mean", 0.2 + 0 * bits, trust="assumed", **bare),
        Series("substitution", "equipment.tcb", "usd", "china", "USD", "sum", 0.1 * tcb, trust="assumed", **bare),
        Series("substitution", "equipment.tcb", "usd", "domestic", "USD", "sum", 0.2 * (0.1 * tcb), trust="assumed", **bare),
    ]  # fmt: skip
    return [Series(**{**vars(s), "values": s.values.astype(np.float32)}) for s in found]  # noqa: PD011


def kept(draws: dict[str, np.ndarray]) -> list[dict[str, np.ndarray]]:
    """Draws of the systems to keep, in two blocks; draw i belongs to draw STEP * i of the chain."""
    every = series(draws)
    return [kept_years([s for s in every if (s.system == "equipment") == first]) for first in (True, False)]


def frames(
    draws: dict[str, np.ndarray], run_id: str, as_of: date = date(2026, 1, 2)
) -> dict[str, pd.DataFrame]:
    """Tables of the systems of one run."""
    every = series(draws)
    shocked = [
        paired_differences("cowos_delay", q, MARKET.by_name[q].unit, draws[q], SHOCK * draws[q])
        for q in ("hbm_revenue_usd", "cowos_wafers")
    ]
    return {
        "system_forecast": summarise(every, run_id, as_of, n_chains=4),
        "system_lineage": lineage(every, run_id, list(MARKET.by_name)),
        "scenarios": pd.concat(shocked, ignore_index=True).assign(run_id=run_id, as_of=as_of),
        "sensitivities": sensitivities(run_id, as_of),
        **{
            name: frame.assign(run_id=run_id, as_of=as_of)
            for name, frame in of_the_report(draws, as_of).items()
        },
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


def of_the_report(draws: dict[str, np.ndarray], as_of: date) -> dict[str, pd.DataFrame]:
    """Tables about the report of January 2024; one finding of three was not computed."""
    columns = ["finding_id", "stated_low", "stated_high", "recomputed_low", "recomputed_high", "stands"]
    rows = [
        ("finding-01", -0.0285, -0.0285, -0.0325, -0.0325, True),
        ("finding-02", 2.0, 2.0, 2.0, 2.0, False),
    ]
    revenue = draws["hbm_revenue_usd"][:, PERIODS.index("2024")]
    return {
        "report_points": point_calculation(),
        "report_conclusions": pd.DataFrame([conclusion_probability(revenue, as_of)]),
        "report_recomputed": pd.DataFrame(rows, columns=columns),
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
    finding = dict.fromkeys(
        ("formula", "input_figure_ids", "stated_formula", "stated_figure_ids", "other_figure_ids", "stated_low", "stated_high",
         "recomputed_low", "recomputed_high", "unit", "note"), ""
    )  # fmt: skip
    found = [
        ("finding-01", "A", "arithmetic"),
        ("finding-02", "A", "arithmetic"),
        ("finding-03", "B", "conflict"),
    ]
    step = {"step": "bonding", "part": "hbm", "category": "tcb", "touches": "hbm_die", "route": "tc_ncf", "passes_p05": "1", "passes_p95": "1.2",
            "equipment": "bonder", "material": "", "cost_share_of_via_middle_tsv": "", "known_since": "2021-01", "basis": "judgement",
            "source": "own count; see cowos-0001", "note": ""}  # fmt: skip
    return {
        "process": pd.DataFrame([step]),
        "report_findings": pd.DataFrame(
            [
                {**finding, "finding_id": name, "topic_group": group, "check": check, "statement": "s"}
                for name, group, check in found
            ]
        ),
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
