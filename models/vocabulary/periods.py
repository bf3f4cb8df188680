"""Periods as weights over the quarterly grid.

The grid runs from 2021Q1 to 2027Q4, plus two hidden quarters that lead times need. Every published period is
first read as a range of whole months, and only then turned into weights over quarters, so that a fiscal year
which ends in January or August is split correctly and not rounded to the nearest calendar quarter.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np

FIRST_YEAR: Final = 2021
N_QUARTERS: Final = 28
N_HIDDEN: Final = 2
N_ALL: Final = N_QUARTERS + N_HIDDEN
QUARTERS: Final[tuple[str, ...]] = tuple(f"{FIRST_YEAR + i // 4}Q{i % 4 + 1}" for i in range(N_ALL))
"""Labels of all 30 quarters; the first ``N_QUARTERS`` are published, the last ``N_HIDDEN`` are not."""
YEARS: Final[tuple[str, ...]] = tuple(str(FIRST_YEAR + i) for i in range(N_QUARTERS // 4))
HEADLINE_YEARS: Final = YEARS[3:]
"""Years of the headline table, from that of the report on."""

DATED_KINDS: Final = ("month", "quarter", "fiscal_quarter")
"""Kinds short enough to date a level: "capacity in 2025" names no day, "in 2025Q3" does."""
LAST_FISCAL_END_MONTH: Final = 24
ACCEPTED: Final = (
    "2024, 2024H1, 2024Q3, 2024-12, FY2024, FY2024H1 or FY2025Q2 (FY also needs fiscal_year_end_month)"
)

_PATTERN = re.compile(
    r"(?P<fiscal>FY)?(?P<year>(?:1[89]|20)\d\d)(?:Q(?P<quarter>[1-4])|H(?P<half>[12])|-(?P<month>0[1-9]|1[0-2]))?",
    re.ASCII,
)


class PeriodError(ValueError):
    """A period text, or the date it is combined with, can't be read or can't be used."""


@dataclass(frozen=True, slots=True)
class Period:
    """A published period as a closed range of whole months.

    Attributes
    ----------
    text : str
        The period as printed.
    kind : str
        'year', 'half', 'quarter', 'month', 'fiscal_year', 'fiscal_half' or 'fiscal_quarter'.
    start, end : int
        First and last month (both included), counted in months since January 2021 (which is 0).
    """

    text: str
    kind: str
    start: int
    end: int

    @property
    def n_months(self) -> int:
        """Length in months (1, 3, 6 or 12)."""
        return self.end - self.start + 1

    @property
    def end_date(self) -> date:
        """Last day of the period."""
        return _last_day(self.end)


def _month_index(year: int, month: int) -> int:
    return (year - FIRST_YEAR) * 12 + month - 1


def _last_day(month_index: int) -> date:
    year, month = FIRST_YEAR + month_index // 12, month_index % 12 + 1
    return date(year, month, calendar.monthrange(year, month)[1])


def is_accepted(text: str) -> bool:
    """Say whether a text is one of the forms that `parse_period` takes."""
    return _PATTERN.fullmatch(text) is not None


def end_month_of(cell: float | str | None) -> int | None:
    """Read the cell of a fiscal year's last month, as number or text; None where it is empty.

    Raises
    ------
    PeriodError
        The cell holds no number.
    """
    if cell is None or _is_missing(cell) or str(cell).strip() == "":
        return None
    try:
        return int(float(cell))
    except (ValueError, OverflowError):
        problem = f"fiscal_year_end_month {cell!r} is no month; give 1-24, or leave it empty"
        raise PeriodError(problem) from None


def _is_missing(cell: float | str) -> bool:
    if isinstance(cell, (str, int)):
        return False
    # Words for periods are read by commands that load no table.
    import pandas as pd

    return bool(pd.isna(cell))


def parse_period(text: str, fiscal_year_end_month: float | str | None = None) -> Period:
    """Read a period as printed.

    Parameters
    ----------
    text : str
        ``2024``, ``2024H1``, ``2024Q3``, ``2024-12``, ``FY2024``, ``FY2024H1`` or ``FY2025Q2``.
    fiscal_year_end_month : int, float or str, optional
        Cell as `end_month_of` reads it: month in which the fiscal year ends; needed for, and only looked at
        with, ``FY`` periods. 1-12: ``FY2025`` ends in that month of 2025 (NVIDIA 1, Micron 8). 13-24: in that
        month of the *next* year, as Japanese companies label theirs (FY2024 that ends in March 2025: 15).

    Returns
    -------
    Period

    Raises
    ------
    PeriodError
        The text is not one of the accepted forms, or a fiscal period comes without its end month.
    """
    match = _PATTERN.fullmatch(str(text).strip())
    if match is None:
        raise PeriodError(f"period {text!r} can't be read; accepted forms: {ACCEPTED}")
    year = int(match["year"])
    if match["fiscal"]:
        if match["month"]:
            raise PeriodError(
                f"period {text!r} is a fiscal month, which isn't supported; accepted forms: {ACCEPTED}"
            )
        end_month = end_month_of(fiscal_year_end_month)
        if end_month is None or not 1 <= end_month <= LAST_FISCAL_END_MONTH:
            raise PeriodError(
                f"period {text!r} is fiscal but fiscal_year_end_month is "
                f"{'empty' if end_month is None else end_month}"
            )
        year_end = _month_index(year, 1) + end_month - 1
        if match["quarter"]:
            end = year_end - 3 * (4 - int(match["quarter"]))
            return Period(match[0], "fiscal_quarter", end - 2, end)
        if match["half"]:
            end = year_end - 6 * (2 - int(match["half"]))
            return Period(match[0], "fiscal_half", end - 5, end)
        return Period(match[0], "fiscal_year", year_end - 11, year_end)
    if match["quarter"]:
        start = _month_index(year, 3 * int(match["quarter"]) - 2)
        return Period(match[0], "quarter", start, start + 2)
    if match["half"]:
        start = _month_index(year, 6 * int(match["half"]) - 5)
        return Period(match[0], "half", start, start + 5)
    if match["month"]:
        start = _month_index(year, int(match["month"]))
        return Period(match[0], "month", start, start)
    start = _month_index(year, 1)
    return Period(match[0], "year", start, start + 11)


def is_outside_grid(period: Period) -> bool:
    """Say whether any month of the period lies outside the 30 quarters (then it has no weights)."""
    return period.start < 0 or period.end >= 3 * N_ALL


def is_level_outside_grid(period: Period) -> bool:
    """Say whether the period's *end* lies outside the 30 quarters (a level needs only its end)."""
    return not 0 <= period.end < 3 * N_ALL


def flow_weights(period: Period) -> "tuple[np.ndarray, np.ndarray]":
    """Weights over quarters that make a flow's amount in the period.

    Parameters
    ----------
    period : Period

    Returns
    -------
    indices : ndarray of int, shape (k,)
        Positions in ``QUARTERS``, increasing.
    weights : ndarray of float, shape (k,)
        Share of each quarter's three months that lies in the period: 1 for a whole quarter, 1/3 for a month.

    Raises
    ------
    PeriodError
        Part of the period lies outside the grid.
    """
    if is_outside_grid(period):
        raise PeriodError(
            f"period {period.text!r} lies partly or wholly outside the grid {QUARTERS[0]}..{QUARTERS[-1]}"
        )
    import numpy as np

    months = np.arange(period.start, period.end + 1)
    indices, counts = np.unique(months // 3, return_counts=True)
    return indices, counts / 3.0


def mean_weights(period: Period) -> "tuple[np.ndarray, np.ndarray]":
    """Weights over quarters that average a level or ratio over the period; they sum to 1.

    Parameters
    ----------
    period : Period

    Returns
    -------
    indices : ndarray of int, shape (k,)
    weights : ndarray of float, shape (k,)

    Raises
    ------
    PeriodError
        Part of the period lies outside the grid.
    """
    indices, weights = flow_weights(period)
    return indices, weights / weights.sum()


def quarter_of_day(day: date) -> int:
    """Position on the quarterly grid of the quarter that contains a day; negative before the grid."""
    return _month_index(day.year, day.month) // 3


def level_index(period: Period) -> int:
    """Position in ``QUARTERS`` of the quarter that contains the period's end.

    Raises
    ------
    PeriodError
        The period's end lies outside the grid.
    """
    if is_level_outside_grid(period):
        raise PeriodError(f"period {period.text!r} ends outside the grid {QUARTERS[0]}..{QUARTERS[-1]}")
    return period.end // 3


def previous_period(period: Period) -> Period:
    """Return the same months a year earlier (the base of a year-on-year growth rate)."""
    return _shifted(period, 12)


def preceding_period(period: Period) -> Period:
    """Return the period of the same length that ends just before this one (the base of sequential growth)."""
    return _shifted(period, period.n_months)


def _shifted(period: Period, months: int) -> Period:
    # The text says what it was derived from: a fiscal label can't be rebuilt without its end month.
    return Period(f"{period.text}-{months}m", period.kind, period.start - months, period.end - months)
