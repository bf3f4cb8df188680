"""From a feed on a local server to the review queue, as a night and as the command do it."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from flows.night import taking_in
from flows.runtime.door_settings import DoorSettings
from flows.runtime.settings import Settings
from flows.sources import press_proposals, press_questions, review_queue
from flows.sources.press_proposals import propose_from_press
from tests.flows.sources.faulty_server import Server
from tests.flows.sources.test_press import feed_row, html, rss
from tests.models.evidence.press.measure import DATA, NUMBERS, TABLES

TODAY = date(2026, 3, 13)
TITLE = "HBM to take a larger slice of DRAM sales in 2026"
PARAGRAPHS = (
    "HBM market revenue is forecast at US$56.2 billion for 2026, against US$33.8 billion a year earlier.",
    "Its share of the wallet of buyers is not the only thing that grows: shares of suppliers rose 4%.",
)


@pytest.fixture(scope="module")
def accepted() -> dict[str, pd.DataFrame]:
    tables = {name: pd.read_csv(DATA / f"{name}.csv", dtype=str, keep_default_na=False) for name in TABLES}
    for table in tables.values():
        for column in table.columns.intersection(NUMBERS):
            table[column] = pd.to_numeric(table[column])
    return tables


def settings(tmp_path: Path, *feeds: str) -> Settings:
    return Settings(state=tmp_path, data=DATA, as_of=TODAY, today=TODAY, doors=DoorSettings(press=feeds))


def test_what_a_page_says_waits_in_the_queue_once(
    server: Server, tmp_path: Path, accepted: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(press_questions, "PAUSE_SECONDS", 0.0)
    body = html(*PARAGRAPHS, title=TITLE)
    server.by_path = {"/feed.xml": rss(server, "/1.html"), "/1.html": {"body": body, "type": "text/html"}}
    evidence = {**accepted, "feeds": pd.DataFrame([feed_row(server)])}
    first = propose_from_press(settings(tmp_path, "example"), evidence)
    waiting = review_queue.listed(tmp_path).waiting
    assert {(e.proposal.metric, e.proposal.period, e.proposal.value) for e in waiting} == {
        ("hbm_revenue", "2026", "56200000000"),
        ("hbm_revenue", "2025", "33800000000"),
    }
    page = waiting[0].proposal.page
    assert (page.publisher, page.published_on, page.accessed_on) == ("TrendForce", "2026-03-12", "2026-03-13")
    assert "2 figures proposed, 2 wait" in first.notes[-1]
    again = propose_from_press(settings(tmp_path, "example"), evidence)
    assert "0 figures proposed, 2 wait" in again.notes[-1]
    changed = html(PARAGRAPHS[0].replace("56.2", "58.0"), PARAGRAPHS[1], title=TITLE)
    server.by_path["/1.html"] = {"body": changed, "type": "text/html"}
    propose_from_press(settings(tmp_path, "all"), evidence)
    new = {e.proposal.value: e.proposal.why_it_waits for e in review_queue.listed(tmp_path).waiting}
    assert "the page changed since 2026-03-13" in new["58000000000"]


def test_without_a_feed_asked_for_no_server_is_asked(server: Server, tmp_path: Path, accepted: dict):
    evidence = {**accepted, "feeds": pd.DataFrame([feed_row(server)])}
    assert propose_from_press(settings(tmp_path), evidence).notes == []
    assert server.asked == []


def test_a_name_nobody_knows_and_a_table_that_is_missing_are_told(tmp_path: Path, accepted: dict):
    assert "feeds.csv is missing" in propose_from_press(settings(tmp_path, "all"), accepted).notes[0]
    evidence = {**accepted, "feeds": pd.DataFrame([{"feed_id": "a"}])}
    told = propose_from_press(settings(tmp_path, "b"), evidence)
    assert told.faults == 1
    assert "known: a" in told.notes[0]


def test_nothing_about_press_pages_stops_a_night(
    tmp_path: Path, accepted: dict, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object) -> None:
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr(press_proposals, "propose_from_press", broken)
    assert taking_in._press_notes(settings(tmp_path), accepted) == []
    told = taking_in._press_notes(settings(tmp_path, "all"), accepted)
    assert told == ["press pages were not read: RuntimeError: the disk is gone"]
