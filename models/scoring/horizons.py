"""How far ahead a forecast looks: the groups by which scores are told apart."""

from datetime import date

from models.vocabulary.periods import Period

SHORT, LONG, ALL = "up to six months", "over six months", "all"
HORIZON_GROUPS = (SHORT, LONG, ALL)
SHORT_YEARS = 0.5


def horizon(as_of: date, start: int, end: int) -> float:
    """Years from a date to the end of a period; negative when it is over.

    Parameters
    ----------
    as_of : date
    start, end : int
        First and last month of the period, in months since January 2021 (which is 0).

    Returns
    -------
    float
        Years of 365.25 days.
    """
    return (Period("", "", start, end).end_date - as_of).days / 365.25


def horizon_group(years: float) -> str:
    """Group of a horizon in years."""
    return SHORT if years <= SHORT_YEARS else LONG
