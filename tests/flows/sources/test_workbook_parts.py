"""Workbooks of other writers: cells without their places, parts by other names, a sheet that is not found."""

import io
import re
import zipfile
from collections.abc import Callable

import pytest

from flows.sources.workbook_cells import as_shown

SHEET = "xl/worksheets/sheet1.xml"
VALUES = [["share", "note"], [0.55, "a"], [0.57, "b"], [0.6, "c"]]
SHOWN = ["55%", "57%", "60%"]


def workbook(change: Callable[[str, bytes], tuple[str, bytes]]) -> bytes:
    """Write shares as percent, the second row hidden, and change the file's parts."""
    import xlsxwriter

    plain = io.BytesIO()
    with xlsxwriter.Workbook(plain, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Own")
        percent = book.add_format({"num_format": "0%"})
        for i, row in enumerate(VALUES):
            for j, cell in enumerate(row):
                sheet.write(i, j, cell, percent if j == 0 else None)
        sheet.set_row(2, None, None, {"hidden": True})
    changed = io.BytesIO()
    with zipfile.ZipFile(plain) as parts, zipfile.ZipFile(changed, "w") as out:
        for name in parts.namelist():
            out.writestr(*change(name, parts.read(name)))
    return changed.getvalue()


def without_places(of_rows: bool) -> Callable[[str, bytes], tuple[str, bytes]]:
    def change(name: str, content: bytes) -> tuple[str, bytes]:
        if name == SHEET:
            content = re.sub(rb'<c r="[A-Z]+\d+"', b"<c", content)
            content = re.sub(rb'<row r="\d+"', b"<row", content) if of_rows else content
        return name, content

    return change


def renamed(old: str, new: str) -> Callable[[str, bytes], tuple[str, bytes]]:
    def change(name: str, content: bytes) -> tuple[str, bytes]:
        if name.endswith((".rels", "[Content_Types].xml")):
            content = content.replace(f"{old}.xml".encode(), f"{new}.xml".encode())
        return name.replace(f"xl/{old}.xml", f"xl/{new}.xml"), content

    return change


@pytest.mark.parametrize(
    "change",
    [
        lambda name, content: (name, content),
        without_places(of_rows=False),
        without_places(of_rows=True),
        renamed("styles", "looks"),
        renamed("styles", "Styles"),
    ],
    ids=["as written", "cells without places", "rows without numbers", "another name", "capitals"],
)
def test_formats_and_hidden_rows_are_seen_whoever_wrote_the_file(change):
    shown = as_shown(workbook(change), {"Own": VALUES})["Own"]
    assert [row[0] for row in shown.rows[1:]] == SHOWN
    assert shown.hidden_rows == {3}


def test_a_sheet_whose_looks_are_not_found_is_refused():
    with pytest.raises(ValueError, match="'Other' is shown"):
        as_shown(workbook(lambda name, content: (name, content)), {"Other": VALUES})
    assert as_shown(workbook(lambda name, content: (name, content)), {"Other": []})["Other"].rows == []
