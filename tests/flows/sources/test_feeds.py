"""Feeds on the network, against a real server on this machine that misbehaves on demand."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from flows.sources import feeds
from flows.sources.feeds import read_feeds
from flows.sources.fetch import Limits
from flows.sources.raw import RawEvidence
from tests.flows.sources.faulty_server import PATIENCE, Server

FIGURES = b"figure_id,source_id,metric,period,value,unit,kind\nf-1,s-1,hbm_revenue,2024,1,USD,estimate\n"
MORE = FIGURES + b"f-2,s-1,hbm_revenue,2025,2,USD,forecast\n"
SOURCES = b"source_id,publisher,published_on\ns-1,Somebody,2024-05-06\n"
PAGE = b"<!DOCTYPE html><html><body>Please log in</body></html>"


QUICK = Limits(seconds=4 * PATIENCE, silence=PATIENCE, pause=0.01)
ATTEMPTS = QUICK.attempts


@pytest.fixture(autouse=True)
def _figures(server: Server) -> None:
    server.answer = {"body": FIGURES}


def read(server: Server, folder: Path, limits: Limits = QUICK, **asked):
    server.asked.clear()
    return read_feeds((server.url,), folder, limits=limits, **asked)


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
    server.answer = {"etag": '"v1"', "body": FIGURES}
    read(server, tmp_path)
    again = read(server, tmp_path)
    assert server.asked[0]["if-none-match"] == '"v1"'
    assert values(again) == ["f-1"]
    assert "unchanged" in again.notes[0]
    server.answer = {"etag": '"v2"', "body": MORE}
    assert values(read(server, tmp_path)) == ["f-1", "f-2"]
    assert len(list(tmp_path.rglob("*.csv"))) == 2


def test_a_feed_that_is_named_twice_is_asked_once(server: Server, tmp_path: Path):
    evidence = read_feeds((server.url, server.url), tmp_path, limits=QUICK)
    assert values(evidence) == ["f-1"]
    assert len(server.asked) == 1
    assert evidence.notes == [f"feed {server.url}: named more than once, asked once"]


def test_a_passing_fault_is_retried(server: Server, tmp_path: Path):
    server.answer = {"status": 503, "faults": ATTEMPTS - 1, "body": FIGURES}
    evidence = read(server, tmp_path)
    assert values(evidence) == ["f-1"]
    assert len(server.asked) == ATTEMPTS
    assert evidence.problems == []


FAULTS = {
    "server error": ({"status": 500}, "500", ATTEMPTS),
    "gone": ({"status": 404}, "404", 1),
    "truncated": ({"missing_bytes": 100, "body": FIGURES}, "peer closed connection", ATTEMPTS),
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
    limits = replace(QUICK, silence=0.3) if "hang" in answer else QUICK
    # Before any good answer: a problem a person can act on, and no rows.
    server.answer = answer
    first = read(server, tmp_path, limits)
    assert first.files == {}
    (problem,) = first.problems
    assert said in problem.problem
    assert problem.file == server.url
    assert len(server.asked) == attempts
    # After a good one: its rows go on being read, and a note says why.
    server.answer = {"body": MORE}
    read(server, tmp_path)
    server.answer = answer
    later = read(server, tmp_path, limits)
    assert len(server.asked) == attempts
    assert values(later) == ["f-1", "f-2"]
    assert said in later.notes[0]
    assert "read again" in later.notes[0]
    # And the feed heals by itself.
    server.answer = {"body": MORE + b"f-3,s-1,hbm_revenue,2026,3,USD,forecast\n"}
    assert values(read(server, tmp_path)) == ["f-1", "f-2", "f-3"]


def test_one_bad_row_does_not_cost_the_others(server: Server, tmp_path: Path):
    server.answer = {"body": FIGURES + b"f-2,s-1\n" + MORE.splitlines()[2] + b"\n"}
    evidence = read(server, tmp_path)
    assert values(evidence) == ["f-1", "f-2"]
    assert [(p.file, p.row) for p in evidence.problems] == [(server.url, 3)]


def test_nobody_there(tmp_path: Path):
    evidence = read_feeds(("http://127.0.0.1:9/x.csv", "no_such_file.csv"), tmp_path, limits=QUICK)
    assert evidence.files == {}
    assert len(evidence.problems) == 2


def test_a_path_is_a_feed_too(tmp_path: Path):
    path = tmp_path / "shared" / "figures.csv"
    path.parent.mkdir()
    path.write_bytes(MORE)
    assert values(read_feeds((str(path),), tmp_path / "raw")) == ["f-1", "f-2"]
    path.unlink()
    again = read_feeds((str(path),), tmp_path / "raw")
    assert values(again) == ["f-1", "f-2"]
    assert "read again" in again.notes[0]


def six(*ids: int) -> bytes:
    head, row = FIGURES.splitlines()
    return b"\n".join([head, *(row.replace(b"f-1", b"f-%d" % i) for i in ids)]) + b"\n"


def test_a_cut_answer_waits_for_a_person(server: Server, tmp_path: Path):
    server.answer = {"body": six(1, 2, 3, 4, 5, 6), "etag": '"whole"'}
    read(server, tmp_path)
    server.answer = {"body": six(1, 2), "etag": '"cut"'}
    held = read(server, tmp_path)
    assert len(values(held)) == 6
    (problem,) = held.problems
    assert "lacks 4 of 6 good rows (f-3, f-4, f-5, f-6)" in problem.problem
    assert "--withdraw" in problem.remedy
    # It is asked for again each night, and held each night.
    assert server.asked[0]["if-none-match"] == '"whole"'
    assert len(values(read(server, tmp_path))) == 6
    # Once a person allows it, it is the last good answer.
    assert values(read(server, tmp_path, withdraw=True)) == ["f-1", "f-2"]
    assert values(read(server, tmp_path)) == ["f-1", "f-2"]


def test_one_figure_may_go_by_itself(server: Server, tmp_path: Path):
    server.answer = {"body": six(1, 2, 3)}
    read(server, tmp_path)
    server.answer = {"body": six(1, 3)}
    assert values(read(server, tmp_path)) == ["f-1", "f-3"]


def test_rows_are_judged_before_they_replace_good_ones(server: Server, tmp_path: Path):
    def judge(offered: RawEvidence) -> set[tuple[str, int]]:
        """Refuse what is no number."""
        return {
            place
            for name, frame in offered.files.items()
            for place, value in zip(offered.origins[name], frame["value"], strict=True)
            if not value.isdigit()
        }

    server.answer = {"body": six(1, 2, 3)}
    assert len(values(read(server, tmp_path, judge=judge))) == 3
    server.answer = {"body": six(1, 2, 3).replace(b"2024,1,USD", b"2024,USD,1")}
    held = read(server, tmp_path, judge=judge)
    assert held.files[next(iter(held.files))]["value"].tolist() == ["1", "1", "1"]
    assert "lacks 3 of 3 good rows" in held.problems[0].problem


def test_a_header_without_rows_is_no_answer(server: Server, tmp_path: Path):
    server.answer = {"body": MORE}
    read(server, tmp_path)
    server.answer = {"body": FIGURES.splitlines()[0] + b"\nf-1,s-1,hbm"}
    assert values(read(server, tmp_path)) == ["f-1", "f-2"]


def test_many_feeds_that_hang_share_one_time(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(feeds, "ALL_SECONDS", 1.0)
    read(server, tmp_path)
    server.by_path = {f"/{i}.csv": {"hang": True} for i in range(9)}
    urls = (*(f"{server.root}/{i}.csv" for i in range(9)), server.url)
    began = time.monotonic()
    evidence = read_feeds(urls, tmp_path, limits=QUICK)
    assert time.monotonic() - began < PATIENCE / 2
    assert sum("not asked" in note for note in evidence.notes) == 9
    assert values(evidence) == ["f-1"]
