"""Keeps how the served posterior predicts what was left out of it."""

from pathlib import Path

import duckdb
import pandas as pd

from warehouse.builds import KEPT_BUILDS, swap_in, table_columns
from warehouse.frames import insert
from warehouse.statements import statement


def publish_left_out(state: Path, run_id: str, rows: pd.DataFrame, keep: int = KEPT_BUILDS) -> Path:
    """Put the rows of one run in place of those kept for it before.

    Parameters
    ----------
    state : Path
        State folder.
    run_id : str
        Run whose posterior was looked at.
    rows : DataFrame
        Columns of the table ``left_out`` but ``run_id``.
    keep : int
        Builds kept.

    Returns
    -------
    Path
        The published file.
    """

    def apply(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(statement("sql/drop_left_out"), {"run_id": run_id})
        columns = table_columns(connection)["left_out"]
        insert(connection, "left_out", rows.assign(run_id=run_id), columns, columns)

    return swap_in(state, apply, keep, ("history",))
