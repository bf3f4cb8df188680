"""Evidence that may not leave: a small database of its own beside the warehouse, which no export reads.

It holds figures and publications marked `not_to_be_exported`, all versions, as the warehouse holds the
others; and what of a run speaks of single ones of them. `warehouse.read.evidence` joins the two.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb
import pandas as pd

from warehouse import layout
from warehouse.atomic import written_whole
from warehouse.carry_over import table_columns
from warehouse.connect import CATALOG, attach_read_only, read_frame, scratch_connection
from warehouse.frames import insert
from warehouse.statements import identifier, identifiers, literal, statement
from warehouse.tables import EVIDENCE, REJECTED, stored
from warehouse.versions import Counts, take_in_table

HELD: Final = ("figures", "sources", "corrections")
"""Tables of evidence whose rows may be private."""
OF_A_RUN: Final = ("figure_fit", "system_lineage")
"""Tables of a run whose private rows are kept, for `hbmcast explain`."""


def private_names(state: Path) -> pd.DataFrame:
    """Read what names a private figure: ``figure_id, source_id, publisher, title``, withdrawn ones too."""
    path = layout.private_file(state)
    if not path.exists():
        return pd.DataFrame(columns=["figure_id", "source_id", "publisher", "title"], dtype=str)
    with scratch_connection() as connection:
        attach_read_only(connection, path, CATALOG)
        connection.execute(statement("sql/use", catalog=CATALOG))
        return read_frame(connection, statement("sql/private_names"), None)


def take_in_private(
    state: Path,
    accepted: Mapping[str, pd.DataFrame],
    rejected: pd.DataFrame,
    run_id: str,
    ingested_at: datetime,
    unfit: Collection[str] = (),
    withdraw_many: bool = False,
) -> dict[str, Counts]:
    """Take private evidence in, by the rules of `warehouse.ingest.ingest`; nothing where there never was any.

    Parameters
    ----------
    state : Path
    accepted : mapping of str to DataFrame
        Tables of `HELD`, each the whole of its private rows.
    rejected : DataFrame
        Private rows that were refused.
    run_id : str
    ingested_at : datetime
    unfit : collection of str
    withdraw_many : bool
        As for `warehouse.ingest.ingest`.

    Returns
    -------
    dict of str to Counts
        By table.
    """
    rows = (*accepted.values(), rejected)
    if not layout.private_file(state).exists() and not any(len(frame) for frame in rows):
        return {}
    at = ingested_at.astimezone(UTC).replace(tzinfo=None) if ingested_at.tzinfo else ingested_at
    stamp = {"run_id": run_id, "ingested_at": at}
    counts: dict[str, Counts] = {}

    def apply(connection: duckdb.DuckDBPyConnection) -> None:
        columns = table_columns(connection)
        take_in_table(connection, REJECTED, columns, rejected, stamp, withdraw=True)
        for name in HELD:
            of_figures = list(unfit) if name == "figures" else []
            counts[name] = take_in_table(
                connection, name, columns, accepted[name], stamp, rejected.empty, of_figures, withdraw_many
            )

    _rewrite(state, apply)
    return counts


def keep_private_rows(state: Path, run_id: str, frames: Mapping[str, pd.DataFrame]) -> None:
    """Keep the rows of a run's tables that speak of private figures, in the place of an earlier run's.

    Parameters
    ----------
    state : Path
    run_id : str
    frames : mapping of str to DataFrame
        Tables of `OF_A_RUN`.
    """
    if not layout.private_file(state).exists():
        return

    def apply(connection: duckdb.DuckDBPyConnection) -> None:
        columns = table_columns(connection)
        for name in OF_A_RUN:
            connection.execute(statement("sql/clear_table", table=identifier(stored(name))))
            if name in frames:
                insert(connection, stored(name), frames[name], columns[stored(name)], [])

    _rewrite(state, apply)


def private_rows_behind(state: Path, run_id: str, system: str, item: str) -> dict[str, pd.DataFrame]:
    """Read what of an explanation is private.

    Parameters
    ----------
    state : Path
    run_id : str
        Of a run whose rows `keep_private_rows` kept; of another one there are none.
    system, item : str
        In full, as the rows of the run have them.

    Returns
    -------
    dict of str to DataFrame
        ``fitted`` and ``figures``, as `warehouse.explain` has them; empty where nothing private is held.
    """
    path = layout.private_file(state)
    if not path.exists():
        return {}
    with scratch_connection() as connection:
        attach_read_only(connection, path, CATALOG)
        connection.execute(statement("sql/use", catalog=CATALOG))
        tables = {name: identifier(stored(name)) for name in OF_A_RUN}
        of_item = {"run_id": run_id, "system": system, "item": item}
        return {
            "fitted": read_frame(connection, statement("sql/private_fitted", **tables), {"run_id": run_id}),
            "figures": read_frame(connection, statement("sql/private_figures", **tables), of_item),
        }


def join_private(connection: duckdb.DuckDBPyConnection, state: Path, moment: datetime) -> None:
    """Put private rows taken in by a moment beside the others, into tables copied to memory.

    Where a row was public before it was private, the private one takes its place.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The tables of `HELD` that it uses are the copies.
    state : Path
        Its private file must exist.
    moment : datetime
        UTC.

    Raises
    ------
    WarehouseLocked, WarehouseUnreadable, WarehouseTooNew
        The private file can't be attached.
    """
    attach_read_only(connection, layout.private_file(state), "private")
    for table in HELD:
        keys = EVIDENCE[table].keys
        names = {
            "table": identifier(table),
            "keys": ", ".join(map(identifier, keys)),
            "key_match": " AND ".join(f"t.{identifier(key)} = p.{identifier(key)}" for key in keys),
        }
        connection.execute(statement("sql/private_over_public", **names), {"moment": moment})
        connection.execute(statement("sql/join_private", **names), {"moment": moment})


def _rewrite(state: Path, apply) -> None:  # type: ignore[no-untyped-def]
    path = layout.private_file(state)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with written_whole(path) as unfinished:
        connection = scratch_connection()
        try:
            connection.execute(statement("sql/attach_new", path=literal(unfinished), catalog=CATALOG))
            unfinished.chmod(0o600)
            connection.execute(statement("sql/use", catalog=CATALOG))
            connection.execute(statement("sql/begin"))
            connection.execute(statement("generated/schema"))
            connection.execute(statement("sql/commit"))
            if path.exists():
                attach_read_only(connection, path, "previous")
                _copy(connection)
                connection.execute(statement("sql/detach", catalog="previous"))
            connection.execute(statement("sql/begin"))
            connection.execute(statement("views_evidence"))
            apply(connection)
            connection.execute(statement("sql/commit"))
        finally:
            connection.close()


def _copy(connection: duckdb.DuckDBPyConnection) -> None:
    """Copy the tables of the file before, attached as ``previous``, into the new one."""
    ours, theirs = table_columns(connection, CATALOG), table_columns(connection, "previous")
    for table in (*HELD, REJECTED, *map(stored, OF_A_RUN)):
        known = [column for column in theirs.get(table, []) if column in ours[table]]
        names = {"table": identifier(table), "into": identifier(table), "columns": identifiers(known)}
        connection.execute(statement("sql/copy_table", catalog=CATALOG, **names))
