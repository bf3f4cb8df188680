from pathlib import Path

import pytest

import tests.dashboards.synthetic_run as synthetic
from dashboards.frames import ReportFrames
from dashboards.page import render
from tests.dashboards.synthetic_state import write_state
from tests.shared import made_once


@pytest.fixture(scope="session")
def frames() -> ReportFrames:
    return synthetic.frames()


@pytest.fixture(scope="session")
def charts(frames, tmp_path_factory) -> Path:
    """Folder with the images of the page of these frames: those of the sampler cost seconds, once a run."""
    return made_once(tmp_path_factory, "charts", lambda folder: render(frames, folder))


@pytest.fixture(scope="session")
def state(frames, tmp_path_factory) -> Path:
    """State folder that a report can be written from; a test that adds to it takes a copy."""
    return write_state(tmp_path_factory.mktemp("state"), frames)
