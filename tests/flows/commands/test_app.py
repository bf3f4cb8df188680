"""Notes on runs, where they are shown, and what `hbmcast app` says when it can't start."""

import json
import shutil
import socket
import sys

import pytest

from flows.commands.formats import as_bytes
from flows.runtime.errors import HbmcastError
from flows.runtime.notes import LONGEST_NOTE, write_note
from warehouse.layout import notes_folder
from warehouse.notes import COLUMNS, UNREADABLE, read_notes


@pytest.fixture
def state(published, tmp_path):
    """A copy that notes may be written to."""
    return shutil.copytree(published, tmp_path / "state")


def test_notes_come_back_the_newest_first(state):
    assert list(read_notes(state).columns) == list(COLUMNS)
    write_note(state, "night-1", "doubt", " capacity looks\nhigh ", "cowos_wafers 2027", "Ann")
    write_note(state, "rerun-2024", "accept")
    notes = read_notes(state)
    assert list(notes["verdict"]) == ["accept", "doubt"]
    assert notes[["run_id", "comment", "about", "reviewer"]].iloc[1].tolist() == [
        "night-1", "capacity looks\nhigh", "cowos_wafers 2027", "Ann",
    ]  # fmt: skip
    assert not list(notes_folder(state).glob("*.part"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nobody", "accept"), "no run 'nobody'"),
        (("../../x", "accept"), "no run"),
        (("night-1", "fine"), "accept, doubt, comment"),
        (("night-1", "doubt", "  "), "without a word"),
        (("night-1", "comment", "x" * (LONGEST_NOTE + 1)), "too long"),
    ],
)
def test_what_is_no_note_is_refused_and_nothing_written(state, words, said):
    with pytest.raises(HbmcastError, match=said):
        write_note(state, *words)
    assert read_notes(state).empty


def test_a_damaged_note_is_told_and_the_others_stay(state):
    write_note(state, "night-1", "accept")
    (notes_folder(state) / "99.json").write_text('{"verdict": "fine"}')
    (notes_folder(state) / "98.json").write_text("cut o")
    notes = read_notes(state)
    assert list(notes["verdict"]) == [UNREADABLE, UNREADABLE, "accept"]
    assert "99.json is no note" in notes["comment"][0]


def test_show_tells_the_newest_notes(hbmcast, state):
    for word in ("one", "two", "three", "four"):
        write_note(state, "night-1", "comment", word, reviewer="Ann")
    code, out, _ = hbmcast("show", "--state", state)
    assert code == 0
    assert "Note by Ann: comment on night-1: four" in out
    assert "comment on night-1: one" not in out
    assert "1 older notes" in out
    _, out, _ = hbmcast("show", "--state", state, "--format", "json")
    assert [note["comment"] for note in json.loads(out)["notes"]] == ["four", "three", "two", "one"]


def test_files_for_a_download_are_those_of_the_command_line(hbmcast, published, tmp_path):
    from warehouse.query import query

    sql = "SELECT quantity, p50 FROM hbm_forecast WHERE period = '2026' ORDER BY quantity"
    for suffix in ("csv", "parquet"):
        file = tmp_path / f"a.{suffix}"
        assert hbmcast("sql", sql, "-o", file, "--state", published)[0] == 0
        assert as_bytes(query(published, sql), suffix)[0] == file.read_bytes()


def test_without_marimo_the_remedy_is_said(hbmcast, published, monkeypatch):
    monkeypatch.setitem(sys.modules, "marimo", None)
    monkeypatch.delitem(sys.modules, "dashboards.app.serve", raising=False)
    code, _, err = hbmcast("app", "--state", published)
    assert code == 1
    assert "marimo" in err
    assert "make setup" in err


def test_a_port_that_is_taken_is_said(hbmcast, published, monkeypatch):
    pytest.importorskip("marimo")
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, "restored after the test")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, _, err = hbmcast("app", "--port", port, "--no-browser", "--state", published)
    assert code == 1
    assert f"port {port} can't be used" in err
