"""Where fits of vintages, refits and scenarios run: read from the environment, in this process without it."""

import os
from importlib.util import find_spec

from flows.runtime.errors import HbmcastError

TASK_RUNNER_VARIABLE = "HBMCAST_TASK_RUNNER"
THREADS, DASK = "threads", "dask"
_SCHEMES = ("tcp://", "tls://")


def task_runner_setting() -> str:
    """Read where fits of vintages, refits and scenarios run: 'threads', 'dask' or the address of a scheduler.

    Raises
    ------
    HbmcastError
        It is something else, or the packages for it are not installed.
    """
    said = os.environ.get(TASK_RUNNER_VARIABLE, "").strip() or THREADS
    if said == THREADS:
        return THREADS
    if said != DASK and not said.startswith(_SCHEMES):
        raise HbmcastError(
            f"{TASK_RUNNER_VARIABLE}={said} is unknown",
            f"{THREADS}: in this process; {DASK}: processes of this machine; tcp://HOST:8786: a scheduler",
        )
    if find_spec("prefect_dask") is None:
        raise HbmcastError(
            f"{TASK_RUNNER_VARIABLE}={said} needs packages that are not installed",
            "Run `make setup`, or `pip install 'hbmcast[dask]'`",
        )
    return said
