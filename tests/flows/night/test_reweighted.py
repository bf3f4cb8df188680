"""A night with a few new figures: weighted or fitted anew, and what it says of what moved."""

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

import flows.night.earlier_posterior
import flows.night.kept_runs
import flows.night.news
import models.inference.fit
from dashboards.news_words import paragraph
from flows.night import stages
from flows.night.earlier_posterior import reweighting_rows, sampled_run
from flows.night.kept_runs import (
    KeptRun,
    as_first,
    is_of_this_code,
    sampled_for,
    sampled_posterior,
    settings_after_reading,
)
from flows.night.news import earlier_runs, news_of_night
from flows.night.record import Night
from flows.runtime.artifacts import load_posterior
from flows.runtime.settings import Settings
from models.draws.joint import collect
from models.draws.simulate import simulate
from models.draws.summary import forecast_frames
from models.inference.fit import Fit, beginning_from
from models.inference.from_evidence import problem_from_evidence
from models.inference.problem import parameter_shapes
from models.inference.pymc_model import padded_shapes
from models.inference.warm_start import Beginning
from models.inference.whitening import no_whitening
from models.vocabulary.results.described import BY_NAME
from models.vocabulary.results.news import LAST_RUN, MONTH_AGO, NEW, NOISE, WHOLE
from tests.flows import small_state
from warehouse.ingest import ingest
from warehouse.layout import posterior_file

SERVERS = ("server_shipments", "2024", 13.95e6, "estimate", "2026-03-20", "Sold")
DAY = date(2026, 4, 4)
CHAINS, DRAWS = 2, 400


def quiet(_share: float, _words: str = "") -> None:
    pass


def fake_fit(known, as_of, seed, draws, chains, progress=None, earlier=None, thin=0) -> Fit:
    """Draws of the prior, narrowed, in place of a posterior."""
    problem, rng = problem_from_evidence(known, as_of), np.random.default_rng(seed)
    shapes = parameter_shapes(problem.operator, problem.market)
    raw = {name: 0.3 * rng.standard_normal((chains, draws // chains, *s)) for name, s in shapes.items()}
    beginning = beginning_from(earlier, problem) if earlier else None
    if beginning is None:
        size = sum(int(np.prod(s)) for s in padded_shapes(problem.operator, problem.market).values())
        beginning = Beginning(no_whitening(size), np.zeros((2, size)))
    energy = rng.standard_normal((chains, draws // chains))
    return Fit(problem, raw, {"energy": energy, "depth": np.full(energy.shape, thin)}, {}, beginning)


@pytest.fixture(scope="module")
def before(tmp_path_factory) -> tuple[Settings, KeptRun]:
    """Settings of a state with one published run, whose posterior was fitted before a new figure came."""
    state = tmp_path_factory.mktemp("reweighted")
    small_state.take_in(state)
    settings = Settings(
        state, small_state.DATA, DAY, chains=CHAINS, draws=DRAWS, posterior_draws=DRAWS,
        effective_share=0.2, today=date.today(),
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models.inference.fit, "fit", fake_fit)
        run = published_as(settings, stages.fit(settings, Night("first", code_version="1"), quiet))
    ingest(state, small_state.evidence(SERVERS), None, "again", datetime.now(UTC))
    return settings, run


@pytest.fixture
def settings(before, tmp_path) -> Settings:
    """Give a copy of that state: what a test keeps there is no other's."""
    shutil.copytree(before[0].state, tmp_path, dirs_exist_ok=True)
    return replace(before[0], state=tmp_path)


@pytest.fixture
def fitted(monkeypatch) -> list[bool]:
    """Of each posterior that is fitted, whether its chains begin at an earlier one."""
    begun: list[bool] = []

    def fit(known, as_of, *args, **named) -> Fit:
        begun.append(named["earlier"] is not None)
        return fake_fit(known, as_of, *args, **named)

    monkeypatch.setattr(models.inference.fit, "fit", fit)
    return begun


@pytest.fixture
def published(monkeypatch, before, settings, fitted) -> list[KeptRun]:
    """List what is published; a test may add to it."""
    runs = [replace(before[1], state=settings.state)]
    for module in (flows.night.earlier_posterior, flows.night.kept_runs, flows.night.news):
        monkeypatch.setattr(module, "published_runs", lambda _state: runs)
    return runs


def published_as(settings: Settings, night: Night) -> KeptRun:
    # What was taken in later must not count.
    moment = datetime.now(UTC).replace(tzinfo=None)
    return replace(flows.night.news._tonight(settings, night), finished_at=moment)


def forecast(settings: Settings, run: KeptRun) -> pd.DataFrame:
    problem = problem_from_evidence(run.version.evidence, settings.as_of)
    posterior = load_posterior(posterior_file(settings.state, run.content_hash))
    drawn = collect(simulate(problem, posterior.flat(), DRAWS, settings.seed))
    frame, _ = forecast_frames(drawn, problem.market, CHAINS, DRAWS, run.run_id, settings.as_of)
    return frame


def test_a_night_with_a_new_figure_is_weighted_and_says_so(settings, published, fitted):
    night = stages.fit(settings, Night("second", code_version="1"), quiet)
    assert (night.estimation, night.reused_posterior, len(fitted)) == ("reweighted", False, 0)
    assert night.reweighted_from == published[0].content_hash != night.content_hash
    assert "1 figure differs from first" in night.notes[-1]
    (k, share) = reweighting_rows("second", night.posterior)
    assert (k[1], k[2] <= 0.7, k[4]) == ("reweighting_pareto_k", True, True)
    assert 0.2 < share[2] < 1.0
    assert stages.run_row(settings, night)["estimation"] == "reweighted"
    again = stages.fit(settings, Night("third"), quiet)
    assert (again.estimation, again.content_hash) == ("unchanged", night.content_hash)


def test_a_night_whose_new_figure_informs_nothing_says_that_the_posterior_stands(settings, published, fitted):
    night = stages.fit(replace(settings, force=True), Night("second", code_version="1"), quiet)
    published.insert(0, published_as(settings, night))
    beyond_the_grid = ("server_shipments", "2029", 20e6, "forecast", "2026-03-21", "Sold")
    ingest(settings.state, small_state.evidence(SERVERS, beyond_the_grid), None, "more", datetime.now(UTC))
    idle = stages.fit(settings, Night("third", code_version="1"), quiet)
    assert idle.notes[-1] == "no figure that informs the chain differs from second: its posterior stands"
    assert (idle.estimation, len(fitted)) == ("reweighted", 1)
    before, after = (load_posterior(n.posterior).flat() for n in (night, idle))
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_where_weights_do_not_do_the_chains_begin_where_others_ended(settings, published, fitted):
    settings = replace(settings, reweighted_figures=0)
    night = stages.fit(settings, Night("second", code_version="1"), quiet)
    assert (night.estimation, night.reused_posterior, fitted) == ("warm", False, [True])
    assert night.started_from == published[0].content_hash != night.content_hash
    assert "the chains begin where those of first ended: 1 figure differs" in night.notes
    assert stages.run_row(settings, night)["started_from"] == published[0].content_hash
    published.insert(0, warm := published_as(settings, night))
    assert is_of_this_code(settings, warm)
    again = stages.fit(settings, Night("third"), quiet)
    assert (again.estimation, again.content_hash) == ("unchanged", night.content_hash)
    assert again.started_from == night.started_from
    anew = stages.fit(replace(settings, force=True), Night("fourth"), quiet)
    assert (anew.estimation, anew.started_from, fitted) == ("refit", "", [True, False])


def test_a_first_forecast_has_fewer_draws_and_the_next_day_begins_where_it_ended(
    settings, published, fitted, monkeypatch
):
    asked = replace(settings, first_draws=DRAWS // 2)
    assert as_first(asked) == asked, "another forecast is published"
    published.clear()
    first = as_first(asked)
    assert (first.draws, first.posterior_draws, first.is_first) == (DRAWS // 2, DRAWS // 2, True)
    assert as_first(settings) == settings != as_first(replace(asked, force=True))
    night = stages.fit(first, Night("one", code_version="1"), quiet)
    assert (night.estimation, fitted) == ("first", [False])
    published.append(published_as(first, night))
    assert as_first(asked) == first, "the same day"
    assert stages.fit(first, Night("two"), quiet).estimation == "unchanged"
    tomorrow = replace(asked, as_of=DAY + timedelta(days=1))
    assert as_first(tomorrow) == tomorrow
    after = stages.fit(tomorrow, Night("three", code_version="1"), quiet)
    assert (after.estimation, fitted) == ("warm", [False, True])
    assert load_posterior(after.posterior).n_draws == DRAWS
    kept_of_so_many = [int(load_posterior(n.posterior).statistics["depth"].max()) for n in (night, after)]
    assert kept_of_so_many == [models.inference.fit.FIRST_THIN, models.inference.fit.THIN]


@pytest.mark.parametrize("passes", [True, False])
def test_a_first_forecast_that_misses_the_gate_is_sampled_again_with_twice_the_steps(
    settings, published, fitted, monkeypatch, passes
):
    published.clear()
    first = as_first(replace(settings, first_draws=DRAWS // 2))
    night = stages.fit(first, Night("one", code_version="1"), quiet)
    assert (night.estimation, fitted) == ("first", [False])
    drawn = []
    monkeypatch.setattr(stages, "_drawn", lambda asked, night, report: drawn.append(asked) or night)
    monkeypatch.setattr(stages, "load_frames", lambda folder: {"diagnostics": None})
    monkeypatch.setattr("models.draws.gate.gate_reason", lambda found: "" if passes else "rhat 1.02")
    fit, kept = stages.fit, []
    monkeypatch.setattr(stages, "fit", lambda *given: kept.append(night.posterior.exists()) or fit(*given))
    after = stages.simulate(first, night, quiet)
    again = not passes
    assert kept == [False] * again, "what missed the gate is gone before minutes go by"
    assert (len(drawn), len(fitted)) == (1 + again, 1 + again)
    assert [asked.force for asked in drawn] == [False, True][: 1 + again]
    assert [asked.draws for asked in drawn] == [DRAWS // 2] * (1 + again)
    thin = int(load_posterior(after.posterior).statistics["depth"].max())
    assert thin == (models.inference.fit.FIRST_THIN if passes else models.inference.fit.THIN)
    told = "the first posterior is not good enough (rhat 1.02): fitted anew"
    assert (told in after.notes, after.estimation) == (again, "first")


def test_a_figure_more_on_the_first_day_is_not_made_of_the_few_draws_of_a_first_forecast(
    settings, published, fitted
):
    asked = replace(settings, first_draws=DRAWS // 2)
    published.clear()
    first = as_first(asked)
    assert settings_after_reading(first, asked) == first, "nothing is published yet"
    night = stages.fit(first, Night("one", code_version="1"), quiet)
    published.append(published_as(first, night))
    assert settings_after_reading(as_first(asked), asked) == first, "the same figures"
    assert settings_after_reading(asked, asked) == asked
    another = (*SERVERS[:2], 14.2e6, *SERVERS[3:])
    ingest(settings.state, small_state.evidence(another), None, "more", datetime.now(UTC))
    assert settings_after_reading(as_first(asked), asked) == asked
    after = stages.fit(asked, Night("two", code_version="1"), quiet)
    assert (after.estimation, fitted) == ("warm", [False, True])
    assert load_posterior(after.posterior).n_draws == DRAWS


def test_what_may_be_weighted(settings, published, monkeypatch):
    (run,) = published
    assert sampled_run(settings) == run
    assert sampled_run(replace(settings, refit_days=0)) is None
    week = timedelta(days=settings.refit_days)
    assert sampled_run(replace(settings, today=settings.today + week - timedelta(days=1))) == run
    for other in ({"today": settings.today + week}, {"seed": 7}, {"as_of": DAY - timedelta(days=1)}):
        assert sampled_run(replace(settings, **other)) is None
    published[0] = replace(run, reweighted_from="another")
    assert sampled_run(settings) is None
    # A warm refit is good for the next one as long as one from nothing is few days old.
    published[:] = [warm := replace(run, started_from=run.content_hash)]
    assert sampled_run(settings) is None
    published[:] = [warm, run]
    assert sampled_run(settings) is warm
    published[:] = [warm, replace(run, finished_at=run.finished_at - week)]
    assert sampled_run(settings) is None
    assert is_of_this_code(settings, run)
    monkeypatch.setattr(flows.night.kept_runs, "posterior_hash", lambda *_, **__: "of other code")
    assert sampled_posterior(settings, run, pytest.fail) is None


def test_the_news_of_a_weighted_night_add_up_and_name_the_figure(settings, published, monkeypatch):
    then = forecast(settings, published[0])
    monkeypatch.setattr(flows.night.news, "forecast_of", lambda *_: then)
    night = stages.fit(settings, Night("second", code_version="1"), quiet)
    tonight = flows.night.news._tonight(settings, night)
    now = forecast(settings, tonight)
    frames, notes = news_of_night(settings, night, now, quiet)
    news = frames["news"]
    assert set(news.columns) == set(BY_NAME["news"].column_names)
    assert set(news["since"]) == {LAST_RUN}
    assert set(news["part"]) == {WHOLE, NEW, NOISE}
    parts = news[news["part"] != WHOLE].groupby(["quantity", "period"])["p50"].sum()
    whole = news[news["part"] == WHOLE].set_index(["quantity", "period"])["p50"]
    np.testing.assert_allclose(parts.loc[whole.index], whole, atol=1e-9 * whole.abs().max())
    new = news[news["part"] == NEW]
    assert set(new["publisher"]) == {"Sold"}
    assert (new["error_p50"] > 0).any()
    assert notes == [paragraph(news, DAY)]
    assert notes[0].startswith("Since the last run (first, as of 2026-04-04): ")
    # The night after, of the same evidence: nothing moved, and nothing is weighed for it.
    published.insert(0, published_as(settings, night))
    monkeypatch.setattr(flows.night.news, "forecast_of", lambda *_: now)
    after = stages.fit(settings, Night("third", code_version="1"), quiet)
    monkeypatch.setattr(flows.night.news, "sampled_posterior", lambda *_: pytest.fail("weighed for nothing"))
    frames, notes = news_of_night(settings, after, now, quiet)
    assert set(frames["news"]["part"]) == {WHOLE, NOISE}
    assert (frames["news"][["p05", "p50", "p95"]] == 0).all(axis=None)
    assert notes[0].endswith("no headline quantity of 2027 moved by more than noise.")


def test_a_comparison_that_fails_is_told_and_the_night_goes_on(settings, published, monkeypatch):
    def broken(*_args) -> None:
        raise ValueError("product classes or HBM generations differ")

    monkeypatch.setattr(flows.night.news, "news_between", broken)
    monkeypatch.setattr(flows.night.news, "forecast_of", lambda *_: None)
    frames, (note,) = news_of_night(settings, Night("second"), pd.DataFrame(), quiet)
    assert frames == {}
    assert note.startswith(
        "what moved the forecast since the last run can't be said: ValueError: product classes"
    )


def test_a_last_run_of_a_month_ago_is_compared_with_once(settings, published, monkeypatch):
    (first,) = published
    compared = []

    def one_row(*_args):
        compared.append(1)
        row = {"quantity": "hbm_bits_gb", "period": "2027", "part": WHOLE, "unit": "GB"}
        return pd.DataFrame([row | dict.fromkeys(("p50", "earlier_p50", "error_p50"), 0.0)])

    monkeypatch.setattr(flows.night.news, "earlier_runs", lambda *_: {LAST_RUN: first, MONTH_AGO: first})
    monkeypatch.setattr(flows.night.news, "news_between", one_row)
    monkeypatch.setattr(flows.night.news, "forecast_of", lambda *_: None)
    frames, notes = news_of_night(settings, Night("second"), pd.DataFrame(), quiet)
    assert list(frames["news"]["since"]) == [LAST_RUN, MONTH_AGO]
    assert compared == [1]
    assert len(notes) == 1
    assert notes[0].startswith("Since the last run, a month ago (first, as of")


def test_the_runs_to_compare_with(settings, published):
    (first,) = published
    runs = [replace(first, run_id=str(n), as_of=DAY - timedelta(days=n)) for n in (-3, 0, 1, 29, 30, 60)]
    found = earlier_runs(runs, settings)
    assert {since: run.run_id for since, run in found.items()} == {LAST_RUN: "0", MONTH_AGO: "30"}


def test_news_find_a_posterior_whose_own_night_was_not_published(before):
    """It failed at the gate, and a night with more draws took the posterior over."""
    _, run = before
    took_over = replace(run, run_id="second", fitted=False)
    weighted = replace(took_over, run_id="third", reweighted_from="another")
    assert sampled_for([weighted, took_over], run.content_hash) is took_over
    assert sampled_for([weighted, took_over, run], run.content_hash) is run
    assert sampled_for([weighted], run.content_hash) is None
