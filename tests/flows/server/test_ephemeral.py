"""Prefect's server for one run: started beside, used, given up when silent, left to the user's own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows.server import ephemeral as own_server
from flows.server.ephemeral import API_VARIABLE, chosen_otherwise, start_beside
from tests.places import ROOT
from tests.prefect_server import new_home
from tests.shared import folder_of_the_run

# Starts the server, asks it something through Prefect, and says who was asked; then it must be gone.
NIGHT = """
import os, sys
from pathlib import Path
from types import SimpleNamespace
from flows.runtime.preparation import prepare_environment, prepare_state
state = Path(sys.argv[1])
prepare_state(state)
prepare_environment(state)
from flows.server import ephemeral as own_server
if sys.argv[2] == "broken":
    # Whatever a server dies of, nothing answers and its process is over.
    own_server.sys = SimpleNamespace(executable="false")
wait = own_server.start_beside(patience=500.0)
url = os.environ["PREFECT_API_URL"]
wait()
from prefect.settings import get_current_settings
print(url, get_current_settings().api.url)
if sys.argv[2] == "whole":
    from prefect.client.orchestration import get_client
    with get_client(sync_client=True) as client:
        assert client.api_healthcheck() is None
        print(client.api_url)
    from prefect import flow
    from prefect.artifacts import create_markdown_artifact
    from flows.server.forgetting import forget_old_runs

    @flow
    def a_night():
        create_markdown_artifact("said", key="night")

    a_night()
    a_night()
    for days in (1, 0):
        forgotten = forget_old_runs(days)
        with get_client(sync_client=True) as client:
            print(forgotten, len(client.read_flow_runs()), len(client.read_artifacts()))
"""


@pytest.fixture(autouse=True)
def nobody_chose(monkeypatch, tmp_path):
    for name in (API_VARIABLE, "PREFECT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    monkeypatch.chdir(tmp_path)


def run(state: Path, how: str) -> list[str]:
    root = str(ROOT)
    done = subprocess.run(
        [sys.executable, "-c", NIGHT, str(state), how],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.fixture
def known_home(prefect_url, tmp_path_factory, tmp_path):
    """Home of Prefect with a database; that one is set up shows wherever the shared server is used."""
    new_home(folder_of_the_run(tmp_path_factory), tmp_path / "prefect")


def test_the_server_answers_and_ends_with_its_process(tmp_path, known_home):
    import httpx

    started, used, asked, *left = run(tmp_path, "whole")
    assert started == used
    assert asked.rstrip("/") == started
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{started}/health")
    # Runs of today stay where they are kept for a day; otherwise they go with what they left.
    assert left == ["0", "2", "2", "2", "0", "0"]


def test_a_server_that_dies_is_given_up(tmp_path):
    _, used = run(tmp_path, "broken")
    assert used == "None"


@pytest.mark.parametrize("how", ["address", "profile", "file"])
def test_a_server_of_the_users_own_is_used(tmp_path, monkeypatch, how):
    assert not chosen_otherwise()
    if how == "address":
        monkeypatch.setenv(API_VARIABLE, "http://127.0.0.1:1/api")
    elif how == "profile":
        (tmp_path / "prefect").mkdir()
        (tmp_path / "prefect" / "profiles.toml").touch()
    else:
        (tmp_path / "prefect.toml").touch()
    monkeypatch.setattr(own_server.subprocess, "Popen", lambda *_, **__: pytest.fail("a server was started"))
    start_beside()()
