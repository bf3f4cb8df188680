"""Which code counts for what is kept: what is imported, wherever, and nothing else."""

from pathlib import Path

import pandas as pd
import pytest

from flows.fingerprint import (
    POSTERIOR_CODE,
    SYSTEM_ASSUMPTIONS,
    code_hash,
    imported_texts,
    run_code,
    run_hash,
    system_modules,
    tables_hash,
)
from flows.settings import REPOSITORY

FILES = {
    "models/fit.py": "from models import priors\n",
    "models/priors.py": "def read():\n    from models.around.tools import bought\n",
    "models/around/tools.py": "import models.units\n",
    "models/units.py": "import numpy\n",
    "models/other.py": "from models.fit import sample\n",
    "flows/stages.py": "from models.fit import sample\n",
    "warehouse/read.py": "",
}


@pytest.fixture
def hashed(tmp_path):
    def of(*roots, **changed):
        folder = tmp_path / "-".join(["world", *changed])
        for name, text in FILES.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + changed.get(path.stem, ""), encoding="utf-8")
        return code_hash(*roots, folder=folder)

    return of


@pytest.mark.parametrize("module", ["fit", "priors", "tools", "units"])
def test_what_is_imported_counts_wherever_and_however_it_is(hashed, module):
    assert hashed("models.fit", **{module: "# another\n"}) != hashed("models.fit")
    assert hashed("flows.stages", **{module: "# another\n"}) != hashed("flows.stages")


@pytest.mark.parametrize("module", ["other", "stages", "read"])
def test_what_is_not_imported_does_not(hashed, module):
    assert hashed("models.fit", **{module: "# another\n"}) == hashed("models.fit")


def test_a_root_counts_itself_and_must_exist(hashed):
    assert hashed("models.fit", "models.other", other="# another\n") != hashed("models.fit", "models.other")
    with pytest.raises(FileNotFoundError):
        hashed("models.fti")


def copy_of_the_code(folder: Path, changed: str) -> Path:
    for package in ("models", "flows"):
        for path in (REPOSITORY / package).rglob("*.py"):
            copy = folder / path.relative_to(REPOSITORY)
            copy.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_text(encoding="utf-8")
            name = ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
            copy.write_text(text + "# another\n" * (name == changed), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("changed", "counts"),
    [
        ("models.model", True),
        ("models.whitening", True),
        ("models.units", True),
        ("models.systems.equipment", False),
        # A list kept by hand once forgot these: nothing of them is sampled.
        ("models.shocks", False),
        ("models.learned", False),
        ("models.power_scaling", False),
        ("models.explanation", False),
        ("models.scenario_rows", False),
        ("models.leave_out", False),
        ("models.scoring", False),
    ],
)
def test_the_posterior_rests_on_what_samples_it(tmp_path, changed, counts):
    other = code_hash(*POSTERIOR_CODE, folder=copy_of_the_code(tmp_path, changed))
    assert (other != code_hash(*POSTERIOR_CODE)) == counts


@pytest.mark.parametrize("changed", ["models.systems.equipment", "models.shocks", "flows.systems"])
def test_the_tables_of_a_night_rest_on_the_systems_too(tmp_path, changed):
    assert code_hash("flows.stages", *system_modules()) == run_code()
    folder = copy_of_the_code(tmp_path, changed)
    assert code_hash("flows.stages", *system_modules(), folder=folder) != run_code()


def test_an_assumption_of_a_system_changes_the_tables_and_not_the_posterior():
    def hashes(**changed):
        p95 = {"equipment.uptime": 0.9, "noise.actual": 0.04} | changed
        frames = {"assumptions": pd.DataFrame({"assumption": list(p95), "p95": list(p95.values())})}
        return run_hash(frames, seed=1), tables_hash(frames)

    posterior, tables = hashes()
    system = hashes(**{"equipment.uptime": 0.8})
    assert system[0] == posterior
    assert system[1] != tables
    assert hashes(**{"noise.actual": 0.05})[0] != posterior


def test_the_model_names_no_assumption_of_a_system():
    for name, text in imported_texts(POSTERIOR_CODE, REPOSITORY).items():
        for start in SYSTEM_ASSUMPTIONS:
            assert f'"{start}' not in text, name
