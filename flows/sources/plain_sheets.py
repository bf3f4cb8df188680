"""Sheets of a workbook with the header of a table: rows that are taken, and those not seen as they stand."""

from typing import Final

import pandas as pd

from flows.sources.drop_rows import Drop, DropRefused, rows_of_drop
from flows.sources.raw import ANOTHER_HEADER, BELOW_ANOTHER, HEADER_REMEDIES, RowProblem, header_again
from flows.sources.workbook_cells import SheetCells
from models.evidence.checks.printed import columns_of_the_number
from models.evidence.recipes import FAINT, HOW_TO_SHOW, STRUCK, Unseen, letter
from models.evidence.shared_header import FISCAL_COLUMN, SHARED_COLUMNS
from models.evidence.tables.described import BY_NAME

_OF_A_HEADER: Final = {STRUCK: "struck through", FAINT: "written in the colour of its background"}


class ColumnHidden(DropRefused):
    """A column that is read is hidden, struck through or faint: of every row a part is not to be seen."""


def rows_of_sheet(place: str, sheet: SheetCells, top: int) -> Drop:
    """Read a sheet that has the header of a table.

    Parameters
    ----------
    place : str
        Name of file and sheet.
    sheet : SheetCells
    top : int
        Place of the header among its rows, from 0.

    Raises
    ------
    DropRefused
        The header is that of no table, or a column of it is hidden.
    """
    rows = sheet.rows
    header = [cell_text(cell) for cell in rows[top]]
    width = max((i + 1 for i, cell in enumerate(header) if cell), default=0)
    header = header[:width]
    if not all(header) or len(set(header)) < width:
        raise DropRefused("its first row is no header", "one name for each column")
    below = [(i, [cell_text(cell) for cell in row]) for i, row in enumerate(rows[top + 1 :], start=top + 2)]
    unseen = _unseen_of_use(sheet, header, below)
    kept, aside, other = [], [], False
    for i, cells in below:
        if again := header_again(header, cells) or (BELOW_ANOTHER if other and any(cells) else ""):
            other = other or again == ANOTHER_HEADER
            whole = ",".join(cells)
            aside.append(RowProblem(place, i, "", whole[:80], again, HEADER_REMEDIES[again], whole))
        elif fault := _row_fault(place, i, cells, width, sheet, unseen):
            aside.append(fault)
        elif any(cells):
            kept.append((i, (cells + [""] * width)[:width]))
    frame = pd.DataFrame([cells for _, cells in kept], columns=header, dtype=str)
    return rows_of_drop(place, frame, [(place, i) for i, _ in kept], aside)


def _unseen_of_use(sheet: SheetCells, header: list[str], below: list[tuple[int, list[str]]]) -> Unseen:
    """Cells that are not seen as they stand, of columns that are read.

    Raises
    ------
    ColumnHidden
        Such a column is hidden, struck through or faint, and not empty.
    """
    known = {*SHARED_COLUMNS, FISCAL_COLUMN, *(c for table in BY_NAME.values() for c in table.column_names)}
    known |= set(columns_of_the_number(header))
    of_use = {j for j, name in enumerate(header) if name in known}
    line = below[0][0] - 1 if below else 0
    for j in sorted(of_use):
        mark = sheet.marked.get((line, j), "")
        what = _OF_A_HEADER.get(mark, "hidden" if j in sheet.hidden_columns else "")
        if what and any(cells[j] for _, cells in below if j < len(cells)):
            raise ColumnHidden(
                f"the column {letter(j)} {header[j]!r} is {what}",
                "the column shown plainly if it is meant, or deleted",
            )
    return {place: what for place, what in sheet.marked.items() if place[1] in of_use}


def _row_fault(
    place: str, i: int, cells: list[str], width: int, sheet: SheetCells, unseen: Unseen
) -> RowProblem | None:
    """Put a row aside that can't be seen, shares a cell, or goes on where the header has ended."""
    whole = ",".join(cells)
    if not any(cells) and i not in sheet.merged_rows:
        return None
    if sheet.is_hidden or i in sheet.hidden_rows:
        what = "sheet" if sheet.is_hidden else "row"
        remedy = "show it if it is meant, or delete it" + "; a filter may hide it" * (what == "row")
        return RowProblem(place, i, "", whole[:80], f"the {what} is hidden", remedy, whole)
    if i in sheet.merged_rows:
        problem = "a cell of the row is merged with another: it has no content of its own"
        return RowProblem(place, i, "", whole[:80], problem, "take merged cells apart and fill each", whole)
    if marked := [j for j in range(width) if (i, j) in unseen]:
        problem = unseen[i, marked[0]]
        j = marked[0]
        return RowProblem(place, i, letter(j), cells[j], problem, HOW_TO_SHOW[problem], whole)
    if not any(cells[width:]):
        return None
    # Its cells may have moved to the right.
    at = next(j for j, cell in enumerate(cells) if j >= width and cell)
    problem = f"{cells[at]!r} stands in column {letter(at)}, beside the header"
    remedy = "look whether the row's cells moved to the right; remarks belong into note"
    return RowProblem(place, i, letter(at), cells[at], problem, remedy, ",".join(cells))


def cell_text(cell: object) -> str:
    """Text of a cell of a workbook or a Parquet file; '' for nothing."""
    if cell is None or (isinstance(cell, float) and cell != cell):
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, bytes):
        # Text whose column does not say that it is text.
        return cell.decode("utf-8", errors="backslashreplace").strip()
    if hasattr(cell, "isoformat"):
        return str(cell.isoformat()).removesuffix("T00:00:00")
    return str(cell).strip()
