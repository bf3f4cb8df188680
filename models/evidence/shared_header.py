"""Reader of the shared figure header: one flat row per figure becomes figures and sources of the contract."""

import re
from typing import Final

import pandas as pd

from models.evidence.checks.printed import columns_of_the_number
from models.evidence.tables.described import BY_NAME
from models.vocabulary.period_labels import read_label
from models.vocabulary.periods import PeriodError
from models.vocabulary.printed_text import SignError
from models.vocabulary.publication_dates import date_precision
from models.vocabulary.units import VALUE_COLUMNS

SHARED_COLUMNS: Final = (
    *("metric", "entity", "segment", "period", *VALUE_COLUMNS, "unit", "kind"),
    *("source_org", "title", "url", "published_on", "note"),
)
FISCAL_COLUMN: Final = "fiscal_year_end_month"
"""A column that the shared header may have besides."""
FIGURE_COLUMNS: Final = BY_NAME["figures"].column_names
SOURCE_COLUMNS: Final = BY_NAME["sources"].column_names
# Months 13 to 24 lie in the year after the label: FY2024 of these companies ends in March 2025.
FISCAL_YEAR_END_MONTH: Final = {
    "NVIDIA": 1,
    "Marvell": 1,
    "KLA": 6,
    "Lam Research": 6,
    "Lasertec": 6,
    "Microsoft": 6,
    "Micron": 8,
    "Kulicke & Soffa": 9,
    "Applied Materials": 10,
    "Broadcom": 10,
    "Advantest": 15,
    "DISCO": 15,
    "Ibiden": 15,
    "SCREEN": 15,
    "Shibaura Mechatronics": 15,
    "Tokyo Electron": 15,
    "TOWA": 15,
}
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = rf"(?:(?:late|early|end of|\d{{1,2}})\s+)*(?P<month>{'|'.join(_MONTHS)})[a-z]*"
_YEAR_END: Final = re.compile(
    rf"(?:year|FY)\s+(?:ended|ending|ends)(?:\s+in)?\s+{_MONTH}"
    r"(?:\s+(?P<year>20\d\d)|\s+of\s+(?P<next>the next year))?",
    re.IGNORECASE,
)
_SUPERSEDED: Final = re.compile(r"(^|, )previous\b|\bsuperseded\b(?! by)", re.IGNORECASE)
_RELAYED: Final = re.compile(r"relayed by ([^;,]+)", re.IGNORECASE)


def from_shared_header(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Turn rows with the shared header into figures and sources of the contract.

    Parameters
    ----------
    frame : DataFrame of str
        Columns `SHARED_COLUMNS`, and `FISCAL_COLUMN` where there is one (others are ignored); empty cells are
        ''.

    Returns
    -------
    figures : DataFrame of str
        Columns `FIGURE_COLUMNS`, and any that says how a number is meant and is not read
        (`models.evidence.checks.printed.OF_THE_NUMBER`: the checks refuse it), in the rows' order. They are
        named `new-0001` and so on, their sources `new-s001`.
        Estimates quoted as superseded get a `not_used_reason`; every row is its own origin, since echoes
        can't be told from the header.
    sources : DataFrame of str
        Columns `SOURCE_COLUMNS`, one row per publisher, title, URL and date.

    Raises
    ------
    ValueError
        A column of the header is missing, named.
    """
    besides = columns_of_the_number(frame)
    missing = [column for column in SHARED_COLUMNS if column not in frame.columns]
    if missing:
        raise ValueError(
            f"column {', '.join(missing)} missing; the shared header is {','.join(SHARED_COLUMNS)}"
        )
    rows = frame.reindex(columns=[*SHARED_COLUMNS, FISCAL_COLUMN, *besides])
    rows = rows.fillna("").astype(str).apply(lambda column: column.str.strip())
    # The company's year end follows from the period: FY26 Q1 is one of a fiscal year too.
    periods = [accepted_period(row.period, row.kind) for row in rows.itertuples()]
    key = rows[["source_org", "title", "url", "published_on"]].apply(tuple, axis=1)
    order = {value: f"new-s{i:03d}" for i, value in enumerate(dict.fromkeys(key), start=1)}
    figures = rows.assign(
        figure_id=[f"new-{i:04d}" for i in range(1, len(rows) + 1)],
        source_id=key.map(order),
        fiscal_year_end_month=[
            row.fiscal_year_end_month or fiscal_year_end_month(period, row.note, (row.entity, row.source_org))
            for period, row in zip(periods, rows.itertuples(), strict=True)
        ],
        definition="",
        not_used_reason=[_superseded(row.segment, row.note) for row in rows.itertuples()],
    )
    figures["origin_id"] = figures["figure_id"]
    sources = rows.assign(
        source_id=figures["source_id"],
        publisher=rows["source_org"],
        relayed_by=rows["note"].str.extract(_RELAYED, expand=False).fillna("").str.strip(),
        published_precision=rows["published_on"].map(_precision),
        accessed_on="",
        licence_note="",
    ).drop_duplicates("source_id", ignore_index=True)
    return figures[[*FIGURE_COLUMNS, *besides]], sources[list(SOURCE_COLUMNS)]


def fiscal_year_end_month(period: str, note: str, companies: tuple[str, ...]) -> str:
    """Month in which the fiscal year of an `FY` period ends, from the note, else from the company.

    Parameters
    ----------
    period, note : str
    companies : tuple of str
        Whose fiscal year it may be, the likeliest first.

    Returns
    -------
    str
        '1' to '24' (13 and more: in the year after the label), '' for calendar periods and where unknown.
    """
    if not period.startswith("FY"):
        return ""
    known = next((FISCAL_YEAR_END_MONTH[name] for name in companies if name in FISCAL_YEAR_END_MONTH), None)
    found = _YEAR_END.search(note)
    # "quarter ended August" is not a year's end, and the pattern asks for "year" or "FY" in front.
    if found is None:
        return "" if known is None else str(known)
    month = _MONTHS.index(found["month"].lower()[:3]) + 1
    if found["year"]:
        later = int(found["year"]) - int(period[2:6])
        return str(month + 12 * later) if later in (0, 1) else ""
    if found["next"] or (known is not None and known > 12):
        return str(month + 12)
    # The company's own year end outranks a week-shifted month (Broadcom's "early November" is October).
    return str(known if known is not None else month)


def accepted_period(period: str, kind: str) -> str:
    """Give the accepted form of a printed period, or the period itself where it has none."""
    try:
        return read_label(period, kind)
    except SignError:
        return period


def _superseded(segment: str, note: str) -> str:
    if _SUPERSEDED.search(segment) or re.search(r"\bsuperseded\b(?! by)", note, re.IGNORECASE):
        return "superseded estimate quoted later; its own date is unknown"
    return ""


def _precision(published_on: str) -> str:
    try:
        return date_precision(published_on)
    except PeriodError:
        # Refused as the day that it is not: the header has no column of how exact a day is.
        return "day"
