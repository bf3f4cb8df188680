"""Conditional formats of a sheet: which cells they hide, strike through or show as another number.

A rule that asks for a number or a text is asked here too; what a formula asks, nobody can say without
working it out, so a cell that it may hide is put aside. Rules that look at another sheet, and bars and icons
of newer spreadsheets, stand at the end of a sheet (x14), in words of their own, and are read alike.
"""

import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from xml.etree import ElementTree

from flows.sources.number_formats import shown
from flows.sources.workbook_colours import are_alike
from flows.sources.workbook_parts import MAIN, STRICT, column_at, placed_cells
from flows.sources.workbook_styles import Look, RuleStyle, Styles, rule_style
from models.evidence.recipes import FAINT, MAYBE, STRUCK

X14: Final = "{http://schemas.microsoft.com/office/spreadsheetml/2009/9/main}"
_FORMULA: Final = "{http://schemas.microsoft.com/office/excel/2006/main}"
_LAST_ROW: Final = 1_048_576
_LAST_COLUMN: Final = 16_383
_NUMBER: Final = re.compile(r"[-+]?\d+(?:\.\d+)?(?:E[-+]?\d+)?", re.I)
_OPERATORS: Final[dict[str, Callable[..., bool]]] = {
    "equal": lambda x, y: x == y,
    "notEqual": lambda x, y: x != y,
    "lessThan": lambda x, y: x < y,
    "lessThanOrEqual": lambda x, y: x <= y,
    "greaterThan": lambda x, y: x > y,
    "greaterThanOrEqual": lambda x, y: x >= y,
    "between": lambda x, y, z: min(y, z) <= x <= max(y, z),
    "notBetween": lambda x, y, z: not min(y, z) <= x <= max(y, z),
}
_OF_TEXT: Final[dict[str, Callable[[str, str], bool]]] = {
    "containsText": lambda text, asked: asked in text,
    "notContainsText": lambda text, asked: asked not in text,
    "beginsWith": lambda text, asked: text.startswith(asked),
    "endsWith": lambda text, asked: text.endswith(asked),
}
_END: Final = re.compile(r"\$?([A-Z]{0,3})\$?(\d*)")


@dataclass(frozen=True)
class _Rule:
    """A rule: what it asks, and how a cell looks that it holds for.

    Attributes
    ----------
    kind, operator : str
    asks : tuple of str
        Its formulas, or the text that it looks for.
    style : RuleStyle or None
        What it changes.
    priority : int
        The least is asked first, wherever in the sheet it stands.
    stops : bool
        Whether those behind it are not asked where it holds.
    hides : bool
        Whether a bar or an icon stands for the number.
    """

    kind: str
    operator: str
    asks: tuple[str, ...]
    style: RuleStyle | None
    priority: int
    stops: bool
    hides: bool


@dataclass(frozen=True)
class Conditions:
    """Rules, and the places (rows from 1, columns from 0) they are for."""

    places: tuple[tuple[range, range], ...]
    rules: tuple[_Rule, ...]

    def holds_for(self, row: int, column: int) -> bool:
        """Whether a cell is among their places."""
        return any(row in rows and column in columns for rows, columns in self.places)


def conditions_of(element: ElementTree.Element, styles: Styles) -> Conditions | None:
    """Read a `conditionalFormatting` of a sheet; None where it says nothing of a cell's look."""
    for part in element.iter():
        part.tag = STRICT.sub(MAIN, part.tag).replace(X14, MAIN)
        part.tag = part.tag.replace(f"{_FORMULA}f", f"{MAIN}formula").replace(_FORMULA, MAIN)
    where = element.get("sqref") or element.findtext(f"{MAIN}sqref") or ""
    places = tuple(found for ref in where.split() if (found := _place(ref)))
    read = tuple(_rule(rule, styles) for rule in element.findall(f"{MAIN}cfRule"))
    read = tuple(rule for rule in read if rule.style is not None or rule.hides)
    return Conditions(places, read) if places and read else None


def _rule(rule: ElementTree.Element, styles: Styles) -> _Rule:
    kind, asked = rule.get("type", ""), rule.get("text")
    asks = tuple((part.text or "").strip() for part in rule.findall(f"{MAIN}formula"))
    if kind in _OF_TEXT:
        if asked is None and asks:
            # What is looked for may be a cell, of another sheet even.
            last = _constant(asks[-1])
            asked = last if isinstance(last, str) else None
        asks = () if asked is None else (asked,)
    inside = [part for name in ("dataBar", "iconSet") for part in rule.findall(f"{MAIN}{name}")]
    own = rule.find(f"{MAIN}dxf")
    at = int(rule.get("dxfId", -1))
    shared = styles.of_rules[at] if 0 <= at < len(styles.of_rules) else None
    return _Rule(
        kind,
        rule.get("operator", ""),
        asks,
        shared if own is None else rule_style(own, styles.palette),
        int(rule.get("priority", 0)),
        rule.get("stopIfTrue") in ("1", "true"),
        any(part.get("showValue") in ("0", "false") for part in inside),
    )


def _place(ref: str) -> tuple[range, range] | None:
    ends = [_END.fullmatch(end) for end in ref.split(":")]
    if not ends or ends[0] is None or ends[-1] is None:
        return None
    first, last = ends[0], ends[-1]
    rows = range(int(first[2] or 1), int(last[2] or _LAST_ROW) + 1)
    columns = range(
        column_at(first[1]) if first[1] else 0, (column_at(last[1]) if last[1] else _LAST_COLUMN) + 1
    )
    return rows, columns


def conditional_marks(
    packed: zipfile.ZipFile,
    path: str,
    styles: Styles,
    conditions: Sequence[Conditions],
    values: Sequence[Sequence[Any]],
) -> Iterator[tuple[int, int, str, str]]:
    """Look at the cells that rules are for.

    Parameters
    ----------
    packed : ZipFile
    path : str
        Of the sheet's part.
    styles : Styles
    conditions : sequence of Conditions
    values : sequence of sequence
        What stands in the cells.

    Yields
    ------
    (int, int, str, str)
        Row (from 1), column (from 0), why the cell is not seen as it stands or '', and as what its number is
        shown, '' for itself.
    """
    row = 0
    with packed.open(path) as part:
        for _, element in ElementTree.iterparse(part):
            if STRICT.sub(MAIN, element.tag) != f"{MAIN}row":
                continue
            row = int(element.get("r", row + 1))
            for cell, column in placed_cells(element):
                here = values[row - 1] if row <= len(values) else ()
                value = here[column] if column < len(here) else ""
                here_asked = (r for c in conditions if c.holds_for(row, column) for r in c.rules)
                rules = sorted(here_asked, key=lambda rule: rule.priority)
                if rules and value not in ("", None):
                    mark, as_shown = _looked_at(value, styles.look_of(int(cell.get("s", 0))), styles, rules)
                    if mark or as_shown:
                        yield row, column, mark, as_shown
            element.clear()


def _looked_at(value: Any, plain: Look, styles: Styles, rules: Sequence[_Rule]) -> tuple[str, str]:
    """Say why a cell is not seen as it stands, and as what its number is shown."""
    look, doubts = plain, False
    for rule in rules:
        holds = _holds(rule, value)
        if holds is False:
            continue
        after = look.under(rule.style)
        if holds is None:
            doubts = doubts or rule.hides or _seen(after, value) != _seen(plain, value)
            continue
        if rule.hides:
            return FAINT, ""
        look = after
        if rule.stops:
            break
    mark, as_shown = _seen(look, value)
    if mark or not doubts:
        return mark if look != plain else "", as_shown
    return MAYBE, ""


def _seen(look: Look, value: Any) -> tuple[str, str]:
    if look.is_struck:
        return STRUCK, ""
    if are_alike(look.colour, look.fill):
        return FAINT, ""
    if not look.code or isinstance(value, bool) or not isinstance(value, int | float):
        return "", ""
    as_shown = shown(value, look.code)
    return "", as_shown if isinstance(as_shown, str) else ""


def _holds(rule: _Rule, value: Any) -> bool | None:
    """Whether a rule holds for a value; None where nobody can say without working out its formula."""
    text = str(value).casefold()
    asks = [_constant(formula) for formula in rule.asks]
    if rule.kind in _OF_TEXT:
        return _OF_TEXT[rule.kind](text, str(rule.asks[0]).casefold()) if rule.asks else None
    if rule.kind in ("dataBar", "iconSet"):
        return True
    if rule.kind in ("containsBlanks", "containsErrors"):
        return False
    if rule.kind in ("notContainsBlanks", "notContainsErrors"):
        return True
    if rule.kind != "cellIs" or not asks or None in asks or rule.operator not in _OPERATORS:
        return None
    if not isinstance(value, bool | int | float | str):
        return None  # a date
    return _OPERATORS[rule.operator](*map(_ranked, [value, *asks]))


def _ranked(value: Any) -> tuple[int, Any]:
    """Value with its rank: in a spreadsheet every text is more than any number."""
    if isinstance(value, str):
        return 1, value.casefold()
    return (2, value) if isinstance(value, bool) else (0, value)


def _constant(formula: str) -> float | str | None:
    if _NUMBER.fullmatch(formula):
        return float(formula)
    quoted = re.fullmatch(r'"([^"]*)"', formula)
    return quoted[1].casefold() if quoted else None
