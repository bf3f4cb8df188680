"""What every check of the evidence shares: the collector of rejected rows and the readers of single cells."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import pandas as pd

from models.vocabulary.rows import records as rows_as_dictionaries

REJECTED_COLUMNS: Final = ("file", "row", "field", "value", "problem", "remedy", "raw")
READ_AS_COLUMNS: Final = ("file", "row", "field", "printed", "read")
FIRST_DATA_ROW: Final = 2
"""Row number of a file's first record: the header is row 1, as a spreadsheet shows it."""


@dataclass
class Collector:
    """Rejected rows, in the order found; a row may be rejected for several reasons.

    Attributes
    ----------
    today : datetime.date
        Nothing may be published after it.
    records : list of dict
        One per problem, keys `REJECTED_COLUMNS`.
    bad : set of (file, row)
        Rows with at least one problem.
    bad_cells, doubtful : set of (file, row, column)
        Cells with at least one problem; numbers that bounds must tell from a thousandth of them.
    printed : dict of (file, row) to dict
        Rows as their file has them, where checks see them made plain: what is shown of a rejected row.
    read_as : list of dict
        Cells that are kept in another form than printed, keys `READ_AS_COLUMNS`.
    aside : frozenset of (file, row)
        Rows that were put aside before: `records` leaves them out.
    """

    today: date
    records: list[dict] = field(default_factory=list)
    bad: set[tuple[str, int]] = field(default_factory=set)
    bad_cells: set[tuple[str, int, str]] = field(default_factory=set)
    doubtful: set[tuple[str, int, str]] = field(default_factory=set)
    printed: dict[tuple[str, int], dict] = field(default_factory=dict)
    read_as: list[dict] = field(default_factory=list)
    aside: frozenset[tuple[str, int]] = frozenset()

    def reject(self, row: dict, column: str, problem: str, remedy: str) -> None:
        """Put a row aside.

        Parameters
        ----------
        row : dict
            The record, with `file` and `row` saying where it stands.
        column : str
            Field at fault.
        problem, remedy : str
            What is wrong and how to mend it.
        """
        shown = self.printed.get((row["file"], int(row["row"])), row)
        raw = {key: text(value) for key, value in shown.items() if key not in ("file", "row")}
        self.records.append(
            {
                "file": row["file"],
                "row": int(row["row"]),
                "field": column,
                "value": raw.get(column, ""),
                "problem": problem,
                "remedy": remedy,
                "raw": json.dumps(raw, ensure_ascii=False),
            }
        )
        self.bad.add((row["file"], int(row["row"])))
        self.bad_cells.add((row["file"], int(row["row"]), column))

    def note_reading(self, row: dict, column: str, read: str) -> None:
        """Note that a cell is kept in another form than printed.

        Parameters
        ----------
        row : dict
            The record as printed, with `file` and `row`.
        column : str
        read : str
            What is kept of the cell.
        """
        place = {"file": row["file"], "row": int(row["row"])}
        self.read_as.append({**place, "field": column, "printed": row[column], "read": read})

    def has_problem(self, row: dict, column: str) -> bool:
        """Say whether something was found against this cell."""
        return (row["file"], int(row["row"]), column) in self.bad_cells

    def is_doubtful(self, row: dict, column: str) -> bool:
        """Say whether the number of a cell may as well be a thousandth of what was read (14,350)."""
        return (row["file"], int(row["row"]), column) in self.doubtful

    def is_good(self, row: dict) -> bool:
        """Say whether nothing was found against the row so far."""
        return (row["file"], int(row["row"])) not in self.bad

    def kept(self, rows: list[dict]) -> list[dict]:
        """Rows with nothing against them."""
        return [row for row in rows if self.is_good(row)]

    def frame(self) -> pd.DataFrame:
        """Rejected rows as a frame with `REJECTED_COLUMNS`."""
        return pd.DataFrame(self.records, columns=list(REJECTED_COLUMNS))

    def read_as_frame(self) -> pd.DataFrame:
        """Cells of good rows that were read in another form, as a frame with `READ_AS_COLUMNS`."""
        good = [record for record in self.read_as if self.is_good(record)]
        return pd.DataFrame(good, columns=list(READ_AS_COLUMNS))


def text(value: object) -> str:
    """Cell as stripped text; missing becomes '', a sign that no file can hold its number."""
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    stripped = str(value).strip()
    # Half a sign, as JSON can escape one, is no text that can be kept: it is shown by its number.
    return stripped if stripped.isascii() else stripped.encode("utf-8", "backslashreplace").decode("utf-8")


def records(file: str, frame: pd.DataFrame, columns: Iterable[str], collector: Collector) -> list[dict]:
    """Rows of a file as dictionaries of text, with `file` and `row`.

    A file that lacks a column gives no rows: each is put aside, with the column named.

    Parameters
    ----------
    file : str
        Name under which its rows are rejected.
    frame : DataFrame
    columns : iterable of str
        Those it must have; others are read too.
    collector : Collector
        Rows that it has `aside` are left out.

    Returns
    -------
    list of dict
        Cells as `text` gives them; ``row`` is an int that counts from `FIRST_DATA_ROW`.
    """
    rows = [
        # A column that is itself called file or row says nothing of where the row stands.
        {**{key: text(value) for key, value in record.items()}, "file": file, "row": i}
        for i, record in enumerate(rows_as_dictionaries(frame), start=FIRST_DATA_ROW)
        if (file, i) not in collector.aside
    ]
    missing = [column for column in columns if column not in frame.columns]
    if not missing:
        return rows
    named = ", ".join(missing)
    if not rows:
        rows = [{"file": file, "row": 1, "header": ",".join(map(str, frame.columns))}]
    for row in rows:
        collector.reject(
            row, missing[0], f"{file} has no column {named}", f"add {named} to the header of {file}"
        )
    return []


def unique(rows: list[dict], keys: tuple[str, ...], collector: Collector) -> list[dict]:
    """Keep the first row of each key; put later ones aside, saying whether they differ.

    Parameters
    ----------
    rows : list of dict of str
        As `records` reads them.
    keys : tuple of str
        Columns that make the key.
    collector : Collector
    """
    first: dict[tuple[str, ...], dict] = {}
    kept = []
    for row in rows:
        key = tuple(row[column] for column in keys)
        if key not in first:
            first[key] = row
            kept.append(row)
            continue
        other = first[key]
        place = f"{other['file']} row {other['row']}"
        differing = [c for c in row if c not in ("file", "row") and row[c] != other.get(c, "")]
        named = "/".join(key)
        if not differing:
            collector.reject(row, keys[0], f"{named} repeats {place} word for word", "delete the second row")
            continue
        changes = ", ".join(f"{c} {other.get(c, '')!r} there, {row[c]!r} here" for c in differing[:3])
        collector.reject(
            row,
            differing[0],
            f"{named} is already given in {place} with another value ({changes}); the first stays",
            f"give this row its own {keys[0]}, or change the first row if it is the same statement revised",
        )
    return kept
