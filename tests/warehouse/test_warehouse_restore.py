"""Damaged warehouse files and draws are found by reading, and the last good build is served instead."""

import errno
import os
import stat
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

import tests.warehouse.synthetic_warehouse as synthetic
from tests.damage import flip_inside
from warehouse import builds, restore
from warehouse.atomic import DAMAGED
from warehouse.errors import PublishError
from warehouse.layout import build_files, draws_file, published_file
from warehouse.publish import publish_run, record_failure
from warehouse.query import query
from warehouse.read import freshness, latest_run

BLOCK = 2**18


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def bits_flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    for at in range(3 * 4096 + 1000, len(content), BLOCK):
        content[at] ^= 0xFF
    file.write_bytes(content)


def rows_deleted(file: Path) -> None:
    with duckdb.connect(file) as connection:
        connection.execute("DELETE FROM figures WHERE figure_id = 'hbm-0001'")


@pytest.mark.parametrize("spoil", [cut_off, bits_flipped, rows_deleted])
def test_a_damaged_file_gives_way_to_the_last_good_build(state: Path, spoil):
    published, newest = published_file(state), build_files(state)[0]
    assert restore.damage(published) == ""
    for file in (published, newest):
        file.chmod(0o644)
        spoil(file)
    assert restore.damage(published)
    good = restore.serve_last_good(state)
    assert good is not None
    assert restore.damage(published_file(state)) == ""
    assert latest_run(state)["run_id"] == restore.served_by(good).run_id == "night-1"
    assert newest.with_name(newest.name + DAMAGED).exists()
    synthetic.publish(state, "night-3")
    assert latest_run(state)["run_id"] == "night-3"


def test_without_a_good_build_the_damaged_file_is_set_aside(state: Path):
    for file in (published_file(state), *build_files(state)):
        file.chmod(0o644)
        cut_off(file)
    assert restore.serve_last_good(state) is None
    assert not published_file(state).exists()


def test_draws_that_are_cut_short_hold_nothing_back(state: Path):
    file = state / draws_file("night-2")
    file.write_bytes(file.read_bytes()[:-9])
    assert restore.damaged_draws(state) == [file]
    record_failure(state, {"run_id": "night-3", "as_of": synthetic.date(2026, 1, 3), "reason": "no light"})
    assert str(freshness(state)["stale_reason"]).endswith("failed: no light")
    assert query(state, "SELECT count(*) AS n FROM draws").to_pylist() == [{"n": 0}]
    restore.drop_draws(state, [file])
    assert restore.damaged_draws(state) == []
    assert latest_run(state)["run_id"] == "night-2"
    synthetic.publish(state, "night-4")
    assert query(state, "SELECT count(*) AS n FROM draws").to_pylist()[0]["n"] > 0


def test_draws_that_unpack_into_other_values_are_found_by_their_checksums(state: Path):
    file = state / draws_file("night-2")
    before = pq.read_table(file)
    flip_inside(file)
    assert not pq.read_table(file).equals(before)
    assert restore.damaged_draws(state) == []
    assert restore.damaged_draws(state, every_page=True) == [file]
    # One of before checksums has none to fail.
    pq.write_table(before, file)
    assert restore.damaged_draws(state, every_page=True) == []


def test_a_run_with_draws_that_are_cut_short_is_not_published(state: Path, tmp_path: Path):
    cut = tmp_path / "cut.parquet"
    cut.write_bytes(b"PAR1 and no more")
    day = synthetic.date(2026, 1, 3)
    frames = synthetic.frames(synthetic.joint_draws(n=40), "night-3", day)
    with pytest.raises(PublishError, match="cut short"):
        publish_run(state, {"run_id": "night-3", "as_of": day}, frames, cut)
    assert latest_run(state)["run_id"] == "night-2"


def test_what_fails_once_a_run_is_served_takes_nothing_away(state: Path, monkeypatch, caplog):
    fsync, unlink = os.fsync, Path.unlink

    def no_folder(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        fsync(handle)

    def no_draws(path: Path, missing_ok: bool = False) -> None:
        if path.name == "night-3.parquet":
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))
        unlink(path, missing_ok)

    monkeypatch.setattr(os, "fsync", no_folder)
    monkeypatch.setattr(Path, "unlink", no_draws)
    synthetic.publish(state, "night-3")
    told = [record.message for record in caplog.records if "is published" in record.message]
    assert ["tidying up" in told[0], "clearing up" in told[1]] == [True, True]
    assert served(state) == ("night-3", True)


def test_a_stop_once_a_run_is_served_takes_nothing_away(state: Path, monkeypatch):
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(builds, "_settle", stop)
    with pytest.raises(KeyboardInterrupt):
        synthetic.publish(state, "night-3")
    assert served(state) == ("night-3", True)


def test_a_build_that_could_not_be_put_in_place_is_none(state: Path, monkeypatch):
    before = build_files(state)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(builds, "link_or_copy", full)
    with pytest.raises(PublishError, match="disk is full"):
        synthetic.publish(state, "night-3")
    assert build_files(state) == before
    assert served(state) == ("night-2", True)


def served(state: Path) -> tuple[str, bool]:
    n = query(state, "SELECT count(*) AS n FROM draws").to_pylist()[0]["n"]
    return str(latest_run(state)["run_id"]), n > 0
