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
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from models.vocabulary.printed_numbers import read_number
from models.vocabulary.printed_text import SignError
from models.vocabulary.printed_units import read_unit
from models.vocabulary.units import VALUE_COLUMNS

type Sheet = Sequence[Sequence[Any]]
"""Cells row by row as a workbook gives them: text, numbers, dates, '' or None."""

type Unseen = Mapping[tuple[int, int], str]
"""Why cells are not seen as they stand, one of `HOW_TO_SHOW`: by row (from 1) and column (from 0)."""

NONE_UNSEEN: Unseen = MappingProxyType({})
HIDDEN_ROW, HIDDEN_COLUMN = "the row is hidden", "the column is hidden"
STRUCK: Final = "it is struck through, all or a part"
RAISED: Final = "a part of it is raised, as the mark of a footnote"
FAINT: Final = "its text, all or a part, can't be seen: it has the colour of its background, or no format"
MAYBE: Final = "a conditional format may hide it, strike it through or show another number"
HOW_TO_SHOW: Final = {
    HIDDEN_ROW: "show it if it is meant, or delete it; a filter may hide it",
    HIDDEN_COLUMN: "show it if it is meant, or delete it",
    STRUCK: "take the line away if it is meant, or empty the cell",
    RAISED: "delete the mark; remarks belong into note",
    MAYBE: "take the conditional format away if the cell is meant, or empty the cell",
    FAINT: "give it a colour and a format that are seen if it is meant, or empty the cell",
}
EMPTY: Final = ("", "-", "–", "—", "n/a", "na", "n.a.", "..", "...")
"""What stands in a cell that says nothing."""
MARKS: Final = {"e": "estimate", "f": "forecast", "p": "estimate", "r": ""}
"""Letters in brackets behind a number or a period, and the kind they make of it."""
NEEDED: Final = ("name", "files", "header", "unit", "kind", "columns", "rows", "source")
_KNOWN: Final = (
    *(*NEEDED, "sheet", "ignored_sheets", "says", "factor", "blocks", "ignored_columns", "ignored_rows"),
    *("label", "period", "values", "separator", "encoding", "decimal"),
)
BETWEEN_LABELS: Final = " / "
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PARTS: Final = {
    "{year}": r"(?P<year>(?:19|20)\d\d)",
    "{quarter}": r"(?P<quarter>[1-4])",
    "{month}": rf"(?P<month>(?:{'|'.join(_MONTHS)})[a-z]*\.?)",
}
_MARK: Final = re.compile(r"\s*\(([A-Za-z])\)\s*$")
FOOTNOTE: Final = re.compile(r"(?:\s*\[\d+\]|(?<=\D)\s*\(\d\)|[*†‡]+)$")
_RAISED: Final = re.compile(r"[¹²³⁰⁴-⁹]+$")
_POINT_GROUPS: Final = re.compile(r"[^.]*?\b\d{1,3}(\.\d{3})+(?!\d)[^.]*")
_NUMBER: Final = re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")


class RecipeError(ValueError):
    """A recipe is not usable, or a sheet is not what it describes."""


class CellProblem(NamedTuple):
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
        Pattern of the sheet's name; `ignored_sheets` names those that are left. A CSV has none.
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
    values : mapping
        Where each row is a figure and not each cell: value, low, high -> header of the column. Then `label`
        names the columns that say what a row is about (with ' / ' between them in `rows`), and `period` the
        one whose cells `columns` makes a period of.
    separator, encoding, decimal : str
        Of a CSV, where they are not a comma, UTF-8 and a point.
    """

    name: str
    files: tuple[str, ...]
    header: str
    unit: str
    kind: str
    columns: Mapping[str, str]
    rows: Mapping[str, Mapping[str, str]]
    source: Mapping[str, str]
    sheet: str = "*"
    ignored_sheets: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    factor: Decimal = Decimal(1)
    blocks: str = ""
    ignored_columns: tuple[str, ...] = ()
    ignored_rows: tuple[str, ...] = ()
    label: tuple[str, ...] = ()
    period: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    separator: str = ","
    encoding: str = "utf-8"
    decimal: str = "."

    def fits(self, file: str) -> bool:
        """Whether the recipe is meant for a file of this name."""
        return any(fnmatch.fnmatch(file.casefold(), pattern.casefold()) for pattern in self.files)


@dataclass
class ReadSheet:
    """What a sheet gives: rows of figures with where each stands, and what was put aside.

    `figures` has metric, entity, segment, period, value, unit, kind and `key`, a name that stays the same
    from month to month; `n_cells` counts the cells that the recipe takes, empty ones included. `unseen` are
    those that a person does not see as they stand.
    """

    figures: list[dict[str, str]] = field(default_factory=list)
    places: list[tuple[int, str]] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    n_cells: int = 0
    n_empty: int = 0
    unseen: Unseen = field(default_factory=dict)


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
    lists = ("files", "ignored_sheets", "says", "ignored_columns", "ignored_rows", "label")
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
    if recipe.decimal not in (".", ",") or len(recipe.separator) != 1:
        raise RecipeError("decimal is '.' or ',', separator one sign")
    if recipe.values and (set(recipe.values) - set(VALUE_COLUMNS) or not recipe.label or not recipe.period):
        raise RecipeError(
            f"values says the columns of {', '.join(VALUE_COLUMNS)}, and needs label and period"
        )
    if recipe.blocks not in {"", "year"}:
        raise RecipeError(f"blocks {recipe.blocks!r} is neither 'year' nor left out")
    return recipe


def number_in(text: str, recipe: Recipe) -> Decimal:
    """Read a cell; what it says of its unit must be what the recipe says.

    Raises
    ------
    SignError
        It is no number, or one of another unit.
    """
    if recipe.decimal == "," and "." in text and not _POINT_GROUPS.fullmatch(text):
        raise SignError(f"{text!r} has a point, and the recipe says a comma", "Mend decimal, or the cell")
    if recipe.decimal == ",":
        text = re.sub(r"[.' ](?=\d{3}(?!\d))", "", text).replace(",", ".")
    if _NUMBER.fullmatch(text):
        return Decimal(text.replace(",", ""))
    number = read_number(text)
    if number.value is None or number.doubtful:
        problem = f"{text!r} is a range or a bound" if number.value is None else f"{text!r} has one comma"
        raise SignError(problem, "Write one plain number into the cell, or leave it empty")
    if number.scale and (recipe.factor != 1 or read_unit(recipe.unit).sign):
        raise SignError(
            f"{text!r} has the scale {number.scale!r}, and the recipe a factor or a scale",
            "Leave one of them out",
        )
    if number.unit and number.unit != recipe.unit and (number.unit, recipe.unit) != ("percent", "fraction"):
        problem = f"{text!r} is in {number.unit}, the recipe says {recipe.unit}"
        raise SignError(problem, "Mend unit in the recipe, or the cell")
    return number.value / (100 if (number.unit, recipe.unit) == ("percent", "fraction") else 1)


def marked(text: str, kind: str) -> tuple[str, str]:
    """Take a letter in brackets off a text: (e) makes an estimate of it."""
    mark = _MARK.search(text)
    if mark is None or mark[1].lower() not in MARKS:
        return text, kind
    return text[: mark.start()], MARKS[mark[1].lower()] or kind


def matched(pattern: str, text: str) -> dict[str, str] | None:
    """Parts found in a header, by name; None where it is another one."""
    written = re.escape(plain(pattern))
    for part, expression in _PARTS.items():
        written = written.replace(re.escape(part), expression)
    match = re.fullmatch(written, text)
    if match is None:
        return None
    parts = match.groupdict()
    if "month" in parts:
        parts["month"] = f"{_MONTHS.index(parts['month'][:3]) + 1:02d}"
    return parts


def filled(period: str, parts: Mapping[str, str]) -> str:
    """Period with what was found in a header put in."""
    for name, found in parts.items():
        period = period.replace(f"{{{name}}}", found)
    return period


def text_of(cell: object) -> str:
    """Cell as text, full-width signs made plain."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    # Raised figures are notes; NFKC would make digits of them.
    text = _RAISED.sub("", str(cell))
    return " ".join(unicodedata.normalize("NFKC", text).split())


def plain(text: str) -> str:
    """Text as it is compared: small letters, single blanks, no mark of a footnote."""
    return FOOTNOTE.sub("", " ".join(text.split()).casefold()).strip()


def slug(text: str) -> str:
    """Label as part of the name of a figure."""
    return re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")


def letter(at: int) -> str:
    """Name of a column as a spreadsheet shows it; the first, A, is 0."""
    name = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
