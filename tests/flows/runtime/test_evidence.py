"""Evidence is read once while the published file is the same, and each who asks may change what he gets."""

from datetime import date
from pathlib import Path

import pytest

import warehouse.read
from flows.runtime.evidence import evidence_of
from flows.runtime.preparation import prepare_state
from tests.flows.small_state import take_in
from warehouse.errors import WarehouseMissing

DAY = date(2026, 6, 30)
FIGURE = ("hbm_revenue", "2026", 50e9, "forecast", "2026-05-01", "Gart")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    prepare_state(tmp_path)
    return tmp_path


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """Days for which the warehouse was read."""
    days, real = [], warehouse.read.evidence

    def counted(state: Path, as_of: date, *others: object) -> dict:
        days.append(as_of)
        return real(state, as_of, *others)

    monkeypatch.setattr(warehouse.read, "evidence", counted)
    return days


def test_it_is_read_once_and_again_when_another_file_is_published(state, days):
    with pytest.raises(WarehouseMissing):
        evidence_of(state, DAY)
    take_in(state)
    days.clear()
    first, again = evidence_of(state, DAY), evidence_of(state, DAY)
    assert days == [DAY]
    assert first.figures.equals(again.figures)
    assert len(evidence_of(state, date(2024, 1, 1)).figures) < len(first.figures)
    take_in(state, FIGURE)
    assert len(evidence_of(state, DAY).figures) == len(first.figures) + 1
    assert days == [DAY, date(2024, 1, 1), DAY]


def test_what_one_does_with_it_nobody_else_sees(state):
    take_in(state)
    known = evidence_of(state, DAY).figures
    values = known["value"].tolist()
    known["value"] = 0.0
    known.loc[:, "unit"] = "none"
    again = evidence_of(state, DAY).figures
    assert again["value"].tolist() == values
    assert "none" not in set(again["unit"])
