"""A night with a few new figures: weighted or fitted anew, and what it says of what moved."""

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

import flows.night.kept_runs
import flows.night.news
import flows.night.posterior
import models.inference.fit
from dashboards.news_words import paragraph
from flows.night import stages
from flows.night.kept_runs import KeptRun, is_of_this_code, sampled_posterior
from flows.night.news import earlier_runs, news_of_night
from flows.night.posterior import reweighting_rows, run_to_weight
from flows.night.record import Night
from flows.runtime.artifacts import load_posterior
from flows.runtime.settings import Settings
from models.draws.joint import collect
from models.draws.simulate import simulate
from models.draws.summary import forecast_frames
from models.inference.fit import Fit, problem_from_evidence
from models.inference.problem import parameter_shapes
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


def fake_fit(known, as_of, seed, draws, chains, progress=None) -> Fit:
    """Draws of the prior, narrowed, in place of a posterior."""
    problem, rng = problem_from_evidence(known, as_of), np.random.default_rng(seed)
    shapes = parameter_shapes(problem.operator, problem.market)
    raw = {name: 0.3 * rng.standard_normal((chains, draws // chains, *s)) for name, s in shapes.items()}
    return Fit(problem, raw, {"energy": rng.standard_normal((chains, draws // chains))}, {})


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
def fitted(monkeypatch) -> list[date]:
    """As-of days of the posteriors that are fitted."""
    days: list[date] = []

    def fit(known, as_of, *args, **named) -> Fit:
        days.append(as_of)
        return fake_fit(known, as_of, *args, **named)

    monkeypatch.setattr(models.inference.fit, "fit", fit)
    return days


@pytest.fixture
def published(monkeypatch, before, settings, fitted) -> list[KeptRun]:
    """List what is published; a test may add to it."""
    runs = [replace(before[1], state=settings.state)]
    for module in (flows.night.posterior, flows.night.news):
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
    assert "1 figures differ from first" in night.notes[-1]
    (k, share) = reweighting_rows("second", night.posterior)
    assert (k[1], k[2] <= 0.7, k[4]) == ("reweighting_pareto_k", True, True)
    assert 0.2 < share[2] < 1.0
    assert stages.run_row(settings, night)["estimation"] == "reweighted"
    again = stages.fit(settings, Night("third"), quiet)
    assert (again.estimation, again.content_hash) == ("unchanged", night.content_hash)


def test_what_may_be_weighted(settings, published, monkeypatch):
    (run,) = published
    assert run_to_weight(settings) == run
    assert run_to_weight(replace(settings, refit_days=0)) is None
    week = timedelta(days=settings.refit_days)
    assert run_to_weight(replace(settings, today=settings.today + week - timedelta(days=1))) == run
    for other in ({"today": settings.today + week}, {"seed": 7}, {"as_of": DAY - timedelta(days=1)}):
        assert run_to_weight(replace(settings, **other)) is None
    published[0] = replace(run, reweighted_from="another")
    assert run_to_weight(settings) is None
    assert is_of_this_code(settings, run)
    monkeypatch.setattr(flows.night.kept_runs, "run_hash", lambda *_, **__: "of other code")
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


def test_the_runs_to_compare_with(settings, published):
    (first,) = published
    runs = [replace(first, run_id=str(n), as_of=DAY - timedelta(days=n)) for n in (-3, 0, 1, 29, 30, 60)]
    found = earlier_runs(runs, settings)
    assert {since: run.run_id for since, run in found.items()} == {LAST_RUN: "0", MONTH_AGO: "30"}
