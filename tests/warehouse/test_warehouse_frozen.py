"""Frozen forecasts: kept for good under their hash, and a file that was touched is seen and not scored."""

import hashlib
import shutil
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

import tests.warehouse.synthetic_warehouse as synthetic
from models.scoring.prospective import FROZEN_SCORE_COLUMNS
from warehouse.checker import check_published
from warehouse.draws import tidy_draws
from warehouse.errors import PublishError, WarehouseError
from warehouse.frozen import VALUE_BITS, frozen_draws, frozen_forecasts, newest_frozen_scores
from warehouse.joint import joint_values
from warehouse.layout import frozen_file
from warehouse.query import query

CHECK = "frozen_forecasts_unchanged"
REVENUE = "hbm_revenue_usd"
QUANTITIES = list(synthetic.joint_draws(n=2))
ROUNDED = 2.0**-VALUE_BITS


@pytest.fixture(scope="module")
def one_frozen(tmp_path_factory):
    state = tmp_path_factory.mktemp("one-frozen") / "state"
    synthetic.take_in(state)
    synthetic.publish(state, "night-1", frozen=True)
    return state


@pytest.fixture
def frozen(tmp_path, one_frozen):
    """A copy of the state with one frozen night that a test may change."""
    return shutil.copytree(one_frozen, tmp_path / "state")


def found(state):
    rows = [row for finding in check_published(state) if finding.name == CHECK for row in finding.rows]
    return {row["run_id"]: row["fault"] for row in rows}


def tamper(state, run_id, content=b"better with hindsight"):
    path = state / frozen_file(run_id)
    path.chmod(0o644)
    path.write_bytes(content)


def test_a_published_forecast_is_recorded_with_the_hash_of_its_file(frozen):
    row = frozen_forecasts(frozen).iloc[0]
    path = frozen / row["file"]
    assert row["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (row["bytes"], row["n_draws"], row["n_targets"]) == (path.stat().st_size, 10, 2 * len(QUANTITIES))
    assert not path.stat().st_mode & 0o222, "nobody writes to it by mistake"
    assert found(frozen) == {}


def test_the_draws_kept_are_the_run_s_own_under_their_numbers(frozen):
    row = frozen_forecasts(frozen).iloc[0]
    whole = frozen_draws(frozen, row["file"], row["sha256"], QUANTITIES)
    kept = whole.set_index(["draw", "quantity", "period"])["value"]
    drawn = synthetic.joint_draws(n=40)[REVENUE][:, synthetic.PERIODS.index("2026")]
    for draw in range(0, 20, 2):
        assert kept[draw, REVENUE, "2026"] == pytest.approx(drawn[draw], rel=ROUNDED)
    assert len(kept) == 20 * len(QUANTITIES)
    # Scores of a year ask hundreds of files about a quantity or two.
    few = frozen_draws(frozen, row["file"], row["sha256"], {REVENUE, "what nobody froze"})
    pd.testing.assert_frame_equal(few, whole[whole["quantity"] == REVENUE].reset_index(drop=True))
    # Once the run's own draws are gone, the frozen ones answer for it, and no quantile among them.
    shutil.rmtree(frozen / "draws" / "run_id=night-1")
    wide = joint_values(frozen, "night-1", [REVENUE], ["2026", "2027"])
    assert list(wide.index) == list(range(0, 20, 2))
    assert list(wide[REVENUE, "2026"]) == pytest.approx(list(drawn[0:20:2]), rel=ROUNDED)
    levels = query(frozen, "FROM frozen_draws WHERE level_per_mille = 500 AND period = '2026'").to_pylist()
    assert [row["value"] for row in levels] == pytest.approx([float(np.median(drawn))], rel=ROUNDED)
    assert levels[0]["run_id"] == "night-1"


@pytest.mark.parametrize("fault", ["changed", "missing"])
def test_a_touched_file_is_named_and_not_read(frozen, fault):
    synthetic.publish(frozen, "night-2", synthetic.joint_draws(5, n=40), frozen=True)
    if fault == "changed":
        path = frozen / frozen_file("night-1")
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        tamper(frozen, "night-1", bytes(content))
    else:
        (frozen / frozen_file("night-1")).unlink()
    assert found(frozen) == {"night-1": fault}
    rows = frozen_forecasts(frozen).set_index("run_id")
    with pytest.raises(WarehouseError, match="not the forecast that was published"):
        frozen_draws(frozen, rows.loc["night-1", "file"], rows.loc["night-1", "sha256"], QUANTITIES)
    assert len(frozen_draws(frozen, rows.loc["night-2", "file"], rows.loc["night-2", "sha256"], QUANTITIES))


def test_a_forecast_that_says_the_very_same_takes_no_room(frozen):
    synthetic.publish(frozen, "night-2", frozen=True)
    first, second = (frozen / frozen_file(name) for name in ("night-1", "night-2"))
    assert first.samefile(second)
    assert found(frozen) == {}


def test_the_next_night_goes_on_and_its_diagnostics_say_so(frozen):
    synthetic.publish(frozen, "night-2", frozen=True)
    (frozen / frozen_file("night-1")).unlink()
    synthetic.publish(frozen, "night-3", frozen=True)
    said = query(frozen, "FROM diagnostics WHERE name = 'check:frozen_forecasts_there'").to_pylist()
    assert [row["run_id"] for row in said] == ["night-3"]
    assert "night-1" in said[0]["detail"]


def test_retention_of_draws_deletes_nothing_that_is_frozen(frozen):
    synthetic.publish(frozen, "night-2", frozen=True)
    tidy_draws(frozen, ["night-2", "night-1"], keep=1)
    assert not (frozen / "draws" / "run_id=night-1").exists()
    assert sorted(path.stem for path in (frozen / "frozen").glob("*")) == ["night-1", "night-2"]
    assert found(frozen) == {}


def test_a_run_that_is_refused_leaves_no_frozen_forecast(frozen):
    broken = synthetic.diagnostics_frame("night-2").assign(passed=False)
    with pytest.raises(Exception, match="diagnostics"):
        synthetic.publish(frozen, "night-2", frozen=True, diagnostics=broken)
    assert not (frozen / frozen_file("night-2")).exists()
    assert found(frozen) == {}


def test_a_frozen_forecast_is_never_overwritten(frozen):
    (frozen / "frozen" / "night-2.parquet").write_bytes(b"there before")
    with pytest.raises(PublishError, match="never overwritten"):
        synthetic.publish(frozen, "night-2", frozen=True)
    assert (frozen / "frozen" / "night-2.parquet").read_bytes() == b"there before"


def score(run_id, frozen_run_id, value=5e10, known_on=date(2099, 2, 10)):
    numbers = dict.fromkeys(FROZEN_SCORE_COLUMNS, 0.5)
    text = {"frozen_run_id": frozen_run_id, "quantity": REVENUE, "period": "2026", "outcome_figure_id": "a"}
    text |= {"run_id": run_id, "horizon_group": "over six months", "outcome_value": value}
    return pd.DataFrame([numbers | text | {"outcome_known_on": known_on}])


@pytest.fixture
def unchecked():
    with synthetic.unchecked():
        yield


@pytest.mark.usefixtures("unchecked")
def test_reruns_of_history_and_late_forecasts_are_told_from_prospective_ones(frozen):
    today = date.today()
    synthetic.publish(frozen, "tonight", as_of=today, frozen=True)
    scores = pd.concat([score("scorer", "tonight"), score("scorer", "night-1")], ignore_index=True)
    synthetic.publish(frozen, "scorer", frozen_scores=scores, as_of=today)
    rows = query(frozen, "SELECT run_id, prospective FROM prospective_scores").to_pylist()
    # night-1 was made now for a day long ago.
    assert {row["run_id"]: row["prospective"] for row in rows} == {"tonight": True, "night-1": False}
    late = score("scorer-2", "tonight", known_on=today)
    synthetic.publish(frozen, "scorer-2", frozen_scores=late, as_of=today)
    rows = query(
        frozen, "SELECT run_id, prospective FROM prospective_scores WHERE run_id = 'tonight'"
    ).to_pylist()
    assert rows == [{"run_id": "tonight", "prospective": False}], "its outcome was out that day"


@pytest.mark.usefixtures("unchecked")
def test_what_was_known_on_an_as_of_day_ahead_of_utc_was_read_and_is_no_later_outcome(frozen):
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    synthetic.publish(frozen, "east", as_of=tomorrow, frozen=True)
    for run_id, known_on in (("scorer", tomorrow), ("scorer-2", tomorrow + timedelta(days=1))):
        scores = score(run_id, "east", known_on=known_on)
        synthetic.publish(frozen, run_id, frozen_scores=scores, as_of=tomorrow)
        rows = query(frozen, "SELECT prospective FROM prospective_scores WHERE run_id = 'east'").to_pylist()
        assert rows == [{"prospective": known_on > tomorrow}]


@pytest.mark.usefixtures("unchecked")
def test_a_revised_outcome_replaces_the_score_shown_and_not_the_one_kept(frozen):
    synthetic.publish(frozen, "scorer-1", frozen_scores=score("scorer-1", "night-1", 5e10))
    synthetic.publish(frozen, "scorer-2", frozen_scores=score("scorer-2", "night-1", 6e10))
    assert query(frozen, "SELECT outcome_value FROM prospective_scores").to_pydict() == {
        "outcome_value": [6e10]
    }
    assert len(query(frozen, "FROM frozen_scores")) == 2
    assert newest_frozen_scores(frozen)["run_id"].tolist() == ["scorer-2"]
    board = query(frozen, "SELECT n, n_targets, coverage_80 FROM prospective_scoreboard").to_pylist()
    assert board == [{"n": 1, "n_targets": 1, "coverage_80": 0.5}]
