"""Reads what earlier runs said, what came of it, and how publishers changed their minds."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from warehouse import layout
from warehouse.connect import connect, read_frame, scratch_connection
from warehouse.statements import statement


def forecasts_of_runs(state: Path, quantities: Sequence[str]) -> pd.DataFrame:
    """Read the forecasts of every published run, the earliest as-of day first.

    Parameters
    ----------
    state : Path
    quantities : sequence of str

    Returns
    -------
    DataFrame
        ``run_id, as_of, run_number, finished_at, quantity, period, period_kind, p05`` .. ``p95``.
    """
    with connect(state) as connection:
        sql = statement("sql/forecasts_of_runs")
        return read_frame(connection, sql, {"quantities": list(quantities)})


def runs_that_differ(state: Path) -> list[str]:
    """List the published runs, the latest first; of those that say the very same only the last."""
    with connect(state) as connection:
        return [str(name) for (name,) in connection.execute(statement("sql/runs_that_differ")).fetchall()]


def outcomes(state: Path) -> pd.DataFrame:
    """Read what the latest backtest scored against; empty before the first one."""
    return _rows(state, "sql/latest_outcomes", None)


def vintage_forecasts(state: Path) -> pd.DataFrame:
    """Read what the vintages of the latest backtest forecast; empty where none is kept."""
    return _rows(state, "sql/vintage_forecasts", None)


def revision_chains(state: Path, as_of: date) -> pd.DataFrame:
    """Rows of the view ``revision_chains`` published by a day; empty where the file is older than it."""
    return _rows(state, "sql/revision_chains", {"as_of": as_of})


def draws_of_quantities(
    state: Path, run_id: str, quantities: Sequence[str], periods: Sequence[str], step: int
) -> pd.DataFrame:
    """Read some joint draws of a run.

    Parameters
    ----------
    state : Path
    run_id : str
    quantities : sequence of str
    periods : sequence of str
        Read in every draw; the others only in those whose number `step` divides.
    step : int

    Returns
    -------
    DataFrame
        ``draw, quantity, period, value``; empty where the run's draws are no longer kept.
    """
    file = Path(state) / layout.draws_file(run_id)
    if not file.is_file():
        return pd.DataFrame(columns=["draw", "quantity", "period", "value"])
    asked = {"draws_file": str(file), "quantities": list(quantities), "periods": list(periods), "step": step}
    with scratch_connection() as connection:
        return read_frame(connection, statement("sql/draws_of_quantities"), asked)


def _rows(state: Path, name: str, parameters: dict | None) -> pd.DataFrame:
    with connect(state) as connection, suppress(duckdb.CatalogException):
        return read_frame(connection, statement(name), parameters)
    return pd.DataFrame()
