"""The as-of day is the day of the schedule's time zone, on the days that change the clock too."""

from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from flows.night import flow
from flows.runtime import zone
from flows.runtime.errors import HbmcastError
from flows.runtime.settings import REPOSITORY, resolve
from flows.server import schedule

BERLIN = "Europe/Berlin"


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch):
    """Stop the clock at a moment."""

    def stop(moment: str) -> None:
        frozen = datetime.fromisoformat(moment).astimezone(UTC)
        clock = SimpleNamespace(now=lambda tz: frozen.astimezone(tz))
        monkeypatch.setattr(zone, "datetime", clock)

    monkeypatch.delenv("HBMCAST_TIMEZONE", raising=False)
    return stop


@pytest.mark.parametrize(
    ("nights", "in_utc"),
    [
        # Summer time ends on 25 October 2026: that day never was an as-of day.
        (
            ["2026-10-24T01:15+02:00", "2026-10-25T01:15+02:00", "2026-10-26T01:15+01:00"],
            ["2026-10-23", "2026-10-24", "2026-10-26"],
        ),
        # It begins on 28 March 2027: that day was one twice.
        (
            ["2027-03-27T01:15+01:00", "2027-03-28T01:15+01:00", "2027-03-29T01:15+02:00"],
            ["2027-03-27", "2027-03-28", "2027-03-28"],
        ),
    ],
)
def test_each_night_has_its_own_day_where_the_clock_changes(at, nights: list[str], in_utc: list[str]):
    found = []
    for night in nights:
        at(night)
        settings = resolve(timezone=BERLIN)
        assert settings.as_of == settings.today
        found.append((str(settings.as_of), str(resolve().as_of)))
    assert found == [(night[:10], day) for night, day in zip(nights, in_utc, strict=True)]


def test_the_schedule_beats_the_environment_and_both_say_what_is_still_to_come(at, monkeypatch):
    at("2026-11-29T23:30+00:00")
    monkeypatch.setenv("HBMCAST_TIMEZONE", "America/New_York")
    assert resolve().today == date(2026, 11, 29)
    assert resolve(timezone=BERLIN, as_of="2026-11-30").as_of == date(2026, 11, 30)
    with pytest.raises(HbmcastError, match="today is 2026-11-29 in America/New_York"):
        resolve(as_of="2026-11-30")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Europe/Berln", "did you mean 'Europe/Berlin'"),
        ("europe/berlin ", "did you mean 'Europe/Berlin'"),
        ("Berlin", "did you mean 'Europe/Berlin'?"),
        ("Asia/Taipeh", "did you mean 'Asia/Taipei'"),
        ("Europe", "Write it as Europe/Berlin or UTC"),
        ("../../etc/passwd", "Write it as Europe/Berlin or UTC"),
        ("\0", "Write it as Europe/Berlin or UTC"),
    ],
)
def test_an_unknown_zone_is_one_line_with_the_nearest(monkeypatch, name: str, near: str):
    monkeypatch.delenv("HBMCAST_TIMEZONE", raising=False)
    with pytest.raises(HbmcastError, match="is no time zone") as caught:
        resolve(timezone=name)
    assert near in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_zone_of_the_environment_is_told_by_its_name(monkeypatch):
    monkeypatch.setenv("HBMCAST_TIMEZONE", "Europe/Berln")
    with pytest.raises(HbmcastError, match="HBMCAST_TIMEZONE"):
        resolve()


@pytest.mark.parametrize(
    ("said", "environment", "wanted"),
    [(BERLIN, "UTC", BERLIN), (None, "Asia/Taipei", "Asia/Taipei"), (None, "", "UTC")],
)
def test_the_schedule_hands_its_zone_to_the_night(monkeypatch, tmp_path: Path, said, environment, wanted):
    served: dict = {}
    monkeypatch.setenv("HBMCAST_TIMEZONE", environment)
    monkeypatch.setattr(schedule, "prepare_environment", lambda folder: None)
    monkeypatch.setattr(schedule, "_check_server", lambda url: None)
    fake = SimpleNamespace(nightly=SimpleNamespace(serve=lambda **given: served.update(given)))
    monkeypatch.setattr(schedule, "import_module", lambda name: fake)
    schedule.serve_nightly(cron="15 1 * * *", timezone=said, draws=None, state=tmp_path)
    assert served["schedule"].timezone == served["parameters"]["timezone"] == wanted
    # Prefect refuses a parameter that the flow doesn't take.
    handed: dict = {}
    monkeypatch.setattr(flow, "run_night", lambda stages, **given: handed.update(given))
    flow.nightly.fn(**served["parameters"])
    assert (handed["timezone"], handed["state"]) == (wanted, str(tmp_path))


def test_the_deployment_of_a_team_hands_it_over_too():
    (deployment,) = yaml.safe_load((REPOSITORY / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    assert deployment["parameters"]["timezone"] == deployment["schedules"][0]["timezone"]
