"""The archive: rows of earlier runs as Parquet files, so that a publication copies only the last runs'.

A file is written once, under the number of the build that wrote it, before that build is swapped in; only
builds that list it read it. One that no kept build lists goes.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import duckdb

from warehouse import layout
from warehouse.atomic import flush, written_whole
from warehouse.connect import attach_read_only, scratch_connection
from warehouse.retention import FOR_GOOD
from warehouse.statements import identifier, literal, statement
from warehouse.tables import ARCHIVED, RESULTS, recent

log = logging.getLogger(__name__)

# The rows of so many runs stay in the file, besides those of the run served.
RECENT_RUNS = 3
# Rows of earlier ones wait there until there are so many runs or rows of them: a file each would be too many.
WAITING_RUNS, WAITING_ROWS = 16, 100_000


class Moved(NamedTuple):
    """Rows of one table that went to the archive: the runs they are stored under, and the file."""

    table: str
    runs: list[str]
    file: str
    n_rows: int
    n_bytes: int


def move_to_archive(
    connection: duckdb.DuckDBPyConnection, state: Path, build: str, previous: dict[str, list[str]]
) -> dict[str, Moved]:
    """Write what has waited long enough into the archive.

    Parameters
    ----------
    connection : DuckDBPyConnection
        With the published file attached as ``previous``.
    state : Path
    build : str
        Name of the build in the making.
    previous : dict of str to list of str
        Tables of the published file with their columns.

    Returns
    -------
    dict of str to Moved
        By table. Empty for a file of before the archive: the next build moves what this one has sorted.
    """
    if "run_rows" not in previous or _is_small(connection):
        return {}
    connection.execute(statement("sql/recent_runs"), {"n": RECENT_RUNS})
    moved = {}
    for table in ARCHIVED:
        if recent(table) not in previous:
            continue
        sql = statement("sql/waiting_rows", table=identifier(recent(table)))
        waiting = dict(connection.execute(sql, {"table_name": table}).fetchall())
        n_rows = sum(waiting.values())
        if len(waiting) < WAITING_RUNS and n_rows < WAITING_ROWS:
            continue
        runs, file = sorted(waiting), layout.archive_file(table, build)
        path = state / file
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as unfinished:
            where = {"table": identifier(recent(table)), "path": literal(unfinished)}
            connection.execute(statement("sql/write_archive", **where), {"runs": runs})
            flush(unfinished)
            unfinished.chmod(0o444)
        flush(path.parent)
        moved[table] = Moved(table, runs, file, n_rows, path.stat().st_size)
    return moved


def _is_small(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the published file has seen too little for anything to have waited long enough."""
    n_runs, n_rows = connection.execute(statement("sql/seen_so_far")).fetchall()[0]
    return n_runs < WAITING_RUNS and n_rows < WAITING_ROWS


def note_moved(connection: duckdb.DuckDBPyConnection, moved: Mapping[str, Moved]) -> None:
    """Write down in the new file where the rows are that it has not taken over."""
    for one in moved.values():
        given = {"file": one.file, "table_name": one.table}
        connection.execute(statement("sql/rows_in_archive"), {**given, "runs": one.runs})
        connection.execute(
            statement("sql/insert_archive"), {**given, "row_count": one.n_rows, "bytes": one.n_bytes}
        )


def let_go(connection: duckdb.DuckDBPyConnection, days: int) -> None:
    """Take files out of force whose runs have all been finished for longer than what is kept."""
    oldest = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=days)
    connection.execute(statement("sql/let_go"), {"oldest": oldest, "for_good": list(FOR_GOOD)})


def is_begun(connection: duckdb.DuckDBPyConnection, state: Path) -> bool:
    """Whether there is an archive at all: the views of a new file are those of none."""
    listed = connection.execute(statement("sql/archives_in_force")).fetchall()
    return bool(listed) or any(layout.archive_folder(state).glob("*/*.parquet"))


def create_result_views(connection: duckdb.DuckDBPyConnection, state: Path) -> None:
    """Let a view of each table's name show the rows of all runs, those of the last and the archived."""
    listed = connection.execute(statement("sql/archives_in_force")).fetchall()
    # A pattern that matches no file is an error of its own.
    if any(layout.archive_folder(state).glob("*/*.parquet")):
        where = {"state": literal(state.resolve()), "files": literal(f"{layout.ARCHIVE_FOLDER}/*/*.parquet")}
        connection.execute(statement("archive_files", **where))
    else:
        connection.execute(statement("archive_files_empty"))
    files: dict[str, list[str]] = {}
    for table, file, n_bytes in listed:
        path = state / file
        if path.is_file() and path.stat().st_size == n_bytes:
            files.setdefault(table, []).append(file)
        else:
            # The check of the archive says so too; what is served does not hang on it.
            log.warning("%s: missing or changed; the rows of %s in it are not shown", path, table)
    for table in ARCHIVED:
        columns = ", ".join(
            ("h." if name in ("run_id", "as_of") else "f.") + identifier(name)
            for name in RESULTS[table].columns
        )
        archived = ""
        if table in files:
            paths = (
                statement("archived_file", state=literal(state.resolve()), file=literal(f"/{file}")).strip()
                for file in files[table]
            )
            archived = statement("archived_rows", files=", ".join(paths)).strip()
        parts = {"view": identifier(table), "recent": identifier(recent(table)), "name": literal(table)}
        comment = literal(RESULTS[table].comment)
        connection.execute(
            statement("result_view", columns=columns, archived=archived, comment=comment, **parts)
        )


def sweep_archive(state: Path) -> list[str]:
    """Delete files of the archive that no kept build lists, and those of builds that were never finished.

    Returns
    -------
    list of str
        Files deleted, relative to the state folder.
    """
    there = {
        str(path.relative_to(state)) for path in layout.archive_folder(state).glob("*/*") if path.is_file()
    }
    unlisted = set(there)
    for build in (layout.published_file(state), *layout.build_files(state)):
        if not unlisted:
            break
        unlisted -= _listed(build)
    for file in sorted(unlisted):
        (state / file).unlink(missing_ok=True)
    return sorted(unlisted)


def _listed(build: Path) -> set[str]:
    with scratch_connection() as connection:
        attach_read_only(connection, build, "build")
        try:
            return {file for (file,) in connection.execute(statement("sql/files_of_build")).fetchall()}
        except duckdb.CatalogException:
            # A build of before the archive.
            return set()
