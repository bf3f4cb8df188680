"""A product class and an HBM generation: rows of CSV files, taken in, drawn, published, and nothing else."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from flows.night import stages
from flows.night.record import Night
from flows.runtime.evidence import evidence_of
from flows.runtime.settings import Settings, resolve
from models.chain.drivers import block_shapes
from models.draws.joint import PERIODS, collect
from models.draws.simulate import simulate
from models.draws.tables import tables_of_run
from models.evidence.tables.described import BY_NAME
from models.inference.from_evidence import problem_from_evidence, resolved_figures
from models.inference.posterior import named
from models.inference.problem import parameter_shapes
from models.systems.cowos_variant import cowos_variant
from models.systems.equipment import equipment
from models.systems.roadmap import roadmap
from models.systems.stack_heights import HEIGHTS, usual_heights
from tests.market import MARKET
from tests.places import DATA
from warehouse.draws import write_draws
from warehouse.publish import publish_run
from warehouse.query import query

CLASS, GENERATION = "nvidia_feynman", "hbm5"
TOLD = {"basis": "judgement", "source": "a test", "known_since": "2024-01-01"}
RANGE = {"p05": 0.5, "p95": 2, "unit": "ratio", "shape": "lognormal", "description": "made up"}
ROWS = {
    "product_classes": {
        "class": CLASS,
        "family": "nvidia",
        "position": 99,
        "customer": "nvidia",
        "on_cowos": "yes",
        "description": "what comes after Rubin Ultra",
    },
    "hbm_generations": {
        "generation": GENERATION,
        "position": 5,
        "words": "HBM5",
        "milestones": GENERATION,
        "premium": f"premium.{GENERATION}",
        "description": "what comes after HBM4",
    },
    "products": {
        "vendor": "NVIDIA",
        "product": "Feynman",
        "class": CLASS,
        "announced_on": "2025-03-18",
        "launch_quarter": "2027Q1",
        "hbm_gb": 1000,
        "hbm_stacks": 16,
        "hbm_generation": "HBM5",
        "stack_height": 16,
        "packages_per_cowos_wafer": 5,
        "source_id": "nvidia-2025-03-two",
        "note": "made up",
    },
    "cowos_variants": {"class": CLASS, "cowos_s": 0, "cowos_r": 0, "cowos_l": 1},
}
ASSUMED = (
    f"class.{CLASS}.size",
    f"premium.{GENERATION}",
    # What the systems say of a generation.
    *usual_heights(GENERATION),
    f"equipment.layers_per_stack.{GENERATION}",
)
# What a wafer of the generation gives.
WAFER = {
    "die_gbit": {"p05": 24, "p95": 40, "unit": "Gb"},
    "die_area_mm2": {"p05": 100, "p95": 140, "unit": "mm2"},
    "die_yield": {"p05": 0.5, "p95": 0.9, "unit": "fraction", "shape": "logitnormal"},
    "stack_yield": {"p05": 0.5, "p95": 0.9, "unit": "fraction", "shape": "logitnormal"},
}
RUN_ID = "night-0"
N_DRAWS = 64


def append(folder: Path, table: str, *rows: dict) -> None:
    """Write lines at the end of a CSV file."""
    with (folder / f"{table}.csv").open("r+", encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
        file.seek(0, 2)
        csv.DictWriter(file, header, extrasaction="ignore", lineterminator="\n").writerows(rows)


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> Settings:
    """A warehouse that has taken in the rows."""
    folder = tmp_path_factory.mktemp("added_class")
    data = folder / "data"
    shutil.copytree(DATA, data)
    for table, row in ROWS.items():
        append(data, table, TOLD | row)
    append(data, "assumptions", *(TOLD | RANGE | {"assumption": name} for name in ASSUMED))
    of_wafer = ({"assumption": f"hbm.{name}.{GENERATION}", **told} for name, told in WAFER.items())
    append(data, "assumptions", *(TOLD | RANGE | told for told in of_wafer))
    found = replace(resolve(state=folder / "state", as_of="2026-06-30", seed=5), data=data)
    stages.ingest(found, Night(RUN_ID), lambda _share, _words: None)
    return found


@pytest.fixture(scope="module")
def known(settings):
    return evidence_of(settings.state, settings.as_of)


@pytest.fixture(scope="module")
def problem(known, settings):
    return problem_from_evidence(known, settings.as_of)


@pytest.fixture(scope="module")
def raw(problem):
    """Draws of the prior in place of a posterior, (chain, draw, ...)."""
    rng = np.random.default_rng(3)
    shapes = parameter_shapes(problem.operator, problem.market)
    return {name: 0.3 * rng.standard_normal((2, N_DRAWS // 2, *shape)) for name, shape in shapes.items()}


@pytest.fixture(scope="module")
def drawn(problem, raw):
    flat = {name: raw[name].reshape(-1, *raw[name].shape[2:]) for name in block_shapes(problem.market)}
    return collect(simulate(problem, flat, N_DRAWS, 1))


def test_the_rows_are_taken_in_and_stand_where_they_belong(known):
    market = known.market
    after = market.class_names.index("nvidia_rubin_ultra") + 1
    assert market.class_names == (*MARKET.class_names[:after], CLASS, *MARKET.class_names[after:])
    assert market.generation_names == (*MARKET.generation_names, GENERATION)
    assert market.customers == MARKET.customers
    new = set(market.by_name) - set(MARKET.by_name)
    assert {f"accelerator_mix_{CLASS}", f"hbm_price_{GENERATION}_usd_per_gb"} < new
    assert all(CLASS in name or GENERATION in name for name in new)
    assert set(MARKET.by_name) < set(market.by_name)


def test_the_chain_runs_and_shares_sum_to_one(problem, drawn):
    market = problem.market
    for shares in (
        [f"accelerator_mix_{name}" for name in market.class_names],
        [f"hbm_generation_share_{name}" for name in market.generation_names],
    ):
        total = sum(drawn[name].astype(float) for name in shares)
        np.testing.assert_allclose(total, 1.0, atol=1e-5)
    last = PERIODS.index("2027")
    assert (drawn[f"accelerator_shipments_class_{CLASS}"][:, last] > 0).all()
    assert (drawn[f"hbm_bits_{GENERATION}_gb"][:, last] > 0).all()
    by_class = sum(
        drawn[f"accelerator_shipments_class_{c.name}"].astype(float)
        for c in market.classes
        if c.customer == "nvidia"
    )
    np.testing.assert_allclose(by_class, drawn["accelerator_shipments_nvidia"], rtol=1e-5)


def test_its_premium_moves_its_price_alone(problem, raw, drawn):
    flat = {name: raw[name].reshape(-1, *raw[name].shape[2:]) for name in block_shapes(problem.market)}
    at = named({}, {}, problem.market).names["constant_name"].index(f"premium.{GENERATION}")
    flat["constant"] = flat["constant"].copy()
    flat["constant"][:, at] += 1.0
    dearer = collect(simulate(problem, flat, N_DRAWS, 1))
    last = PERIODS.index("2027")
    factor = np.exp(problem.scale["constant"][at])
    for generation in problem.market.generation_names:
        name = f"hbm_price_{generation}_usd_per_gb"
        wanted = factor if generation == GENERATION else 1.0
        np.testing.assert_allclose(
            dearer[name][:, last] / drawn[name][:, last], wanted, rtol=1e-4, err_msg=name
        )


def test_the_systems_know_both(known, drawn, settings):
    resolved = replace(known, figures=resolved_figures(known))
    rng = np.random.default_rng(4)
    found = {(s.item, s.measure, s.part) for s in roadmap(drawn, resolved, settings.as_of, rng)}
    assert {(GENERATION, "share", f"{height}_high") for height in HEIGHTS} <= found
    assert (f"accelerator_{CLASS}", "share", "accelerators") in found
    assert cowos_variant(drawn, resolved, settings.as_of, rng)
    inputs = {name for s in equipment(drawn, resolved, settings.as_of, rng) for name in s.inputs}
    assert f"hbm_bits_{GENERATION}_gb" in inputs


def test_tables_and_views_show_both(problem, raw, drawn, known, settings, tmp_path):
    rng = np.random.default_rng(6)
    statistics = {
        "diverging": np.zeros((2, N_DRAWS // 2), bool),
        "energy": rng.normal(size=(2, N_DRAWS // 2)),
    }
    posterior = named(raw, statistics, problem.market, problem.operator)
    frames = tables_of_run(
        RUN_ID, settings.as_of, 1, problem, posterior, drawn, resolved_figures(known), known
    )
    # The gate is not what is tested: draws of the prior fit no figure.
    frames["diagnostics"] = frames["diagnostics"].assign(passed=None)
    assert f"hbm_price_{GENERATION}_usd_per_gb" in set(frames["forecast"]["quantity"])
    write_draws(tmp_path / "draws.parquet", PERIODS, drawn.by_quantity)
    run = {"run_id": RUN_ID, "as_of": settings.as_of, "seed": 1, "draws": N_DRAWS, "chains": 2}
    publish_run(settings.state, run, frames, tmp_path / "draws.parquet")
    shown = query(
        settings.state,
        f"SELECT DISTINCT quantity FROM latest_forecast WHERE contains(quantity, '{CLASS}') "
        f"OR contains(quantity, '{GENERATION}') ORDER BY ALL",
    ).column("quantity")
    assert len(shown) == 2 + 5
    classes = query(settings.state, "SELECT class FROM product_classes_current").column("class")
    assert CLASS in classes.to_pylist()
    assert set(BY_NAME["hbm_generations"].column_names) <= set(
        query(settings.state, "FROM hbm_generations_current").column_names
    )
