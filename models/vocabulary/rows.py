"""Rows of a table, one by one.

A table's description says what its cells are; pandas' types would have each be anything a cell can be.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def rows_of(frame: "pd.DataFrame") -> Iterator[Any]:
    """Rows as named tuples, without the index: ``row.figure_id``."""
    return frame.itertuples(index=False)


def records(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    """Rows as dictionaries by column name."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
