import shutil
from pathlib import Path

import pytest

import tests.warehouse.synthetic_systems as systems
import tests.warehouse.synthetic_warehouse as synthetic
from tests.shared import made_once


def publish_two_nights(state: Path) -> None:
    synthetic.take_in(state)
    revised = synthetic.evidence()
    revised["figures"].loc[0, "value"] = 17.0
    revised = synthetic.with_more_figures(revised) | systems.evidence()
    synthetic.ingest(state, revised, synthetic.rejected(), "night-1", synthetic.INGESTED_AT)
    for run_id, draws in (
        ("night-1", synthetic.joint_draws(1)),
        ("night-2", synthetic.joint_draws(2, shift=0.05)),
    ):
        kept = (systems.kept(draws), systems.STEP)
        fit = synthetic.fit_with_growth(run_id)
        more = {"figure_fit": fit, **systems.frames(draws, run_id)}
        synthetic.publish(state, run_id, draws, system_draws=kept, **more)


@pytest.fixture(scope="session")
def two_nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """State with evidence (one figure revised) and two published runs; not to be changed by a test."""
    return made_once(tmp_path_factory, "two-nights", publish_two_nights)


@pytest.fixture(scope="session")
def draws() -> dict:
    """Draws of night-2, the run served."""
    return synthetic.joint_draws(2, shift=0.05)


@pytest.fixture
def state(tmp_path: Path, two_nights: Path) -> Path:
    """A copy of the state of two nights that a test may change."""
    return Path(shutil.copytree(two_nights, tmp_path / "state"))
