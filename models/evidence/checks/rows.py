"""What every check of the evidence shares: the collector of rejected rows and the readers of single cells."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import pandas as pd

REJECTED_COLUMNS: Final = ("file", "row", "field", "value", "problem", "remedy", "raw")
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
    """

    today: date
    records: list[dict] = field(default_factory=list)
    bad: set[tuple[str, int]] = field(default_factory=set)

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
        raw = {key: text(value) for key, value in row.items() if key not in ("file", "row")}
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

    def is_good(self, row: dict) -> bool:
        """Say whether nothing was found against the row so far."""
        return (row["file"], int(row["row"])) not in self.bad

    def kept(self, rows: list[dict]) -> list[dict]:
        """Rows with nothing against them."""
        return [row for row in rows if self.is_good(row)]

    def frame(self) -> pd.DataFrame:
        """Rejected rows as a frame with `REJECTED_COLUMNS`."""
        return pd.DataFrame(self.records, columns=list(REJECTED_COLUMNS))


def text(value: object) -> str:
    """Cell as stripped text; missing becomes ''."""
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(value).strip()


def records(file: str, frame: pd.DataFrame, columns: Iterable[str], collector: Collector) -> list[dict]:
    """Rows of a file as dictionaries of text, with `file` and `row`.

    A file that lacks a column gives no rows: each is put aside, with the column named.
    """
    rows = [
        {"file": file, "row": i, **{str(key): text(value) for key, value in record.items()}}
        for i, record in enumerate(frame.to_dict("records"), start=FIRST_DATA_ROW)
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
    """Keep the first row of each key; put later ones aside, saying whether they differ."""
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
