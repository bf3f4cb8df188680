"""A clock that has gone back: nights of a day that lies before one already published."""

from datetime import date

from flows.runtime.errors import RunRefused
from flows.runtime.settings import Settings


def refuse_clock_gone_back(settings: Settings) -> None:
    """Refuse a night on a day before that of the forecast served, whatever day it is asked for.

    It would take everything published since for the future, and never be served.

    Raises
    ------
    RunRefused
        The clock is wrong, or was when that forecast was made.
    """
    from warehouse.errors import WarehouseError
    from warehouse.read import latest_run

    try:
        run = latest_run(settings.state) or {}
    except WarehouseError:
        # Nothing is published, or the next stage says why nothing can be read.
        return
    if run and date.fromisoformat(str(run["as_of"])) > settings.today:
        raise RunRefused(
            f"today is {settings.today} by the clock of this machine, but run {run['run_id']} is published "
            f"as of {run['as_of']}",
            "Set the clock; if it is right, copy a build of before that run (state folder, builds/) over "
            "warehouse.duckdb",
        )
