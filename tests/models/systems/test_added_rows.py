"""A process step, a material, a supplier and a scenario: a line of a CSV file, taken in and forecast."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from flows.night import stages
from flows.runtime.evidence import evidence_of
from flows.runtime.settings import resolve
from models.evidence.checks.scenarios import read_scenarios
from models.systems.equipment import equipment
from models.systems.materials import materials
from models.systems.supplier import supplier
from tests.market import MARKET
from tests.models.systems import shares_world, tool_world

TOLD = {"basis": "judgement", "source": "a test", "known_since": "2024-01-01"}
RANGE = {"p05": 1, "p95": 2, "unit": "g/stack", "shape": "lognormal", "description": "made up"}
ROWS = {
    "process": {
        "step": "second_polish",
        "part": "hbm",
        "category": "polishing",
        "touches": "hbm_wafer",
        "passes_p05": 1,
        "passes_p95": 2,
        "equipment": "polisher",
    },
    "materials": {
        "material": "solder_balls",
        "part": "hbm",
        "form": "ball",
        "touches": "hbm_stack_made",
        "intensity": "solder_balls",
        "price": "solder_balls",
    },
    "suppliers": {
        "supplier": "newcomer",
        "figure_entity": "Newcomer",
        "bits_ratio_p05": 0.05,
        "bits_ratio_p95": 0.2,
    },
    "scenarios": {
        "scenario": "mine",
        "title": "Mine",
        "driver": "hbm_base_price_usd_per_gb",
        "from_quarter": "as_of+0",
        "to_quarter": "2027Q4",
        "operation": "multiply",
        "p05": 0.5,
        "p95": 0.8,
        "ramp_quarters": 0,
        "description": "price falls",
    },
}
ASSUMED = (
    "equipment.throughput.polisher",
    "equipment.price.polisher",
    "materials.intensity.solder_balls",
    "materials.price.solder_balls",
)


def append(folder: Path, table: str, *rows: dict) -> None:
    """Write lines at the end of a CSV file."""
    with (folder / f"{table}.csv").open("r+", encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
        file.seek(0, 2)
        csv.DictWriter(file, header, extrasaction="ignore", lineterminator="\n").writerows(rows)


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """Evidence of a warehouse that has taken in the files with a row more each."""
    folder = tmp_path_factory.mktemp("added")
    data = folder / "data"
    shutil.copytree(tool_world.DATA, data)
    for table, row in ROWS.items():
        append(data, table, TOLD | row)
    append(data, "assumptions", *(TOLD | RANGE | {"assumption": name} for name in ASSUMED))
    settings = replace(resolve(state=folder / "state", as_of="2026-06-30", seed=5), data=data)
    stages.ingest(settings, stages.Night("night-0"), lambda _share, _words: None)
    return replace(evidence_of(settings.state, settings.as_of), figures=shares_world.figures())


def items(system, drawn, known):
    series = system(drawn, known, shares_world.AS_OF, np.random.default_rng(4))
    return {(s.item, s.measure, s.part): s.values for s in series}


@pytest.mark.parametrize(("system", "item"), [(equipment, "polishing"), (materials, "solder_balls")])
def test_a_step_and_a_material_reach_their_forecast(known, system, item):
    found = items(system, tool_world.joint_draws(50), known)
    assert (found[item, "usd", "total"] > 0).all()


def test_a_supplier_reaches_its_forecast(known):
    drawn = shares_world.drawn(50)
    found = items(supplier, drawn, known)
    makers = {item for item, *_ in found}
    assert "newcomer" in makers
    total = sum(found[maker, "gb", "total"].astype(float) for maker in makers)
    np.testing.assert_allclose(total, drawn["hbm_bits_gb"][:, :28], rtol=1e-6)


def test_a_scenario_can_be_run(known):
    accepted, _ = read_scenarios(known.scenarios, MARKET)
    assert list(accepted.loc[accepted["scenario"] == "mine", "p95"].astype(float)) == [0.8]
