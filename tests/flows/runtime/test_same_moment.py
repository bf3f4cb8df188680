"""Two machines that start a night on one folder in the same moment."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from flows.runtime import journal, same_moment
from flows.runtime.journal import AlreadyRunning, Entry, one_run
from flows.runtime.preparation import prepare_state
from flows.runtime.same_moment import stay_alone
from flows.runtime.settings import resolve
from warehouse import layout

THEIRS = "20240101T020000Z-theirs"
type Page = Callable[..., Entry]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    prepare_state(tmp_path)
    layout.lock_file(tmp_path).touch()
    return tmp_path


@pytest.fixture
def page(state: Path) -> Page:
    """Write a page of the journal as a machine would that started at a second of one minute."""

    def write(run_id: str, second: int, **other: str) -> Entry:
        started = f"2024-01-01T02:00:{second:02d}+00:00"
        entry = journal.start(resolve(state=state), run_id, "")
        return journal.write(state, replace(entry, started_at=started, **other))

    return write


def run_ids(state: Path) -> list[str]:
    return [entry.run_id for entry in journal.entries(state)]


@pytest.mark.parametrize(
    ("second", "stage"), [(0, "start"), (2, "ingest")], ids=["comes first", "comes later but has begun"]
)
def test_a_run_gives_way_and_leaves_no_page(state: Path, page: Page, second: int, stage: str):
    page(THEIRS, second, host="other", stage=stage)
    mine = page("mine", 1)
    with pytest.raises(AlreadyRunning, match=r"theirs is in progress.*on other"):
        stay_alone(state, mine)
    assert run_ids(state) == [THEIRS]


def test_the_earlier_goes_on_once_the_later_has_given_way(state: Path, page: Page, monkeypatch):
    page(THEIRS, 2, host="other")
    mine = page("mine", 1)
    monkeypatch.setattr(same_moment.time, "sleep", lambda _: layout.journal_file(state, THEIRS).unlink())
    stay_alone(state, mine)
    assert run_ids(state) == ["mine"]


def test_the_earlier_gives_way_to_a_later_that_looked_before_its_page_was_there(
    state: Path, page: Page, monkeypatch
):
    theirs = page(THEIRS, 2, host="other")
    mine = page("mine", 1)
    monkeypatch.setattr(same_moment.time, "sleep", lambda _: journal.at_stage(state, theirs, "ingest"))
    with pytest.raises(AlreadyRunning):
        stay_alone(state, mine)
    assert run_ids(state) == [THEIRS]


def test_the_earlier_does_not_wait_for_ever(state: Path, page: Page, monkeypatch):
    page(THEIRS, 2, host="other")
    monkeypatch.setattr(same_moment, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(same_moment, "PAUSE_SECONDS", 0.0)
    stay_alone(state, page("mine", 1))


def test_runs_of_the_same_second_have_one_order(state: Path, page: Page):
    here, there = page("a", 1), page("b", 1, host="other")
    assert same_moment._place(here) < same_moment._place(there)


def test_a_living_run_of_another_machine_is_not_marked_abandoned(state: Path, page: Page, monkeypatch):
    page(THEIRS, 1, host="other")
    with monkeypatch.context() as read:
        found = journal.entries(state)
        read.setattr(journal, "entries", lambda _: found)
        layout.journal_file(state, THEIRS).rename(state / "away")
        assert journal.mark_abandoned(state) == []
        # A run that gave way meanwhile is not written again.
        assert not layout.journal_file(state, THEIRS).exists()
        (state / "away").rename(layout.journal_file(state, THEIRS))
    assert journal.mark_abandoned(state) == []
    file = layout.journal_file(state, THEIRS)
    long_ago = file.stat().st_mtime - journal.SILENT_SECONDS - 60
    os.utime(file, (long_ago, long_ago))
    with one_run(resolve(state=state)):
        assert [entry.run_id for entry in journal.mark_abandoned(state)] == [THEIRS]
