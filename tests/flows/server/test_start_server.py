"""`hbmcast server` on a damaged database of Prefect: set aside once, and only where it is Prefect's."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT

# The server's start up to where its process becomes Prefect's.
START = """
import os, sys
from pathlib import Path
os.execv = lambda *_: print("becomes Prefect")
from flows.server.schedule import start_server
start_server(host="127.0.0.1", port=4299, state=Path(sys.argv[1]))
"""
# A process that dies with rows that lie beside the database only.
KILLED = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("CREATE TABLE run (note TEXT)")
connection.executemany("INSERT INTO run VALUES (?)", [("x" * 500,)] * 2000)
connection.commit()
os._exit(0)
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "prefect" / "prefect.db"
    file.parent.mkdir()
    return file


def started(state: Path, **environment: str) -> str:
    """Start the server without what the user of these tests has set, and return what was said."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "HBMCAST_"))}
    done = subprocess.run(
        [sys.executable, "-c", START, str(state)],
        env={**own, "PYTHONPATH": str(ROOT), **environment},
        cwd=state,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "becomes Prefect\n"
    return done.stderr


def test_a_damaged_one_is_set_aside_in_one_line(tmp_path: Path, database: Path):
    database.write_bytes(b"garbage" * 100)
    assert started(tmp_path) == (
        f"Prefect's database was damaged: it is now {database}.damaged, and a new one begun\n"
    )
    assert not database.exists()
    assert started(tmp_path) == ""


POSTGRES = "postgresql+asyncpg://somebody@nowhere/prefect"


@pytest.mark.parametrize("where", ["environment", "profile"])
def test_the_file_stays_where_the_user_names_another_database(tmp_path: Path, database: Path, where: str):
    database.write_bytes(b"garbage" * 100)
    named = {}
    if where == "environment":
        named = {"PREFECT_API_DATABASE_CONNECTION_URL": POSTGRES}
    else:
        profile = f'[profiles.own]\nPREFECT_SERVER_DATABASE_CONNECTION_URL = "{POSTGRES}"\n'
        (database.parent / "profiles.toml").write_text(f'active = "own"\n{profile}')
    assert started(tmp_path, **named) == ""
    assert database.exists()


def test_a_sound_one_stays_that_a_killed_server_left(tmp_path: Path, database: Path):
    subprocess.run([sys.executable, "-c", KILLED, str(database)], check=True)
    assert database.with_name("prefect.db-wal").stat().st_size > 1_000_000
    assert started(tmp_path) == ""
    connection = sqlite3.connect(database)
    assert connection.execute("SELECT count(*) FROM run").fetchone() == (2000,)
    connection.close()


def test_a_sound_one_stays_that_is_being_written(tmp_path: Path, database: Path):
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE run (note TEXT)")
    connection.execute("BEGIN EXCLUSIVE")
    assert started(tmp_path) == ""
    assert database.exists()
    connection.close()
