"""Builds a new warehouse file beside the published one and swaps it in atomically.

A reader holds the file it opened; a rename gives the next reader the new one. The published file is never
written to.
"""

import errno
import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from warehouse import layout
from warehouse.archive import create_result_views, is_begun, let_go, move_to_archive, sweep_archive
from warehouse.atomic import flush, link_or_copy, put_in_place, set_mark, written_whole
from warehouse.blank import begin_file
from warehouse.carry_over import copy_tables, count_rows, table_columns
from warehouse.checked import mark_of_draws
from warehouse.checker import SCOPES, CheckResult, run_checks
from warehouse.connect import CATALOG, attach_read_only, scratch_connection
from warehouse.draws import is_whole
from warehouse.errors import CheckFailed, PublishError, WarehouseError, WarehouseLocked, first_line
from warehouse.retention import Retention
from warehouse.statements import literal, statement

log = logging.getLogger(__name__)

LOCK_TIMEOUT_SECONDS = 60.0
MEBIBYTE = 1024 * 1024
# How a full or failing disk shows itself: from the system, while DuckDB writes, or when it commits.
DISK_ERRORS = (
    OSError,
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.FatalException,
    duckdb.TransactionException,
)
# `apply` may return this: then there is nothing to publish and the new file is thrown away.
UNCHANGED = object()

Apply = Callable[[duckdb.DuckDBPyConnection], object]
Finish = Callable[[duckdb.DuckDBPyConnection, list[CheckResult]], None]


def swap_in(
    state: Path,
    apply: Apply,
    kept: Retention | None = None,
    scopes: tuple[str, ...] = SCOPES,
    finish: Finish | None = None,
) -> Path:
    """Build a new warehouse file, change it, check it, and put it in the place of the published one.

    Parameters
    ----------
    state : Path
        State folder; made when missing.
    apply : callable (connection) -> object
        Makes the changes on the new file, which holds everything of the published one. When it returns
        `UNCHANGED`, nothing is swapped in.
    kept : Retention, optional
        How many builds are kept in ``builds/``, the new one included, and of how many days all results. By
        default all: only nights, which know what their user wants kept, make room.
    scopes : tuple of str
        Checks to run: see `warehouse.checker.run_checks`.
    finish : callable (connection, warnings), optional
        Called after the checks have passed, for what is only known then.

    Returns
    -------
    Path
        The published file.

    Raises
    ------
    CheckFailed
        A check of severity 'error' found rows. The published file is untouched.
    PublishError
        The file could not be built, for want of space say. The published file is untouched.
    WarehouseLocked
        Somebody else is publishing, or holds the published file open for writing.
    WarehouseTooNew
        The state folder or the published file comes from a newer version.
    """
    state = Path(state)
    layout.check_version(state)
    published, builds = layout.published_file(state), layout.builds_folder(state)
    try:
        builds.mkdir(parents=True, exist_ok=True)
        with FileLock(layout.publish_lock(state), timeout=LOCK_TIMEOUT_SECONDS):
            layout.write_version(state)
            remove_leftovers(builds)
            try:
                return _build_and_swap(state, published, builds, apply, kept, scopes, finish)
            finally:
                remove_leftovers(builds)
    except Timeout as error:
        raise WarehouseLocked(
            f"{builds}: another process has been publishing for {LOCK_TIMEOUT_SECONDS:.0f} s; try later"
        ) from error
    except DISK_ERRORS as error:
        raise PublishError(_why_not_built(error, state)) from error


def _build_and_swap(
    state: Path,
    published: Path,
    builds: Path,
    apply: Apply,
    kept: Retention | None,
    scopes: tuple[str, ...],
    finish: Finish | None,
) -> Path:
    number = 1 + max(map(layout.build_number, layout.build_files(state)), default=0)
    target = builds / f"warehouse-{number:06d}.duckdb"
    building = builds / f"{target.stem}.building"
    changed = _build(state, published, building, apply, kept, scopes, finish)
    if not changed:
        return published
    # A file with a write-ahead log beside it is not finished: without the log it would be read as of before.
    if building.with_name(building.name + ".wal").exists():
        raise PublishError(f"{building}: the new file was not closed cleanly; {published} is unchanged")
    flush(building)
    # Read-only, so that an analyst's client opens it as a reader and never locks others out.
    building.chmod(0o444)
    put_in_place(building, target)
    try:
        replace_by_link(target, published)
    except BaseException:
        if not _is_copy(target, published):
            target.unlink(missing_ok=True)
        raise
    _settle(published, kept)
    return published


def _settle(published: Path, kept: Retention | None) -> None:
    """Wait for the disk and drop old builds: the new file is served by now, so a fault here is only told."""
    try:
        flush(published.parent)
        if kept is not None:
            for old in layout.build_files(published.parent)[kept.builds :]:
                old.unlink()
        sweep_archive(published.parent)
    except (OSError, WarehouseError) as error:
        log.warning("%s is published; tidying up after it failed: %s", published, error)


def _is_copy(source: Path, target: Path) -> bool:
    """Whether `target` is a second name of `source`, or was copied from it."""
    if not target.exists():
        return False
    ours, theirs = source.stat(), target.stat()
    alike = (ours.st_size, ours.st_mtime_ns) == (theirs.st_size, theirs.st_mtime_ns)
    return source.samefile(target) or alike


def _build(
    state: Path,
    published: Path,
    building: Path,
    apply: Apply,
    kept: Retention | None,
    scopes: tuple[str, ...],
    finish: Finish | None,
) -> bool:
    """Make the new file; return whether `apply` changed anything."""
    exists = published.exists()
    connection = scratch_connection(building.with_name(building.name + ".tmp"))
    try:
        begin_file(state, building)
        connection.execute(statement("sql/attach", path=literal(building), catalog=CATALOG))
        connection.execute(statement("sql/use", catalog=CATALOG))
        if exists:
            attach_read_only(connection, published, "previous")
            previous = table_columns(connection, "previous")
            # Only a run's publication brings many rows: nobody else makes room for them.
            moved = move_to_archive(connection, state, building.stem, previous) if "run" in scopes else {}
            connection.execute(statement("sql/begin"))
            copy_tables(connection, published, previous, moved)
            if kept is not None:
                let_go(connection, kept.results_days)
            connection.execute(statement("sql/commit"))
            connection.execute(statement("sql/detach", catalog="previous"))
        connection.execute(statement("sql/begin"))
        if is_begun(connection, state):
            create_result_views(connection, state)
        connection.execute(draws_of_run(state))
        connection.execute(statement("sql/commit"))
        connection.execute(statement("sql/begin"))
        if apply(connection) is UNCHANGED and exists:
            return False
        connection.execute(statement("sql/commit"))
        # The checks look at the run being published, even where readers are served another.
        connection.execute(statement("sql/serve_newest" if "run" in scopes else "sql/serve_latest"))
        create_draws_views(connection, state)
        count_rows(connection)
        findings = _checked(connection, state, scopes)
        if "run" in scopes:
            looked_at = run_with_draws(connection)
            connection.execute(statement("sql/serve_latest"))
            # A rerun of history is published and not served.
            if run_with_draws(connection) != looked_at:
                create_draws_views(connection, state)
        if failures := [f for f in findings if f.severity == "error"]:
            raise CheckFailed(failures)
        for finding in findings:
            log.warning("check %s: %s", finding.name, finding.describe())
        if finish is not None:
            finish(connection, findings)
        connection.execute(statement("sql/finish_build", catalog=CATALOG))
        return True
    finally:
        connection.close()


def _checked(
    connection: duckdb.DuckDBPyConnection, state: Path, scopes: tuple[str, ...]
) -> list[CheckResult]:
    """Run the checks; those of draws not again, where they have passed on the very same."""
    mark = mark_of_draws(connection, state) if "run" in scopes else None
    have_passed = mark is not None and mark.is_file()
    findings = run_checks(connection, scopes, not have_passed)
    if mark is not None and not have_passed and not any(found.reads_draws for found in findings):
        set_mark(mark)
    return findings


def create_draws_views(connection: duckdb.DuckDBPyConnection, state: Path) -> None:
    """Let the views of draws show those of the run `latest_run` names, and the frozen ones, or nothing."""
    run_id = run_with_draws(connection)
    for view, file_of in (("draws_view", layout.draws_file), ("system_draws_view", layout.system_draws_file)):
        # Draws of long ago are deleted, others get damaged: the rest must still be served then.
        if run_id is None or not is_whole(state / file_of(run_id)):
            connection.execute(statement(f"{view}_empty"))
        else:
            where = {"state": literal(state.resolve()), "draws_file": literal(file_of(run_id))}
            connection.execute(statement(view, **where))
    # A pattern that matches no file is an error of its own.
    connection.execute(statement("frozen_views_empty"))
    frozen = sorted(layout.frozen_folder(state).glob("*.parquet"))
    if frozen:
        where = {"state": literal(state.resolve()), "files": literal(f"{layout.FROZEN_FOLDER}/*.parquet")}
        connection.execute(statement("frozen_files_view", **where))
        # A view looks into the first file of its pattern; a check tells of one that is damaged.
        if is_whole(frozen[0]):
            connection.execute(statement("frozen_views", **where))


def run_with_draws(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Name the run that `latest_run` shows, where it has draws."""
    row = connection.execute(statement("sql/latest_run_with_draws")).fetchone()
    return None if row is None else str(row[0])


def draws_of_run(state: Path) -> str:
    """Return the SQL of the macro that looks for the draws of earlier runs where the map says."""
    folder = literal(f"/{layout.DRAWS_FOLDER}/{layout.RUN_FOLDER}")
    return statement("draws_of_run", state=literal(state.resolve()), run_folder=folder)


def remove_leftovers(builds: Path) -> None:
    """Remove what an interrupted build has left; only called under the lock."""
    for path in builds.glob("*.building*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def replace_by_link(source: Path, target: Path) -> None:
    """Let `target` be `source` under a second name, in one step; a copy where the disk knows no links."""
    with written_whole(target) as new:
        link_or_copy(source, new)
        flush(new)


def _why_not_built(error: Exception, state: Path) -> str:
    message = first_line(error)
    free = shutil.disk_usage(state).free / MEBIBYTE if state.exists() else float("nan")
    full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    full = full or "No space left" in message or "File too large" in message or "exceeds limit" in message
    if "checksum" in message or "Corrupt" in message:
        return (
            f"{layout.published_file(state)} is damaged ({message}). Nothing was published; "
            "`hbmcast doctor --mend` puts the last good build in its place"
        )
    cause = "the disk is full" if full else "the new file could not be built"
    return (
        f"{state}: {cause} ({message}; {free:.0f} MiB free). Nothing was published, the forecast "
        "served before is still in place; make room or mend the folder, then run again"
    )


def elapsed_since(started: float) -> float:
    """Seconds since a reading of `time.perf_counter`."""
    return time.perf_counter() - started
