"""A fact of a filing: the fiscal period that its days are, and the rows of figures and sources it becomes."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple

import pandas as pd

from models.evidence.tables.described import BY_NAME

QUARTER_DAYS: Final = range(83, 100)
"""12 to 14 weeks, and quarters of the calendar."""
YEAR_DAYS: Final = range(357, 378)
"""52 and 53 weeks, and years of the calendar; no nine or twelve and a half months."""
LONG_QUARTER_DAYS: Final = 95
FARTHEST_END: Final = 20
"""Days between the last day of a fiscal period and the end of the month it counts to."""


class FilingFact(NamedTuple):
    """What a filing says of one period under one concept."""

    concept: str
    label: str
    days: int
    value: float
    printed: str
    filed: date
    accession: str
    form: str


def fiscal_label(end: date, is_quarter: bool, year_end_month: int) -> str | None:
    """Name of the fiscal period that ends on a day; None where no month's end that counts is near.

    A quarter that ends on 4 January counts to the December before.

    Parameters
    ----------
    end : datetime.date
        Last day of the period.
    is_quarter : bool
        A quarter, not a year.
    year_end_month : int
        Month in which the filer's fiscal year ends, 1 to 12.

    Returns
    -------
    str or None
        ``FY2025Q3`` or ``FY2025``; without the ``FY`` where the fiscal year is that of the calendar.
    """
    for offset in (0, -1, 1):
        month = end.year * 12 + end.month - 1 + offset
        last = date((month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)
        after_year_end = (month % 12 + 1 - year_end_month) % 12
        if abs((end - last).days) > FARTHEST_END or after_year_end % 3 or (after_year_end and not is_quarter):
            continue
        year = last.year + (after_year_end > 0 and last.month > year_end_month)
        quarter = f"Q{after_year_end // 3 or 4}" if is_quarter else ""
        return f"{'' if year_end_month == 12 else 'FY'}{year}{quarter}"
    return None


def table_of(table: str, rows: list[dict[str, str]]) -> pd.DataFrame:
    """Give rows the columns of their table, none of them missing where there are no rows."""
    return pd.DataFrame(rows, columns=list(BY_NAME[table].column_names), dtype=str)


def figure_row(fact: FilingFact, remark: str, filer: Mapping[str, str]) -> dict[str, str]:
    """Row of figures.csv that a fact becomes.

    Parameters
    ----------
    fact : FilingFact
    remark : str
        Ends the note, put behind it as it is; '' for none.
    filer : mapping of str to str
        A row of filers.csv.

    Returns
    -------
    dict of str to str
        By column.
    """
    what = "-".join(filter(None, (filer["metric"], filer["segment"].replace(" ", "_"))))
    figure_id = f"{_source_id(fact, filer)}-{fact.label}-{what}"
    is_long = fact.days in QUARTER_DAYS and fact.days >= LONG_QUARTER_DAYS
    weeks = " (14 weeks: a thirteenth more than others from the calendar alone)" if is_long else ""
    return {
        "figure_id": figure_id,
        "source_id": _source_id(fact, filer),
        "origin_id": figure_id,
        "metric": filer["metric"],
        "entity": filer["entity"],
        "segment": filer["segment"],
        "period": fact.label,
        "fiscal_year_end_month": filer["fiscal_year_end_month"] if fact.label.startswith("FY") else "",
        "value": fact.printed,
        "low": "",
        "high": "",
        "unit": filer["currency"],
        "kind": "actual",
        "definition": "",
        "not_used_reason": "",
        "note": f"{fact.concept}; {fact.days} days{weeks}{remark}",
    }


def source_row(fact: FilingFact, filer: Mapping[str, str]) -> dict[str, str]:
    """Row of sources.csv for the filing that a fact stands in."""
    place = f"{int(filer['cik'])}/{fact.accession.replace('-', '')}"
    return {
        "source_id": _source_id(fact, filer),
        "publisher": filer["entity"],
        "relayed_by": "",
        "title": f"{fact.form or 'Filing'} of {fact.filed}",
        "url": f"https://www.sec.gov/Archives/edgar/data/{place}/",
        "published_on": fact.filed.isoformat(),
        "published_precision": "day",
        "accessed_on": "",
        "licence_note": "public filing; facts (numbers) only, no text copied",
    }


def _source_id(fact: FilingFact, filer: Mapping[str, str]) -> str:
    # Several companies may file one document together.
    return f"sec-{int(filer['cik'])}-{fact.accession}"
