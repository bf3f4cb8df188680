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
    names = [str(name) for name in frame.columns]
    if not names:
        return [{} for _ in range(len(frame))]
    columns = (_cells(frame.iloc[:, at]) for at in range(len(names)))
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _cells(column: "pd.Series") -> list[Any]:
    """Cells as Python has them. Texts come out as they are kept, ten times as fast as by `to_dict`."""
    import pandas as pd

    if isinstance(column.dtype, pd.StringDtype) and column.dtype.storage == "python":
        return column.tolist()
    if isinstance(column.dtype, pd.StringDtype) and not column.hasnans:
        import pyarrow as pa

        return pa.array(column).to_pylist()
    return column.to_frame(name=0).to_dict("list")[0]
