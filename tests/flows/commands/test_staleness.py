"""A stale forecast is told of by each command that answers from it; old evidence where it is no noise."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

import tests.warehouse.synthetic_systems as of_systems
import tests.warehouse.synthetic_warehouse as synthetic
from dashboards.app.review import warnings
from flows.commands import scenario
from flows.runtime.preparation import prepare_state
from flows.runtime.settings import resolve
from models.evidence.evidence import Evidence
from tests.market import MARKET_TABLES
from warehouse.builds import swap_in

STALE = "STALE: published 4 days ago"
OLD = "OLD EVIDENCE: days from the newest figure to the as-of day: server none, CoWoS 151"
AGED = "UPDATE runs SET finished_at = finished_at - INTERVAL 4 DAY"
CLAIM = ("claim", "hbm_revenue_usd 2027 > 1", "--format", "json")
COMPARE = ("compare", "rerun", "latest", "--format", "json")
EXPLAIN = ("explain", "hbm_revenue_usd", "2027", "--format", "json")
EXPORT = ("export", "--quantities", "hbm_revenue_usd", "--scenarios", "9", "--format", "json")
SCENARIO = ("scenario", "run", "cowos_delay", "--format", "json")
SHOW = ("show", "--format", "csv")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory) -> Path:
    """State whose run served has old evidence of two topics, and a rerun of history."""
    state, draws = tmp_path_factory.mktemp("fresh"), synthetic.joint_draws(1)
    prepare_state(state)
    tables = synthetic.evidence() | MARKET_TABLES | of_systems.evidence()
    synthetic.ingest(state, tables, synthetic.rejected(), "night-0", synthetic.INGESTED_AT)
    synthetic.publish(state, "night-1", draws, **of_systems.frames(draws, "night-1"))
    synthetic.rerun_history(state, "rerun", synthetic.joint_draws(2, n=40))
    return state


@pytest.fixture(scope="module")
def stale(fresh, tmp_path_factory) -> Path:
    """The same, four days later."""
    state = shutil.copytree(fresh, tmp_path_factory.mktemp("stale") / "state")
    swap_in(state, lambda connection: connection.execute(AGED), scopes=())
    return state


@pytest.fixture(autouse=True)
def no_posterior(monkeypatch):
    """A scenario that costs nothing."""

    def run_scenario(*given):
        table = of_systems.frames(synthetic.joint_draws(1), "night-1")["scenarios"]
        return table.drop(columns=["run_id", "as_of"]).assign(scenario="cowos_delay")

    fit = SimpleNamespace(problem=SimpleNamespace(as_of=synthetic.date(2026, 1, 2)), flat=dict)
    known = Evidence(**MARKET_TABLES, scenarios=of_systems.evidence()["scenarios"])
    monkeypatch.setattr(scenario, "_served", lambda state: (resolve(state=state), known, fit))
    monkeypatch.setattr("models.scenarios.run.run_scenario", run_scenario)


@pytest.mark.parametrize(
    ("words", "tells_topics"),
    [(CLAIM, True), (COMPARE, False), (EXPLAIN, False), (EXPORT, False), (SCENARIO, True), (SHOW, True)],
    ids=lambda given: given[0] if isinstance(given, tuple) else "",
)
def test_a_stale_forecast_is_told_beside_each_answer(hbmcast, fresh, stale, words, tells_topics):
    code, out, err = hbmcast(*words, "--state", stale)
    assert (code, STALE in err, OLD in err) == (0, True, tells_topics), err
    assert "STALE" not in out
    assert "OLD EVIDENCE" not in out
    if "json" in words:
        json.loads(out)
    assert "STALE" not in hbmcast("--quiet", *words, "--state", stale)[2]
    _, _, err = hbmcast(*words, "--state", fresh)
    assert ("STALE" in err, OLD in err) == (False, tells_topics), err


@pytest.mark.parametrize("words", [("compare", "rerun", "rerun"), (*EXPORT, "--run", "rerun")])
def test_an_answer_that_is_not_about_the_run_served_says_nothing_of_it(hbmcast, stale, words):
    code, _, err = hbmcast(*words, "--state", stale)
    assert (code, "STALE" in err) == (0, False), err


def test_doctor_warns_of_both_and_ends_as_it_would_without(hbmcast, fresh, stale):
    for state, is_stale in ((fresh, False), (stale, True)):
        code, out, _ = hbmcast("doctor", "--state", state)
        assert (code, f"warning  {STALE}" in out, f"warning  {OLD}" in out) == (0, is_stale, True), out


def test_the_review_app_tells_of_both(fresh, stale):
    old = f"Old evidence{OLD.removeprefix('OLD EVIDENCE')}."
    assert warnings(fresh, "night-1", "night-1", "") == [old]
    told = warnings(stale, "night-1", "night-1", "")
    assert (told[0].startswith("Stale: published 4 days ago"), told[1:]) == (True, [old])
    assert warnings(stale, "rerun", "night-1", "") == ["Not the forecast served, which is night-1."]
