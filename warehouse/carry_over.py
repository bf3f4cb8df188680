"""Takes the rows of the published file over into the new one, and counts what is there then."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from warehouse.archive import Moved, note_moved
from warehouse.connect import CATALOG
from warehouse.errors import WarehouseTooNew
from warehouse.run_rows import own_rows
from warehouse.statements import identifier, identifiers, literal, statement
from warehouse.tables import ARCHIVED, recent, stored

# The counts of so many builds are kept; the check looks at the last two.
COUNTED_BUILDS = 30


def copy_tables(
    connection: duckdb.DuckDBPyConnection,
    published: Path,
    previous: Mapping[str, list[str]],
    moved: Mapping[str, Moved],
) -> None:
    """Copy every table of the published file, attached as ``previous``, into the new one.

    Copying into a fresh schema rather than altering in place: what the new schema adds is NULL, and what it
    does not know was written by a newer version.

    Parameters
    ----------
    connection : DuckDBPyConnection
    published : Path
    previous : mapping of str to list of str
        Its tables with their columns.
    moved : mapping of str to Moved
        What has just gone to the archive, and stays out.

    Raises
    ------
    WarehouseTooNew
        When the published file has a table or column that this version does not know.
    """
    ours = columns_of_new(connection)
    for table, columns in previous.items():
        # A file of before the archive has all rows under the plain name.
        into = table if table in ours else stored(table)
        if unknown := sorted(set(columns) - set(ours.get(into, []))):
            raise WarehouseTooNew(
                f"{published}: table {table} has column(s) {', '.join(unknown)} unknown to this version; "
                "it was written by a newer version: update hbmcast, or use another state folder"
            )
        gone = next((one.runs for one in moved.values() if recent(one.table) == table), None)
        names = {"catalog": CATALOG, "table": identifier(table), "into": identifier(into)}
        names["columns"] = identifiers(columns)
        if gone is None:
            connection.execute(statement("sql/copy_table", **names))
        else:
            connection.execute(statement("sql/copy_recent", **names), {"moved": gone})
    if "run_rows" not in previous:
        own_rows(connection)
    note_moved(connection, moved)


def table_columns(connection: duckdb.DuckDBPyConnection, catalog: str = CATALOG) -> dict[str, list[str]]:
    """Columns of every table of an attached file, in their order."""
    return dict(connection.execute(statement("sql/table_columns"), {"catalog": catalog}).fetchall())


_of_new: dict[str, list[str]] = {}


def columns_of_new(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Columns of every table of a build in the making: those of the schema, so asked once a process."""
    if not _of_new:
        _of_new.update(table_columns(connection))
    return _of_new


def count_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """Note how many rows each table has in this build, those in the archive included."""
    built_at = datetime.now(UTC).replace(tzinfo=None)
    tables = {table: stored(table) for table in ARCHIVED}
    names = connection.execute(statement("sql/tables"), {"catalog": CATALOG}).fetchall()
    others = {name for (name,) in names} - {"builds", *tables.values()}
    counts = (
        statement("sql/count_of_table", table=literal(table), counted=identifier(counted))
        for table, counted in {**tables, **{name: name for name in others}}.items()
    )
    # One statement: one a table took as long as all checks of the evidence together.
    sql = statement("sql/count_rows", counts="UNION ALL ".join(counts))
    connection.execute(sql, {"built_at": built_at})
    connection.execute(statement("sql/forget_builds"), {"n": COUNTED_BUILDS})
