"""One Prefect server for all test processes of a run: each costs as much as a hundred tests.

Not Prefect's own harness: that one imports the whole server into the test's process as well.
"""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock

from flows.server.ephemeral import EPHEMERAL

PATIENCE_SECONDS = 600.0
NEW_DATABASE = "prefect-new.db"
NOTE, LOCK = "prefect.json", "prefect.lock"
# No test asks for task runs, events, triggers or blocks: what keeps them costs as much as all else the server
# does.
WITHOUT = (
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_ENABLED",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED",
    "PREFECT_API_EVENTS_STREAM_OUT_ENABLED",
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START",
)


# Folders of the servers that this process shares, by address.
_folders: dict[str, Path] = {}


@contextmanager
def shared_server(folder: Path, kept: Path | None = None) -> Iterator[str]:
    """Give the address of a folder's server: started by the first that asks, ended by the last that goes.

    It stands still until somebody talks to it (`talking_to`): its loops would cost a second in every minute.

    Parameters
    ----------
    folder : Path
        Where the server keeps its files.
    kept : Path, optional
        Folder where new databases are kept from run to run, one for each version of Prefect: to set one up,
        by every migration there ever was, takes more than half of what it takes to start a server.
    """
    with FileLock(folder / LOCK):
        told = _told(folder) if (folder / NOTE).exists() else _started(folder, kept)
        _tell(folder, told, users=1)
    _folders[told["url"]] = folder
    try:
        yield told["url"]
    finally:
        with FileLock(folder / LOCK):
            told = _told(folder)
            _tell(folder, told, users=-1)
            if told["users"] == 1:
                (folder / NOTE).unlink()
                with suppress(ProcessLookupError, ChildProcessError):
                    os.kill(told["pid"], signal.SIGKILL)
                    os.waitpid(told["pid"], 0)


@contextmanager
def talking_to(url: str) -> Iterator[None]:
    """Let Prefect in this process talk to a shared server, which runs meanwhile."""
    from prefect.context import _temporary_global_settings_context, get_settings_context
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with (
        _running(_folders[url]),
        temporary_settings(updates={PREFECT_API_URL: url}),
        _temporary_global_settings_context(get_settings_context()),
    ):
        yield
        _drain()


@contextmanager
def _running(folder: Path) -> Iterator[None]:
    """Let a folder's server go on while anybody, in whichever process, talks to it."""
    with FileLock(folder / LOCK):
        told = _told(folder)
        _tell(folder, told, talkers=1)
        os.kill(told["pid"], signal.SIGCONT)
    try:
        yield
    finally:
        with FileLock(folder / LOCK):
            told = _told(folder)
            _tell(folder, told, talkers=-1)
            if told["talkers"] == 1:
                os.kill(told["pid"], signal.SIGSTOP)


def _told(folder: Path) -> dict:
    """Address and process of a folder's server, and how many processes share it and talk to it."""
    return json.loads((folder / NOTE).read_text())


def _tell(folder: Path, told: dict, **more: int) -> None:
    """Write down how many more share a folder's server or talk to it."""
    (folder / NOTE).write_text(json.dumps({**told, **{name: told[name] + n for name, n in more.items()}}))


def _started(folder: Path, kept: Path | None) -> dict:
    """Start a server that keeps its files in the folder; its address and process."""
    import httpx

    made = kept and kept / f"prefect-{version('prefect')}.db"
    if made and made.exists():
        shutil.copyfile(made, folder / NEW_DATABASE)
        new_home(folder, folder / "prefect")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--factory", "prefect.server.api.server:create_app"]
    options = ["--host", "127.0.0.1", "--port", str(port), "--log-level", "error", "--lifespan", "on"]
    own = {
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        **dict.fromkeys(WITHOUT, "false"),
    }
    process = subprocess.Popen(
        [*command, *options], env={**os.environ, **EPHEMERAL, **own}, start_new_session=True
    )
    url, last = f"http://127.0.0.1:{port}/api", time.monotonic() + PATIENCE_SECONDS
    # One client: each reads all certificates of the world.
    with httpx.Client(timeout=PATIENCE_SECONDS, trust_env=False) as client:
        while process.poll() is None and time.monotonic() < last:
            with suppress(httpx.TransportError):
                if client.get(f"{url}/health").is_success:
                    _keep_new_database(folder, made)
                    os.kill(process.pid, signal.SIGSTOP)
                    return {"url": url, "pid": process.pid, "users": 0, "talkers": 0}
            time.sleep(0.2)
    process.kill()
    raise RuntimeError("Prefect's server did not start")


def new_home(folder: Path, home: Path) -> None:
    """Give Prefect a home with a new database, copied from a folder's server: to set one up takes seconds."""
    home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / NEW_DATABASE, home / "prefect.db")


def _keep_new_database(folder: Path, made: Path | None) -> None:
    """Keep the database as it was before anything ran on it, from the first server of the folder."""
    if (folder / NEW_DATABASE).exists():
        return
    with (
        closing(sqlite3.connect(folder / "prefect" / "prefect.db")) as database,
        closing(sqlite3.connect(folder / NEW_DATABASE)) as copy,
    ):
        database.backup(copy)
    if made:
        half = made.with_name(f"{made.name}.{os.getpid()}")
        shutil.copyfile(folder / NEW_DATABASE, half)
        os.replace(half, made)


def _drain() -> None:
    """Send what is still to be logged while the server is there."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    with suppress(RuntimeError):
        APILogWorker.instance().drain()
    EventsWorker.drain_all()
