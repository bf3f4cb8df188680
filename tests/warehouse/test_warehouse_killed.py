# ruff: noqa: E501 - rows and queries are easier to read uncut
"""A process killed in the middle of publishing: yesterday's forecast is served, and the next publication works."""

import hashlib
import os
import signal
import time
from pathlib import Path

import pytest

import tests.warehouse.synthetic_warehouse as synthetic
from tests.warehouse.stopped_publisher import start_stopped
from warehouse import builds
from warehouse.connect import attach_read_only, connect, scratch_connection
from warehouse.draws import LEFTOVER_SECONDS
from warehouse.layout import builds_folder, published_file
from warehouse.read import latest_run

POINTS = {
    "tables copied, nothing of the run": ("copy_tables", "after"),
    "all rows in, not checked": ("run_checks", "before"),
    "checked, not on the disk": ("flush", "before"),
    "built, not put in place": ("replace_by_link", "before"),
}


def kill_while_publishing(state: Path, name: str, when: str) -> list[tuple]:
    """Publish night-3 in another process, read while it stands still, and kill it; gives what was read."""
    process = start_stopped(state, name, when)
    try:
        # It will not go on: a reader that waited for it would wait until it is killed by the clock.
        read = served(state)
        assert process.is_alive()
    finally:
        process.kill()
        process.join()
    assert process.exitcode == -signal.SIGKILL
    return read


def served(state: Path) -> list[tuple]:
    with connect(state) as connection:
        return connection.execute(
            "SELECT l.run_id, l.quantity, l.period, l.p50, (SELECT count(*) FROM draws) FROM latest_forecast l ORDER BY ALL"
        ).fetchall()


def leftovers(state: Path) -> list[str]:
    found = [*builds_folder(state).glob("*.building*"), *state.rglob("*.part*"), *state.glob("*.building")]
    return sorted(str(path.relative_to(state)) for path in found)


@pytest.mark.parametrize(("name", "when"), POINTS.values(), ids=POINTS)
def test_killed_while_publishing(state, name, when, monkeypatch):
    before, file = served(state), hashlib.sha256(published_file(state).read_bytes()).hexdigest()
    assert kill_while_publishing(state, name, when) == before, "read while the other process publishes"
    # It died in the middle: the unfinished file lies there, unless it was whole already.
    assert bool(leftovers(state)) == (name != "replace_by_link")
    assert hashlib.sha256(published_file(state).read_bytes()).hexdigest() == file
    assert served(state) == before
    assert latest_run(state)["run_id"] == "night-2"

    # The lock died with its process: who does not wait for it at all gets it.
    monkeypatch.setattr(builds, "LOCK_TIMEOUT_SECONDS", 0.0)
    synthetic.publish(state, "night-3")
    assert {row[0] for row in served(state)} == {"night-3"}
    assert leftovers(state) == []
    for build in builds_folder(state).glob("warehouse-*.duckdb"):
        connection = scratch_connection()
        attach_read_only(connection, build, "build")
        counted, there = connection.execute(
            "SELECT (SELECT row_count FROM build.builds WHERE table_name = 'figures' ORDER BY build DESC LIMIT 1), "
            "(SELECT count(*) FROM build.figures)"
        ).fetchone()
        connection.close()
        assert counted == there > 0, f"{build} is not whole"


def test_draws_of_a_run_that_was_killed_are_not_served_and_go(state):
    kill_while_publishing(state, *POINTS["all rows in, not checked"])
    orphan = state / "draws" / "run_id=night-3"
    assert orphan.is_dir()
    long_ago = time.time() - LEFTOVER_SECONDS - 60
    os.utime(orphan, (long_ago, long_ago))
    synthetic.publish(state, "night-4")
    assert {row[0] for row in served(state)} == {"night-4"}
    assert not orphan.exists()
    with connect(state) as connection:
        assert connection.execute("SELECT count(*) FROM runs WHERE run_id = 'night-3'").fetchone() == (0,)
