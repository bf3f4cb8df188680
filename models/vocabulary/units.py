"""Units: what may be turned into what, and by how much.

A unit is a name, or `X_per_Y`. Names of one dimension convert by a constant (gigabits to gigabytes); money
converts by the yearly average exchange rate of the period that the figure is about.
"""

import math
from decimal import Decimal
from typing import Final

import pandas as pd

from models.vocabulary.periods import FIRST_YEAR, parse_period
from models.vocabulary.rows import rows_of

# A number printed as "10 million" is not good to half of ten million: at least two digits are believed.
_LEAST_DIGITS: Final = 2
# Unit -> (base unit of its dimension, how many of those one is).
LINEAR: Final[dict[str, tuple[str, float]]] = {
    "GB": ("GB", 1.0),
    "Gb": ("GB", 1.0 / 8.0),
    "MB": ("GB", 1e-3),
    "TB": ("GB", 1e3),
    "PB": ("GB", 1e6),
    "EB": ("GB", 1e9),
    "Mb": ("GB", 1e-3 / 8.0),
    "Tb": ("GB", 1e3 / 8.0),
    "Pb": ("GB", 1e6 / 8.0),
    "Eb": ("GB", 1e9 / 8.0),
    # Twelve layers of 24 Gb dies: the stack of HBM3E 12Hi and HBM4 12Hi whose price is printed.
    "stack_of_36_gb": ("GB", 36.0),
    "fraction": ("fraction", 1.0),
    "percent": ("fraction", 0.01),
    "units": ("units", 1.0),
    "thousand_units": ("units", 1e3),
    "million_units": ("units", 1e6),
    "wafers": ("wafers", 1.0),
    "thousand_wafers": ("wafers", 1e3),
    "um": ("um", 1.0),
    "nm": ("um", 1e-3),
}
_PLAIN: Final = (
    *("count", "ratio", "year", "years", "quarter", "month", "hour", "s", "stacks", "layers", "dies", "unit"),
    *("mm2", "m", "t", "bits", "Hz", "V", "degC", "FLOPS"),
)
BASE_CURRENCY: Final = "USD"
CURRENCIES: Final = (BASE_CURRENCY, "KRW", "JPY", "EUR", "CNY", "HKD", "TWD")
KNOWN: Final = (*LINEAR, *_PLAIN, *CURRENCIES)
VALUE_COLUMNS: Final = ("value", "low", "high")
EVEN_RATES: Final = {(currency, FIRST_YEAR): 1.0 for currency in CURRENCIES}
"""Rates of exchange for questions that don't depend on them: may it be converted, what is its sign."""


class UnitError(ValueError):
    """A unit is unknown, doesn't convert into the one that is asked for, or lacks an exchange rate."""


def is_known(unit: str) -> bool:
    """Say whether every part of the unit is known."""
    return all(part in KNOWN for part in str(unit).split("_per_")) and str(unit).count("_per_") <= 1


def rate_table(exchange_rates: pd.DataFrame) -> dict[tuple[str, int], float]:
    """Exchange rates as a dictionary.

    Parameters
    ----------
    exchange_rates : DataFrame
        Columns currency, year, usd_per_unit.

    Returns
    -------
    dict
        US dollars per unit of currency, by (currency, year).
    """
    columns = (exchange_rates["currency"], exchange_rates["year"], exchange_rates["usd_per_unit"])
    return {(str(currency), int(year)): float(rate) for currency, year, rate in zip(*columns, strict=True)}


def rate_year(currency: str, year: int, rates: dict[tuple[str, int], float]) -> int:
    """Year whose rate is used: the asked one, or the last known before it (forecasts reach past the table).

    Parameters
    ----------
    currency : str
        One of `CURRENCIES`.
    year : int
    rates : dict of (str, int) to float
        From `rate_table`.

    Raises
    ------
    UnitError
        No rate of that year or before it.
    """
    known = sorted(y for c, y in rates if c == currency and y <= year)
    if not known:
        raise UnitError(f"no exchange rate for {currency} by {year}; add a row to exchange_rates.csv")
    return known[-1]


def factor(unit: str, target: str, year: int, rates: dict[tuple[str, int], float]) -> float:
    """Conversion factor: one `unit` equals this many `target`.

    Parameters
    ----------
    unit, target : str
        Names, or `X_per_Y`.
    year : int
        Calendar year that money belongs to.
    rates : dict
        From `rate_table`; not looked at where no money changes currency.

    Returns
    -------
    float

    Raises
    ------
    UnitError
        A unit is unknown, the dimensions differ, or a rate is missing.
    """
    if unit == target and is_known(unit):
        return 1.0
    for name in (unit, target):
        if not is_known(name):
            raise UnitError(f"unknown unit {name!r}; known: {', '.join(KNOWN)}, and X_per_Y of two of them")
    above, _, below = unit.partition("_per_")
    target_above, _, target_below = target.partition("_per_")
    if bool(below) != bool(target_below):
        raise UnitError(f"unit {unit!r} can't be turned into {target!r}")
    result = _name_factor(above, target_above, year, rates, unit, target)
    return result / _name_factor(below, target_below, year, rates, unit, target) if below else result


def _name_factor(
    name: str, target: str, year: int, rates: dict[tuple[str, int], float], unit: str, whole_target: str
) -> float:
    base, size = _dimension(name, year, rates)
    target_base, target_size = _dimension(target, year, rates)
    if base != target_base:
        raise UnitError(f"unit {unit!r} can't be turned into {whole_target!r}")
    return size / target_size


def _dimension(name: str, year: int, rates: dict[tuple[str, int], float]) -> tuple[str, float]:
    if name == BASE_CURRENCY:
        return BASE_CURRENCY, 1.0
    if name in CURRENCIES:
        return BASE_CURRENCY, rates[name, rate_year(name, year, rates)]
    return LINEAR.get(name, (name, 1.0))


def is_convertible(unit: str, target: str) -> bool:
    """Say whether the dimensions agree, whatever the exchange rates."""
    try:
        factor(unit, target, FIRST_YEAR, EVEN_RATES)
    except UnitError:
        return False
    return True


def period_year(period: str, fiscal_year_end_month: float | str | None) -> int:
    """Calendar year that holds the middle of the period (cells as `parse_period` reads them)."""
    parsed = parse_period(period, fiscal_year_end_month)
    return FIRST_YEAR + (parsed.start + parsed.end) // 2 // 12


def to_metric_units(figures: pd.DataFrame, exchange_rates: pd.DataFrame) -> pd.DataFrame:
    """Turn value, low and high into the unit of the metric's rule.

    Parameters
    ----------
    figures : DataFrame
        Resolved figures (see `models.evidence.mapping.resolve`): value, low, high, unit, metric_unit, period,
        fiscal_year_end_month. Rows without `metric_unit` keep their own unit.
    exchange_rates : DataFrame
        Columns currency, year, usd_per_unit.

    Returns
    -------
    DataFrame
        A copy with converted numbers, `published_unit` (as printed), `unit` (now the metric's) and
        `unit_factor` (what the printed numbers were multiplied by).

    Raises
    ------
    UnitError
        Some row doesn't convert; the message names its figure_id.
    """
    rates = rate_table(exchange_rates)
    factors = []
    for row in rows_of(figures):
        if not row.metric_unit or row.unit == row.metric_unit:
            factors.append(1.0)
            continue
        year = period_year(row.period, row.fiscal_year_end_month)
        try:
            factors.append(factor(row.unit, row.metric_unit, year, rates))
        except UnitError as error:
            raise UnitError(f"figure {row.figure_id}: {error}") from error
    out = figures.copy()
    out["unit_factor"] = factors
    for column in VALUE_COLUMNS:
        out[column] = pd.to_numeric(out[column]) * out["unit_factor"]
    out["published_unit"] = out["unit"]
    out["unit"] = out["metric_unit"].where(out["metric_unit"] != "", out["unit"])
    return out


def half_unit(value: float) -> float:
    """Half a unit of the last printed digit, as far as the digits show it; 0 of zero and of no number."""
    if not math.isfinite(value) or value == 0:
        return 0.0
    digits = Decimal(repr(float(value))).normalize()
    last = min(int(digits.as_tuple().exponent), digits.adjusted() - _LEAST_DIGITS + 1)
    return 0.5 * 10.0**last
