"""Puts pandas frames into tables: by name, nothing dropped silently, through Arrow."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.errors import IngestError, first_line
from warehouse.statements import identifier, identifiers, statement

# Short names that frames may use for a column.
ALIASES = {
    "figure_fit": {"p50": "predicted_p50", "p95": "predicted_p95"},
    "rejected_figures": {"row": "row_number", "problem": "reason", "raw": "content"},
}


def insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    frame: pd.DataFrame,
    columns: list[str],
    required: list[str],
    called: str = "",
) -> None:
    """Append a frame to a table.

    Parameters
    ----------
    connection : DuckDBPyConnection
    table : str
        Table to append to.
    frame : DataFrame
        Its columns are matched by name; empty text becomes NULL.
    columns : list of str
        Columns the table has.
    required : list of str
        Columns the frame must have; other columns of the table that it lacks become NULL.
    called : str
        What errors call the table; by its name otherwise.

    Raises
    ------
    IngestError
        When a required column is missing, the frame has a column the table does not know, or a value does not
        fit the type of its column.
    """
    called = called or table
    ready = matched(called, frame, columns, required)
    if not len(ready):
        return
    connection.register("incoming", to_arrow(ready))
    try:
        names = identifiers(list(ready.columns))
        connection.execute(statement("sql/insert_incoming", table=identifier(table), columns=names))
    except (
        duckdb.ConversionException,
        duckdb.ConstraintException,
        duckdb.BinderException,
        duckdb.InvalidInputException,
    ) as error:
        raise IngestError(
            f"table {called}: {first_line(error)}; mend the value or the code that made it"
        ) from error
    connection.unregister("incoming")


def matched(table: str, frame: pd.DataFrame, columns: list[str], required: Sequence[str]) -> pd.DataFrame:
    """Rename aliases and hold the columns of a frame against those of its table.

    Parameters
    ----------
    table : str
        Gives the aliases (`ALIASES`), and is named by errors.
    frame : DataFrame
    columns, required
        As for `insert`.

    Returns
    -------
    DataFrame
        The frame under the table's names, in its own order; columns that it lacks are not added.

    Raises
    ------
    IngestError
        A column that is needed is missing, or one is not the table's.
    """
    ready = frame.rename(
        columns={k: v for k, v in ALIASES.get(table, {}).items() if k in frame and v not in frame}
    )
    if missing := [name for name in required if name not in ready]:
        raise IngestError(f"table {table}: column(s) missing: {', '.join(missing)}")
    if unknown := [str(name) for name in ready if name not in columns]:
        raise IngestError(
            f"table {table}: column(s) not known: {', '.join(unknown)}; add them to the schema or drop them"
        )
    return ready


def to_arrow(frame: pd.DataFrame) -> pa.Table:
    """Turn a frame into an Arrow table in which empty text and every kind of missing value are null."""
    arrays = {}
    for name in frame.columns:
        column = frame[name]
        if column.dtype == object or isinstance(column.dtype, pd.StringDtype):
            if (texts := _texts(column)) is not None:
                arrays[name] = texts
                continue
            values = [None if _is_missing(v) else v for v in column]
            try:
                arrays[name] = pa.array(values)
            except (pa.ArrowInvalid, pa.ArrowTypeError):
                # Mixed kinds (a number among texts): DuckDB casts the text to the type of the column.
                arrays[name] = pa.array([None if v is None else str(v) for v in values])
        else:
            arrays[name] = pa.array(column, from_pandas=True)
    return pa.table(arrays)


def _texts(column: pd.Series) -> pa.Array | None:
    """Turn a column of nothing but text into an array, empty text as null; None where it holds more."""
    try:
        array = pa.array(column, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None
    if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        return None
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(array), ""), None, array)


def insert_row(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    row: Mapping[str, object],
    columns: list[str],
    required: list[str],
) -> None:
    """Append one row.

    Parameters
    ----------
    connection, table, columns, required
        As for `insert`.
    row : mapping of str to object
        Values by column.

    Raises
    ------
    IngestError
        As from `insert`.
    """
    insert(
        connection,
        table,
        pd.DataFrame({k: pd.Series([v], dtype=object) for k, v in row.items()}),
        columns,
        required,
    )


def _is_missing(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip() == ""
    return value is None or bool(pd.isna(value))
