"""What was known on a date: rows published by then, and of rows about one thing the newest.

Printed dates are a day, a month or a year; the last two count from their end, so that no vintage sees
anything early.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from models.vocabulary.publication_dates import date_precision, effective_date

KNOWN_SINCE = "known_since"
_DAYS_BACK_TO_MIDDLE = {"day": 0, "month": 15, "year": 183}


class PublicationDates(NamedTuple):
    """First, middle and last day on which a publication may have appeared.

    It counts as known from the last, or from the day it was read where that is earlier, and as written
    (horizons) in the middle.
    """

    first_on: date
    middle_on: date
    known_on: date


def publication_dates(
    published_on: str | date, precision: str = "", accessed_on: str | date | None = None
) -> PublicationDates:
    """Read a printed date.

    Parameters
    ----------
    published_on : str or date
        YYYY-MM-DD, YYYY-MM or YYYY.
    precision : {'day', 'month', 'year'}, optional
        What the date must be; without it the text's length tells.
    accessed_on : str or date, optional
        When the page was read: a page dated 2026 that was read in July 2026 is known in July 2026.

    Raises
    ------
    PeriodError
        The text is no date of that precision.
    """
    text = str(published_on)
    precision = precision or date_precision(text)
    last = effective_date(text, precision)
    first = {"day": last, "month": last.replace(day=1), "year": date(last.year, 1, 1)}[precision]
    middle = last - timedelta(days=_DAYS_BACK_TO_MIDDLE[precision])
    read = "" if accessed_on is None or pd.isna(accessed_on) else str(accessed_on).strip()
    if read:
        last = min(last, max(first, effective_date(read, date_precision(read))))
    return PublicationDates(first, min(middle, last), last)


def known_figures(figures: pd.DataFrame, day: date) -> pd.DataFrame:
    """Figures known by a day, in their order.

    Parameters
    ----------
    figures : DataFrame
        With ``published_on``, and where they have them ``published_precision`` and ``accessed_on``.
    day : datetime.date
    """
    columns = [
        figures[name] if name in figures.columns else [default] * len(figures)
        for name, default in (("published_on", None), ("published_precision", ""), ("accessed_on", None))
    ]
    dates = {key: publication_dates(*key).known_on for key in set(zip(*columns, strict=True))}
    # As an array: a list without rows would be read as names of columns.
    return figures[np.array([dates[key] <= day for key in zip(*columns, strict=True)], dtype=bool)]


def known_by(rows: pd.DataFrame, day: date, column: str = KNOWN_SINCE) -> pd.DataFrame:
    """Rows known by a day, in their order.

    Parameters
    ----------
    rows : DataFrame
    day : datetime.date
    column : str
        Column of the day from which a row is known: dates, or text as printed.

    Raises
    ------
    PeriodError
        A date that can't be read.
    """
    return rows[_known_on(rows[column]) <= day]


def newest_of_each(rows: pd.DataFrame, key: Sequence[str], column: str = KNOWN_SINCE) -> pd.DataFrame:
    """Of rows with the same key, keep the one that became known last; of several on one day, the last.

    Parameters
    ----------
    rows : DataFrame
    key : sequence of str
        Columns that name what a row is about.
    column : str
        As in `known_by`.

    Returns
    -------
    DataFrame
        In the order of the index.
    """
    return _one_of_each(rows, key, column, "last")


def first_of_each(rows: pd.DataFrame, key: Sequence[str], column: str = KNOWN_SINCE) -> pd.DataFrame:
    """Of rows with the same key, keep the one that became known first; of several on one day, the first.

    Parameters
    ----------
    rows, key, column
        As of `newest_of_each`.

    Returns
    -------
    DataFrame
        In the order of the index.
    """
    return _one_of_each(rows, key, column, "first")


def known_products(products: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Products announced by a date, each as last described by then.

    A product announced early and specified later has several rows; each holds from its `announced_on` until
    the next one's, so that no vintage knows tomorrow's memory size.

    Parameters
    ----------
    products : DataFrame
        Rows of data/products.csv.
    as_of : datetime.date

    Returns
    -------
    DataFrame
        One row per vendor and product, in the catalogue's order.
    """
    announced = known_by(products, as_of, "announced_on")
    return newest_of_each(announced, ["vendor", "product"], "announced_on")


def _known_on(cells: pd.Series) -> pd.Series:
    days = [cell if isinstance(cell, date) else publication_dates(cell).known_on for cell in cells]
    return pd.Series(days, index=cells.index, dtype=object)


def _one_of_each(
    rows: pd.DataFrame, key: Sequence[str], column: str, keep: Literal["first", "last"]
) -> pd.DataFrame:
    order = _known_on(rows[column]).sort_values(kind="stable").index
    return rows.loc[order].drop_duplicates(list(key), keep=keep).sort_index()
