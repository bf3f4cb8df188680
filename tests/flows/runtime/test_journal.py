"""One run at a time, and what is left of a run that dies."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from flows.runtime import journal
from flows.runtime.journal import AlreadyRunning, one_run
from flows.runtime.preparation import prepare_state
from flows.runtime.settings import REPOSITORY, resolve
from warehouse import layout
from warehouse.retention import Retention

HOLD = """
import sys, time
from flows.runtime import journal
from flows.runtime.settings import resolve
settings = resolve(state=sys.argv[1])
with journal.one_run(settings):
    entry = journal.start(settings, "night-1", "slot")
    journal.at_stage(settings.state, entry, "fit")
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def settings(tmp_path: Path):
    prepare_state(tmp_path)
    return resolve(state=tmp_path)


def test_the_lock_excludes_and_is_given_back(settings):
    with one_run(settings):
        assert journal.is_locked(settings.state)
        with pytest.raises(AlreadyRunning), one_run(settings):
            pass
    assert not journal.is_locked(settings.state)
    with pytest.raises(RuntimeError, match="oops"), one_run(settings):
        raise RuntimeError("oops")
    assert not journal.is_locked(settings.state)


def test_a_killed_run_frees_the_lock_and_is_marked_abandoned(settings):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(settings.state)], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "held\n"
        said = f"night-1 is in progress.*process {process.pid}, at fit"
        with pytest.raises(AlreadyRunning, match=said), one_run(settings):
            pass
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    deadline = time.monotonic() + 60
    while journal.is_locked(settings.state) and time.monotonic() < deadline:
        time.sleep(0.05)
    with one_run(settings):
        (abandoned,) = journal.mark_abandoned(settings.state)
    assert (abandoned.run_id, abandoned.status) == ("night-1", "abandoned")
    assert "during fit" in abandoned.reason
    assert journal.mark_abandoned(settings.state) == []


def test_a_run_of_another_machine_is_alive_while_its_page_is_touched(settings, monkeypatch):
    with one_run(settings), monkeypatch.context() as there:
        there.setattr(journal.platform, "node", lambda: "other")
        journal.start(settings, "night-1", "")
    # The folder keeps no locks between machines: it is free, as seen from here.
    said = r"night-1 is in progress.*on other, at start"
    with pytest.raises(AlreadyRunning, match=said), one_run(settings):
        pass
    assert journal.is_locked(settings.state)
    page = layout.journal_file(settings.state, "night-1")
    long_ago = page.stat().st_mtime - journal.SILENT_SECONDS - 60
    os.utime(page, (long_ago, long_ago))
    assert not journal.is_locked(settings.state)
    with one_run(settings):
        assert journal.mark_abandoned(settings.state)[0].status == "abandoned"


def test_a_run_touches_its_page_while_it_lives(settings, monkeypatch):
    monkeypatch.setattr(journal, "BEAT_SECONDS", 0.01)
    journal.start(settings, "night-1", "")
    page = layout.journal_file(settings.state, "night-1")
    os.utime(page, (0, 0))
    with journal.alive(settings.state, "night-1"):
        deadline = time.monotonic() + 60
        while page.stat().st_mtime == 0 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert page.stat().st_mtime > 0


def test_a_slot_is_filled_by_a_published_run_only(settings):
    entry = journal.start(settings, "night-1", "monday")
    assert journal.slot_taken(settings.state, "monday") is None
    journal.finish(settings.state, entry, "failed", "R-hat")
    assert journal.slot_taken(settings.state, "monday") is None
    journal.finish(settings.state, journal.start(settings, "night-2", "monday"), "published")
    taken = journal.slot_taken(settings.state, "monday")
    assert taken is not None
    assert taken.run_id == "night-2"
    assert journal.slot_taken(settings.state, "tuesday") is None


def test_a_damaged_journal_is_passed_over(settings):
    journal.start(settings, "night-1", "a")
    (settings.state / "runs" / "night-0.json").write_text("{")
    (settings.state / "runs" / "night-2.json").write_text('{"other": 1}')
    assert [entry.run_id for entry in journal.entries(settings.state)] == ["night-1"]


def test_old_journals_go(settings):
    settings = replace(settings, kept=Retention(journals=3))
    for number in range(6):
        journal.start(settings, f"night-{number}", "")
    assert [entry.run_id for entry in journal.entries(settings.state)] == [f"night-{n}" for n in (2, 3, 4, 5)]


def test_run_ids_sort_by_time_and_differ(settings):
    moment = journal.now()
    assert journal.new_run_id(settings, moment) != journal.new_run_id(settings, moment)
    assert journal.new_run_id(settings, moment)[:16] == f"{moment:%Y%m%dT%H%M%SZ}"
