"""Runs the queries of analysts, read-only, and says in our words what DuckDB does not know."""

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from warehouse import layout
from warehouse.connect import connect, interruptible
from warehouse.errors import WarehouseError
from warehouse.statements import literal, statement

if TYPE_CHECKING:
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
_READING = ("PIVOT", "PIVOT_WIDER", "UNPIVOT", "PIVOT_LONGER", "FROM", "SELECT", "WITH")


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
    try:
        with connect(state, alone=confined or _may_set(state, sql)) as connection:
            if confined:
                _confine(connection, state, sql)
            return interruptible(connection, lambda: _answer(connection, sql), seconds)
    except duckdb.Error as error:
        raise WarehouseError(_explained(str(error), state)) from error
    except TimeoutError:
        raise WarehouseError(
            f"the query took longer than {seconds:g} s and was ended; `hbmcast sql --seconds` gives it more"
        ) from None


def _may_set(state: Path, sql: str) -> bool:
    """Whether anything in a query is no SELECT, and so might change what other readers are given."""
    with connect(state) as connection:
        return any(part.type != duckdb.StatementType.SELECT for part in connection.extract_statements(sql))


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
