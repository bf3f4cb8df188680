"""Prefect's server for one run, started in a process of its own before anything heavy is imported here.

Left to itself Prefect starts the very same server, but only after it has imported all of it into this process
too: seconds in which one processor waits for the other.
"""

import atexit
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from warehouse.prefect_database import set_aside_damaged

API_VARIABLE = "PREFECT_API_URL"
PATIENCE_SECONDS = 90.0
_STOP_SECONDS = 5.0
# What Prefect sets for the server it starts by itself: no user interface, no background services.
EPHEMERAL = {"PREFECT_UI_ENABLED": "0", "PREFECT__SERVEREPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1"}


def chosen_otherwise() -> bool:
    """Say whether the user names a server, or may name one in a file that only Prefect reads."""
    files = (Path(os.environ.get("PREFECT_HOME", "")) / "profiles.toml", Path("prefect.toml"), Path(".env"))
    return any(os.environ.get(name) for name in (API_VARIABLE, "PREFECT_PROFILE")) or any(
        file.is_file() for file in files
    )


def start_beside(patience: float = PATIENCE_SECONDS) -> Callable[[], None]:
    """Start a server on this machine that lives as long as this process, unless the user names another.

    Import Prefect only afterwards: its settings are read then.

    Parameters
    ----------
    patience : float
        Seconds the server may take to start.

    Returns
    -------
    callable
        Returns when the server answers. One that does not is given up, and Prefect starts its own.
    """
    if chosen_otherwise():
        return lambda: None
    port = _free_port()
    process = _started(port)

    def wait() -> None:
        if _answers(process, patience):
            return
        aside = set_aside_damaged(Path(os.environ.get("PREFECT_HOME", "")))
        if aside is None or not _answers(_started(port), patience):
            _give_up()
        if aside is not None:
            print(f"Prefect's database was damaged: it is now {aside}, and a new one begun", file=sys.stderr)

    return wait


def _started(port: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "uvicorn", "--factory", "prefect.server.api.server:create_app"]
    options = ["--host", "127.0.0.1", "--port", str(port), "--log-level", "error", "--lifespan", "on"]
    # In a group of its own: Ctrl-C is for this process, which stops the server at its end.
    process = subprocess.Popen(
        [*command, *options], env={**os.environ, **EPHEMERAL}, start_new_session=os.name == "posix"
    )
    # Registered before Prefect is imported, so called after Prefect has sent its last log lines and events.
    atexit.register(_stop, process)
    os.environ[API_VARIABLE] = f"http://127.0.0.1:{port}/api"
    return process


def start_for(runner: str) -> None:
    """Start a server and wait for it where a cluster is asked for: its workers talk to it."""
    from flows.runtime.task_runner_settings import THREADS

    if runner != THREADS:
        # Prefect's own console log repeats the progress and prints tracebacks; its server keeps both.
        os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
        start_beside()()


def _answers(process: "subprocess.Popen[bytes]", patience: float) -> bool:
    """Wait until a server answers; one that does not is stopped."""
    import httpx

    last = time.monotonic() + patience
    # One client: each reads all certificates of the world, which takes as long as the pause.
    with httpx.Client(timeout=patience) as client:
        while process.poll() is None and time.monotonic() < last:
            try:
                if client.get(f"{os.environ[API_VARIABLE]}/health").is_success:
                    return True
            except httpx.TransportError:
                time.sleep(0.05)
    _stop(process)
    return False


def _give_up() -> None:
    from prefect.context import refresh_global_settings_context

    del os.environ[API_VARIABLE]
    refresh_global_settings_context()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
