"""Cells of a workbook as a person sees them: 35%, #REF!, €61.4bn, not 0.35, nothing and 61.4.

The reader of values (calamine) gives the number behind a cell; the format it is shown in, an error and a
formula without a result are read from the file itself, and so is what is hidden, merged, struck through,
raised or white on white.
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from xml.etree import ElementTree

from flows.sources.number_formats import shown, shown_date
from flows.sources.workbook_conditions import X14, Conditions, conditional_marks, conditions_of
from flows.sources.workbook_parts import (
    MAIN,
    REFERENCE,
    STRICT,
    headers_in_style,
    linked_from,
    placed_cells,
    tree,
)
from flows.sources.workbook_styles import Styles, read_styles
from models.evidence.recipes import FAINT, HIDDEN_COLUMN, HIDDEN_ROW

READ: Final = (".xlsx", ".xlsm")
"""Endings of workbooks whose formats can be seen."""
_MOST_COLUMNS: Final = 16_384
_LEAST: Final = 0.5
"""Letters or points that a column is wide or a row high: below it nothing is seen."""


@dataclass
class SheetCells:
    """Rows of a sheet from its first on, as they are shown, and which of them are hidden or merged.

    Attributes
    ----------
    rows : list of list
        Cells: text, numbers, dates, '' for nothing.
    is_hidden : bool
        The whole sheet.
    hidden_rows, merged_rows : set of int
        Numbers of rows (the first is 1) that are hidden, or lack a cell that is merged with another.
    hidden_columns : set of int
        Counted from 0.
    marked : dict
        Row (from 1) and column (from 0) of cells that are struck through, have a raised part or the colour of
        their background: `STRUCK`, `RAISED` or `FAINT`.
    """

    rows: list[list[Any]]
    is_hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    merged_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    marked: dict[tuple[int, int], str] = field(default_factory=dict)

    def unseen(self) -> dict[tuple[int, int], str]:
        """Why cells are not seen as they stand (`models.evidence.recipes.Unseen`)."""
        found = dict(self.marked)
        for i, row in enumerate(self.rows, start=1):
            hidden = range(len(row)) if i in self.hidden_rows else self.hidden_columns
            found |= dict.fromkeys(
                ((i, j) for j in hidden), HIDDEN_ROW if i in self.hidden_rows else HIDDEN_COLUMN
            )
        return found


def as_shown(content: bytes, sheets: dict[str, list[list[Any]]]) -> dict[str, SheetCells]:
    """Put what a workbook shows beside the values behind its cells.

    Parameters
    ----------
    content : bytes
        Of a .xlsx.
    sheets : dict of str to rows
        Values as the reader of values gives them, from the first row and column on.

    Returns
    -------
    dict of str to SheetCells

    Raises
    ------
    ValueError
        The file is not built as a workbook is.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            styles = read_styles(packed)
            parts = {name: (path, hidden) for name, path, hidden in _parts(packed)}
            found = {}
            for name, rows in sheets.items():
                path, hidden = parts.get(name, ("", False))
                cells = SheetCells([list(row) for row in rows], hidden)
                if any(rows) and not path:
                    raise ValueError(f"how the sheet {name!r} is shown can't be found in the file")
                if path:
                    _look(packed, path, styles, cells, headers_in_style(packed, path))
                found[name] = cells
            return found
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError) as error:
        raise ValueError(str(error)) from error


def _parts(packed: zipfile.ZipFile) -> Iterator[tuple[str, str, bool]]:
    links = {link.get("Id"): link.get("Target", "") for link in tree(packed, "xl/_rels/workbook.xml.rels")}
    for sheet in tree(packed, "xl/workbook.xml").iter(f"{MAIN}sheet"):
        link = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
        path = linked_from("xl", links.get(link, ""))
        yield sheet.get("name", ""), path, sheet.get("state", "visible") != "visible"


def _look(
    packed: zipfile.ZipFile, path: str, styles: Styles, cells: SheetCells, headers: set[tuple[int, int]]
) -> None:
    are_rows_hidden, row = False, 0
    values, conditions = [list(cells_of) for cells_of in cells.rows], list[Conditions]()
    with packed.open(path) as part:
        for _, element in ElementTree.iterparse(part):
            tag = STRICT.sub(MAIN, element.tag).removeprefix(MAIN)
            if tag == "row":
                row = int(element.get("r", row + 1))
                if _is_hidden(element, "ht", are_rows_hidden):
                    cells.hidden_rows.add(row)
                for cell, column in placed_cells(element):
                    _look_at_cell(cell, (row, column), styles, cells, headers)
                element.clear()
            elif tag in ("conditionalFormatting", f"{X14}conditionalFormatting"):
                conditions += filter(None, [conditions_of(element, styles)])
            elif tag == "sheetFormatPr":
                are_rows_hidden = element.get("zeroHeight") in ("1", "true")
            elif tag == "col" and _is_hidden(element, "width", False):
                last = min(int(element.get("max", 0)), _MOST_COLUMNS)
                cells.hidden_columns |= set(range(int(element.get("min", 1)) - 1, last))
            elif tag == "mergeCell":
                ends = [REFERENCE.fullmatch(end) for end in element.get("ref", "").split(":")]
                if len(ends) == 2 and ends[0] and ends[1]:
                    first = int(ends[0][2]) + (ends[0][1] == ends[1][1])
                    cells.merged_rows |= set(range(first, int(ends[1][2]) + 1))
    if conditions:
        for row, column, mark, as_shown in conditional_marks(packed, path, styles, conditions, values):
            if mark:
                cells.marked.setdefault((row, column), mark)
            else:
                _put(cells, row - 1, column, as_shown)


def _is_hidden(element: ElementTree.Element, size: str, by_default: bool) -> bool:
    """Whether a row or column is hidden, or so narrow that nothing of it is seen."""
    if said := element.get("hidden"):
        return said in ("1", "true")
    given = element.get(size)
    return by_default if given is None else float(given) < _LEAST


def _look_at_cell(
    element: ElementTree.Element,
    place: tuple[int, int],
    styles: Styles,
    cells: SheetCells,
    headers: set[tuple[int, int]],
) -> None:
    i, j = place[0] - 1, place[1]
    value = next((part.text or "" for part in element if part.tag.endswith("}v")), "")
    style = int(element.get("s", 0))
    mark = styles.mark_of(element, value, style)
    # White letters of a table's header stand on what its style fills, not the cell.
    if mark and not (mark == FAINT and style in styles.unfilled and (i + 1, j) in headers):
        cells.marked[i + 1, j] = mark
    if element.get("t") == "e":
        _put(cells, i, j, value or "#VALUE!")
    elif not value and any(part.tag.endswith("}f") for part in element):
        formula = next(part.text or "" for part in element if part.tag.endswith("}f"))
        _put(cells, i, j, f"={formula or '...'}")
    elif element.get("t", "n") == "n" and value:
        code = styles.format_of(style)
        here = cells.rows[i][j] if i < len(cells.rows) and j < len(cells.rows[i]) else None
        if code and isinstance(here, int | float) and not isinstance(here, bool):
            _put(cells, i, j, shown(here, code))
        elif code and isinstance(here, date) and (in_part := shown_date(here, code)):
            _put(cells, i, j, in_part.strip())


def _put(cells: SheetCells, i: int, j: int, value: Any) -> None:
    """Put a value into a sheet, which may not reach so far where nothing had a value."""
    while len(cells.rows) <= i:
        cells.rows.append([])
    row = cells.rows[i]
    row += [""] * (j + 1 - len(row))
    row[j] = value
