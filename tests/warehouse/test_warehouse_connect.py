# ruff: noqa: E501 - rows and queries are easier to read uncut
"""Opening: clear errors, other clients, a moved state folder; a query that is stopped."""

import shutil
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path
from threading import Event, get_ident
from types import SimpleNamespace

import duckdb
import pytest

import tests.warehouse.synthetic_warehouse as synthetic
from warehouse import read
from warehouse.builds import swap_in
from warehouse.connect import connect, explained, interruptible
from warehouse.errors import (
    WarehouseLocked,
    WarehouseMissing,
    WarehouseTooNew,
    WarehouseUnreadable,
)
from warehouse.query import query

# Newest file format that DuckDB 1.0, and so every 1.x client, reads.
OLDEST_FORMAT = 64
HEADER_BYTES = 4096


def test_missing_file_says_what_to_run(tmp_path):
    with pytest.raises(WarehouseMissing, match="hbmcast nightly"):
        connect(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a database" * 1000])
def test_file_that_is_no_database(tmp_path, content):
    (tmp_path / "warehouse.duckdb").write_bytes(content)
    with pytest.raises(WarehouseUnreadable, match="doctor --mend"):
        connect(tmp_path)


def test_damaged_file(state):
    replace_content(state, lambda content: b"x" * 20_000 + content[20_000:])
    with pytest.raises(WarehouseUnreadable, match="doctor --mend"):
        connect(state)


def test_file_of_a_newer_duckdb(state):
    replace_content(state, lambda content: with_format(content, 200))
    with pytest.raises(WarehouseTooNew, match="newer DuckDB"):
        connect(state)
    with pytest.raises(WarehouseTooNew, match="newer DuckDB"):
        swap_in(state, lambda connection: None)


def test_state_folder_of_a_newer_version(state):
    (state / "VERSION").write_text("2\n", encoding="utf-8")
    with pytest.raises(WarehouseTooNew, match="update hbmcast"):
        connect(state)
    with pytest.raises(WarehouseTooNew, match="update hbmcast"):
        swap_in(state, lambda connection: None)


def test_file_with_a_column_of_a_newer_version(state):
    published = state / "warehouse.duckdb"
    copy = state / "copy.duckdb"
    shutil.copy(published, copy)
    copy.chmod(0o644)
    with duckdb.connect(copy) as connection:
        connection.execute("CREATE TABLE equipment (tools INTEGER)")
    copy.replace(published)
    with pytest.raises(WarehouseTooNew, match=r"equipment.*tools"):
        swap_in(state, lambda connection: None)


def test_file_held_open_for_writing_by_another_process(state):
    published = state / "warehouse.duckdb"
    published.chmod(0o644)
    source = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", source, str(published)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert writer.stdout.readline() == "held\n"
        with pytest.raises(WarehouseLocked, match=f"process {writer.pid}"):
            connect(state)
        with pytest.raises(WarehouseLocked, match=f"process {writer.pid}"):
            swap_in(state, lambda connection: None)
    finally:
        writer.communicate("")
    assert connect(state).execute("SELECT run_id FROM latest_run").fetchone() == ("night-2",)


def test_readers_of_a_build_share_a_database_and_nothing_that_one_of_them_sets(state):
    seen = "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'seen'"
    with connect(state) as one, connect(state) as other, connect(state, alone=True) as alone:
        one.execute("CREATE TABLE memory.seen (a INTEGER); CREATE TEMP TABLE runs AS SELECT 'mine' AS run_id")
        one.execute("SET VARIABLE hbmcast_state = 'elsewhere'; USE memory")
        assert [of.execute(seen).fetchone() for of in (other, alone)] == [(1,), (0,)]
        assert other.execute("SELECT run_id FROM latest_run").fetchone() == ("night-2",)
        assert other.execute("SELECT getvariable('hbmcast_state')").fetchone() == (str(state.resolve()),)
        assert other.execute("SELECT count(*) > 1 FROM runs").fetchone() == (True,)
    query(state, "SET max_expression_depth = 77; SELECT 1")
    with connect(state) as one:
        assert one.execute("SELECT current_setting('max_expression_depth') = 77").fetchone() == (False,)
    swap_in(state, lambda connection: None, scopes=())
    with connect(state) as one:
        assert one.execute(seen).fetchone() == (0,), "another build, another database"


def test_a_file_that_is_damaged_once_it_was_read_is_not_read_on(state):
    connect(state).close()
    published = state / "warehouse.duckdb"
    published.chmod(0o644)
    with published.open("r+b") as file:
        file.write(b"x" * 20_000)
    with pytest.raises(WarehouseUnreadable, match="doctor --mend"):
        connect(state)


def test_unknown_error_is_passed_on_with_its_message(tmp_path):
    assert "odd thing" in str(explained(RuntimeError("odd thing"), tmp_path / "x"))


def test_extensions_are_never_fetched(two_nights):
    settings = dict(connect(two_nights).execute("SELECT name, value FROM duckdb_settings()").fetchall())
    assert (settings["autoinstall_known_extensions"], settings["autoload_known_extensions"]) == (
        "false",
        "false",
    )


def test_file_is_in_the_format_that_every_1x_client_reads(two_nights):
    content = (two_nights / "warehouse.duckdb").read_bytes()
    assert content[8:12] == b"DUCK"
    assert struct.unpack("<Q", content[12:20])[0] <= OLDEST_FORMAT


def test_plain_client_finds_the_draws(two_nights):
    with duckdb.connect(two_nights / "warehouse.duckdb", read_only=True) as connection:
        ours = connection.execute("SELECT probability_above('hbm_revenue_usd', '2026', 5e10)").fetchone()
    theirs = (
        query(two_nights, "SELECT probability_above('hbm_revenue_usd', '2026', 5e10)").columns[0][0].as_py()
    )
    assert ours == (theirs,)


def test_moved_state_folder(state, tmp_path):
    synthetic.publish(state, "night-3", synthetic.joint_draws(3, n=40))
    moved = Path(shutil.move(state, tmp_path / "it's moved"))
    sql = "SELECT probability_above('hbm_revenue_usd', '2026', 5e10), (SELECT count(*) FROM draws_of_run('night-1', 'hbm_bits_gb', '2024'))"
    with connect(moved) as connection:
        (expected,) = connection.execute(sql).fetchall()
    with duckdb.connect(moved / "warehouse.duckdb", read_only=True) as connection:
        with pytest.raises(duckdb.IOException, match="No files found"):
            connection.execute(sql)
        connection.execute(f"SET VARIABLE hbmcast_state = '{str(moved).replace(chr(39), chr(39) * 2)}'")
        assert connection.execute(sql).fetchall() == [expected]
    synthetic.publish(moved, "night-4", synthetic.joint_draws(4, n=40))
    with duckdb.connect(moved / "warehouse.duckdb", read_only=True) as connection:
        assert connection.execute("SELECT count(*) > 0 FROM draws").fetchone() == (True,)


def test_the_forecast_grows_stale_by_the_clock(state):
    def fresh() -> dict:
        return read.freshness(state) or {}

    assert (fresh()["stale"], fresh()["overdue"], fresh()["stale_reason"]) == (False, False, "")
    # Four days later: the run was finished four days earlier.
    aged = "UPDATE runs SET finished_at = finished_at - INTERVAL 4 DAY"
    swap_in(state, lambda connection: connection.execute(aged), scopes=())
    assert (fresh()["stale"], fresh()["overdue"], fresh()["last_attempt_failed"]) == (True, True, False)
    assert 95.9 < fresh()["age_hours"] < 97
    assert fresh()["stale_reason"].startswith("published 4 days ago, on ")


def replace_content(state: Path, change) -> None:
    published = state / "warehouse.duckdb"
    content = published.read_bytes()
    published.unlink()
    published.write_bytes(change(content))


def with_format(content: bytes, number: int) -> bytes:
    """Give a DuckDB file another format number, with the checksum of its header made right again."""
    header = bytearray(content[8:HEADER_BYTES])
    header[4:12] = struct.pack("<Q", number)
    checksum = 5381
    for (word,) in struct.iter_unpack("<Q", header):
        checksum ^= (word * 0xBF58476D1CE4E5B9) % 2**64
    return struct.pack("<Q", checksum) + bytes(header) + content[HEADER_BYTES:]


def test_slow_queries_print_nothing_into_the_answer(state):
    with connect(state) as connection:
        assert connection.execute("SELECT current_setting('enable_progress_bar')").fetchone() == (False,)


def test_ctrl_c_is_heard_whichever_thread_the_system_hands_it_to():
    """Also where it comes right before the main thread begins to wait: neither wakes it."""
    told = Event()
    # A run that a shell began in the background ignores it otherwise.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def ask() -> bool:
        # By then the other waits; did it not, it would hear of the signal in any case.
        time.sleep(0.3)
        signal.pthread_kill(get_ident(), signal.SIGINT)
        return told.wait(20)

    try:
        with pytest.raises(KeyboardInterrupt):
            interruptible(SimpleNamespace(interrupt=told.set), ask)  # type: ignore[arg-type]
    finally:
        signal.signal(signal.SIGINT, before)
    assert told.is_set()
