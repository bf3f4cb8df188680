"""The January 2024 broker report's own point calculation, rebuilt from the inputs it states.

``R = S p g G P``: servers x share of training AI servers x accelerators a server x GB of HBM per
accelerator x USD per GB (the report's text on servers and HBM demand, China Merchants Securities,
2024-01-23). Inputs that the report states are figures; the rest is derived from stated ones, or missing and
carried over, and each says which. No noise, no supply: that is the report's calculation, not ours.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from models.vocabulary.units import VALUE_COLUMNS

REPORT_PUBLISHED = date(2024, 1, 23)
REPORT_MONTH_END = date(2024, 1, 31)
CONCLUSION_YEAR = "2024"
REPORT_YEARS = ("2022", "2023", "2024", "2025")
STATED, DERIVED, MISSING = "stated", "derived", "missing"
STATED_FIGURES: Mapping[str, float | tuple[float, float]] = {
    "report-0001": 14_300_000.0,
    "report-0002": 13_835_000.0,
    "report-0004": 17_000_000.0,
    "report-0007": 0.01,
    "report-0008": 0.02,
    "report-0010": 0.04,
    "report-0013": 8.0,
    "report-0086": (15.0, 20.0),
    "report-0098": 6.0,
    "report-0100": (80.0, 100.0),
    "report-0102": 80.0,
    "report-0153": 10e9,
}
"""What the page states, by figure_id: a copy of data/figures/report_2024_01.csv that a test holds to it, so
that the report can be scored where its figures are not at hand. A range is (low, high).
"""
INPUT_COLUMNS = ("input", "period", "low", "high", "unit", "status", "figure_ids", "how")
Stated = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Link:
    """One pass through the report's equation; every field is a number a year."""

    servers: float
    share: float
    accelerators_per_server: float
    gb_per_accelerator: float
    price_usd_per_gb: float

    @property
    def training_servers(self) -> float:
        """Training AI servers."""
        return self.servers * self.share

    @property
    def accelerators(self) -> float:
        """Accelerators in them."""
        return self.training_servers * self.accelerators_per_server

    @property
    def hbm_gb(self) -> float:
        """HBM in them, GB."""
        return self.accelerators * self.gb_per_accelerator

    @property
    def hbm_revenue_usd(self) -> float:
        """HBM revenue, USD."""
        return self.hbm_gb * self.price_usd_per_gb


def stated_values(figures: pd.DataFrame | None = None) -> Stated:
    """Low and high of each stated input.

    Parameters
    ----------
    figures : DataFrame, optional
        ``figure_id, value, low, high``; numbers in the units of the page, or with the ``unit_factor`` they
        were multiplied by. The copy `STATED_FIGURES` otherwise.

    Returns
    -------
    mapping of str to (float, float)

    Raises
    ------
    KeyError
        A figure the calculation needs is missing, named.
    """
    if figures is None:
        return {k: v if isinstance(v, tuple) else (v, v) for k, v in STATED_FIGURES.items()}
    rows = figures.drop_duplicates("figure_id").set_index("figure_id")
    if missing := [name for name in STATED_FIGURES if name not in rows.index]:
        raise KeyError(f"figure {missing[0]} of the January 2024 report is missing: its calculation needs it")
    by_name = dict(rows.iterrows())
    return {name: figure_range(by_name[name]) for name in STATED_FIGURES}


def figure_range(row: pd.Series) -> tuple[float, float]:
    """Low and high of a figure as printed; a value is both, and so is the bound of a one-sided figure."""
    factor = float(row.get("unit_factor", 1.0))
    value, low, high = (float(row[name]) / factor for name in VALUE_COLUMNS)
    if math.isfinite(value):
        return (value, value)
    return (low if math.isfinite(low) else high, high if math.isfinite(high) else low)


def report_inputs(figures: pd.DataFrame | None = None) -> pd.DataFrame:
    """List every input of the calculation for 2022 to 2025: stated, derived or missing.

    Parameters
    ----------
    figures : DataFrame, optional
        As in `stated_values`.

    Returns
    -------
    DataFrame
        `INPUT_COLUMNS`; `figure_ids` separated by ';', `low` and `high` not numbers where nothing at all is
        said.
    """
    s = stated_values(figures)
    servers_2024 = servers_between(s)
    nothing = (math.nan, math.nan)
    rows = [
        ("servers", "2022", s["report-0001"], "units", STATED, "report-0001", "as printed, approximate"),
        ("servers", "2023", s["report-0002"], "units", STATED, "report-0002", "as printed; older vintage"),
        ("servers", "2024", (servers_2024,) * 2, "units", DERIVED, "report-0002;report-0004",
         "constant growth from 2023 to 2025"),
        ("servers", "2025", s["report-0004"], "units", STATED, "report-0004", "as printed"),
        ("share", "2022", s["report-0007"], "fraction", STATED, "report-0007", "training servers only"),
        ("share", "2023", (s["report-0007"][0], s["report-0008"][1]), "fraction", DERIVED,
         "report-0007;report-0008", "between the share of 2022 and the stated ceiling, worded for all AI"),
        ("share", "2024", s["report-0010"], "fraction", STATED, "report-0010", "training servers"),
        ("share", "2025", nothing, "fraction", MISSING, "", "no number"),
        *(("accelerators_per_server", year, s["report-0013"], "count", STATED if year == "2024" else DERIVED,
           "report-0013", "stated for the calculation of 2024, eight in every server named")
          for year in REPORT_YEARS),
        *(("stacks_per_accelerator", year, s["report-0098"], "count", STATED if year == "2024" else DERIVED,
           "report-0098", "stated for the calculation of 2024; not in the product that gives revenue")
          for year in REPORT_YEARS),
        *(("gb_per_accelerator", year, s["report-0102"], "GB", DERIVED, "report-0102",
           "of the accelerator sold then (A100)") for year in ("2022", "2023")),
        ("gb_per_accelerator", "2024", s["report-0100"], "GB", STATED, "report-0100", "80 to 100 and above"),
        ("gb_per_accelerator", "2025", nothing, "GB", MISSING, "", "no number"),
        *(("price_usd_per_gb", year, s["report-0086"], "USD_per_GB", DERIVED, "report-0086",
           "HBM2E in a server's bill of materials; stated to rise in 2023 and 2024, no number")
          for year in ("2022", "2023", "2024")),
        ("price_usd_per_gb", "2025", nothing, "USD_per_GB", MISSING, "", "stated to fall, no number"),
        ("hbm_revenue_usd", "2024", s["report-0153"], "USD", STATED, "report-0153", "conclusion: above this"),
    ]  # fmt: skip
    flat = [(name, year, *span, unit, status, ids, how) for name, year, span, unit, status, ids, how in rows]
    return pd.DataFrame(flat, columns=list(INPUT_COLUMNS))


def servers_between(stated: Stated) -> float:
    """Servers of 2024 at constant growth between 2023 and 2025."""
    return math.sqrt(stated["report-0002"][0] * stated["report-0004"][0])


def report_january_2024(figures: pd.DataFrame | None = None) -> dict[tuple[str, str], float]:
    """Point forecasts that the report would give for the chain's quantities.

    At the middle of stated ranges (80-100 GB from 2024, 80 GB before; 15-20 USD per GB). Servers of 2024 lie
    at constant growth between 2023 and 2025; the share of 2023 between 1 % (2022) and 4 % (2024), and stays
    at 4 % in 2025. Where the report states more than its inputs give, its statement stands: HBM revenue of
    10 bn USD in 2024 ("above"), and from there to 2025 with the servers.

    Parameters
    ----------
    figures : DataFrame, optional
        As in `stated_values`.

    Returns
    -------
    dict
        (quantity, year) to value in the quantity's unit.
    """
    s = stated_values(figures)
    servers = [s["report-0001"][0], s["report-0002"][0], servers_between(s), s["report-0004"][0]]
    first, last = s["report-0007"][0], s["report-0010"][0]
    shares = [first, math.sqrt(first * last), last, last]
    early, late = s["report-0102"][0], sum(s["report-0100"]) / 2
    price = sum(s["report-0086"]) / 2
    links = [
        Link(count, share, s["report-0013"][0], gb, price)
        for count, share, gb in zip(servers, shares, (early, early, late, late), strict=True)
    ]
    revenue = [link.hbm_revenue_usd for link in links[:2]]
    revenue += [s["report-0153"][0], s["report-0153"][0] * servers[3] / servers[2]]
    series = {
        "server_shipments": servers,
        "hbm_server_shipments": [link.training_servers for link in links],
        "accelerator_shipments": [link.accelerators for link in links],
        "hbm_bits_gb": [link.hbm_gb for link in links],
        "hbm_revenue_usd": revenue,
    }
    return {
        (name, year): float(value)
        for name, values in series.items()
        for year, value in zip(REPORT_YEARS, values, strict=True)
    }


def conclusion_probability(
    hbm_revenue_usd_2024: np.ndarray, as_of: date, figures: pd.DataFrame | None = None
) -> dict[str, Any]:
    """Judge the report's conclusion, 2024 HBM revenue above 10 bn USD, by a forecast.

    Parameters
    ----------
    hbm_revenue_usd_2024 : ndarray (draw,)
        Draws of the year's HBM revenue, USD.
    as_of : date
        Day of the forecast.
    figures : DataFrame, optional
        As in `stated_values`.

    Returns
    -------
    dict
        ``period, threshold_usd, probability, mcse`` (of independent draws), ``n_draws``, and ``hindsight``:
        whether the forecast knows more than the report of January 2024 did.

    Raises
    ------
    ValueError
        No draws, or draws that are not finite.
    """
    draws = np.asarray(hbm_revenue_usd_2024, float).ravel()
    if not draws.size or not np.isfinite(draws).all():
        raise ValueError(f"want finite draws of HBM revenue in 2024, have {draws.size}")
    threshold = stated_values(figures)["report-0153"][0]
    probability = float((draws > threshold).mean())
    return {
        "period": CONCLUSION_YEAR,
        "threshold_usd": threshold,
        "probability": probability,
        "mcse": math.sqrt(probability * (1 - probability) / draws.size),
        "n_draws": draws.size,
        "hindsight": as_of > REPORT_MONTH_END,
    }
