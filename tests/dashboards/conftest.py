import pytest

import tests.dashboards.synthetic_run as synthetic
from dashboards.frames import ReportFrames


@pytest.fixture(scope="session")
def frames() -> ReportFrames:
    return synthetic.frames()
