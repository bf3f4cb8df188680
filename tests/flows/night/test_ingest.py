"""What a night takes in: what jumped, went stale or informs nothing is told, and the night goes on."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from flows.night.record import Night
from flows.night.taking_in import ingest
from flows.runtime.evidence import evidence_of
from flows.runtime.preparation import prepare_state
from flows.runtime.settings import Settings
from flows.sources.judged import all_rejected
from flows.sources.raw import RawEvidence, RowProblem
from models.evidence.shared_header import SHARED_COLUMNS
from models.evidence.tables.described import BY_NAME
from models.evidence.validation import validate
from models.inference.from_evidence import resolved_figures, usable_figures
from tests.world.design import TODAY
from tests.world.files import DATA as WORLD
from warehouse.query import query
from warehouse.read import evidence


@pytest.fixture(scope="module")
def first_night(tmp_path_factory) -> Path:
    """Folder with evidence and a state that took it in."""
    place = tmp_path_factory.mktemp("ingest")
    shutil.copytree(WORLD, place / "data")
    figures = pd.read_csv(place / "data/figures/world.csv", dtype=str, keep_default_na=False)
    slip = {"figure_id": figures["figure_id"][0], "field": "note", "expected_wrong_value": figures["note"][0]}
    slip |= {"corrected_value": "read again", "reason": "a slip", "source_id": ""}
    pd.DataFrame([slip], columns=BY_NAME["corrections"].column_names).to_csv(
        place / "data/corrections.csv", index=False
    )
    metrics = pd.read_csv(place / "data/metrics.csv", dtype=str, keep_default_na=False)
    metrics["entity"] = metrics["entity"].mask(metrics["metric"] == "dram_revenue", "industry")
    metrics.to_csv(place / "data/metrics.csv", index=False)
    taken_in(place, place / "state")
    return place


def taken_in(place: Path, state: Path, overlays: tuple[Path, ...] = ()) -> tuple[str, ...]:
    """What a night says of its evidence."""
    settings = Settings(state, place / "data", TODAY, overlays=overlays, today=TODAY)
    prepare_state(state)
    night = Night("r1")
    return ingest(settings, night, lambda *_: None).notes


@pytest.fixture
def place(first_night: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(first_night, tmp_path / "place"))


def changed(place: Path, name: str, **cells: str) -> None:
    frame = pd.read_csv(place / "data" / name, dtype=str, keep_default_na=False)
    for column, cell in cells.items():
        frame.loc[0, column] = cell
    frame.to_csv(place / "data" / name, index=False)


def test_a_rate_per_hundred_units_is_told_and_last_nights_stays_in_force(place: Path):
    before = evidence(place / "state", date.max)["exchange_rates"]["usd_per_unit"].tolist()
    changed(place, "exchange_rates.csv", usd_per_unit=str(100 * before[0]))
    notes = taken_in(place, place / "state")
    assert any("1 rows put aside" in note for note in notes)
    assert evidence(place / "state", date.max)["exchange_rates"]["usd_per_unit"].tolist() == before
    (told,) = query(place / "state", "from rejected_current").to_pylist()
    assert (told["file"], told["row_number"], told["field"]) == ("exchange_rates.csv", 2, "usd_per_unit")
    assert "confirmed:" in told["remedy"]
    changed(place, "exchange_rates.csv", note="confirmed: a new currency of the same name")
    taken_in(place, place / "state")
    after = evidence(place / "state", date.max)["exchange_rates"]["usd_per_unit"]
    assert after.tolist() == pytest.approx([100 * before[0], *before[1:]])


def test_a_correction_that_no_longer_fits_leaves_the_figure_as_it_was(place: Path):
    before = evidence(place / "state", date.max)["figures"]
    changed(place, "corrections.csv", expected_wrong_value="another")
    notes = taken_in(place, place / "state")
    assert any("2 rows put aside" in note for note in notes)
    pd.testing.assert_frame_equal(evidence(place / "state", date.max)["figures"], before)
    assert "read again" in before["note"].tolist()


def test_a_new_figure_of_an_entity_without_a_rule_is_told(place: Path, tmp_path: Path):
    own = tmp_path / "own"
    frame = pd.read_csv(WORLD / "figures/world.csv", dtype=str, keep_default_na=False).iloc[[0]]
    frame = frame.assign(figure_id="own-1", origin_id="own-1", entity="SK hynix")
    (own / "figures").mkdir(parents=True)
    frame.to_csv(own / "figures/desk.csv", index=False)
    notes = taken_in(place, place / "state", (own,))
    (told,) = [note for note in notes if "inform nothing" in note]
    assert told.startswith("new tonight: 1 of 1 figures inform nothing: own-1: no rule in metrics.csv")
    assert "'SK hynix'" in told
    assert "rules are for entity industry" in told


def test_what_a_reader_says_twice_of_one_place_is_taken_in_once():
    """A filing repeats its facts; one that can't be read must not stop the night."""
    twice = RowProblem(
        "http://x/CIK1.json", 0, "month", "2024-03-31", "no quarter of this filer", "look at it"
    )
    raw = RawEvidence({}, {}, [twice, twice, replace(twice, problem="no year of this filer")])
    refused = all_rejected(raw, validate({}, TODAY).rejected)
    assert refused["reason"].tolist() == ["no quarter of this filer", "no year of this filer"]


def test_a_dropped_workbook_is_evidence_of_the_night(place: Path):
    """The path of docs/howto/inbox.md up to the fit: what it informs is what the night's figures inform."""
    row = dict.fromkeys(SHARED_COLUMNS, "") | {
        **{"metric": "hbm_revenue", "entity": "industry", "period": "2024", "value": "US$17bn"},
        **{"kind": "forecast", "source_org": "Own desk", "published_on": "2024-02-01", "title": "Note"},
    }
    inbox = place / "state" / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    pd.DataFrame([row]).to_excel(inbox / "figures.xlsx", index=False)
    notes = taken_in(place, place / "state")
    assert notes[0].startswith("inbox figures.xlsx: 1 rows taken in, 0 known already, 0 put aside")
    figures = evidence(place / "state", TODAY)["figures"]
    (mine,) = figures[figures["publisher"] == "Own desk"].to_dict("records")
    assert (mine["value"], mine["unit"]) == (1.7e10, "USD")
    known = evidence_of(place / "state", TODAY)
    used = usable_figures(resolved_figures(known))
    assert mine["figure_id"] in set(used["figure_id"])
