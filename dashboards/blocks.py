"""The pieces a page is made of: sections and tables, as the template takes them."""

from collections.abc import Iterable
from typing import Any, Final

import pandas as pd


def section_block(name: str, title: str, blocks: list[dict[str, Any]], *texts: str) -> dict[str, Any]:
    """Make a section of the page.

    Parameters
    ----------
    name : str
        Anchor of the section.
    title : str
    blocks : list of dict
        From `table_block`, `dashboards.grammar` and `dashboards.drawing.figure_block`.
    *texts : str
        Paragraphs above the blocks.

    Returns
    -------
    dict
    """
    return {"id": name, "title": title, "blocks": blocks, "texts": texts}


def table_block(
    table: pd.DataFrame, numeric: Iterable[str] = (), links: tuple[str, ...] = (),
    row_css: list[str] | None = None, bad: tuple[str, str] = ("", ""), summary: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Lay out a table of text.

    Parameters
    ----------
    table : pandas.DataFrame
    numeric : iterable of str
        Columns set to the right.
    links : tuple of str
        Columns of web addresses.
    row_css : list of str, optional
        Class of each row.
    bad : (str, str)
        Column and text of cells to be marked.
    summary : str
        When given, the table is folded away behind this line.

    Returns
    -------
    dict
    """
    numeric, columns = tuple(numeric), [str(c) for c in table.columns]
    rows = []
    for position, row in enumerate(table.itertuples(index=False)):
        cells = []
        for column, value in zip(columns, row, strict=True):
            text = "" if pd.isna(value) else str(value)
            css = "num" if column in numeric else "url" if column in links else _CELL_CSS.get(column, "")
            if column == bad[0] and text == bad[1]:
                css = "bad"
            # Only web addresses become links: a `javascript:` address in a CSV stays text.
            href = text if column in links and text.startswith(("http://", "https://")) else ""
            cells.append({"text": text, "css": css, "href": href})
        rows.append({"css": row_css[position] if row_css else "", "cells": cells})
    kind = "details" if summary else "table"
    return {"kind": kind, "columns": columns, "rows": rows, "numeric": numeric, "summary": summary}


_CELL_CSS: Final = {
    "Used": "why",
    "Period": "nowrap",
    "Metric": "text",
    "Publisher": "text",
    "Published": "nowrap",
    "Figure": "nowrap",
}
