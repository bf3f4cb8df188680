"""What a reader looks at: one run, all of it, with its draws."""

from pathlib import Path
from typing import NamedTuple

SQL = """
SELECT (SELECT run_id FROM latest_run),
    (SELECT list(DISTINCT run_id) FROM latest_forecast), (SELECT count(*) FROM latest_forecast),
    (SELECT list(DISTINCT run_id) FROM binding_forecast), (SELECT count(*) FROM binding_forecast),
    (SELECT count(*) FROM draws), (SELECT count(DISTINCT draw) FROM draws),
    (SELECT abs(quantile_of('hbm_revenue_usd', '2026', 0.5) / p50 - 1) < 1e-3
     FROM hbm_forecast WHERE quantity = 'hbm_revenue_usd' AND period = '2026')
"""


# What costs little, for a reader who opens it again and again.
QUICK = """
SELECT (SELECT run_id FROM latest_run), (SELECT list(DISTINCT run_id) FROM latest_forecast),
    (SELECT count(*) FROM latest_forecast), (SELECT count(*) FROM draws)
"""


class Looked(NamedTuple):
    """The run served, and why it is not whole; '' where it is."""

    run_id: str
    fault: str


def looked_at(state: Path, draws: int) -> Looked:
    """Open what is served and look at it as a reader does.

    Parameters
    ----------
    state : Path
    draws : int
        Draws of every run.
    """
    from warehouse.connect import connect

    with connect(state) as connection:
        row = connection.execute(SQL).fetchone()
    assert row is not None
    run, of_forecast, n_forecast, of_binding, n_binding, n_values, n_draws, is_same = row
    fault = ""
    if of_forecast != [run] or of_binding != [run]:
        fault = f"rows of {of_forecast} and {of_binding} under run {run}"
    # A ratio has draws also where it is not defined, and no row of the forecast there.
    elif not (n_forecast and n_binding and n_draws == draws and n_values >= n_forecast * draws):
        fault = f"{n_forecast} rows of forecast, {n_binding} of binding, {n_values} values, {n_draws} draws"
    elif not is_same:
        fault = "draws and forecast differ"
    return Looked(str(run), fault)


def looked_at_quickly(state: Path) -> Looked:
    """Open what is served and see whether it is one whole run."""
    from warehouse.connect import connect

    with connect(state) as connection:
        row = connection.execute(QUICK).fetchone()
    assert row is not None
    run, of_forecast, n_forecast, n_values = row
    whole = of_forecast == [run] and n_forecast and n_values >= n_forecast
    return Looked(str(run), "" if whole else f"{run}: {row}")


def figures_in_force(state: Path) -> set[str]:
    """Figures that the warehouse has in force."""
    from warehouse.connect import connect

    with connect(state) as connection:
        return {name for (name,) in connection.execute("SELECT figure_id FROM figures_current").fetchall()}
