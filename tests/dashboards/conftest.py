from pathlib import Path

import pytest

import tests.dashboards.synthetic_run as synthetic
from dashboards.frames import ReportFrames


@pytest.fixture(scope="session")
def charts(tmp_path_factory) -> Path:
    """Folder of kept images: those of the sampler cost seconds, and all tests show the same."""
    return tmp_path_factory.mktemp("charts")


@pytest.fixture(scope="session")
def frames() -> ReportFrames:
    return synthetic.frames()
