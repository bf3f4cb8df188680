"""Filings over the network: polite, conditional, and nothing is lost when an answer is no good."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from flows.sources import filings
from flows.sources.fetch import Limits
from flows.sources.filings import FILE, read_filings
from tests.flows.sources.faulty_server import PATIENCE, Server, bomb
from tests.models.evidence.test_filings import answer, fact, filer

CONTACT = "Example Desk desk@example.org"
QUICK = Limits(seconds=4 * PATIENCE, silence=PATIENCE, size=2**22, pause=0.01)
SIX = [fact(f"{y}-07-01", f"{y}-09-29", 100 + y, f"{y}-10-31") for y in range(2021, 2027)]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filings, "PAUSE_SECONDS", 0.0)


def told(*facts: dict) -> dict:
    return {
        "body": json.dumps(answer(*facts)).encode(),
        "type": "application/json",
        "etag": f'"{len(facts)}"',
    }


def read(server: Server, folder: Path, n_filers: int = 1, limits: Limits = QUICK, withdraw: bool = False):
    server.asked.clear()
    rows = pd.DataFrame([filer(cik=str(42 + i)) for i in range(n_filers)])
    return read_filings(rows, folder, CONTACT, server.root, limits, withdraw)


def figures(evidence) -> list[str]:
    return evidence.files[FILE]["period"].tolist() if FILE in evidence.files else []


def test_it_says_who_asks_and_asks_only_for_what_changed(server: Server, tmp_path: Path):
    server.answer = told(*SIX)
    assert len(figures(read(server, tmp_path))) == 6
    assert server.asked[0]["path"] == "/CIK0000000042.json"
    assert server.asked[0]["user-agent"] == CONTACT
    again = read(server, tmp_path)
    assert server.asked[0]["if-none-match"] == '"6"'
    assert len(figures(again)) == 6
    assert len(again.files["sources.csv"]) == 6
    assert len(list(tmp_path.rglob("*.json"))) == 2  # one answer, one note of what is known


FAULTS = {
    "403": ({"status": 403}, "403"),
    "429 for an hour": ({"status": 429, "headers": {"Retry-After": "3600"}}, "not tonight"),
    "no answer": ({"hang": True}, "no answer in time"),
    "cut JSON": ({"body": json.dumps(answer(*SIX)).encode()[:-20]}, "no JSON"),
    "deep JSON": ({"body": b"[" * 200_000}, "no JSON"),
    "a web page": ({"body": b"<html>Request Rate Threshold Exceeded</html>"}, "web page"),
    "other JSON": ({"body": b'{"message": "not found"}'}, "no company facts"),
    "another company": ({"body": json.dumps(answer(cik=43)).encode()}, "not about 'Example Memory'"),
    "facts gone": (told(*SIX[:2]), "lacks 4 of 6 figures"),
    "gzip bomb": ({"body": bomb(2**28), "headers": {"Content-Encoding": "gzip"}}, "cut off"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_loses_nothing_and_stops_nothing(server: Server, tmp_path: Path, fault: str):
    wrong, said = FAULTS[fault]
    limits = replace(QUICK, silence=0.3) if "hang" in wrong else QUICK
    if fault != "facts gone":
        server.answer = wrong
        first = read(server, tmp_path, limits=limits)
        assert figures(first) == []
        assert said in first.problems[0].problem
    server.answer = told(*SIX)
    read(server, tmp_path)
    server.answer = wrong
    held = read(server, tmp_path, limits=limits)
    assert len(figures(held)) == 6
    assert said in held.notes[0]
    assert "read again" in held.notes[0]
    server.answer = told(*SIX, fact("2024-04-01", "2024-06-30", 2105, "2024-08-01", 9))
    assert len(figures(read(server, tmp_path))) == 7


def test_what_is_odd_in_a_filing_names_its_filer(server: Server, tmp_path: Path):
    server.answer = told(*SIX, fact("2024-01-01", "2024-03-31", "many", "2024-05-01"))
    found = read(server, tmp_path)
    (problem,) = found.problems
    # A problem without a figure's name would keep every table from letting rows go.
    assert json.loads(problem.raw) == {"figure_id": "sec-42"}
    assert len(figures(found)) == 6


def test_a_person_may_let_figures_go(server: Server, tmp_path: Path):
    server.answer = told(*SIX)
    read(server, tmp_path)
    server.answer = told(*SIX[:2])
    assert len(figures(read(server, tmp_path, withdraw=True))) == 2


def test_a_silent_server_is_not_asked_for_every_filer(server: Server, tmp_path: Path):
    server.answer = {"status": 503}
    found = read(server, tmp_path, n_filers=5)
    assert len({asked["path"] for asked in server.asked}) == 2
    assert sum("not asked" in note for note in found.notes) == 3


def test_rows_of_filers_that_name_no_filer_are_left_to_the_checks(server: Server, tmp_path: Path):
    rows = pd.DataFrame([filer(cik="../x"), filer(cik="")])
    assert read_filings(rows, tmp_path, CONTACT, server.root, QUICK).files == {}
    assert server.asked == []
    assert read_filings(rows.drop(columns="metric"), tmp_path, CONTACT, server.root, QUICK).files == {}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b'"cik": 42', b'"cik": 1e999', "not about"),
        (b'"cik": 42', b'"cik": 42.7', "not about"),
        (b'"form": "10-Q"', b'"form": "10-Q\\u0000\\ud800"', ""),
        (b'"start": "2026-07-01", "end": "2026-09-29"', b'"start": "9999-10-02", "end": "9999-12-31"', ""),
    ],
)
def test_an_answer_of_numbers_and_signs_that_are_none(
    server: Server, tmp_path: Path, old: bytes, new: bytes, said: str
):
    body = told(*SIX)["body"].replace(old, new)
    assert body != told(*SIX)["body"]
    server.answer = {"body": body, "type": "application/json"}
    evidence = read(server, tmp_path)
    text = " ".join(problem.problem for problem in evidence.problems)
    if said:
        assert said in text
        assert figures(evidence) == []
    else:
        assert len(figures(evidence)) >= 5
        assert evidence.files["sources.csv"]["title"].map(str.isprintable).all()


@pytest.mark.parametrize("month", ["", "0", "13", "x"])
def test_a_month_that_is_none_is_named(server: Server, tmp_path: Path, month: str):
    server.answer = told(*SIX)
    rows = pd.DataFrame([filer(fiscal_year_end_month=month)])
    evidence = read_filings(rows, tmp_path, CONTACT, server.root, QUICK)
    assert f"fiscal_year_end_month {month!r}" in evidence.problems[0].problem
