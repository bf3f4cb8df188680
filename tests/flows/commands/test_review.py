"""`hbmcast review`: from a press page to a figure in force, a person in the middle; and each way out."""

import csv
import json
from pathlib import Path
from shutil import copytree

import pytest

from flows.night import review
from flows.sources import press_questions, review_queue, reviewed
from models.evidence.proposals import Page, Proposal
from tests.flows.night.desk import Desk, first_desk, with_posterior
from tests.flows.sources.faulty_server import Server
from tests.flows.sources.test_press import html, rss
from tests.flows.sources.test_press_proposals import PARAGRAPHS, TITLE
from warehouse.layout import review_folder
from warehouse.query import query

FEBRUARY = "Thu, 12 Feb 2026 08:00:00 GMT"
PAGE = Page(
    url="https://press.example/a",
    title="A note",
    publisher="Eastgate",
    published_on="2025-06-20",
    published_precision="day",
    accessed_on="2025-06-21",
)
PROPOSAL = Proposal(
    page=PAGE,
    sentence="HBM revenue is to reach US$34 billion in 2025.",
    metric="hbm_revenue",
    entity="industry",
    period="2025",
    value="34",
    unit="B USD",
    kind="forecast",
    why_it_waits="read from a page that nobody has read",
)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return first_desk(tmp_path_factory.mktemp("desk")).place


@pytest.fixture
def desk(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk(Path(copytree(first, tmp_path / "desk")))
    monkeypatch.setenv("HBMCAST_STATE", str(made.state))
    monkeypatch.setenv("HBMCAST_DATA", f"{made.place / 'base'}:{made.own}")
    return made


def queued(desk: Desk, *proposals: Proposal) -> list[str]:
    return [entry.proposal.proposal_id for entry in review_queue.add(desk.state, proposals or [PROPOSAL])]


def test_from_a_press_page_to_a_figure_in_force(
    desk: Desk,
    hbmcast,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
):
    """The README's path: feed, queue, a person, forecast; nothing informs before the person said so."""
    monkeypatch.setattr(press_questions, "PAUSE_SECONDS", 0.0)
    feed = {"feed_id": "example", "publisher": "Example Research", "kind": "rss", "language": "en"}
    feed |= {"url": f"{server.root}/feed.xml", "hosts": server.root.removeprefix("http://")}
    desk.write("feeds.csv", feed | {"informs": "HBM revenue", "known_since": "2025-06"})
    body = html(*PARAGRAPHS, title=TITLE)
    server.by_path = {
        "/feed.xml": rss(server, "/1.html", date_of=FEBRUARY),
        "/1.html": {"body": body, "type": "text/html"},
    }
    assert hbmcast("press", "example")[0] == 0
    before = query(desk.state, "select figure_id from figures_current order by 1").to_pylist()
    desk.night()
    assert query(desk.state, "select figure_id from figures_current order by 1").to_pylist() == before

    code, said, _ = hbmcast("review", "--list", "--format", "json")
    waiting = {row["proposal"]["period"]: row["proposal_id"] for row in json.loads(said)}
    assert (code, sorted(waiting)) == (0, ["2025", "2026"])
    code, said, _ = hbmcast("review", "--accept", waiting["2026"][:6])
    assert (code, said.split()[0]) == (0, "accepted:")
    assert hbmcast("review", "--reject", waiting["2025"], "--why", "of another year")[0] == 0
    desk.night()
    (row,) = query(desk.state, "from figures_current where publisher = 'Example Research'").to_pylist()
    assert (row["value"], row["period"], row["title"]) == (56.2e9, "2026", TITLE)
    assert row["url"] == f"{server.root}/1.html"
    assert hbmcast("review", "--list")[1].strip() == "nothing waits for review"


def test_what_a_person_is_shown(desk: Desk, hbmcast, monkeypatch: pytest.MonkeyPatch):
    with_posterior(desk, monkeypatch)
    known = query(
        desk.state,
        "from figures_current where metric = 'hbm_revenue' and period = '2025' and value is not null"
        " and published_on > '2024' order by published_on",
    ).to_pylist()
    other = known[-1]
    page = {"publisher": "Somebody", "published_on": str(other["published_on"])}
    echo = {"value": repr(other["value"]), "unit": "USD"}
    (name,) = queued(desk, Proposal(**{**vars(PROPOSAL), **echo, "page": Page(**{**vars(PAGE), **page})}))
    last = {"publisher": other["publisher"], "published_on": "2025-12-01"}
    (own,) = queued(desk, Proposal(**{**vars(PROPOSAL), "page": Page(**{**vars(PAGE), **last})}))
    # The posterior is asked once: it is slow to load.
    looked = review.in_context(desk.settings(), review_queue.listed(desk.state).waiting)
    monkeypatch.setattr(review, "in_context", lambda *_: looked)
    rows = {row["proposal_id"]: row for row in json.loads(hbmcast("review", "--format", "json")[1])}
    row = rows[name]
    assert row["expected"]["predicted_p05"] < row["expected"]["predicted_p50"]
    assert 0 < row["expected"]["pit"] < 1
    assert other["figure_id"] in [figure["figure_id"] for figure in row["likely_echoes"]]
    assert row["publishers_last"] is None
    assert "the same number from somebody else" in " ".join(row["doubts"])
    assert rows[own]["publishers_last"]["figure_id"] == other["figure_id"]
    shown = " ".join(hbmcast("review", "--show", own)[1].split())
    for words in (PROPOSAL.sentence, "value=34, unit=B USD", "(PIT)", f"publisher {other['figure_id']}: "):
        assert words in shown


def test_a_slip_of_an_entity_is_shown_before_anybody_decides(
    desk: Desk, hbmcast, monkeypatch: pytest.MonkeyPatch
):
    # The rules of the synthetic world are for any entity; here one is for the industry alone.
    known = review.in_force(desk.state)
    metrics = known["metrics"]
    entity = metrics["entity"].where(metrics["metric"] != "hbm_revenue", "industry")
    tables = dict(known) | {"metrics": metrics.assign(entity=entity)}
    monkeypatch.setattr(review, "in_force", lambda *_, **__: tables)
    slip, right = queued(desk, Proposal(**vars(PROPOSAL) | {"entity": "industri"}), PROPOSAL)
    code, said, _ = hbmcast("review", "--format", "json")
    idle = {row["proposal_id"]: row["idle"] for row in json.loads(said)}
    assert (code, idle[right]) == (0, "")
    assert idle[slip].startswith("informs nothing: ")
    assert "did you mean 'industry'?" in idle[slip]
    assert idle[slip] in " ".join(hbmcast("review", "--show", slip)[1].split())


def test_a_mended_row_is_checked_as_every_row_is_and_nothing_is_written_where_it_fails(desk: Desk, hbmcast):
    (name,) = queued(desk, Proposal(**{**vars(PROPOSAL), "period": "", "kind": ""}))
    for cells, word in (
        (["period=2025"], "kind"),
        (["period=2025", "kind=forecast", "value=34e9"], "bounds"),
        (["perod=2025"], "perod"),
        (["2025"], "field=value"),
    ):
        code, _, error = hbmcast("review", "--mend", name, *cells)
        assert (code, word in error) == (1, True), error
    assert sorted(path.name for path in desk.own.rglob("*.csv")) == []
    assert [entry.waits for entry in review_queue.listed(desk.state).entries] == [True]
    assert hbmcast("review", "--mend", name, "period=2025", "kind=forecast", "value=35")[0] == 0
    (entry,) = review_queue.listed(desk.state).entries
    assert entry.decision is not None
    assert entry.decision.mended == {"period": "2025", "kind": "forecast", "value": "35"}
    (row,) = csv.DictReader((desk.own / reviewed.REVIEWED_FIGURES).open(encoding="utf-8"))
    assert (row["figure_id"], row["value"]) == (entry.decision.figure_id, "35")
    assert row["note"].startswith("confirmed: mended (period, kind, value) and accepted in review by")
    code, _, error = hbmcast("review", "--accept", name)
    assert (code, "was accepted by" in error) == (1, True)


def test_without_a_folder_of_ones_own_the_remedy_is_named(
    desk: Desk, hbmcast, monkeypatch: pytest.MonkeyPatch
):
    (name,) = queued(desk)
    monkeypatch.setenv("HBMCAST_DATA", str(desk.place / "base"))
    code, _, error = hbmcast("review", "--accept", name)
    assert (code, "hbmcast init own" in error) == (1, True)
    monkeypatch.setenv("HBMCAST_DATA", f"{desk.place / 'base'}:{desk.place / 'gone'}")
    assert "is not there" in hbmcast("review", "--accept", name)[2]
    assert hbmcast("review", "--reject", name)[0] == 1, "without a reason"
    assert hbmcast("review", "--reject", name, "--why", "no")[0] == 0


def test_keys_decide_one_by_one(desk: Desk, hbmcast):
    names = queued(
        desk, *(PROPOSAL.mended({"period": period}) for period in ("2023", "2024", "2025", "2026"))
    )
    assert len(names) == 4
    code, said, error = hbmcast("review", stdin="x\ns\nr\ntoo old\nm\nvalue=plenty\nm\nvalue=33\nq\n")
    assert code == 0, error
    verdicts = sorted(e.decision.verdict for e in review_queue.listed(desk.state).entries if e.decision)
    assert verdicts == ["accepted", "rejected"]
    assert "plenty" in said
    assert hbmcast("review", stdin="")[0] == 0
    assert len(review_queue.listed(desk.state).waiting) == 2


def test_rows_stand_in_one_file_whole_and_a_broken_one_is_left_as_it_is(desk: Desk, hbmcast):
    names = queued(desk, *(PROPOSAL.mended({"period": period}) for period in ("2024", "2025", "2026")))
    assert hbmcast("review", "--accept", names[0], "--accept", names[1])[0] == 0
    file = desk.own / reviewed.REVIEWED_FIGURES
    assert len(file.read_text().splitlines()) == 3
    assert len((desk.own / reviewed.REVIEWED_SOURCES).read_text().splitlines()) == 2
    broken = file.read_text() + '"cut'
    file.write_text(broken)
    code, _, error = hbmcast("review", "--accept", names[2])
    assert (code, str(file) in error) == (1, True)
    assert file.read_text() == broken
    assert review_queue.find(desk.state, names[2]).waits


def test_whoever_is_stopped_before_the_decision_decides_again_and_gets_one_row(
    desk: Desk, hbmcast, monkeypatch: pytest.MonkeyPatch
):
    (name,) = queued(desk)
    with monkeypatch.context() as cut:
        cut.setattr(review_queue, "decide", _killed)
        with pytest.raises(KeyboardInterrupt):
            reviewed.accept(desk.settings(), name)
    assert review_queue.find(desk.state, name).waits
    assert hbmcast("review", "--accept", name)[0] == 0
    assert len((desk.own / reviewed.REVIEWED_FIGURES).read_text().splitlines()) == 2


def test_a_broken_entry_is_named_and_options_that_say_nothing_are_refused(desk: Desk, hbmcast):
    review_folder(desk.state).mkdir(exist_ok=True)
    (review_folder(desk.state) / "half.json").write_text("{")
    assert "half.json" in hbmcast("review", "--list")[2]
    for words in (["--format", "xml"], ["value=3"], ["--accept", "zz"], ["--mend", "zz"]):
        assert hbmcast("review", *words)[0] == 1, words


def _killed(*_: object) -> None:
    raise KeyboardInterrupt
