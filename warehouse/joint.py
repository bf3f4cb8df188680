"""Joint draws of any run that still has some, and the published runs by the names people give them."""

from collections.abc import Collection
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from warehouse import layout
from warehouse.connect import connect, read_frame
from warehouse.errors import WarehouseError
from warehouse.statements import statement

if TYPE_CHECKING:
    import pandas as pd

# Days that a name means, counted back from the as-of day of the run served.
DAYS_AGO = {"yesterday": 1, "week-ago": 7, "month-ago": 30, "quarter-ago": 91, "year-ago": 365}
NAMED = ("latest", "previous", *DAYS_AGO)


def published_runs(state: Path) -> "pd.DataFrame":
    """Read the published runs, the one served first: ``run_id, as_of, finished_at, run_number, served``."""
    with connect(state) as connection:
        return connection.sql(statement("sql/published_runs")).df()


def run_called(state: Path, name: str) -> str:
    """Return the id of the run that a name means.

    Parameters
    ----------
    state : Path
    name : str
        A run id or the beginning of only one; 'latest', the run served; 'previous', the one before it;
        'yesterday', 'week-ago', 'month-ago', 'quarter-ago', 'year-ago' or a day: the run with the latest
        as-of day not after that.

    Raises
    ------
    WarehouseError
        There is none; the message names those there are.
    """
    runs = published_runs(state)
    if runs.empty:
        raise WarehouseError("nothing is published yet; run `hbmcast nightly`")
    ids = [str(run_id) for run_id in runs["run_id"]]
    if name == "latest":
        return ids[0]
    listed = ", ".join(
        f"{run} (as of {day:%Y-%m-%d})" for run, day in zip(ids[:5], runs["as_of"][:5], strict=True)
    )
    if name == "previous":
        if len(ids) < 2:
            raise WarehouseError(f"no run was published before the one served; there is: {listed}")
        return ids[1]
    if name in DAYS_AGO:
        return _known_by(runs, _days_before(runs, DAYS_AGO[name]), name, listed)
    with suppress(ValueError):
        return _known_by(runs, date.fromisoformat(name), name, listed)
    found = [run for run in ids if run.startswith(name)]
    if name in ids or len(found) == 1:
        return name if name in ids else found[0]
    what = "more than one run begins with" if found else "no published run is called"
    raise WarehouseError(
        f"{what} {name!r}; use a run id, a day, or one of {', '.join(NAMED)}; there are: {listed}"
    )


def changes_between(state: Path, earlier: str, later: str) -> "pd.DataFrame":
    """Rows of the macro `changes_between` for two runs, with whether a quantity is a ``headline`` one.

    Parameters
    ----------
    state : Path
    earlier, later : str
        Ids of published runs.

    Raises
    ------
    duckdb.InvalidInputException
        No run of an id is published; the message names the nearest.
    """
    with connect(state) as connection:
        return read_frame(connection, statement("sql/changes_between"), {"earlier": earlier, "later": later})


def joint_values(
    state: Path, run_id: str, quantities: Collection[str], periods: Collection[str], most: int | None = None
) -> "pd.DataFrame":
    """Read draws of some quantities in some periods, side by side.

    Parameters
    ----------
    state : Path
    run_id : str
    quantities : collection of str
        Of the chain, or series of systems by name.
    periods : collection of str
    most : int, optional
        Draws wanted, spread evenly over those there are.

    Returns
    -------
    DataFrame
        A row per draw number, columns (quantity, period) as far as the run has them, in the order given;
        draws that lack one of them are left out. Of a run whose draws are gone those that are frozen of it;
        empty where nothing is kept.
    """
    import pandas as pd

    files = [state / of_run(run_id) for of_run in (layout.draws_file, layout.system_draws_file)]
    there = [str(path) for path in files if path.is_file()]
    if not there and (frozen := state / layout.frozen_file(run_id)).is_file():
        there = [str(frozen)]
    if not there:
        return pd.DataFrame()
    wanted = {"files": there, "quantities": list(quantities), "periods": list(periods)}
    with connect(state) as connection:
        long = read_frame(connection, statement("sql/joint_values"), wanted)
    wide = long.pivot_table(index="draw", columns=["quantity", "period"], values="value", observed=True)
    order = [column for q in quantities for p in periods if (column := (q, p)) in wide.columns]
    whole = wide[order].dropna()
    if most is not None and most < len(whole):
        step = len(whole) / most
        whole = whole.iloc[[int(i * step) for i in range(most)]]
    return whole


def what_is_wrong(state: Path, quantity: str, period: str) -> str | None:
    """Say what is wrong with a quantity or period, and which come nearest; None where there are draws.

    Parameters
    ----------
    state : Path
    quantity : str
        Of the chain, or a series of a system by name.
    period : str
        Quarter 2026Q1 or year 2026.

    Returns
    -------
    str or None
        A sentence. None too where the published file is of before there was a macro to ask.
    """
    with suppress(duckdb.CatalogException), connect(state) as connection:
        asked = {"quantity": quantity, "period": period}
        row = connection.execute(statement("sql/no_such_draws"), asked).fetchone()
        return None if row is None else row[0]
    return None


def figures_about(state: Path, quantity: str, period: str) -> "pd.DataFrame":
    """Read what was published of the level of a quantity in a period, as the run served reads it.

    Parameters
    ----------
    state : Path
    quantity : str
        Of the chain.
    period : str
        Quarter 2026Q1 or year 2026; figures of the month in which it ends count too.

    Returns
    -------
    DataFrame
        ``publisher, published_on, value, unit, kind, pit, used, figure_id, url``, the newest first.

    Raises
    ------
    WarehouseError
        The views are of an older version.
    """
    with connect(state) as connection:
        asked = {"quantity": quantity, "period": period}
        try:
            return read_frame(connection, statement("sql/figures_about"), asked)
        except duckdb.BinderException as error:
            raise WarehouseError(
                "the views of this state are of an older version; the next `hbmcast nightly` renews them"
            ) from error


def _days_before(runs: "pd.DataFrame", days: int) -> date:
    import pandas as pd

    return (runs["as_of"].iloc[0] - pd.Timedelta(days=days)).date()


def _known_by(runs: "pd.DataFrame", day: date, name: str, listed: str) -> str:
    """Of runs sorted from the latest as-of day on, the first that is not after a day."""
    known = runs[runs["as_of"].dt.date <= day]
    if known.empty:
        raise WarehouseError(
            f"no published run as of {name} ({day}) or before; `hbmcast nightly --as-of {day}` makes one; "
            f"there are: {listed}"
        )
    return str(known["run_id"].iloc[0])
