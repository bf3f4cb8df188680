"""`hbmcast nightly`: one run now, on Prefect's embedded server or the one PREFECT_API_URL names."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from threading import Event, Thread

from flows.runtime import journal
from flows.runtime.errors import one_line
from flows.runtime.preparation import prepare_environment, prepare_state
from flows.runtime.settings import Settings, resolve
from flows.server.ephemeral import chosen_otherwise, start_beside
from flows.server.forgetting import forget_old_runs
from warehouse.layout import report_file

IMPORTED_AHEAD = (
    "warehouse.publish",
    "models.evidence.validation",
    "flows.sources.readers",
    "dashboards.report",
)
# What only nights with something new need, in the order in which they do; a fit comes last.
IMPORTED_MEANWHILE = (
    "scipy.stats",
    "models.scoring.scored_figures",
    "xarray",
    "arviz_stats.base",
    "dask.base",
    "distributed",
    "pytensor",
    "numba",
    "pymc",
    "nutpie",
)


def run_once(
    *, as_of: str | None, force: bool, seed: int | None, draws: int | None, state: Path | None
) -> int:
    """Run the nightly flow once and say how it ended.

    Parameters
    ----------
    as_of, force, seed, draws, state
        As for `hbmcast nightly`; None: the environment's, or the usual one.

    Returns
    -------
    int
        Exit code: 0 when a forecast was published or another run is at it, else 1.

    Raises
    ------
    HbmcastError
        A setting makes no sense, or the state folder can't be used.
    """
    settings = resolve(as_of=as_of, force=force, seed=seed, draws=draws, state=state)
    prepare_state(settings.state)
    prepare_environment(settings.state)
    if journal.is_locked(settings.state):
        _say(f"nothing to do: {journal.running_line(settings.state)}")
        return 0
    # Prefect's own console log repeats the progress and prints tracebacks; its server keeps both.
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    _leave_dead_server()
    own_server = not chosen_otherwise()
    wait_for_server = start_beside()
    from flows.night.flow import nightly

    _import_ahead()
    with _importing_meanwhile():
        wait_for_server()
    try:
        outcome = nightly(as_of=as_of, force=force, seed=seed, draws=draws, state=str(settings.state))
    except Exception as error:
        failed = [entry for entry in journal.entries(settings.state) if entry.status == "failed"]
        stage = f" at {failed[-1].stage}" if failed and failed[-1].pid == os.getpid() else ""
        _say(f"hbmcast: the night failed{stage}: {one_line(error)}")
        _say(what_is_served(settings))
        return 1
    if own_server:
        _forget_old_runs(settings)
    if outcome["status"] == "published":
        seconds = ", ".join(f"{name} {value:.0f} s" for name, value in outcome["seconds"].items())
        _say(f"published {outcome['run_id']} ({seconds})")
        _say(f"database  {settings.database}")
        report = report_file(settings.state, outcome["run_id"])
        _say(f"report    {report if report.is_file() else 'could not be drawn; try `hbmcast report`'}")
        for line in where_to_look(settings, outcome["run_id"]):
            _say(line)
    return 0


def _import_ahead() -> None:
    """Load what the stages need while Prefect's server starts, which has a process of its own."""
    for name in IMPORTED_AHEAD:
        _import(name)


@contextmanager
def _importing_meanwhile() -> Iterator[None]:
    """Load what a night may need besides, one library after the other, for as long as the block takes."""
    over = Event()

    def load() -> None:
        for name in IMPORTED_MEANWHILE:
            if over.is_set():
                return
            _import(name)

    thread = Thread(target=load, name="imports")
    thread.start()
    try:
        yield
    finally:
        over.set()
        # No stage begins beside it: two threads in one import see it half done.
        thread.join()


def _import(name: str) -> None:
    # A package that is missing or broken is told of by the stage that needs it.
    with suppress(Exception):
        import_module(name)


def _forget_old_runs(settings: Settings) -> None:
    """Let Prefect forget nights of long ago; the forecast is out, and no fault here may hide that."""
    try:
        forget_old_runs(settings.kept.prefect_days)
    except Exception as error:
        _say(f"Prefect's old runs were not forgotten: {one_line(error)}")


def what_is_served(settings: Settings) -> str:
    """Say what readers get after a night that failed."""
    served = _served(settings)
    if not served:
        return "Nothing is published yet; `hbmcast doctor` says what there is."
    return f"Still served: {served['run_id']} as of {served['as_of']}; `hbmcast show` says how old it is."


def where_to_look(settings: Settings, run_id: str) -> list[str]:
    """Say how to query a run just published; a rerun of history is not what the views serve."""
    served = _served(settings)
    if served.get("run_id", run_id) == run_id:
        return ['look      hbmcast show    or    hbmcast sql "from hbm_forecast"']
    return [
        f"served    still {served.get('run_id')}, which knows more (as of {served.get('as_of')}); "
        f"the run as of {settings.as_of} is kept beside it",
        f"look      hbmcast show --run {run_id}",
        f"          hbmcast sql \"from forecast_as_of('{settings.as_of}')\"",
        f"          hbmcast sql \"from draws_of_run('{run_id}', 'hbm_revenue_usd', '2025')\"",
    ]


def _served(settings: Settings) -> dict[str, object]:
    from warehouse.errors import WarehouseError
    from warehouse.read import latest_run

    try:
        return latest_run(settings.state) or {}
    except WarehouseError:
        return {}


def _leave_dead_server() -> None:
    """Use the embedded server where the named one does not answer: the forecast matters more than its log."""
    url = os.environ.get("PREFECT_API_URL")
    if not url:
        return
    import httpx

    try:
        httpx.get(f"{url.rstrip('/')}/health", timeout=5).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        _say(f"The Prefect server {url} does not answer ({error}); this run uses the embedded one.")
        del os.environ["PREFECT_API_URL"]


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
