"""What `hbmcast show` reads, in one go and as plain rows: to load pandas takes longer than to read them."""

from collections.abc import Callable, Sized
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from warehouse.connect import connect
from warehouse.statements import identifier, statement

Rows = list[dict[str, Any]]


class Shown(NamedTuple):
    """A run as `hbmcast show` tells it.

    Attributes
    ----------
    run : dict or None
        Row of ``runs``; None where there is no such run, or none is served yet.
    forecast, binding, diagnostics : list of dict
        Rows of the run's tables.
    scoreboard : list of dict
        As `warehouse.scores.shown_scores`.
    freshness : dict or None
        Row of the view, None without any run.
    """

    run: dict[str, Any] | None
    forecast: Rows
    binding: Rows
    diagnostics: Rows
    scoreboard: Rows
    freshness: dict[str, Any] | None


def shown(state: Path, run_id: str | None = None) -> Shown:
    """Read a run.

    Parameters
    ----------
    state : Path
        State folder.
    run_id : str, optional
        Run; without it the one served.
    """
    with connect(state) as connection:
        if run_id is None:
            chosen = _rows(connection, "sql/latest_run")
        else:
            chosen = [row for row in _rows(connection, "sql/all_runs") if row["run_id"] == run_id]
        run = chosen[0] if chosen else None
        tables = {
            name: _rows(connection, "sql/rows_of_run", {"run_id": run["run_id"]}, table=identifier(name))
            if run
            else []
            for name in ("forecast", "binding", "diagnostics")
        }
        board = own_or_committed(lambda sql: _rows(connection, sql))
        fresh = _rows(connection, "sql/freshness")
    return Shown(run, **tables, scoreboard=board, freshness=fresh[0] if fresh else None)


def own_or_committed[Board: Sized](read: Callable[[str], Board]) -> Board:
    """Read the scoreboard of the folder's own backtest; before its first the one committed with the code.

    Parameters
    ----------
    read : callable
        Runs a query of the folder `sql` by its name.
    """
    own = read("sql/scoreboard")
    return own if len(own) else read("sql/kept_scoreboard")


def _rows(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    parameters: dict[str, Any] | None = None,
    **names: str,
) -> Rows:
    try:
        cursor = connection.execute(statement(name, **names), parameters)
    except duckdb.CatalogException:
        # A file of before this table or view: the next build has it.
        return []
    columns = [column[0] for column in cursor.description or []]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
