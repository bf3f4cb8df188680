"""Feeds on the network, against a real server on this machine that misbehaves on demand."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from flows.sources.feeds import ATTEMPTS, read_feeds

FIGURES = b"figure_id,source_id,metric,period,value,unit,kind\nf-1,s-1,hbm_revenue,2024,1,USD,estimate\n"
MORE = FIGURES + b"f-2,s-1,hbm_revenue,2025,2,USD,forecast\n"
SOURCES = b"source_id,publisher,published_on\ns-1,Somebody,2024-05-06\n"
# Seconds that a machine under load may take to answer what is answered at once.
PATIENCE = 60.0
PAGE = b"<!DOCTYPE html><html><body>Please log in</body></html>"


class Server(ThreadingHTTPServer):
    """Answers every GET as `answer` says; counts what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer: dict = {}
        self.asked: list[dict[str, str]] = []
        self.release = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/figures.csv"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        answer = self.server.answer
        self.server.asked.append({name.lower(): value for name, value in self.headers.items()})
        if answer.get("hang"):
            self.server.release.wait(PATIENCE)
            return
        faults = answer.get("faults", 0)
        status = answer.get("status", 200) if faults == 0 or len(self.server.asked) <= faults else 200
        etag = answer.get("etag", "")
        if etag and self.headers.get("If-None-Match") == etag:
            status = 304
        body = answer.get("body", FIGURES) if status == 200 else b""
        self.send_response(status)
        self.send_header("Content-Type", answer.get("type", "text/csv; charset=utf-8"))
        self.send_header("Content-Length", str(len(body) + answer.get("missing_bytes", 0)))
        if etag:
            self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield running
    running.release.set()
    running.shutdown()
    running.server_close()


def read(server: Server, folder: Path, timeout: float = PATIENCE):
    server.asked.clear()
    with httpx.Client(timeout=httpx.Timeout(PATIENCE, read=timeout), trust_env=False) as client:
        return read_feeds((server.url,), folder, client, wait=lambda seconds: None)


def n_asked(server: Server, wanted: int) -> int:
    """Count the requests; on a busy machine the server may hear of one after its client gave up."""
    deadline = time.monotonic() + PATIENCE
    while len(server.asked) < wanted and time.monotonic() < deadline:
        time.sleep(0.01)
    return len(server.asked)


def values(evidence) -> list[str]:
    return [value for frame in evidence.files.values() for value in frame["figure_id"]]


def test_figures_are_read_and_the_raw_answer_is_kept(server: Server, tmp_path: Path):
    evidence = read(server, tmp_path)
    (name,) = evidence.files
    assert name.startswith("figures/feed-")
    assert values(evidence) == ["f-1"]
    assert evidence.origins[name] == [(server.url, 2)]
    (kept,) = tmp_path.rglob("*.csv")
    assert kept.read_bytes() == FIGURES


def test_a_feed_of_sources_joins_the_sources(server: Server, tmp_path: Path):
    server.answer = {"body": SOURCES}
    assert read(server, tmp_path).files["sources.csv"]["publisher"].tolist() == ["Somebody"]


def test_an_unchanged_feed_is_not_sent_again(server: Server, tmp_path: Path):
    server.answer = {"etag": '"v1"'}
    read(server, tmp_path)
    again = read(server, tmp_path)
    assert server.asked[0]["if-none-match"] == '"v1"'
    assert values(again) == ["f-1"]
    assert "unchanged" in again.notes[0]
    server.answer = {"etag": '"v2"', "body": MORE}
    assert values(read(server, tmp_path)) == ["f-1", "f-2"]
    assert len(list(tmp_path.rglob("*.csv"))) == 2


def test_a_passing_fault_is_retried(server: Server, tmp_path: Path):
    server.answer = {"status": 503, "faults": ATTEMPTS - 1}
    evidence = read(server, tmp_path)
    assert values(evidence) == ["f-1"]
    assert len(server.asked) == ATTEMPTS
    assert evidence.problems == []


FAULTS = {
    "server error": ({"status": 500}, "500", ATTEMPTS),
    "gone": ({"status": 404}, "404", 1),
    "truncated": ({"missing_bytes": 100}, "peer closed connection", ATTEMPTS),
    "no answer": ({"hang": True}, "no answer in time", ATTEMPTS),
    "a web page": ({"body": PAGE, "type": "text/html"}, "web page", 1),
    "a web page called CSV": ({"body": PAGE}, "web page", 1),
    "wrong type": ({"body": b"%PDF-1.7", "type": "application/pdf"}, "application/pdf", 1),
    "another header": ({"body": b"a,b\n1,2\n"}, "header", 1),
    "broken CSV": ({"body": FIGURES + b'f-2,"'}, "broken CSV", 1),
    "wrong encoding": ({"body": FIGURES + b"f-\xe9,,,,,,\n"}, "not UTF-8", 1),
    "empty": ({"body": b""}, "empty", 1),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_loses_nothing_and_stops_nothing(server: Server, tmp_path: Path, fault: str):
    answer, said, attempts = FAULTS[fault]
    timeout = 0.3 if "hang" in answer else PATIENCE
    # Before any good answer: a problem a person can act on, and no rows.
    server.answer = answer
    first = read(server, tmp_path, timeout)
    assert first.files == {}
    (problem,) = first.problems
    assert said in problem.problem
    assert problem.file == server.url
    assert n_asked(server, attempts) == attempts
    # After a good one: its rows go on being read, and a note says why.
    server.answer = {"body": MORE}
    read(server, tmp_path)
    server.answer = answer
    later = read(server, tmp_path, timeout)
    assert n_asked(server, attempts) == attempts
    assert values(later) == ["f-1", "f-2"]
    assert said in later.notes[0]
    assert "read again" in later.notes[0]
    # And the feed heals by itself.
    server.answer = {}
    assert values(read(server, tmp_path)) == ["f-1"]


def test_one_bad_row_does_not_cost_the_others(server: Server, tmp_path: Path):
    server.answer = {"body": FIGURES + b"f-2,s-1\n" + MORE.splitlines()[2] + b"\n"}
    evidence = read(server, tmp_path)
    assert values(evidence) == ["f-1", "f-2"]
    assert [(p.file, p.row) for p in evidence.problems] == [(server.url, 3)]


def test_nobody_there(tmp_path: Path):
    with httpx.Client(timeout=PATIENCE, trust_env=False) as client:
        evidence = read_feeds(
            ("http://127.0.0.1:9/x.csv", "no address"), tmp_path, client, wait=lambda s: None
        )
    assert evidence.files == {}
    assert len(evidence.problems) == 2
