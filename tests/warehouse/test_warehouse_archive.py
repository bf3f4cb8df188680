"""Earlier runs lie in the archive, a night that changes nothing takes no room, and nobody's SQL notices."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

import tests.warehouse.synthetic_warehouse as synthetic
from warehouse import archive, builds
from warehouse.archive import sweep_archive
from warehouse.builds import swap_in
from warehouse.checker import check_published
from warehouse.publish import publish_run
from warehouse.query import query
from warehouse.read import forecast, run_tables
from warehouse.retention import Retention
from warehouse.tables import ARCHIVED, recent

FIRST = date(2026, 1, 2)
REVENUE = "quantity = 'hbm_revenue_usd' AND period = '2026'"


def night(state: Path, number: int, seed: int) -> None:
    """Publish a night of its own day, with the numbers of a seed, and no draws."""
    day, run_id = FIRST + timedelta(days=number), f"night-{number}"
    frames = synthetic.frames(synthetic.joint_draws(seed, n=40), run_id, day)
    with synthetic.unchecked():
        publish_run(state, {"run_id": run_id, "as_of": day, "draws": 40}, frames)


@pytest.fixture(scope="module")
def five_nights(tmp_path_factory):
    """Five nights of which the third says what the second said; all but the last are in the archive."""
    state = tmp_path_factory.mktemp("five") / "state"
    synthetic.take_in(state)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(archive, "RECENT_RUNS", 1)
        patched.setattr(archive, "WAITING_RUNS", 1)
        for number, seed in enumerate((1, 2, 2, 3, 4), start=1):
            night(state, number, seed)
    return state


@pytest.fixture
def nights(tmp_path, five_nights):
    """A copy that a test may change, and with it the archive moves."""
    return shutil.copytree(five_nights, tmp_path / "state")


def told(state: Path, sql: str) -> list[tuple]:
    return [tuple(row.values()) for row in query(state, sql).to_pylist()]


def test_every_run_is_shown_under_its_own_name_and_day(nights):
    rows = told(nights, f"SELECT run_id, as_of, p50 FROM forecast WHERE {REVENUE} ORDER BY run_id")
    medians = {
        seed: float(synthetic.np.median(synthetic.joint_draws(seed, n=40)["hbm_revenue_usd"][:, index]))
        for index in (synthetic.PERIODS.index("2026"),)
        for seed in (1, 2, 3, 4)
    }
    expected = [
        (f"night-{number}", FIRST + timedelta(days=number), pytest.approx(medians[seed], rel=1e-6))
        for number, seed in enumerate((1, 2, 2, 3, 4), start=1)
    ]
    assert rows == expected
    # As many rows as were published of every table, and the comments of the tables on their views.
    for table, per_night in (("forecast", None), ("figure_fit", 4), ("publisher_bias", 3)):
        counted = told(nights, f"SELECT count(*) FROM {table} GROUP BY run_id")
        assert len(counted) == 5
        assert per_night is None or set(counted) == {(per_night,)}
    assert forecast(nights, "night-3")["p50"].equals(forecast(nights, "night-2")["p50"])
    assert len(run_tables(nights, "night-1", ["binding"])["binding"]) == 3 * len(synthetic.PERIODS)
    assert {len(told(nights, f"FROM changes_between('night-{n}', 'night-5')")) > 0 for n in (1, 3)} == {True}


def test_the_file_holds_the_last_run_and_the_archive_the_others_once(nights):
    assert told(nights, "SELECT DISTINCT run_id FROM recent_forecast ORDER BY ALL") == [
        ("night-4",),
        ("night-5",),
    ]
    placed = told(
        nights,
        "SELECT run_id, rows_of, file IS NULL FROM run_rows WHERE table_name = 'forecast' ORDER BY run_id",
    )
    assert placed == [
        ("night-1", "night-1", False), ("night-2", "night-2", False), ("night-3", "night-2", False),
        ("night-4", "night-4", True), ("night-5", "night-5", True),
    ]  # fmt: skip
    files = {str(path.relative_to(nights)) for path in (nights / "archive").glob("*/*.parquet")}
    assert files == {file for (file,) in told(nights, "SELECT file FROM archives")}
    # What every night says alike stays in the file: it is the last run's too.
    assert told(nights, "SELECT DISTINCT rows_of, file FROM run_rows WHERE table_name = 'binding'") == [
        ("night-1", None)
    ]
    # Warnings are added to diagnostics after the checks: no run shares its own.
    assert told(nights, "SELECT count(DISTINCT rows_of) FROM run_rows WHERE table_name = 'diagnostics'") == [
        (5,)
    ]


def test_what_is_served_does_not_hang_on_the_archive(nights, caplog):
    served = forecast(nights)
    shutil.rmtree(nights / "archive" / "forecast")
    assert forecast(nights).equals(served)
    assert [f.name for f in check_published(nights)].count("archive_complete") == 1
    swap_in(nights, lambda connection: None, scopes=("history",))
    assert "missing or changed; the rows of forecast in it are not shown" in caplog.text
    assert told(nights, "SELECT DISTINCT run_id FROM forecast ORDER BY ALL") == [("night-4",), ("night-5",)]


def test_files_that_no_kept_build_lists_go(nights):
    (left,) = (nights / "archive" / "forecast").glob("warehouse-000004.parquet")
    orphan = left.with_name("warehouse-000099.parquet")
    shutil.copy(left, orphan)
    assert sweep_archive(nights) == [str(orphan.relative_to(nights))]
    assert left.is_file()


def test_old_results_are_let_go_of_and_forecasts_are_kept(nights, monkeypatch):
    aged = "UPDATE runs SET finished_at = TIMESTAMP '2020-01-01' WHERE run_id < 'night-4'"
    swap_in(nights, lambda connection: connection.execute(aged), scopes=())
    few = Retention(builds=2, results_days=100)
    for _ in range(3):
        swap_in(nights, lambda connection: None, few, scopes=("history",))
    runs = "SELECT DISTINCT run_id FROM {} ORDER BY ALL"
    assert len(told(nights, runs.format("forecast"))) == 5
    assert told(nights, runs.format("diagnostics")) == [("night-4",), ("night-5",)]
    assert {path.parent.name for path in (nights / "archive").glob("*/*")} == {"forecast"}


def test_a_file_of_before_the_archive_is_taken_over(nights, monkeypatch):
    before = nights / "before.duckdb"
    with duckdb.connect(str(before)) as old:
        old.execute(f"ATTACH '{nights / 'warehouse.duckdb'}' AS new (READ_ONLY)")
        old.execute(f"SET VARIABLE hbmcast_state = '{nights}'")
        names = [name for (name,) in old.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'new'"
        ).fetchall()]  # fmt: skip
        known = {recent(table): table for table in ARCHIVED}
        for name in set(names) - {"run_rows", "archives"}:
            plain = known.get(name, name)
            old.execute("USE new")
            old.execute(f"CREATE TABLE before.{plain} AS FROM {plain}")
        old.execute("DELETE FROM before.builds WHERE table_name IN ('run_rows', 'archives')")
        said = old.execute(f"SELECT run_id, p50 FROM forecast WHERE {REVENUE} ORDER BY ALL").fetchall()
        old.execute("USE before")
    shutil.rmtree(nights / "archive")
    (nights / "warehouse.duckdb").unlink()
    shutil.move(before, nights / "warehouse.duckdb")
    monkeypatch.setattr(archive, "WAITING_RUNS", 1)
    for number in (6, 7):
        night(nights, number, 4)
    rows = told(nights, f"SELECT run_id, p50 FROM forecast WHERE {REVENUE} ORDER BY ALL")
    assert rows[:5] == said
    assert len(rows) == 7
    assert list((nights / "archive" / "forecast").glob("*.parquet"))


def test_draws_that_were_checked_are_not_checked_again(state, monkeypatch):
    asked = []
    real = builds.run_checks
    monkeypatch.setattr(
        builds,
        "run_checks",
        lambda *given: asked.append(given[-1]) or real(*given),
    )
    kept = state / "draws" / "run_id=night-2" / "draws.parquet"
    draws = synthetic.joint_draws(2, shift=0.05)
    for run_id in ("same", "again", "touched"):
        copy = state / "work.parquet"
        copy.hardlink_to(kept)
        if run_id == "touched":
            copy.touch()
        frames = synthetic.frames(draws, run_id, FIRST)
        publish_run(state, {"run_id": run_id, "as_of": FIRST, "draws": len(draws)}, frames, copy)
    # The copied state has files of its own; then the very same; then one that may be another.
    assert asked == [True, False, True]
