"""One run at a time, and a short journal of each run outside the database.

The lock belongs to a living process: the operating system drops it when the process dies, however it
dies. So whoever holds the lock knows that every run still marked "running" was abandoned: on one machine. A
folder that several machines share may keep no locks between them; there a run is alive as long as its page of
the journal is touched.
"""

import json
import math
import os
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from flows.runtime.settings import Settings
from warehouse import layout
from warehouse.atomic import written_whole

# How often a run shows that it lives, and after how long a run of another machine counts as dead.
BEAT_SECONDS, SILENT_SECONDS = 30.0, 300.0


class AlreadyRunning(Exception):
    """Another process holds the run lock."""


@dataclass(frozen=True)
class Entry:
    """What is known about one run from its start on, whether or not it ever reached the database.

    `key` names the slot the run fills: two starts for the same slot are one run. `status` is 'running',
    'published', 'failed' or 'abandoned'; `stage` the stage it is in, or was in when it ended;
    `flow_run_id` the run's name on the Prefect server; `host` the machine it runs on.
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
    host: str = ""


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
        At once, when another run holds it, here or on another machine.
    """
    # Once loaded, it makes every import and opening behind it slower: who only reads needs no lock.
    from filelock import FileLock, Timeout

    settings.lock.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.lock, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise AlreadyRunning(running_line(settings.state)) from None
    try:
        if elsewhere := living_elsewhere(settings.state):
            raise AlreadyRunning(line(elsewhere[0]))
        yield
    finally:
        lock.release()


def is_locked(state: Path) -> bool:
    """Say whether a run is in progress in this state folder; one that can't be locked holds none of ours."""
    path = layout.lock_file(state)
    if not path.exists():
        return False
    from filelock import FileLock, Timeout

    probe = FileLock(path, timeout=0)
    try:
        probe.acquire()
    except Timeout:
        return True
    except OSError:
        return False
    probe.release()
    return bool(living_elsewhere(state))


def living_elsewhere(state: Path) -> list[Entry]:
    """Find the runs of other machines whose pages were touched a short while ago, oldest first."""
    return [
        entry
        for entry in entries(state)
        if entry.status == "running"
        and not _is_of_here(entry)
        and _silent_seconds(state, entry) < SILENT_SECONDS
    ]


def _is_of_here(entry: Entry) -> bool:
    return entry.host in ("", platform.node())


def _silent_seconds(state: Path, entry: Entry) -> float:
    """Say how long a page was not touched; NaN, neither short nor long, where it has gone meanwhile."""
    lock = layout.lock_file(state)
    # Both moments come from whoever keeps the files, whatever the clocks of the machines say.
    os.utime(lock)
    try:
        return lock.stat().st_mtime - layout.journal_file(state, entry.run_id).stat().st_mtime
    except OSError:
        return math.nan


@contextmanager
def alive(state: Path, run_id: str) -> Iterator[None]:
    """Touch a run's page of the journal now and then, for machines that see nothing of its lock."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT_SECONDS):
            with suppress(OSError):
                os.utime(layout.journal_file(state, run_id))

    thread = threading.Thread(target=beat, name="journal", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def running_line(state: Path) -> str:
    """Say in one line which run is in progress."""
    running = [entry for entry in entries(state) if entry.status == "running"]
    if not running:
        return "another run has just started"
    return line(running[-1])


def line(entry: Entry) -> str:
    """Say in one line of a run that it is in progress, and where."""
    on = "" if _is_of_here(entry) else f" on {entry.host}"
    where = f"process {entry.pid}{on}, at {entry.stage}"
    return f"run {entry.run_id} is in progress since {entry.started_at} ({where})"


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
    """Open the journal of a run; forget the oldest ones.

    Parameters
    ----------
    settings : Settings
    run_id : str
    key : str
        The slot that the run fills.
    flow_run_id : str
        Of Prefect.
    """
    for path in sorted(layout.journal_folder(settings.state).glob("*.json"))[: -settings.kept.journals]:
        path.unlink(missing_ok=True)
    started = stamp(now())
    entry = Entry(
        run_id,
        key,
        str(settings.as_of),
        os.getpid(),
        started,
        stage_at=started,
        flow_run_id=flow_run_id,
        host=platform.node(),
    )
    return write(settings.state, entry)


def at_stage(state: Path, entry: Entry, stage: str) -> Entry:
    """Note which stage a run has reached.

    Parameters
    ----------
    state : Path
    entry : Entry
    stage : str
        Name of `flows.night.run.PLAN`.

    Returns
    -------
    Entry
        As it stands now.
    """
    return write(state, replace(entry, stage=stage, stage_at=stamp(now())))


def finish(
    state: Path, entry: Entry, status: str, reason: str = "", seconds: dict[str, float] | None = None
) -> Entry:
    """Close the journal of a run.

    Parameters
    ----------
    state : Path
    entry : Entry
    status : str
        published, failed, ...
    reason : str
        One line, where it failed.
    seconds : dict of str to float, optional
        By stage.
    """
    return write(
        state,
        replace(entry, status=status, reason=reason, finished_at=stamp(now()), seconds=seconds or {}),
    )


def mark_abandoned(state: Path, own: str = "") -> list[Entry]:
    """Close every run that is still marked running, but for those of other machines that may live.

    Call only while holding the lock: it says that no run of this machine lives, save the caller's.

    Parameters
    ----------
    state : Path
    own : str
        Run id of the caller, where its page is open already.

    Returns
    -------
    list of Entry
        The runs that were abandoned, as they now stand.
    """
    return [
        finish(state, entry, "abandoned", f"the process ended during {entry.stage} without a word")
        for entry in entries(state)
        if entry.status == "running" and entry.run_id != own and _is_dead(state, entry)
    ]


def _is_dead(state: Path, entry: Entry) -> bool:
    # A page that has gone is of a run that gave way: written again, it would be a run that never was.
    return _is_of_here(entry) or _silent_seconds(state, entry) >= SILENT_SECONDS


def slot_taken(state: Path, key: str) -> Entry | None:
    """Return the run that already filled a slot, if one did (a failed run leaves its slot free)."""
    taken = [entry for entry in entries(state) if entry.key == key and entry.status == "published"]
    return taken[-1] if taken else None


def stamp(moment: datetime) -> str:
    """Write a moment as ISO text to the second."""
    return moment.isoformat(timespec="seconds")
