"""Which code counts for what is kept: what is imported, wherever, and nothing else."""

import ast
from pathlib import Path

import pandas as pd
import pytest

from flows.runtime.fingerprint import (
    POSTERIOR_CODE,
    SYSTEM_ASSUMPTIONS,
    code_hash,
    imported_names,
    imported_texts,
    run_code,
    run_hash,
    tables_hash,
)
from flows.runtime.settings import REPOSITORY
from models.evidence.evidence import Evidence

FILES = {
    "models/inference/fit.py": "from models.evidence import assumptions\n",
    "models/evidence/assumptions.py": "def read():\n    from models.around.tools import bought\n",
    "models/around/tools.py": "import models.vocabulary.units\n",
    "models/vocabulary/units.py": "import numpy\n",
    "models/other.py": "from models.inference.fit import sample\n",
    "flows/night/stages.py": "from models.inference.fit import sample\n",
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


@pytest.mark.parametrize("module", ["fit", "assumptions", "tools", "units"])
def test_what_is_imported_counts_wherever_and_however_it_is(hashed, module):
    assert hashed("models.inference.fit", **{module: "# another\n"}) != hashed("models.inference.fit")
    assert hashed("flows.night.stages", **{module: "# another\n"}) != hashed("flows.night.stages")


@pytest.mark.parametrize("module", ["other", "stages", "read"])
def test_what_is_not_imported_does_not(hashed, module):
    assert hashed("models.inference.fit", **{module: "# another\n"}) == hashed("models.inference.fit")


@pytest.mark.parametrize(
    "text",
    [
        "from a.b import c, d as e\nimport f.g, h\n",
        "def read():\n    from a import (\n        b,  # (c)\n        d,\n    )\n    import e\n",
        "if True: import a\n",
        "x = 1; from a import b\n",
        "from a import b, \\\n    c\n",
        "import a, \\\n    b\n",
        '"""A day\nfrom which nothing\nimport ants do.\n"""\n\nimport b\n',
    ],
)
def test_every_import_is_seen(text):
    """As the parser sees them; a docstring may look like one."""
    whole = {
        name
        for node in ast.walk(ast.parse(text))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert set(imported_names(text)) == whole


def test_a_root_counts_itself_and_must_exist(hashed):
    assert hashed("models.inference.fit", "models.other", other="# another\n") != hashed(
        "models.inference.fit", "models.other"
    )
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
        ("models.inference.pymc_model", True),
        ("models.inference.whitening", True),
        ("models.vocabulary.units", True),
        ("models.systems.equipment", False),
        # A list kept by hand once forgot these: nothing of them is sampled.
        ("models.scenarios.shocks", False),
        ("models.attribution.prior_posterior", False),
        ("models.attribution.power_scaling", False),
        ("models.attribution.explanation", False),
        ("models.evidence.checks.scenarios", False),
        ("models.scoring.leave_out", False),
        ("models.scoring.scores", False),
    ],
)
def test_the_posterior_rests_on_what_samples_it(tmp_path, changed, counts):
    other = code_hash(*POSTERIOR_CODE, folder=copy_of_the_code(tmp_path, changed))
    assert (other != code_hash(*POSTERIOR_CODE)) == counts


@pytest.mark.parametrize(
    "changed",
    [
        "models.systems.equipment",
        "models.systems.report_2024.tables",
        "models.scenarios.shocks",
        "flows.night.systems",
    ],
)
def test_the_tables_of_a_night_rest_on_systems_and_makers_that_nobody_imports_too(tmp_path, changed):
    assert run_code(copy_of_the_code(tmp_path / "same", "")) == run_code()
    assert run_code(copy_of_the_code(tmp_path / "other", changed)) != run_code()


def test_an_assumption_of_a_system_changes_the_tables_and_not_the_posterior():
    def hashes(**changed):
        p95 = {"equipment.uptime": 0.9, "noise.actual": 0.04} | changed
        known = Evidence(assumptions=pd.DataFrame({"assumption": list(p95), "p95": list(p95.values())}))
        return run_hash(known, seed=1), tables_hash(known)

    posterior, tables = hashes()
    system = hashes(**{"equipment.uptime": 0.8})
    assert system[0] == posterior
    assert system[1] != tables
    assert hashes(**{"noise.actual": 0.05})[0] != posterior


def test_the_model_names_no_assumption_of_a_system():
    for name, text in imported_texts(POSTERIOR_CODE, REPOSITORY).items():
        for start in SYSTEM_ASSUMPTIONS:
            assert f'"{start}' not in text, name
