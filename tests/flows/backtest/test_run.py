"""The backtest on a small state with a sampler that costs nothing: what it sees, keeps, repeats and says."""

import json
import shutil
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import flows.commands.backtest
import flows.commands.cli
from flows.backtest.plan import Plan
from flows.backtest.run import run_backtest
from flows.runtime.errors import HbmcastError
from flows.runtime.preparation import prepare_state
from flows.runtime.progress import Progress
from flows.runtime.settings import resolve
from models.chain.drivers import drivers
from models.chain.equations import chain, stacked
from models.inference.from_evidence import (
    problem_from_evidence,
    resolved_figures,
    shared_operator,
    usable_figures,
)
from models.inference.observation import log_likelihood, log_points
from models.inference.problem import build_problem, parameter_shapes, working_values
from models.inference.pymc_model import part
from models.scoring.vintages import fingerprint
from tests.evidence import evidence_of_tables
from tests.flows.small_state import FakeSampler, evidence, take_in
from tests.market import MARKET
from warehouse.errors import WarehouseMissing
from warehouse.query import query
from warehouse.scores import latest_backtest

DATES = (date(2023, 7, 31), date(2024, 7, 31), date(2025, 1, 31))
# Absurd, and published after every vintage; about a year without an outcome: only its being seen could show.
FUTURE = ("hbm_revenue", "2026", 9.9e14, "forecast", "2026-05-01", "Gart")
TODAY = date(2026, 6, 30)


@pytest.fixture(scope="module", autouse=True)
def short_record():
    """Give opponents a record of one day, not of seven: how wide they are made is not asked for here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.backtest.scoring.FIRST_OPPONENTS", date(2023, 6, 30))
        yield


@pytest.fixture
def sampler(monkeypatch):
    fake = FakeSampler()
    monkeypatch.setattr("models.inference.fit.compile_model", fake.compile_model)
    monkeypatch.setattr("models.inference.fit.sample", fake.sample)
    return fake


@pytest.fixture(scope="module")
def new(tmp_path_factory):
    """Plan of a state with evidence and no backtest; not to be changed by a test."""
    settings = replace(resolve(state=tmp_path_factory.mktemp("new") / "state"), today=TODAY)
    prepare_state(settings.state)
    take_in(settings.state)
    return Plan(settings, DATES, draws=100)


@pytest.fixture(scope="module")
def first(new, tmp_path_factory):
    """The first backtest of that state, two vintages at a time: `plan`, `sampler` and what was `done`.

    Not to be changed by a test.
    """
    sampler, plan = FakeSampler(), copy_of(new, tmp_path_factory.mktemp("first"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("models.inference.fit.compile_model", sampler.compile_model)
        patch.setattr("models.inference.fit.sample", sampler.sample)
        done = run_backtest(plan, Progress(shown=False))
    return SimpleNamespace(plan=plan, sampler=sampler, done=done)


@pytest.fixture
def unplayed(tmp_path, new):
    """A copy of the plan without a backtest that a test may change."""
    return copy_of(new, tmp_path)


@pytest.fixture
def plan(tmp_path, first):
    """A copy of the plan with its first backtest that a test may change."""
    return copy_of(first.plan, tmp_path)


def copy_of(plan, folder):
    state = shutil.copytree(plan.settings.state, folder / "state")
    return replace(plan, settings=replace(plan.settings, state=state))


def scores_of(plan):
    return query(plan.settings.state, "FROM scores ORDER BY ALL").to_pandas()


def test_scores_are_kept_with_the_run_that_made_them_and_shown_in_the_scoreboard(first):
    plan, done = first.plan, first.done
    assert done.published
    assert first.sampler.compiled == 1
    assert sorted(first.sampler.sampled) == list(DATES)
    scores = scores_of(plan)
    assert set(scores["run_id"]) == {done.run_id}
    assert {"hbmcast", "latest figure", "street median", "report January 2024"} <= set(scores["opponent"])
    ours = scores[scores["opponent"] == "hbmcast"]
    assert {"crps", "log_score", "pit", "covered_50", "covered_80", "covered_90"} <= set(ours["metric"])
    board = query(plan.settings.state, "FROM scoreboard").to_pandas()
    named = {"quantity", "horizon_group", "opponent", "n", "crps", "opponent_crps", "skill"}
    assert named | {"skill_low", "skill_high"} | {"coverage_50", "coverage_80", "coverage_90"} <= set(board)
    row = board.set_index(["quantity", "horizon_group", "opponent"]).loc[
        "hbm_revenue_usd", "over six months", "latest figure"
    ]
    crps = scores[(scores["metric"] == "crps") & (scores["quantity"] == "hbm_revenue_usd")]
    far = crps[crps["horizon_group"] == "over six months"].pivot_table(
        index=["as_of", "period"], columns="opponent", values="value"
    )
    pairs = far.dropna(subset="latest figure")
    assert row["n"] == len(pairs) > 1
    assert row["crps"] == pytest.approx(pairs["hbmcast"].mean())
    assert row["opponent_crps"] == pytest.approx(pairs["latest figure"].mean())
    outcome = query(
        plan.settings.state, "FROM outcomes WHERE quantity = 'hbm_revenue_usd' AND period = '2024'"
    ).to_pandas()
    assert outcome["value"].tolist() == pytest.approx([17e9])
    assert_tables(plan)
    listed = latest_backtest(plan.settings.state)["hindsight"]
    assert all(word in listed for word in ("classes", "definitions", "publishers"))


def assert_tables(plan):
    """The tables for SCORES.md say what the scoreboard says; against itself a backtest is no better."""
    words = ["scoreboard", "--state", str(plan.settings.state), "--format", "json"]
    parts = json.loads(CliRunner().invoke(flows.commands.cli.app, words).stdout)
    skill, joint, covered = parts.values()
    board = query(plan.settings.state, "FROM scoreboard WHERE quantity = 'all'").to_pandas()
    board = board.set_index(["horizon_group", "opponent"])
    assert {row["against"] for row in skill} >= {"latest figure", "street median"}
    for row in skill:
        assert row["skill"] == pytest.approx(board.loc[("over six months", row["against"]), "skill"])
        assert row["independent"] <= row["targets"]
    assert {row["metric"] for row in joint} == {"energy", "variogram"}
    assert covered[0]["quantity"] == "all"
    assert covered[0]["in 80 %"] == pytest.approx(board.loc[("all", "none"), "coverage_80"])
    itself = [*words, "--against", str(plan.settings.state), "--cut-off", "2024-11-01"]
    before, after, compared = json.loads(CliRunner().invoke(flows.commands.cli.app, itself).stdout).values()
    assert before == after
    assert {row["difference"] for row in compared} == {0.0}
    assert {row["outcome_dates"] for row in compared} == {"all", "before 2024-11-01", "from 2024-11-01"}
    text = CliRunner().invoke(flows.commands.cli.app, [*words[:-1], "markdown"]).stdout
    assert "| against | n | targets |" in text


def test_a_target_is_scored_only_before_its_outcome_could_be_seen(first):
    plan = first.plan
    scores = scores_of(plan)
    known = query(plan.settings.state, "SELECT quantity, period, known_on FROM outcomes").to_pandas()
    joined = scores.merge(known, on=["quantity", "period"])
    assert len(joined) == len(scores)
    assert (joined["as_of"] < joined["known_on"]).all()
    at = scores[scores["as_of"] == date(2024, 7, 31)]
    latest = at[
        (at["opponent"] == "latest figure")
        & (at["metric"] == "absolute_error")
        & (at["quantity"] == "hbm_revenue_usd")
    ]
    errors = latest.set_index("period")["value"].to_dict()
    assert errors == pytest.approx({"2024": np.log(17 / 14), "2025": np.log(33 / 20)})


def test_a_planted_future_figure_is_not_seen(plan, sampler):
    before = scores_of(plan)
    take_in(plan.settings.state, FUTURE)
    again = run_backtest(plan, Progress(shown=False))
    assert again.refitted == 0, "no vintage rests on a figure from after it"
    assert again.published, "the evidence changed, so the scores are made anew"
    after = scores_of(plan)
    after = after[after["run_id"] == again.run_id].reset_index(drop=True)
    pd.testing.assert_frame_equal(before.drop(columns="run_id"), after.drop(columns="run_id"))


def test_a_planted_future_figure_adds_nothing_to_the_likelihood_until_it_is_out():
    def log_density(frames, as_of):
        known = evidence_of_tables(frames | {"products": frames["products"].replace("", np.nan)})
        operator = shared_operator(known, TODAY)
        problem = problem_from_evidence(known, as_of, operator)
        rng = np.random.default_rng(1)
        shapes = parameter_shapes(operator, MARKET)
        raw = {
            name: 0.5 * rng.standard_normal(shape)
            for name, shape in sorted(shapes.items())
            if "street" not in name
        }
        raw |= {name: np.zeros(shape) for name, shape in shapes.items() if "street" in name}
        theta = working_values(raw, problem.data())
        rows = stacked(np, chain(np, drivers(np, theta, problem.fixed, MARKET), MARKET), MARKET)
        points = log_points(np, rows, operator.arrays)
        each = problem.weight * log_likelihood(np, points, theta, part(problem.data(), "obs_"))
        return each.sum(), fingerprint(problem)

    with_numbers = {name: number_columns(frame) for name, frame in evidence().items()}
    planted = {name: number_columns(frame) for name, frame in evidence(FUTURE).items()}
    for as_of in (*DATES, date(2026, 4, 30)):
        assert log_density(with_numbers, as_of) == log_density(planted, as_of)
    seen, unseen = log_density(planted, date(2026, 5, 1)), log_density(with_numbers, date(2026, 5, 1))
    assert seen[0] < unseen[0] - 1, "from its day on it counts, and this one is absurd"
    assert seen[1] != unseen[1]


def number_columns(frame):
    names = [
        n
        for n in (
            "value",
            "low",
            "high",
            "fiscal_year_end_month",
            "lower",
            "upper",
            "p05",
            "p95",
            "usd_per_unit",
        )
        if n in frame
    ]
    return frame.assign(**{n: pd.to_numeric(frame[n]) for n in names})


def test_a_figure_out_by_a_vintage_refits_that_vintage_and_the_later_ones_only(plan, sampler):
    take_in(plan.settings.state, ("hbm_revenue", "2024", 12e9, "forecast", "2024-05-02", "Bern"))
    assert run_backtest(plan, Progress(shown=False)).refitted == 2
    assert sorted(sampler.sampled) == [date(2024, 7, 31), date(2025, 1, 31)]


def test_nothing_new_nothing_done(first, plan, sampler):
    again = run_backtest(plan, Progress(shown=False))
    assert (again.published, again.refitted, again.run_id) == (False, 0, first.done.run_id)
    assert sampler.compiled == 0
    assert not sampler.sampled
    pd.testing.assert_frame_equal(again.board, first.done.board)


def test_a_stopped_backtest_goes_on_where_it_was(first, unplayed, sampler):
    """And, one vintage at a time, comes to the scores of two at a time without a stop."""
    plan = unplayed
    sampler.fails_after = 2
    one_at_a_time = replace(plan, cores=1)
    with pytest.raises(RuntimeError, match="light went out"):
        run_backtest(one_at_a_time, Progress(shown=False))
    kept = len(sampler.sampled)
    assert kept == len(list((plan.settings.state / "backtest").glob("*.nc"))) == 2
    assert latest_backtest(plan.settings.state) is None
    sampler.fails_after = 10**6
    done = run_backtest(one_at_a_time, Progress(shown=False))
    assert done.refitted == len(DATES) - kept
    assert sorted(sampler.sampled) == list(DATES)
    pd.testing.assert_frame_equal(
        scores_of(plan).drop(columns="run_id"), scores_of(first.plan).drop(columns="run_id")
    )


def test_a_damaged_vintage_is_fitted_again(plan, sampler):
    file = min((plan.settings.state / "backtest").glob("*.nc"))
    file.write_bytes(file.read_bytes()[:-100])
    lines: list[str] = []
    assert run_backtest(plan, Progress(lines.append, shown=False)).refitted == len(sampler.sampled) == 1
    assert len([line for line in lines if file.name in line]) == 1


def test_a_vintage_knows_only_products_announced_and_assumptions_known_by_then():
    known = evidence_of_tables({name: number_columns(frame) for name, frame in evidence().items()})
    figures = usable_figures(resolved_figures(known))

    def at(as_of, products=known.products, assumptions=known.assumptions):
        return fingerprint(
            build_problem(figures, products, assumptions, MARKET, as_of, shared_operator(known, TODAY))
        )

    product = known.products.iloc[[2]].assign(product="H100X", announced_on="2025-03-01", hbm_gb="999")
    more = pd.concat([known.products, product], ignore_index=True)
    assert at(date(2025, 1, 31), products=more) == at(date(2025, 1, 31))
    assert at(date(2025, 3, 31), products=more) != at(date(2025, 3, 31))
    name = "driver.server_shipments.level"
    row = known.assumptions[known.assumptions["assumption"] == name].assign(p05=1e6, known_since="2025-03")
    later = pd.concat([known.assumptions, row], ignore_index=True)
    assert at(date(2025, 1, 31), assumptions=later) == at(date(2025, 1, 31))
    assert at(date(2025, 3, 31), assumptions=later) != at(date(2025, 3, 31))


def test_without_evidence_or_outcomes_it_says_so(new, sampler, tmp_path, monkeypatch):
    monkeypatch.setattr("flows.backtest.scoring.FIRST_OPPONENTS", date(2026, 4, 30))
    empty = replace(new, settings=replace(new.settings, state=tmp_path / "nothing"))
    with pytest.raises(WarehouseMissing, match="nightly"):
        run_backtest(empty, Progress(shown=False))
    late = replace(new, dates=(date(2026, 5, 31),))
    with pytest.raises(HbmcastError, match="no outcome"):
        run_backtest(late, Progress(shown=False))


def test_the_command_asks_for_months_and_says_what_is_wrong(unplayed, sampler):
    import typer

    app = typer.Typer()
    app.command()(flows.commands.backtest.backtest)
    state = str(unplayed.settings.state)
    done = CliRunner().invoke(app, ["--state", state, "--to", "2023-08", "--draws", "50", "--format", "csv"])
    assert done.exit_code == 0, done.output
    assert "quantity,horizon_group,opponent" in done.output
    assert "2 vintages, 2 fitted now" in done.output
    assert "Hindsight that is left" in done.output
    wrong = CliRunner().invoke(app, ["--state", state, "--from", "July"])
    assert isinstance(wrong.exception, HbmcastError)
    assert "2023-07" in str(wrong.exception)
