"""Takes evidence in: idempotent and append-only. A changed value makes a new version, the old one stays."""

import json
import logging
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from warehouse.builds import UNCHANGED, swap_in
from warehouse.carry_over import table_columns
from warehouse.errors import IngestError, first_line
from warehouse.frames import insert, matched
from warehouse.same_evidence import note, noted
from warehouse.statements import identifier, identifiers, statement
from warehouse.tables import EVIDENCE, REJECTED, name_of, table_of

log = logging.getLogger(__name__)

# Columns that readers add and that say where a row stood, or follow from others: not content, so no new
# version.
DERIVED = ["file", "row", "known_on", "corrected"]
# Tables whose rows come from outside: many of them gone at once are more likely a cut file than a decision.
GUARDED = ("figures", "sources")
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


@dataclass(frozen=True)
class IngestReport:
    """What an ingestion did.

    `tables` has the counts of each table of evidence, `rejected` how many rows of the files are refused at
    present, `rejected_new` how many of them were not refused before.
    """

    tables: dict[str, Counts] = field(default_factory=dict)
    rejected: int = 0
    rejected_new: int = 0

    @property
    def new(self) -> int:
        """Rows never seen before, over all tables."""
        return sum(c.new for c in self.tables.values())

    @property
    def changed(self) -> int:
        """Rows that got a new version, over all tables."""
        return sum(c.changed for c in self.tables.values())

    @property
    def unchanged(self) -> int:
        """Rows already known as they are, over all tables."""
        return sum(c.unchanged for c in self.tables.values())

    @property
    def withheld(self) -> int:
        """Rows that the evidence files no longer have, too many at once to be withdrawn unasked."""
        return sum(c.withheld for c in self.tables.values())

    @property
    def withdrawn(self) -> int:
        """Rows that the evidence files no longer have, over all tables."""
        return sum(c.withdrawn for c in self.tables.values())


def ingest(
    state: Path,
    accepted: Mapping[str, pd.DataFrame],
    rejected: pd.DataFrame | None,
    run_id: str,
    ingested_at: datetime,
    unfit: Collection[str] = (),
    withdraw_many: bool = False,
) -> IngestReport:
    """Take the evidence files in.

    Each frame is the whole of its table: a row in force that it lacks is withdrawn by a new version (its
    history stays). A figure whose row is refused stays in force as it was, unless it is among `unfit`.
    Nothing is withdrawn from a table whose frame is empty, or of which a file, a feed or an unnamed row is
    refused. Many figures or sources gone at once are more likely a cut file than a decision: they stay until
    a person says so.

    Parameters
    ----------
    state : Path
        State folder.
    accepted : mapping of str to DataFrame
        ``sources``, ``figures``, ``metrics``, ``products``, ``assumptions``, ``corrections``,
        ``exchange_rates`` and the systems' catalogues (`warehouse.tables.EVIDENCE`), each with the columns of
        its CSV; any of them may be left out. Empty text counts as missing.
    rejected : DataFrame or None
        All rows that were refused: ``file``, ``row_number`` (or ``row``), ``figure_id``, ``field``,
        ``value``, ``reason``, ``remedy``, ``content``; ``file`` and ``reason`` are needed.
    run_id : str
        Run that takes them in.
    ingested_at : datetime
        When; stored as UTC.
    unfit : collection of str
        Figures and sources that may not stay in force (`models.evidence.in_force`).
    withdraw_many : bool
        Whether a person said that what is gone is meant to be gone.

    Returns
    -------
    IngestReport

    Raises
    ------
    IngestError
        When a table or column is not known, a key stands twice in a frame, or a value does not fit its
        column.
    CheckFailed
        When the evidence as a whole fails a check, say a figure without its source. Nothing is taken in then.
    """
    tables = {table_of(name): frame for name, frame in accepted.items()}
    if unknown := sorted(set(tables) - (set(EVIDENCE) - {REJECTED})):
        raise IngestError(f"table(s) of evidence not known: {', '.join(unknown)}")
    at = ingested_at.astimezone(UTC).replace(tzinfo=None) if ingested_at.tzinfo else ingested_at
    stamp = {"run_id": run_id, "ingested_at": at}
    refused = rejected if rejected is not None else pd.DataFrame(columns=["file", "reason"])
    brought = {name: _content(frame) for name, frame in tables.items()} | {REJECTED: refused}
    decided = (sorted(unfit), withdraw_many)
    if (same := noted(state, brought, *decided)) is not None:
        _say_unread(same["unread"])
        counts = {name: Counts(**of_table) for name, of_table in same["tables"].items()}
        return IngestReport(counts, same["rejected"])
    report, unread, changes = IngestReport(), [], True

    def apply(connection: duckdb.DuckDBPyConnection) -> object:
        nonlocal report, unread, changes
        # First the refused rows: they decide which missing figures are only unreadable, not gone.
        columns = table_columns(connection)
        refused_counts = take_in_table(connection, REJECTED, columns, refused, stamp, withdraw=True)
        unread = [name for name, rows in tables.items() if len(rows) and _something_unread(connection, name)]
        _say_unread(unread)
        counts = {}
        # A source may go only where no figure in force stands in it any more: sources come last.
        for name, frame in sorted(tables.items(), key=lambda of_table: of_table[0] == "sources"):
            withdraw = len(frame) > 0 and name not in unread
            of_table = list(unfit) if name in GUARDED else []
            many = withdraw_many or name not in GUARDED
            counts[name] = take_in_table(connection, name, columns, frame, stamp, withdraw, of_table, many)
        refused_new = refused_counts.new + refused_counts.changed
        report = IngestReport(counts, refused_new + refused_counts.unchanged, refused_new)
        changes = bool(
            report.new or report.changed or report.withdrawn or refused_new or refused_counts.withdrawn
        )
        return None if changes else UNCHANGED

    swap_in(state, apply, scopes=("evidence", "history"))
    if not changes:
        said = {"tables": {name: asdict(c) for name, c in report.tables.items()}}
        note(state, brought, *decided, said=said | {"rejected": report.rejected, "unread": unread})
    return report


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
    """
    columns = [name for name in columns_of[table] if name not in BOOKKEEPING]
    keys = EVIDENCE[table].keys
    if table == REJECTED:
        ready = matched(table, _with_figure_id(frame), columns, ["file", "reason"])
    else:
        ready = matched(table, _content(frame), columns, keys)
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


def _content(frame: pd.DataFrame) -> pd.DataFrame:
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


def _something_unread(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether a row of the table may be missing only because it, its file or its feed could not be read."""
    row = connection.execute(
        statement("sql/count_unread"), {"table": table, "file": f"{name_of(table)}.csv"}
    ).fetchone()
    return bool(row and row[0])


def _say_unread(tables: Collection[str]) -> None:
    for table in tables:
        log.warning("rows of %s can't be read: none of it is withdrawn until that is mended", table)
