"""Reads the published warehouse: evidence for a run, forecasts, tables of a run."""

from collections.abc import Collection
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from warehouse import layout
from warehouse.connect import connect, read_frame
from warehouse.errors import WarehouseError
from warehouse.statements import identifier, identifiers, statement
from warehouse.tables import EVIDENCE, REJECTED, RESULTS

if TYPE_CHECKING:
    import pandas as pd

MARKET = ("product_classes", "hbm_generations")
_EARLIER = "earlier"
FOREVER = datetime(9999, 1, 1)
"""A moment before which everything was taken in."""
OF_A_RUN = tuple(name for name, table in RESULTS.items() if table.of_a_run)


def evidence(
    state: Path, as_of: date, taken_in_by: datetime | None = None, private: bool = True
) -> "dict[str, pd.DataFrame]":
    """Read what was known on a day, in the latest version of each row.

    Parameters
    ----------
    state : Path
        State folder.
    as_of : date
        Figures and sources published, products announced and assumptions known by then; a date known only to
        the month counts from the month's end, one known only to the year from 31 December. Metrics,
        corrections, exchange rates and some catalogues of the systems carry no date and come whole.
    taken_in_by : datetime, optional
        Moment (UTC) before which a version was taken in; versions of later count as if they had never come.
        That is what a run finished then had read.
    private : bool
        Whether figures that may not leave are among them.

    Returns
    -------
    dict of str to DataFrame
        The tables of `warehouse.tables.EVIDENCE` that a model reads, by the names of their CSVs, with their
        columns, sorted by key.
        ``figures`` also has the columns of its source, and ``effective_published_on``. Missing text is '', a
        missing number NaN.
    """
    beside = private and layout.private_file(state).exists()
    copied = taken_in_by is not None or beside
    with connect(state, alone=copied) as connection:
        if copied:
            _only_taken_in_by(connection, taken_in_by or FOREVER, state if beside else None)
        known = {}
        for table, described in EVIDENCE.items():
            if table == REJECTED or described.shown_only:
                continue
            if not described.viewed:
                sql = statement(f"sql/evidence_{table}")
                known[described.name] = read_frame(
                    connection, sql, {"as_of": as_of} if "$as_of" in sql else None
                )
                continue
            # A warehouse of before this table: the next ingestion makes it.
            with suppress(duckdb.CatalogException):
                known[described.name] = _rows_in_force(connection, table, as_of)
        return known


def _only_taken_in_by(
    connection: duckdb.DuckDBPyConnection, moment: datetime, private_of: Path | None
) -> None:
    """Let a connection read tables of evidence as they were at a moment, from a copy in memory."""
    connection.execute(statement("sql/attach_memory", catalog=_EARLIER))
    connection.execute(statement("sql/use", catalog=_EARLIER))
    for table in EVIDENCE:
        # A warehouse of before this table.
        with suppress(duckdb.CatalogException):
            connection.execute(statement("sql/taken_in_by", table=identifier(table)), {"moment": moment})
    if private_of is not None:
        from warehouse.private import join_private

        join_private(connection, private_of, moment)
    connection.execute(statement("sql/latest_run_of_published"))
    connection.execute(statement("views_evidence"))
    connection.execute(statement("generated/evidence_views"))


def market_tables(state: Path) -> "dict[str, pd.DataFrame]":
    """Read product classes and HBM generations, which carry no date: ``product_classes, hbm_generations``."""
    with connect(state) as connection, suppress(duckdb.CatalogException):
        return {name: _rows_in_force(connection, name, date.max) for name in MARKET}
    return {}


def _rows_in_force(connection: duckdb.DuckDBPyConnection, table: str, as_of: date) -> "pd.DataFrame":
    names = {"view": identifier(f"{table}_current"), "keys": identifiers(EVIDENCE[table].keys)}
    return read_frame(connection, statement("sql/evidence_catalogue", **names), {"as_of": as_of})


def quantities(state: Path) -> "pd.DataFrame":
    """Read the published quantities, one row each."""
    with connect(state) as connection:
        return read_frame(connection, statement("sql/all_quantities"), None)


def latest_run(state: Path) -> dict[str, object] | None:
    """Row of ``runs`` of the run served (latest ``as_of``, then published last); None when none is."""
    return _one(state, "sql/latest_run")


def figures_of_systems(state: Path) -> list[str] | None:
    """Figures that the systems of the run served rest on; None before a first night."""
    # A file of before the view that this reads counts as none.
    with suppress(WarehouseError, duckdb.CatalogException), connect(state) as connection:
        return [str(name) for (name,) in connection.execute(statement("sql/figures_of_systems")).fetchall()]
    return None


def published_rows(state: Path) -> "pd.DataFrame":
    """Rows of ``runs`` of what was published, the latest as-of day first, the one published last before."""
    with connect(state) as connection:
        return read_frame(connection, statement("sql/runs_published"), None)


def freshness(state: Path) -> dict[str, object] | None:
    """Say which run is served, how the last attempt ended, and whether the forecast is ``stale``.

    None without any run, and of a file of before the view.
    """
    with suppress(duckdb.CatalogException):
        return _one(state, "sql/freshness")
    return None


def evidence_age(state: Path) -> list[dict[str, Any]]:
    """Rows of the view `evidence_age`, the oldest first: ``topic, days, is_old``."""
    # A file of before the view has none.
    with suppress(duckdb.CatalogException):
        return _rows(state, "sql/evidence_age")
    return []


def forecast(state: Path, run_id: str | None = None) -> "pd.DataFrame":
    """Read a forecast, one row per quantity and period.

    Parameters
    ----------
    state : Path
        State folder.
    run_id : str, optional
        Run; without it the one served, then with ``topic`` and ``headline``.

    Raises
    ------
    WarehouseError
        When the run has no forecast.
    """
    with connect(state) as connection:
        if run_id is None:
            return read_frame(connection, statement("sql/latest_forecast"), None)
        frame = read_frame(connection, statement("sql/forecast_of_run"), {"run_id": run_id})
    if frame.empty:
        raise WarehouseError(f"run {run_id} has no forecast; the table runs lists those that were published")
    return frame


def run_tables(state: Path, run_id: str, names: Collection[str] = ()) -> "dict[str, pd.DataFrame]":
    """Read the tables of `OF_A_RUN` for one run, or those of them that are named, and ``runs`` for all.

    Parameters
    ----------
    state : Path
        State folder.
    run_id : str
        Run; its tables are empty when there is no such run, or when it failed.
    names : collection of str
        Tables to read; all otherwise.

    Returns
    -------
    dict of str to DataFrame
        Missing text is '', a missing number NaN.
    """
    with connect(state) as connection:
        frames = {"runs": read_frame(connection, statement("sql/all_runs"), None)}
        for name in names or OF_A_RUN:
            sql = statement("sql/rows_of_run", table=identifier(name))
            try:
                frames[name] = read_frame(connection, sql, {"run_id": run_id})
            except duckdb.CatalogException:
                import pandas as pd

                # A file of before this table: the next build has it.
                frames[name] = pd.DataFrame()
    return frames


def _one(state: Path, name: str) -> dict[str, object] | None:
    return next(iter(_rows(state, name)), None)


def _rows(state: Path, name: str) -> list[dict[str, Any]]:
    """Ask a statement without parameters, and give its rows by the names of their columns."""
    with connect(state) as connection:
        cursor = connection.execute(statement(name))
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
