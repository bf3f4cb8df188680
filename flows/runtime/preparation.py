"""Readies the state folder of a run, and the environment of its process.

Import this before anything heavy: `prepare_environment` tells Prefect, PyTensor, Numba and Matplotlib
where their files belong, and that only counts before they are imported.
"""

import os
import tempfile
from pathlib import Path

from flows.runtime.errors import StateError
from flows.runtime.settings import STATE_VARIABLE
from warehouse import layout
from warehouse.layout import LAYOUT_VERSION as STATE_VERSION


def check_state(state: Path) -> None:
    """Refuse a state folder written by a newer hbmcast, or one whose version can't be read.

    Raises
    ------
    StateError
        With the remedy.
    """
    text = layout.version_text(state)
    if text is None:
        return
    if not text.isdigit():
        raise StateError(
            f"{layout.version_file(state)} should hold the number of the state layout "
            f"but holds {text[:40]!r}",
            f"Write {STATE_VERSION} into it if the folder was made by this version, or use another folder",
        )
    if int(text) > STATE_VERSION:
        raise StateError(
            f"The state folder {state} has layout {text}, this hbmcast knows {STATE_VERSION}",
            f"Update hbmcast, or name another folder with --state or {STATE_VARIABLE}; nothing was touched",
        )


def prepare_state(state: Path) -> None:
    """Create the state folder and its parts where they are missing.

    Raises
    ------
    StateError
        When the folder can't be written or belongs to a newer version.
    """
    check_state(state)
    for part in layout.ALL_FOLDERS:
        place = state / part
        # lexists: a link that leads nowhere is in the way too.
        if os.path.lexists(place) and not place.is_dir():
            raise StateError(f"{place} is no folder", "Move it away: a night keeps files in a folder there")
    try:
        for part in layout.FOLDERS:
            (state / part).mkdir(parents=True, exist_ok=True)
        layout.write_version(state)
        # Folders that are there already say nothing of whether they can be written.
        with tempfile.TemporaryFile(dir=state):
            pass
    except OSError as error:
        raise StateError(
            f"The state folder {state} can't be written ({error.strerror or error})",
            f"Make it writable, free disk space, or name another folder with --state or {STATE_VARIABLE}",
        ) from error


def prepare_environment(state: Path) -> None:
    """Point every library's files into the state folder and turn all telemetry off.

    What the user has set himself stays, except telemetry.
    """
    wanted = {
        STATE_VARIABLE: str(state),
        "PREFECT_HOME": str(layout.prefect_folder(state)),
        # The embedded server: allowed, patient (its first start migrates a database), local.
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "true",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "90",
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
        # A third less compiling than at 3, for the same speed of the sampler (at 0 it is forty times slower).
        "NUMBA_OPT": "1",
        "NUMBA_CACHE_DIR": str(layout.cache_folder(state, "numba")),
        "MPLCONFIGDIR": str(layout.cache_folder(state, "matplotlib")),
        "MPLBACKEND": "Agg",
        # What is large is computed side by side as it is, and the threads of a matrix product wait for each
        # other by counting: with one the joint futures took 55 CPU-s instead of 64.
        "OPENBLAS_NUM_THREADS": "1",
    }
    for name, value in wanted.items():
        os.environ.setdefault(name, value)
    os.environ[STATE_VARIABLE] = str(state)
    os.environ.update(
        DO_NOT_TRACK="1",
        PREFECT_SERVER_ANALYTICS_ENABLED="false",
        PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT="false",
        PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS="false",
    )
    flags = os.environ.get("PYTENSOR_FLAGS", "")
    if "base_compiledir" not in flags:
        place = f"base_compiledir={layout.cache_folder(state, 'pytensor')}"
        os.environ["PYTENSOR_FLAGS"] = f"{flags},{place}" if flags else place
    # A proxy for the outside world must not swallow the server on this machine.
    for name in ("NO_PROXY", "no_proxy"):
        hosts = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join(dict.fromkeys([*hosts, "127.0.0.1", "localhost"]))
