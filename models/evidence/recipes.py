"""Recipes: how figures stand in a known layout of a sheet, and the reading of a sheet by one.

A recipe names every column and row, those that are taken and those that are not: what it does not name is
told, so that a layout that changed is seen and not misread.
"""

import fnmatch
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

type Sheet = Sequence[Sequence[Any]]
"""Cells row by row as a workbook gives them: text, numbers, dates, '' or None."""

EMPTY: Final = ("", "-", "–", "—", "n/a", "na", "n.a.", "..", "...")
"""What stands in a cell that says nothing."""
MARKS: Final = {"e": "estimate", "f": "forecast", "p": "estimate", "r": ""}
"""Letters in brackets behind a number or a period, and the kind they make of it."""
NEEDED: Final = ("name", "files", "sheet", "header", "unit", "kind", "columns", "rows", "source")
_KNOWN: Final = (*NEEDED, "ignored_sheets", "says", "factor", "blocks", "ignored_columns", "ignored_rows")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PARTS: Final = {
    "{year}": r"(?P<year>(?:19|20)\d\d)",
    "{quarter}": r"(?P<quarter>[1-4])",
    "{month}": rf"(?P<month>(?:{'|'.join(_MONTHS)})[a-z]*\.?)",
}
_MARK: Final = re.compile(r"\s*\(([A-Za-z])\)\s*$")
_FOOTNOTE: Final = re.compile(r"(?:\s*\[\d+\]|(?<=\D)\s*\(\d\)|[*†‡]+)$")
_RAISED: Final = re.compile(r"[¹²³⁰⁴-⁹]+$")
_NUMBER: Final = re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")


class RecipeError(ValueError):
    """A recipe is not usable, or a sheet is not what it describes."""


class Told(NamedTuple):
    """Something in a sheet that is put aside: where, what stands there, what is wrong, how to mend it."""

    row: int
    column: str
    value: str
    problem: str
    remedy: str


@dataclass(frozen=True)
class Recipe:
    """How figures stand in a known layout; the fields are those of its file.

    Attributes
    ----------
    name : str
        Begins the names of the figures.
    files : tuple of str
        Patterns of file names.
    sheet : str
        Pattern of the sheet's name; `ignored_sheets` names those that are left.
    header : str
        Text of one cell of the header row.
    says : tuple of str
        Texts that must stand above the header: what the unit rests on.
    unit, kind : str
        Of the figures; `factor` of a cell gives one unit.
    blocks : str
        'year' where a row with a year alone begins the rows of that year.
    columns : mapping
        Header -> period; ``{year}``, ``{quarter}`` and ``{month}`` stand for what is found there.
    rows : mapping
        Label of a row -> metric, entity, segment.
    source : mapping
        publisher, title, url, licence_note of the publication.
    """

    name: str
    files: tuple[str, ...]
    sheet: str
    header: str
    unit: str
    kind: str
    columns: Mapping[str, str]
    rows: Mapping[str, Mapping[str, str]]
    source: Mapping[str, str]
    ignored_sheets: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    factor: Decimal = Decimal(1)
    blocks: str = ""
    ignored_columns: tuple[str, ...] = ()
    ignored_rows: tuple[str, ...] = ()

    def fits(self, file: str) -> bool:
        """Whether the recipe is meant for a file of this name."""
        return any(fnmatch.fnmatch(file.casefold(), pattern.casefold()) for pattern in self.files)


@dataclass
class ReadSheet:
    """What a sheet gives: rows of figures with where each stands, and what was put aside.

    `figures` has metric, entity, segment, period, value, unit, kind and `key`, a name that stays the same
    from month to month; `n_cells` counts the cells that the recipe takes, empty ones included.
    """

    figures: list[dict[str, str]] = field(default_factory=list)
    places: list[tuple[int, str]] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    n_cells: int = 0
    n_empty: int = 0


def recipe_from(read: Mapping[str, Any]) -> Recipe:
    """Make a recipe of what its file says.

    Raises
    ------
    RecipeError
        A field is missing, unknown or of the wrong form.
    """
    if missing := [name for name in NEEDED if name not in read]:
        raise RecipeError(f"the recipe lacks {', '.join(missing)}")
    if unknown := sorted(set(read) - set(_KNOWN)):
        raise RecipeError(f"the recipe has {', '.join(unknown)}, which no recipe has: {', '.join(_KNOWN)}")
    lists = ("files", "ignored_sheets", "says", "ignored_columns", "ignored_rows")
    try:
        given = {**read, **{name: tuple(map(str, read[name])) for name in lists if name in read}}
        recipe = Recipe(**{**given, "factor": Decimal(str(read.get("factor", 1)))})
        for label, about in recipe.rows.items():
            if lacking := {"metric", "entity"} - set(about):
                raise RecipeError(f"rows.{label} lacks {', '.join(sorted(lacking))}")
        if lacking := {"publisher", "title"} - set(recipe.source):
            raise RecipeError(f"source lacks {', '.join(sorted(lacking))}")
    except (TypeError, AttributeError, InvalidOperation) as error:
        raise RecipeError(f"the recipe can't be used: {error}") from error
    if recipe.blocks not in {"", "year"}:
        raise RecipeError(f"blocks {recipe.blocks!r} is neither 'year' nor left out")
    return recipe


def read_sheet(sheet: Sheet, recipe: Recipe) -> ReadSheet:
    """Read the figures of a sheet.

    Parameters
    ----------
    sheet : sequence of rows
        From the first row of the sheet on.
    recipe : Recipe

    Returns
    -------
    ReadSheet

    Raises
    ------
    RecipeError
        The sheet is not what the recipe describes.
    """
    rows = [[_text(cell) for cell in row] for row in sheet]
    top = next((i for i, row in enumerate(rows) if _plain(recipe.header) in map(_plain, row)), None)
    if top is None:
        raise RecipeError(f"no row holds a cell {recipe.header!r}, which is to be the header")
    above = " ".join(_plain(cell) for row in rows[:top] for cell in row)
    if lacking := [text for text in recipe.says if _plain(text) not in above]:
        raise RecipeError(
            f"{lacking[0]!r}, on which the unit rests, does not stand above the header: {above[:100]!r}"
        )
    found = ReadSheet()
    columns = _columns(rows[top], top, recipe, found)
    wanted = {_plain(label): label for label in recipe.rows}
    ignored = [" ".join(pattern.casefold().split()) for pattern in recipe.ignored_rows]
    block = ""
    for i, row in enumerate(rows[top + 1 :], start=top + 2):
        label, cells = _plain(row[0]) if row else "", [c for c in row[1:] if c]
        year = label.removesuffix(".0")
        if recipe.blocks and not cells and re.fullmatch(r"(19|20)\d\d", year):
            block = year
        elif label in wanted:
            _take(row, i, wanted[label], block, columns, recipe, found)
        elif cells and not any(fnmatch.fnmatch(label, pattern) for pattern in ignored):
            problem = f"the recipe {recipe.name} knows no row {row[0]!r}"
            remedy = "Name it in rows or in ignored_rows of the recipe"
            found.told.append(Told(i, "A", row[0], problem, remedy))
    if not found.figures:
        raise RecipeError(
            f"the recipe {recipe.name} finds no figure: no row {', '.join(recipe.rows)} has one"
        )
    return found


class _Column(NamedTuple):
    at: int
    period: str
    kind: str


def _columns(header: list[str], top: int, recipe: Recipe, found: ReadSheet) -> list[_Column]:
    columns = []
    ignored = [_plain(name) for name in recipe.ignored_columns]
    for at, cell in enumerate(header):
        plain, kind = _marked(_plain(cell), recipe.kind)
        if not plain or at == 0 or plain in ignored:
            continue
        for pattern, period in recipe.columns.items():
            told = _matched(pattern, plain)
            if told is not None:
                columns.append(_Column(at, _filled(period, told), kind))
                break
        else:
            problem = f"the recipe {recipe.name} knows no column {cell!r}"
            remedy = "Name it in columns or in ignored_columns of the recipe"
            found.told.append(Told(top + 1, letter(at), cell, problem, remedy))
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
    about = recipe.rows[label]
    for column in columns:
        cell = row[column.at] if column.at < len(row) else ""
        found.n_cells += 1
        plain, kind = _marked(_plain(cell), column.kind)
        if plain in EMPTY:
            found.n_empty += 1
            continue
        period = column.period.replace("{year}", block)
        if recipe.blocks and not block:
            problem, remedy = "no row with a year stands above it", "Look at blocks of the recipe"
            found.told.append(Told(i, letter(column.at), cell, problem, remedy))
            continue
        number = _FOOTNOTE.sub("", plain)
        if not _NUMBER.fullmatch(number):
            problem = f"{cell!r} is no number"
            remedy = "Write a plain number into the cell, or leave it empty"
            found.told.append(Told(i, letter(column.at), cell, problem, remedy))
            continue
        value = Decimal(number.replace(",", "")) * recipe.factor
        key = "-".join((recipe.name, _slug(label), period.lower()))
        figure = {
            "key": key,
            "metric": about["metric"],
            "entity": about["entity"],
            "segment": about.get("segment", ""),
            "period": period,
            "value": f"{value.normalize():f}",
            "unit": recipe.unit,
            "kind": kind,
        }
        found.figures.append(figure)
        found.places.append((i, letter(column.at)))


def _marked(text: str, kind: str) -> tuple[str, str]:
    """Take a letter in brackets off a text: (e) makes an estimate of it."""
    mark = _MARK.search(text)
    if mark is None or mark[1].lower() not in MARKS:
        return text, kind
    return text[: mark.start()], MARKS[mark[1].lower()] or kind


def _matched(pattern: str, text: str) -> dict[str, str] | None:
    """Parts found in a header, by name; None where it is another one."""
    written = re.escape(_plain(pattern))
    for part, expression in _PARTS.items():
        written = written.replace(re.escape(part), expression)
    match = re.fullmatch(written, text)
    if match is None:
        return None
    parts = match.groupdict()
    if "month" in parts:
        parts["month"] = f"{_MONTHS.index(parts['month'][:3]) + 1:02d}"
    return parts


def _filled(period: str, parts: Mapping[str, str]) -> str:
    for name, found in parts.items():
        period = period.replace(f"{{{name}}}", found)
    return period


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    # Raised figures are notes; NFKC would make digits of them.
    text = _RAISED.sub("", str(cell))
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _plain(text: str) -> str:
    return _FOOTNOTE.sub("", " ".join(text.split()).casefold()).strip()


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")


def letter(at: int) -> str:
    """Name of a column as a spreadsheet shows it; the first, A, is 0."""
    name = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
