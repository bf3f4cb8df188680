"""Reading of one dropped file (CSV, workbook, Parquet) into rows of evidence, each with where it stands."""

import csv
import fnmatch
import io
import tomllib
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import pandas as pd

from flows.sources.csv_text import LARGEST_ROWS
from flows.sources.drop_rows import (
    DROPPED_FIGURES,
    MOST_UNPACKED,
    Drop,
    DropRefused,
    needed_below,
    rows_of_drop,
    rows_of_drops,
)
from flows.sources.parquet_drop import parquet_frame
from flows.sources.plain_sheets import ColumnHidden, cell_text, rows_of_sheet
from flows.sources.raw import RawEvidence, RowProblem, parse_csv
from flows.sources.workbook_cells import READ, SheetCells, as_shown
from models.evidence.recipe_sheets import read_sheet
from models.evidence.recipes import (
    NONE_UNSEEN,
    Recipe,
    RecipeError,
    Unseen,
    recipe_from,
)
from models.evidence.tables.described import BY_NAME
from models.evidence.tables.files import SOURCES_FILE

OTHER_WORKBOOKS: Final = (".xls", ".xlsb", ".ods", ".numbers")
ENDINGS: Final = (".csv", ".parquet", *READ)
MOST_BYTES: Final = 64 * 2**20
SHIPPED: Final = Path(__file__).with_name("recipes")


def read_recipes(folders: Sequence[Path]) -> tuple[list[Recipe], list[str]]:
    """Read recipes: those that come with hbmcast, then those of the folders; a later one of a name wins.

    Returns
    -------
    recipes : list of Recipe
    notes : list of str
        What is wrong with those that can't be used.
    """
    found: dict[str, Recipe] = {}
    notes = []
    for place in (SHIPPED, *(folder / "recipes" for folder in folders)):
        for path in sorted(place.glob("*.toml")):
            try:
                recipe = recipe_from(tomllib.loads(path.read_text(encoding="utf-8")))
                found[recipe.name] = recipe
            except (OSError, ValueError) as error:
                notes.append(f"{path}: {error}; it is left out")
    return list(found.values()), notes


def read_drop(name: str, content: bytes, recipes: Sequence[Recipe], today: date) -> Drop:
    """Read a dropped file.

    Parameters
    ----------
    name : str
        Of the file; its ending says what it is.
    content : bytes
    recipes : sequence of Recipe
        For workbooks of known layouts.
    today : date
        The day on which what a recipe reads counts as published.

    Returns
    -------
    Drop
        Rows by table, where each stands, and what could not be read.

    Raises
    ------
    DropRefused
        With what is needed.
    """
    ending = Path(name).suffix.lower()
    if ending in OTHER_WORKBOOKS:
        raise DropRefused(
            f"in a {ending} it can't be seen which cells are shown as percent, or are errors",
            "the workbook saved again as .xlsx",
        )
    if ending not in ENDINGS:
        raise DropRefused(
            f"a {ending or 'file without an ending'} can't be read", f"one of {', '.join(ENDINGS)}"
        )
    if len(content) > MOST_BYTES:
        raise DropRefused(f"it has {len(content)} bytes, more than {MOST_BYTES}", "a smaller part of it")
    if ending == ".csv":
        return _csv(name, content, [recipe for recipe in recipes if recipe.fits(name)], today)
    if ending == ".parquet":
        frame = parquet_frame(content)
        return rows_of_drop(name, frame, [(name, i + 2) for i in range(len(frame))], [])
    return _workbook(name, content, recipes, today)


def _csv(name: str, content: bytes, fitting: Sequence[Recipe], today: date) -> Drop:
    """Read a CSV with a header of ours; one of another layout by the first recipe that it fits."""
    frame, lines, problems = parse_csv(content, name)
    try:
        if frame is None:
            raise DropRefused(problems[0].problem, problems[0].remedy)
        return rows_of_drop(name, frame, [(name, line) for line in lines], problems)
    except DropRefused as refused:
        if not fitting:
            needed = f"{refused.needed}; or a recipe for its layout ({SHIPPED / 'wsts_billings.toml'} is one)"
            raise DropRefused(str(refused), needed) from None
        for recipe in fitting[:-1]:
            with suppress(DropRefused):
                return Drop(_by_recipe(name, _cells(content, recipe), recipe, today))
        return Drop(_by_recipe(name, _cells(content, fitting[-1]), fitting[-1], today))


def _cells(content: bytes, recipe: Recipe) -> list[list[str]]:
    """Rows of a CSV as its recipe says they are written; the first stands on line 1."""
    try:
        text = content.decode("utf-8-sig" if recipe.encoding == "utf-8" else recipe.encoding)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=recipe.separator, strict=True)
        rows: list[list[str]] = []
        for record in reader:
            # What is quoted may go over several lines.
            rows += [[] for _ in range(reader.line_num - 1 - len(rows))]
            rows.append(record)
            if len(rows) > LARGEST_ROWS:
                raise DropRefused(f"it has more than {LARGEST_ROWS} rows", "a part of it")
        return rows
    except (UnicodeDecodeError, LookupError, csv.Error) as error:
        needed = (
            f"encoding and separator of the recipe {recipe.name} as the file has them, or the file as it says"
        )
        raise DropRefused(f"it can't be read as {recipe.encoding}: {str(error)[:120]}", needed) from None


def _workbook(name: str, content: bytes, recipes: Sequence[Recipe], today: date) -> Drop:
    from python_calamine import CalamineError, CalamineWorkbook

    _refuse_bomb(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = {
            sheet: book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            for sheet in book.sheet_names
        }
        seen = as_shown(content, sheets)
    except (CalamineError, OSError, ValueError) as error:
        raise DropRefused(
            f"it is no workbook that can be read: {str(error)[:120]}", "the file whole, without a password"
        ) from error
    fitting = [recipe for recipe in recipes if recipe.fits(name)]
    return _sheet_by_recipe(name, seen, fitting, today) or _sheets_by_header(name, seen, fitting)


def _sheet_by_recipe(
    name: str, seen: Mapping[str, SheetCells], fitting: Sequence[Recipe], today: date
) -> Drop | None:
    """Read the sheet that the first recipe with one names; None where none has."""
    for recipe in fitting:
        pattern = recipe.sheet.casefold()
        sheet = next((sheet for sheet in seen if fnmatch.fnmatch(sheet.casefold(), pattern)), None)
        if sheet is None:
            continue
        if seen[sheet].is_hidden:
            raise DropRefused(f"the sheet {sheet!r} is hidden", "the sheet shown, if it is meant")
        # Numbers of a workbook have no decimal sign: it is that of a CSV.
        plain = replace(recipe, decimal=".")
        read = _by_recipe(f"{name}[{sheet}]", seen[sheet].rows, plain, today, seen[sheet].unseen())
        return Drop(read.noted(_sheets_not_named(name, seen, sheet, recipe)))
    return None


def _sheets_by_header(name: str, seen: Mapping[str, SheetCells], fitting: Sequence[Recipe]) -> Drop:
    """Read every sheet that begins with the header of a table; all that hold anything must."""
    drops, hidden, unread = [], [], []
    for sheet, cells in seen.items():
        top = next((i for i, row in enumerate(cells.rows) if any(map(cell_text, row))), None)
        if top is None:
            continue
        try:
            drops.append(rows_of_sheet(f"{name}[{sheet}]", cells, top))
        except ColumnHidden:
            raise
        except DropRefused:
            if cells.is_hidden:
                hidden.append(f"the hidden sheet {sheet!r} has no rows of figures")
                continue
            below = needed_below((i, map(cell_text, row)) for i, row in enumerate(cells.rows, start=1))
            unread.append((sheet, [text for text in map(cell_text, cells.rows[top]) if text][:4], below))
    if unread:
        shown = "; ".join(f"{sheet!r} begins with {', '.join(cells)!r}" for sheet, cells, _ in unread[:3])
        wanted = (
            f"{fitting[0].name} wants a sheet {fitting[0].sheet!r}"
            if fitting
            else "none fits the file's name"
        )
        raise DropRefused(
            f"no recipe reads it, and not every sheet has the header of a table: {shown}",
            "".join(f"in {sheet!r} {below}; " for sheet, _, below in unread if below)
            + "the workbook without such a sheet, or a recipe in recipes/*.toml of a folder of HBMCAST_DATA "
            "that says files, sheet, header, columns, "
            f"rows, unit, kind and source ({SHIPPED / 'wsts_billings.toml'} is one); {wanted}",
        )
    if not drops:
        raise DropRefused("the workbook is empty", "a sheet with rows")
    return rows_of_drops(drops, hidden)


def _sheets_not_named(name: str, seen: Mapping[str, SheetCells], read: str, recipe: Recipe) -> list[str]:
    """Say which sheets with anything on them a recipe neither reads nor ignores."""
    ignored = [pattern.casefold() for pattern in recipe.ignored_sheets]
    others = [
        sheet
        for sheet, cells in seen.items()
        if sheet != read
        and not any(fnmatch.fnmatch(sheet.casefold(), pattern) for pattern in ignored)
        and any(map(cell_text, (cell for row in cells.rows for cell in row)))
    ]
    if not others:
        return []
    shown = ", ".join(map(repr, others[:3])) + ", ..." * (len(others) > 3)
    return [f"{name}: {recipe.name} reads {read!r} and names neither in sheet nor in ignored_sheets {shown}"]


def _refuse_bomb(content: bytes) -> None:
    """Refuse a workbook that would unfold to more than can be meant."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(part.file_size for part in packed.infolist())
    except (zipfile.BadZipFile, ValueError) as error:
        raise DropRefused(f"it is no workbook that can be read: {error}", "the file whole") from error
    if size > MOST_UNPACKED:
        raise DropRefused(f"unpacked it has {size} bytes, more than {MOST_UNPACKED}", "a smaller workbook")


def _by_recipe(
    place: str, rows: list[list[Any]], recipe: Recipe, today: date, unseen: Unseen = NONE_UNSEEN
) -> RawEvidence:
    try:
        found = read_sheet(rows, recipe, unseen)
    except RecipeError as error:
        raise DropRefused(
            str(error), f"the layout that the recipe {recipe.name} describes, or a new recipe"
        ) from None
    source_id = f"{recipe.name}-{today}"
    source = {
        **dict.fromkeys(BY_NAME["sources"].column_names, ""),
        **recipe.source,
        "source_id": source_id,
        "published_on": today.isoformat(),
        "published_precision": "day",
        "accessed_on": today.isoformat(),
    }
    figures = [
        {
            **dict.fromkeys(BY_NAME["figures"].column_names, ""),
            **{column: cell for column, cell in figure.items() if column != "key"},
            "figure_id": figure["key"],
            "origin_id": figure["key"],
            "source_id": source_id,
            "note": f"{place} {column}{row}",
        }
        for figure, (row, column) in zip(found.figures, found.places, strict=True)
    ]
    problems = [
        RowProblem(place, each.row, each.column, each.value, each.problem, each.remedy)
        for each in found.problems
    ]
    files = {
        DROPPED_FIGURES: pd.DataFrame(figures, columns=list(BY_NAME["figures"].column_names), dtype=str),
        SOURCES_FILE: pd.DataFrame([source], columns=list(BY_NAME["sources"].column_names), dtype=str),
    }
    # A cell, not a row, is what stands for a figure here; several of one row have one place each.
    cells = [(f"{place} {column}{row}", row) for row, column in found.places]
    notes = [f"{place}: {found.n_cells} cells read by {recipe.name}, {found.n_empty} of them empty"]
    return RawEvidence(files, {DROPPED_FIGURES: cells, SOURCES_FILE: [(place, 1)]}, problems, notes)
