"""A small published warehouse, and the command line in this process."""

import io
import sys
from pathlib import Path

import pytest

import tests.warehouse.synthetic_warehouse as synthetic
from flows.commands import cli
from flows.runtime.settings import prepare_state


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """State with the run served, night-1, and a rerun of history; not to be changed by a test."""
    state = tmp_path_factory.mktemp("published")
    prepare_state(state)
    synthetic.take_in(state)
    synthetic.publish(state, "night-1", synthetic.joint_draws(1))
    synthetic.rerun_history(state, "rerun-2024", synthetic.joint_draws(2, shift=0.05, n=40))
    return state


@pytest.fixture
def hbmcast(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    """Run a command line in this process; gives exit code, standard output and standard error."""

    def run(*words: object, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["hbmcast", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        code = cli.run()
        said = capsys.readouterr()
        return code, said.out, said.err

    return run
