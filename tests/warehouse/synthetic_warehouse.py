# ruff: noqa: E501 - rows and queries are easier to read uncut
"""A small warehouse with known draws: answers can be computed from the arrays, without DuckDB."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.market import MARKET
from warehouse import builds
from warehouse.draws import write_draws, write_system_draws
from warehouse.frozen import write_frozen
from warehouse.ingest import ingest
from warehouse.publish import publish_run

N_DRAWS = 120
YEARS = [str(y) for y in range(2021, 2028)]
QUARTERS = [f"{y}Q{q}" for y in YEARS for q in (1, 2, 3, 4)]
PERIODS = QUARTERS + YEARS
LEVELS = {"p05": 5, "p10": 10, "p25": 25, "p50": 50, "p75": 75, "p90": 90, "p95": 95}
INGESTED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


LAUNCHES = {"nvidia_hopper": "2022Q3", "nvidia_rubin": "2026Q3"}
"""The other classes have shipped since before the first quarter."""


def joint_draws(seed: int = 1, shift: float = 0.0, n: int = N_DRAWS) -> dict[str, np.ndarray]:
    """Draws (draw, period) of a few quantities that obey the identities; float32, as they are stored.

    A test may change them: each call gives arrays of its own.
    """
    return {name: values.copy() for name, values in _drawn(seed, shift, n).items()}


@lru_cache(16)
def _drawn(seed: int, shift: float, n: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    trend = np.linspace(0.0, 2.0, len(QUARTERS))
    common = rng.normal(0.0, 0.2, (n, 1))

    def path(level: float, spread: float = 0.1) -> np.ndarray:
        return np.exp(
            np.log(level)
            + trend
            + common * np.linspace(0.2, 2, len(QUARTERS))
            + rng.normal(shift, spread, (n, len(QUARTERS)))
        )

    wanted, supply = path(2e8), path(2.2e8)
    bits = np.minimum(wanted, supply)
    price = path(10.0) / np.exp(trend)
    tsmc, others = path(20_000.0), path(2_000.0)
    wafers_wanted, wafers_supply = path(60_000.0), path(63_000.0)
    accelerators = path(500_000.0)
    mix = rng.dirichlet(np.ones(len(MARKET.class_names)), (n, len(QUARTERS)))
    for name, launch in LAUNCHES.items():
        mix[:, : QUARTERS.index(launch), MARKET.class_names.index(name)] = 0.0
    mix /= mix.sum(axis=-1, keepdims=True)
    shares = rng.dirichlet(np.ones(len(MARKET.generation_names)), (n, len(QUARTERS)))
    to_nvidia = rng.uniform(0.5, 0.7, (n, 1))
    wafers = np.minimum(wafers_wanted, wafers_supply)
    quarterly = {
        "hbm_bits_demand_gb": wanted,
        "hbm_bits_supply_gb": supply,
        "hbm_bits_gb": bits,
        "hbm_revenue_usd": bits * price,
        "dram_revenue_usd": bits * price + path(1e10),
        "accelerator_shipments": accelerators,
        "cowos_wafers_demand": wafers_wanted,
        "cowos_wafers_supply": wafers_supply,
        "cowos_wafers": wafers,
        "cowos_wafers_nvidia": to_nvidia * wafers,
        "cowos_wafers_amd": 0.5 * (1 - to_nvidia) * wafers,
        "accelerator_demand": 1.1 * accelerators,
        "hbm_content_gb": 1.1 * accelerators * rng.uniform(90.0, 110.0, (n, 1)),
        "cowos_capacity_tsmc_wafers_per_month": tsmc,
        "cowos_capacity_others_wafers_per_month": others,
        "cowos_capacity_wafers_per_month": tsmc + others,
        **{
            f"accelerator_shipments_class_{c}": accelerators * mix[..., i]
            for i, c in enumerate(MARKET.class_names)
        },
        **{f"hbm_bits_{g}_gb": bits * shares[..., i] for i, g in enumerate(MARKET.generation_names)},
    }
    out = {
        name: np.concatenate([v, yearly(v, MARKET.by_name[name].yearly)], axis=1)
        for name, v in quarterly.items()
    }
    for q in MARKET.quantities:
        if q.yearly == "ratio" and q.numerator in out and q.denominator in out:
            out[q.name] = out[q.numerator] / out[q.denominator]
    return {name: values.astype(np.float32) for name, values in out.items()}


def yearly(values: np.ndarray, how: str) -> np.ndarray:
    """Years (draw, year) of quarters (draw, quarter): their sum, or the last one."""
    by_year = values.reshape(len(values), len(YEARS), 4)
    return by_year.sum(axis=-1) if how == "sum" else by_year[..., -1]


def forecast_frame(draws: dict[str, np.ndarray], run_id: str, as_of: date) -> pd.DataFrame:
    x = np.stack([values.astype(float) for values in draws.values()], axis=1)
    n, mean = len(x), x.mean(axis=0)
    quantiles = np.percentile(x, list(LEVELS.values()), axis=0)
    numbers = dict(zip(LEVELS, quantiles, strict=True)) | {"mean": mean, "mcse_mean": x.std(axis=0) / n**0.5}
    numbers |= {f"mcse_{p}": 0.001 * mean for p in ("p05", "p50", "p95")}
    return pd.DataFrame(
        {
            "period": PERIODS * len(draws),
            **{name: values.ravel() for name, values in numbers.items()},
            "quantity": np.repeat(list(draws), len(PERIODS)),
            "unit": np.repeat([MARKET.by_name[name].unit for name in draws], len(PERIODS)),
            "period_kind": ["year" if len(period) == 4 else "quarter" for period in PERIODS] * len(draws),
        }
    ).assign(n_draws=n, ess=float(n), run_id=run_id, as_of=as_of, interval_kind="equal_tailed")


def quantity_frame() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"quantity": q.name, "topic": q.topic, "unit": q.unit, "yearly": q.yearly, "headline": q.headline,
             "numerator": q.numerator, "denominator": q.denominator, "description": q.description}
            for q in MARKET.quantities
        ]
    )  # fmt: skip


def binding_frame(run_id: str) -> pd.DataFrame:
    shares = {"demand": 0.2, "hbm": 0.3, "cowos": 0.5}
    return pd.DataFrame(
        [
            {"run_id": run_id, "period": p, "stage": s, "probability": x, "mcse": 0.01}
            for p in PERIODS
            for s, x in shares.items()
        ]
    )


def diagnostics_frame(run_id: str) -> pd.DataFrame:
    rows = [
        (run_id, "divergences", 0.0, 0.0, True, ""),
        (run_id, "newest_figure_hbm", 12.0, 90.0, None, "days since 2025-12-21"),
        (run_id, "newest_figure_cowos", 151.0, 90.0, None, "days since 2025-08-04: old"),
        (run_id, "newest_figure_server", np.nan, 90.0, None, "no figure"),
    ]
    return pd.DataFrame(rows, columns=["run_id", "name", "value", "threshold", "passed", "detail"])


def bias_frame(run_id: str) -> pd.DataFrame:
    rows = [
        ("TrendForce", "hbm", 40, -0.02, 0.01, 0.04),
        ("Broker", "hbm", 3, -0.6, -0.3, 0.0),
        ("Yole", "cowos", 5, 0.0, 0.1, 0.2),
    ]
    return pd.DataFrame(
        [(run_id, *r) for r in rows], columns=["run_id", "publisher", "topic", "n", "p05", "p50", "p95"]
    )


def fit_frame(run_id: str) -> pd.DataFrame:
    rows = [
        ("hbm-0001", "hbm_revenue_usd", "2024", 16e9, 12e9, 15e9, 18e9, 0.70, 1.0, True, ""),
        ("hbm-0002", "hbm_revenue_usd", "2026", 90e9, 40e9, 55e9, 75e9, 0.999, 1.0, True, ""),
        (
            "cowos-0001",
            "cowos_capacity_wafers_per_month",
            "2026-12",
            110_000.0,
            60_000.0,
            80_000.0,
            100_000.0,
            0.98,
            1.0,
            True,
            "",
        ),
        ("hbm-0003", "hbm_revenue_usd", "2025", 30e9, 25e9, 32e9, 40e9, 0.35, 0.0, False, "repeats hbm-0001"),
    ]
    columns = ["figure_id", "quantity", "period", "published_value", "predicted_p05", "predicted_p50", "predicted_p95", "pit", "weight",
               "used", "reason"]  # fmt: skip
    unit = {"hbm_revenue_usd": "USD", "cowos_capacity_wafers_per_month": "wafers_per_month"}
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(run_id=run_id, measure="level", per_quantity=None, unit=frame["quantity"].map(unit))


def fit_with_growth(run_id: str) -> pd.DataFrame:
    """Beside the levels a figure about growth, one of `with_more_figures`."""
    fit = fit_frame(run_id)
    growth = {"figure_id": "hbm-0004", "period": "2026", "published_value": 0.6, "predicted_p05": 0.2, "predicted_p50": 0.5,
              "predicted_p95": 0.9, "pit": 0.65, "measure": "growth", "unit": "fraction"}  # fmt: skip
    return pd.concat([fit, fit.iloc[[0]].assign(**growth)], ignore_index=True)


def drivers_frame(run_id: str) -> pd.DataFrame:
    rows = [("hbm_base_price", "2026Q1", s, 8.0, 9.0, 10.0, 11.0, 12.0) for s in ("prior", "posterior")]
    return pd.DataFrame(
        [(run_id, *r) for r in rows],
        columns=["run_id", "driver", "period", "source", "p05", "p25", "p50", "p75", "p95"],
    )


def frames(draws: dict[str, np.ndarray], run_id: str, as_of: date) -> dict[str, pd.DataFrame]:
    return {
        "quantities": quantity_frame(), "forecast": forecast_frame(draws, run_id, as_of), "binding": binding_frame(run_id),
        "diagnostics": diagnostics_frame(run_id), "publisher_bias": bias_frame(run_id), "figure_fit": fit_frame(run_id),
        "posterior_drivers": drivers_frame(run_id),
    }  # fmt: skip


def evidence() -> dict[str, pd.DataFrame]:
    """Evidence as read from CSVs: all text but the numbers of the figures."""
    sources = [
        (
            "s1",
            "TrendForce",
            "",
            "HBM outlook",
            "https://example.org/1",
            "2024-05-06",
            "day",
            "2026-01-01",
            "",
        ),
        ("s2", "Broker", "", "Note", "https://example.org/2", "2025-06", "month", "2026-01-01", ""),
        ("s3", "Yole", "", "Report", "https://example.org/3", "2025", "year", "2026-01-01", ""),
    ]
    figures = [
        ("hbm-0001", "s1", "hbm-0001", "hbm_revenue", "industry", "", "2024", "", 16.0, "", "", "billion_USD", "forecast", "", "", ""),
        ("hbm-0002", "s2", "hbm-0002", "hbm_revenue", "industry", "", "2026", "", 90.0, "", "", "billion_USD", "forecast", "", "", ""),
        ("hbm-0003", "s2", "hbm-0001", "hbm_revenue", "industry", "", "2025", "", 30.0, "", "", "billion_USD", "forecast", "", "", ""),
        ("cowos-0001", "s3", "cowos-0001", "cowos_capacity", "industry", "", "2026-12", "", 110_000.0, "", "", "wafers_per_month", "forecast", "", "", ""),
    ]  # fmt: skip
    return {
        "sources": pd.DataFrame(sources, columns=["source_id", "publisher", "relayed_by", "title", "url", "published_on",
                                                  "published_precision", "accessed_on", "licence_note"]),
        "figures": pd.DataFrame(figures, columns=["figure_id", "source_id", "origin_id", "metric", "entity", "segment", "period",
                                                  "fiscal_year_end_month", "value", "low", "high", "unit", "kind", "definition",
                                                  "not_used_reason", "note"]),
        "metrics": pd.DataFrame(
            [("hbm_revenue", "*", "*", "billion_USD", "hbm_revenue_usd", "", "sum", "log", "0.1", "500", "", "HBM revenue"),
             ("cowos_capacity", "*", "*", "wafers_per_month", "cowos_capacity_wafers_per_month", "", "end", "log", "100", "1e6", "", "Capacity")],
            columns=["metric", "entity", "segment", "unit", "quantity", "per_quantity", "aggregation", "scale", "lower", "upper",
                     "definition", "description"]),
        "products": pd.DataFrame([("NVIDIA", "H100", "nvidia_hopper", "2022-03-22", LAUNCHES["nvidia_hopper"], "80", "5", "hbm3", "8", "", "", "s1", ""),
                                  ("NVIDIA", "Rubin", "nvidia_rubin", "2024-06", LAUNCHES["nvidia_rubin"], "288", "8", "hbm4", "12", "", "", "s1", ""),
                                  *[("Maker", name, name, "2019-01-01", "2019Q4", "32", "4", "hbm2e", "8", "", "", "s1", "")
                                    for name in MARKET.class_names if name not in LAUNCHES]],
                                 columns=["vendor", "product", "class", "announced_on", "launch_quarter", "hbm_gb", "hbm_stacks",
                                          "hbm_generation", "stack_height", "interposer_area_mm2", "packages_per_cowos_wafer",
                                          "source_id", "note"]),
        "assumptions": pd.DataFrame([("stack_yield", "0.6", "0.9", "logitnormal", "fraction", "judgement", "", "2021", "Yield")],
                                    columns=["assumption", "p05", "p95", "shape", "unit", "basis", "source", "known_since", "description"]),
        "corrections": pd.DataFrame([], columns=["figure_id", "field", "expected_wrong_value", "corrected_value", "reason", "source_id"]),
        "exchange_rates": pd.DataFrame([("KRW", "2024", "0.00073", "ECB", "")], columns=["currency", "year", "usd_per_unit", "source", "note"]),
    }  # fmt: skip


def with_more_figures(given: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Add a figure about growth, and shares of companies in a market, to evidence."""
    figures = [
        ("hbm-0004", "s2", "hbm-0004", "hbm_revenue_growth", "industry", "", "2026", "", 0.6, "", "", "fraction", "forecast", "", "", ""),
        ("vendors-0001", "s1", "vendors-0001", "vendor_market_share", "Far Bond", "tcb", "2024", "", 0.6, "", "", "fraction", "estimate", "", "", ""),
        ("vendors-0002", "s2", "vendors-0002", "vendor_market_share", "Far Bond", "tcb", "2025", "", "", 0.9, "", "fraction", "estimate", "", "", ""),
        ("vendors-0003", "s2", "vendors-0003", "vendor_market_share", "Bond Works", "tcb_hbm3e", "2025", "", 0.4, "", "", "fraction", "estimate", "", "", ""),
    ]  # fmt: skip
    metrics = [
        ("hbm_revenue_growth", "*", "*", "fraction", "hbm_revenue_usd", "", "growth", "log", "-0.9", "9", "", "Growth of HBM revenue"),
        ("vendor_market_share", "*", "*", "fraction", "", "", "mean", "logit", "0", "1", "", "informs nothing"),
    ]  # fmt: skip
    added = {"figures": figures, "metrics": metrics}
    return given | {
        name: pd.concat([given[name], pd.DataFrame(rows, columns=given[name].columns)], ignore_index=True)
        for name, rows in added.items()
    }


def rejected() -> pd.DataFrame:
    row = {"file": "figures/hbm.csv", "row": 9, "field": "value", "value": "abc", "problem": "value 'abc' is not a number",
           "remedy": "write a number", "raw": '{"figure_id": "hbm-0009"}'}  # fmt: skip
    return pd.DataFrame([row])


def take_in(state: Path, **kwargs: object) -> object:
    return ingest(state, evidence(), rejected(), "night-0", INGESTED_AT, **kwargs)  # type: ignore[arg-type]


def publish(
    state: Path,
    run_id: str,
    draws: dict[str, np.ndarray] | None = None,
    as_of: date = date(2026, 1, 2),
    system_draws: tuple[list, int] | None = None,
    frozen: bool = False,
    **changes: object,
) -> Path:
    """Publish a run whose frames may be replaced by keyword; with (blocks, step) of draws of the systems.

    A frozen one keeps ten draws and the medians of HBM revenue for good.
    """
    draws = joint_draws(n=40) if draws is None else draws
    state.mkdir(parents=True, exist_ok=True)
    parquet = state / f"{run_id}.parquet"
    write_draws(parquet, PERIODS, draws)
    beside = state / f"{run_id}-systems.parquet" if system_draws else None
    if beside and system_draws:
        write_system_draws(beside, YEARS, *system_draws)
    run = {
        "run_id": run_id,
        "as_of": as_of,
        "seed": 1,
        "draws": len(next(iter(draws.values()))),
        "chains": 4,
        "started_at": datetime(2026, 1, 2, tzinfo=UTC),
    }
    return publish_run(
        state,
        run,
        {**frames(draws, run_id, as_of), **changes},
        parquet,
        system_draws_parquet=beside,  # type: ignore[dict-item]
        frozen_parquet=freeze(state, run_id, parquet, forecast_frame(draws, run_id, as_of))
        if frozen
        else None,
    )


@contextmanager
def unchecked() -> Iterator[None]:
    """Let runs be published without the checks, which take half as long as all else of it.

    For tests of what becomes of runs that were published: the checks have tests of their own.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builds, "run_checks", lambda *_: [])
        yield


def freeze(state: Path, run_id: str, parquet: Path, forecast: pd.DataFrame) -> Path:
    """Write what is kept for good of a run."""
    years = forecast[(forecast["quantity"] == "hbm_revenue_usd") & forecast["period"].isin(["2026", "2027"])]
    medians = years[["quantity", "period"]].assign(level_per_mille=500, value=years["p50"])
    path = state / f"{run_id}-frozen.parquet"
    return write_frozen(path, parquet, range(0, 20, 2), ["2026", "2027"], medians)


def rerun_history(
    state: Path, run_id: str, draws: dict[str, np.ndarray] | None = None, as_of: date = date(2024, 12, 31)
) -> Path:
    """Publish a run of 2024, which knows the first figure only."""
    draws = joint_draws(n=40) if draws is None else draws
    fit = frames(draws, run_id, as_of)["figure_fit"]
    return publish(state, run_id, draws, as_of, figure_fit=fit[fit["figure_id"] == "hbm-0001"])


def take_in_more(state: Path, n: int = 4, note_bytes: int = 16) -> object:
    """Take in figures whose notes hardly compress: the file grows by more than their bytes."""
    more = evidence()
    notes = np.random.default_rng(0).bytes(note_bytes * n).hex()
    figures = pd.concat([more["figures"].iloc[:1]] * n, ignore_index=True)
    ids = [f"more-{i:06d}" for i in range(n)]
    letters = 2 * note_bytes
    figures = figures.assign(
        figure_id=ids, origin_id=ids, note=[notes[letters * i : letters * (i + 1)] for i in range(n)]
    )
    whole = pd.concat([more["figures"], figures], ignore_index=True)
    return ingest(state, {"figures": whole}, rejected(), "night-3", INGESTED_AT)
