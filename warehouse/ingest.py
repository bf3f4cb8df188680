"""Takes evidence in: idempotent and append-only. A changed value makes a new version, the old one stays."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd

from warehouse.builds import UNCHANGED, swap_in
from warehouse.carry_over import columns_of_new
from warehouse.errors import IngestError
from warehouse.same_evidence import note, noted
from warehouse.statements import statement
from warehouse.tables import EVIDENCE, REJECTED, name_of, table_of
from warehouse.versions import Counts, content_of, take_in_table

log = logging.getLogger(__name__)

# Tables whose rows come from outside: many of them gone at once are more likely a cut file than a decision.
GUARDED = ("figures", "sources")


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
    brought = {name: content_of(frame) for name, frame in tables.items()} | {REJECTED: refused}
    decided = (sorted(unfit), withdraw_many)
    if (same := noted(state, brought, *decided)) is not None:
        _say_unread(same["unread"])
        counts = {name: Counts(**of_table) for name, of_table in same["tables"].items()}
        return IngestReport(counts, same["rejected"])
    report, unread, changes = IngestReport(), [], True

    def apply(connection: duckdb.DuckDBPyConnection) -> object:
        nonlocal report, unread, changes
        # First the refused rows: they decide which missing figures are only unreadable, not gone.
        columns = columns_of_new(connection)
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
        note(state, brought, *decided, found=said | {"rejected": report.rejected, "unread": unread})
    return report


def _something_unread(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether a row of the table may be missing only because it, its file or its feed could not be read."""
    row = connection.execute(
        statement("sql/count_unread"), {"table": table, "file": f"{name_of(table)}.csv"}
    ).fetchone()
    return bool(row and row[0])


def _say_unread(tables: Collection[str]) -> None:
    for table in tables:
        log.warning("rows of %s can't be read: none of it is withdrawn until that is mended", table)
