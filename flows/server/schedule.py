"""The schedule: a Prefect server with its files in the state folder, and a deployment that runs by cron."""

import os
import sys
from importlib import import_module
from pathlib import Path

from flows.runtime.errors import HbmcastError
from flows.runtime.preparation import prepare_environment, prepare_state
from flows.runtime.retention_settings import retention_settings
from flows.runtime.settings import resolve, state_folder, timezone_name
from flows.server.forgetting import vacuum_settings
from warehouse import layout
from warehouse.prefect_database import FILE_NAME, damage, set_aside_damaged

LOCAL_SERVER = "http://127.0.0.1:4200/api"
DEPLOYMENT = "nightly"


def start_server(*, host: str, port: int, state: Path | None) -> None:
    """Become a Prefect server whose database lies in the state folder. Does not return.

    A damaged database is set aside: the server would end at once, and again whenever it is started again.

    Parameters
    ----------
    host : str
        Address it listens at; 0.0.0.0: every one of this machine.
    port : int
    state : Path or None
        None: the environment's, or the usual one.

    Raises
    ------
    HbmcastError
        A setting makes no sense, or the state folder can't be used.
    """
    folder = state_folder(state)
    prepare_state(folder)
    prepare_environment(folder)
    for name, value in vacuum_settings(retention_settings().prefect_days).items():
        os.environ.setdefault(name, value)
    os.environ["PREFECT_SERVER_API_HOST"] = host
    os.environ["PREFECT_SERVER_API_PORT"] = str(port)
    # The browser asks the server under the address it was started with.
    shown = "127.0.0.1" if host == "0.0.0.0" else host
    os.environ.setdefault("PREFECT_UI_API_URL", f"http://{shown}:{port}/api")
    _begin_anew_if_damaged(layout.prefect_folder(folder))
    prefect = [sys.executable, "-m", "flows.server.prefect_cli"]
    command = [*prefect, "server", "start", "--host", host, "--port", str(port)]
    sys.stderr.flush()
    os.execv(sys.executable, command)


def _begin_anew_if_damaged(home: Path) -> None:
    # It is read a second time before it is set aside, after Prefect was loaded: both must find it damaged.
    if damage(home) and _is_prefects_database(home / FILE_NAME) and (aside := set_aside_damaged(home)):
        print(f"Prefect's database was damaged: it is now {aside}, and a new one begun", file=sys.stderr)


def _is_prefects_database(file: Path) -> bool:
    """Ask Prefect, which also reads files of its own for it: the user may have named PostgreSQL there."""
    from prefect.settings import get_current_settings
    from sqlalchemy.engine import make_url

    named = get_current_settings().server.database.connection_url
    if named is None:
        return True
    url = make_url(named.get_secret_value())
    return url.get_backend_name() == "sqlite" and Path(url.database or "").absolute() == file.absolute()


def serve_nightly(
    *,
    cron: str,
    timezone: str | None,
    draws: int | None,
    state: Path | None,
    module: str = "flows.night.flow",
) -> None:
    """Register the nightly with the Prefect server and run it by the clock until stopped.

    One run at a time is the business of the run lock in the state folder, which also sees runs started by
    hand. Prefect's own concurrency limit is left unset: a run that was killed goes on holding its slot
    there for five minutes, and what falls due meanwhile is cancelled.

    The schedule stays on the server when this process stops, and goes on when it is started again.

    Parameters
    ----------
    cron : str
        When to run.
    timezone : str or None
        Zone of those times, and of the day up to which a night knows what was published; without one the
        environment's.
    draws : int or None
        Joint draws to simulate.
    state : Path or None
        State folder.
    module : str
        Module that holds the flow `nightly`; a trial of the schedule names another.

    Raises
    ------
    HbmcastError
        When the cron line or the time zone can't be read, or no server answers.
    """
    folder = state_folder(state)
    prepare_state(folder)
    prepare_environment(folder)
    url = os.environ.setdefault("PREFECT_API_URL", LOCAL_SERVER)
    zone = timezone_name(timezone)
    # What a night would refuse is refused now, not at two in the morning.
    resolve(state=folder, draws=draws, timezone=zone)
    _check_cron(cron, zone)
    _check_server(url)
    from prefect.flows import EntrypointType
    from prefect.schedules import Cron

    nightly = import_module(module).nightly
    parameters: dict[str, object] = {"state": str(folder), "timezone": zone}
    if draws is not None:
        parameters["draws"] = draws
    print(f"hbmcast nightly at {cron!r} {zone}, state {folder}, Prefect server {url}", file=sys.stderr)
    nightly.serve(
        name=DEPLOYMENT,
        schedule=Cron(cron, timezone=zone),
        parameters=parameters,
        description="Tonight's forecast of the HBM and CoWoS markets.",
        tags=["hbmcast"],
        # By module, so that it runs whatever folder the schedule was started from.
        entrypoint_type=EntrypointType.MODULE_PATH,
        # Stopping this process for an update must not pause the schedule on the server.
        pause_on_shutdown=False,
    )


def _check_cron(cron: str, zone: str) -> None:
    from prefect.client.schemas.schedules import CronSchedule

    try:
        CronSchedule(cron=cron, timezone=zone)
    except ValueError:
        raise HbmcastError(
            f"--cron {cron!r} can't be read", 'Write minute, hour, day, month, weekday: "0 2 * * *"'
        ) from None


def _check_server(url: str) -> None:
    import httpx

    try:
        httpx.get(f"{url.rstrip('/')}/health", timeout=10).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise HbmcastError(
            f"No Prefect server answers at {url} ({error})",
            "Start one with `hbmcast server`, or set PREFECT_API_URL to the one you have",
        ) from error
