"""Systems in a backtest: scored beside the chain, kept, blind to the future, and never fatal."""

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pandas as pd
import pytest

import flows.backtest.systems
from flows.backtest.plan import Plan
from flows.backtest.run import run_backtest
from flows.runtime.preparation import prepare_state
from flows.runtime.progress import Progress
from flows.runtime.settings import resolve
from models.systems.registry import system_function
from tests.flows.small_state import DATA, FakeSampler, evidence
from warehouse.ingest import ingest
from warehouse.query import query
from warehouse.scores import latest_backtest

DATES = (date(2023, 8, 31), date(2024, 8, 31))
TODAY = date(2026, 6, 30)
SHARE, REVENUE = "supplier/sk_hynix/share/revenue", "supplier/sk_hynix/usd/total"
# Metric, segment, period, how much, of which kind, published when.
SAID = (
    ("hbm_supplier_share", "revenue", "2022", 0.50, "estimate", "2023-04-20"),
    ("hbm_supplier_share", "revenue", "2023", 0.55, "estimate", "2024-03-20"),
    ("hbm_supplier_share", "revenue", "2024", 0.48, "forecast", "2023-08-20"),
    ("hbm_supplier_share", "revenue", "2024", 0.57, "estimate", "2025-03-20"),
    ("hbm_revenue", "", "2024", 8.0e9, "estimate", "2025-03-20"),
)
FUTURE = ("hbm_supplier_share", "revenue", "2026", 0.01, "forecast", "2025-06-01")


def take_in(state, *more, systems=True):
    tables = evidence()
    rows = [
        {
            **tables["figures"].iloc[0].to_dict(),
            **{"figure_id": f"m-{i:04d}", "origin_id": f"m-{i:04d}", "source_id": f"m{i}"},
            **{"entity": "SK hynix", "segment": segment, "metric": metric, "period": period},
            **{"value": value, "kind": kind, "unit": "fraction" if value < 1 else "USD"},
        }
        for i, (metric, segment, period, value, kind, _) in enumerate([*SAID, *more])
    ]
    sources = [
        {
            **tables["sources"].iloc[0].to_dict(),
            "source_id": f"m{i}",
            "publisher": "Counter",
            "published_on": on,
        }
        for i, (*_, on) in enumerate([*SAID, *more])
    ]
    for name, added in (("figures", rows), ("sources", sources)):
        tables[name] = pd.concat([tables[name], pd.DataFrame(added)], ignore_index=True)
    if systems:
        tables["suppliers"] = pd.read_csv(DATA / "suppliers.csv", dtype=str, keep_default_na=False)
    ingest(state, tables, None, "test", datetime.now(UTC))


@pytest.fixture(scope="module", autouse=True)
def sampler():
    fake = FakeSampler()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("models.inference.fit.compile_model", fake.compile_model)
        patch.setattr("models.inference.fit.sample", fake.sample)
        # A record of one day, and not of seven: how wide opponents are made is not asked for here.
        patch.setattr("flows.backtest.scoring.FIRST_OPPONENTS", date(2023, 7, 31))
        yield fake


@pytest.fixture(scope="module")
def apart(tmp_path_factory, sampler):
    """A backtest of the chain alone, `plan` and what was `done`; not to be changed by a test."""
    settings = replace(resolve(state=tmp_path_factory.mktemp("apart") / "state"), today=TODAY)
    prepare_state(settings.state)
    plan = Plan(settings, DATES, draws=40)
    take_in(settings.state, systems=False)
    return SimpleNamespace(plan=plan, done=done(plan))


@pytest.fixture(scope="module")
def beside(apart, tmp_path_factory):
    """Then one with the systems too, two vintages at a time; not to be changed by a test."""
    plan = copy_of(apart.plan, tmp_path_factory.mktemp("beside"))
    take_in(plan.settings.state)
    return SimpleNamespace(plan=plan, done=done(plan))


@pytest.fixture
def plan(tmp_path, beside):
    """A copy of the plan with both backtests that a test may change."""
    return copy_of(beside.plan, tmp_path)


@pytest.fixture(scope="module")
def not_yet_run(apart, tmp_path_factory):
    """The earlier vintage alone, its chain fitted, systems taken in and not yet run; not to be changed."""
    plan = replace(copy_of(apart.plan, tmp_path_factory.mktemp("not_yet_run")), dates=DATES[:1])
    take_in(plan.settings.state)
    return plan


@pytest.fixture
def one_vintage(tmp_path, not_yet_run):
    """A copy of that plan that a test may change."""
    return copy_of(not_yet_run, tmp_path)


def copy_of(plan, folder):
    state = shutil.copytree(plan.settings.state, folder / "state")
    return replace(plan, settings=replace(plan.settings, state=state))


@pytest.fixture
def runs(monkeypatch):
    """Days on which systems were run."""
    days, real = [], flows.backtest.systems._series

    def counted(asked):
        days.append(asked.day)
        return real(asked)

    monkeypatch.setattr(flows.backtest.systems, "_series", counted)
    return days


def done(plan):
    return run_backtest(plan, Progress(shown=False))


def scores_of(plan, run_id, of_systems):
    rows = query(plan.settings.state, f"FROM scores WHERE run_id = '{run_id}' ORDER BY ALL").to_pandas()
    rows = rows[rows["quantity"].str.contains("/") == of_systems]
    return rows.drop(columns="run_id").reset_index(drop=True)


def test_systems_are_scored_beside_the_chain_and_change_nothing_of_it(apart, beside):
    plan, without, found = beside.plan, apart.done, beside.done
    assert found.refitted == 0
    assert scores_of(plan, without.run_id, True).empty
    pd.testing.assert_frame_equal(
        scores_of(plan, without.run_id, False), scores_of(plan, found.run_id, False)
    )
    columns = ["quantity", "horizon_group", "opponent", "n", "crps", "coverage_80"]
    boards = [board[columns].set_index(columns[:3]) for board in (without.board, found.board)]
    pd.testing.assert_frame_equal(boards[0], boards[1].loc[boards[0].index])
    scores = scores_of(plan, found.run_id, True)
    assert set(scores["quantity"]) == {SHARE, REVENUE}
    assert set(scores["as_of"]) == set(DATES)
    assert {"hbmcast", "latest figure"} <= set(scores["opponent"])
    board = found.board.set_index(columns[:3])
    assert board.loc["all systems", "all", "none"]["n"] == board.loc["supplier", "all", "none"]["n"] == 5
    outcomes = query(plan.settings.state, f"FROM outcomes WHERE run_id = '{found.run_id}'").to_pandas()
    assert outcomes.set_index(["quantity", "period"]).loc[(SHARE, "2024"), "value"] == pytest.approx(0.57)
    assert "share that system_evidence.csv assumes" in latest_backtest(plan.settings.state)["hindsight"]


def test_a_target_is_scored_only_before_its_outcome_was_out(beside):
    scores = scores_of(beside.plan, beside.done.run_id, True)
    seen = scores[(scores["opponent"] == "hbmcast") & (scores["metric"] == "crps")]
    assert sorted(zip(seen["as_of"], seen["quantity"], seen["period"], strict=True)) == [
        (DATES[0], SHARE, "2023"),
        (DATES[0], SHARE, "2024"),
        (DATES[0], REVENUE, "2024"),
        (DATES[1], SHARE, "2024"),
        (DATES[1], REVENUE, "2024"),
    ]


def test_a_planted_future_figure_moves_no_series_and_nothing_is_run_again(beside, plan, runs):
    take_in(plan.settings.state, FUTURE)
    again = done(plan)
    assert again.published
    assert runs == [], "what the systems may see is the same"
    before = scores_of(plan, beside.done.run_id, True)
    pd.testing.assert_frame_equal(before, scores_of(plan, again.run_id, True))
    # And were they run again, they would say the same, also at the later vintage, which it is nearer to.
    for file in (plan.settings.state / "backtest" / "systems").glob("*.npz"):
        file.unlink()
    take_in(plan.settings.state, FUTURE, (*FUTURE[:3], 0.02, *FUTURE[4:]))
    anew = done(replace(plan, dates=DATES[1:]))
    assert runs == [DATES[1]]
    later = before[(before["as_of"] == DATES[1]) & (before["opponent"] == "hbmcast")]
    found = scores_of(plan, anew.run_id, True)
    found = found[found["opponent"] == "hbmcast"]
    assert len(found)
    pd.testing.assert_frame_equal(later.reset_index(drop=True), found.reset_index(drop=True))


def test_a_figure_out_by_a_vintage_runs_its_systems_and_the_later_ones_again(plan, runs):
    # About a maker alone: no posterior of the chain rests on it.
    take_in(plan.settings.state, (*FUTURE[:2], "2024", 0.4, "forecast", "2024-06-01"))
    assert done(plan).refitted == 0
    assert runs == [DATES[1]]


def test_nothing_new_nothing_run(plan, runs):
    assert not done(plan).published
    assert runs == []


def test_everything_anew_one_at_a_time_gives_what_several_at_a_time_gave(beside, plan, runs):
    anew = done(replace(plan, force=True, cores=1))
    assert anew.refitted == len(DATES)
    assert sorted(runs) == list(DATES), "asked to make everything anew"
    pd.testing.assert_frame_equal(
        scores_of(plan, beside.done.run_id, True), scores_of(plan, anew.run_id, True)
    )


def test_a_system_that_fails_is_told_and_harms_nothing_else(one_vintage, monkeypatch, caplog):
    real = system_function

    def broken(system):
        if system.name == "supplier":
            raise KeyError("the light went out")
        return real(system)

    with monkeypatch.context() as patched:
        patched.setattr("models.systems.run.system_function", broken)
        found = done(one_vintage)
    assert found.published
    assert scores_of(one_vintage, found.run_id, True).empty
    assert not scores_of(one_vintage, found.run_id, False).empty
    told = [words for words in found.doubts if "light went out" in words]
    assert [words[:10] for words in told] == [day.isoformat() for day in one_vintage.dates]
    assert any(f"no forecast of {SHARE} 2023" in words for words in found.doubts)
    assert caplog.text.count("in broken\n") == len(one_vintage.dates), "with the line that raised"
    assert not list((one_vintage.settings.state / "backtest" / "systems").glob("*.npz")), "may work tomorrow"
    mended = done(one_vintage)
    assert (mended.published, mended.refitted) == (True, 0)
    assert not scores_of(one_vintage, mended.run_id, True).empty
    assert not done(one_vintage).published


def test_evidence_that_systems_cannot_read_is_told(one_vintage, monkeypatch, caplog):
    def broken(evidence, as_of, scales=None):
        raise ValueError("suppliers.csv is torn")

    monkeypatch.setattr("models.scoring.system_outcomes.system_statements", broken)
    found = done(one_vintage)
    assert found.published
    assert any("suppliers.csv is torn" in words for words in found.doubts)
    assert "in broken\n" in caplog.text


def test_a_series_that_cannot_be_read_is_told(one_vintage, monkeypatch, caplog):
    def torn(series, targets):
        raise ValueError("a ratio needs its numerator")

    monkeypatch.setattr("models.scoring.system_outcomes.system_log_draws", torn)
    found = done(one_vintage)
    assert found.published
    assert len([words for words in found.doubts if "needs its numerator" in words]) == len(one_vintage.dates)
    assert caplog.text.count("in torn\n") == len(one_vintage.dates)
