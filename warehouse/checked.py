"""Which draws have passed the checks: the very same files and rows need not be looked through again.

A night that changes nothing publishes a second name of the draws of the night before, and they were checked
then: forty million numbers, a quarter of a minute of two cores.
"""

import hashlib
from pathlib import Path

import duckdb

from warehouse import layout
from warehouse.atomic import as_it_lies
from warehouse.checker import load_checks
from warehouse.statements import statement


def mark_of_draws(connection: duckdb.DuckDBPyConnection, state: Path) -> Path | None:
    """Path of the mark that a run's draws have passed their checks; the file is there once they have.

    Its name follows from everything that they look at: the two files as they lie on the disk, the rows of
    forecast and systems, what evidence and vocabulary they are held against, and the checks themselves.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Open on the file being built, its run the one that is served.
    state : Path

    Returns
    -------
    Path or None
        None where the run has no draws.
    """
    row = connection.execute(statement("sql/latest_run_with_draws")).fetchone()
    if row is None:
        return None
    files = [state / file_of(row[0]) for file_of in (layout.draws_file, layout.system_draws_file)]
    on_disk = [as_it_lies(path) for path in files if path.is_file()]
    held_against = connection.execute(statement("sql/checked_with")).fetchall()
    checks = [check.sql for check in load_checks() if check.reads_draws]
    name = hashlib.sha256(repr([duckdb.__version__, on_disk, held_against, checks]).encode()).hexdigest()
    return layout.cache_folder(state, "checked") / name
