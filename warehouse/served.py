"""What the forecast served consists of: the files that another place needs to serve it too."""

from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from warehouse import layout
from warehouse.connect import connect
from warehouse.read import latest_run
from warehouse.statements import statement

# Folders whose every file the warehouse may read: earlier runs, and what is kept for good.
BESIDE = (layout.ARCHIVE_FOLDER, layout.FROZEN_FOLDER)


class Served(NamedTuple):
    """The forecast served.

    Parameters
    ----------
    run_id : str
    as_of : date
    published_at : datetime
        UTC.
    files : tuple of str
        Paths in the state folder, the warehouse last: it points to the others.
    """

    run_id: str
    as_of: date
    published_at: datetime
    files: tuple[str, ...]


def served_files(state: Path) -> Served | None:
    """Say what the forecast served consists of; None when none is."""
    run = latest_run(state)
    if run is None:
        return None
    run_id = str(run["run_id"])
    optional = [
        layout.draws_file(run_id),
        layout.system_draws_file(run_id),
        layout.report_file(state, run_id).relative_to(state).as_posix(),
        *sorted(
            p.relative_to(state).as_posix() for name in BESIDE for p in (state / name).rglob("*.parquet")
        ),
    ]
    files = [name for name in optional if (state / name).is_file()]
    warehouse = layout.published_file(state).relative_to(state).as_posix()
    as_of, published_at = (
        date.fromisoformat(str(run["as_of"])),
        datetime.fromisoformat(str(run["finished_at"])),
    )
    return Served(run_id, as_of, published_at, (*files, warehouse))


def licence_notes(state: Path) -> dict[str, list[str]]:
    """Licence notes of every publication that the warehouse holds, of all versions of its row."""
    notes: dict[str, list[str]] = {}
    with connect(state) as connection:
        for source, note in connection.execute(statement("sql/licence_notes")).fetchall():
            notes.setdefault(str(source), []).append(str(note or ""))
    return notes
