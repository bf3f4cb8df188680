"""Alerts reach a webhook and Prefect, and where they don't, a night is not the worse for it."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import prefect.events
import pytest
from prefect.events import Event

from flows.night import alerts
from flows.night.alerts import tell_failed, tell_published
from flows.runtime.alert_settings import AlertSettings
from flows.runtime.errors import HbmcastError
from flows.runtime.settings import Settings, resolve
from flows.sources.feeds import read_feeds
from models.attribution.news import KEYS
from models.vocabulary.results.doors import FEED
from tests.flows.sources.faulty_server import PATIENCE, Server
from tests.flows.sources.test_feeds import QUICK
from tests.places import DATA
from tests.world.design import TODAY
from warehouse.layout import raw_folder

REVENUE = "hbm_revenue_usd"
OTHER = next(name for name, _ in KEYS if name != REVENUE)


@pytest.fixture
def settings(server: Server, tmp_path: Path) -> Settings:
    told_to = AlertSettings(webhook=f"{server.root}/hooks/secret")
    return Settings(tmp_path, DATA, TODAY, today=TODAY, alerts=told_to)


def posted(server: Server) -> list[dict]:
    return [json.loads(body) for body in server.posted]


def forecast(**changed: float) -> pd.DataFrame:
    """Medians of 100 bn in every year, but for those given as quantity=factor in 2027."""
    rows = pd.DataFrame(KEYS, columns=["quantity", "period"]).assign(unit="usd")
    factor = rows["quantity"].map(changed).where(rows["period"] == "2027").fillna(1.0)
    levels = {"p05": 0.9e11, "p50": 1e11, "p95": 1.1e11}
    return rows.assign(
        **{p: level * factor for p, level in levels.items()}, **{f"mcse_{p}": 0.0 for p in levels}
    )


@pytest.fixture
def two_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [
        SimpleNamespace(run_id=name, as_of=TODAY - timedelta(days=n))
        for n, name in enumerate(["now", "before"])
    ]
    told = {"before": forecast(), "now": forecast(**{REVENUE: 1.06, OTHER: 0.96})}
    monkeypatch.setattr(alerts, "published_runs", lambda state: runs)
    monkeypatch.setattr(alerts, "forecast_of", lambda settings, run: told[run.run_id])


def test_a_headline_that_moved_is_told_with_its_numbers(settings: Settings, server: Server, two_runs):
    said: list[str] = []
    tell_published(settings, "now", said.append)
    (told,) = posted(server)
    assert list(told) == ["kind", "text", "run", "quantity", "numbers"]
    assert (told["kind"], told["run"], told["quantity"]) == ("headline-moved", "now", REVENUE)
    numbers = told["numbers"]
    assert numbers["share"] == pytest.approx(0.06)
    assert (numbers["period"], numbers["earlier"], numbers["earlier_run"]) == ("2027", 1e11, "before")
    assert "HBM revenue 2027 went from 100 to 106" in told["text"]
    assert "(+6.0%) since before" in told["text"]
    assert said == []


def test_small_moves_reruns_of_history_and_a_first_run_are_no_news(
    settings: Settings, server: Server, two_runs
):
    tell_published(replace(settings, alerts=replace(settings.alerts, move=0.07)), "now", pytest.fail)
    tell_published(replace(settings, as_of=TODAY - timedelta(days=1)), "now", pytest.fail)
    tell_published(settings, "of another folder", pytest.fail)
    tell_failed(replace(settings, alerts=AlertSettings()), "now", "off by default", pytest.fail)
    assert server.asked == []


def test_a_source_is_told_once_it_is_stale(settings: Settings, server: Server, monkeypatch):
    server.by_path["/figures.csv"] = {"status": 404}
    read_feeds((server.url,), raw_folder(settings.state, FEED.folder), limits=QUICK)
    tell_published(settings, "now", pytest.fail)
    (never,) = posted(server)
    assert (never["kind"], never["numbers"]["source"], never["numbers"]["days"]) == (
        "source-stale",
        server.url,
        None,
    )
    assert "404" in never["text"]
    server.posted.clear()
    good = alerts.now()
    age = SimpleNamespace(
        door="feed", source="x", fails=True, failure="404", days_since_good=lambda at: (at - good).days
    )
    monkeypatch.setattr("flows.sources.ages.source_ages", lambda state: [age])
    for days in (6, 7):
        monkeypatch.setattr(alerts, "now", lambda days=days: good + timedelta(days=days))
        tell_published(settings, "now", pytest.fail)
    assert [told["numbers"]["days"] for told in posted(server)] == [7]


@pytest.mark.parametrize(
    ("answer", "seconds", "why"),
    [
        ({"status": 500}, PATIENCE, "it answered 500"),
        ({"redirect": "/elsewhere"}, PATIENCE, "it answered 302"),
        ({"hang": True}, 0.3, "no answer within 0.3 s"),
        # Each byte comes in time, the whole never does.
        ({"drip": 0.1}, 0.3, "no answer within 0.3 s"),
        (None, PATIENCE, "ConnectError"),
    ],
)
def test_a_webhook_that_fails_is_one_line_without_its_secret(
    settings: Settings, server: Server, monkeypatch, answer: dict | None, seconds: float, why: str
):
    monkeypatch.setattr(alerts, "SECONDS", seconds)
    if answer is None:
        server.shutdown()
        server.server_close()
    else:
        server.answer = answer
    said: list[str] = []
    tell_failed(settings, "run-1", "fit: no luck", said.append)
    (line,) = said
    assert "the webhook on 127.0.0.1 did not take them" in line
    assert why in line
    assert "secret" not in line
    assert "\n" not in line


def test_what_cannot_be_found_out_is_told_and_harms_nothing(settings: Settings, monkeypatch):
    def broken(state: Path) -> None:
        raise OSError("no such file")

    monkeypatch.setattr(alerts, "published_runs", broken)
    said: list[str] = []
    tell_published(settings, "now", said.append)
    assert said == ["what to alert to could not be found out: OSError: no such file"]


def test_alerts_are_events_of_prefect_where_that_is_asked_for(
    settings: Settings, server: Server, monkeypatch
):
    events: list[Event] = []

    def emit(event: str, **given) -> Event:
        events.append(Event(event=event, occurred=alerts.now(), **given))
        return events[-1]

    monkeypatch.setattr(prefect.events, "emit_event", emit)
    asked = replace(settings, alerts=AlertSettings(events=True))
    tell_failed(asked, "run-1", "fit: no luck", pytest.fail)
    (event,) = events
    assert (event.event, event.resource.id) == ("hbmcast.night-failed", "hbmcast.nightly.night-failed")
    assert event.payload["text"] == "hbmcast: the night run-1 failed: fit: no luck"
    assert server.posted == []
    said: list[str] = []
    monkeypatch.setattr(prefect.events, "emit_event", lambda *_, **__: None)
    tell_failed(asked, "run-1", "fit: no luck", said.append)
    assert said == ["alerts could not be sent: Prefect took no event. Look at PREFECT_API_URL"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("WEBHOOK", "http://example.com/secret"),
        ("WEBHOOK", "http://127.0.0.1.example.com/secret"),
        ("WEBHOOK", "http://localhost@example.com/secret"),
        ("WEBHOOK", "ftp://127.0.0.1/secret"),
        ("WEBHOOK", "https:///secret"),
        ("WEBHOOK", "http://127.0.0.1:port/secret"),
        ("MOVE", "5"),
        ("MOVE", "5 %"),
        ("MOVE", "nan"),
        ("MOVE", "0"),
        ("STALE_DAYS", "0"),
        ("STALE_DAYS", "a week"),
    ],
)
def test_settings_that_make_no_sense_are_told_by_their_name(monkeypatch, name: str, text: str):
    monkeypatch.setenv(f"HBMCAST_ALERT_{name}", text)
    with pytest.raises(HbmcastError, match=f"HBMCAST_ALERT_{name}") as caught:
        resolve()
    assert "secret" not in str(caught.value)


def test_settings_come_from_the_environment_and_are_off_without_it(monkeypatch):
    for name in ("WEBHOOK", "EVENTS", "MOVE", "STALE_DAYS"):
        monkeypatch.delenv(f"HBMCAST_ALERT_{name}", raising=False)
    assert not resolve().alerts.wanted
    for name, text in {
        "WEBHOOK": "https://x.org/y",
        "EVENTS": "yes",
        "MOVE": "0.1",
        "STALE_DAYS": "3",
    }.items():
        monkeypatch.setenv(f"HBMCAST_ALERT_{name}", text)
    assert resolve().alerts == AlertSettings("https://x.org/y", events=True, move=0.1, stale_days=3)
