"""Cells of a workbook as a person sees them: 35%, #REF!, €61.4bn, not 0.35, nothing and 61.4.

The reader of values (calamine) gives the number behind a cell; the format it is shown in, an error and a
formula without a result are read from the file itself, and so is what is hidden or merged.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from xml.etree import ElementTree

READ: Final = (".xlsx", ".xlsm")
"""Endings of workbooks whose formats can be seen."""
_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT: Final = re.compile(r"\{http://purl\.oclc\.org/ooxml/[^}]*\}")
_PERCENT_FORMATS: Final = {9: "0%", 10: "0.00%"}
_PLACEHOLDERS: Final = re.compile(r"[0#?][0#?.,/ ]*(?:E[+-][0#?]+)?")
_SCALED: Final = re.compile(r"[0#?.],+(?![0#?,])")
_SKIPPED: Final = re.compile(r"_.|\*.|\[(?!\$)[^\]]*\]")
_CURRENCY: Final = re.compile(r"\[\$([^\]-]*)[^\]]*\]")
_REFERENCE: Final = re.compile(r"([A-Z]+)(\d+)")


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
    """

    rows: list[list[Any]]
    is_hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    merged_rows: set[int] = field(default_factory=set)


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
            formats = _formats(packed)
            parts = {name: (path, hidden) for name, path, hidden in _parts(packed)}
            found = {}
            for name, rows in sheets.items():
                path, hidden = parts.get(name, ("", False))
                cells = SheetCells([list(row) for row in rows], hidden)
                if path:
                    _look(packed, path, formats, cells)
                found[name] = cells
            return found
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError) as error:
        raise ValueError(str(error)) from error


def _parts(packed: zipfile.ZipFile) -> Iterator[tuple[str, str, bool]]:
    links = {link.get("Id"): link.get("Target", "") for link in _tree(packed, "xl/_rels/workbook.xml.rels")}
    for sheet in _tree(packed, "xl/workbook.xml").iter(f"{_MAIN}sheet"):
        link = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
        target = links.get(link, "")
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        yield sheet.get("name", ""), path, sheet.get("state", "visible") != "visible"


def _tree(packed: zipfile.ZipFile, path: str) -> ElementTree.Element:
    root = ElementTree.fromstring(packed.read(path))
    for part in root.iter():
        part.tag = _STRICT.sub(_MAIN, part.tag)
    return root


def _formats(packed: zipfile.ZipFile) -> list[str]:
    """Give the format of each style of a cell."""
    if "xl/styles.xml" not in packed.namelist():
        return []
    root = _tree(packed, "xl/styles.xml")
    own = {int(own.get("numFmtId", 0)): own.get("formatCode", "") for own in root.iter(f"{_MAIN}numFmt")}
    styles = root.find(f"{_MAIN}cellXfs")
    numbers = [int(style.get("numFmtId", 0)) for style in (styles if styles is not None else ())]
    return [own.get(number, _PERCENT_FORMATS.get(number, "")) for number in numbers]


def _look(packed: zipfile.ZipFile, path: str, formats: list[str], cells: SheetCells) -> None:
    with packed.open(path) as part:
        for _, element in ElementTree.iterparse(part):
            tag = _STRICT.sub(_MAIN, element.tag).removeprefix(_MAIN)
            if tag == "c":
                _look_at_cell(element, formats, cells)
            elif tag == "row":
                if element.get("hidden") in ("1", "true"):
                    cells.hidden_rows.add(int(element.get("r", 0)))
                element.clear()
            elif tag == "mergeCell":
                ends = [_REFERENCE.fullmatch(end) for end in element.get("ref", "").split(":")]
                if len(ends) == 2 and ends[0] and ends[1]:
                    first = int(ends[0][2]) + (ends[0][1] == ends[1][1])
                    cells.merged_rows |= set(range(first, int(ends[1][2]) + 1))


def _look_at_cell(element: ElementTree.Element, formats: list[str], cells: SheetCells) -> None:
    place = _REFERENCE.fullmatch(element.get("r", ""))
    if place is None:
        return
    i, j = int(place[2]) - 1, _column(place[1])
    value = next((part.text or "" for part in element if part.tag.endswith("}v")), "")
    if element.get("t") == "e":
        _put(cells, i, j, value or "#VALUE!")
    elif not value and any(part.tag.endswith("}f") for part in element):
        formula = next(part.text or "" for part in element if part.tag.endswith("}f"))
        _put(cells, i, j, f"={formula or '...'}")
    elif element.get("t", "n") == "n" and value:
        style = int(element.get("s", 0))
        code = formats[style] if style < len(formats) else ""
        here = cells.rows[i][j] if i < len(cells.rows) and j < len(cells.rows[i]) else None
        if code and isinstance(here, int | float) and not isinstance(here, bool):
            _put(cells, i, j, shown(here, code))


def _put(cells: SheetCells, i: int, j: int, value: Any) -> None:
    """Put a value into a sheet, which may not reach so far where nothing had a value."""
    while len(cells.rows) <= i:
        cells.rows.append([])
    row = cells.rows[i]
    row += [""] * (j + 1 - len(row))
    row[j] = value


def shown(value: float, code: str) -> float | str:
    """Give a number with what its format says beside it: 35% for 0.35, 61.4bn where the format adds bn.

    Parameters
    ----------
    value : float
    code : str
        Format of the cell.

    Returns
    -------
    float or str
        The number itself where the format only places its digits.
    """
    section = code.split(";")[1 if value < 0 and code.count(";") else 0]
    plain = _SKIPPED.sub("", re.sub(r'"[^"]*"|\\.', "", section))
    if ";" in code and not section:
        return f"{_digits(Decimal(repr(value)))} shown as nothing"
    if _SCALED.search(plain):
        return f"{_digits(Decimal(repr(value)))} shown divided by thousands"
    section = _CURRENCY.sub(lambda found: f'"{found[1]}"', section)
    number = Decimal(repr(value)) * (100 if "%" in plain else 1)
    text = ""
    for quoted, rest in re.findall(r'"([^"]*)"|([^"]+)', section):
        text += quoted or re.sub(r"\\(.)", r"\1", _SKIPPED.sub("", rest))
    before, after = _around(text)
    if value < 0 and code.count(";"):
        before, after = before.replace("(", "").replace("-", ""), after.replace(")", "")
    words = f"{before}{_digits(abs(number))}{after}".strip()
    is_decorated = any(sign.isalnum() or sign in "%$€£¥₩‰" for sign in before + after)
    return f"{'-' * (value < 0)}{words}" if is_decorated and "General" not in section else value


def _around(text: str) -> tuple[str, str]:
    place = _PLACEHOLDERS.search(text)
    return (text[: place.start()], text[place.end() :]) if place else ("", "")


def _digits(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _column(letters: str) -> int:
    at = 0
    for letter in letters:
        at = at * 26 + ord(letter) - ord("A") + 1
    return at - 1
