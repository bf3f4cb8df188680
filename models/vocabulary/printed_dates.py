"""Dates as they are printed, and how the evidence writes them: 6 May 2024, 2024/5/6, 2024年5月6日."""

import re
from datetime import date, timedelta
from typing import Final

from models.vocabulary.printed_text import SignError, plain_text

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED: Final = "|".join(_MONTHS)
_FORMS: Final = tuple(
    re.compile(pattern, re.IGNORECASE | re.ASCII)
    for pattern in (
        r"(?P<year>\d{4})[-/. ](?P<month>\d{1,2})[-/. ](?P<day>\d{1,2})"
        r"(?:[ T][\d:.]+(?:Z| ?[+-]\d\d:?\d\d)?)?",
        r"(?P<year>20\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)",
        r"(?P<year>\d{4})[年년] ?(?P<month>\d{1,2})[月월](?: ?(?P<day>\d{1,2})[日일])?",
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})",
        r"(?P<month>\d{1,2})[-/.](?P<year>20\d\d)",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-. ]+(?P<name>{_NAMED})[a-z]*[-., ]+(?P<year>\d{{4}})",
        rf"(?P<name>{_NAMED})[a-z]*\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})",
        rf"(?P<name>{_NAMED})[a-z]*[-., ']+(?P<year>\d{{4}}|\d\d)",
    )
)
_SERIALS: Final = range(43_000, 48_000)
"""Days since 1899 of 2017 to 2031: a spreadsheet's dates as numbers."""
_TWO_ORDERS: Final = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", re.ASCII)


def nearest_dates(printed: str) -> list[str]:
    """Dates that a text may mean, as the evidence writes them: one, two where day and month may be swapped.

    Parameters
    ----------
    printed : str

    Returns
    -------
    list of str
        YYYY-MM-DD or YYYY-MM; empty where it means none.
    """
    try:
        text = plain_text(printed)
    except SignError:
        return []
    if found := _TWO_ORDERS.fullmatch(text):
        first, second, year = (int(part) for part in found.groups())
        both = (_written(year, first, second), _written(year, second, first))
        return list(dict.fromkeys(filter(None, both)))
    if day := serial_day(text):
        return [day.isoformat()]
    for form in _FORMS:
        if found := form.fullmatch(text):
            parts = found.groupdict()
            month = _MONTHS.index(parts["name"].lower()) + 1 if parts.get("name") else int(parts["month"])
            year = whole_year(parts["year"])
            written = _written(year, month, int(parts.get("day") or 0))
            return [written] if written else []
    return []


def _written(year: int, month: int, day: int) -> str:
    try:
        whole = date(year, month, day or 1).isoformat()
    except ValueError:
        return ""
    return whole if day else whole[:7]


def serial_day(text: str) -> date | None:
    """Give the day that a spreadsheet's number stands for; None where it is none of `_SERIALS`."""
    if re.fullmatch(r"\d{5}(?:\.0)?", text) and int(float(text)) in _SERIALS:
        return date(1899, 12, 30) + timedelta(days=int(float(text)))
    return None


def whole_year(year: str) -> int:
    """Give the year of two or four digits: 26 is 2026."""
    return int(year) + 2000 * (len(year) == 2)
