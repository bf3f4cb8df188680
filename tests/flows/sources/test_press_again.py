"""Press pages over several nights and servers: asked again when that is due, each server on its own."""

import json
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from flows.sources import press_questions
from flows.sources.press import chosen, read_press
from tests.flows.sources.faulty_server import PATIENCE, Server, serving
from tests.flows.sources.test_press import QUICK, TEXT, TODAY, Taken, feed_row, page, paths, read, rss


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press_questions, "PAUSE_SECONDS", 0.0)


def asked_on(server: Server, folder: Path, days: int, **cells: str) -> list[int]:
    """Days, from the first reading on, on which a page was asked for."""
    asked = []
    for day in range(days):
        read(server, folder, TODAY + timedelta(days=day), **cells)
        asked += [day] * paths(server).count("/1.html")
    return asked


def test_a_page_that_stays_as_it_is_is_asked_for_less_and_less(server: Server, tmp_path: Path):
    server.by_path = {"/feed.xml": rss(server, "/1.html"), "/1.html": page() | {"etag": '"1"'}}
    assert asked_on(server, tmp_path / "unchanged", 20) == [0, 1, 2, 4, 8]
    assert server.asked[-1]["path"] == "/feed.xml"
    server.by_path["/1.html"] = page()
    assert asked_on(server, tmp_path / "read again", 20) == [0, 1, 2, 4, 8]


def test_a_page_whose_feed_says_that_it_changed_is_asked_for_however_old(server: Server, tmp_path: Path):
    server.by_path = {"/feed.xml": rss(server, "/1.html"), "/1.html": page()}
    read(server, tmp_path)
    late = TODAY + timedelta(days=100)
    assert read(server, tmp_path, late).changed == []
    assert paths(server) == ["/feed.xml"]
    corrected = rss(server, "/1.html", date_of="Mon, 22 Jun 2026 08:00:00 GMT")
    server.by_path = {
        "/feed.xml": {**corrected, "etag": '"new"'},
        "/1.html": {"status": 503},
    }
    assert read(server, tmp_path, late).faults == 1
    # What could not be read then is read the next night, and once.
    server.by_path["/1.html"] = page(TEXT[0].replace("56.2", "58.0"), TEXT[1])
    (changed,) = read(server, tmp_path, late + timedelta(days=1)).changed
    assert "58.0" in changed.text
    read(server, tmp_path, late + timedelta(days=2))
    assert paths(server) == ["/feed.xml"]


def test_a_page_kept_by_an_earlier_version_is_not_asked_for_only_because_of_that(
    server: Server, tmp_path: Path
):
    server.by_path = {"/feed.xml": rss(server, "/1.html"), "/1.html": page()}
    read(server, tmp_path)
    (kept,) = (tmp_path / "pages").glob("*/page.json")
    told = json.loads(kept.read_text(encoding="utf-8"))
    kept.write_text(json.dumps({k: v for k, v in told.items() if k not in ("asked_on", "stamp")}))
    read(server, tmp_path, TODAY + timedelta(days=20))
    assert paths(server) == ["/feed.xml"]


def test_a_page_that_two_feeds_name_is_read_once(server: Server, tmp_path: Path):
    server.by_path = {
        "/feed.xml": rss(server, "/1.html"),
        "/other.xml": rss(server, "/1.html", "/2.html"),
        "/1.html": page(),
        "/2.html": page(*TEXT, "x"),
    }
    rows = [feed_row(server), feed_row(server, feed_id="other", url=f"{server.root}/other.xml")]
    feeds, _ = chosen(rows, ("all",))
    night = read_press(feeds, tmp_path, TODAY, Taken(), "", (QUICK, QUICK), 4 * PATIENCE)
    assert [p.url.rpartition("/")[2] for p in night.new] == ["1.html", "2.html"]
    assert paths(server) == ["/feed.xml", "/1.html", "/other.xml", "/2.html"]


def test_servers_are_asked_side_by_side_and_a_hanging_one_costs_the_others_nothing(tmp_path: Path):
    with serving() as slow, serving() as quick:
        slow.by_path = {"/feed.xml": {"hang": True}}
        quick.by_path = {"/feed.xml": rss(quick, "/1.html"), "/1.html": page()}
        rows = [feed_row(slow, feed_id="slow"), feed_row(quick, feed_id="quick")]
        feeds, _ = chosen(rows, ("all",))
        read_at: list[float] = []
        asked = threading.Thread(
            target=lambda: read_at.append(
                len(read_press(feeds, tmp_path, TODAY, Taken(), "", (QUICK, QUICK), 4 * PATIENCE).new)
            )
        )
        asked.start()
        # The quick server's page is asked for while the slow one still has not answered its first question.
        until = time.monotonic() + PATIENCE / 2
        while "/1.html" not in paths(quick) and time.monotonic() < until:
            time.sleep(0.01)
        assert "/1.html" in paths(quick)
        assert paths(slow) == ["/feed.xml"]
        slow.release.set()
        asked.join(PATIENCE)
        assert read_at == [1]


def test_a_feed_that_breaks_the_reader_costs_a_note(server: Server, tmp_path: Path, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("a bug of a library")

    server.by_path = {"/feed.xml": rss(server, "/1.html"), "/1.html": page()}
    monkeypatch.setattr(press_questions, "offers", broken)
    night = read(server, tmp_path)
    assert night.faults >= 1
    assert any("a bug of a library" in note for note in night.notes)
