"""Builds: a full disk, a kill, lost rows, two publishers; what is left behind, and what is kept."""

import errno
import os
import subprocess
import sys

import pytest
from filelock import FileLock

import tests.warehouse.synthetic_warehouse as synthetic
from tests.places import ROOT
from tests.warehouse.test_warehouse_publish import files, served
from warehouse import builds, layout
from warehouse.builds import UNCHANGED, swap_in
from warehouse.errors import CheckFailed, PublishError, WarehouseLocked
from warehouse.query import query
from warehouse.read import latest_run
from warehouse.retention import Retention


def test_disk_full_while_the_draws_are_placed(state, monkeypatch):
    before, names = served(state), files(state)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("warehouse.atomic.os.link", full)
    monkeypatch.setattr("warehouse.atomic.shutil.copy2", full)
    with pytest.raises(PublishError, match="No space left"):
        synthetic.publish(state, "night-3")
    assert served(state) == before
    assert files(state) - names == {"night-3.parquet"}


def test_disk_full_while_the_file_is_flushed(state, monkeypatch):
    before, names = served(state), files(state)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PublishError, match=r"disk is full.*still in place"):
        synthetic.take_in_more(state)
    assert (served(state), files(state)) == (before, names)


FULL_DISK = """
import resource, sys
from pathlib import Path
import pandas as pd
import tests.warehouse.synthetic_warehouse as synthetic
from warehouse.errors import PublishError
state = Path(sys.argv[1])
# Room for what is there and for a few blocks of DuckDB's more, a quarter of a MiB each.
most = (state / "warehouse.duckdb").stat().st_size + 3 * 2**18
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
try:
    synthetic.take_in_more(state, 1_000, note_bytes=2_000)
except PublishError as error:
    print("refused:", error)
"""


def test_disk_full_inside_duckdb(state):
    """A real limit on the size of files, met by DuckDB half-way through a build, in another process."""
    before, names = served(state), files(state)
    done = run_python(FULL_DISK, state)
    assert "refused:" in done.stdout, done.stdout + done.stderr
    assert "still in place" in done.stdout
    assert (served(state), files(state)) == (before, names)


def run_python(source: str, *arguments: object) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", source, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_exception_while_building_leaves_nothing_behind(state):
    before, names = served(state), files(state)

    def apply(connection: object) -> None:
        connection.execute("DELETE FROM recent_forecast")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        swap_in(state, apply)
    assert (served(state), files(state)) == (before, names)


def test_leftovers_of_a_killed_build_are_removed(state):
    leftover = state / "builds" / "warehouse-000099.building"
    leftover.write_bytes(b"half")
    leftover.with_name(leftover.name + ".wal").write_bytes(b"log")
    swap_in(state, lambda connection: UNCHANGED)
    assert not leftover.exists()
    assert not leftover.with_name(leftover.name + ".wal").exists()


def test_lost_rows_are_noticed(state):
    with pytest.raises(CheckFailed, match="tables_did_not_shrink"):
        swap_in(
            state,
            lambda connection: connection.execute("DELETE FROM recent_binding WHERE run_id = 'night-1'"),
            scopes=("history",),
        )


def test_nothing_is_let_go_of_but_by_a_night(state):
    """What takes evidence or scores in knows nothing of HBMCAST_KEEP: it let go of what was to be kept."""
    aged = "UPDATE runs SET finished_at = TIMESTAMP '2020-01-01'"
    swap_in(state, lambda connection: connection.execute(aged), scopes=())
    rows = "SELECT count(*) AS n FROM diagnostics"
    before, builds = query(state, rows).to_pylist(), len(layout.build_files(state))
    for _ in range(9):
        swap_in(state, lambda connection: None, scopes=("history",))
    assert query(state, rows).to_pylist() == before
    assert len(layout.build_files(state)) == builds + 9


def test_only_the_last_builds_are_kept_and_the_newest_is_the_published(state):
    for _ in range(4):
        published = swap_in(state, lambda connection: None, kept=Retention(builds=3), scopes=("history",))
    kept = sorted((state / "builds").glob("warehouse-*.duckdb"))
    assert [p.name for p in kept] == [f"warehouse-{n:06d}.duckdb" for n in (6, 7, 8)]
    assert kept[-1].read_bytes() == published.read_bytes()
    assert list(state.glob("*.wal")) == list((state / "builds").glob("*.wal")) == []
    assert published.stat().st_mode & 0o222 == 0


def test_builds_work_where_the_disk_knows_no_links(state, monkeypatch):
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", no_links)
    swap_in(state, lambda connection: None, scopes=("history",))
    assert latest_run(state)["run_id"] == "night-2"


def test_two_publishers_do_not_meet(state, monkeypatch):
    monkeypatch.setattr(builds, "LOCK_TIMEOUT_SECONDS", 0.1)
    with (
        FileLock(layout.builds_folder(state) / "publish.lock"),
        pytest.raises(WarehouseLocked, match="publishing"),
    ):
        swap_in(state, lambda connection: None)
