"""Labels of periods as printed: FY26 Q1, CY2Q24, 2026年第3季, 2025E; and the accepted form of each.

A label that says one period beyond doubt is read. One that leaves open whether its year is the calendar's or
a company's own (2Q24), or that is no single period (9M25, TTM), is refused with the nearest accepted form.
"""

import re
from dataclasses import dataclass
from typing import Final

from models.vocabulary.period_words import (
    CJK_QUARTERS,
    in_short,
    month_span,
    nearest_periods,
    only_year,
    part_of_span,
)
from models.vocabulary.periods import ACCEPTED, is_accepted
from models.vocabulary.printed_dates import nearest_dates
from models.vocabulary.printed_text import SignError, plain_text

FORECASTS: Final = ("forecast", "estimate", "guidance", "assumption")
_KINDS: Final = {"E": FORECASTS, "F": FORECASTS, "A": ("actual",)}
_YEAR: Final = r"(?P<year>(?:19|20)\d\d|\d\d)"
_PART: Final = r"(?:[1-4]Q|Q[1-4]|[12]H|H[12])"
_SYSTEM: Final = r"(?P<system>FY|CY|F|C)"
_LABELS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_SYSTEM}?{_YEAR}(?P<part>{_PART})?",
        rf"(?P<part>{_PART}){_SYSTEM}?{_YEAR}",
        rf"{_SYSTEM}(?P<part>{_PART}){_YEAR}",
    )
)
_SUFFIX: Final = re.compile(r"\(?([EFA])\)?$")
_CJK: Final = re.compile(
    r"((?:19|20)\d\d)(?:年|년|(?=[上下第]))[度도]?(?:(?:第?([1-4一二三四])(?:季度?|四半期)|([1-4])분기)|(上|下)半[年期]?|(상|하)반기|(\d{1,2})(?:月|월))?"
)
_NO_SINGLE: Final = (
    (re.compile(r"(?:TTM|LTM|NTM)"), "is twelve months that roll on"),
    (
        re.compile(
            r"^\d{1,2}M[\s']*(?:FY|CY)?\d|^M\d|^YTD|YTD$|(?:SIX|NINE|6|9) MONTHS"
            r"|前[二三兩两]季|前.{1,2}[個个]?月|누적|누계|累計|累计|年初至今|CUMULATIVE"
        ),
        "is months of a year that is not over",
    ),
    (
        re.compile(r"TRAILING|R4Q|ANNUALI[SZ]ED|RUN[- ]?RATE|年化|연환산"),
        "is a rate, or twelve months that roll on",
    ),
    (re.compile(r"^W{1,2}\d|W\d\d?$|^WEEK"), "is a week"),
    (
        re.compile(r"^(?:Q[1-4]|[1-4]Q|H[12]|[12]H|[A-Z]{3}-?Q|第?[1-4一二三四](?:季度?|四半期)|[1-4]분기)$"),
        "names no year",
    ),
    (
        re.compile(r"\d\s*[/–~]\s*\d|(?:[QH]\d|\d[QH]).*(?:[QH]\d|\d[QH])|\d{4}-\d{4}|-\s*[1-4]Q"),
        "names two years or periods",
    ),
)


@dataclass(frozen=True, slots=True)
class _Parts:
    fiscal: bool
    calendar: bool
    year: str
    part: str

    def accepted(self, fiscal: bool) -> str:
        return f"{'FY' * fiscal}{self.year}{self.part}"


def read_label(printed: str, kind: str = "") -> str:
    """Read a printed period into its accepted form.

    Parameters
    ----------
    printed : str
    kind : str
        Kind of its figure: an E, F or A behind the period must agree with it.

    Returns
    -------
    str
        As `models.vocabulary.periods.parse_period` takes it.

    Raises
    ------
    SignError
        It may be read in two ways, or in none; the remedy proposes the nearest accepted form.
    """
    text = plain_text(printed)
    if is_accepted(text):
        return text
    if not text:
        raise SignError("the period is empty", f"write one of the forms {ACCEPTED}")
    if found := re.fullmatch(r"((?:19|20)\d\d)\.0", text):
        raise _proposal(printed, "is a year that a spreadsheet made a number of", found[1])
    if span := month_span(text):
        return _from_months(span, printed)
    text = in_short(text)
    if found := _CJK.fullmatch(text.replace(" ", "")):
        return _from_cjk(found, printed)
    if near := nearest_periods(text):
        raise _proposal(printed, near[0], *near[1])
    if dated := _date(text):
        raise _proposal(printed, "is a date or month", dated)
    label = re.sub(r"[\s_'().,-]+", "", text.upper().replace("'", ""))
    for pattern, what in _NO_SINGLE:
        if pattern.search(text.upper().strip()):
            example = next(iter(_inside(text)), "2024Q3")
            remedy = (
                f"its number belongs to no single period: give the number of each, a row each, as {example}"
            )
            raise SignError(f"period {printed!r} {what}", f"{remedy}, or leave the row out")
    suffix = _SUFFIX.search(label) if len(label) > 2 else None
    body = label[: suffix.start()] if suffix else label
    parts = _parts(body)
    if parts is None:
        raise _unreadable(printed)
    if suffix and kind and kind not in _KINDS[suffix[1]]:
        said = "a forecast or an estimate" if suffix[1] != "A" else "an actual"
        raise _proposal(
            printed,
            f"says {said} by its {suffix[1]}, the column kind says {kind}",
            parts.accepted(parts.fiscal),
        )
    return _beyond_doubt(parts, text, printed)


def _beyond_doubt(parts: _Parts, text: str, printed: str) -> str:
    if parts.fiscal and not text.upper().replace(" ", "").startswith("F2") and "FY" in text.upper():
        return parts.accepted(True)
    if parts.fiscal:
        raise _proposal(
            printed, "is a fiscal year or a forecast", parts.accepted(True), parts.accepted(False)
        )
    in_accepted_order = re.match(r"(?:19|20)\d\d", text) is not None
    if parts.calendar or in_accepted_order:
        return parts.accepted(False)
    raise _proposal(
        printed,
        "doesn't say whether its year is the calendar's or a company's own",
        parts.accepted(False),
        parts.accepted(True),
    )


def _parts(label: str) -> _Parts | None:
    for pattern in _LABELS:
        if found := pattern.fullmatch(label):
            year = found["year"] if len(found["year"]) == 4 else f"20{found['year']}"
            part = found["part"] or ""
            if part and part[0].isdigit():
                part = part[1] + part[0]
            system = found["system"] or ""
            if len(found["year"]) == 2 and not system and not part:
                return None
            return _Parts(system.startswith("F"), system.startswith("C"), year, part)
    return None


def _from_cjk(found: re.Match[str], printed: str) -> str:
    if "年度" in found[0] or "년도" in found[0]:
        # A fiscal year in Japan, any year in China.
        raise _proposal(
            printed, "is a fiscal year in Japan, the calendar's in China and Korea", f"FY{found[1]}", found[1]
        )
    quarter = found[2] or found[3]
    if quarter:
        return f"{found[1]}Q{CJK_QUARTERS.get(quarter, quarter)}"
    if half := found[4] or found[5]:
        return f"{found[1]}H{1 if half in '上상' else 2}"
    if found[6]:
        return f"{found[1]}-{int(found[6]):02d}"
    return found[1]


def _from_months(span: tuple[int, int, int], printed: str) -> str:
    """Give the calendar's part of a year; other months are a company's own quarter, or none."""
    year, first, last = span
    part = part_of_span(first, last)
    if part is None and last - first != 2:
        problem = f"period {printed!r} is no quarter, half or year"
        raise SignError(problem, "its number belongs to no single period: give each month's, or leave it out")
    if part is None:
        remedy = f"write the company's own period, as FY{year}Q1, and the month in which its year ends"
        raise SignError(f"period {printed!r} is no quarter or half of the calendar", remedy)
    return f"{year}{part}"


def _date(text: str) -> str:
    """Month of a date or of a month's name; '' where there is none."""
    # Nov-25 is the month of a year, as a spreadsheet shows it.
    short = re.fullmatch(r"([A-Za-z]{3})[a-z]*\.?[-/ ']*(\d\d)", text)
    near = nearest_dates(f"{short[1]} 20{short[2]}" if short else text)
    return near[0][:7] if near else ""


def _inside(text: str) -> list[str]:
    """Give the accepted forms of the periods inside a label."""
    out = []
    for word in re.split(r"[\s/–~-]+", text.upper()):
        if (parts := _parts(re.sub(r"[_'().]", "", word))) is not None:
            out.append(parts.accepted(parts.fiscal))
        elif found := re.fullmatch(r"\d{1,2}M(\d\d)", word):
            out.append(f"20{found[1]}")
    return out


def _proposal(printed: str, what: str, *forms: str) -> SignError:
    near = " or ".join(dict.fromkeys(form for form in forms if form))
    remedy = f"write {near}" if near else f"write one of the forms {ACCEPTED}"
    return SignError(f"period {printed!r} {what}", remedy)


def _unreadable(printed: str) -> SignError:
    year = only_year(printed)
    near = f"write {year} if that whole year is meant, or" if year else "write"
    return SignError(f"period {printed!r} can't be read", f"{near} one of the forms {ACCEPTED}")
