"""What lies among evidence and is no file is told in one line; nobody waits for its other end."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from flows.runtime.settings import Settings
from flows.sources.folder import read_folder
from flows.sources.readers import take_in_inbox
from tests.flows.sources.faulty_server import PATIENCE
from tests.flows.sources.test_inbox import FLAT, settings
from tests.flows.sources.test_sources import folder

__all__ = ["folder", "settings"]


@pytest.fixture(autouse=True)
def no_wait_without_end() -> Iterator[None]:
    def ended(*_: object) -> None:
        raise AssertionError("it waits for the other end")

    before = signal.signal(signal.SIGALRM, ended)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


no_file = pytest.mark.parametrize(
    "make",
    [os.mkfifo, lambda path: path.symlink_to(os.devnull), lambda path: path.symlink_to("nowhere.csv")],
    ids=["pipe", "device", "link to nothing"],
)


@no_file
def test_in_an_evidence_folder(folder: Path, make: Callable[[Path], None]):
    make(folder / "figures" / "x.csv")
    raw = read_folder(folder)
    (problem,) = raw.problems
    assert (problem.file, problem.row) == ("figures/x.csv", 0)
    assert "no file of the name of a table" in problem.problem
    assert len(raw.files["figures/hbm.csv"]) == 2


@no_file
def test_in_the_inbox(settings: Settings, make: Callable[[Path], None]):
    assert settings.inbox is not None
    make(settings.inbox / "x.csv")
    pd.DataFrame([FLAT]).to_csv(settings.inbox / "desk.csv", index=False)
    told = {outcome.file: outcome for outcome in take_in_inbox(settings)}
    assert told["desk.csv"].n_taken == 1
    line = told["x.csv"].line()
    assert line.startswith("inbox x.csv: can't be read (it is no file but a pipe")
    assert line.endswith("left where it is")
    assert os.path.lexists(settings.inbox / "x.csv")
