"""Keeps the scores of backtests: append-only, all rows of one backtest at once or none."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import duckdb
import pandas as pd

from warehouse.builds import swap_in
from warehouse.carry_over import columns_of_new
from warehouse.connect import connect
from warehouse.errors import PublishError
from warehouse.frames import insert, insert_row
from warehouse.layout import published_file
from warehouse.publish import RUN_ID
from warehouse.shown import own_or_committed
from warehouse.statements import statement
from warehouse.tables import RESULTS, brought_by

FRAMES = brought_by("backtests", "needed")


def publish_scores(
    state: Path,
    backtest: Mapping[str, object],
    frames: Mapping[str, pd.DataFrame],
) -> Path:
    """Append the scores of a backtest; the view ``scoreboard`` then shows them.

    Parameters
    ----------
    state : Path
        State folder.
    backtest : mapping
        Columns of the table ``backtests``; ``finished_at`` (UTC) is set here when not given.
    frames : mapping of str to DataFrame
        ``scores``, ``outcomes`` and ``skill`` with the columns of their tables; ``run_id`` is filled in.

    Returns
    -------
    Path
        The published file.

    Raises
    ------
    PublishError
        A frame is missing, or a backtest of this name is already there. Nothing was changed.
    """
    run_id = str(backtest.get("run_id") or "")
    if not RUN_ID.fullmatch(run_id):
        raise PublishError(f"run_id {run_id!r}: letters, digits, dot, dash and underscore only")
    if sorted(frames) != sorted(FRAMES):
        raise PublishError(
            f"backtest {run_id}: give the frames {', '.join(FRAMES)}, not {', '.join(sorted(frames))}"
        )
    now = datetime.now(UTC).replace(tzinfo=None)
    row = {**backtest, "finished_at": backtest.get("finished_at") or now}

    def apply(connection: duckdb.DuckDBPyConnection) -> None:
        # Fetched whole: DuckDB refuses to insert while an answer is unread.
        found = connection.execute(statement("sql/backtest_exists"), {"run_id": run_id}).fetchall()
        if found and found[0][0]:
            raise PublishError(f"backtest {run_id} is already recorded; give it another run_id")
        columns = columns_of_new(connection)
        optional = RESULTS["backtests"].optional_columns
        needed = [name for name in columns["backtests"] if name not in optional]
        insert_row(connection, "backtests", row, columns["backtests"], needed)
        for name in FRAMES:
            frame = frames[name].assign(run_id=run_id)
            insert(connection, name, frame, columns[name], columns[name])

    return swap_in(state, apply, scopes=("history",))


def latest_backtest(state: Path) -> dict[str, object] | None:
    """Row of ``backtests`` of the backtest made last; None without any."""
    if not published_file(state).exists():
        return None
    with connect(state) as connection:
        try:
            cursor = connection.execute(statement("sql/latest_backtest"))
        except duckdb.CatalogException:
            # Published before there were backtests: the next build has the tables.
            return None
        names = [column[0] for column in cursor.description or []]
        row = cursor.fetchone()
    return None if row is None else dict(zip(names, row, strict=True))


def latest_scoreboard(state: Path) -> pd.DataFrame:
    """Rows of the view ``scoreboard``; empty before the first backtest."""
    with connect(state) as connection:
        return connection.sql(statement("sql/scoreboard")).df()


def shown_scores(state: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read what a report shows of the latest backtest.

    Returns
    -------
    scoreboard : DataFrame
        As `latest_scoreboard`.
    pits : DataFrame
        ``as_of, quantity, period, horizon_group, metric, value`` of our forecasts, metrics ``pit`` and
        ``pit_with_outcome_error``; empty before the first backtest.

    Before the first backtest the scoreboard is the one committed with the code, told by a column
    ``code_version``; empty where none is.
    """
    with connect(state) as connection:
        try:
            board = own_or_committed(lambda sql: connection.sql(statement(sql)).df())
            return board, connection.sql(statement("sql/pits")).df()
        except duckdb.CatalogException:
            # Published before there were backtests, or scores with the code.
            return pd.DataFrame(), pd.DataFrame()


class KeptScores(NamedTuple):
    """The last backtest of a state folder.

    Attributes
    ----------
    scores, outcomes, joint, board : DataFrame
        Tables ``scores`` and ``outcomes``, views ``joint_scoreboard`` and ``scoreboard``; days as
        `datetime.date`.
    """

    scores: pd.DataFrame
    outcomes: pd.DataFrame
    joint: pd.DataFrame
    board: pd.DataFrame


def kept_scores(state: Path) -> KeptScores | None:
    """Read the last backtest of a state folder; None without any."""
    with connect(state) as connection:
        try:
            found = [
                connection.sql(statement(f"sql/{name}")).df()
                for name in ("latest_scores", "latest_outcomes", "joint_scoreboard", "scoreboard")
            ]
        except duckdb.CatalogException:
            # Published before there were such scores.
            return None
    for frame, name in ((found[0], "as_of"), (found[1], "known_on")):
        frame[name] = frame[name].dt.date
    return KeptScores(*found) if len(found[0]) else None


def backtest_to_keep(state: Path) -> tuple[dict[str, object] | None, pd.DataFrame]:
    """Row of ``backtests`` of the latest backtest, and its scoreboard with all its parts."""
    with connect(state) as connection:
        board = connection.sql(statement("sql/scoreboard_by_outcome_date")).df()
    return latest_backtest(state), board
