"""What `hbmcast doctor` looks at: the installation, the evidence, the state folder and what serves it."""

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from flows.commands.mending import (
    Finding,
    database_faults,
    draws_faults,
    posterior_faults,
    prefect_faults,
    private_faults,
)
from flows.commands.staleness import loud
from flows.runtime import journal
from flows.runtime.errors import one_line
from flows.runtime.preparation import check_state
from flows.runtime.settings import DATA_VARIABLE, REPOSITORY, STATE_VARIABLE, resolve
from models.vocabulary.wording import first_few
from warehouse import layout
from warehouse.atomic import UNFINISHED

_SECOND_PART = "# For development"
"""Where the lock begins to name what a forecast does without (Makefile)."""
TESTED_PYTHON = ((3, 13),)
LEAST_FREE_BYTES = 1 * 2**30
COMFORTABLE_FREE_BYTES = 4 * 2**30


def findings(folder: Path, with_draws: bool = False) -> Iterator[Finding]:
    """Look at everything in turn; a look that itself fails is a finding, not a crash."""
    looks: tuple[Callable[[Path], Iterator[Finding]], ...] = (
        _python,
        _packages,
        _evidence,
        _sources,
        _state,
        _disk,
        _runs,
        partial(_database, with_draws=with_draws),
        private_faults,
        _prefect,
        _caches,
    )
    for look in looks:
        try:
            yield from look(folder)
        except Exception as error:
            yield Finding(
                "error",
                f"{getattr(look, '__name__', '_database').strip('_')}: {one_line(error)}",
                getattr(error, "remedy", ""),
            )


def _python(folder: Path) -> Iterator[Finding]:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] in TESTED_PYTHON:
        yield Finding("ok", f"Python {found}, hbmcast {_installed('hbmcast') or 'not installed'}")
    else:
        remedy = "If it makes trouble: rm -rf .venv && make setup PYTHON=/path/to/python3.13"
        yield Finding("note", f"Python {found}: hbmcast is locked and tested with 3.13", remedy)


def _packages(folder: Path) -> Iterator[Finding]:
    lock = REPOSITORY / "requirements.lock"
    if not lock.exists():
        yield Finding("note", "No requirements.lock beside the code: versions are not compared")
        return
    needed, _, optional = lock.read_text(encoding="utf-8").partition(_SECOND_PART)
    pins = re.compile(r"^([A-Za-z0-9._-]+)==([^ \\]+)", re.MULTILINE)
    locked = pins.findall(needed) + [pin for pin in pins.findall(optional) if _installed(pin[0])]
    other = [(name, wanted, _installed(name)) for name, wanted in locked]
    wrong = [
        f"{name} {found or 'missing'} (locked {wanted})" for name, wanted, found in other if found != wanted
    ]
    if wrong:
        shown = first_few(wrong, 8)
        yield Finding(
            "warning", f"{len(wrong)} packages differ from the lock: {shown}", "rm -rf .venv && make setup"
        )
    else:
        yield Finding("ok", f"all {len(locked)} packages are as locked")


def _evidence(folder: Path) -> Iterator[Finding]:
    from flows.sources.readers import read_folders

    settings = resolve(state=folder)
    raw = read_folders(settings)
    for problem in raw.problems[:20]:
        yield Finding("warning", f"{problem.file} line {problem.row}: {problem.problem}", problem.remedy)
    rows = sum(len(frame) for frame in raw.files.values())
    places = " and ".join(map(str, (settings.data, *settings.overlays)))
    yield Finding("ok", f"evidence in {places} ({DATA_VARIABLE}): {len(raw.files)} files, {rows} rows")


def _sources(folder: Path) -> Iterator[Finding]:
    from flows.sources import review_queue
    from flows.sources.ages import source_ages

    ages = source_ages(folder)
    for age in ages:
        if not age.fails:
            continue
        last = f"that of {age.changed_at:%Y-%m-%d}" if age.changed_at else "nothing"
        failed = f"{age.door} {age.source} failed on {age.last_failed_at:%Y-%m-%d %H:%M}: {age.failure}"
        yield Finding(
            "warning",
            f"{failed}; read is {last}",
            "The next night asks again; if it stays, look at its address",
        )
    answered = [age.last_good_at for age in ages if age.last_good_at is not None]
    if answered:
        yield Finding(
            "ok", f"{len(ages)} sources on the network, the oldest good answer of {min(answered):%Y-%m-%d}"
        )
    queue = review_queue.listed(folder)
    if queue.waiting:
        yield Finding("note", f"{len(queue.waiting)} figures wait for a person", "hbmcast review")
    for unreadable in queue.unreadable:
        yield Finding("warning", f"review queue: {unreadable}", "Mend the file, or take it away")


def _state(folder: Path) -> Iterator[Finding]:
    if not folder.exists():
        yield Finding(
            "note", f"state folder {folder} ({STATE_VARIABLE}) does not exist yet", "make forecast creates it"
        )
        return
    check_state(folder)
    probe = folder / ".doctor"
    try:
        probe.write_text("can be written", encoding="utf-8")
        probe.unlink()
    except OSError as error:
        yield Finding(
            "error",
            f"state folder {folder} can't be written: {error.strerror}",
            "Give its owner write permission, or use another folder with --state",
        )
        return
    yield Finding("ok", f"state folder {folder} ({STATE_VARIABLE}) can be written")
    leftovers = [path for path in folder.rglob(f"*{UNFINISHED}") if not journal.is_locked(folder)]
    if leftovers:
        yield Finding(
            "note", f"{len(leftovers)} half-written files, first {leftovers[0]}", "They may be deleted"
        )


def _disk(folder: Path) -> Iterator[Finding]:
    place = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(place).free
    words = f"{free / 2**30:.1f} GiB free at {place}"
    if free < LEAST_FREE_BYTES:
        yield Finding("error", words, "Free at least 1 GiB: a night writes draws, a build and caches")
    elif free < COMFORTABLE_FREE_BYTES:
        yield Finding("warning", words, "Old builds and draws go by themselves; free some more space")
    else:
        yield Finding("ok", words)


def _runs(folder: Path) -> Iterator[Finding]:
    if journal.is_locked(folder):
        yield Finding("note", journal.running_line(folder))
        return
    known = journal.entries(folder)
    for entry in known:
        if entry.status == "running":
            yield Finding(
                "warning",
                f"run {entry.run_id} of {entry.started_at} ended during {entry.stage} without a word",
                "The next night marks it abandoned and starts afresh",
            )
    if known and known[-1].status in ("failed", "abandoned"):
        yield Finding(
            "warning",
            f"the last run, {known[-1].run_id}, {known[-1].status}: {known[-1].reason}",
            "Mend what it names, then run hbmcast nightly",
        )


def _database(folder: Path, with_draws: bool) -> Iterator[Finding]:
    damaged = list(database_faults(folder))
    yield from damaged
    if any(finding.mend for finding in damaged) or not layout.published_file(folder).exists():
        return
    from warehouse.checker import check_published
    from warehouse.read import latest_run

    served = latest_run(folder)
    if served is None:
        yield Finding("warning", "the database holds evidence but no published forecast", "hbmcast nightly")
        return
    yield Finding("ok", f"database readable; serves run {served['run_id']} as of {served['as_of']}")
    yield from _ages(folder)
    draws = list(draws_faults(folder, str(served["run_id"]), with_draws))
    yield from draws
    yield from posterior_faults(folder, str(served["content_hash"]))
    # Of draws that are missing or damaged a check would blame the model.
    are_good = all(finding.level != "error" for finding in draws)
    for failed in check_published(folder, with_draws=with_draws and are_good):
        level = "error" if failed.severity == "error" else "warning"
        yield Finding(level, f"check {failed.name}: {failed.title}: {failed.n_rows} rows", failed.remedy)


def _ages(folder: Path) -> Iterator[Finding]:
    from dashboards.staleness import staleness

    for line in staleness(folder):
        remedy = "Mend what it names, with newer figures where evidence is old, then run hbmcast nightly"
        yield Finding("warning", loud(line), remedy)


def _prefect(folder: Path) -> Iterator[Finding]:
    home = Path(os.environ.get("PREFECT_HOME") or layout.prefect_folder(folder))
    if home != layout.prefect_folder(folder):
        yield Finding(
            "note", f"PREFECT_HOME is {home}, outside the state folder", "Unset it to keep all state together"
        )
    url = os.environ.get("PREFECT_API_URL")
    if not journal.is_locked(folder):
        yield from prefect_faults(home)
    if not url:
        yield Finding("ok", f"Prefect: embedded server, home {home}")
        return
    import httpx

    try:
        httpx.get(f"{url.rstrip('/')}/health", timeout=5).raise_for_status()
        yield Finding("ok", f"Prefect server {url} answers")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        yield Finding(
            "warning",
            f"Prefect server {url} (PREFECT_API_URL) does not answer: {error}",
            "Start it with hbmcast server; until then nights use the embedded one and schedules rest",
        )


def _caches(folder: Path) -> Iterator[Finding]:
    cache = layout.cache_folder(folder)
    size = sum(path.stat().st_size for path in cache.rglob("*") if path.is_file()) if cache.exists() else 0
    if size == 0:
        yield Finding("note", "compile cache is empty: the next fit compiles for a minute")
    else:
        yield Finding(
            "ok", f"compile cache {size / 2**20:.0f} MiB; delete {cache} if a library was changed by hand"
        )


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
