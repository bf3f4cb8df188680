"""The review queue: nothing is asked twice, decisions stay, a broken file harms nothing else."""

import json
from dataclasses import replace

import pytest

from flows.runtime.errors import HbmcastError
from flows.sources.review_queue import add, decide, find, listed
from models.evidence.proposals import ACCEPTED, REJECTED, Decision, Page, Proposal, as_record, from_record
from warehouse.layout import review_folder

PAGE = Page(
    url="https://press.example/a",
    title="A",
    publisher="TrendForce",
    published_on="2026-11-02",
    published_precision="day",
    accessed_on="2026-11-03",
    content_hash="abc",
)
PROPOSAL = Proposal(
    page=PAGE,
    sentence="HBM revenue is to reach US$50 billion in 2026.",
    metric="hbm_revenue",
    entity="industry",
    period="2026",
    value="50",
    unit="B USD",
    kind="forecast",
    why_it_waits="read from a page",
)
NO = Decision(verdict=REJECTED, who="ann", decided_at="2026-11-04T08:00:00+00:00", reason="of 2027")


def test_the_same_row_of_the_same_page_is_queued_once_whatever_was_decided(tmp_path):
    assert [entry.proposal for entry in add(tmp_path, [PROPOSAL, PROPOSAL])] == [PROPOSAL]
    again = replace(
        PROPOSAL,
        value=" 50",
        sentence="worded otherwise",
        page=replace(PAGE, content_hash="z", accessed_on="2026-11-09", url=PAGE.url + "#top"),
    )
    assert add(tmp_path, [again]) == []
    decide(tmp_path, PROPOSAL.proposal_id, NO)
    assert add(tmp_path, [PROPOSAL]) == []
    entry = find(tmp_path, PROPOSAL.proposal_id[:5])
    assert (entry.decision, entry.waits) == (NO, False)
    assert listed(tmp_path).waiting == ()


@pytest.mark.parametrize("cells", [{"value": "51"}, {"period": "2027"}, {"kind": "actual"}, {"unit": "GB"}])
def test_another_row_of_the_page_is_another_proposal(cells):
    assert PROPOSAL.mended(cells).proposal_id != PROPOSAL.proposal_id


def test_a_cell_that_a_proposal_has_not_is_told():
    with pytest.raises(KeyError, match="valeu"):
        PROPOSAL.mended({"valeu": "3"})


def test_a_decision_stands(tmp_path):
    add(tmp_path, [PROPOSAL])
    decide(tmp_path, PROPOSAL.proposal_id, NO)
    with pytest.raises(HbmcastError, match="rejected by ann on 2026-11-04: of 2027"):
        decide(tmp_path, PROPOSAL.proposal_id, replace(NO, verdict=ACCEPTED))


def test_an_entry_that_is_broken_is_named_and_the_rest_is_read(tmp_path):
    add(tmp_path, [PROPOSAL, PROPOSAL.mended({"value": "51"})])
    path = review_folder(tmp_path) / f"{PROPOSAL.proposal_id}.json"
    path.write_text(path.read_text().replace('"50"', '"500"'))
    (review_folder(tmp_path) / "half.json").write_text("{")
    (review_folder(tmp_path) / "list.json").write_text("[]")
    queue = listed(tmp_path)
    assert [entry.proposal.value for entry in queue.waiting] == ["51"]
    assert len(queue.unreadable) == 3
    assert any("changed by hand" in told and path.name in told for told in queue.unreadable)


def test_an_entry_survives_json(tmp_path):
    entry = add(tmp_path, [PROPOSAL])[0]
    assert from_record(json.loads(json.dumps(as_record(entry)))) == entry


def test_a_name_that_none_has_is_told_with_what_waits(tmp_path):
    add(tmp_path, [PROPOSAL])
    for name in ("zz", ""):
        with pytest.raises(HbmcastError, match=PROPOSAL.proposal_id):
            find(tmp_path, name)
