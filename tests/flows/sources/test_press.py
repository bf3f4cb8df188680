"""Press pages over the network: read once, polite, and no fault of theirs stops anything."""

import time
import tracemalloc
from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.sources import press, press_pages, press_questions
from flows.sources.fetch import Limits
from flows.sources.press import PressNight, chosen, read_press
from flows.sources.press_lists import PAGE_LIST
from tests.flows.sources.faulty_server import PATIENCE, Server, bomb

TODAY = date(2026, 3, 13)
QUICK = Limits(seconds=4 * PATIENCE, silence=PATIENCE, size=2**20, attempts=1, pause=0.01)
HASTY = Limits(seconds=1.0, silence=0.5, size=2**20, attempts=1, pause=0.01)
TEXT = (
    "HBM market revenue is forecast at US$56.2 billion for 2026, analysts of the example said in a note that "
    "is long enough to be told from the frame of the page around it.",
    "Demand from servers stays strong, and suppliers talk about longer contracts with their customers.",
)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press_questions, "PAUSE_SECONDS", 0.0)


def html(*paragraphs: str, title: str = "A note", head: str = "") -> bytes:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<html><head><title>{title}</title>{head}</head><body><nav><a href='/about'>About</a></nav>"
        f"<article><h1>{title}</h1>{body}</article></body></html>"
    ).encode()


def rss(server: Server, *paths: str, date_of: str = "Thu, 12 Mar 2026 08:00:00 GMT") -> dict:
    items = "".join(
        f"<item><title>Page {path}</title><link>{server.root}{path}</link><pubDate>{date_of}</pubDate></item>"
        for path in paths
    )
    text = f'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{items}</channel></rss>'
    return {"body": text.encode(), "type": "application/rss+xml", "etag": f'"{len(paths)}"'}


def page(*paragraphs: str, **more: str) -> dict:
    return {"body": html(*(paragraphs or TEXT), **more), "type": "text/html; charset=utf-8"}


def feed_row(server: Server, **cells: str) -> dict[str, str]:
    usual = {
        "feed_id": "example",
        "publisher": "TrendForce",
        "kind": "rss",
        "url": f"{server.root}/feed.xml",
        "hosts": server.root.removeprefix("http://"),
        "links": "",
    }
    return {**usual, **cells}


class Taken:
    """What was handed on to be proposed from."""

    def __init__(self) -> None:
        self.pages: list[tuple[str, str, str]] = []

    def __call__(self, read, publisher, before) -> int:
        self.pages.append((read.url.rpartition("/")[2], read.text, before.read_on if before else ""))
        return 1


def read(
    server: Server,
    folder: Path,
    today: date = TODAY,
    limits: Limits = QUICK,
    propose=None,
    all_seconds: float = 4 * PATIENCE,
    **cells: str,
) -> PressNight:
    server.asked.clear()
    feeds, notes = chosen([feed_row(server, **cells)], ("all",))
    night = read_press(
        feeds, folder, today, propose or Taken(), "Desk desk@example.org", (limits, limits), all_seconds
    )
    night.notes[:0] = notes
    return night


def paths(server: Server) -> list[str]:
    return [asked["path"] for asked in server.asked]


def test_a_new_page_is_read_once_with_the_feeds_day(server: Server, tmp_path: Path):
    server.by_path = {
        "/feed.xml": rss(server, "/1.html", "/2.html"),
        "/1.html": page(),
        "/2.html": page(*TEXT, "x"),
    }
    first = read(server, tmp_path)
    assert [p.published_on for p in first.new] == ["2026-03-12", "2026-03-12"]
    assert "US$56.2 billion" in first.new[0].text
    assert "About" not in first.new[0].text
    assert (first.n_proposed, first.faults) == (2, 0)
    assert server.asked[0]["user-agent"] == "Desk desk@example.org"
    again = read(server, tmp_path, TODAY + timedelta(days=1))
    assert server.asked[0]["if-none-match"] == '"2"'
    assert (again.new, again.changed, again.n_proposed, again.faults) == ([], [], 0, 0)
    later = read(server, tmp_path, TODAY + timedelta(days=press_pages.LOOK_AGAIN_DAYS + 1))
    assert paths(server) == ["/feed.xml"]
    assert later.new == []


def test_a_changed_page_says_so(server: Server, tmp_path: Path):
    server.by_path = {"/feed.xml": rss(server, "/1.html"), "/1.html": page()}
    read(server, tmp_path)
    server.by_path["/1.html"] = page(TEXT[0].replace("56.2", "58.0"), TEXT[1])
    taken = Taken()
    night = read(server, tmp_path, TODAY + timedelta(days=1), propose=taken)
    assert [p.url for p in night.changed] == [f"{server.root}/1.html"]
    assert taken.pages[0][2] == "2026-03-13"
    assert any("changed since 2026-03-13" in note for note in night.notes)
    assert night.changed[0].first_read_on == "2026-03-13"


def test_links_of_a_list_are_pages_where_their_form_fits(server: Server, tmp_path: Path):
    hrefs = (
        *("/news/20260312-1.html", "/news/20260312-1.html#top", "/news/20260312-1.html?print=1", "/about"),
        *("https://example.org/news/20260312-9.html", "http://10.0.0.7/news/20260312-2.html"),
        *("javascript:void(0)", "//[bad", f"http://user@{server.root[7:]}/news/20260312-3.html"),
    )
    links = "".join(f"<a href='{href}'>x</a>" for href in hrefs)
    server.by_path = {"/list": page(links), "/news/20260312-1.html": page()}
    night = read(server, tmp_path, kind=PAGE_LIST, url=f"{server.root}/list", links=r"/news/\d{8}-\d+\.html")
    assert [p.url for p in night.new] == [f"{server.root}/news/20260312-1.html"]
    assert paths(server) == ["/list", "/news/20260312-1.html"]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"links": "(["}, "no regular expression"),
        ({"kind": PAGE_LIST}, "needs links"),
        ({"feed_id": "other"}, ""),
    ],
)
def test_a_row_that_can_not_be_used_is_told(server: Server, tmp_path: Path, cells: dict, said: str):
    server.by_path = {"/feed.xml": rss(server, "/1.html"), "/1.html": page()}
    night = read(server, tmp_path, **cells)
    assert (said in night.notes[0]) == bool(said) or not said
    assert bool(server.asked) != bool(said)


def test_a_feed_that_is_not_there_is_told():
    feeds, notes = chosen([{"feed_id": "a"}], ("b",))
    assert feeds == []
    assert "no feed_id of feeds.csv; known: a" in notes[0]


def test_the_day_of_a_page_is_the_feeds_else_its_own_else_that_of_the_reading(server: Server, tmp_path: Path):
    head = '<meta property="article:published_time" content="2026-02-20T08:00:00Z">'
    for i, (of_feed, of_page, expected, dated) in enumerate(
        [
            ("Thu, 12 Mar 2026 08:00:00 GMT", head, "2026-03-12", True),
            ("", head, "2026-02-20", True),
            ("Thu, 12 Mar 2037 08:00:00 GMT", head, "2026-02-20", True),
            ("some day", "", "2026-03-13", False),
        ]
    ):
        server.by_path = {
            "/feed.xml": rss(server, f"/{i}.html", date_of=of_feed),
            f"/{i}.html": page(head=of_page),
        }
        (found,) = read(server, tmp_path / str(i)).new
        assert (found.published_on, found.is_dated) == (expected, dated)


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<rss><channel><item><title>&b;</title><link>http://x/</link></item></channel></rss>"
)
FEED_FAULTS = {
    "down": ({"status": 503}, "503"),
    "no answer": ({"hang": True}, "no answer in time"),
    "drips": ({"drip": 0.05}, "not done within"),
    "a web page": ({"body": html(*TEXT), "type": "text/html"}, "a web page, not a feed"),
    "empty": ({"body": b""}, "no RSS or Atom"),
    "broken XML": ({"body": b"<rss><channel><item><title>a", "type": "text/xml"}, "names no page"),
    "entity bomb": ({"body": LAUGHS.encode()}, "declares entities"),
    "entity bomb in UTF-16": ({"body": LAUGHS.encode("utf-16")}, "declares entities"),
    "endless": ({"endless": True}, "cut off"),
    "gzip bomb": ({"body": bomb(2**26), "headers": {"Content-Encoding": "gzip"}}, "cut off"),
    "redirect elsewhere": ({"redirect": "http://example.org/feed.xml"}, "another place"),
    "redirect to a private address": ({"redirect": "http://169.254.169.254/latest"}, "another place"),
    "redirect to a file": ({"redirect": "file:///etc/passwd"}, "another place"),
    "redirect loop": ({"redirect": "/feed.xml?{n}"}, "more than 5 times"),
}


@pytest.mark.parametrize("fault", FEED_FAULTS)
def test_a_fault_of_a_feed_costs_a_note_and_no_page(server: Server, tmp_path: Path, fault: str):
    wrong, said = FEED_FAULTS[fault]
    limits = HASTY if {"hang", "drip"} & set(wrong) else QUICK
    good = {"/feed.xml": rss(server, "/1.html"), "/1.html": {"status": 500}}
    server.by_path = good
    read(server, tmp_path)
    server.by_path = {"/feed.xml": wrong, "/1.html": page()}
    tracemalloc.start()
    began = time.monotonic()
    night = read(server, tmp_path, limits=limits)
    assert time.monotonic() - began < PATIENCE
    assert tracemalloc.get_traced_memory()[1] < 64 * 2**20
    tracemalloc.stop()
    assert night.faults == 1
    assert any(said in note and "its last good answer is of 20" in note for note in night.notes), night.notes
    # What the last good list offered and could not be read then is read now.
    assert [p.url for p in night.new] == [f"{server.root}/1.html"]


PAGE_FAULTS = {
    "gone": ({"status": 404}, "404"),
    "no answer": ({"hang": True}, "no answer in time"),
    "not HTML": ({"body": b"%PDF-1.7", "type": "application/pdf"}, "application/pdf, not a web page"),
    "changed layout": (
        {"body": b"<html><body><div id=app></div></body></html>", "type": "text/html"},
        "layout",
    ),
    "giant": ({"body": b"<p>" + b"x" * 2**21, "type": "text/html"}, "more than 1048576"),
    "cut": ({"body": html(*TEXT), "type": "text/html", "missing_bytes": 9}, "RemoteProtocolError"),
    "redirect elsewhere": ({"redirect": "http://example.org/1.html"}, "another place"),
    "bytes of nothing": ({"body": bytes(range(256)) * 40, "type": "text/html"}, "layout"),
}


@pytest.mark.parametrize("fault", PAGE_FAULTS)
def test_a_fault_of_a_page_leaves_the_others(server: Server, tmp_path: Path, fault: str):
    wrong, said = PAGE_FAULTS[fault]
    server.by_path = {"/feed.xml": rss(server, "/1.html", "/2.html"), "/1.html": wrong, "/2.html": page()}
    night = read(server, tmp_path, limits=HASTY if "hang" in wrong else QUICK)
    assert [p.url for p in night.new] == [f"{server.root}/2.html"]
    assert any(said in note and "/1.html" in note for note in night.notes), night.notes
    server.by_path["/1.html"] = page()
    assert [p.url for p in read(server, tmp_path).new] == [f"{server.root}/1.html"]


def test_a_page_whose_layout_changed_keeps_its_text_and_proposes_nothing(server: Server, tmp_path: Path):
    server.by_path = {"/feed.xml": rss(server, "/1.html"), "/1.html": page()}
    read(server, tmp_path)
    server.by_path["/1.html"] = {"body": b"<html><body></body></html>", "type": "text/html"}
    assert read(server, tmp_path).faults == 1
    server.by_path["/1.html"] = page()
    assert read(server, tmp_path).changed == []


@pytest.mark.parametrize("charset", ["big5", "gb18030", "euc-kr", "utf-16"])
def test_a_page_in_another_charset_than_it_claims(server: Server, tmp_path: Path, charset: str):
    words = {
        "big5": "記憶體營收預估成長",
        "gb18030": "内存营收预计增长",
        "euc-kr": "메모리 매출 전망",
        "utf-16": "HBM",
    }
    body = html(*(f"{words[charset]} {text}" for text in TEXT)).decode().encode(charset)
    server.by_path = {
        "/feed.xml": rss(server, "/1.html"),
        "/1.html": {"body": body, "type": "text/html; charset=utf-8"},
    }
    night = read(server, tmp_path)
    # Read right or not read; what can't be told is no text of another kind.
    assert all("US$56.2 billion" in p.text for p in night.new)
    assert len(night.new) + night.faults == 1


def test_a_silent_server_is_not_asked_for_every_page(server: Server, tmp_path: Path):
    server.by_path = {"/feed.xml": rss(server, *(f"/{i}.html" for i in range(9)))}
    server.answer = {"status": 503}
    night = read(server, tmp_path)
    assert len(paths(server)) == 1 + press_questions.SILENT_AFTER
    assert any("not asked for more pages" in note for note in night.notes)


def test_one_deadline_for_all(server: Server, tmp_path: Path):
    server.by_path = {"/feed.xml": rss(server, "/1.html"), "/1.html": {"hang": True}}
    began = time.monotonic()
    night = read(server, tmp_path, all_seconds=1.0)
    assert time.monotonic() - began < PATIENCE / 2
    assert night.faults == 1


def test_a_page_that_could_not_be_proposed_from_is_read_again(server: Server, tmp_path: Path):
    server.by_path = {"/feed.xml": rss(server, "/1.html"), "/1.html": page()}

    def full(*_: object) -> int:
        raise OSError("no space left")

    assert read(server, tmp_path, propose=full).faults == 1
    assert len(read(server, tmp_path).new) == 1


def test_old_pages_are_forgotten(server: Server, tmp_path: Path):
    server.by_path = {"/feed.xml": rss(server, "/1.html"), "/1.html": page()}
    read(server, tmp_path)
    server.by_path = {"/feed.xml": {**rss(server, "/2.html"), "etag": ""}, "/2.html": page()}
    read(server, tmp_path, TODAY + timedelta(days=press.KEEP_DAYS + 1))
    assert len(list((tmp_path / "pages").glob("*/page.json"))) == 1
