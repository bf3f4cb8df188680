"""Reads the published warehouse: evidence for a run, forecasts, and any query of an analyst."""

import re
from collections.abc import Collection
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from warehouse import layout
from warehouse.connect import connect, interruptible
from warehouse.errors import WarehouseError
from warehouse.statements import identifier, identifiers, literal, statement
from warehouse.tables import EVIDENCE, REJECTED, RESULTS

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

MEANT_COLUMNS = {
    **dict.fromkeys(("median", "value", "forecast", "estimate"), "p50 (the median)"),
    **dict.fromkeys(("low", "lower", "min", "p5", "q05", "ci_low"), "p05 (p10, p25 lie nearer the median)"),
    **dict.fromkeys(("high", "upper", "max", "q95", "ci_high"), "p95 (p90, p75 lie nearer the median)"),
    **dict.fromkeys(("year", "quarter", "date"), "period ('2026' or '2026Q1'; period_kind tells them apart)"),
    **dict.fromkeys(("metric", "name", "variable", "series"), "quantity"),
    **dict.fromkeys(("units", "currency"), "unit"),
}
"""What other houses call the columns of a forecast, and how they are called here."""
MARKET = ("product_classes", "hbm_generations")
_EARLIER = "earlier"
_READING = ("PIVOT", "PIVOT_WIDER", "UNPIVOT", "PIVOT_LONGER", "FROM", "SELECT", "WITH")
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
    with connect(state) as connection:
        beside = private and layout.private_file(state).exists()
        if taken_in_by is not None or beside:
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

    None without any run.
    """
    return _one(state, "sql/freshness")


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


def query(state: Path, sql: str, confined: bool = False, seconds: float | None = None) -> "pa.Table":
    """Run a query of an analyst, read-only.

    Parameters
    ----------
    state : Path
        State folder.
    sql : str
        One query, or several of which the last gives the rows.
    confined : bool
        It can only read, and reaches no file but the published ones; memory and disk it takes are limited.
    seconds : float, optional
        After so many it is ended.

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    WarehouseError
        With DuckDB's message when the query can't be run, or is empty; or when it took too long.
    """
    with connect(state) as connection:
        try:
            if confined:
                _confine(connection, state, sql)
            return interruptible(connection, lambda: _answer(connection, sql), seconds)
        except duckdb.Error as error:
            raise WarehouseError(_explained(str(error), state)) from error
        except TimeoutError:
            raise WarehouseError(
                f"the query took longer than {seconds:g} s and was ended; "
                "`hbmcast sql --seconds` gives it more"
            ) from None


def _confine(connection: duckdb.DuckDBPyConnection, state: Path, sql: str) -> None:
    """Let a query reach nothing but what is published: COPY and the like could write beside the draws."""
    if not all(map(_only_reads, connection.extract_statements(sql))):
        raise WarehouseError(
            "only SELECT (or FROM, DESCRIBE, SUMMARIZE, PIVOT, SET VARIABLE) can be asked here; "
            "`hbmcast sql --files` takes more"
        )
    folders = (layout.draws_folder(state), layout.frozen_folder(state), layout.archive_folder(state))
    reached = ", ".join(literal(folder.resolve()) for folder in folders)
    connection.execute(statement("sql/confine", folders=reached))


def _only_reads(part: duckdb.Statement) -> bool:
    """Whether a statement can write no file; tables are read-only in any case."""
    first = part.query.split(maxsplit=2)
    words = [word.upper() for word in first[:2]]
    # PIVOT, wherever it stands in a query, makes it one of several steps.
    steps = part.type == duckdb.StatementType.MULTI and words[0] in _READING
    variable = part.type == duckdb.StatementType.SET and words == ["SET", "VARIABLE"]
    return steps or variable or part.type in (duckdb.StatementType.SELECT, duckdb.StatementType.CREATE)


def _answer(connection: duckdb.DuckDBPyConnection, sql: str) -> "pa.Table":
    relation = connection.sql(sql)
    if relation is None:
        raise WarehouseError("the query is empty; write a SELECT")
    return relation.to_arrow_table()


def _explained(message: str, state: Path) -> str:
    """Say in our words what DuckDB does not know: what a column is called here, which runs have draws."""
    unknown = re.search(r'Referenced column "([^"]+)" not found', message)
    if unknown and (meant := MEANT_COLUMNS.get(unknown[1].lower())):
        return f"no column {unknown[1]!r}: forecasts call it {meant}. `DESCRIBE hbm_forecast` lists them all"
    wanted = re.search(rf"No files found .*/{layout.RUN_FOLDER}([^/]*)/", message)
    if wanted is None:
        return message
    kept = sorted(
        folder.name.removeprefix(layout.RUN_FOLDER) for folder in layout.draws_folder(state).glob("*")
    )
    return f"no draws are kept of run {wanted[1]}; those kept: {', '.join(kept) or 'none'}"


def empty_behind(state: Path, sql: str) -> list[str]:
    """Tables without any row that a query reads, itself or through views."""
    words = sorted(set(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", sql)))
    with suppress(duckdb.CatalogException), connect(state) as connection:
        found = connection.execute(statement("sql/empty_behind"), {"words": words}).fetchall()
        return [str(name) for (name,) in found]
    # A file of before the view that this reads.
    return []


def read_frame(connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict | None) -> "pd.DataFrame":
    """Run a query; missing text is '', a missing number NaN."""
    relation = connection.sql(sql, params=parameters)
    texts = [
        name for name, kind in zip(relation.columns, relation.types, strict=True) if str(kind) == "VARCHAR"
    ]
    frame = relation.df()
    # Whole numbers with gaps come with a missing value of their own, which no comparison understands.
    gaps = [name for name in frame if str(frame[name].dtype).startswith(("Int", "UInt"))]
    return frame.assign(
        **{name: frame[name].fillna("").astype(str) for name in texts},
        **{name: frame[name].astype("float64") for name in gaps},
    )


def _one(state: Path, name: str) -> dict[str, object] | None:
    with connect(state) as connection:
        cursor = connection.execute(statement(name))
        names = [column[0] for column in cursor.description or []]
        row = cursor.fetchone()
    return None if row is None else dict(zip(names, row, strict=True))
