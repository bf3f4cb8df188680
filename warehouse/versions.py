"""Takes one table of evidence in: a changed row gets a new version, one that is gone a withdrawn one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd

from warehouse.errors import IngestError, first_line
from warehouse.frames import insert, matched
from warehouse.statements import identifier, identifiers, statement
from warehouse.tables import EVIDENCE, REJECTED

# Columns that readers add and that say where a row stood, or follow from others: not content, so no new
# version.
DERIVED = ["file", "row", "known_on", "corrected"]
# More than these withdrawn at once are for a person to decide.
FEW, MANY, MANY_SHARE = 2, 10, 0.1
BOOKKEEPING = ["version", "withdrawn", "ingested_at", "ingest_run_id", "content_hash"]


@dataclass(frozen=True)
class Counts:
    """Rows of one table by what became of them.

    `withheld` are rows that the evidence no longer has, too many at once to be withdrawn unasked.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    withheld: int = 0


def take_in_table(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns_of: Mapping[str, list[str]],
    frame: pd.DataFrame,
    stamp: dict,
    withdraw: bool,
    unfit: list[str] | None = None,
    withdraw_many: bool = True,
) -> Counts:
    """Add new versions to one table of the file being built.

    Parameters
    ----------
    connection : DuckDBPyConnection
    table : str
    columns_of : mapping of str to list of str
        As `warehouse.carry_over.table_columns` gives them: asked for each table, they cost half a second.
    frame : DataFrame
        The whole of the table.
    stamp : dict
        ``run_id`` and ``ingested_at``.
    withdraw : bool
        Whether rows that the frame lacks are withdrawn.
    unfit : list of str, optional
        Names of those that are, whatever else holds.
    withdraw_many : bool
        Whether they are though they are many.

    Returns
    -------
    Counts

    Raises
    ------
    IngestError
        A key stands twice, or a cell that must be filled is empty.
    """
    columns = [name for name in columns_of[table] if name not in BOOKKEEPING]
    keys = EVIDENCE[table].keys
    if table == REJECTED:
        ready = matched(table, _with_figure_id(frame), columns, ["file", "reason"])
    else:
        ready = matched(table, content_of(frame), columns, keys)
    names = {
        "table": identifier(table),
        "keys": identifiers(keys),
        "columns": identifiers(columns),
        "staged_columns": identifiers(columns, "s."),
        "current_columns": identifiers(columns, "c."),
        "key_match": " AND ".join(f"s.{identifier(k)} IS NOT DISTINCT FROM c.{identifier(k)}" for k in keys),
    }
    connection.execute(statement("sql/stage", **names))
    insert(connection, "staged", ready, columns, [])
    if twice := connection.execute(statement("sql/staged_twice", **names)).fetchall():
        shown = "; ".join(", ".join(str(v) for v in row[:-1]) for row in twice)
        raise IngestError(f"table {table}: {', '.join(keys)} stand(s) twice: {shown}; keep one row of each")
    connection.execute(statement("sql/classify", **names))
    outcomes = dict(connection.execute(statement("sql/count_outcomes")).fetchall())
    try:
        connection.execute(statement("sql/insert_versions", **names), stamp)
    except duckdb.ConstraintException as error:
        # A NOT NULL column of the table: a row without its name, its source or its period.
        raise IngestError(f"table {table}: {first_line(error)}; fill in the empty cell") from error
    withdrawn = withheld = 0
    if withdraw or unfit:
        withheld = _find_missing(connection, table, names, withdraw, unfit or [], withdraw_many)
        withdrawn = _count(connection, "sql/count_missing")
        connection.execute(statement("sql/insert_withdrawn", **names), stamp)
    new, changed, unchanged = (outcomes.get(outcome, 0) for outcome in ("new", "changed", "unchanged"))
    return Counts(new, changed, unchanged, withdrawn, withheld)


def content_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out the columns that say where a row stood, or follow from others (`DERIVED`)."""
    return frame.drop(columns=[name for name in DERIVED if name in frame])


def _find_missing(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    names: dict[str, str],
    withdraw: bool,
    unfit: list[str],
    withdraw_many: bool,
) -> int:
    """Find the rows to withdraw; the number of those that are gone but kept, for a person to decide."""
    connection.execute(statement("sql/find_missing", **names))
    in_force = _count(connection, "sql/count_in_force")
    if table == "figures":
        connection.execute(statement("sql/spare_rejected"), {"unfit": unfit})
    elif table == "sources":
        connection.execute(statement("sql/spare_cited"))
    found = _count(connection, "sql/count_missing")
    many = found > max(FEW, min(MANY, int(in_force * MANY_SHARE)))
    if withdraw and (withdraw_many or not many):
        return 0
    if unfit:
        name = identifier(EVIDENCE[table].keys[0])
        connection.execute(statement("sql/keep_only_unfit", name=name), {"unfit": unfit})
    else:
        connection.execute(statement("sql/clear_missing"))
    return found - _count(connection, "sql/count_missing") if withdraw else 0


def _count(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    row = connection.execute(statement(name)).fetchone()
    return int(row[0]) if row else 0


def _with_figure_id(rejected: pd.DataFrame) -> pd.DataFrame:
    """Name the figure of each refused row from its content, where the reader did not."""
    content = next((rejected[name] for name in ("content", "raw") if name in rejected), None)
    if "figure_id" in rejected or content is None:
        return rejected
    named: list[Any] = [_figure_id(text) for text in content]
    return rejected.assign(figure_id=named)


def _figure_id(content: object) -> str | None:
    try:
        row = json.loads(str(content))
    except ValueError:
        return None
    return str(row.get("figure_id") or "") or None if isinstance(row, dict) else None
