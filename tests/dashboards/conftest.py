from pathlib import Path

import pytest

import tests.dashboards.synthetic_run as synthetic
from dashboards.frames import ReportFrames
from tests.dashboards.synthetic_state import write_state
from tests.shared import folder_of_the_run


@pytest.fixture(scope="session")
def charts(tmp_path_factory) -> Path:
    """Folder of kept images: those of the sampler cost seconds, and all tests show the same."""
    folder = folder_of_the_run(tmp_path_factory) / "charts"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def frames() -> ReportFrames:
    return synthetic.frames()


@pytest.fixture(scope="session")
def state(frames, tmp_path_factory) -> Path:
    """State folder that a report can be written from; a test that adds to it takes a copy."""
    return write_state(tmp_path_factory.mktemp("state"), frames)
