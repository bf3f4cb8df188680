"""What a made-up run and backtest say of systems and scores, for the report's tests."""

import numpy as np
import pandas as pd

from models.vocabulary.periods import YEARS

RUN_ID = "2026-11-20T0200-3f9c1a"
AS_OF = "2026-11-20"
QUANTILES = {
    "p05": -1.645,
    "p10": -1.282,
    "p25": -0.674,
    "p50": 0.0,
    "p75": 0.674,
    "p90": 1.282,
    "p95": 1.645,
}


def system_forecast() -> pd.DataFrame:
    rows = []
    for system, item, measure, part, unit, last, trust, n in (
        ("equipment", "all_categories", "usd", "total", "USD", 1.2e10, "few figures", 40),
        ("equipment", "tcb", "usd", "total", "USD", 9e8, "measured", 12),
        ("equipment", "hybrid_bonding", "usd", "total", "USD", 4e7, "assumed", 0),
        ("equipment", "tcb", "tools", "total", "tools", 600, "measured", 12),
        ("packaging", "high_end", "usd", "total", "USD", 3e10, "few figures", 7),
        ("supplier", "sk_hynix", "share", "revenue", "fraction", 0.5, "measured", 9),
        ("supplier", "sk_hynix", "share", "bits", "fraction", 0.45, "measured", 9),
        ("supplier", "others", "share", "revenue", "fraction", 0.01, "assumed", None),
    ):
        for i, year in enumerate(YEARS):
            median = last * (0.3 + 0.1 * i)
            rows.append(
                {
                    "run_id": RUN_ID, "as_of": AS_OF, "system": system, "item": item, "measure": measure,
                    "part": part, "period": year, "period_kind": "year", "unit": unit, "trust": trust,
                    "n_figures": n, **{name: median * np.exp(0.4 * z) for name, z in QUANTILES.items()},
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def scenarios() -> pd.DataFrame:
    rows = [
        (RUN_ID, AS_OF, scenario, quantity, year, "year", -0.3 * effect, -0.2 * effect, -0.05 * effect)
        for scenario, effect in (("hbm_price_fall", 1.0), ("rd_slower", 0.0))
        for quantity in ("hbm_revenue_usd", "hbm_price_usd_per_gb")
        for year in YEARS
    ]
    names = ["run_id", "as_of", "scenario", "quantity", "period", "period_kind"]
    return pd.DataFrame(rows, columns=[*names, "relative_p05", "relative_p50", "relative_p95"])


def sensitivities() -> pd.DataFrame:
    shares = {"hbm_base_price_usd_per_gb": 0.6, "hbm_other_use": 0.25, "rest": 0.15}
    return pd.DataFrame(
        [
            (RUN_ID, AS_OF, target, year, driver, share, 0.3)
            for target in ("hbm_revenue_usd", "equipment/all_categories/usd")
            for year in YEARS
            for driver, share in shares.items()
        ],
        columns=["run_id", "as_of", "target", "period", "driver", "share", "log_sd"],
    )


BACKTEST = "backtest-20261101T0000"


def scoreboard() -> pd.DataFrame:
    counts, shares = (120, 14, 0.1, 0.2), (0.45, 0.77, 0.88, 0.71, 0.9)
    rows = []
    for quantity, horizon, opponent, skill, width in (
        ("all", "all", "none", None, None),
        ("all", "over six months", "none", None, None),
        ("hbm_revenue_usd", "all", "none", None, None),
        ("all systems", "all", "none", None, None),
        ("supplier", "all", "none", None, None),
        ("supplier/sk_hynix/share/revenue", "all", "none", None, None),
        ("all", "all", "latest figure", 0.4, 0.2),
        ("all", "over six months", "latest figure", 0.45, 0.2),
        ("all", "all", "publisher: Yole", 0.1, 0.4),
        ("hbm_revenue_usd", "over six months", "street median", -0.3, None),
        ("hbm_bits_gb", "over six months", "street median", -3.0, None),
    ):
        low, high = (None, None) if width is None else (skill - width, skill + width)
        rows.append((quantity, horizon, opponent, *counts, skill, low, high, *shares, BACKTEST))
    return pd.DataFrame(
        rows,
        columns=[
            *("quantity", "horizon_group", "opponent", "n", "n_targets", "crps", "opponent_crps"),
            *("skill", "skill_low", "skill_high", "coverage_50", "coverage_80", "coverage_90"),
            *("coverage_80_calibrated_low", "coverage_80_calibrated_high", "run_id"),
        ],
    ).astype({"skill": float, "skill_low": float, "skill_high": float})


def pits() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    series = {"hbm_revenue_usd": 40, "server_shipments": 30, "supplier/sk_hynix/share/revenue": 20}
    rows = [
        (quantity, YEARS[2 + k % 3], metric, rng.uniform())
        for metric in ("pit", "pit_with_outcome_error")
        for quantity, n in series.items()
        for k in range(n)
    ]
    return pd.DataFrame(rows, columns=["quantity", "period", "metric", "value"])
