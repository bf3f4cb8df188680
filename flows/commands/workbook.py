"""Workbooks: Arrow tables as sheets, numbers as numbers, days as days, and no text that Excel would run."""

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO

from flows.commands.cells import NOT_FINITE, Lost, csv_cell, rows_of
from flows.runtime.errors import HbmcastError

if TYPE_CHECKING:
    import pyarrow as pa

MOST_ROWS, MOST_COLUMNS, MOST_CHARACTERS = 1_048_576, 16_384, 32_767
# A spreadsheet keeps 15 digits of a number, and knows no day before this one.
EXACT_BELOW = 10**15
FIRST_DAY = date(1900, 3, 1)
TOO_LONG = f"texts were cut to the {MOST_CHARACTERS} characters that a cell holds"
AS_TEXT = "numbers with more than 15 digits stand as text, since a spreadsheet would lose some"


def write_workbook(
    file: BinaryIO,
    sheets: "Mapping[str, pa.Table]",
    lost: Lost,
    headings: Mapping[str, list[list[str]]] | None = None,
) -> None:
    """Write tables as sheets of one workbook.

    Parameters
    ----------
    file : binary file
    sheets : mapping of str to Arrow table
        By the name of the sheet.
    lost : Lost
        Takes what a workbook can't say.
    headings : mapping of str to list of list of str, optional
        Rows of headings of a sheet in place of the names of its columns.

    Raises
    ------
    HbmcastError
        A table is larger than a sheet.
    """
    import xlsxwriter

    for name, table in sheets.items():
        if table.num_rows >= MOST_ROWS or table.num_columns > MOST_COLUMNS:
            raise HbmcastError(
                f"{table.num_rows} rows and {table.num_columns} columns are too many for sheet {name!r}",
                f"A sheet holds {MOST_ROWS - 1} rows and {MOST_COLUMNS} columns: ask for fewer, or for csv",
            )
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        formats = {
            "heading": book.add_format({"bold": True, "bottom": 1}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        for name, table in sheets.items():
            sheet = book.add_worksheet(_sheet_name(name))
            above = (headings or {}).get(name) or [table.column_names]
            sheet.set_column(0, max(table.num_columns - 1, 0), 16)
            for row, cells in enumerate(above):
                for column, text in enumerate(cells):
                    sheet.write_string(row, column, text, formats["heading"])
            sheet.freeze_panes(len(above), 0)
            for row, values in enumerate(rows_of(table), start=len(above)):
                for column, value in enumerate(values):
                    _write_cell(sheet, row, column, value, formats, lost)


def _sheet_name(name: str) -> str:
    """Name a sheet as a spreadsheet takes it: 31 characters, and none of those it uses itself."""
    return re.sub(r"[\[\]:*?/\\]", " ", name)[:31].strip("' ")


def _write_cell(
    sheet: Any, row: int, column: int, value: object, formats: Mapping[str, Any], lost: Lost
) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, float):
        if math.isfinite(value):
            sheet.write_number(row, column, value)
        else:
            lost[NOT_FINITE] += 1
    elif isinstance(value, (int, Decimal)) and _is_exact(value):
        sheet.write_number(row, column, value)
    elif isinstance(value, datetime) and value.tzinfo is None and value.date() >= FIRST_DAY:
        sheet.write_datetime(row, column, value, formats["time"])
    elif isinstance(value, date) and not isinstance(value, datetime) and value >= FIRST_DAY:
        sheet.write_datetime(row, column, value, formats["day"])
    else:
        if isinstance(value, (int, Decimal)):
            lost[AS_TEXT] += 1
        # Text of a cell is never run, whatever it begins with: it is written as it is.
        text = value if isinstance(value, str) else csv_cell(value, Lost())
        if len(text) > MOST_CHARACTERS:
            lost[TOO_LONG] += 1
        sheet.write_string(row, column, text[:MOST_CHARACTERS])


def _is_exact(value: int | Decimal) -> bool:
    if isinstance(value, int):
        return abs(value) < EXACT_BELOW
    return len(value.as_tuple().digits) <= 15
