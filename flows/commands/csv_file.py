"""A CSV that a user names: read by the same reader as the evidence folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flows.runtime.errors import HbmcastError

if TYPE_CHECKING:
    import pandas as pd

    from flows.sources.raw import RowProblem


@dataclass(frozen=True)
class CsvFile:
    """Rows of a CSV as text.

    Attributes
    ----------
    frame : DataFrame of str
        Empty cells are ''.
    lines : list of int
        Line of the file on which each row starts; the header is line 1.
    problems : list of RowProblem
        Rows that could not be read.
    """

    frame: "pd.DataFrame"
    lines: list[int]
    problems: "list[RowProblem]"


def read_rows(file: Path) -> CsvFile:
    """Read a CSV as text, row by row.

    Raises
    ------
    HbmcastError
        With the reason when there is none, or it is no CSV.
    """
    from flows.sources.raw import parse_csv

    if file.exists() and not file.is_file():
        raise HbmcastError(f"{file} can't be read (it is no plain file)", "Give the path of a CSV")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise HbmcastError(
            f"{file} can't be read ({error.strerror or error})", "Give the path of a CSV"
        ) from error
    frame, lines, problems = parse_csv(content, str(file))
    if frame is None:
        found = f" (it reads {problems[0].value!r})" if problems[0].value else ""
        raise HbmcastError(
            f"{file} is no CSV that can be read: {problems[0].problem}{found}", problems[0].remedy
        )
    return CsvFile(frame, lines, problems)


def read_csv(file: Path) -> "pd.DataFrame":
    """Read a CSV of which every row must be readable, as text, empty cells as ''.

    Raises
    ------
    HbmcastError
        As `read_rows`, or with the first row that can't be read.
    """
    read = read_rows(file)
    if read.problems:
        first = read.problems[0]
        raise HbmcastError(f"{file} is no CSV: line {first.row} has {first.problem}", first.remedy)
    return read.frame
