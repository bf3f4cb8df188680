"""One run at a time, and a short journal of each run outside the database.

The lock belongs to a living process: the operating system drops it when the process dies, however it
dies. So whoever holds the lock knows that every run still marked "running" was abandoned.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from flows.runtime.settings import Settings
from warehouse import layout
from warehouse.atomic import written_whole

# Journals are small; a year of nights is kept.
KEPT_JOURNALS = 400


class AlreadyRunning(Exception):
    """Another process holds the run lock."""


@dataclass(frozen=True)
class Entry:
    """What is known about one run from its start on, whether or not it ever reached the database.

    `key` names the slot the run fills: two starts for the same slot are one run. `status` is 'running',
    'published', 'failed' or 'abandoned'; `stage` the stage it is in, or was in when it ended;
    `flow_run_id` the run's name on the Prefect server.
    """

    run_id: str
    key: str
    as_of: str
    pid: int
    started_at: str
    status: str = "running"
    stage: str = "start"
    stage_at: str = ""
    finished_at: str = ""
    reason: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    flow_run_id: str = ""


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def new_run_id(settings: Settings, at: datetime | None = None) -> str:
    """Return a run id that sorts by time and says its as-of day: `20250131T020000Z-asof-20250131-ab12`."""
    moment = at or now()
    return f"{moment:%Y%m%dT%H%M%SZ}-asof-{settings.as_of:%Y%m%d}-{os.urandom(2).hex()}"


@contextmanager
def one_run(settings: Settings) -> Iterator[None]:
    """Hold the run lock of a state folder.

    Raises
    ------
    AlreadyRunning
        At once, when another run holds it.
    """
    settings.lock.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.lock, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise AlreadyRunning(running_line(settings.state)) from None
    try:
        yield
    finally:
        lock.release()


def is_locked(state: Path) -> bool:
    """Say whether a run is in progress in this state folder."""
    path = layout.lock_file(state)
    if not path.exists():
        return False
    probe = FileLock(path, timeout=0)
    try:
        probe.acquire()
    except (Timeout, OSError):
        return True
    probe.release()
    return False


def running_line(state: Path) -> str:
    """Say in one line which run is in progress."""
    running = [entry for entry in entries(state) if entry.status == "running"]
    if not running:
        return "another run has just started"
    entry = running[-1]
    return (
        f"run {entry.run_id} is in progress since {entry.started_at} (process {entry.pid}, at {entry.stage})"
    )


def entries(state: Path) -> list[Entry]:
    """Return all journal entries, oldest first; a file that can't be read is passed over."""
    found = []
    for path in sorted(layout.journal_folder(state).glob("*.json")):
        try:
            found.append(Entry(**json.loads(path.read_text(encoding="utf-8"))))
        except (ValueError, TypeError, OSError):
            continue
    return found


def write(state: Path, entry: Entry) -> Entry:
    """Write an entry whole or not at all, and return it."""
    page = layout.journal_file(state, entry.run_id)
    page.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(page) as unfinished:
        unfinished.write_text(json.dumps(asdict(entry), indent=1), encoding="utf-8")
    return entry


def start(settings: Settings, run_id: str, key: str, flow_run_id: str = "") -> Entry:
    """Open the journal of a run; forget the oldest ones."""
    for path in sorted(layout.journal_folder(settings.state).glob("*.json"))[:-KEPT_JOURNALS]:
        path.unlink(missing_ok=True)
    started = stamp(now())
    entry = Entry(
        run_id, key, str(settings.as_of), os.getpid(), started, stage_at=started, flow_run_id=flow_run_id
    )
    return write(settings.state, entry)


def at_stage(state: Path, entry: Entry, stage: str) -> Entry:
    """Note which stage a run has reached."""
    return write(state, replace(entry, stage=stage, stage_at=stamp(now())))


def finish(
    state: Path, entry: Entry, status: str, reason: str = "", seconds: dict[str, float] | None = None
) -> Entry:
    """Close the journal of a run."""
    return write(
        state,
        replace(entry, status=status, reason=reason, finished_at=stamp(now()), seconds=seconds or {}),
    )


def mark_abandoned(state: Path) -> list[Entry]:
    """Close every run that is still marked running. Call only while holding the lock.

    Returns
    -------
    list of Entry
        The runs that were abandoned, as they now stand.
    """
    return [
        finish(state, entry, "abandoned", f"the process ended during {entry.stage} without a word")
        for entry in entries(state)
        if entry.status == "running"
    ]


def slot_taken(state: Path, key: str) -> Entry | None:
    """Return the run that already filled a slot, if one did (a failed run leaves its slot free)."""
    taken = [entry for entry in entries(state) if entry.key == key and entry.status == "published"]
    return taken[-1] if taken else None


def stamp(moment: datetime) -> str:
    """Write a moment as ISO text to the second."""
    return moment.isoformat(timespec="seconds")
