"""Finds out whether warehouse files and draws are whole, and serves the last good build for a damaged one."""

import shutil
from pathlib import Path
from typing import NamedTuple

import duckdb
from filelock import FileLock, Timeout

from warehouse import layout
from warehouse.atomic import flush, set_aside_as_damaged
from warehouse.builds import replace_by_link, swap_in
from warehouse.carry_over import table_columns
from warehouse.connect import attach_read_only, scratch_connection
from warehouse.draws import is_sound, is_whole
from warehouse.errors import PublishError, WarehouseError, WarehouseLocked, WarehouseTooNew, first_line
from warehouse.statements import identifier, statement
from warehouse.tables import stored

_BUILD = "build"


class ServedRun(NamedTuple):
    """The run that a build serves; both empty where it serves none."""

    run_id: str
    as_of: str


def damage(file: Path) -> str:
    """Say what is wrong with a warehouse file; '' where it is whole.

    Every value is read, so that a damaged block shows, and every table must have the rows that it was built
    with.

    Raises
    ------
    WarehouseLocked, WarehouseTooNew
        It may be whole, but nobody can look.
    """
    with scratch_connection() as connection:
        try:
            attach_read_only(connection, file, _BUILD)
            tables = table_columns(connection, _BUILD)
            built = _rows_built(connection, "archives" in tables)
            for table in tables:
                sql = statement("sql/read_whole", catalog=_BUILD, table=identifier(table))
                row = connection.execute(sql).fetchone()
                found = row[0] if row else 0
                if found < built.get(table, 0):
                    return f"table {table} has {found} rows, {built[table]} when it was built"
        except (WarehouseLocked, WarehouseTooNew):
            raise
        except (WarehouseError, duckdb.Error) as error:
            return first_line(error)
    return ""


def _rows_built(connection: duckdb.DuckDBPyConnection, has_archive: bool) -> dict[str, int]:
    """Rows that each table of the file had when it was built, without those in the archive."""
    built = dict(connection.execute(statement("sql/rows_built", catalog=_BUILD)).fetchall())
    if not has_archive:
        return built
    archived = dict(connection.execute(statement("sql/rows_archived", catalog=_BUILD)).fetchall())
    return {stored(table): rows - archived.get(table, 0) for table, rows in built.items()}


def served_by(file: Path) -> ServedRun:
    """Read which run a warehouse file that is whole serves."""
    with scratch_connection() as connection:
        attach_read_only(connection, file, _BUILD)
        row = connection.execute(statement("sql/served_by", catalog=_BUILD)).fetchone()
    return ServedRun(*map(str, row)) if row else ServedRun("", "")


def last_good(state: Path) -> Path | None:
    """Return the newest whole build besides the published file; None where there is none."""
    published = layout.published_file(state)
    for build in layout.build_files(state):
        if not (published.exists() and build.samefile(published)) and not damage(build):
            return build
    return None


def serve_last_good(state: Path) -> Path | None:
    """Serve the newest whole build; what was served, and builds after it, are set aside.

    Returns
    -------
    Path or None
        The build that is served now; None where no build is whole, and the next night begins anew.

    Raises
    ------
    PublishError
        It could not be put in place.
    WarehouseLocked
        Somebody is publishing.
    """
    published, builds = layout.published_file(state), layout.builds_folder(state)
    try:
        with FileLock(layout.publish_lock(state), timeout=0):
            good = last_good(state)
            for build in layout.build_files(state):
                if build == good:
                    break
                set_aside_as_damaged(build)
            if good is not None:
                replace_by_link(good, published)
            elif published.exists():
                set_aside_as_damaged(published, builds)
            flush(published.parent)
            return good
    except Timeout as error:
        raise WarehouseLocked(f"{builds}: another process is publishing; try later") from error
    except OSError as error:
        raise PublishError(f"{published}: the good build could not be put in place ({error})") from error


def damaged_draws(state: Path, every_page: bool = False) -> list[Path]:
    """List the kept draws that are cut short; those damaged inside too, if every page is to be read."""
    kept = layout.draws_folder(state).glob(f"{layout.RUN_FOLDER}*/*.parquet")
    is_good = is_sound if every_page else is_whole
    return [file for file in sorted(kept) if not is_good(file)]


def drop_draws(state: Path, files: list[Path]) -> None:
    """Delete files of draws, and serve views that do not look for them."""
    for file in files:
        file.unlink(missing_ok=True)
    _drop_drawn(state)
    swap_in(state, lambda _: None, scopes=("history",))


def _drop_drawn(state: Path) -> None:
    """Delete damaged draws kept for a night that would draw the same.

    They are mostly other names of the files of a run, and the next night would publish them again.
    """
    for kept in layout.drawn_folder(state, "").glob("*"):
        if not all(is_sound(file) for file in kept.glob("*.parquet")):
            shutil.rmtree(kept)


def set_aside_private(state: Path) -> Path:
    """Give the damaged file of private evidence another name; the next ingestion begins a new one."""
    return set_aside_as_damaged(layout.private_file(state))
