"""Puts the rows of a run into the file: once, where an earlier run said the very same.

Most nights change nothing. The rows of such a night are those of the night before but for the name and the
as-of day of the run; `run_rows` says so, and the views put both back.
"""

from collections.abc import Mapping

import duckdb
import pandas as pd

from warehouse.frames import insert
from warehouse.statements import identifier, identifiers, literal, statement
from warehouse.tables import ARCHIVED, RESULTS, stored

# What a run shares with no other: warnings are added to it after the checks.
NEVER_SHARED = ("diagnostics",)
OF_THE_RUN = ("run_id", "as_of")


def insert_of_run(
    connection: duckdb.DuckDBPyConnection,
    run: Mapping[str, object],
    name: str,
    frame: pd.DataFrame,
    columns: list[str],
) -> None:
    """Put the rows of one table of a run in place.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Open on the file being built.
    run : mapping
        Its `run_id` and `as_of`.
    name : str
        Table of results.
    frame : DataFrame
    columns : list of str
        Columns of the table.
    """
    required = [column for column in columns if column not in RESULTS[name].optional_columns]
    insert(connection, stored(name), frame, columns, required, called=name)
    if name not in ARCHIVED:
        return
    of_run = {"table_name": name, "run_id": run["run_id"]}
    rows_of = None if name in NEVER_SHARED else _said_before(connection, name, columns, of_run)
    if rows_of is not None:
        table = identifier(stored(name))
        connection.execute(statement("sql/drop_rows_of", table=table), {"run_id": run["run_id"]})
    placed = {**of_run, "as_of": run["as_of"], "rows_of": rows_of or run["run_id"]}
    connection.execute(statement("sql/insert_run_rows"), placed)


def _said_before(
    connection: duckdb.DuckDBPyConnection, name: str, columns: list[str], of_run: Mapping[str, object]
) -> str | None:
    """Return under which run the rows stand already, where the last published run says the very same."""
    found = connection.execute(statement("sql/rows_of_last_run"), of_run).fetchone()
    if found is None:
        return None
    compared = identifiers(column for column in columns if column not in OF_THE_RUN)
    sql = statement("sql/same_rows", table=identifier(stored(name)), columns=compared)
    row = connection.execute(sql, {"run_id": of_run["run_id"], "rows_of": found[0]}).fetchone()
    return str(found[0]) if row and row[0] else None


def own_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """Note of every run in a file of before `run_rows` that its rows stand under its own name."""
    for name in ARCHIVED:
        sql = statement("sql/own_rows", table=identifier(stored(name)), name=literal(name))
        connection.execute(sql)
