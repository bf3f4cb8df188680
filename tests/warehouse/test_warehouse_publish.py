# ruff: noqa: E501 - rows and queries are easier to read uncut
"""Publishing: all or nothing, yesterday's file in place whatever happens, retention, staleness."""

import os
import shutil
from datetime import date
from pathlib import Path

import pytest

import tests.warehouse.synthetic_warehouse as synthetic
from warehouse.draws import tidy_draws, write_draws
from warehouse.errors import CheckFailed, IngestError, PublishError
from warehouse.publish import publish_run, record_failure
from warehouse.query import query
from warehouse.read import OF_A_RUN, forecast, freshness, latest_run, run_tables

AS_OF = date(2026, 1, 3)


def files(state: Path) -> set[str]:
    return {str(p.relative_to(state)) for p in state.rglob("*") if p.is_file()}


def served(state: Path) -> tuple:
    run = latest_run(state)
    return run["run_id"], (state / "warehouse.duckdb").read_bytes()


def test_published_run_is_served_with_its_draws(two_nights, draws):
    run = latest_run(two_nights)
    assert (run["run_id"], run["run_number"], run["status"], run["draws_file"]) == (
        "night-2", 2, "published", "draws/run_id=night-2/draws.parquet",
    )  # fmt: skip
    assert run["seconds_publish"] > 0
    assert run["finished_at"] is not None
    ours = forecast(two_nights).set_index(["quantity", "period"])
    wanted = synthetic.forecast_frame(draws, "night-2", date(2026, 1, 2)).set_index(["quantity", "period"])
    assert len(ours) == len(wanted)
    assert (ours["p50"] == wanted["p50"].reindex(ours.index)).all()
    assert len(forecast(two_nights, "night-1")) == len(wanted)
    assert not (two_nights / "night-2.parquet").exists()


def test_topic_views_share_out_the_forecast(two_nights):
    table = query(
        two_nights,
        "SELECT (SELECT count(*) FROM latest_forecast), (SELECT count(*) FROM hbm_forecast) + (SELECT count(*) FROM cowos_forecast) "
        "+ (SELECT count(*) FROM server_forecast) + (SELECT count(*) FROM dram_forecast) + (SELECT count(*) FROM accelerator_forecast)",
    )
    total, parts = (column[0].as_py() for column in table.columns)
    assert total == parts > 0


def test_warnings_of_checks_are_kept_with_the_run(two_nights):
    table = query(
        two_nights,
        "SELECT name, value, passed FROM diagnostics WHERE run_id = 'night-2' AND name LIKE 'check:%'",
    )
    assert table.to_pylist() == [{"name": "check:rejected_rows", "value": 1.0, "passed": False}]


def test_failed_check_leaves_yesterday_in_place(state):
    before, names = served(state), files(state)
    bad = synthetic.joint_draws(3, n=40)
    bad["hbm_revenue_usd"][5, 3] *= 1.5
    with pytest.raises(CheckFailed, match="revenue_is_bits_times_price") as error:
        synthetic.publish(state, "night-3", bad)
    assert "draw=5" in str(error.value)
    assert served(state) == before
    # The draws stay with the caller, who may mend and try again; nothing else is left behind.
    assert files(state) - names == {"night-3.parquet"}


def test_failure_is_recorded_and_yesterday_shown_as_stale(state):
    assert freshness(state)["stale"] is False
    diagnostics = synthetic.diagnostics_frame("night-3").assign(value=12.0, passed=False)
    record_failure(state, {"run_id": "night-3", "as_of": AS_OF, "reason": "12 divergences"}, diagnostics)
    fresh = freshness(state)
    assert (fresh["stale"], fresh["served_run_id"], fresh["last_attempt_run_id"]) == (
        True,
        "night-2",
        "night-3",
    )
    assert (fresh["last_attempt_status"], fresh["last_attempt_reason"]) == ("failed", "12 divergences")
    assert set(forecast(state)["run_id"]) == {"night-2"}
    assert query(state, "SELECT count(*) AS n FROM draws").to_pylist()[0]["n"] > 0
    synthetic.publish(state, "night-4")
    assert (freshness(state)["stale"], freshness(state)["served_run_id"]) == (False, "night-4")


def test_age_of_the_evidence_is_that_of_the_run_served(state):
    def ages():
        return query(state, "SELECT topic, days, is_old, newest_figure_on FROM evidence_age").to_pylist()

    expected = [
        {"topic": "server", "days": None, "is_old": True, "newest_figure_on": None},
        {"topic": "cowos", "days": 151, "is_old": True, "newest_figure_on": date(2025, 8, 4)},
        {"topic": "hbm", "days": 12, "is_old": False, "newest_figure_on": date(2025, 12, 21)},
    ]
    assert ages() == expected
    younger = synthetic.diagnostics_frame("night-3").assign(value=3.0)
    record_failure(state, {"run_id": "night-3", "as_of": AS_OF, "reason": "12 divergences"}, younger)
    assert ages() == expected, "what failed is not served"
    described = query(state, "FROM data_dictionary WHERE name = 'evidence_age' AND kind = 'column'")
    assert set(described.column("column_name").to_pylist()) == {
        "topic", "days", "is_old", "newest_figure_on", "as_of", "run_id",
    }  # fmt: skip


def test_rerun_of_history_is_kept_beside_the_run_served(state):
    ours = synthetic.joint_draws(7, n=40)
    synthetic.rerun_history(state, "rerun", ours, date(2024, 12, 31))
    assert latest_run(state)["run_id"] == "night-2"
    fresh = freshness(state)
    assert (fresh["stale"], fresh["served_run_id"], fresh["last_attempt_run_id"]) == (
        False,
        "night-2",
        "night-2",
    )
    assert set(forecast(state)["run_id"]) == {"night-2"}
    served_draws = query(
        state, "SELECT avg(value) AS mean FROM draws_of('hbm_revenue_usd', '2026')"
    ).to_pylist()[0]["mean"]
    assert served_draws == pytest.approx(
        synthetic.joint_draws(2, shift=0.05)["hbm_revenue_usd"][:, -2].mean(), rel=1e-5
    )
    found = query(state, "SELECT DISTINCT run_id, as_of FROM forecast_as_of('2025-06-30')").to_pylist()
    assert found == [{"run_id": "rerun", "as_of": date(2024, 12, 31)}]
    assert query(state, "FROM draws_of_run('rerun', 'hbm_revenue_usd', '2026')").num_rows == 40


def test_rerun_of_history_passes_the_checks_itself(state):
    bad = synthetic.joint_draws(3, n=40)
    bad["hbm_revenue_usd"][5, 3] *= 1.5
    with pytest.raises(CheckFailed, match="revenue_is_bits_times_price"):
        synthetic.rerun_history(state, "rerun", bad, date(2024, 12, 31))
    assert query(state, "SELECT run_id FROM runs WHERE run_id = 'rerun'").num_rows == 0


def test_failed_rerun_of_history_makes_nothing_stale(state):
    record_failure(state, {"run_id": "rerun", "as_of": date(2024, 12, 31), "reason": "12 divergences"})
    assert freshness(state)["stale"] is False
    record_failure(state, {"run_id": "night-3", "as_of": date(2026, 1, 2), "reason": "12 divergences"})
    assert (freshness(state)["stale"], freshness(state)["last_attempt_run_id"]) == (True, "night-3")


def test_draws_of_the_run_served_outlive_many_reruns(state, monkeypatch):
    monkeypatch.setattr("warehouse.publish.tidy_draws", lambda state, runs, _: tidy_draws(state, runs, 2))
    for i in range(2):
        synthetic.rerun_history(state, f"rerun-{i}", as_of=date(2024, 12, 1 + i))
    assert query(state, "SELECT count(*) AS n FROM draws").to_pylist()[0]["n"] > 0
    assert (state / "draws" / "run_id=night-2").is_dir()
    assert not (state / "draws" / "run_id=rerun-0").exists()


def test_tables_of_a_run_come_whole_and_alone(two_nights):
    tables = run_tables(two_nights, "night-1")
    assert list(tables["runs"]["run_id"]) == ["night-1", "night-2"]
    for name in OF_A_RUN:
        counted = query(two_nights, f"SELECT count(*) AS n FROM {name} WHERE run_id = 'night-1'")
        assert len(tables[name]) == counted.to_pylist()[0]["n"], name
        assert set(tables[name]["run_id"]) <= {"night-1"}
    assert len(tables["forecast"]) > 0
    assert all(frame.empty for name, frame in run_tables(two_nights, "none").items() if name != "runs")


def test_failure_before_anything_was_published_is_recorded(tmp_path):
    record_failure(tmp_path, {"run_id": "night-1", "as_of": AS_OF, "reason": "no figures"})
    fresh = freshness(tmp_path)
    assert (fresh["stale"], fresh["served_run_id"], fresh["last_attempt_reason"]) == (
        True,
        None,
        "no figures",
    )
    assert latest_run(tmp_path) is None
    assert query(tmp_path, "SELECT count(*) AS n FROM hbm_forecast").to_pylist() == [{"n": 0}]


@pytest.mark.parametrize(
    ("run", "says"),
    [
        ({"run_id": "../x", "as_of": AS_OF}, "run_id"),
        ({"run_id": "night-2", "as_of": AS_OF}, "already"),
        ({"as_of": AS_OF}, "run_id"),
    ],
)
def test_run_id_is_safe_and_new(state, run, says):
    before = files(state)
    with pytest.raises(PublishError, match=says):
        publish_run(state, run, synthetic.frames(synthetic.joint_draws(n=40), "night-2", AS_OF))
    assert files(state) == before


def test_frames_that_do_not_fit_are_refused(state):
    before = served(state)
    good = synthetic.frames(synthetic.joint_draws(n=40), "night-3", AS_OF)
    run = {"run_id": "night-3", "as_of": AS_OF}
    with pytest.raises(PublishError, match="binding"):
        publish_run(state, run, {k: v for k, v in good.items() if k != "binding"})
    with pytest.raises(PublishError, match="colours"):
        publish_run(state, run, {**good, "colours": good["binding"]})
    with pytest.raises(IngestError, match="ess"):
        publish_run(state, run, {**good, "forecast": good["forecast"].drop(columns="ess")})
    with pytest.raises(IngestError, match="colour"):
        publish_run(state, {**run, "colour": "red"}, good)
    with pytest.raises(PublishError, match="another run"):
        publish_run(state, run, {**good, "binding": synthetic.binding_frame("night-1")})
    with pytest.raises(PublishError, match="no file of draws"):
        publish_run(state, run, good, state / "nowhere.parquet")
    with pytest.raises(PublishError, match="reason"):
        record_failure(state, run)
    assert served(state) == before


def test_a_run_may_keep_no_draws(state):
    publish_run(
        state,
        {"run_id": "night-3", "as_of": AS_OF},
        synthetic.frames(synthetic.joint_draws(n=40), "night-3", AS_OF),
    )
    assert query(state, "SELECT count(*) AS n FROM draws").to_pylist() == [{"n": 0}]
    assert latest_run(state)["draws_file"] is None


def test_draws_of_another_simulation_are_refused(state):
    parquet = state / "other.parquet"
    write_draws(parquet, synthetic.PERIODS, synthetic.joint_draws(9, shift=1.0, n=100))
    frames = synthetic.frames(synthetic.joint_draws(1, n=100), "night-3", AS_OF)
    with pytest.raises(CheckFailed, match="draws_match_forecast"):
        publish_run(state, {"run_id": "night-3", "as_of": AS_OF}, frames, parquet)


def test_old_draws_are_deleted_and_the_rest_kept(tmp_path):
    for name in ("a", "b", "c", "unpublished"):
        (tmp_path / "draws" / f"run_id={name}").mkdir(parents=True)
    old = tmp_path / "draws" / "run_id=forgotten"
    old.mkdir()
    os.utime(old, (1, 1))
    assert tidy_draws(tmp_path, ["c", "b", "a"], keep=2) == ["a", "forgotten"]
    assert {p.name for p in (tmp_path / "draws").iterdir()} == {"run_id=b", "run_id=c", "run_id=unpublished"}


def test_warehouse_is_served_when_draws_have_been_deleted(state):
    shutil.rmtree(state / "draws")
    record_failure(state, {"run_id": "night-3", "as_of": AS_OF, "reason": "draws gone"})
    assert len(forecast(state)) > 0


def test_draws_of_a_quantity_stand_together_and_a_wrong_shape_is_refused(tmp_path, draws):
    import pyarrow.parquet as pq

    write_draws(tmp_path / "x.parquet", synthetic.PERIODS, draws)
    meta = pq.read_metadata(tmp_path / "x.parquet")
    groups = [meta.row_group(i).column(1).statistics for i in range(meta.num_row_groups)]
    assert [(group.min, group.max) for group in groups] == [(name, name) for name in draws]
    assert meta.num_rows == synthetic.N_DRAWS * len(draws) * len(synthetic.PERIODS)
    with pytest.raises(PublishError, match="shape"):
        write_draws(tmp_path / "y.parquet", synthetic.PERIODS[:-1], draws)
    cut = {"hbm_revenue_usd": draws["hbm_revenue_usd"], "hbm_bits_gb": draws["hbm_bits_gb"][:80]}
    with pytest.raises(PublishError, match="hbm_bits_gb are not of shape"):
        write_draws(tmp_path / "z.parquet", synthetic.PERIODS, cut)
