"""Parts of a workbook's file: where a cell stands, where a link leads, where its tables have headers."""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree

MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
REFERENCE: Final = re.compile(r"([A-Z]{1,3})(\d+)")
STRICT: Final = re.compile(r"\{http://purl\.oclc\.org/ooxml/[^}]*\}")


def placed_cells(row: ElementTree.Element) -> Iterator[tuple[ElementTree.Element, int]]:
    """Cells of a row and their columns, from 0; one that does not say its place stands behind the last."""
    column = -1
    for cell in row:
        if cell.tag.endswith("}c"):
            place = REFERENCE.fullmatch(cell.get("r", ""))
            column = column_at(place[1]) if place else column + 1
            yield cell, column


def tree(packed: zipfile.ZipFile, path: str) -> ElementTree.Element:
    """Read a part of a workbook, with the names of the usual form where it has those of the strict one."""
    root = ElementTree.fromstring(packed.read(path))
    for part in root.iter():
        part.tag = STRICT.sub(MAIN, part.tag)
    return root


def linked_from(folder: str, target: str) -> str:
    """Name of the part to which a link from a folder of the file leads."""
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def linked_parts(packed: zipfile.ZipFile) -> dict[str, str]:
    """Parts that the workbook names, by what each is: styles, theme, sharedStrings.

    A writer may call them as it likes, and their names are alike in small letters and capitals.
    """
    by_name = {name.casefold(): name for name in packed.namelist()}
    found = {}
    for link in ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels")):
        place = linked_from("xl", link.get("Target", ""))
        if (name := by_name.get(place.casefold())) is not None:
            found[link.get("Type", "").rpartition("/")[2]] = name
    return found


def headers_in_style(packed: zipfile.ZipFile, path: str) -> set[tuple[int, int]]:
    """Cells (row from 1, column from 0) of a sheet that a table's own style may fill: its headers.

    Parameters
    ----------
    packed : ZipFile
    path : str
        Of the sheet's part.
    """
    folder, _, name = path.rpartition("/")
    links = f"{folder}/_rels/{name}.rels"
    if links not in packed.namelist():
        return set()
    found: set[tuple[int, int]] = set()
    for link in ElementTree.fromstring(packed.read(links)):
        target = linked_from(folder, link.get("Target", ""))
        if not link.get("Type", "").endswith("/table") or target not in packed.namelist():
            continue
        table = tree(packed, target)
        style = table.find(f"{MAIN}tableStyleInfo")
        ends = [REFERENCE.fullmatch(end) for end in table.get("ref", "").split(":")]
        if style is None or not style.get("name") or len(ends) != 2 or not (ends[0] and ends[1]):
            continue
        found |= {(int(ends[0][2]), j) for j in range(column_at(ends[0][1]), column_at(ends[1][1]) + 1)}
    return found


def column_at(letters: str) -> int:
    """Place of a column, from 0, by its letters."""
    at = 0
    for letter in letters:
        at = at * 26 + ord(letter) - ord("A") + 1
    return at - 1
