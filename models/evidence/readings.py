"""How a published figure is read, by everybody alike, and what it says about a quantity of the chain.

`read_figure` is the one reader: likelihood, outcomes, opponents and systems all take a figure's period, dates
and numbers from it, so that nobody is judged by a reading of his own. `statements` adds what the assumptions
say of it: one line per figure, corrected for its definition.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from models.evidence.assumptions import Prior
from models.evidence.figure_errors import FigureErrors
from models.evidence.known import publication_dates
from models.evidence.mapping import GROWTH, LESS_ONE
from models.vocabulary.market import Market
from models.vocabulary.periods import Period, parse_period
from models.vocabulary.publication_dates import horizon_years
from models.vocabulary.quantities import INDUSTRY, is_level, is_undated
from models.vocabulary.quantity import Quantity
from models.vocabulary.rows import records
from models.vocabulary.units import VALUE_COLUMNS

FORESIGHT = ("server", "ai", "hbm", "dram", "planned")
"""Groups of forecasts that foresee alike: what is planned is ordered a year ahead, markets are not."""
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
    value, low, high = (_number(figure.get(name), less_one) for name in VALUE_COLUMNS)
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
    quantities: Collection[str] | None = None,
    scales: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Read two-sided figures as what they say about a quantity, corrected for their definition.

    Parameters
    ----------
    figures : DataFrame
        Usable figures of `models.inference.from_evidence.usable_figures` (base units).
    priors : mapping of str to Prior
        Assumptions as known at the date of the reading: corrections, noises.
    market : Market
    quantities : collection of str, optional
        Those that are asked for; every quantity of the chain where nothing is said.
    scales : mapping of str to float, optional
        Scales of errors that are known better than by assumption (`models.evidence.figure_errors`).

    Returns
    -------
    DataFrame
        Columns `STATEMENT_COLUMNS`; ``log_value`` is the log of the level, or of 1 + growth;
        ``first_on``, ``middle_on`` and ``known_on`` are the first, middle and last day on which the figure
        may have appeared; ``log_sd`` its own uncertainty.
    """
    asked = market.by_name if quantities is None else quantities
    # What a capacity makes in a year is no statement of the capacity itself.
    made = (figures["aggregation"] == "sum") & figures["quantity"].map(_is_industry_level)
    of_its_own = (figures["per_quantity"].fillna("") == "") & ~made.astype(bool)
    kept = figures[of_its_own & figures["quantity"].isin(asked)]
    # Plain dicts: rows of an empty frame have no attributes to read.
    errors = FigureErrors(priors, scales or {})
    rows = [_statement(row, errors, market) for row in records(kept)]
    return pd.DataFrame([row for row in rows if row is not None], columns=list(STATEMENT_COLUMNS))


def _is_industry_level(name: str) -> bool:
    return name in INDUSTRY and is_level(INDUSTRY[name])


def _statement(figure: Mapping[str, Any], errors: FigureErrors, market: Market) -> dict[str, Any] | None:
    priors = errors.priors
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
        errors.own(str(figure["kind"]), quantity.topic),
        errors.ahead(quantity.topic, foresight_group(quantity), reading.horizon),
        reading.log_half_width,
        definition_sd,
        errors.undated if reading.is_undated and not reading.is_growth else 0.0,
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
