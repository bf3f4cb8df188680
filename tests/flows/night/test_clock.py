"""A clock that has gone back: the night is refused in one line, the forecast stays."""

from datetime import date
from pathlib import Path

import pytest

import warehouse.read
from flows.night.clock import refuse_clock_gone_back
from flows.runtime.errors import RunRefused
from flows.runtime.settings import Settings

DAY = date(2026, 1, 2)


@pytest.mark.parametrize("today", [DAY, date(2026, 1, 3)])
def test_a_clock_that_goes_on_is_no_fault(tmp_path: Path, monkeypatch, today: date):
    settings = Settings(tmp_path, tmp_path, date(2024, 12, 31), today=today)
    refuse_clock_gone_back(settings)
    monkeypatch.setattr(warehouse.read, "latest_run", lambda _: {"run_id": "night-1", "as_of": DAY})
    refuse_clock_gone_back(settings)


def test_one_that_has_gone_back_is(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(warehouse.read, "latest_run", lambda _: {"run_id": "night-1", "as_of": DAY})
    yesterday = date(2026, 1, 1)
    with pytest.raises(RunRefused, match="today is 2026-01-01 by the clock of this machine, but run night-1"):
        refuse_clock_gone_back(Settings(tmp_path, tmp_path, yesterday, today=yesterday))
