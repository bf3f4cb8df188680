"""A made-up run with the shape, sizes and awkward cases of a real one, for the report's tests."""

import arviz_base as azb
import numpy as np
import pandas as pd

from dashboards.evidence import EVIDENCE_COLUMNS
from dashboards.frames import ReportFrames
from dashboards.labels import FAN_QUANTITIES
from dashboards.style import Provenance
from models.vocabulary.periods import N_QUARTERS, QUARTERS, YEARS
from tests.dashboards.synthetic_around import (
    AS_OF,
    QUANTILES,
    RUN_ID,
    pits,
    scenarios,
    scoreboard,
    sensitivities,
    system_forecast,
)
from tests.market import MARKET

# First and last quarter's median, and the log standard deviation at the end.
PATHS = {
    "hbm_revenue_usd": (3.0e8, 3.2e10, 0.35),
    "hbm_bits_gb": (2.5e7, 1.9e9, 0.30),
    "hbm_price_usd_per_gb": (14.0, 16.5, 0.18),
    "accelerator_shipments": (5.0e5, 6.5e6, 0.28),
    "cowos_wafers": (2.0e4, 4.4e5, 0.22),
    "cowos_capacity_wafers_per_month": (8.0e3, 1.9e5, 0.20),
    "dram_revenue_usd": (2.1e10, 1.3e11, 0.45),
    "server_shipments": (3.3e6, 3.9e6, 0.06),
    "cowos_capacity_tsmc_wafers_per_month": (7.0e3, 1.5e5, 0.20),
    "hbm_bits_demand_gb": (2.6e7, 2.2e9, 0.30),
    "cowos_wafers_demand": (2.1e4, 5.0e5, 0.25),
    "hbm_share_of_dram_revenue": (0.015, 0.25, 0.20),
}
AS_OF_QUARTER = 23.5


def _row(quantity: str, period: str, kind: str, median: float, spread: float) -> dict:
    values = {name: median * np.exp(z * spread) for name, z in QUANTILES.items()}
    return {
        "run_id": RUN_ID,
        "as_of": AS_OF,
        "quantity": quantity,
        "period": period,
        "period_kind": kind,
        "unit": MARKET.by_name[quantity].unit,
        "yearly": MARKET.by_name[quantity].yearly,
        **values,
        "mean": median * np.exp(spread**2 / 2),
        "mcse_p05": 0.004 * median,
        "mcse_p50": 0.002 * median,
        "mcse_p95": 0.005 * median,
        "mcse_mean": 0.002 * median,
        "n_draws": 20_000,
        "ess": 8_000.0,
        "interval_kind": "equal_tailed",
    }


def forecast() -> pd.DataFrame:
    rows = []
    for quantity, (first, last, sd) in PATHS.items():
        time = np.arange(N_QUARTERS)
        wave = 0.12 * np.sin(time / 2.2) if quantity == "dram_revenue_usd" else 0.0
        path = first * (last / first) ** (time / (N_QUARTERS - 1)) * np.exp(wave)
        spread = sd * np.where(
            time < AS_OF_QUARTER, 0.22, 0.22 + 0.78 * ((time - AS_OF_QUARTER) / 4).clip(0) ** 0.5
        )
        for i in range(N_QUARTERS):
            rows.append(_row(quantity, QUARTERS[i], "quarter", path[i], spread[i]))
        for j, year in enumerate(YEARS):
            block = path[4 * j : 4 * j + 4]
            yearly = {"sum": block.sum(), "end": block[-1], "ratio": block.mean()}[
                MARKET.by_name[quantity].yearly
            ]
            rows.append(_row(quantity, year, "year", yearly, spread[4 * j : 4 * j + 4].mean()))
    return pd.DataFrame(rows)


def binding() -> pd.DataFrame:
    rows = []
    for i, period in enumerate([*QUARTERS[:N_QUARTERS], *YEARS]):
        t = i if i < N_QUARTERS else 4 * (i - N_QUARTERS) + 2
        weights = np.exp([1.2 - 0.08 * t, -1.0 + 0.09 * t, 1.6 * np.exp(-(((t - 12) / 5) ** 2))])
        for stage, p in zip(("demand", "hbm", "cowos"), weights / weights.sum(), strict=True):
            rows.append((RUN_ID, period, stage, p, np.sqrt(p * (1 - p) / 8000)))
    return pd.DataFrame(rows, columns=["run_id", "period", "stage", "probability", "mcse"])


def evidence(rng: np.random.Generator) -> pd.DataFrame:
    table = forecast()
    kinds, publishers = (
        ("actual", "estimate", "forecast", "guidance", "assumption"),
        (
            "TrendForce",
            "Yole",
            "Micron",
            "Broker <A> & partners",
            "SemiAnalysis",
        ),
    )
    rows = []
    for quantity in FAN_QUANTITIES:
        part = table[table["quantity"] == quantity].set_index("period")
        level = MARKET.by_name[quantity].yearly == "end"
        for k in range(34):
            year = int(rng.integers(2022, 2028))
            published = f"{int(rng.integers(2022, 2027))}-{int(rng.integers(1, 13)):02d}-15"
            period = (f"{year}", f"{year}Q3", f"{year}-12" if level else f"{year}H1", f"FY{year}")[
                min(k % 6, 3)
            ]
            key = period.replace("FY", "").replace("-12", "Q4").replace("H1", "Q2")
            centre = part.loc[key, "p50"] * (
                2 if period.endswith("H1") and MARKET.by_name[quantity].yearly == "sum" else 1
            )
            value = centre * np.exp(rng.normal(-0.05, 0.16))
            shape = k % 9
            used = k % 4 != 0
            rows.append(
                {
                    "figure_id": f"syn-{len(rows):04d}",
                    "quantity": quantity,
                    "metric": quantity.removesuffix("_usd"),
                    "entity": "industry",
                    "segment": "",
                    "period": period,
                    "fiscal_year_end_month": 8 if period.startswith("FY") else None,
                    "value": None if shape in (1, 2, 3) else value,
                    "low": value * 0.88 if shape in (1, 2) else None,
                    "high": value * 1.12 if shape in (1, 3) else None,
                    "unit": MARKET.by_name[quantity].unit,
                    "kind": kinds[int(rng.integers(0, 5))],
                    "aggregation": "growth"
                    if k == 33
                    else MARKET.by_name[quantity].yearly.replace("ratio", "mean"),
                    "per_quantity": "",
                    "definition": "all_ai_servers" if k % 7 == 5 else "",
                    "publisher": publishers[k % 5],
                    "relayed_by": "Taiwan News" if k % 3 == 0 else "",
                    "title": "A title",
                    "url": f"https://example.org/press/{len(rows)}?id=1&x=<2>",
                    "published_on": published,
                    "known_on": published,
                    "used": used,
                    "printed": f"{value:,.4g} {MARKET.by_name[quantity].unit}",
                    "reason": "" if used else "superseded by a later estimate of the same publisher",
                }
            )
    return pd.DataFrame(rows, columns=list(EVIDENCE_COLUMNS))


def drivers() -> pd.DataFrame:
    rows = []
    for name, centre, unit in (
        ("server_shipments", 3.4e6, "units"),
        ("hbm_server_penetration", 0.02, "fraction"),
        ("accelerators_per_server", 8.0, "count"),
        ("hbm_base_price_usd_per_gb", 13.0, "USD_per_GB"),
        ("cowos_capacity_tsmc_wafers_per_month", 3.0e4, "wafers_per_month"),
        ("dram_bits_ex_hbm_gb", 5e9, "GB"),
    ):
        for source, spread in (("prior", 0.5), ("posterior", 0.12)):
            for i in range(N_QUARTERS):
                s = spread * (0.4 + i / N_QUARTERS)
                rows.append(
                    (
                        RUN_ID,
                        name,
                        QUARTERS[i],
                        source,
                        unit,
                        *(centre * np.exp(0.02 * i + z * s) for z in (-1.645, -0.674, 0, 0.674, 1.645)),
                    )
                )
    for source, s in (("prior", 0.1), ("posterior", 0.03)):
        rows.append(
            (
                RUN_ID,
                "cowos_yield",
                None,
                source,
                "fraction",
                *(0.93 + z * s / 2 for z in (-1, -0.5, 0, 0.5, 1)),
            )
        )
    names = ["run_id", "driver", "period", "source", "unit", "p05", "p25", "p50", "p75", "p95"]
    return pd.DataFrame(rows, columns=names)


def figure_fit(rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for m, (metric, n) in enumerate(
        (
            ("hbm_revenue", 60),
            ("hbm_bits", 24),
            ("cowos_capacity", 80),
            ("server_shipments", 45),
            ("hbm_price", 4),
            ("hbm_share_of_dram_bits", 18),
            ("ai_server_shipments_growth", 12),
            ("rare_metric", 1),
        )
    ):
        fraction = "share" in metric or "growth" in metric
        for _ in range(n):
            centre = rng.uniform(0.02, 0.3) if fraction else 10 ** rng.uniform(2 + m, 3.5 + m)
            z = rng.normal(0, 0.8)
            used = rng.random() > 0.15
            rows.append(
                (
                    RUN_ID,
                    f"fit-{len(rows)}",
                    metric,
                    metric,
                    "2025",
                    "fraction" if fraction else "USD",
                    centre * np.exp(0.15 * z),
                    centre * np.exp(-0.25),
                    centre,
                    centre * np.exp(0.25),
                    float(np.clip(0.5 + z / 4, 0.001, 0.999)),
                    1.0,
                    used,
                    "" if used else "echo of another figure",
                )
            )
    names = [
        "run_id",
        "figure_id",
        "metric",
        "quantity",
        "period",
        "unit",
        "published_value",
        "predicted_p05",
        "predicted_p50",
        "predicted_p95",
        "pit",
        "weight",
        "used",
        "reason",
    ]
    return pd.DataFrame(rows, columns=names)


def publisher_bias(rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for k in range(24):
        n, centre = int(400 / (k + 1)), rng.normal(0, 0.04)
        width = 0.12 / np.sqrt(1 + n / 8)
        rows.append(
            (
                RUN_ID,
                f"Publisher {k}",
                ("hbm", "cowos", "server")[k % 3],
                n,
                centre - width,
                centre,
                centre + width,
            )
        )
    return pd.DataFrame(rows, columns=["run_id", "publisher", "topic", "n", "p05", "p50", "p95"])


def posterior(rng: np.random.Generator):
    shape = (4, 250)
    walk = 0.03 * np.cumsum(rng.normal(size=shape), axis=1)
    draws = {
        "level": rng.normal(size=(*shape, 12)),
        "volatility": rng.normal(size=(*shape, 5)) + walk[..., None] * np.arange(5) / 4,
        "street_sd": rng.gamma(3, size=shape),
        "cholesky_corner": np.ones(shape),
    }
    stats = {"energy": rng.normal(250, 12, size=shape), "diverging": np.zeros(shape, dtype=bool)}
    coords = {"driver": [f"driver_{i}" for i in range(12)]}
    return azb.from_dict(
        {"posterior": draws, "sample_stats": stats}, coords=coords, dims={"level": ["driver"]}
    )


def diagnostics() -> pd.DataFrame:
    rows = [
        ("divergences", 0, 0, True, "of 4,000 draws"),
        ("max_r_hat", 1.006, 1.01, True, "street_sd"),
        ("min_ess_bulk", 612, 400, True, "volatility, 4"),
        ("min_ess_tail", 588, 400, True, "volatility, 4"),
        ("min_bfmi", 0.81, 0.3, True, ""),
        ("max_mcse_share", 0.006, 0.01, True, "hbm_revenue_usd 2027 p95"),
        ("identity_residual", 2e-7, 1e-4, True, "revenue = bits x price"),
    ]
    return pd.DataFrame(
        [(RUN_ID, *r) for r in rows], columns=["run_id", "name", "value", "threshold", "passed", "detail"]
    )


def runs(last_failed: bool) -> pd.DataFrame:
    rows = [(RUN_ID, AS_OF, "2026-11-20 02:00:01", "2026-11-20 02:03:40", "published", "")]
    if last_failed:
        rows.append(
            (
                "2026-11-21T0200-aaaa00",
                "2026-11-21",
                "2026-11-21 02:00:01",
                "2026-11-21 02:03:12",
                "failed",
                "gate: max_r_hat 1.031 > 1.01",
            )
        )
    return pd.DataFrame(rows, columns=["run_id", "as_of", "started_at", "finished_at", "status", "reason"])


def frames(last_failed: bool = True) -> ReportFrames:
    rng = np.random.default_rng(20261120)
    figures, fit, bias = evidence(rng), figure_fit(rng), publisher_bias(rng)
    made = posterior(rng)
    return ReportFrames(
        provenance=Provenance(RUN_ID, AS_OF),
        forecast=forecast(),
        binding=binding(),
        diagnostics=diagnostics(),
        runs=runs(last_failed),
        evidence=figures,
        figure_fit=fit,
        drivers=drivers(),
        publisher_bias=bias,
        system_forecast=system_forecast(),
        scenarios=scenarios(),
        sensitivities=sensitivities(),
        scoreboard=scoreboard(),
        pits=pits(),
        posterior=lambda: made,
        posterior_id="made:1:2",
    )
