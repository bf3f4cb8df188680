"""An alert as an event of Prefect, read back from a server that keeps events; the shared one keeps none."""

import time
from datetime import date
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client

from flows.night.alerts import tell_failed
from flows.runtime.alert_settings import AlertSettings
from flows.runtime.settings import Settings
from tests import prefect_server

TODAY = date(2026, 11, 28)
pytestmark = pytest.mark.slow
KEEPS_EVENTS = "PREFECT_SERVER_SERVICES_EVENT_PERSISTER"


def test_an_alert_is_read_back_from_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    without = tuple(name for name in prefect_server.WITHOUT if not name.startswith(KEEPS_EVENTS))
    monkeypatch.setattr(prefect_server, "WITHOUT", without)
    monkeypatch.setenv(f"{KEEPS_EVENTS}_FLUSH_INTERVAL", "0.1")
    settings = Settings(tmp_path, tmp_path, TODAY, today=TODAY, alerts=AlertSettings(events=True))
    asked = {"filter": {"event": {"prefix": ["hbmcast."]}}}
    with prefect_server.shared_server(tmp_path) as url:
        with prefect_server.talking_to(url):
            tell_failed(settings, "run-1", "fit: no luck", pytest.fail)
        with prefect_server.talking_to(url), get_client(sync_client=True) as client:
            last, found = time.monotonic() + 60.0, []
            while not found and time.monotonic() < last:
                found = client.request("POST", "/events/filter", json=asked).json()["events"]
                time.sleep(0.1)
    (event,) = found
    assert event["event"] == "hbmcast.night-failed"
    assert event["resource"]["prefect.resource.id"] == "hbmcast.nightly.night-failed"
    assert event["payload"]["text"] == "hbmcast: the night run-1 failed: fit: no luck"
