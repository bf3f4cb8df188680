"""Who makes what: companies joined to the forecast of what they make, and China's domestic share by segment.

The domestic share is a driver of its own, with no feedback on the world's HBM: the report of January 2024
names slower substitution as a risk to its Chinese companies, not to the market. It is the share of what
buyers in China spend on a segment's items for HBM and 2.5D packaging that goes to Chinese suppliers. No
figure of the collection measures it, so it is as wide as its assumptions, and says so.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from models.periods import N_QUARTERS, QUARTERS, effective_date
from models.priors import Prior, prior_named, read_priors
from models.quantities import BY_NAME
from models.systems.series import Series

SUPPLY_CHAIN_COLUMNS = (
    *("company_en", "company", "country", "segment", "process_step", "product", "status", "as_of"),
    *("system_item", "known_since", "source_id", "note"),
)
STATUSES = (
    *("mass_production", "shipping", "commercial", "launched", "validation", "developed"),
    *("in_development", "construction", "not_stated"),
)
"""From selling in volume to not said, as the report's reading orders them."""
SEGMENTS = ("equipment", "material", "packaging", "chips")
"""Segments with a domestic share; 'distribution' sells what others make and has none."""
ALL_SEGMENTS = (*SEGMENTS, "distribution")
SUBSTITUTION_PREFIX = "substitution."
REFERENCE_QUARTER = "2023Q4"
"""Quarter of the assumed level: the information cut-off of the report of January 2024."""
CHAIN = "chain"
ITEM_SEPARATOR, PATH_SEPARATOR = ";", "/"
HOME = "China"
EXPOSURE_COLUMNS = (
    *("company_en", "company", "country", "segment", "process_step", "product", "status", "status_as_of"),
    *("system", "item", "measure", "part", "period", "unit", "p05", "p50", "p95", "n_figures", "trust"),
    *("domestic_share_p05", "domestic_share_p50", "domestic_share_p95"),
)
Shock = Callable[[str, np.ndarray], np.ndarray]


def substitution(
    drawn: dict[str, np.ndarray],
    evidence: dict[str, pd.DataFrame],
    as_of: date,
    rng: np.random.Generator,
    shock: Shock | None = None,
) -> list[Series]:
    """Draw the domestic share of each segment over time.

    ``logit share(t) = level + drift (t - t0) + volatility W(t - t0)``, W a Brownian path in years on both
    sides of t0, the reference quarter: own equation, a random walk with drift on the odds. Level, drift and
    volatility come from assumptions ``substitution.<segment>.level|drift`` and ``substitution.volatility``.

    Parameters
    ----------
    drawn : dict of str to ndarray (draw, period)
        Draws of the chain; only their number is used.
    evidence : dict of DataFrame
        'assumptions'.
    as_of : date
    rng : numpy.random.Generator
    shock : callable, optional
        (driver name, shares (draw, 28)) to shocked shares: `models.scenarios.share_shock`.

    Returns
    -------
    list of Series
        System 'substitution', one per segment, a year being the mean of its quarters; empty before the
        assumptions were known.
    """
    priors = read_priors(evidence["assumptions"], as_of)
    if not any(name.startswith(SUBSTITUTION_PREFIX) for name in priors):
        return []
    n = len(next(iter(drawn.values())))
    years = (np.arange(N_QUARTERS) - QUARTERS.index(REFERENCE_QUARTER)) / 4
    out = []
    for segment in SEGMENTS:
        name = f"{SUBSTITUTION_PREFIX}{segment}"
        inputs = (f"{name}.level", f"{name}.drift", f"{SUBSTITUTION_PREFIX}volatility")
        level, drift, volatility = (_drawn(prior_named(priors, i), n, rng) for i in inputs)
        odds = level + drift * years + np.exp(volatility) * _walk(n, years, rng)
        shares = expit(odds).astype(np.float32)
        if shock is not None:
            shares = shock(name, shares)
        out.append(
            Series(
                "substitution", segment, "share", "total", "fraction", "mean", shares.astype(np.float32),
                inputs=inputs, trust="assumed",
            )
        )  # fmt: skip
    return out


def system_items(cell: str) -> list[tuple[str, str]]:
    """Read the items of one row: 'equipment/tcb;equipment/plating' to (system, item) pairs.

    Raises
    ------
    ValueError
        An entry is not of the form system/item.
    """
    found = []
    for entry in filter(None, (part.strip() for part in str(cell).split(ITEM_SEPARATOR))):
        system, separator, item = entry.partition(PATH_SEPARATOR)
        if not (separator and system and item):
            raise ValueError(f"system_item entry {entry!r} is not of the form system/item")
        found.append((system, item))
    return found


def visible(supply_chain: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Rows known by a date."""
    precision = {4: "year", 7: "month"}
    known = [
        effective_date(str(day), precision.get(len(str(day)), "day")) <= as_of
        for day in supply_chain["known_since"]
    ]
    return supply_chain[np.array(known, bool)]


def exposure(
    supply_chain: pd.DataFrame, system_forecast: pd.DataFrame, forecast: pd.DataFrame, as_of: date
) -> pd.DataFrame:
    """Join companies to the forecast demand for what they make.

    Parameters
    ----------
    supply_chain : DataFrame
        `SUPPLY_CHAIN_COLUMNS`.
    system_forecast : DataFrame
        Table of that name (`models.systems.series.summarise`); series of the part 'total' are joined, in
        whatever measures an item has.
    forecast : DataFrame
        The chain's table: quantity, period, period_kind, unit, p05, p50, p95.
    as_of : date
        Rows of companies known later are left out.

    Returns
    -------
    DataFrame
        `EXPOSURE_COLUMNS`, one row per company, product, item, measure and year. The interval is the world's
        demand for the item, not the company's sales. Chinese companies have the domestic share of their
        segment beside it. A row without an item, or whose item has no forecast, stands once without numbers.
    """
    rows = visible(supply_chain, as_of).rename(columns={"as_of": "status_as_of"})
    items = [
        {"at": at, "system": system, "item": item}
        for at, cell in zip(rows.index, rows["system_item"].fillna(""), strict=True)
        for system, item in system_items(cell) or [("", "")]
    ]
    wide = pd.DataFrame(items, columns=["at", "system", "item"]).merge(rows, left_on="at", right_index=True)
    joined = wide.merge(_years_of(system_forecast, forecast), on=["system", "item"], how="left")
    shares = _domestic_shares(system_forecast)
    joined["home"] = joined["country"] == HOME
    joined = joined.merge(shares, on=["home", "segment", "period"], how="left")
    return joined[list(EXPOSURE_COLUMNS)].reset_index(drop=True)


def unknown_items(supply_chain: pd.DataFrame, known: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Rows that name an item nobody forecasts.

    Parameters
    ----------
    supply_chain : DataFrame
    known : sequence of (system, item)
        Items of the systems; the chain's quantities are known anyway.

    Returns
    -------
    DataFrame
        ``company_en, process_step, system, item``; empty when all is well.
    """
    names = {*known, *((CHAIN, name) for name in BY_NAME)}
    rows = [
        {"company_en": row["company_en"], "process_step": row["process_step"], "system": system, "item": item}
        for row in supply_chain.to_dict("records")
        for system, item in system_items(row["system_item"])
        if (system, item) not in names
    ]
    return pd.DataFrame(rows, columns=["company_en", "process_step", "system", "item"])


def _years_of(system_forecast: pd.DataFrame, forecast: pd.DataFrame) -> pd.DataFrame:
    columns = [
        "system",
        "item",
        "measure",
        "part",
        "period",
        "unit",
        "p05",
        "p50",
        "p95",
        "n_figures",
        "trust",
    ]
    systems = system_forecast[
        (system_forecast["period_kind"] == "year") & (system_forecast["part"] == "total")
    ]
    chain = forecast[forecast["period_kind"] == "year"].assign(
        system=CHAIN, item=lambda f: f["quantity"], measure="quantity", part="total"
    )
    # The chain's own figures are counted in its own tables; an empty cell is not a zero.
    return pd.concat([systems.reindex(columns=columns), chain.reindex(columns=columns)], ignore_index=True)


def _domestic_shares(system_forecast: pd.DataFrame) -> pd.DataFrame:
    rows = system_forecast[
        (system_forecast["system"] == "substitution") & (system_forecast["period_kind"] == "year")
    ]
    named: dict[str, Any] = {level: f"domestic_share_{level}" for level in ("p05", "p50", "p95")}
    frame = rows[["item", "period", *named]].rename(columns={**named, "item": "segment"})
    return frame.assign(home=True)


def _drawn(prior: Prior, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw on the working scale, (draw, 1)."""
    return prior.loc + prior.scale * rng.standard_normal((n, 1))


def _walk(n: int, years: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Brownian path through zero at time zero, (draw, quarter)."""
    steps = rng.standard_normal((n, len(years))) * np.sqrt(np.diff(years, prepend=years[0] - 0.25))
    path = np.cumsum(steps, axis=1)
    return path - path[:, [int(np.argmin(np.abs(years)))]]
