"""Prefect's database: a damaged one is set aside, a whole one and none are left alone."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from flows.server import ephemeral
from warehouse.prefect_database import damage, set_aside_damaged


def make(home: Path) -> Path:
    file = home / "prefect.db"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE run (note TEXT)")
        connection.executemany("INSERT INTO run VALUES (?)", [("x" * 500,)] * 2000)
    return file


def test_a_whole_one_and_none_are_left_alone(tmp_path: Path):
    assert damage(tmp_path) == ""
    file = make(tmp_path)
    assert set_aside_damaged(tmp_path) is None
    assert file.exists()


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda c: b"garbage" * 100,
        lambda c: c[: len(c) // 2],
        lambda c: c[:9000] + b"\xff" * 9000 + c[18_000:],
    ],
    ids=["no database", "cut off", "overwritten inside"],
)
def test_a_damaged_one_is_set_aside(tmp_path: Path, spoilt):
    file = make(tmp_path)
    file.write_bytes(spoilt(file.read_bytes()))
    assert damage(tmp_path)
    aside = set_aside_damaged(tmp_path)
    assert aside is not None
    assert aside.exists()
    assert not file.exists()


def test_a_server_that_dies_of_it_is_started_again_on_a_new_one(tmp_path: Path, monkeypatch, capsys):
    (tmp_path / "prefect.db").write_bytes(b"garbage" * 100)
    started = []
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    monkeypatch.setattr(ephemeral, "chosen_otherwise", lambda: False)
    monkeypatch.setattr(ephemeral, "_started", lambda port: started.append(port))
    monkeypatch.setattr(ephemeral, "_answers", lambda *_: not (tmp_path / "prefect.db").exists())
    ephemeral.start_beside()()
    assert len(started) == 2
    assert started[0] == started[1]
    assert "was damaged" in capsys.readouterr().err
