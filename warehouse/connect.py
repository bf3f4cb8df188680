"""Opens the published file read-only, with errors that say what to do."""

import math
import re
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from warehouse import layout
from warehouse.atomic import as_it_lies
from warehouse.errors import (
    WarehouseError,
    WarehouseLocked,
    WarehouseMissing,
    WarehouseTooNew,
    WarehouseUnreadable,
    first_line,
)
from warehouse.statements import literal, statement

if TYPE_CHECKING:
    import pandas as pd

CATALOG = "warehouse"
# Extensions are never fetched from the network, and SQL never sees Python variables by accident.
CONFIG: dict[str, Any] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
}


_AGAIN_SECONDS = 0.05


class _Opened(NamedTuple):
    """The build that this process opened last: where, how its file lay there, and what it is attached to."""

    path: Path
    lay: tuple[int, int, int, int]
    connection: duckdb.DuckDBPyConnection


_last: _Opened | None = None
_one_at_a_time = Lock()


def connect(state: Path, alone: bool = False) -> duckdb.DuckDBPyConnection:
    """Open the published warehouse read-only.

    The file is attached to an in-memory database: a plain ``duckdb.connect`` would hand a process that still
    holds an older build that same old build again. To begin a database takes as long as ten queries, so all
    readers of a process share one as long as the very same build is the published one. What a connection sets
    for itself (variables, temporary tables) is its own.

    Parameters
    ----------
    state : Path
        State folder.
    alone : bool
        In a database of its own: for whoever attaches something beside it or changes its settings, or may.

    Returns
    -------
    DuckDBPyConnection
        Close it, or use it in a ``with`` block.

    Raises
    ------
    WarehouseMissing, WarehouseLocked, WarehouseUnreadable, WarehouseTooNew
    """
    state = Path(state)
    path = layout.published_file(state)
    layout.check_version(state)
    if not path.exists():
        raise WarehouseMissing(
            f"{path}: nothing is published yet; run `hbmcast nightly` first, or check the state folder"
        )
    connection = _attached(path) if alone else _shared(path)
    try:
        connection.execute(statement("sql/use", catalog=CATALOG))
        connection.execute(statement("sql/set_state", state=literal(state.resolve())))
    except BaseException:
        connection.close()
        raise
    return connection


def _shared(path: Path) -> duckdb.DuckDBPyConnection:
    """Give one more connection to a build; one replaced since is let go with its last reader."""
    global _last
    with _one_at_a_time:
        # Looked at before it is opened: where another is swapped in between, the next reader opens that.
        build = path.absolute(), as_it_lies(path)
        if _last is None or _last[:2] != build:
            _last = None
            _last = _Opened(*build, _attached(path))
        return _last.connection.cursor()


def _attached(path: Path) -> duckdb.DuckDBPyConnection:
    connection = scratch_connection()
    try:
        attach_read_only(connection, path, CATALOG)
    except BaseException:
        connection.close()
        raise
    return connection


def interruptible[Answer](
    connection: duckdb.DuckDBPyConnection, ask: Callable[[], Answer], seconds: float | None = None
) -> Answer:
    """Run a query so that Ctrl-C ends it at once, and not only where DuckDB looks for it.

    It runs in a thread of its own while this one waits, and is told to stop when this one is interrupted.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The one that is asked.
    ask : callable
        Asks it.
    seconds : float, optional
        After so many it is told to stop too.

    Raises
    ------
    TimeoutError
        It took longer.
    """
    answer: Future[Answer] = Future()

    def run() -> None:
        if answer.set_running_or_notify_cancel():
            try:
                answer.set_result(ask())
            except BaseException as error:
                answer.set_exception(error)

    try:
        # Not of a pool, which would wait for it: an interruption may come before it has begun.
        Thread(target=run, daemon=True).start()
        return _awaited(answer, seconds)
    except (KeyboardInterrupt, TimeoutError):
        # Again and again: a query that has only been handed over does not hear of it.
        while not answer.cancel() and not answer.done():
            connection.interrupt()
            wait([answer], _AGAIN_SECONDS)
        raise


def _awaited[Answer](answer: Future[Answer], seconds: float | None) -> Answer:
    """Wait in slices: Ctrl-C that comes right before a thread begins to wait does not wake it."""
    end = math.inf if seconds is None else time.monotonic() + seconds
    while not answer.done():
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        wait([answer], min(_AGAIN_SECONDS, left))
    return answer.result()


def scratch_connection(temporary_folder: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Open an empty in-memory database with the settings every connection of this package has."""
    folder = temporary_folder or Path(tempfile.gettempdir()) / "hbmcast-duckdb"
    connection = duckdb.connect(":memory:", config={**CONFIG, "temp_directory": str(folder)})
    # DuckDB draws a bar for slow queries on standard output, into whatever a command prints there.
    connection.execute(statement("sql/no_progress_bar"))
    return connection


def attach_read_only(connection: duckdb.DuckDBPyConnection, path: Path, catalog: str) -> None:
    """Attach a DuckDB file read-only under a name.

    Parameters
    ----------
    connection : DuckDBPyConnection
    path : Path
    catalog : str
        The name, an SQL identifier that goes into the statement unquoted.

    Raises
    ------
    WarehouseLocked, WarehouseUnreadable, WarehouseTooNew
    """
    try:
        connection.execute(statement("sql/attach_read_only", path=literal(path), catalog=catalog))
    except duckdb.Error as error:
        raise explained(error, path) from error


def explained(error: Exception, path: Path) -> WarehouseError:
    """Turn DuckDB's message about a file that can't be opened into one that says what to do.

    Parameters
    ----------
    error : Exception
        What DuckDB raised.
    path : Path
        File it was about.
    """
    message = str(error)
    if "Conflicting lock" in message or "Could not set lock" in message:
        holder = re.search(r"\(PID (\d+)\)", message)
        who = f"process {holder.group(1)}" if holder else "another process"
        return WarehouseLocked(
            f"{path}: {who} has it open for writing; close it there, or open it with `duckdb -readonly`"
        )
    if "can only read version" in message or "newer version of DuckDB" in message:
        return WarehouseTooNew(
            f"{path}: written by a newer DuckDB than {duckdb.__version__}; update hbmcast "
            f"({message.splitlines()[0]})"
        )
    first = first_line(error)
    return WarehouseUnreadable(
        f"{path}: can't be read ({first}); "
        "`hbmcast doctor --mend` puts a good one in its place or sets it aside"
    )


def read_frame(connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict | None) -> "pd.DataFrame":
    """Run a query; missing text is '', a missing number NaN.

    Parameters
    ----------
    connection : DuckDBPyConnection
    sql : str
    parameters : dict, optional
        Values by the names that the query gives them; None for a query that has none.

    Returns
    -------
    DataFrame
        Whole numbers with gaps are floats; days and times stay as DuckDB gives them.
    """
    relation = connection.sql(sql, params=parameters)
    texts = [
        name for name, kind in zip(relation.columns, relation.types, strict=True) if str(kind) == "VARCHAR"
    ]
    frame = relation.df()
    # Whole numbers with gaps come with a missing value of their own, which no comparison understands.
    gaps = [name for name in frame if str(frame[name].dtype).startswith(("Int", "UInt"))]
    return frame.assign(
        **{name: frame[name].fillna("").astype(str) for name in texts},
        **{name: frame[name].astype("float64") for name in gaps},
    )
