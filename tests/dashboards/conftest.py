import shutil
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
def rendered(frames, tmp_path_factory) -> Path:
    """Folder with the page of these frames and its images: those of the sampler cost seconds, once a run."""

    def render_into(folder: Path) -> None:
        (folder / "page.html").write_text(render(frames, folder / "charts"), encoding="utf-8")

    return made_once(tmp_path_factory, "rendered", render_into)


@pytest.fixture(scope="session")
def charts(rendered) -> Path:
    """Folder with the images of the page."""
    return rendered / "charts"


@pytest.fixture(scope="session")
def page(rendered) -> str:
    """The page of these frames, all of its images drawn for it."""
    return (rendered / "page.html").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def state(frames, tmp_path_factory) -> Path:
    """State folder that a report can be written from; a test that adds to it takes a copy."""
    made = made_once(tmp_path_factory, "state-of-a-report", lambda folder: write_state(folder, frames))
    # A copy a process: a test writes its report beside what is read.
    return Path(shutil.copytree(made, tmp_path_factory.mktemp("state") / "state"))
