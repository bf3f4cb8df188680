"""How a published figure is read, by everybody alike, and what it says about a quantity of the chain.

`read_figure` is the one reader: likelihood, outcomes, opponents and systems all take a figure's period, dates
and numbers from it, so that nobody is judged by a reading of his own. `statements` adds what the assumptions
say of it: one line per figure, corrected for its definition.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from models.evidence.assumptions import Prior, prior_named
from models.evidence.known import publication_dates
from models.evidence.mapping import GROWTH, LESS_ONE
from models.vocabulary.market import Market
from models.vocabulary.periods import Period, horizon_years, parse_period
from models.vocabulary.quantities import INDUSTRY, Quantity, is_level, is_undated
from models.vocabulary.rows import records

SCORED = (
    "hbm_revenue_usd",
    "hbm_bits_gb",
    "hbm_bits_demand_gb",
    "hbm_price_usd_per_gb",
    "hbm_tsv_capacity_wafers_per_month",
    "hbm_share_of_dram_revenue",
    "hbm_share_of_dram_bits",
    "hbm_share_of_dram_wafer_capacity",
    "hbm_generation_share_hbm3",
    "hbm_generation_share_hbm3e",
    "hbm_generation_share_hbm4",
    "dram_revenue_usd",
    "server_shipments",
    "ai_server_shipments",
    "ai_server_penetration",
    "hbm_server_shipments",
    "accelerator_shipments",
    "accelerator_shipments_nvidia",
    "accelerator_shipments_google",
    "accelerator_shipments_aws",
    "nvidia_datacenter_revenue_usd",
    "cowos_capacity_tsmc_wafers_per_month",
    "cowos_capacity_wafers_per_month",
    "cowos_wafers",
    "cowos_wafers_demand",
    "cowos_wafers_supply",
    "cowos_wafers_nvidia",
    "cowos_wafers_amd",
    "cowos_wafers_google",
)
FORESIGHT = ("server", "ai", "hbm", "dram", "planned")
"""Groups of forecasts that foresee alike: what is planned is ordered a year ahead, markets are not."""
MOVES_AS = {
    "server": "server_shipments",
    "ai_server": "hbm_server_penetration",
    "accelerator": "hbm_server_penetration",
    "hbm": "hbm_server_penetration",
    "cowos": "hbm_server_penetration",
    "dram": "dram_revenue_ex_hbm_usd",
}
"""Topic to the driver whose volatility says how much its market moves in a year."""
STATEMENT_COLUMNS = (
    *("quantity", "period", "start", "end", "figure_id", "origin_id", "publisher", "kind", "definition"),
    *("known_on", "first_on", "middle_on", "horizon", "log_value", "log_sd", "is_growth"),
)


class FigureError(ValueError):
    """A figure's numbers can't be taken to its scale, or it has none."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A published figure as everybody reads it.

    Attributes
    ----------
    period : Period
    first_on, middle_on, known_on : datetime.date
        First, middle and last day on which it may have appeared; it counts as known from the last, or from
        the day it was read.
    horizon : float
        Years from the middle day to the period's end; 0 for actuals and for periods that were over.
    y, half_width : float
        Number and half its printed range on the working scale: logit of a share, log of anything else, and of
        1 + growth. The middle of a range counts where no value is printed, the bound where that is all.
    censored : int
        1 for "over", -1 for "under", 0 otherwise.
    log_value, log_half_width : float
        The same on the log scale, shares too; NaN for a bound.
    is_logit, is_growth : bool
    is_undated : bool
        A level of the chain, printed for a span without a date (`models.vocabulary.quantities.is_undated`).
    """

    period: Period
    first_on: date
    middle_on: date
    known_on: date
    horizon: float
    y: float
    half_width: float
    censored: int
    log_value: float
    log_half_width: float
    is_logit: bool
    is_growth: bool
    is_undated: bool


def read_figure(figure: Mapping[str, Any]) -> Reading:
    """Read a resolved figure.

    Parameters
    ----------
    figure : mapping
        ``period, value, low, high`` (base units), ``kind, published_on, published_precision``, and where it
        has them ``fiscal_year_end_month, scale, aggregation, quantity``.

    Returns
    -------
    Reading

    Raises
    ------
    PeriodError
        Its period or date can't be read.
    FigureError
        It has no number, or one that has no place on its scale.
    """
    period = parse_period(str(figure["period"]), figure.get("fiscal_year_end_month"))
    first_on, middle_on, known_on = publication_dates(
        figure["published_on"], str(figure["published_precision"]), figure.get("accessed_on")
    )
    is_logit, is_growth = figure.get("scale") == "logit", figure.get("aggregation") in GROWTH
    less_one = figure.get("aggregation") in LESS_ONE
    value, low, high = (_number(figure.get(name), less_one) for name in ("value", "low", "high"))
    y, half_width, censored = _on_scale(value, low, high, is_logit, less_one)
    log_value, log_half_width = _on_log_scale(value, low, high)
    # Only quantities of the industry are levels.
    quantity = INDUSTRY.get(str(figure.get("quantity")))
    return Reading(
        period,
        first_on,
        middle_on,
        known_on,
        horizon_years(middle_on, period) if figure["kind"] != "actual" else 0.0,
        y,
        half_width,
        censored,
        log_value,
        log_half_width,
        is_logit,
        is_growth,
        quantity is not None and figure.get("aggregation") != "sum" and is_undated(quantity, period),
    )


def _number(cell: Any, less_one: bool) -> float | None:
    """Read the number of a cell, plus one where a ratio is printed less one; None where there is none."""
    return None if cell is None or pd.isna(cell) else float(cell) + (1.0 if less_one else 0.0)


def _on_scale(
    value: float | None, low: float | None, high: float | None, is_logit: bool, less_one: bool
) -> tuple[float, float, int]:
    """Put numbers on the working scale: number, half-width and side."""

    def working(x: float) -> float:
        if x <= 0 or (is_logit and x >= 1):
            scale = "logit" if is_logit else "log"
            raise FigureError(f"value {x - less_one:g} can't be taken to the {scale} scale")
        return float(np.log(x / (1 - x))) if is_logit else float(np.log(x))

    if low is not None and high is not None:
        below, above = working(low), working(high)
        return (below + above) / 2 if value is None else working(value), (above - below) / 2, 0
    if value is not None:
        return working(value), 0.0, 0
    if low is not None:
        return working(low), 0.0, 1
    if high is not None:
        return working(high), 0.0, -1
    raise FigureError("neither value, low nor high is given")


def _on_log_scale(value: float | None, low: float | None, high: float | None) -> tuple[float, float]:
    """Take the log of numbers found positive by `_on_scale`, and half the log range; NaN for a bound."""
    half_width = 0.0
    if low is not None and high is not None:
        half_width = (math.log(high) - math.log(low)) / 2.0
        value = math.sqrt(low * high) if value is None else value
    return (math.nan, 0.0) if value is None else (math.log(value), half_width)


def target_period(quantity: Quantity, period: Period) -> str:
    """Label under which figures about the same thing meet.

    Levels at a quarter's end get that quarter whatever the print says (`2024`, `2024-12`, `2024Q4`); calendar
    flows keep their calendar label, other spans (fiscal ones) their own text.
    """
    if is_level(quantity) and period.end % 3 == 2:
        return f"{2021 + period.end // 12}Q{period.end % 12 // 3 + 1}"
    year, month = 2021 + period.start // 12, period.start % 12
    if period.n_months == 12 and month == 0:
        return str(year)
    if period.n_months == 3 and month % 3 == 0:
        return f"{year}Q{month // 3 + 1}"
    return period.text


def statements(
    figures: pd.DataFrame,
    priors: Mapping[str, Prior],
    market: Market,
    quantities: tuple[str, ...] = SCORED,
) -> pd.DataFrame:
    """Read two-sided figures as what they say about a quantity, corrected for their definition.

    Parameters
    ----------
    figures : DataFrame
        Usable figures of `models.inference.fit.usable_figures` (base units).
    priors : mapping of str to Prior
        Assumptions as known at the date of the reading: corrections, noises.
    market : Market
    quantities : tuple of str

    Returns
    -------
    DataFrame
        Columns `STATEMENT_COLUMNS`; ``log_value`` is the log of the level, or of 1 + growth;
        ``first_on``, ``middle_on`` and ``known_on`` are the first, middle and last day on which the figure
        may have appeared; ``log_sd`` its own uncertainty.
    """
    # What a capacity makes in a year is no statement of the capacity itself.
    made = (figures["aggregation"] == "sum") & figures["quantity"].map(_is_industry_level)
    of_its_own = (figures["per_quantity"].fillna("") == "") & ~made.astype(bool)
    kept = figures[of_its_own & figures["quantity"].isin(quantities)]
    # Plain dicts: rows of an empty frame have no attributes to read.
    rows = [_statement(row, priors, market) for row in records(kept)]
    return pd.DataFrame([row for row in rows if row is not None], columns=list(STATEMENT_COLUMNS))


def _is_industry_level(name: str) -> bool:
    return name in INDUSTRY and is_level(INDUSTRY[name])


def _statement(
    figure: Mapping[str, Any], priors: Mapping[str, Prior], market: Market
) -> dict[str, Any] | None:
    definition = str(figure["definition"] or "")
    name = f"definition_offset.{definition}"
    if figure["aggregation"] == "sequential_growth" or (definition and name not in priors):
        return None
    try:
        reading = read_figure(figure)
    except FigureError:
        return None
    if reading.censored:
        return None
    log_value, definition_sd = reading.log_value, 0.0
    if definition:
        log_value, definition_sd = _corrected(log_value, priors[name])
    quantity, period = market.by_name[str(figure["quantity"])], reading.period
    parts = (
        _median(priors, f"noise.{figure['kind']}"),
        error_ahead(priors, quantity.topic, foresight_group(quantity), reading.horizon),
        reading.log_half_width,
        definition_sd,
        _median(priors, "noise.undated_level") if reading.is_undated and not reading.is_growth else 0.0,
    )
    return {
        "quantity": quantity.name,
        "period": target_period(quantity, period),
        **first_and_last_month(period, is_level(quantity)),
        **{column: figure[column] for column in ("figure_id", "origin_id", "publisher", "kind")},
        "definition": definition,
        **{name: getattr(reading, name) for name in ("known_on", "first_on", "middle_on", "horizon")},
        "log_value": log_value,
        "log_sd": math.hypot(*parts),
        "is_growth": reading.is_growth,
    }


def foresight_group(quantity: Quantity) -> str:
    """Sort forecasts: capacity is ordered, and CoWoS booked, a year and more ahead; markets are not."""
    if is_level(quantity) or quantity.topic == "cowos":
        return "planned"
    return "ai" if quantity.topic in ("ai_server", "accelerator") else quantity.topic


def error_ahead(priors: Mapping[str, Prior], topic: str, group: str, horizon: float) -> float:
    """Give the standard deviation of a rational forecast's error, on the log scale, by median assumptions.

    ``sqrt(k (1 - k))`` of what its market moves over the horizon, with the share of the news foreseen
    ``k = exp(-rate x horizon)`` (`models.inference.observation`, where both are learned).

    Parameters
    ----------
    priors : mapping of str to Prior
    topic, group : str
        One of `MOVES_AS`, and of `FORESIGHT`.
    horizon : float
        Years.
    """
    foreseen = math.exp(-_median(priors, f"foresight_lost_per_year.{group}") * horizon)
    moved = _median(priors, f"driver.{MOVES_AS[topic]}.volatility") * horizon
    return math.sqrt(foreseen * (1.0 - foreseen)) * moved


def first_and_last_month(period: Period, level: bool) -> dict[str, int]:
    """``start`` and ``end`` of a target: a level belongs to the quarter it ends, whatever span is printed."""
    start = period.end - 2 if level and period.end % 3 == 2 else period.start
    return {"start": start, "end": period.end}


def _corrected(log_value: float, offset: Prior) -> tuple[float, float]:
    """Take the stated correction off; the standard deviation comes back on the log scale."""
    if offset.shape == "lognormal":
        return log_value - offset.loc, offset.scale
    share = float(expit(logit(math.exp(log_value)) - offset.loc))
    return math.log(share), offset.scale * (1.0 - share)


def _median(priors: Mapping[str, Prior], name: str) -> float:
    prior = prior_named(dict(priors), name)
    return float(prior.natural(np.array(prior.loc)))
