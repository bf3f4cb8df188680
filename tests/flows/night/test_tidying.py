"""What goes with a night, and what the rule keeps."""

import os
from dataclasses import replace
from datetime import date, timedelta

import pytest

from flows.night import tidying
from flows.night.kept_runs import KeptRun
from flows.runtime.errors import HbmcastError
from flows.runtime.retention_settings import KEEP_VARIABLE, retention_settings
from flows.runtime.settings import resolve
from models.vocabulary.results.chain import REFIT, REWEIGHTED
from warehouse.layout import posterior_file, report_file, work_folder
from warehouse.retention import RETENTION, Retention

TODAY = date(2026, 6, 30)


@pytest.fixture
def settings(tmp_path):
    return resolve(state=tmp_path)


def run(settings, days_ago, content_hash, reweighted_from=""):
    day = TODAY - timedelta(days=days_ago)
    estimation = REWEIGHTED if reweighted_from else REFIT
    return KeptRun(
        settings.state, f"{day}", day, content_hash, "", reweighted_from, "", estimation, True, 1, 4, 100
    )


def test_posteriors_are_kept_that_the_next_nights_need(settings, monkeypatch):
    runs = [
        run(settings, 0, "w5", "s2"),
        run(settings, 1, "w4", "s2"),
        run(settings, 2, "w3", "s2"),
        run(settings, 20, "s2"),
        run(settings, 30, "w1", "s1"),
        run(settings, 60, "s0"),
    ]
    monkeypatch.setattr(tidying, "published_runs", lambda state: runs)
    monkeypatch.setattr(tidying, "OTHERS", 1)
    # Oldest first; the last is of no published run.
    for at, name in enumerate(("s0", "s1", "w1", "s2", "w3", "w4", "w5", "history")):
        file = posterior_file(settings.state, name)
        file.parent.mkdir(exist_ok=True)
        file.touch()
        os.utime(file, (1000 + at, 1000 + at))
    for run_id in ("this", "other"):
        work_folder(settings.state, run_id).mkdir(parents=True)
    tidying.tidy(settings, "this")
    kept = {path.stem for path in (settings.state / "posterior").iterdir()}
    # w3 can be weighted again; s0 is of a day that no news goes back to.
    assert kept == {"s1", "s2", "w4", "w5", "history"}
    assert work_folder(settings.state, "this").exists()
    assert not work_folder(settings.state, "other").exists()


def test_of_reports_that_say_the_same_the_last_is_kept(settings, monkeypatch):
    names = [f"night-{number}" for number in range(5)]
    for name in names:
        file = report_file(settings.state, name)
        file.parent.mkdir(exist_ok=True)
        file.touch()
    monkeypatch.setattr(
        tidying, "runs_that_differ", lambda state: ["night-4", "night-2", "night-1", "night-0"]
    )
    tidying.tidy_reports(replace(settings, kept=Retention(reports=3)))
    assert {path.stem for path in (settings.state / "reports").iterdir()} == {"night-4", "night-2", "night-1"}


def test_the_rule_is_read_from_the_environment(monkeypatch):
    monkeypatch.setenv(KEEP_VARIABLE, "draws=14, reports=60")
    assert retention_settings() == replace(RETENTION, draws=14, reports=60)
    for wrong in ("draws=many", "draws=0", "drawings=3", "draws"):
        monkeypatch.setenv(KEEP_VARIABLE, wrong)
        with pytest.raises(HbmcastError, match="the names: builds, draws"):
            retention_settings()
