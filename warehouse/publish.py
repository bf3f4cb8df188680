"""Publishes a run, or records that one failed. Either builds a new file; see `warehouse.builds.swap_in`."""

import logging
import re
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd

from warehouse.builds import elapsed_since, swap_in
from warehouse.carry_over import columns_of_new
from warehouse.checker import SCOPES, CheckResult
from warehouse.connect import connect
from warehouse.draws import is_whole, place_draws, remove_draws, tidy_draws
from warehouse.errors import PublishError, WarehouseError
from warehouse.frames import insert_row
from warehouse.frozen import frozen_row, place_frozen
from warehouse.layout import draws_file, published_file, system_draws_file
from warehouse.retention import RETENTION, Retention
from warehouse.run_rows import insert_of_run
from warehouse.statements import statement
from warehouse.tables import brought_by, stored

log = logging.getLogger(__name__)

# Frames a run brings, and those it may bring; their columns are those of the tables.
NEEDED = brought_by("runs", "needed")
OPTIONAL = brought_by("runs", "optional")
RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def publish_run(
    state: Path,
    run: Mapping[str, object],
    frames: Mapping[str, pd.DataFrame],
    draws_parquet: Path | None = None,
    kept: Retention = RETENTION,
    system_draws_parquet: Path | None = None,
    frozen_parquet: Path | None = None,
) -> Path:
    """Publish a run: all its frames appear at once, or none.

    Parameters
    ----------
    state : Path
        State folder.
    run : mapping
        Columns of the table ``runs``; at least ``run_id`` and ``as_of``. ``status``, ``run_number`` and
        ``draws_file`` are set here; ``finished_at`` (UTC) and ``seconds_publish`` when not given.
    frames : mapping of str to DataFrame
        All of `NEEDED`, ``quantities`` (the vocabulary) among them, and where there are any those of
        `OPTIONAL`.
    draws_parquet : Path, optional
        Joint draws, as `warehouse.draws.write_draws` writes them; moved to its place in the state folder once
        the run is published, and left where it is when not.
    kept : Retention
        How many builds are kept, and whose draws.
    system_draws_parquet : Path, optional
        Draws of the systems, as `warehouse.draws.write_system_draws` writes them; placed beside the chain's.
    frozen_parquet : Path, optional
        What is kept for good, as `warehouse.frozen.write_frozen` writes it; its hash is recorded.

    Returns
    -------
    Path
        The published file.

    Raises
    ------
    CheckFailed, PublishError, WarehouseLocked, WarehouseTooNew, IngestError
        In every case the forecast served before is still served.
    """
    started = time.perf_counter()
    state, run_id = Path(state), _valid_run_id(run)
    given = {draws_file(run_id): draws_parquet, system_draws_file(run_id): system_draws_parquet}
    placed = {relative: Path(path) for relative, path in given.items() if path is not None}
    _check_brought(state, run_id, frames, placed)

    def apply(connection: duckdb.DuckDBPyConnection) -> None:
        relative = draws_file(run_id) if draws_file(run_id) in placed else None
        _insert_published(connection, {**run, "draws_file": relative}, frames)
        if frozen is not None:
            _insert_frozen(connection, state, run_id, run["as_of"])

    def finish(connection: duckdb.DuckDBPyConnection, warnings: list[CheckResult]) -> None:
        _insert_warnings(connection, run_id, warnings)
        seconds = {"seconds": elapsed_since(started), "run_id": run_id}
        connection.execute(statement("sql/set_seconds_publish"), seconds)

    moved = {name: path for name, path in placed.items() if path.resolve() != (state / name).resolve()}
    frozen: Path | None = None
    try:
        for name, path in moved.items():
            place_draws(state, name, path)
        if frozen_parquet is not None:
            frozen = place_frozen(state, run_id, frozen_parquet)
        published = swap_in(state, apply, kept, SCOPES, finish)
    except BaseException as error:
        if not _may_be_served(state, run_id):
            _take_back(state, run_id, len(moved) == len(placed), frozen)
        if isinstance(error, OSError):
            raise PublishError(
                f"run {run_id}: the draws could not be put in place ({error}); nothing was published"
            ) from error
        raise
    _clear_up(state, run_id, moved.values(), kept)
    return published


def _check_brought(
    state: Path, run_id: str, frames: Mapping[str, pd.DataFrame], placed: Mapping[str, Path]
) -> None:
    """Refuse a run that is not complete, or is recorded already, before anything of it is placed."""
    if missing := [name for name in NEEDED if name not in frames]:
        raise PublishError(f"run {run_id}: frame(s) missing: {', '.join(missing)}")
    if unknown := sorted(set(frames) - {*NEEDED, *OPTIONAL}):
        raise PublishError(f"run {run_id}: frame(s) not known: {', '.join(unknown)}")
    if missing := [str(path) for path in placed.values() if not path.is_file()]:
        raise PublishError(f"run {run_id}: no file of draws at {missing[0]}")
    if cut := [str(path) for path in placed.values() if not is_whole(path)]:
        raise PublishError(f"run {run_id}: {cut[0]} is cut short or no Parquet file; draw again")
    if system_draws_file(run_id) in placed and draws_file(run_id) not in placed:
        raise PublishError(f"run {run_id}: draws of systems without the chain's, whose numbers they bear")
    if was_recorded(state, run_id):
        # A failure further on removes what lies under this run_id.
        raise PublishError(f"run {run_id} is already recorded; give the run another run_id")


def _insert_published(
    connection: duckdb.DuckDBPyConnection, run: Mapping[str, object], frames: Mapping[str, pd.DataFrame]
) -> None:
    columns = columns_of_new(connection)
    _record_run(connection, {**run, "status": "published", "reason": None}, columns["runs"])
    connection.execute(statement("sql/clear_quantities"))
    for name, frame in frames.items():
        _check_run_id(name, frame, str(run["run_id"]))
        insert_of_run(connection, run, name, frame, columns[stored(name)])


def _insert_frozen(connection: duckdb.DuckDBPyConnection, state: Path, run_id: str, as_of: object) -> None:
    """Record what of the run is kept for good."""
    published_at = datetime.now(UTC).replace(tzinfo=None)
    row = {**frozen_row(state, run_id), "as_of": as_of, "published_at": published_at}
    insert_row(connection, "frozen_forecasts", row, columns_of_new(connection)["frozen_forecasts"], list(row))


def _insert_warnings(
    connection: duckdb.DuckDBPyConnection, run_id: str, warnings: Sequence[CheckResult]
) -> None:
    for warning in warnings:
        row = {
            "run_id": run_id,
            "name": f"check:{warning.name}",
            "value": float(warning.n_rows),
            "detail": warning.describe(),
        }
        connection.execute(statement("sql/insert_check_warning"), row)


def _take_back(state: Path, run_id: str, all_moved: bool, frozen: Path | None) -> None:
    """Remove what was placed of a run that was not published; the caller's own files stay with the caller."""
    if all_moved:
        remove_draws(state, run_id)
    if frozen is not None:
        frozen.unlink(missing_ok=True)


def _may_be_served(state: Path, run_id: str) -> bool:
    """Whether a run was swapped in before a fault; where nobody can tell, it may have been."""
    try:
        return was_recorded(state, run_id)
    except (WarehouseError, duckdb.Error):
        return True


def _clear_up(state: Path, run_id: str, moved: Collection[Path], kept: Retention) -> None:
    """Remove what was placed elsewhere, and draws of long ago; the run is out, so a fault is only told."""
    try:
        for path in moved:
            path.unlink(missing_ok=True)
        with connect(state) as connection:
            runs = [row[0] for row in connection.execute(statement("sql/kept_draws")).fetchall()]
        tidy_draws(state, runs, kept.draws)
    except (OSError, WarehouseError, duckdb.Error) as error:
        log.warning("run %s is published; clearing up after it failed: %s", run_id, error)


def record_failure(
    state: Path,
    run: Mapping[str, object],
    diagnostics: pd.DataFrame | None = None,
    kept: Retention = RETENTION,
) -> Path:
    """Record a run that failed; the forecast served stays, stale unless the run was for an earlier day.

    Parameters
    ----------
    state : Path
        State folder.
    run : mapping
        As for `publish_run`, with a ``reason`` of one line.
    diagnostics : DataFrame, optional
        Rows for the table ``diagnostics``.
    kept : Retention
        How many builds are kept, and whose draws.

    Returns
    -------
    Path
        The published file, now with the failure in ``runs``.

    Raises
    ------
    PublishError, WarehouseLocked, WarehouseTooNew
    """
    run_id = _valid_run_id(run)
    if not str(run.get("reason") or "").strip():
        raise PublishError(f"run {run_id}: a failed run needs a reason")

    def apply(connection: duckdb.DuckDBPyConnection) -> None:
        columns = columns_of_new(connection)
        _record_run(connection, {**run, "status": "failed", "draws_file": None}, columns["runs"])
        if diagnostics is not None and len(diagnostics):
            _check_run_id("diagnostics", diagnostics, run_id)
            insert_of_run(connection, run, "diagnostics", diagnostics, columns[stored("diagnostics")])

    # Only what concerns the list of runs: a fault in yesterday's evidence must not hide today's failure.
    return swap_in(state, apply, kept, ("history",))


def was_recorded(state: Path, run_id: str) -> bool:
    """Whether a run of this name has been published or has failed before."""
    if not published_file(state).exists():
        return False
    with connect(state) as connection:
        row = connection.execute(statement("sql/run_exists"), {"run_id": run_id}).fetchone()
    return bool(row and row[0])


def _record_run(connection: duckdb.DuckDBPyConnection, row: Mapping[str, object], columns: list[str]) -> None:
    exists = connection.execute(statement("sql/run_exists"), {"run_id": row["run_id"]}).fetchone()
    if exists and exists[0]:
        raise PublishError(f"run {row['run_id']} is already recorded; give the run another run_id")
    # Fetched whole: DuckDB refuses to insert while an answer is unread.
    numbers = connection.execute(statement("sql/next_run_number")).fetchall()
    filled = {
        **row,
        "run_number": numbers[0][0] if numbers else 1,
        "finished_at": row.get("finished_at") or datetime.now(UTC).replace(tzinfo=None),
    }
    insert_row(connection, "runs", _utc(filled), columns, ["run_id", "as_of"])


def _utc(row: Mapping[str, object]) -> dict[str, object]:
    """Turn times with a zone into UTC without one, which is what the tables hold."""
    return {
        k: v.astimezone(UTC).replace(tzinfo=None) if isinstance(v, datetime) and v.tzinfo is not None else v
        for k, v in row.items()
    }


def _valid_run_id(run: Mapping[str, object]) -> str:
    run_id = str(run.get("run_id") or "")
    if not RUN_ID.fullmatch(run_id):
        raise PublishError(
            f"run_id {run_id!r}: letters, digits, dot, dash and underscore only, since it names a folder"
        )
    return run_id


def _check_run_id(name: str, frame: pd.DataFrame, run_id: str) -> None:
    if "run_id" in frame and not (frame["run_id"] == run_id).all():
        raise PublishError(f"frame {name}: rows of another run than {run_id}")
