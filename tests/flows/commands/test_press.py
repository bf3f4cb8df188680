"""`hbmcast press`, as the README says it: a folder of one's own, a server on this machine, the queue."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.commands.cli import app
from flows.sources import press_questions, review_queue
from tests.flows.sources.faulty_server import Server
from tests.flows.sources.test_press import html, rss
from tests.flows.sources.test_press_proposals import PARAGRAPHS, TITLE

HEADER = "feed_id,publisher,kind,url,hosts,links,language,informs,known_since,note"


def test_a_page_waits_for_review(
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(press_questions, "PAUSE_SECONDS", 0.0)
    own, state = tmp_path / "own", tmp_path / "state"
    own.mkdir()
    host = server.root.removeprefix("http://")
    row = f"example,Example Research,rss,{server.root}/feed.xml,{host},,en,HBM revenue,2026-11,"
    (own / "feeds.csv").write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
    monkeypatch.setenv("HBMCAST_DATA", str(own))
    monkeypatch.setenv("HBMCAST_STATE", str(state))
    body = html(*PARAGRAPHS, title=TITLE)
    server.by_path = {"/feed.xml": rss(server, "/1.html"), "/1.html": {"body": body, "type": "text/html"}}
    told = CliRunner().invoke(app, ["press", "example"])
    assert told.exit_code == 0, told.output
    assert "1 pages new, 0 changed, 0 faults; 2 figures proposed, 2 wait" in " ".join(told.output.split())
    assert len(review_queue.listed(state).waiting) == 2
    server.by_path = {}
    server.answer = {"status": 404}
    assert CliRunner().invoke(app, ["press", "example"]).exit_code == 1
