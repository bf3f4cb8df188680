"""How a table is described: once, whether its rows come from a CSV or from a run.

The descriptions themselves stand in `models.evidence.tables` and `models.vocabulary.results`. From them
follow the checks of rows, the tables of the warehouse with their comments, its checks of keys, and its views
(``make schema`` writes what follows as SQL).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Type = Literal["text", "number", "integer", "count", "flag", "day", "time"]
"""What a column holds: `count` is an integer without limit, `day` a date, `time` a moment in UTC."""
Reading = Literal["", "date", "period", "year", "items"]
Recorded = Literal["", "runs", "backtests"]

POSITIVE: Final = math.ulp(0.0)
"""Least number above zero."""


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes
    ----------
    name, comment : str
        The comment is what the data dictionary says; it names the unit where a bare number could mislead.
    type : str
    filled : bool
        Whether a row of the CSV must have it.
    not_null : bool
        Whether the warehouse insists on it. Weaker than `filled`: what was taken in before must stay.
    least, most : float
        What is possible, in the unit of the column.
    words : tuple of str
        Words allowed, where they are few and fixed; an empty cell is allowed unless `filled`.
    hint : str
        Where another word is added.
    reading : str
        'date': printed, YYYY-MM-DD, YYYY-MM or YYYY, not in the future; 'period': a date or a period, 2023-11
        or 2023H1; 'year': four digits; 'items': system/item, semicolons between them.
    refers : str
        Vocabulary that only the evidence itself knows ('sources', 'figures', ...), whose names it takes.
    several : bool
        Whether it takes several of them, semicolons between.
    summed : bool
        Whether it takes a sum of them, plus signs between.
    says : (str, str)
        Problem and remedy in place of the usual ones, for a cell that is not allowed: ``{column}``,
        ``{cell}`` and ``{known}``, the vocabulary it refers to, are filled in.
    empty : (str, str)
        Problem and remedy in place of the usual ones, for an empty cell.
    is_name : bool
        Whether it is compared letter by letter, though it is no key and refers to nothing.
    """

    name: str
    comment: str
    type: Type = "text"
    filled: bool = False
    not_null: bool = False
    least: float = -math.inf
    most: float = math.inf
    words: tuple[str, ...] = ()
    hint: str = "the words stand in models/"
    reading: Reading = ""
    refers: str = ""
    several: bool = False
    summed: bool = False
    says: tuple[str, str] | None = None
    empty: tuple[str, str] | None = None
    is_name: bool = False


@dataclass(frozen=True)
class EvidenceTable:
    """A table whose rows are taken in from a file; the warehouse keeps every version of a row.

    Attributes
    ----------
    name : str
        Of the CSV, without its ending.
    comment : str
    keys : tuple of str
        Columns that name a row together.
    columns : tuple of Column
        In the order of the warehouse; a CSV may have another.
    known_since : str
        Column with the printed date from which a row counts as known; '' where rows carry none.
    table : str
        Name in the warehouse, where it is another.
    only_systems : bool
        Whether only the systems read it: then it changes their tables, never the posterior.
    shown_only : bool
        Whether no model reads it: it is taken in to be shown, and changes no hash.
    viewed : bool
        Whether its view of the rows in force is the usual one, and not written by hand in
        views_evidence.sql.
    ordered : tuple of (str, str)
        Pairs of numbers of which the first may not lie above the second.
    sum_to_one : tuple of str
        Shares that make up a whole.
    """

    name: str
    comment: str
    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    known_since: str = ""
    table: str = ""
    only_systems: bool = False
    shown_only: bool = False
    viewed: bool = True
    ordered: tuple[tuple[str, str], ...] = ()
    sum_to_one: tuple[str, ...] = ()

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns, in their order."""
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True)
class ResultTable:
    """A table that runs, backtests or builds fill.

    Attributes
    ----------
    name, comment : str
    made_by : str
        Module that makes its rows.
    called : bool
        Whether a night makes it by calling the function of its name in that module with a
        `models.draws.drawn_run.DrawnRun`, which gives its rows without ``run_id`` and ``as_of``, or None.
    columns : tuple of Column
    recorded : str
        Table that must have the row's `run_id`: 'runs', 'backtests', or '' where rows belong to neither.
    brought : str
        Whether a run brings it as a frame: 'needed', 'optional', or '' where it comes another way; of a
        backtest always 'needed'.
    of_a_run : bool
        Whether it is read with the other tables of a run, for the report.
    optional_columns : tuple of str
        Columns that its frame may lack.
    """

    name: str
    comment: str
    made_by: str
    columns: tuple[Column, ...]
    recorded: Recorded = ""
    brought: Literal["", "needed", "optional"] = ""
    of_a_run: bool = False
    optional_columns: tuple[str, ...] = ()
    called: bool = False

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns, in their order."""
        return tuple(column.name for column in self.columns)


def made_columns(
    tables: Iterable[ResultTable], name: str, without: Iterable[str] = ("run_id", "as_of")
) -> tuple[str, ...]:
    """Columns that whoever makes a table of results fills.

    Parameters
    ----------
    tables : iterable of ResultTable
        The tables of its subject alone: whoever imports more is computed anew when any of that changes.
    name : str
    without : iterable of str
        Columns that whoever publishes adds.

    Returns
    -------
    tuple of str
        In the order of the warehouse.
    """
    left = set(without)
    (table,) = (table for table in tables if table.name == name)
    return tuple(column for column in table.column_names if column not in left)
