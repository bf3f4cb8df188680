"""Readers of single cells: each gives what the cell says, or raises what is wrong and how to mend it."""

import math
from collections.abc import Collection, Iterable
from datetime import date

from models.vocabulary.periods import PeriodError, parse_period
from models.vocabulary.printed_dates import nearest_dates
from models.vocabulary.printed_numbers import read_number
from models.vocabulary.printed_text import SignError, did_you_mean, plain_text
from models.vocabulary.publication_dates import date_precision, effective_date
from models.vocabulary.sums import summands
from models.vocabulary.systems import ITEM_SEPARATOR, system_items
from models.vocabulary.tables import Column

LISTED_WORDS, SHOWN_WORDS = 30, 8
LARGEST = {"integer": 2.0**31 - 1, "count": 2.0**53}
NUMBERS = ("number", "integer", "count")
REFERENCES = {
    "sources": (
        "{column} names {cell!r}, which is no row of sources.csv",
        "add it to sources.csv, or mend the name",
    ),
    "figures": (
        "{column} names {cell!r}, which is no row of figures/",
        "add it to figures/, or mend the name",
    ),
}
"""Problem and remedy where a cell names what is not there."""


class CellError(ValueError):
    """What is wrong with a cell, and how to mend it."""

    def __init__(self, column: str, problem: str, remedy: str) -> None:
        super().__init__(f"{column}: {problem}")
        self.column, self.problem, self.remedy = column, problem, remedy


def read_cell(column: Column, cell: str, today: date, known: dict[str, Collection[str]]) -> str | float | int:
    """Read a cell as its column is described.

    Parameters
    ----------
    column : Column
    cell : str
        Stripped text.
    today : datetime.date
        No date lies after it.
    known : dict of str to collection of str
        Names by vocabulary, for columns that refer to one (`Column.refers`).

    Returns
    -------
    str, float or int
        A number is a float, nan where empty; a year an int; the rest the text itself.

    Raises
    ------
    CellError
    """
    is_number = column.type in NUMBERS and column.reading != "year"
    if not cell:
        if column.filled:
            raise _empty(column, known)
        return math.nan if is_number else cell
    if is_number:
        return _bounded(column, cell)
    if column.words:
        word(column.name, cell, column.words, column.hint)
    if column.reading == "date":
        printed_date(column.name, cell, today)
    elif column.reading == "period":
        _period_or_date(column.name, cell)
    elif column.reading == "items":
        _items(column.name, cell)
    elif column.reading == "year":
        return _year(column.name, cell)
    if column.refers:
        _reference(column, cell, known[column.refers])
    return cell


def number(name: str, cell: str) -> float:
    """Read a number.

    Raises
    ------
    CellError
        It is none, or one with a unit of its own, or one that may be read in two ways.
    """
    try:
        printed = read_number(cell)
    except SignError as error:
        raise CellError(name, f"{name} {error.problem}", error.remedy) from error
    if printed.value is None:
        raise CellError(name, f"{name} {cell!r} is a range or a bound", "write one number")
    if printed.unit:
        raise CellError(
            name,
            f"{name} {cell!r} brings the unit {printed.unit}",
            "write the number alone, in the unit of its column",
        )
    value = float(printed.value)
    if printed.doubtful:
        remedy = f"write {value:g} or {value / 1000:g}"
        raise CellError(name, f"{name} {cell!r} has one comma: of thousands, or a decimal comma", remedy)
    if not math.isfinite(value):
        raise CellError(name, f"{name} {cell!r} is no finite number", "write it with fewer zeros")
    return value


def word(name: str, cell: str, allowed: Iterable[str], hint: str) -> None:
    """Check a cell against a vocabulary.

    Parameters
    ----------
    name, cell : str
        Column, as the error names it, and its text.
    allowed : iterable of str
    hint : str
        Where new words are added; ends the remedy.

    Raises
    ------
    CellError
        It is none of the words.
    """
    words = list(allowed)
    if cell not in words:
        raise CellError(
            name, f"unknown {name} {cell!r}", did_you_mean(cell, words) + _use_one_of(words, hint)
        )


def known_date(name: str, cell: str, precision: str, today: date) -> date:
    """Effective date of a printed date.

    Parameters
    ----------
    name, cell : str
        Column, as the error names it, and its text.
    precision : {'day', 'month', 'year'}
    today : datetime.date

    Returns
    -------
    datetime.date
        The last day that the text may mean; after `today` in a month or year that has only begun.

    Raises
    ------
    CellError
        It can't be read, or lies wholly in the future.
    """
    try:
        effective = effective_date(cell, precision)
    except PeriodError as error:
        problem = str(error).replace("published_on", name)
        raise CellError(name, problem, _date_remedy(cell)) from error
    # A month or year that has begun is no future, although its effective date still is.
    begins = {"day": effective, "month": effective.replace(day=1), "year": effective.replace(month=1, day=1)}
    if begins[precision] > today:
        problem = f"{name} {cell} lies after today, {today.isoformat()}"
        raise CellError(name, problem, "correct the date, or wait until it is published")
    return effective


def printed_date(name: str, cell: str, today: date) -> date:
    """Effective date of a date whose precision only its length shows.

    Parameters
    ----------
    name, cell, today
        As for `known_date`.

    Returns
    -------
    datetime.date
        As `known_date` gives it.

    Raises
    ------
    CellError
        It is no date, or lies in the future.
    """
    try:
        precision = date_precision(cell)
    except PeriodError as error:
        raise CellError(name, str(error), _date_remedy(cell)) from error
    return known_date(name, cell, precision, today)


def _date_remedy(cell: str) -> str:
    near = " or ".join(nearest_dates(cell))
    forms = "write YYYY-MM-DD, YYYY-MM or YYYY as the page shows it"
    return f"write {near}" if near and near != cell else forms


def _empty(column: Column, known: dict[str, Collection[str]]) -> CellError:
    """Say that a cell must be filled, and with what."""
    if column.empty:
        return _told(column, column.empty, "", known.get(column.refers, ()))
    problem = f"{column.name} is empty"
    if column.says and column.refers:
        told = _told(column, column.says, "", known.get(column.refers, ()))
        return CellError(column.name, problem, told.remedy)
    words = column.words or tuple(known.get(column.refers, ()))
    if words and column.refers not in REFERENCES:
        return CellError(column.name, problem, _use_one_of(words, column.hint))
    is_number = column.type in NUMBERS and column.reading != "year"
    return CellError(
        column.name, problem, f"give {column.name} as a number" if is_number else f"fill in {column.name}"
    )


def _told(column: Column, words: tuple[str, str], cell: str, known: Collection[str] = ()) -> CellError:
    """Fill in the column's own problem and remedy."""
    listed = ", ".join(sorted(known)) if "{known}" in words[1] else ""
    told = {"column": column.name, "cell": cell, "known": listed}
    return CellError(column.name, words[0].format(**told), words[1].format(**told))


def _use_one_of(words: Iterable[str], hint: str) -> str:
    words = list(words)
    listed = ", ".join(words) if len(words) <= LISTED_WORDS else f"{', '.join(words[:SHOWN_WORDS])}, ..."
    return f"use one of {listed or '(none)'}; {hint}"


def _plain(name: str, cell: str) -> str:
    try:
        return plain_text(cell)
    except SignError as error:
        raise CellError(name, f"{name}: {error.problem}", error.remedy) from error


def _bounded(column: Column, cell: str) -> float:
    value = number(column.name, cell)
    if column.type != "number" and not value.is_integer():
        raise CellError(
            column.name, f"{column.name} {cell} is not a whole number", "write it without a fraction"
        )
    largest = LARGEST.get(column.type, math.inf)
    if abs(value) > largest:
        problem = (
            f"{column.name} {value:g} is larger than {largest:g}, the most that is kept of such a number"
        )
        raise CellError(column.name, problem, "mend the number")
    if column.least <= value <= column.most:
        return value
    if column.says:
        raise _told(column, column.says, cell)
    possible = f"{column.least:g} to {column.most:g}"
    problem = f"{column.name} {value:g} is outside what is possible, {possible}"
    raise CellError(column.name, problem, "look at the unit in the name of the column, and mend the number")


def _reference(column: Column, cell: str, known: Collection[str]) -> None:
    """Check names against a vocabulary of the evidence."""
    names: Collection[str] = (cell,)
    if column.several:
        names = [part.strip() for part in cell.split(ITEM_SEPARATOR)]
    elif column.summed:
        names = summands(cell)
    for name in names:
        if name in known or not (name or column.summed):
            continue
        if column.refers not in REFERENCES and not column.says:
            word(column.name, name, known, column.hint)
        told = _told(column, column.says or REFERENCES[column.refers], name, known)
        raise CellError(column.name, told.problem, did_you_mean(name, known) + told.remedy)


def _year(name: str, cell: str) -> int:
    cell = _plain(name, cell)
    if not (cell.isascii() and cell.isdigit() and len(cell) == 4):
        raise CellError(name, f"{name} {cell!r} is not a year", "write it as 2024")
    return int(cell)


def _period_or_date(name: str, cell: str) -> None:
    try:
        parse_period(cell)
    except PeriodError:
        try:
            date_precision(cell)
        except PeriodError as error:
            remedy = "write a date or a period: 2023-11-13, 2023-11, 2023H1, 2023"
            raise CellError(name, str(error), remedy) from error


def _items(name: str, cell: str) -> None:
    try:
        system_items(cell)
    except ValueError as error:
        remedy = "write equipment/tcb, several with a semicolon between"
        raise CellError(name, str(error), remedy) from error
