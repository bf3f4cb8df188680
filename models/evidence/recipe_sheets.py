"""Sheets, and the rows of a CSV, read by a recipe: what it names is taken, what it does not is told."""

import fnmatch
import re
from collections.abc import Mapping
from typing import NamedTuple

from models.evidence.recipes import (
    BETWEEN_LABELS,
    EMPTY,
    FOOTNOTE,
    HIDDEN_ROW,
    HOW_TO_SHOW,
    NONE_UNSEEN,
    CellProblem,
    ReadSheet,
    Recipe,
    RecipeError,
    Sheet,
    Unseen,
    filled,
    letter,
    marked,
    matched,
    number_in,
    plain,
    slug,
    text_of,
)
from models.vocabulary.printed_text import SignError


def read_sheet(sheet: Sheet, recipe: Recipe, unseen: Unseen = NONE_UNSEEN) -> ReadSheet:
    """Read the figures of a sheet, or of the rows of a CSV.

    Parameters
    ----------
    sheet : sequence of rows
        From the first row of the sheet on.
    recipe : Recipe
    unseen : mapping
        Cells that a person does not see as they stand: what would be taken of them is told.

    Returns
    -------
    ReadSheet

    Raises
    ------
    RecipeError
        The sheet is not what the recipe describes.
    """
    rows = [[text_of(cell) for cell in row] for row in sheet]
    top = next((i for i, row in enumerate(rows) if plain(recipe.header) in map(plain, row)), None)
    if top is None:
        raise RecipeError(f"no row holds a cell {recipe.header!r}, which is to be the header")
    above = " ".join(plain(cell) for row in rows[:top] for cell in row)
    if lacking := [text for text in recipe.says if plain(text) not in above]:
        raise RecipeError(
            f"{lacking[0]!r}, on which the unit rests, does not stand above the header: {above[:100]!r}"
        )
    found = ReadSheet(unseen=unseen)
    rows = _above_another_header(rows, top, recipe, found)
    if recipe.values:
        _take_rows(rows, top, recipe, found)
        return _some(found, recipe)
    columns = _columns(rows[top], top, recipe, found)
    wanted = {plain(label): label for label in recipe.rows}
    ignored = [" ".join(pattern.casefold().split()) for pattern in recipe.ignored_rows]
    block = ""
    for i, row in enumerate(rows[top + 1 :], start=top + 2):
        label, cells = plain(row[0]) if row else "", [c for c in row[1:] if c]
        year = label.removesuffix(".0")
        if recipe.blocks and not cells and re.fullmatch(r"(19|20)\d\d", year):
            block = year
        elif label in wanted and not _is_unseen(row, i, 0, found):
            _take(row, i, wanted[label], block, columns, recipe, found)
        elif label in wanted or any(fnmatch.fnmatch(label, pattern) for pattern in ignored):
            continue
        elif cells:
            problem = f"the recipe {recipe.name} knows no row {row[0]!r}"
            remedy = "Name it in rows or in ignored_rows of the recipe"
            found.problems.append(CellProblem(i, "A", row[0], problem, remedy))
    return _some(found, recipe)


def _above_another_header(
    rows: list[list[str]], top: int, recipe: Recipe, found: ReadSheet
) -> list[list[str]]:
    """Leave out what stands below a second header that is another one, and tell it row by row."""
    header = [plain(cell) for cell in rows[top]]
    below = enumerate(rows[top + 1 :], start=top + 1)
    second = [i for i, row in below if plain(recipe.header) in map(plain, row)]
    other = next((i for i in second if [plain(cell) for cell in rows[i]][: len(header)] != header), len(rows))
    for i, row in enumerate(rows[other:], start=other + 1):
        if any(row[1:]):
            problem = f"row {other + 1} holds {recipe.header!r} again, above other columns than row {top + 1}"
            remedy = f"Give each table a sheet of its own, or look at header of the recipe {recipe.name}"
            found.problems.append(CellProblem(i, "A", row[0], problem, remedy))
    again = {i for i in second if i < other}
    return [[] if i in again else row for i, row in enumerate(rows[:other])]


def _is_unseen(row: list[str], i: int, j: int, found: ReadSheet) -> bool:
    """Tell of a cell that is not seen as it stands; of a hidden row once."""
    problem = found.unseen.get((i, j), "")
    if not problem or not (row[j] if j < len(row) else ""):
        return False
    hidden = CellProblem(i, letter(j), row[j], problem, HOW_TO_SHOW[problem])
    if problem != HIDDEN_ROW or all(t.row != i for t in found.problems[-1:]):
        found.problems.append(hidden)
    return True


def _some(found: ReadSheet, recipe: Recipe) -> ReadSheet:
    """Return what was found where no figure is said twice; of those that are, none is taken."""
    said: dict[str, list[int]] = {}
    for i, figure in enumerate(found.figures):
        said.setdefault(figure["key"], []).append(i)
    twice = {key: at for key, at in said.items() if len(at) > 1}
    for key, at in twice.items():
        places = [f"{found.places[i][1]}{found.places[i][0]}" for i in at]
        for i in at:
            row, column = found.places[i]
            problem = f"{' and '.join(places)} are both {key}"
            remedy = f"Name apart what differs, in rows, blocks or columns of the recipe {recipe.name}"
            found.problems.append(
                CellProblem(row, column, found.figures[i].get("value", ""), problem, remedy)
            )
    kept = [i for i, figure in enumerate(found.figures) if figure["key"] not in twice]
    found.places = [found.places[i] for i in kept]
    found.figures = [found.figures[i] for i in kept]
    if not found.figures:
        if unseen := next((each for each in found.problems if each.problem in HOW_TO_SHOW), None):
            raise RecipeError(f"{unseen.problem}, in row {unseen.row}, column {unseen.column}")
        why = [f"; in row {t.row}, column {t.column} {t.value!r}: {t.problem}" for t in found.problems[:1]]
        raise RecipeError(
            f"the recipe {recipe.name} finds no figure: no row {', '.join(recipe.rows)} has one{''.join(why)}"
        )
    return found


def _take_rows(rows: list[list[str]], top: int, recipe: Recipe, found: ReadSheet) -> None:
    """Take a table in which each row is a figure."""
    header = [plain(cell) for cell in rows[top]]
    meant = {*recipe.label, recipe.period, *recipe.values.values()}
    at = {name: header.index(plain(name)) for name in meant if plain(name) in header}
    if lacking := sorted(meant - set(at)):
        raise RecipeError(f"the header has no column {', '.join(lacking)}: {', '.join(rows[top])[:100]}")
    known = {plain(name) for name in (*meant, *recipe.ignored_columns)}
    for j, cell in enumerate(header):
        if cell and cell not in known:
            problem = f"the recipe {recipe.name} knows no column {rows[top][j]!r}"
            remedy = "Name it in values, label, period or ignored_columns of the recipe"
            found.problems.append(CellProblem(top + 1, letter(j), rows[top][j], problem, remedy))
    wanted = {plain(label): label for label in recipe.rows}
    for i, row in enumerate(rows[top + 1 :], start=top + 2):
        if not any(row):
            continue
        cells = row + [""] * (len(header) - len(row))
        label = plain(BETWEEN_LABELS.join(cells[at[name]] for name in recipe.label))
        if any(fnmatch.fnmatch(label, " ".join(p.casefold().split())) for p in recipe.ignored_rows):
            continue
        if len(row) > len(header) or label not in wanted:
            what = (
                "has more cells than the header"
                if len(row) > len(header)
                else f"is {label!r}, of no name in rows"
            )
            remedy = "Name it in rows or in ignored_rows of the recipe, or mend the file"
            found.problems.append(CellProblem(i, "A", label, f"the row {what} of {recipe.name}", remedy))
            continue
        _take_row(cells, i, at, wanted[label], recipe, found)


def _take_row(
    cells: list[str], i: int, at: Mapping[str, int], label: str, recipe: Recipe, found: ReadSheet
) -> None:
    found.n_cells += 1
    if any(_is_unseen(cells, i, j, found) for j in sorted(at.values())):
        return
    where = at[recipe.period]
    told = (matched(pattern, plain(cells[where])) for pattern in recipe.columns)
    period = next(
        (filled(p, t) for p, t in zip(recipe.columns.values(), told, strict=True) if t is not None), ""
    )
    said = {name: plain(cells[at[column]]) for name, column in recipe.values.items()}
    if all(cell in EMPTY for cell in said.values()):
        found.n_empty += 1
        return
    if not period:
        problem, remedy = (
            f"{cells[where]!r} is no period of columns",
            "Name its form in columns of the recipe",
        )
        found.problems.append(CellProblem(i, letter(where), cells[where], problem, remedy))
        return
    numbers, kind = {}, recipe.kind
    for name, cell in said.items():
        bare, kind = marked(cell, kind)
        if bare in EMPTY:
            continue
        try:
            numbers[name] = f"{(number_in(FOOTNOTE.sub('', bare), recipe) * recipe.factor).normalize():f}"
        except SignError as error:
            column = at[recipe.values[name]]
            found.problems.append(CellProblem(i, letter(column), cells[column], error.problem, error.remedy))
            return
    first = next(iter(recipe.values.values()))
    _add(recipe, label, period, numbers, kind, (i, letter(at[first])), found)


def _add(
    recipe: Recipe,
    label: str,
    period: str,
    numbers: Mapping[str, str],
    kind: str,
    place: tuple[int, str],
    found: ReadSheet,
) -> None:
    about = recipe.rows[label]
    figure = {
        "key": "-".join((recipe.name, slug(label), period.lower())),
        "metric": about["metric"],
        "entity": about["entity"],
        "segment": about.get("segment", ""),
        "period": period,
        **numbers,
        "unit": recipe.unit,
        "kind": kind,
    }
    found.figures.append(figure)
    found.places.append(place)


class _Column(NamedTuple):
    at: int
    period: str
    kind: str


def _columns(header: list[str], top: int, recipe: Recipe, found: ReadSheet) -> list[_Column]:
    columns = []
    ignored = [plain(name) for name in recipe.ignored_columns]
    for at, cell in enumerate(header):
        bare, kind = marked(plain(cell), recipe.kind)
        if not bare or at == 0 or bare in ignored or _is_unseen(header, top + 1, at, found):
            continue
        for pattern, period in recipe.columns.items():
            told = matched(pattern, bare)
            if told is not None:
                columns.append(_Column(at, filled(period, told), kind))
                break
        else:
            problem = f"the recipe {recipe.name} knows no column {cell!r}"
            remedy = "Name it in columns or in ignored_columns of the recipe"
            found.problems.append(CellProblem(top + 1, letter(at), cell, problem, remedy))
    return columns


def _take(
    row: list[str],
    i: int,
    label: str,
    block: str,
    columns: list[_Column],
    recipe: Recipe,
    found: ReadSheet,
) -> None:
    for column in columns:
        cell = row[column.at] if column.at < len(row) else ""
        found.n_cells += 1
        if _is_unseen(row, i, column.at, found):
            continue
        bare, kind = marked(plain(cell), column.kind)
        if bare in EMPTY:
            found.n_empty += 1
            continue
        period = column.period.replace("{year}", block)
        if recipe.blocks and not block:
            problem, remedy = "no row with a year stands above it", "Look at blocks of the recipe"
            found.problems.append(CellProblem(i, letter(column.at), cell, problem, remedy))
            continue
        try:
            value = number_in(FOOTNOTE.sub("", bare), recipe) * recipe.factor
        except SignError as error:
            found.problems.append(CellProblem(i, letter(column.at), cell, error.problem, error.remedy))
            continue
        numbers = {"value": f"{value.normalize():f}"}
        _add(recipe, label, period, numbers, kind, (i, letter(column.at)), found)
