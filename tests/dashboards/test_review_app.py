"""The review app without a browser: what each tab shows, and that a night may publish meanwhile."""

import asyncio
import html
import os
import re
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import httpx
import numpy as np
import pandas as pd
import pytest

import tests.dashboards.synthetic_run as synthetic
from dashboards.app import both_ways, reading, review
from dashboards.app.doors import Doors, NotOpen, doors, open_doors
from dashboards.app.what_if import Basis, basis_of
from flows.commands.formats import as_bytes
from flows.runtime.errors import HbmcastError
from flows.runtime.notes import write_note
from models.evidence.evidence import Evidence
from models.inference.fit import Fit
from tests.dashboards.synthetic_state import EARLIER
from tests.flows.small_state import evidence
from tests.models.small_problem import draws_of_prior, problem
from tests.models.systems.shares_world import tables
from tests.places import ROOT
from warehouse.builds import swap_in
from warehouse.carry_over import table_columns
from warehouse.frames import insert
from warehouse.notes import read_notes

TABS = ("Forecast", "What-if", "Evidence", "Posterior", "Scoreboard", "Notes", "SQL")


def fit() -> tuple[Fit, Evidence, int]:
    """A posterior that is the prior, with enough evidence for systems."""
    made, small = problem(), evidence()
    figures = small["figures"].merge(small["sources"], on="source_id")
    raw = draws_of_prior(made, 64, spread=0.3, dtype=np.float32)
    known = Evidence(**{**tables(), **small, "figures": figures})
    return Fit(made, {name: values[None] for name, values in raw.items()}, {}), known, 1


def doors_of(state: Path) -> Doors:
    def written(run_id, verdict, comment, about, reviewer):
        return write_note(state, run_id, verdict, comment, about, reviewer)

    made = Doors(state, fit, written, as_bytes, lambda: "", (HbmcastError,))
    open_doors(made)
    return made


@pytest.fixture
def given(state) -> Doors:
    """Doors of the state that all tests share; not to be changed."""
    return doors_of(state)


@pytest.fixture
def own(state, tmp_path) -> Doors:
    """Doors of a copy, which notes and nights may change."""
    ignored = shutil.ignore_patterns("cache", "reports")
    return doors_of(Path(shutil.copytree(state, tmp_path / "state", ignore=ignored)))


def shown(tab: str, **defs) -> str:
    """HTML of all that the notebook shows on a tab, with every error raised."""
    pytest.importorskip("marimo")
    from dashboards.app.notebook import app

    clock = SimpleNamespace(value=None)
    outputs, _ = app.run(defs={"tab": SimpleNamespace(value=tab), "clock": clock, **defs})
    return "".join(part.text for part in outputs if hasattr(part, "text"))


@pytest.mark.parametrize("tab", TABS)
def test_each_tab_shows_its_own(given, tab):
    reading.served_basis(given.state, given.served_fit)
    page = shown(tab)
    words = {
        "Forecast": "fan-hbm_revenue_usd", "What-if": "Move a slider", "Evidence": "From a number",
        "Posterior": "Posterior against prior", "Scoreboard": "scores", "Notes": "Nobody has written",
        "SQL": "cookbook",
    }  # fmt: skip
    for name, said in words.items():
        assert (said in page) == (name == tab), (name, tab)
    assert synthetic.RUN_ID in page


def test_a_posterior_is_read_beside_what_is_shown(own):
    began, may_end = threading.Event(), threading.Event()

    def slow():
        began.set()
        assert may_end.wait(60)
        return fit()

    open_doors(replace(own, served_fit=slow))
    page = shown("What-if")
    assert review.READING in page
    assert "Move a slider" not in page
    assert began.wait(60)
    assert "Nobody has written" in shown("Notes")
    assert reading.basis_if_read(own.state) is None
    may_end.set()
    reading.served_basis(own.state, fit)
    assert "Move a slider" in shown("What-if")


def test_nothing_is_shown_without_doors(monkeypatch):
    monkeypatch.setattr("dashboards.app.doors._opened", [])
    with pytest.raises(NotOpen, match="hbmcast app"):
        doors()


def test_a_night_that_publishes_is_seen_at_the_next_question(own):
    before = reading.published_runs(own.state)
    assert list(before["run_id"]) == [synthetic.RUN_ID, EARLIER]
    assert reading.frames_of(own.state, EARLIER) is reading.frames_of(own.state, EARLIER)
    assert review.warnings(own.state, EARLIER, synthetic.RUN_ID, "a run is in progress") == [
        f"Not the forecast served, which is {synthetic.RUN_ID}.", "a run is in progress",
    ]  # fmt: skip
    count = "select count(*) as n from latest_forecast"
    n = review.asked(own.state, count)["n"][0].as_py()

    def publish(connection):
        columns = table_columns(connection)
        run = pd.DataFrame(
            [("new", 9, "2026-11-27", "2026-11-27 02:00", "2026-11-27 02:03", "published", None, "cafe09")],
            columns=["run_id", "run_number", "as_of", "started_at", "finished_at", "status", "reason",
                     "content_hash"],
        )  # fmt: skip
        insert(connection, "runs", run, columns["runs"], [])

    old = reading.frames_of(own.state, EARLIER)
    swap_in(own.state, publish, scopes=())
    assert list(reading.published_runs(own.state)["run_id"]) == ["new", synthetic.RUN_ID, EARLIER]
    assert reading.frames_of(own.state, EARLIER) is not old
    assert review.asked(own.state, count)["n"][0].as_py() == 0 < n
    newer = review.warnings(own.state, synthetic.RUN_ID, synthetic.RUN_ID, "")
    assert newer == ["A newer forecast was published since this page was opened: load the page again."]


def test_a_number_leads_to_its_figures_and_a_figure_to_what_is_known(given):
    frames = reading.frames_of(given.state, synthetic.RUN_ID)
    assert both_ways.number_in_words(frames, "hbm_revenue_usd", "2025").startswith(
        "HBM revenue, 2025: median"
    )
    assert "no forecast" in both_ways.number_in_words(frames, "hbm_revenue_usd", "1999")
    table = both_ways.figures_of(frames, "hbm_revenue_usd", "2025Q3")
    assert list(table["figure"]) == ["hbm-0001"]
    assert table["pull"][0] == pytest.approx(0.52, abs=0.01)
    assert both_ways.figures_of(frames, "hbm_revenue_usd", "2026").empty
    facts = both_ways.figure_in_words(frames, "hbm-0001")
    assert facts["address"] == "https://example.org/hbm"
    assert facts["pull"] == "+0.52 standard deviations (PIT 0.700)"
    assert both_ways.figure_in_words(frames, "no-such") == {}


@pytest.fixture(scope="module")
def basis() -> Basis:
    return basis_of(*fit())


def test_what_a_figure_does_is_laid_out(frames, basis):
    effect = both_ways.effect_of(frames, basis, "forecast")
    table = both_ways.effect_table(effect)
    assert set(table["year"]) == {"2026", "2027"}
    moved = table["it moves the median by, %"].abs()
    assert moved.is_monotonic_decreasing
    blocks = review.effect_blocks(effect, "")
    assert "Pareto k" in blocks[0]["reason"]
    uneven = review.effect_blocks(replace(effect, pareto_k=0.9), "")
    assert "not the size" in uneven[0]["reason"]
    none, why = review.answered(lambda: both_ways.effect_of(frames, basis, "no-such"), ())
    assert none is None
    assert "does not inform the chain" in review.effect_blocks(None, why)[0]["reason"]


def test_a_note_is_written_and_shown_on_the_next_page(own):
    from dashboards.load import load
    from dashboards.sections.notes import notes_section

    nasty = "<script>alert(1)</script>"
    assert review.noted(own, synthetic.RUN_ID, "doubt", nasty, "", "Ann").startswith("Written: ")
    assert review.noted(own, synthetic.RUN_ID, "doubt", "", "", "Ann").startswith("Not written: a doubt")
    assert len(read_notes(own.state)) == 1
    section = notes_section(load(own.state), None)
    assert "1 notes (1 doubt)" in section["texts"][0]
    page = shown("Notes")
    assert "1 notes (1 doubt)" in page
    assert nasty not in html.unescape(page)


def test_sql_answers_or_says_why_not(given):
    table, why = review.answered(lambda: review.asked(given.state, review.FIRST_QUERY), given.errors)
    assert table.num_rows > 0
    assert why == ""
    assert review.formats(table)["p50"](1234567.891) == "1,234,570"
    assert review.formats(table)["p50"](None) == ""
    none, why = review.answered(lambda: review.asked(given.state, "from nothing_there"), given.errors)
    assert none is None
    assert "nothing_there" in why
    assert len(review.cookbook()) >= 60
    assert "1. " in next(iter(review.cookbook()))


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("127.0.0.1:2718", "", 200),
        ("localhost:2718", "http://localhost:2718", 200),
        ("evil.example:2718", "", 403),
        ("127.0.0.1:2718", "http://evil.example", 403),
        ("127.0.0.1:2718", "http://127.0.0.1:8000", 403),
        ("127.0.0.1:2718", "null", 403),
        ("", "", 403),
    ],
)
def test_the_port_answers_its_own_pages_only(host, origin, status):
    pytest.importorskip("marimo")
    from dashboards.app.serve import own_pages_only

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    sent = []

    async def send(message):
        sent.append(message)

    headers = [(b"host", host.encode())] + ([(b"origin", origin.encode())] if origin else [])
    asyncio.run(own_pages_only(app)({"type": "http", "headers": headers}, None, send))
    assert sent[0]["status"] == status


@pytest.mark.slow
def test_the_app_starts_on_a_free_port_and_asks_for_its_word(given):
    pytest.importorskip("marimo")
    command = [sys.executable, "-m", "flows.commands.start", "app", "--port", "0", "--no-browser"]
    process = subprocess.Popen(
        [*command, "--state", given.state], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=os.environ
    )
    try:
        address = re.search(r"http://127\.0\.0\.1:\d+/\?access_token=\S+", process.stdout.readline()).group()
        with httpx.Client(trust_env=False, follow_redirects=True, timeout=120) as client:
            assert "HBM and CoWoS forecast: review" in client.get(address).text
            assert client.get(address, headers={"Host": "evil.example"}).status_code == 403
        with httpx.Client(trust_env=False, timeout=120) as stranger:
            assert stranger.get(address.split("?")[0]).status_code in (303, 401)
    finally:
        process.terminate()
        process.wait(timeout=60)
