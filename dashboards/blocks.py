"""The pieces a page is made of: sections and tables, as the template takes them."""

from collections.abc import Iterable, Sequence
from typing import Final, Literal, NotRequired, TypedDict

import pandas as pd

from dashboards.looks import ChartSpec


class ChartBlock(TypedDict):
    """A chart; ``id`` is its anchor."""

    kind: Literal["chart"]
    id: str
    spec: ChartSpec


class NothingBlock(TypedDict):
    """A sentence in place of a chart that there is nothing to show for."""

    kind: Literal["nothing"]
    title: str
    reason: str


class Cell(TypedDict):
    """A cell of a table: its text, its class, and where it leads to ('' for nowhere)."""

    text: str
    css: str
    href: str


class TableRow(TypedDict):
    """A row of a table."""

    css: str
    cells: list[Cell]


class TableBlock(TypedDict):
    """A table; ``details`` is folded away behind ``summary``."""

    kind: Literal["table", "details"]
    columns: list[str]
    rows: list[TableRow]
    numeric: tuple[str, ...]
    summary: str


class FigureBlock(TypedDict):
    """An image; ``source`` is the SVG as an address, which `dashboards.chart_cache` adds. Sizes in pixels."""

    kind: Literal["figure"]
    svg: str
    alt: str
    width: int
    height: int
    source: NotRequired[str]


class CardLine(TypedDict):
    """A line of numbers on a card, one a year."""

    name: str
    css: str
    cells: list[str]


class Card(TypedDict):
    """What the first screen says of a quantity; ``fan`` is the anchor of its large chart."""

    title: str
    unit: str
    years: list[str]
    fan: str
    chart: ChartBlock
    lines: list[CardLine]
    statements: list[str]


class CardsBlock(TypedDict):
    """The cards of the first screen, and what limits shipments in words."""

    kind: Literal["cards"]
    cards: list[Card]
    limits: list[str]


type Block = ChartBlock | NothingBlock | TableBlock | FigureBlock | CardsBlock


class Section(TypedDict):
    """A section of the page; ``id`` is its anchor, ``texts`` are paragraphs above the blocks."""

    id: str
    title: str
    blocks: list[Block]
    texts: tuple[str, ...]


def section_block(name: str, title: str, blocks: Sequence[Block], *texts: str) -> Section:
    """Make a section of the page.

    Parameters
    ----------
    name : str
        Anchor of the section.
    title : str
    blocks : sequence of Block
        From `table_block`, `dashboards.grammar` and `dashboards.drawing.figure_block`.
    *texts : str
        Paragraphs above the blocks.

    Returns
    -------
    Section
    """
    return {"id": name, "title": title, "blocks": list(blocks), "texts": texts}


def table_block(
    table: pd.DataFrame, numeric: Iterable[str] = (), links: tuple[str, ...] = (),
    row_css: list[str] | None = None, bad: tuple[str, str] = ("", ""), summary: str = "",
) -> TableBlock:  # fmt: skip
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
    TableBlock
    """
    numeric, columns = tuple(numeric), [str(c) for c in table.columns]
    rows: list[TableRow] = []
    for position, row in enumerate(table.itertuples(index=False)):
        cells: list[Cell] = []
        for column, value in zip(columns, row, strict=True):
            text = "" if pd.isna(value) else str(value)
            css = "num" if column in numeric else "url" if column in links else _CELL_CSS.get(column, "")
            if column == bad[0] and text == bad[1]:
                css = "bad"
            # Only web addresses become links: a `javascript:` address in a CSV stays text.
            href = text if column in links and text.startswith(("http://", "https://")) else ""
            cells.append({"text": text, "css": css, "href": href})
        rows.append({"css": row_css[position] if row_css else "", "cells": cells})
    kind: Literal["table", "details"] = "details" if summary else "table"
    return {"kind": kind, "columns": columns, "rows": rows, "numeric": numeric, "summary": summary}


_CELL_CSS: Final = {
    "Used": "why",
    "Period": "nowrap",
    "Metric": "text",
    "Publisher": "text",
    "Published": "nowrap",
    "Figure": "nowrap",
}
