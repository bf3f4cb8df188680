"""The night as a Prefect flow, on small stages and a real embedded server."""

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.states import Running

from flows.night import run as night
from flows.runtime import journal
from flows.runtime.errors import RunRefused
from flows.runtime.preparation import prepare_state
from flows.runtime.settings import resolve
from flows.server import run_now as run_once
from tests.flows.fake_stages import nightly, trace_of
from tests.flows.sources.faulty_server import serving
from tests.prefect_server import talking_to

STAGES = ["ingest", "fit", "simulate", "check", "news", "publish"]


@pytest.fixture(scope="module", autouse=True)
def server(prefect_url: str) -> Iterator[None]:
    with talking_to(prefect_url):
        yield


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(night, "RETRY_DELAY_SECONDS", 0)
    # The environment of the test stays what it was.
    monkeypatch.setattr(night, "prepare_environment", lambda state: None)


def artifact_text() -> str:
    with get_client(sync_client=True) as client:
        found = client.request("POST", "/artifacts/filter", json={"sort": "CREATED_DESC"}).json()
    # Other tests' nights write to the same server.
    return "".join(str(one["data"]) for one in found if one["key"] == night.ARTIFACT_KEY)


def test_a_night_runs_its_stages_in_order(tmp_path: Path, monkeypatch, capsys):
    (tmp_path / "full").touch()
    monkeypatch.setenv("HBMCAST_SHARE", str(tmp_path / "full" / "below"))
    outcome = nightly(as_of="2024-12-31", seed=7, state=str(tmp_path))
    assert outcome["status"] == "published"
    assert capsys.readouterr().err.count("not shared, the next night tries again") == 1
    assert trace_of(tmp_path) == [*STAGES, "report"]
    assert "seed=7 as_of=2024-12-31" in (tmp_path / "trace.txt").read_text()
    (entry,) = journal.entries(tmp_path)
    assert (entry.run_id, entry.status, entry.as_of) == (outcome["run_id"], "published", "2024-12-31")
    assert set(entry.seconds) == set(STAGES)
    assert f"stages of {outcome['run_id']}" in artifact_text()


def test_a_refusal_fails_the_night_at_once_and_is_noted_and_told(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("FAKE_FAULT", "refuse:publish")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as webhook:
        monkeypatch.setenv("HBMCAST_ALERT_WEBHOOK", webhook.root)
        with pytest.raises(RunRefused, match=r"R-hat is 1\.2"):
            nightly(state=str(tmp_path))
    (told,) = map(json.loads, webhook.posted)
    assert (told["kind"], told["run"]) == ("night-failed", journal.entries(tmp_path)[0].run_id)
    assert "publish: R-hat is 1.2" in told["text"]
    # Publishing is retried after a passing fault, but a refusal would be refused again.
    assert trace_of(tmp_path) == [*STAGES, "failed"]
    (entry,) = journal.entries(tmp_path)
    assert (entry.status, entry.stage) == ("failed", "publish")
    assert entry.reason == "publish: R-hat is 1.2. Look at hbmcast doctor"
    assert not journal.is_locked(tmp_path)


def test_a_passing_fault_is_retried(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("FAKE_FAULT", "once:publish")
    assert nightly(state=str(tmp_path))["status"] == "published"
    assert trace_of(tmp_path) == [*STAGES, "publish", "report"]


def test_a_lasting_fault_fails_after_its_retries(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("FAKE_FAULT", "break:ingest")
    with pytest.raises(OSError, match="no space left"):
        nightly(state=str(tmp_path))
    assert trace_of(tmp_path) == ["ingest", "ingest", "ingest", "failed"]


@pytest.mark.parametrize(("stage", "published"), [("fit", False), ("report", True)])
def test_a_disk_that_is_full_hides_no_reason(
    tmp_path: Path, monkeypatch, capsys, stage: str, published: bool
):
    """Not even the journal can be written any more."""
    write = journal.write

    def full(state: Path, entry: journal.Entry) -> journal.Entry:
        if entry.stage == stage or entry.status != "running":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "runs")
        return write(state, entry)

    monkeypatch.setattr(journal, "write", full)
    if published:
        assert nightly(state=str(tmp_path))["status"] == "published"
    else:
        with pytest.raises(OSError, match="No space left"):
            nightly(state=str(tmp_path))
        assert "failed" in trace_of(tmp_path)
    assert "the journal could not be written: the disk is full" in capsys.readouterr().err
    monkeypatch.setattr(journal, "write", write)
    assert nightly(state=str(tmp_path))["status"] == "published"


def test_a_night_that_is_interrupted_says_so_and_frees_the_lock(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("FAKE_FAULT", "interrupt:fit")
    with pytest.raises(KeyboardInterrupt):
        nightly(state=str(tmp_path))
    (entry,) = journal.entries(tmp_path)
    assert (entry.status, entry.reason) == ("failed", "fit: stopped from outside (KeyboardInterrupt)")
    assert not journal.is_locked(tmp_path)


def test_a_report_that_fails_does_not_take_the_forecast_back(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("FAKE_FAULT", "break:report")
    assert nightly(state=str(tmp_path))["status"] == "published"
    assert journal.entries(tmp_path)[0].status == "published"


def test_a_second_start_at_the_same_moment_does_nothing(tmp_path: Path):
    prepare_state(tmp_path)
    with journal.one_run(resolve(state=tmp_path)):
        outcome = nightly(state=str(tmp_path))
    assert outcome["status"] == "skipped"
    assert trace_of(tmp_path) == []
    assert journal.entries(tmp_path) == []


def test_of_two_machines_that_start_at_the_same_moment_one_does_nothing(tmp_path: Path, monkeypatch):
    """Neither sees the other's lock, nor its page before its own is written."""
    prepare_state(tmp_path)
    start, told = journal.start, []

    def both_start(settings, *given: str) -> journal.Entry:
        with monkeypatch.context() as there:
            there.setattr(journal.platform, "node", lambda: "other")
            start(settings, "20240101T020000Z-theirs", "")
        return start(settings, *given)

    monkeypatch.setattr(journal, "start", both_start)
    monkeypatch.setattr(journal, "new_run_id", lambda settings: "20990101T020000Z-mine")
    monkeypatch.setattr(night, "tell_failed", lambda *given: told.append(given))
    outcome = nightly(state=str(tmp_path))
    assert outcome["status"] == "skipped"
    assert "theirs is in progress" in outcome["reason"]
    assert (trace_of(tmp_path), told) == ([], [])
    (theirs,) = journal.entries(tmp_path)
    assert (theirs.host, theirs.status) == ("other", "running")


def test_a_schedule_that_fires_twice_makes_one_forecast(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(night, "_slot", lambda: "deployment@2024-12-31T02:00Z")
    first = nightly(state=str(tmp_path))
    second = nightly(state=str(tmp_path))
    assert (first["status"], second["status"]) == ("published", "skipped")
    assert first["run_id"] in second["reason"]


def test_an_abandoned_run_is_noted_and_told_before_the_next(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    prepare_state(tmp_path)
    with get_client(sync_client=True) as client:
        killed = client.create_flow_run(nightly, state=Running())
    dead = journal.start(resolve(state=tmp_path), "20240101T020000Z-dead", "", str(killed.id))
    journal.at_stage(tmp_path, dead, "simulate")
    with serving() as webhook:
        monkeypatch.setenv("HBMCAST_ALERT_WEBHOOK", webhook.root)
        assert nightly(state=str(tmp_path))["status"] == "published"
    told = json.loads(webhook.posted[0])
    assert (told["kind"], told["run"]) == ("night-failed", dead.run_id)
    assert "during simulate" in told["text"]
    assert trace_of(tmp_path) == ["failed", *STAGES, "report"]
    assert journal.entries(tmp_path)[0].status == "abandoned"
    with get_client(sync_client=True) as client:
        state = client.read_flow_run(killed.id).state
    assert state is not None
    assert (state.name, "during simulate" in state.message) == ("Crashed", True)


def test_exit_codes_and_one_line_reasons(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setattr("flows.night.flow.nightly", nightly)
    monkeypatch.setattr(run_once, "prepare_environment", lambda state: None)
    monkeypatch.setattr(run_once, "start_beside", lambda: lambda: None)  # the harness has one
    asked = {"as_of": None, "force": False, "seed": None, "draws": None, "state": tmp_path}
    assert run_once.run_once(**asked) == 0
    assert "published 2" in capsys.readouterr().err
    monkeypatch.setenv("FAKE_FAULT", "refuse:check")
    assert run_once.run_once(**asked) == 1
    said = capsys.readouterr().err
    assert "the night failed at check: R-hat is 1.2. Look at hbmcast doctor\n" in said
    assert "Nothing is published yet" in said
    with journal.one_run(resolve(state=tmp_path)):
        assert run_once.run_once(**asked) == 0
    assert "nothing to do" in capsys.readouterr().err
