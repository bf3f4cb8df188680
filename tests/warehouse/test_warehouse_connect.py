# ruff: noqa: E501 - rows and queries are easier to read uncut
"""Opening: clear errors, other clients, a moved state folder, one data dictionary."""

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
    WarehouseError,
    WarehouseLocked,
    WarehouseMissing,
    WarehouseTooNew,
    WarehouseUnreadable,
)

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


def test_unknown_error_is_passed_on_with_its_message(tmp_path):
    assert "odd thing" in str(explained(RuntimeError("odd thing"), tmp_path / "x"))


def test_analysts_cannot_write(two_nights):
    for sql in ("DELETE FROM figures", "CREATE TABLE x (a INTEGER)", "UPDATE runs SET as_of = NULL"):
        with pytest.raises(WarehouseError, match="read-only"):
            read.query(two_nights, sql)
    with pytest.raises(WarehouseError, match="hbm_forcast"):
        read.query(two_nights, "FROM hbm_forcast")
    with pytest.raises(WarehouseError, match="empty"):
        read.query(two_nights, "-- nothing")


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
        read.query(two_nights, "SELECT probability_above('hbm_revenue_usd', '2026', 5e10)")
        .columns[0][0]
        .as_py()
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


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT probability_above('hbm_revenu_usd', '2026', 1)", "nearest: hbm_revenue_usd"),
        ("SELECT quantile_of('hbm_revenue_usd', '2026q3', 0.5)", "nearest: .*2026Q3"),
        ("SELECT quantile_of('hbm_revenue_usd', '2030', 0.5)", "no such period; nearest: 2027, 2026, 2025"),
        ("SELECT quantile_of('hbm_revenue_usd', '2019Q2', 0.5)", "nearest: 2021Q2, 2021Q"),
        ("SELECT quantile_of_ratio('hbm_revenue_usd', 'dram_revenue', '2026', 0.5)", "dram_revenue_usd"),
        ("SELECT quantile_given_above('hbm_revenue_usd', '2026', 0.5, 'cowos_wafers', '2026', 1e15)", "no draw has"),
        # Rows, counted or filtered, are checked as single numbers are.
        ("SELECT count(*) FROM draws_of('equipment/tcb/usd/totl', '2026')", "equipment/tcb/usd/total"),
        ("SELECT count(*) FROM ratio_draws('hbm_revenue_usd', 'x', '2026')", "no such quantity"),
        ("SELECT count(*) FROM growth_draws('hbm_revenue_usd', '2026', '2015')", "no such period"),
        ("FROM paired_draws('hbm_revenue_usd', '2026', 'cowos_wafer', '2026')", "cowos_wafers"),
        ("FROM quantiles_of('hbm_revenue_usd', '20226')", "2026"),
        ("FROM interval_given_above('hbm_revenue_usd', '2026', 'cowos_wafer', '2026', 1)", "cowos_wafers"),
        ("FROM interval_given_below(NULL, '2026', 'cowos_wafers', '2026', 1)", "not NULL"),
        ("SELECT count(*) FROM draws_of_run('night-1', 'hbm_bit_gb', '2024')", "hbm_bits_gb"),
        ("SELECT count(*) FROM draws_of_run('night-9', 'hbm_bits_gb', '2024')", "night-1"),
        ("SELECT count(*) FROM changes_between('night-1', 'nigth-2')", "no published run nigth-2; nearest: night-2"),
        # A level is written as everybody's SQL does.
        ("SELECT quantile_of('hbm_revenue_usd', '2026', 95)", "as 0.95"),
        ("SELECT quantile_of_ratio('hbm_revenue_usd', 'dram_revenue_usd', '2026', 950)", "level 950"),
        ("SELECT quantile_of('hbm_revenue_usd', '2026', -0.5)", "level -0.5"),
        ("SELECT quantile_given_below('hbm_revenue_usd', '2026', 95, 'cowos_wafers', '2026', 1e15)", "as 0.95"),
    ],
)  # fmt: skip
def test_a_wrong_name_or_level_is_an_error_that_names_the_nearest(two_nights, sql, said):
    with pytest.raises(WarehouseError, match=said):
        read.query(two_nights, sql)


def test_views_of_draws_that_are_gone_say_so(state):
    for path in (state / "draws").glob("*/*.parquet"):
        path.unlink()
    swap_in(state, lambda connection: None, scopes=())
    with pytest.raises(WarehouseError, match="no draws any more; hbmcast nightly --force"):
        read.query(state, "SELECT count(*) FROM draws_of('hbm_revenue_usd', '2026')")


def test_macros_agree_with_numpy(two_nights, draws):
    np = synthetic.np
    index = synthetic.PERIODS.index
    revenue, wafers = (draws[q][:, index("2026")].astype(float) for q in ("hbm_revenue_usd", "cowos_wafers"))
    level = float(np.median(wafers))
    wanted = {
        "quantile_of('hbm_revenue_usd', '2026', 0.05)": np.percentile(revenue, 5),
        "quantile_of(of_quantity := 'hbm_revenue_usd', in_period := '2026', level := 0.975)": np.percentile(
            revenue, 97.5
        ),
        f"quantile_given_above('hbm_revenue_usd', '2026', 0.5, 'cowos_wafers', '2026', {level})": np.median(
            revenue[wafers > level]
        ),
        f"quantile_given_below('hbm_revenue_usd', '2026', 0.5, 'cowos_wafers', '2026', {level})": np.median(
            revenue[wafers < level]
        ),
        "probability_of_ratio_above('hbm_revenue_usd', 'cowos_wafers', '2026', 150000)": np.mean(
            revenue / wafers > 150_000
        ),
        f"(SELECT p95 FROM interval_given_below('hbm_revenue_usd', '2026', 'cowos_wafers', '2026', {level}))": np.percentile(
            revenue[wafers < level], 95
        ),
        "(SELECT value FROM quantiles_of('hbm_revenue_usd', '2026') WHERE level_per_mille = 900)": np.percentile(
            revenue, 90
        ),
        "(SELECT value FROM forecast_quantiles WHERE level_per_mille = 900 AND quantity = 'hbm_revenue_usd' AND period = '2026')": np.percentile(
            revenue, 90
        ),
    }
    found = read.query(
        two_nights, "SELECT " + ", ".join(f"{sql} AS c{i}" for i, sql in enumerate(wanted))
    ).to_pylist()[0]
    np.testing.assert_allclose(list(found.values()), list(wanted.values()), rtol=1e-9)


def test_forecast_as_of_takes_the_latest_vintage_known_then(two_nights):
    sql = "SELECT DISTINCT run_id FROM forecast_as_of('{}')"
    assert read.query(two_nights, sql.format("2026-01-02")).to_pylist() == [{"run_id": "night-2"}]
    assert read.query(two_nights, sql.format("2026-01-01")).to_pylist() == []


def test_everything_has_a_comment(two_nights):
    missing = read.query(
        two_nights,
        "SELECT kind, name, column_name FROM data_dictionary WHERE coalesce(comment, '') = ''",
    ).to_pylist()
    assert missing == []
    kinds = read.query(
        two_nights, "SELECT kind, count(*) AS n FROM data_dictionary GROUP BY kind"
    ).to_pylist()
    assert {row["kind"] for row in kinds} == {"table", "column", "view", "macro"}
    listed = "SELECT count(*) AS n FROM duckdb_columns() WHERE database_name = current_database()"
    (whole,) = read.query(two_nights, listed).to_pylist()
    assert {"kind": "column", **whole} in kinds  # those of views too


@pytest.mark.parametrize(
    ("view", "column", "said"),
    [
        ("supply_chain_in_force", "status", "How far it is"),  # not that of a run, which it reads too
        ("hbm_forecast", "p05", "5 % quantile"),
        ("freshness", "overdue", "by the clock"),
        ("materials_forecast", "part", "bottom_up"),
    ],
)
def test_a_column_of_a_view_is_explained_by_the_table_it_comes_from(two_nights, view, column, said):
    sql = f"SELECT comment FROM data_dictionary WHERE name = '{view}' AND column_name = '{column}'"
    assert said in read.query(two_nights, sql).to_pylist()[0]["comment"]


def test_office_programs_can_show_every_column(two_nights):
    """ODBC clients leave out lists, maps, wide and unsigned integers, and times with a zone."""
    hidden = (
        r"U.*INT.*|HUGEINT|UUID|TIME|INTERVAL|BLOB|.*WITH TIME ZONE.*|.*\[\]|STRUCT.*|MAP.*|DECIMAL\(38.*"
    )
    sql = f"SELECT name, column_name, data_type FROM data_dictionary WHERE regexp_full_match(data_type, '{hidden}')"
    assert read.query(two_nights, sql).to_pylist() == []


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


def test_levels_growth_and_ratios_are_told_apart(two_nights):
    levels = read.query(two_nights, "SELECT figure_id, unit FROM latest_figure_fit").to_pylist()
    assert {"figure_id": "hbm-0002", "unit": "USD"} in levels
    assert "hbm-0004" not in {row["figure_id"] for row in levels}
    relative = read.query(two_nights, "SELECT figure_id, measure, unit FROM latest_relative_fit").to_pylist()
    assert relative == [{"figure_id": "hbm-0004", "measure": "growth", "unit": "fraction"}]


def test_every_view_can_be_read(two_nights):
    views = read.query(two_nights, "SELECT name FROM data_dictionary WHERE kind = 'view'").to_pylist()
    assert len(views) > 20
    with connect(two_nights) as connection:
        for view in views:
            connection.execute(f"FROM {view['name']}").fetchall()


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
