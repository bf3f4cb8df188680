"""Dates of publications, printed to the day, the month or the year: from when a figure counts as known."""

import calendar
import re
from datetime import date
from typing import Final

from models.vocabulary.periods import Period, PeriodError

PRECISIONS: Final = ("day", "month", "year")


def effective_date(published_on: str, precision: str) -> date:
    """Date from which a publication counts as known.

    Parameters
    ----------
    published_on : str
        ``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY``; must be as long as ``precision`` says.
    precision : {'day', 'month', 'year'}

    Returns
    -------
    datetime.date
        The day itself, the last day of the month, or 31 December: a vintage must never see a figure early.

    Raises
    ------
    PeriodError
        The text is not a date of that precision.
    """
    text = str(published_on).strip()
    forms = {"day": r"\d{4}-\d\d-\d\d", "month": r"\d{4}-\d\d", "year": r"\d{4}"}
    if precision not in forms:
        raise PeriodError(f"published_precision {precision!r} is not one of {', '.join(PRECISIONS)}")
    if not re.fullmatch(forms[precision], text, re.ASCII):
        raise PeriodError(
            f"published_on {text!r} is not a date of precision {precision!r} (YYYY-MM-DD, YYYY-MM or YYYY)"
        )
    try:
        if precision == "day":
            return date.fromisoformat(text)
        if precision == "month":
            year, month = int(text[:4]), int(text[5:])
            return date(year, month, calendar.monthrange(year, month)[1])
        return date(int(text), 12, 31)
    except ValueError as error:  # includes calendar.IllegalMonthError
        raise PeriodError(f"published_on {text!r} is not a calendar date") from error


def date_precision(text: str) -> str:
    """Precision ('day', 'month' or 'year') that a printed date's length shows.

    Raises
    ------
    PeriodError
        The text has none of the three lengths.
    """
    by_length = {10: "day", 7: "month", 4: "year"}
    stripped = str(text).strip()
    if len(stripped) not in by_length:
        raise PeriodError(f"date {text!r} is none of YYYY-MM-DD, YYYY-MM, YYYY")
    return by_length[len(stripped)]


def horizon_years(known_on: date, period: Period) -> float:
    """Years from publication to the end of the period; 0 when the period is already over.

    Parameters
    ----------
    known_on : datetime.date
        Effective date of the publication.
    period : Period

    Returns
    -------
    float
    """
    return max(0.0, (period.end_date - known_on).days / 365.25)
