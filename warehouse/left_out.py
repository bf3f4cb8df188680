"""Keeps how the served posterior predicts what was left out of it."""

from pathlib import Path

import duckdb
import pandas as pd

from warehouse.builds import swap_in
from warehouse.carry_over import columns_of_new
from warehouse.frames import insert
from warehouse.statements import statement


def publish_left_out(state: Path, run_id: str, rows: pd.DataFrame) -> Path:
    """Put the rows of one run in place of those kept for it before.

    Parameters
    ----------
    state : Path
        State folder.
    run_id : str
        Run whose posterior was looked at.
    rows : DataFrame
        Columns of the table ``left_out`` but ``run_id``.

    Returns
    -------
    Path
        The published file.
    """

    def apply(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(statement("sql/drop_left_out"), {"run_id": run_id})
        columns = columns_of_new(connection)["left_out"]
        insert(connection, "left_out", rows.assign(run_id=run_id), columns, columns)

    return swap_in(state, apply, scopes=("history",))
