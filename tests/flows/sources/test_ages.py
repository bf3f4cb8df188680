"""How old each source is: the last good answer, the last fault, and no key of an address."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from flows.commands.findings import _sources
from flows.night.doors import tables_of_doors
from flows.runtime.settings import Settings
from flows.sources.ages import source_ages
from flows.sources.feeds import read_feeds
from flows.sources.kept import Kept
from models.vocabulary.results.described import BY_NAME
from models.vocabulary.results.doors import FEED, PRESS
from tests.flows.sources.faulty_server import Server
from tests.flows.sources.test_feeds import FIGURES, QUICK
from tests.places import DATA
from tests.world.design import TODAY
from warehouse.layout import raw_folder


def only(state: Path) -> Any:
    (age,) = source_ages(state)
    return age


def test_a_feed_that_answers_fails_and_answers_again(server: Server, tmp_path: Path):
    url = f"{server.url}?key=secret"
    server.answer = {"body": FIGURES, "etag": '"1"'}
    read_feeds((url,), raw_folder(tmp_path, FEED.folder), limits=QUICK)
    first = only(tmp_path)
    assert (first.door, first.source, first.fails, first.failure) == ("feed", server.url, False, "")
    assert first.last_good_at == first.changed_at
    server.answer = {"status": 404, "body": b""}
    read_feeds((url,), raw_folder(tmp_path, FEED.folder), limits=QUICK)
    failed = only(tmp_path)
    assert (failed.fails, failed.last_good_at) == (True, first.last_good_at)
    assert "404" in failed.failure
    assert "secret" not in failed.failure
    (told, summary) = _sources(tmp_path)
    assert told.level == "warning"
    assert f"feed {server.url} failed on" in told.what
    assert summary.what.startswith("1 sources on the network, the oldest good answer of")
    table = tables_of_doors(Settings(tmp_path, DATA, TODAY), "run-1")["source_ages"]
    assert list(table.columns) == [column.name for column in BY_NAME["source_ages"].columns]
    assert table["failure"].tolist() == [failed.failure]
    server.answer = {"body": FIGURES, "etag": '"1"'}
    read_feeds((url,), raw_folder(tmp_path, FEED.folder), limits=QUICK)
    again = only(tmp_path)
    assert (again.fails, again.changed_at, again.last_failed_at) == (
        False,
        first.changed_at,
        failed.last_failed_at,
    )
    assert again.last_good_at > failed.last_failed_at, "unchanged is a good answer too"


def test_one_that_never_answered_is_known_and_a_disk_that_takes_no_note_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    url = "https://user:word@press.example/feed.xml"
    Kept(raw_folder(tmp_path, PRESS.folder), url, ".list").fail(f"{url}: no route")
    age = only(tmp_path)
    assert (age.door, age.source) == ("press", "https://press.example/feed.xml")
    assert (age.last_good_at, age.fails, age.failure) == (
        None,
        True,
        "https://press.example/feed.xml: no route",
    )
    kept = Kept(raw_folder(tmp_path, PRESS.folder), url, ".list")
    monkeypatch.setattr("flows.sources.kept.written_whole", _full)
    kept.fail("again")
    assert only(tmp_path).failure.endswith("no route")


def test_a_source_that_is_no_longer_asked_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    moments = iter(("20260101T000000000000Z", "20260301T000000000000Z"))
    monkeypatch.setattr("flows.sources.kept._stamp", lambda: next(moments))
    for name in ("old", "new"):
        Kept(raw_folder(tmp_path, FEED.folder), f"https://feeds.example/{name}.csv", ".csv").fail("down")
    age = only(tmp_path)
    assert age.source.endswith("new.csv")
    assert age.last_failed_at.replace(tzinfo=None) == datetime(2026, 3, 1)


def _full(_path: Path) -> None:
    raise OSError("no space left on device")
